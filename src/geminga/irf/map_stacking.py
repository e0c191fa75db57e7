"""Stacking of response maps, weighted with the exposure."""

from __future__ import annotations

import logging

import numpy as np

from ..errors import AxisMismatchError, GeometryError
from ..units import conversion_factor

__all__ = ["stack"]

log = logging.getLogger(__name__)


def stack(irf_map, other, weights=None, nan_to_num=True) -> None:
    r"""Add another response, in place.

    With exposures :math:`\epsilon` and weights `w`, the new response is
    :math:`\sum_i w_i \epsilon_i R_i / \sum_i w_i \epsilon_i`, and 0 where there is no exposure. Only the pixels that
    both maps share are touched.

    Parameters
    ----------
    irf_map : `IRFMap`
        Changed in place.
    other : `IRFMap`
        Of the same class and axes, on the same pixel grid; it may be a cutout.
    weights : `~geminga.maps.Map`, optional
        Weights of `other`: an image, or one for each bin of the exposure. A mask along reconstructed energy counts for
        the exposure where it is True anywhere, and cuts the bins of an energy matrix that it excludes.
    nan_to_num : bool
        Count NaN in `other` as 0.

    Raises
    ------
    DataError
        If one of the exposures is missing.
    AxisMismatchError, GeometryError
        If the maps do not fit.
    """
    for item in (irf_map, other):
        item._require_exposure("to be stacked")
    if type(other) is not type(irf_map):
        raise AxisMismatchError(
            f"other must be a {type(irf_map).__name__}, got {type(other).__name__}. Convert it first."
        )
    mine, theirs = irf_map._irf_map, other._irf_map
    if mine.geom.axes != theirs.geom.axes and not mine.geom.axes.is_allclose(theirs.geom.axes):
        raise AxisMismatchError(
            f"responses to stack must have equal axes, got {mine.geom.axes.names} that differ. Resample one."
        )
    parent, part = _overlap(mine.geom, theirs.geom)
    if parent is None:
        log.debug("A response without overlap was not stacked.")
        return
    exposure, response = irf_map.exposure_map, mine.data[(..., *parent)]
    before = np.asarray(exposure.data[(..., *parent)], dtype=float)
    factor = conversion_factor(other.exposure_map.unit, exposure.unit, "exposure to stack")
    added = np.asarray(other.exposure_map.data, dtype=float) * factor
    if weights is not None:
        added = added * _weights_for(weights, other)
    added = np.nan_to_num(added[(..., *part)])
    values = theirs.data[(..., *part)] * conversion_factor(theirs.unit, mine.unit, "response to stack")
    if nan_to_num:
        values = np.nan_to_num(values)
    bins = None if weights is None else _weights_of_bins(weights, other)
    if bins is not None:
        values = values * bins[(..., *part)]
    total = before + added
    share = np.divide(added, total, out=np.zeros_like(total), where=total > 0)
    result = np.where(total > 0, response * (1 - share) + values * share, 0.0)
    mine.data[(..., *parent)] = result
    exposure.data[(..., *parent)] = total


def _overlap(geom, part):
    """Return spatial slices or indices of both maps for the pixels that they share; None without overlap."""
    everything = (slice(None),) * len(geom.to_image().data_shape)
    if geom.is_region or geom == part or geom.to_image() == part.to_image():
        if geom.is_region != part.is_region:
            raise GeometryError("responses to stack must both be of a region, got one of each kind.")
        return everything, everything
    if geom.is_hpx and part.is_hpx and geom.nside[0] == part.nside[0] and geom.frame == part.frame:
        image = geom.to_image()
        (own,) = image.global_to_local(image.coord_to_idx(part.to_image().get_coord()))
        shared = np.flatnonzero(own >= 0)
        return ((own[shared],), (shared,)) if shared.size else (None, None)
    if geom.is_hpx or part.is_hpx or part.is_region:
        raise GeometryError("responses to stack must be on the same pixel grid, got different ones.")
    if not geom.is_aligned(part):
        raise GeometryError("responses to stack must be on the same pixel grid, got different ones.")
    try:
        slices = part.cutout_slices(geom)
    except GeometryError:
        return None, None
    return slices["parent-slices"], slices["cutout-slices"]


def _weights_of_bins(weights, other) -> np.ndarray | None:
    """Return weights along the first axis of the response, or None where they do not have that axis."""
    first = other._irf_map.geom.axes[0]
    axes = weights.geom.axes
    n_spatial = len(other._irf_map.geom.to_image().data_shape)
    image_shape = weights.data.shape[-n_spatial:]
    if first.name != "energy" or "energy" not in axes.names or axes["energy"].nbin != first.nbin:
        return None
    return np.asarray(weights.data, dtype=float).reshape(1, first.nbin, *image_shape)


def _weights_for(weights, other) -> np.ndarray:
    """Return weights that broadcast to the exposure."""
    shape = other.exposure_map.data.shape
    n_spatial = len(other._irf_map.geom.to_image().data_shape)
    data = weights.data
    if data.shape == shape:
        return data
    axes = list(weights.geom.axes.names)
    if "energy_true" in axes and data.size == np.prod(shape):
        return data.reshape(shape)
    image = data.reshape((-1, *data.shape[-n_spatial:]))
    return image.any(axis=0) if image.dtype == bool else image.max(axis=0)
