"""Adding one map to another on the same pixel grid."""

from __future__ import annotations

import logging

import numpy as np

from ...errors import AxisMismatchError, GeometryError
from ...units import conversion_factor
from ..differing import what_differs
from .cutout import overlap

__all__ = ["stack"]

log = logging.getLogger(__name__)


def _weight_array(weights, other):
    """Return weights that broadcast to the data of `other`."""
    if weights.geom.axes.names and weights.geom.axes.shape != other.geom.axes.shape:
        if weights.geom.axes.is_flat:
            return weights.data.reshape(weights.data.shape[-2:])
        raise AxisMismatchError(
            f"weights must have the axes of the map they belong to {other.geom.axes.names}, "
            f"got {weights.geom.axes.names}. Use an image for all bins."
        )
    return weights.data


def stack(m, other, weights=None, nan_to_num=True) -> None:
    """Add another map to a map, in place; `WcsNDMap.stack`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
        Changed in place. Masks are joined by "or".
    other : `~geminga.maps.WcsNDMap`
        On the same pixel grid, in a convertible unit; an image is added to all bins. What lies outside is left out.
    weights : `~geminga.maps.WcsNDMap`, optional
        `other` is multiplied by these first.
    nan_to_num : bool
        Count NaN in `other` as 0.

    Raises
    ------
    GeometryError
        If the maps are on different pixel grids.
    AxisMismatchError
        If the axes differ.
    """
    geom = m.geom
    if (
        not other.geom.is_image
        and other.geom.axes is not geom.axes
        and not geom.axes.is_allclose(other.geom.axes)
    ):
        raise AxisMismatchError(
            f"maps to stack must have the same axes, got {what_differs(geom, other.geom)}. Resample one."
        )
    if geom.is_regular and other.geom.is_regular and geom._is_same_image(other.geom):
        parent = part = (slice(None), slice(None))
    else:
        if not geom.is_aligned(other.geom):
            raise GeometryError(
                f"maps to stack must be on the same pixel grid, got {what_differs(geom, other.geom)}. "
                "Use interp_to_geom() first."
            )
        try:
            slices = overlap(other.geom, geom)
        except GeometryError:
            log.debug("A map without overlap was not stacked.")
            return
        parent, part = slices["parent-slices"], slices["cutout-slices"]
    values = other.data[(..., *part)]
    weight = None if weights is None else _weight_array(weights, other)[(..., *part)]
    target = m.data[(..., *parent)]
    if m.is_mask:
        target |= values.astype(bool) if weight is None else values.astype(bool) & weight.astype(bool)
        return
    factor = 1.0 if other.unit == m.unit else conversion_factor(other.unit, m.unit, "map to stack")
    # The smallest value is NaN if any is.
    if nan_to_num and values.dtype.kind == "f" and values.size and np.isnan(values.min()):
        values = np.where(np.isnan(values), values.dtype.type(0), values)
    if weight is not None:
        values = values * weight
    if factor != 1.0:
        values = values * factor
    np.add(target, values, out=target, casting="unsafe")
