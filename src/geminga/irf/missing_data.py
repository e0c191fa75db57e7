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
    for index in np.argwhere(~good.all(axis=-1) & (good.sum(axis=-1) > 1)):
        line, known = lines[tuple(index)], good[tuple(index)]
        inside = ~known & (x > x[known][0]) & (x < x[known][-1])
        values = np.interp(x[inside], x[known], scale.scale(line[known].astype(float)))
        line[inside] = scale.unscale(values)
    irf.data = np.moveaxis(lines, -1, position)
