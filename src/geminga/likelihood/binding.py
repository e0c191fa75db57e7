"""Binding: from datasets and models to a likelihood.

Everything that does not depend on a free parameter is folded here, once: responses, fixed sources, averages over
time. Nothing is kept between two calls, so a replaced map or response is always seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import DataError, ModelError
from ..units import ENERGY
from .binned_term import BinnedTerm
from .components import Component, EnergyFactor, Factor, FactoredSpectrum, TemplateComponent
from .constraint_terms import NumericTerm
from .flux_points_statistics import AsymmetricStatistic, Chi2Statistic, ProfileStatistic
from .likelihood import Likelihood, Term
from .map_binding import finite, map_term
from .region_response import energies, region_response, spatial_factor, temporal_factor
from .roles import role_of
from .statistics import CashStatistic, WStatStatistic

__all__ = ["applies_to", "bind", "free_parameters"]

COUNTS_STATISTICS = ("cash", "cash_weighted", "wstat")


def applies_to(model, dataset) -> bool:
    """Tell whether a model is meant for a dataset, by its ``datasets_names``."""
    names = getattr(model, "datasets_names", None)
    if names is None:
        return True
    return dataset.name in ([names] if isinstance(names, str) else names)


def free_parameters(models: Iterable[Any]) -> list[Any]:
    """Return the free parameters of models, each once, in order."""
    found: dict[int, Any] = {}
    for model in models:
        for parameter in model.parameters:
            if not parameter.frozen:
                found.setdefault(id(parameter), parameter)
    return list(found.values())


def bind(datasets, models=None, precision="double") -> Likelihood:
    """Join datasets and models into a likelihood.

    Parameters
    ----------
    datasets : Datasets, or sequence of datasets
        Binned counts, flux points, or anything with ``stat_sum()`` and ``models``.
    models : Models, optional
        By default each dataset brings its own.
    precision : {"double", "single"}
        Of the Fourier transforms that fold maps.

    Returns
    -------
    Likelihood
    """
    datasets = list(datasets)
    by_dataset = [_models_of(dataset, models) for dataset in datasets]
    unique: dict[int, Any] = {}
    for members in by_dataset:
        for model in members:
            unique.setdefault(id(model), model)
    parameters = free_parameters(unique.values())
    free = {id(parameter) for parameter in parameters}

    counts: dict[str, list] = {}
    terms: list[Term] = []
    for dataset, members in zip(datasets, by_dataset, strict=True):
        kind = dataset.stat_type if _is_spectral(dataset) else None
        if kind in COUNTS_STATISTICS:
            if dataset.counts is None:
                raise _no_counts(dataset)
            counts.setdefault(kind, []).append((dataset, members))
        elif is_map(dataset) and dataset.stat_type in COUNTS_STATISTICS:
            if dataset.counts is None:
                raise _no_counts(dataset)
            terms.append(map_term(dataset, members, free, precision))
        elif hasattr(dataset, "flux_pred"):
            terms.append(_flux_points_term(dataset, members, free))
        else:
            own = free_parameters(members) or list(getattr(dataset, "parameters", None) or [])
            terms.append(NumericTerm(own, dataset.stat_sum))
    for kind, pairs in counts.items():
        terms.append(_counts_term(kind, pairs, free))
    terms += _prior_terms(unique.values())
    penalties = getattr(models, "penalties", None) or getattr(
        getattr(datasets, "models", None), "penalties", None
    )
    for penalty in penalties or ():
        terms.append(NumericTerm(list(penalty.parameters), penalty.stat_sum))
    return Likelihood(terms, parameters)


def _models_of(dataset, models) -> list[Any]:
    own = models if models is not None else (dataset.models or [])
    return [model for model in own if applies_to(model, dataset)]


def _no_counts(dataset) -> DataError:
    return DataError(
        f"counts of dataset {dataset.name!r} must be set to compare with models, got None. "
        "Run a maker or fake the counts."
    )


def is_map(dataset) -> bool:
    """Tell whether a dataset has pixels on the sky."""
    geom = getattr(dataset, "_geom", None)
    return geom is not None and not getattr(geom, "is_region", True)


def _is_spectral(dataset) -> bool:
    geom = getattr(dataset, "_geom", None)
    return geom is not None and getattr(geom, "is_region", False)


def _prior_terms(models) -> list[Term]:
    terms: list[Term] = []
    seen: set[int] = set()
    for model in models:
        for parameter in model.parameters:
            if getattr(parameter, "prior", None) is not None and id(parameter) not in seen:
                seen.add(id(parameter))
                terms.append(NumericTerm([parameter], parameter.prior_stat_sum))
    return terms


def mask_array(dataset) -> np.ndarray:
    """Return which bins are used, shape (n_bins,)."""
    mask = dataset.mask
    n_bins = int(np.prod(dataset._geom.data_shape))
    return np.ones(n_bins, dtype=bool) if mask is None else np.asarray(mask.data, dtype=bool).reshape(-1)


def flat(map_, n_bins: int, default: float = 0.0) -> np.ndarray:
    """Return the data of a region map as float64, 0 where they are not finite, shape (n_bins,)."""
    if map_ is None:
        return np.full(n_bins, default)
    return finite(np.asarray(map_.data, dtype=float).reshape(-1))


def on_off_alpha(dataset) -> np.ndarray:
    """Return the ratio of acceptances, 0 where there is no off region."""
    n_bins = int(np.prod(dataset._geom.data_shape))
    acceptance = flat(dataset.acceptance, n_bins, 1.0)
    acceptance_off = flat(dataset.acceptance_off, n_bins, 0.0)
    inside = acceptance_off > 0
    return np.where(inside, acceptance / np.where(inside, acceptance_off, 1.0), 0.0)


def source_pieces(dataset, models, keep, known=None):
    """Yield what each model adds to a spectral dataset, before anything is joined.

    Parameters
    ----------
    dataset : SpectrumDataset
    models : sequence of models
    keep : ndarray of bool, shape (n_bins,)
        Bins of interest.
    known : dict, optional
        Energy dispersion matrices found so far, see `region_response`.

    Yields
    ------
    kind : str
        "sky" for folded spectra, "template" for counts times a norm.
    model
    axis : tuple
        Identifies the energy grid: a key, and the grid in TeV.
    response : ndarray
        Matrix (n_true, n_kept) or template (n_kept,).
    factors : list of Factor
    """
    has_background = False
    for model in models:
        role = role_of(model)
        if role == "template":
            centers = dataset._geom.axes["energy"].center.to_value(ENERGY)
            template = np.asarray(model.evaluate_template(dataset._geom), dtype=float).reshape(-1)[keep]
            yield "template", model, centers[keep], template, []
        elif role == "sky":
            position = model.position if model.spatial_model is not None else None
            response = region_response(dataset, getattr(model, "apply_irf", None), position, known)[:, keep]
            edges = energies(dataset.exposure.geom.axes["energy_true"])
            factors = [f for f in (spatial_factor(model, dataset), temporal_factor(model, dataset)) if f]
            yield "sky", model, edges, response, factors
        elif role == "background":
            has_background = True
            if dataset.stat_type == "wstat":
                raise ModelError(
                    f"models of the on-off dataset {dataset.name!r} must not include a background model, "
                    f"got {model.name!r}. Its background is measured in the off region."
                )
            centers = dataset._geom.axes["energy"].center.to_value(ENERGY)[keep]
            n_bins = len(keep)
            yield "template", model, centers, flat(dataset.background, n_bins)[keep], []
        else:
            raise ModelError(
                f"models of dataset {dataset.name!r} must be sky, background or template models, "
                f"got {type(model).__name__}. "
                "Wrap a spectral model in a SkyModel."
            )
    if not has_background and dataset.stat_type != "wstat" and dataset.background is not None:
        yield "constant", None, None, flat(dataset.background, len(keep))[keep], []


def _counts_term(kind: str, pairs, free: set[int]) -> BinnedTerm:
    """Concatenate the bins of datasets with one statistic; join what one model adds on one energy grid."""
    segments: dict[str, slice] = {}
    kept, n_total = [], 0
    for dataset, _ in pairs:
        keep = mask_array(dataset)
        if kind == "cash_weighted":
            keep = np.ones_like(keep)
        kept.append(keep)
        segments[dataset.name] = slice(n_total, n_total + int(keep.sum()))
        n_total += int(keep.sum())

    counts = np.concatenate(
        [flat(d.counts, len(k))[k] for (d, _), k in zip(pairs, kept, strict=True)] or [[]]
    )
    constant = np.zeros(n_total)
    joined: dict[tuple, list] = {}
    known: dict[tuple, np.ndarray] = {}
    for (dataset, members), keep in zip(pairs, kept, strict=True):
        bins = segments[dataset.name]
        for piece, model, grid, response, factors in source_pieces(dataset, members, keep, known):
            if piece == "constant":
                constant[bins] += response
                continue
            fixed = [f for f in factors if not any(id(p) in free for p in f.parameters)]
            for factor in fixed:
                amount = factor.evaluate([p.value for p in factor.parameters])
                response = response * (amount[:, np.newaxis] if isinstance(factor, EnergyFactor) else amount)
            moving = [f for f in factors if f not in fixed]
            key = (
                piece,
                id(model),
                grid.tobytes() if piece == "sky" else dataset.name,
                bool(moving) and dataset.name,
            )
            joined.setdefault(key, []).append((piece, model, grid, response, moving, bins))

    components = []
    for members in joined.values():
        component = _component(members)
        if any(id(parameter) in free for parameter in component.parameters):
            components.append(component)
        else:
            values = np.array([float(parameter.value) for parameter in component.parameters])
            constant[component.bins] += component.predict(values)
    return BinnedTerm(_statistic(kind, pairs, kept, counts), constant, components, segments)


def _component(members) -> Component:
    piece, model, grid, response, factors, bins = members[0]
    if len(members) > 1:
        response = np.concatenate([member[3] for member in members], axis=-1)
        slices = [member[5] for member in members]
        if all(a.stop == b.start for a, b in pairwise(slices)):
            bins = slice(slices[0].start, slices[-1].stop)
        else:
            bins = np.concatenate([np.arange(s.start, s.stop) for s in slices])
    if piece == "sky":
        spectrum = model.spectral_model.on_bins(grid)
        for factor in factors:
            if isinstance(factor, EnergyFactor):
                spectrum = FactoredSpectrum(spectrum, factor)
        factors = [factor for factor in factors if not isinstance(factor, EnergyFactor)]
        return Component(spectrum, response, bins, factors)
    return TemplateComponent(model.spectral_model.on_points(grid), response, bins, factors)


def _statistic(kind, pairs, kept, counts):
    if kind == "wstat":
        off = [
            flat(dataset.counts_off, len(keep))[keep] for (dataset, _), keep in zip(pairs, kept, strict=True)
        ]
        alpha = [on_off_alpha(dataset)[keep] for (dataset, _), keep in zip(pairs, kept, strict=True)]
        return WStatStatistic(counts, np.concatenate(off), np.concatenate(alpha))
    if kind == "cash_weighted":
        weights = [flat(dataset.mask, len(keep), 1.0) for (dataset, _), keep in zip(pairs, kept, strict=True)]
        return CashStatistic(counts, np.concatenate(weights))
    return CashStatistic(counts)


def _flux_points_term(dataset, models, free: set[int]) -> BinnedTerm:
    """Return the term of flux points; the prediction is the sum of the spectra at the reference energies."""
    data = dataset.data
    shape = data.geom.data_shape
    reference = data.energy_ref.to_value(ENERGY)
    all_energies = np.broadcast_to(reference.reshape(-1, 1, 1), shape[-3:])
    all_energies = np.broadcast_to(all_energies, shape).reshape(-1)
    keep = np.ones(all_energies.size, dtype=bool)
    if dataset.mask is not None:
        keep &= np.asarray(dataset.mask.data, dtype=bool).reshape(-1)
    statistic, usable = flux_points_statistic(dataset, keep)
    points = np.flatnonzero(usable)
    constant, components = np.zeros(points.size), []
    for model in models:
        spectrum = model.spectral_model.on_points(all_energies[points])
        factors: list[Factor] = []
        factor = temporal_factor(model, dataset)
        if factor is not None:
            factors.append(factor)
        component = TemplateComponent(spectrum, np.ones(points.size), slice(None), factors)
        if any(id(parameter) in free for parameter in component.parameters):
            components.append(component)
        else:
            constant += component.predict(np.array([float(p.value) for p in component.parameters]))
    return BinnedTerm(statistic, constant, components, {dataset.name: slice(0, points.size)})


def flux_points_statistic(dataset, keep):
    """Return the statistic of the points that can be used, and which those are.

    Fluxes are in cm-2 s-1 TeV-1.
    """
    data = dataset.data

    def column(name):
        return np.asarray(getattr(data, name).quantity.to_value("cm-2 s-1 TeV-1"), dtype=float).reshape(-1)

    value = column("dnde")
    is_limit = np.asarray(data.is_ul.data, dtype=bool).reshape(-1)
    kind = dataset.stat_type
    if kind == "chi2":
        error = column("dnde_err")
        usable = keep & np.isfinite(value) & (error > 0) & ~is_limit
        return Chi2Statistic(value[usable], error[usable]), usable
    if kind == "distrib":
        has_sides = "norm_errn" in data.available_quantities and "norm_errp" in data.available_quantities
        low = column("dnde_errn") if has_sides else column("dnde_err")
        high = column("dnde_errp") if has_sides else column("dnde_err")
        limit = column("dnde_ul") if data.has_ul else np.full(value.shape, np.nan)
        usable = keep & np.where(is_limit, limit > 0, np.isfinite(value) & (low > 0) & (high > 0))
        arrays = (value, low, high, limit, is_limit)
        return AsymmetricStatistic(*(array[usable] for array in arrays)), usable
    if kind == "profile":
        profiles = dataset.stat_profiles()
        reference = np.abs(data.dnde_ref.to_value("cm-2 s-1 TeV-1"))
        reference = np.broadcast_to(reference, data.geom.data_shape).reshape(-1)
        scale = column("dnde_err") if "norm_err" in data.available_quantities else reference
        scale = np.where(np.isfinite(scale) & (scale > 0), scale, reference)
        usable = keep & np.array([profile is not None for profile in profiles])
        return ProfileStatistic(
            [p for p, use in zip(profiles, usable, strict=True) if use], scale[usable]
        ), usable
    raise DataError(
        f"stat_type of dataset {dataset.name!r} must be 'chi2', 'distrib' or 'profile', got {kind!r}. "
        "Set one of them."
    )
