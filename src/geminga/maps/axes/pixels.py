"""From nodes to pixels and from pixels to indices, as plain arrays."""

from __future__ import annotations

import numpy as np

__all__ = ["interpolate_and_extrapolate", "rounded_pixels"]


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


def rounded_pixels(pix, nbin, clip=False) -> np.ndarray:
    """Return indices of pixel coordinates; the upper end of the last pixel belongs to it.

    Examples
    --------
    >>> rounded_pixels([-0.6, -0.5, 0.49, 1.5, 1.6], nbin=2)
    array([-1,  0,  0,  1, -1])
    """
    pix = np.asarray(pix, dtype=float)
    known = ~np.isnan(pix)
    idx = np.floor(np.where(known, np.clip(pix, -1e9, 1e9), -1e9) + 0.5).astype(np.intp)
    idx = np.where(pix == nbin - 0.5, nbin - 1, idx)
    if clip:
        return np.where(known, np.clip(idx, 0, nbin - 1), -1)
    return np.where((idx < 0) | (idx >= nbin), -1, idx)
