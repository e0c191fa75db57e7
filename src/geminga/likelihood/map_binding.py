"""Binding of map datasets: which sources, which bins, and what each model adds."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, ModelError
from ..units import ENERGY
from .map_fold import MapFold
from .map_term import MapSource, MapTerm, SpatialFactor, TemplateSource
from .region_response import energies, temporal_factor
from .roles import role_of

__all__ = ["map_background", "map_counts", "map_term"]


def _centers(dataset) -> np.ndarray:
    return dataset._geom.axes["energy"].center.to_value(ENERGY)


def _template(dataset, model) -> np.ndarray:
    """Return the counts that a background or template model scales, in all bins."""
    if role_of(model) == "template":
        return np.asarray(model.evaluate_template(dataset._geom), dtype=float).reshape(
            dataset._geom.data_shape
        )
    if dataset.background is None:
        raise DataError(
            f"background of dataset {dataset.name!r} must be set for the model {model.name!r}, got None. "
            "Run a maker with selection 'background' or assign a map."
        )
    return np.nan_to_num(np.asarray(dataset.background.data, dtype=float))


def _shape(dataset, model) -> SpatialFactor | None:
    """Return the factor of each bin that the spatial model of a background model gives, or None."""
    spatial = getattr(model, "spatial_model", None)
    if role_of(model) != "background" or spatial is None:
        return None
    return SpatialFactor(spatial, dataset._geom)


def map_counts(dataset, model) -> np.ndarray:
    """Return the counts of one model in all bins of a map dataset, negative predictions included.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    model : `~geminga.modeling.models.SkyModel`, background or template model

    Returns
    -------
    ndarray, shape (n_reco, n_lat, n_lon)
    """
    if role_of(model) != "sky":
        spectrum = model.spectral_model.on_points(_centers(dataset))
        norm = spectrum.evaluate(np.array([float(p.value) for p in spectrum.parameters]))
        counts = norm[:, np.newaxis, np.newaxis] * _template(dataset, model)
        shape = _shape(dataset, model)
        return counts if shape is None else counts * shape.evaluate([p.value for p in shape.parameters])
    fold = MapFold(dataset, model)
    spectrum = model.spectral_model.on_bins(energies(dataset.exposure.geom.axes["energy_true"]))
    flux = spectrum.evaluate(np.array([float(p.value) for p in spectrum.parameters]))
    slices, counts = fold.fold()
    result = np.zeros(dataset._geom.data_shape)
    if slices is None:
        return result
    weights = flux[:, np.newaxis] * fold.matrix
    part = weights.T @ counts.reshape(len(flux), -1)
    factor = temporal_factor(model, dataset)
    scale = 1.0 if factor is None else float(factor.evaluate(np.array([p.value for p in factor.parameters])))
    result[(slice(None), *slices)] = scale * part.reshape(-1, *counts.shape[1:])
    return result


def map_background(dataset, models) -> np.ndarray:
    """Return the expected background in all bins: the model's, or the map as it is."""
    backgrounds = [model for model in models if role_of(model) == "background"]
    if backgrounds:
        return sum((map_counts(dataset, model) for model in backgrounds), np.zeros(dataset._geom.data_shape))
    if dataset.background is None:
        return np.zeros(dataset._geom.data_shape)
    return np.nan_to_num(np.asarray(dataset.background.data, dtype=float))


def map_term(dataset, models, free: set[int]) -> MapTerm:
    """Return the term of one map dataset with known background.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    models : sequence of models
        Those that apply to the dataset.
    free : set of int
        Identities of the free parameters; models without any are folded once.
    """
    shape = dataset._geom.data_shape
    mask = np.ones(shape, dtype=bool) if dataset.mask is None else np.asarray(dataset.mask.data, dtype=bool)
    counts = np.nan_to_num(np.asarray(dataset.counts.data, dtype=float))
    filled = np.nonzero(mask & (counts > 0))
    constant, constant_total = np.zeros(filled[0].size), 0.0
    sources: list[MapSource | TemplateSource] = []
    if not any(role_of(model) == "background" for model in models):
        background = map_background(dataset, [])
        constant += background[filled]
        constant_total += float(background[mask].sum())
    for model in models:
        role = role_of(model)
        if role is None:
            raise ModelError(
                f"models of dataset {dataset.name!r} must be sky, background or template models, "
                f"got {type(model).__name__}. Wrap a spectral model in a SkyModel."
            )
        if not any(id(parameter) in free for parameter in model.parameters):
            fixed = map_counts(dataset, model)
            constant += fixed[filled]
            constant_total += float(fixed[mask].sum())
        elif role == "sky":
            spectrum = model.spectral_model.on_bins(energies(dataset.exposure.geom.axes["energy_true"]))
            factor = temporal_factor(model, dataset)
            factors = [] if factor is None else [factor]
            sources.append(MapSource(MapFold(dataset, model), spectrum, mask, filled, factors))
        else:
            spectrum = model.spectral_model.on_points(_centers(dataset))
            sources.append(
                TemplateSource(spectrum, _template(dataset, model), mask, filled, _shape(dataset, model))
            )
    return MapTerm(counts[filled], constant, constant_total, sources)
