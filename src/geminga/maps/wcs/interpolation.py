"""Interpolation in WCS maps: multilinear in pixel coordinates, without a loop over points."""

from __future__ import annotations

import itertools

import numpy as np

from ...errors import GeometryError, UnknownNameError
from ...numerics.scales import interpolation_scale
from ..axes.pixels import rounded_pixels
from .arguments import compressed

__all__ = ["interp_by_pix", "interpolate"]

# Points are worked on in pieces that stay in the processor's cache.
BLOCK = 32768

SPLINES = ("slinear", "cubic", "quintic", "pchip")
METHODS = {0: "nearest", 1: "linear", 2: "cubic", 3: "cubic", None: "linear"}


def interp_by_pix(m, pix, method="linear", fill_value=None, values_scale="lin"):
    """Interpolate a map at pixel coordinates; `WcsNDMap.interp_by_pix`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    pix : tuple of array_like
        ``(x, y, axis0, ...)``, which broadcast against each other.
    method : {"linear", "nearest", "slinear", "cubic", "quintic", "pchip"}
    fill_value : float, optional
        Value outside the bins; by default the map is extrapolated.
    values_scale : {"lin", "log", "sqrt"}
        Scale on which values are interpolated.

    Returns
    -------
    ndarray
    """
    if not m.geom.is_regular:
        raise GeometryError(
            "geometry must have the same pixels in all images to interpolate, got an irregular one. "
            "Use interp_by_coord()."
        )
    method = METHODS.get(method, method)
    pix = [np.atleast_1d(np.asarray(p, dtype=float)) for p in pix]
    shape = np.broadcast_shapes(*(p.shape for p in pix))
    # Dimensions of data arrays are in reverse order.
    nodes = [compressed(np.broadcast_to(p, np.broadcast_shapes(p.shape, (1,) * len(shape)))) for p in pix][
        ::-1
    ]
    repeat = m.geom._projection.repeat
    around = repeat > 0 and abs(m.geom._image_shape[1] - repeat) < 1e-6
    values = interpolate(m.data, nodes, method, interpolation_scale(values_scale), around)
    values = np.broadcast_to(values, shape)
    if fill_value is None:
        return np.array(values)
    outside = np.zeros((1,) * len(shape), dtype=bool)
    for number, (node, length) in enumerate(zip(nodes, m.data.shape, strict=True)):
        if length > 1 and not (around and number == len(nodes) - 1):
            outside = outside | (node < -0.5 - 1e-9) | (node > length - 0.5 + 1e-9)
        outside = outside | np.isnan(node)
    return np.where(np.broadcast_to(outside, shape), fill_value, values)


def interpolate(data, nodes, method, scale, around=False) -> np.ndarray:
    """Return values of an array between its elements.

    Parameters
    ----------
    data : ndarray
    nodes : list of ndarray
        Places along each dimension, which broadcast against each other.
    method : {"linear", "nearest", "slinear", "cubic", "quintic", "pchip"}
    scale : `~geminga.numerics.InterpolationScale`
    around : bool
        The last dimension begins again where it ends.
    """
    if method == "linear":
        return _linear(data, nodes, scale, around)
    if method == "nearest":
        return _nearest(data, nodes)
    if method in SPLINES:
        return _spline(data, nodes, method, scale)
    raise UnknownNameError("interpolation method", method, ("linear", "nearest", *SPLINES))


def _linear(data, nodes, scale, around):
    """Return the sum over the corners of the cell around each point, weighted with the opposite volumes."""
    shape = np.broadcast_shapes(*(node.shape for node in nodes))
    size = int(np.prod(shape, dtype=int))
    if size <= 2 * BLOCK:
        return _linear_block(data, nodes, scale, around)
    result = np.empty(shape)
    if all(node.shape == shape for node in nodes):
        nodes, pieces = [node.reshape(-1) for node in nodes], result.reshape(-1)
    else:
        pieces = result
    rows = max(1, BLOCK * len(pieces) // size)
    for start in range(0, len(pieces), rows):
        part = slice(start, start + rows)
        pieces[part] = _linear_block(
            data, [node[part] if len(node) > 1 else node for node in nodes], scale, around
        )
    return result


def _linear_block(data, nodes, scale, around):
    data = np.ascontiguousarray(data)
    start, choices, stride = 0, [], data.size
    for number, (node, length) in enumerate(zip(nodes, data.shape, strict=True)):
        stride //= length
        if length == 1:
            missing = np.isnan(node)
            if missing.any():
                choices.append([(0, np.where(missing, np.nan, 1.0))])
            continue
        lower = np.floor(np.where(np.isnan(node), 0, np.clip(node, -1e9, 1e9))).astype(np.intp)
        step = stride
        if around and number == len(nodes) - 1:
            weight = node - lower
            upper, lower = (lower + 1) % length, lower % length
            step = (upper - lower) * stride
        else:
            lower = np.clip(lower, 0, length - 2)
            weight = node - lower
        start = start + lower * stride
        choices.append([(0, 1 - weight), (step, weight)] if np.any(weight != 0) else [(0, 1 - weight)])
    values = data.reshape(-1)
    total = _sum_of_corners(values, start, choices, scale, clean=False)
    if np.isnan(total).any():
        # NaN in the map counts as 0; what is NaN after that is off the sky.
        total = _sum_of_corners(values, start, choices, scale, clean=True)
    return scale.unscale(total)


def _sum_of_corners(values, start, choices, scale, clean):
    def found_at(place):
        found = values.take(place)
        if found.dtype.kind != "f":
            found = found.astype(float)
        if clean:
            found = np.where(np.isnan(found), 0, found)
        return scale.scale(found)

    # Along the last dimension the two values lie side by side.
    *choices, last = choices or [[(0, 1.0)]]
    total = 0.0
    for corner in itertools.product(*choices):
        place, weight = start, 1.0
        for step, factor in corner:
            place, weight = place + step, weight * factor
        found = found_at(place + last[0][0]) * last[0][1]
        if len(last) == 2:
            found = found + found_at(place + last[1][0]) * last[1][1]
        total = total + weight * found
    return np.asarray(total)


def _nearest(data, nodes):
    """Return the value of the bin that contains each point, outside of the nearest bin; NaN where a node is NaN."""
    indices, unknown = [], False
    for node, length in zip(nodes, data.shape, strict=True):
        missing = np.isnan(node)
        unknown = unknown | missing
        node = np.where(missing, 0, node)
        indices.append(rounded_pixels(node, length, clip=True))
    values = data[tuple(indices)]
    values = values.astype(float) if values.dtype.kind != "f" else np.where(np.isnan(values), 0, values)
    return np.where(unknown, np.nan, values) if np.any(unknown) else values


def _spline(data, nodes, method, scale):
    from scipy.interpolate import RegularGridInterpolator

    values = scale.scale(np.nan_to_num(np.asarray(data, dtype=float), posinf=np.inf, neginf=-np.inf))
    kept = [number for number, length in enumerate(values.shape) if length > 1]
    shape = np.broadcast_shapes(*(node.shape for node in nodes))
    if not kept:
        return np.full(shape, data.flat[0], dtype=float)
    grid = [np.arange(values.shape[number], dtype=float) for number in kept]
    try:
        interpolator = RegularGridInterpolator(
            grid, values.squeeze(), method=method, bounds_error=False, fill_value=None
        )
    except ValueError as error:
        raise GeometryError(
            f"map must have enough bins for method {method!r}, got {values.shape} ({error})."
        ) from error
    points = np.stack(np.broadcast_arrays(*[nodes[number] for number in kept]), axis=-1)
    return scale.unscale(np.broadcast_to(interpolator(points), shape))
