"""Radii of point-like cuts."""

from __future__ import annotations

import numpy as np

from ..figure import default_axes, label_with_unit
from .drawing import curves

__all__ = ["plot_rad_max_vs_energy"]


def plot_rad_max_vs_energy(rad_max, ax=None, **kwargs):
    """Plot the radius of the cut against energy, a line for each offset.

    Parameters
    ----------
    rad_max : RadMax2D
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    energy, offset = rad_max.axes["energy"], rad_max.axes["offset"]
    # the radius holds for the whole bin: draw steps, closed at the last edge
    rows = rad_max.quantity.T
    rows = np.concatenate([rows, rows[:, -1:]], axis=1)
    curves(ax, energy, energy.edges, rows, offset.center, **{"drawstyle": "steps-post", **kwargs})
    ax.set_xscale("log")
    ax.set_ylim(0, 1.15 * np.nanmax(rad_max.quantity.value))
    ax.set_ylabel(label_with_unit("Radius of the cut", rad_max.unit))
    ax.legend(title="Offset", frameon=False)
    return ax
