"""Binding of map datasets: which bins, which responses, and what each model adds."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

import numpy as np

from ..errors import DataError, ModelError
from ..maps.hpx.convolve import kernel_windows
from ..maps.hpx.fullsky import largest_degree
from ..units import ENERGY, conversion_factor
from .convolution import HpxConvolution
from .map_fold import FilledBins, MapFold
from .map_source import MapSource
from .map_term import MapTerm, SparseCash, SparseStatistic, SparseWStat
from .reco_fold import MovingRecoMapFold, RecoMapFold
from .region_response import EXPOSURE, energies, energy_dispersion_matrix, overlap, temporal_factor
from .roles import role_of
from .source_image import SourceImage
from .template_source import SpatialFactor, TemplateSource, weighted_sums

__all__ = ["add_map_counts", "cube_shape", "finite", "map_background", "map_counts", "map_term"]

log = logging.getLogger(__name__)

#: Precision of transforms by name.
PRECISIONS = {"double": np.float64, "single": np.float32}


def cube_shape(geom) -> tuple[int, int, int]:
    """Return the shape of the data with energy first and two indices of pixels; HEALPix pixels are one row."""
    shape = geom.data_shape
    return (shape[0], 1, shape[1]) if geom.is_hpx else shape


def _centers(dataset) -> np.ndarray:
    return dataset._geom.axes["energy"].center.to_value(ENERGY)


# ---------------------------------------------------------------------- sky models


def _exposure(dataset) -> np.ndarray:
    """Return the exposure as it is stored; `MapFold` takes what is not finite for 0."""
    if dataset.exposure is None:
        raise DataError(
            f"exposure of dataset {dataset.name!r} must be set to predict counts, got None. "
            "Run a maker with selection 'exposure' or assign a map."
        )
    return np.asarray(dataset.exposure.data).reshape(cube_shape(dataset.exposure.geom))


def _sky_source(dataset, model, bins: FilledBins, exposure, dtype=np.float64) -> MapSource:
    """Return a sky model bound to a map dataset."""
    if model.spatial_model is None:
        raise ModelError(
            f"model {model.name!r} must have a spatial model for the map dataset {dataset.name!r}, got None. "
            "Add for example a PointSpatialModel."
        )
    apply_irf = {"exposure": True, "psf": True, "edisp": True, **(getattr(model, "apply_irf", None) or {})}
    geom, position = dataset.exposure.geom, model.spatial_model.position
    if apply_irf["edisp"]:
        matrix = energy_dispersion_matrix(dataset, position)
    else:
        matrix = overlap(energies(geom.axes["energy_true"]), energies(dataset._geom.axes["energy"]))
    unit = conversion_factor(dataset.exposure.unit, EXPOSURE, f"exposure of dataset {dataset.name!r}")
    if not apply_irf["exposure"]:
        exposure, unit = np.broadcast_to(1.0, exposure.shape), 1.0
    kernels, kind = _kernels(dataset, position) if apply_irf["psf"] else (None, MapFold)
    if kind is RecoMapFold and any(not parameter.frozen for parameter in model.spatial_model.parameters):
        kind = MovingRecoMapFold
    make_fold = partial(_fold, kind, exposure, unit, matrix, kernels, bins, dtype)
    factor = temporal_factor(model, dataset)
    spectrum = model.spectral_model.on_bins(energies(geom.axes["energy_true"]))
    image = SourceImage(model.spatial_model, geom)
    return MapSource(image, make_fold, bins, spectrum, [] if factor is None else [factor])


def _fold(kind, exposure, unit, matrix, kernels, bins, dtype, window) -> MapFold:
    return kind(exposure, unit, matrix, kernels, window, bins, dtype)


def _kernels(dataset, position):
    """Return the PSF at a position, as kernels or convolution, and the kind of fold that applies it."""
    psf = dataset.psf
    if psf is None:
        return None, MapFold
    is_reco = psf.energy_name == "energy"
    geom = dataset._geom if is_reco else dataset.exposure.geom
    kernel = psf.get_psf_kernel(geom, position=position)
    if geom.is_hpx:
        if is_reco:
            raise DataError(
                f"psf of the HEALPix dataset {dataset.name!r} must be in true energy, got one in reconstructed "
                "energy. Use a WCS geometry."
            )
        return HpxConvolution(geom, kernel_windows(kernel, largest_degree(geom))), MapFold
    return np.asarray(kernel.psf_kernel_map.data, dtype=float), RecoMapFold if is_reco else MapFold


# ---------------------------------------------------------------------- backgrounds and templates


def _template(dataset, model) -> np.ndarray:
    """Return the counts that a background or template model scales, in all bins."""
    if role_of(model) == "template":
        return np.asarray(model.evaluate_template(dataset._geom), dtype=float).reshape(
            cube_shape(dataset._geom)
        )
    if dataset.background is None:
        raise DataError(
            f"background of dataset {dataset.name!r} must be set for the model {model.name!r}, got None. "
            "Run a maker with selection 'background' or assign a map."
        )
    return _background(dataset)


def _background(dataset) -> np.ndarray:
    """Return the background map in all bins, 0 where it is not finite or missing."""
    shape = cube_shape(dataset._geom)
    if dataset.background is None:
        return np.zeros(shape)
    return finite(np.asarray(dataset.background.data)).reshape(shape)


def finite(data) -> np.ndarray:
    """Return numbers with 0 for those that are not finite; the sum tells whether there are any."""
    if np.isfinite(data.sum(dtype=float)):
        return data
    return np.nan_to_num(data, nan=0.0, posinf=0.0, neginf=0.0)


def _shape(dataset, model) -> SpatialFactor | None:
    """Return the factor of each bin that the spatial model of a background model gives, or None."""
    spatial = getattr(model, "spatial_model", None)
    if role_of(model) != "background" or spatial is None:
        return None
    return SpatialFactor(spatial, dataset._geom)


def _template_counts(dataset, model) -> np.ndarray:
    spectrum = model.spectral_model.on_points(_centers(dataset))
    norm = spectrum.evaluate(np.array([float(p.value) for p in spectrum.parameters]))
    counts = norm[:, np.newaxis, np.newaxis] * _template(dataset, model)
    shape = _shape(dataset, model)
    return counts if shape is None else counts * shape.evaluate([p.value for p in shape.parameters])


def map_background(dataset, models) -> np.ndarray:
    """Return the expected background in all bins: the model's, or the map as it is."""
    backgrounds = [model for model in models if role_of(model) == "background"]
    if backgrounds:
        return sum((map_counts(dataset, model) for model in backgrounds), np.zeros(cube_shape(dataset._geom)))
    return _background(dataset)


# ---------------------------------------------------------------------- prediction of all bins


def add_map_counts(cube, dataset, model) -> None:
    """Add the counts of one model to all bins of a cube, negative predictions included.

    Parameters
    ----------
    cube : ndarray, shape (n_reco, n_lat, n_lon), of HEALPix maps (n_reco, 1, n_pixels)
    dataset : `~geminga.datasets.MapDataset`
    model : `~geminga.modeling.models.SkyModel`, background or template model
    """
    if role_of(model) != "sky":
        cube += _template_counts(dataset, model)
        return
    nothing = np.empty(0, dtype=int)
    bins = FilledBins(nothing, nothing, nothing, np.broadcast_to(False, cube.shape))
    source = _sky_source(dataset, model, bins, _exposure(dataset))
    source.add_to(cube, np.array([float(p.value) for p in source.parameters]))


def map_counts(dataset, model) -> np.ndarray:
    """Return the counts of one model in all bins of a map dataset; see `add_map_counts`."""
    cube = np.zeros(cube_shape(dataset._geom))
    add_map_counts(cube, dataset, model)
    return cube


# ---------------------------------------------------------------------- the term


def map_term(dataset, models, free: set[int], precision="double") -> MapTerm:
    """Return the term of one map dataset.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    models : sequence of models
        Those that apply to the dataset.
    free : set of int
        Identities of the free parameters; models without any are folded once.
    precision : {"double", "single"}
        Of the transforms.
    """
    shape = cube_shape(dataset._geom)
    counts = np.asarray(dataset.counts.data).reshape(shape)
    statistic, bins = _statistic(dataset, counts)
    dtype = PRECISIONS[precision]
    constant, constant_total = np.zeros(bins.size), 0.0
    sources: list[MapSource | TemplateSource] = []
    is_on_off = dataset.stat_type == "wstat"
    if not is_on_off and not any(role_of(model) == "background" for model in models):
        background = _not_negative(map_background(dataset, []))
        constant += background[bins.index]
        constant_total += float(weighted_sums(background, bins.weight).sum())
    exposure = _exposure(dataset) if any(role_of(model) == "sky" for model in models) else None
    for model in models:
        source = _source(dataset, model, bins, exposure, dtype)
        values = np.array([float(p.value) for p in source.parameters])
        if isinstance(source, MapSource) and not source.reaches_map(values):
            log.info(
                "Model %s is off the map of dataset %s: it adds nothing there.", model.name, dataset.name
            )
        if any(id(parameter) in free for parameter in source.parameters):
            sources.append(source)
        else:
            fixed, total = source.predict(values)
            constant += fixed
            constant_total += total
    return MapTerm(statistic, constant, constant_total, sources)


def _source(dataset, model, bins, exposure, dtype) -> MapSource | TemplateSource:
    role = role_of(model)
    if role == "sky":
        return _sky_source(dataset, model, bins, exposure, dtype)
    if role is None:
        raise ModelError(
            f"models of dataset {dataset.name!r} must be sky, background or template models, "
            f"got {type(model).__name__}. Wrap a spectral model in a SkyModel."
        )
    if role == "background" and dataset.stat_type == "wstat":
        raise ModelError(
            f"models of the on-off dataset {dataset.name!r} must not include a background model, "
            f"got {model.name!r}. Its background is measured in the off region."
        )
    spectrum = model.spectral_model.on_points(_centers(dataset))
    template = _template(dataset, model)
    if role == "background":
        template = _not_negative(template)
    return TemplateSource(spectrum, template, bins, _shape(dataset, model))


def _not_negative(background) -> np.ndarray:
    """Return an expected background without negative counts, which have no likelihood; the dataset logged them."""
    return np.maximum(background, 0) if background.min(initial=0) < 0 else background


def _statistic(dataset, counts) -> tuple[SparseStatistic, FilledBins]:
    """Return the statistic of a dataset in its bins with counts, and which bins those are."""
    weight: Any = dataset.mask
    weight = (
        np.ones(counts.shape, dtype=bool) if weight is None else np.asarray(weight.data).reshape(counts.shape)
    )
    if dataset.stat_type != "cash_weighted":
        weight = weight.astype(bool, copy=False)
    # Counts that are not numbers are no counts: comparisons with them are false.
    filled = np.flatnonzero(counts)
    chosen = (counts.ravel()[filled] > 0) & (weight.ravel()[filled] > 0)
    filled = filled[chosen]
    if dataset.stat_type != "wstat":
        weights = weight.ravel()[filled].astype(float)
        return SparseCash(counts.ravel()[filled].astype(float) * weights), _filled_bins(filled, weight)
    alpha = _alpha(dataset, counts.shape)
    off = np.zeros(counts.shape)
    if dataset.counts_off is not None:
        off = finite(np.asarray(dataset.counts_off.data, dtype=float)).reshape(counts.shape)
    weight = weight & (alpha > 0)
    filled = filled[weight.ravel()[filled]]
    empty = weight & ~(counts > 0) & (off > 0)
    constant = 2.0 * float(off[empty] @ np.log1p(alpha[empty]))
    n_on, n_off, ratio = (array.ravel()[filled].astype(float) for array in (counts, off, alpha))
    return SparseWStat(n_on, n_off, ratio, constant), _filled_bins(filled, weight)


def _filled_bins(filled, weight) -> FilledBins:
    energy, lat, lon = np.unravel_index(filled, weight.shape)
    return FilledBins(energy, lat, lon, weight)


def _alpha(dataset, shape) -> np.ndarray:
    """Return the ratio of acceptances, 0 where there is no off region."""
    alpha = dataset.alpha
    if alpha is None:
        return np.zeros(shape)
    return np.nan_to_num(np.asarray(alpha.data, dtype=float)).reshape(shape)
