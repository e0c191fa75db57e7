"""Fill holes of responses by interpolation."""

from __future__ import annotations

import numpy as np

from ..numerics.interpolation import interpolation_scale

__all__ = ["interp_missing_data"]


def interp_missing_data(irf, axis_name) -> None:
    """Fill zeros and non-finite values by interpolation along an axis, in place.

    Each line of bins is interpolated between its good bins, in the scale of the axis and of the values. Bins beyond
    the outermost good bin stay as they are: nothing is extrapolated.

    Parameters
    ----------
    irf : `IRF`
    axis_name : str
    """
    axis = irf.axes[axis_name]
    position = irf.axes.index(axis_name)
    x = interpolation_scale(axis.interp).scale(axis.center.value)
    scale = interpolation_scale(irf.interp_kwargs.get("values_scale", "lin"))
    lines = np.moveaxis(irf.data.copy(), position, -1)
    good = np.isfinite(lines) & (lines != 0)
    index, n = np.arange(len(x)), len(x)
    before = np.maximum.accumulate(np.where(good, index, -1), axis=-1)
    after = np.minimum.accumulate(np.where(good, index, n)[..., ::-1], axis=-1)[..., ::-1]
    *line, hole = np.nonzero(~good & (before >= 0) & (after < n))
    low, high = before[(*line, hole)], after[(*line, hole)]
    first, last = (scale.scale(lines[(*line, end)].astype(float)) for end in (low, high))
    weight = (x[hole] - x[low]) / (x[high] - x[low])
    lines[(*line, hole)] = scale.unscale(first + weight * (last - first))
    irf.data = np.moveaxis(lines, -1, position)
