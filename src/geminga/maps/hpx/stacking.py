"""Adding one HEALPix map to another with the same kind of pixels."""

from __future__ import annotations

import numpy as np

from ...errors import AxisMismatchError, GeometryError
from ...units import conversion_factor

__all__ = ["stack"]


def stack(m, other, weights=None, nan_to_num=True) -> None:
    """Add another map to a map, in place; `HpxNDMap.stack`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        Changed in place. Masks are joined by "or".
    other : `~geminga.maps.HpxNDMap`
        With the same nside, order and frame, in a convertible unit; it may cover another part of the sky. An image is
        added to all bins. What lies outside is left out.
    weights : `~geminga.maps.HpxNDMap`, optional
        `other` is multiplied by these first.
    nan_to_num : bool
        Count NaN in `other` as 0.

    Raises
    ------
    GeometryError
        If the maps are in different pixels.
    AxisMismatchError
        If the axes differ.
    """
    geom = m.geom
    if not other.geom.is_image and not geom.axes.is_allclose(other.geom.axes):
        raise AxisMismatchError(
            f"maps to stack must have the same axes, got {geom.axes.names} and {other.geom.axes.names}. Resample one."
        )
    if not geom.is_aligned(other.geom):
        raise GeometryError(
            "maps to stack must have the same nside, order and frame, got different ones. Use interp_to_geom() first."
        )
    values = other.data
    if nan_to_num and values.dtype.kind == "f":
        values = np.nan_to_num(values, nan=0.0, posinf=np.inf, neginf=-np.inf)
    if weights is not None:
        weight = weights.data
        values = values & weight.astype(bool) if m.is_mask else values * weight
    if not m.is_mask:
        factor = 1.0 if other.unit == m.unit else conversion_factor(other.unit, m.unit, "map to stack")
        values = values * factor if factor != 1.0 else values
    join = np.logical_or if m.is_mask else np.add
    if geom._has_same_pixels(other.geom):
        join(m.data, values, out=m.data, casting="unsafe")
        return
    if geom.is_regular and other.geom.is_regular:
        pixels = other.geom.get_idx(sparse=True)[0].ravel()
        (local,) = geom.global_to_local((pixels,))
        inside = local >= 0
        target = (..., local[inside])
        values = values[..., inside]
    else:
        idx = np.broadcast_arrays(
            *(other.geom.to_cube(geom.axes) if other.geom.is_image else other.geom).get_idx()
        )
        local, *bins = geom.global_to_local(tuple(idx))
        inside = local >= 0
        target = (*(b[inside] for b in bins[::-1]), local[inside])
        values = np.broadcast_to(values, inside.shape)[inside]
    # a pixel occurs once in a map, so no sum over repeated indices is lost
    m.data[target] = join(m.data[target], values)
