"""Interpolation of a response between its bin centres."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, UnknownNameError
from ..numerics.interpolation import ScaledRegularGridInterpolator
from ..units import conversion_factor, to_quantity

__all__ = ["interpolated_values", "plain_coordinates"]

# Half a bin of extrapolation in the logarithm may not change a value by more than this factor; without the limit,
# a zero beside the outermost node makes it jump by ten orders of magnitude.
LARGEST_EXTRAPOLATION = 1e3


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
    result = _interpolated(irf, coordinates, method, options.get("values_scale", "lin"))
    fill = options.get("fill_value", 0.0)
    if outside and fill is not None:
        for mask in inside:
            if not mask.all():
                result = np.where(mask, result, fill)
    return result


def _interpolated(irf, coordinates, method, scale) -> np.ndarray:
    centers = [axis.center.value for axis in irf.axes]
    grid = ScaledRegularGridInterpolator(
        centers,
        irf.data,
        points_scale=[axis.interp for axis in irf.axes],
        values_scale=scale,
        method=method,
    )
    if scale != "log":
        return grid.evaluate(coordinates)
    nearest = [np.clip(x, min(c), max(c)) for x, c in zip(coordinates, centers, strict=True)]
    with np.errstate(over="ignore"):
        result = grid.evaluate(coordinates)
    if all((a == b).all() for a, b in zip(nearest, coordinates, strict=True)):
        return result
    return np.minimum(result, LARGEST_EXTRAPOLATION * grid.evaluate(nearest))


def _inside(axis, coordinate) -> np.ndarray:
    """Return where coordinates lie between the outer edges of an axis."""
    first, last = axis.edges.value[[0, -1]]
    return (coordinate >= min(first, last)) & (coordinate <= max(first, last))
