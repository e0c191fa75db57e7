"""From nodes to pixels and from pixels to indices, as plain arrays."""

from __future__ import annotations

import numpy as np

__all__ = ["EDGE", "even_index", "even_pixels", "interpolate_and_extrapolate", "rounded_pixels", "unevenness"]

# How far below the edge of a bin, in bins, a pixel coordinate may be and still count as the edge: the last digits of a
# projection differ from one processor to the next, and sources lie on the middle edge of images with even numbers of
# pixels.
EDGE = 1e-9

# Arrays are worked on in pieces that stay in the processor's cache.
BLOCK = 32768


def interpolate_and_extrapolate(x, nodes, values) -> np.ndarray:
    """Interpolate linearly, and extrapolate with the outermost segments."""
    if nodes[0] > nodes[-1]:
        nodes, values = nodes[::-1], values[::-1]
    result = np.atleast_1d(np.interp(x, nodes, values))
    flat = np.atleast_1d(x)
    for outside, near, next_to in ((flat < nodes[0], 0, 1), (flat > nodes[-1], -1, -2)):
        if outside.any():
            slope = (values[near] - values[next_to]) / (nodes[near] - nodes[next_to])
            result[outside] = values[near] + slope * (flat[outside] - nodes[near])
    return result.reshape(np.shape(x))


def unevenness(nodes) -> float:
    """Return how far nodes are from equally spaced ones at most, in steps."""
    if len(nodes) < 2:
        return np.inf
    step = (nodes[-1] - nodes[0]) / (len(nodes) - 1)
    return float(np.max(np.abs((nodes - nodes[0]) / step - np.arange(len(nodes)))))


def _in_blocks(function, values, dtype):
    values = np.asarray(values)
    if values.size <= 2 * BLOCK:
        return function(values)
    result, flat = np.empty(values.shape, dtype), values.reshape(-1)
    pieces = result.reshape(-1)
    for start in range(0, flat.size, BLOCK):
        pieces[start : start + BLOCK] = function(flat[start : start + BLOCK])
    return result


def even_pixels(values, forward, nodes, pix) -> np.ndarray:
    """Return pixel coordinates of values, from the function that makes `nodes` equally spaced.

    Parameters
    ----------
    values : ndarray
    forward : callable
        From values to the scale of `nodes`.
    nodes, pix : ndarray
        Equally spaced nodes, and their pixel coordinates.
    """
    slope = (len(nodes) - 1) / (nodes[-1] - nodes[0])

    def pixels(piece):
        found = (forward(piece) - nodes[0]) * slope
        # A value at a node has the pixel coordinate of the node, to the last digit.
        nearest = np.rint(found)
        return np.where(np.abs(found - nearest) < 1e-9, nearest, found) + pix[0]

    return _in_blocks(pixels, values, float)


def even_index(values, forward, nodes, edges, clip=False) -> np.ndarray:
    """Return the bin of each value; -1 outside unless clipped, NaN always -1.

    Where the bin would be if the edges were exact is one off at most; the edges decide.

    Parameters
    ----------
    values : ndarray
    forward : callable
        From values to the scale in which the edges are equally spaced.
    nodes : ndarray
        Edges in that scale.
    edges : ndarray
        Rising.
    clip : bool
        Give values outside the nearest bin.
    """
    nbin = len(edges) - 1
    slope = nbin / (nodes[-1] - nodes[0])

    def index(piece):
        inside = (piece >= edges[0]) & (piece <= edges[-1])
        near = piece if inside.all() else np.clip(np.where(np.isnan(piece), edges[0], piece), *edges[[0, -1]])
        found = np.clip((forward(near) - nodes[0]) * slope, 0, nbin - 1).astype(np.intp)
        found -= near < edges.take(found)
        found += near >= edges.take(found + 1)
        np.minimum(found, nbin - 1, out=found)
        return np.where(~np.isnan(piece) if clip else inside, found, -1)

    return _in_blocks(index, values, np.intp)


def rounded_pixels(pix, nbin, clip=False) -> np.ndarray:
    """Return indices of pixel coordinates; an edge belongs to the upper pixel, the upper end to the last.

    Examples
    --------
    >>> rounded_pixels([-0.6, -0.5, 0.49, 1.5, 1.6], nbin=2)
    array([-1,  0,  0,  1, -1])
    """

    def rounded(piece):
        upper = piece + (0.5 + EDGE)
        if clip:
            return np.where(np.isnan(piece), -1.0, np.clip(upper, 0, nbin - 0.5)).astype(np.intp)
        inside = (upper >= 0) & (upper <= nbin + 2 * EDGE)
        return np.minimum(np.where(inside, upper, -1.0), nbin - 0.5).astype(np.intp)

    return _in_blocks(rounded, np.asarray(pix, dtype=float), np.intp)
