"""Interpolation of a response between its bin centres."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, UnknownNameError
from ..numerics.interpolation import ScaledRegularGridInterpolator, interpolation_scale
from ..units import conversion_factor, to_quantity
from .grid import interpolate_on_grid

__all__ = ["interpolated_values", "plain_coordinates"]

# Values fall by at most a factor of a million from one bin to the next when they are extrapolated in the logarithm;
# without the limit, a zero beside the outermost node makes half a bin a jump of ten orders of magnitude.
STEEPEST_EXTRAPOLATION = np.log(1e6)


def plain_coordinates(irf, coords) -> list[np.ndarray]:
    """Return coordinates as plain numbers in the units of the axes, in their order.

    Parameters
    ----------
    irf : `IRF`
    coords : dict of `~astropy.units.Quantity` or str
        By axis name. Axes not named are taken at their bin centres, along a dimension of their own.
    """
    names = list(irf.axes.names)
    for name in coords:
        if name not in names:
            raise UnknownNameError(f"axis of {type(irf).__name__}", name, names)
    plain = []
    for position, axis in enumerate(irf.axes):
        if axis.name not in coords:
            shape = [1] * len(names)
            shape[position] = -1
            plain.append(axis.center.value.reshape(shape))
            continue
        value = to_quantity(coords[axis.name], name=axis.name)
        factor = conversion_factor(value.unit, axis.unit, axis.name)
        value = np.asarray(value.value, dtype=float)
        plain.append(value if factor == 1 else value * factor)
    return plain


def interpolated_values(irf, coordinates, method=None) -> np.ndarray:
    """Interpolate plain coordinates, given in the units and the order of the axes; plain result.

    Parameters
    ----------
    irf : `IRF`
    coordinates : list of array_like
        Broadcast against each other.
    method : {"linear", "nearest"}, optional
    """
    options = irf.interp_kwargs
    method = options.get("method", "linear") if method is None else method
    inside = [_inside(axis, coordinate) for axis, coordinate in zip(irf.axes, coordinates, strict=True)]
    outside = not all(mask.all() for mask in inside)
    if outside and options.get("bounds_error"):
        raise DataError(
            f"coordinates of {type(irf).__name__} must lie within the axes. "
            "Set bounds_error=False in interp_kwargs to get the fill value."
        )
    result = np.asarray(_interpolated(irf, coordinates, method, options.get("values_scale", "lin")))
    fill = options.get("fill_value", 0.0)
    if outside and fill is not None:
        for mask in inside:
            if not mask.all():
                np.copyto(result, fill, where=~mask)
    return result


def _interpolated(irf, coordinates, method, scale) -> np.ndarray:
    centers = [axis.center.value for axis in irf.axes]
    if method not in ("linear", "nearest"):
        grid = ScaledRegularGridInterpolator(
            centers,
            irf.data,
            points_scale=[axis.interp for axis in irf.axes],
            values_scale=scale,
            method=method,
        )
        return grid.evaluate(coordinates)
    scales = [interpolation_scale(axis.interp) for axis in irf.axes]
    values = interpolation_scale(scale)
    result = interpolate_on_grid(
        irf.data if scale == "lin" else values.scale(irf.data),
        [one.scale(x) for one, x in zip(scales, centers, strict=True)],
        [one.scale(np.asarray(x, dtype=float)) for one, x in zip(scales, coordinates, strict=True)],
        nearest=method == "nearest",
        steepest=STEEPEST_EXTRAPOLATION if scale == "log" else None,
    )
    # the result is large, and nobody else's
    result = np.asarray(values.unscale(np.asarray(result, dtype=float)))
    return np.maximum(result, 0.0, out=result)


def _inside(axis, coordinate) -> np.ndarray:
    """Return where coordinates lie between the outer edges of an axis."""
    first, last = axis.edges.value[[0, -1]]
    return (coordinate >= min(first, last)) & (coordinate <= max(first, last))
