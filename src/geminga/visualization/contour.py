"""Contours through points."""

from __future__ import annotations

import numpy as np

__all__ = ["plot_contour_line"]


def plot_contour_line(ax, x, y, **kwargs):
    """Plot a smooth closed line through points, and the points.

    Parameters
    ----------
    ax : `~matplotlib.axes.Axes`
    x, y : array_like, shape (n,)
        Points in order, such as those of `~geminga.modeling.Fit.stat_contour`.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`; "marker" for the points only.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    from scipy.interpolate import CubicSpline

    x, y = (np.asarray(values, dtype=float) for values in (x, y))
    if x[0] != x[-1] or y[0] != y[-1]:
        x, y = np.append(x, x[0]), np.append(y, y[0])
    span = [np.ptp(values) or 1.0 for values in (x, y)]
    step = np.hypot(np.diff(x) / span[0], np.diff(y) / span[1])
    keep = np.append(True, step > 0)
    x, y, step = x[keep], y[keep], step[step > 0]
    marker = kwargs.pop("marker", "o")
    if len(x) > 3:
        # the length along the line is the parameter, measured in units of the spans
        length = np.append(0.0, np.cumsum(step))
        curve = CubicSpline(length, np.column_stack([x, y]), bc_type="periodic")
        line = curve(np.linspace(0, length[-1], 50 * len(x)))
    else:
        line = np.column_stack([x, y])
    (artist,) = ax.plot(*line.T, **kwargs)
    kwargs.pop("label", None)
    style = {"color": artist.get_color(), "markersize": 4, **kwargs, "linestyle": "none", "marker": marker}
    style.pop("ls", None)
    ax.plot(x, y, **style)
    return ax
