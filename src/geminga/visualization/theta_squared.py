"""Squared distances from a source."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from .figure import COLORS, new_figure

__all__ = ["plot_theta_squared_table"]


def plot_theta_squared_table(table):
    """Plot on and off counts, excess and significance against the squared distance.

    Parameters
    ----------
    table : `~astropy.table.Table`
        From `~geminga.makers.utils.ThetaSquaredTable`, with columns "theta2_min", "theta2_max", "counts", "counts_off",
        "alpha", "excess", "excess_errn", "excess_errp" and "sqrt_ts".

    Returns
    -------
    array of `~matplotlib.axes.Axes`
    """
    low, high = (u.Quantity(table[name], "deg2").value for name in ("theta2_min", "theta2_max"))
    edges = np.append(low, high[-1])
    center, half = 0.5 * (low + high), 0.5 * (high - low)
    counts, off = (np.asarray(table[name], dtype=float) for name in ("counts", "counts_off"))
    alpha = np.nan_to_num(np.asarray(table["alpha"], dtype=float))
    figure = new_figure((8, 7.5))
    axes = figure.subplots(3, 1, sharex=True, height_ratios=[2, 1.4, 1])
    style = {"fmt": "o", "markersize": 4, "elinewidth": 1.2}
    upper, middle, lower = axes
    upper.stairs(alpha * off, edges, color=COLORS["background"], fill=True, alpha=0.3)
    background = COLORS["background"]
    upper.errorbar(center, alpha * off, xerr=half, yerr=alpha * np.sqrt(off), color=background, label="Off, scaled",
                   **{**style, "fmt": "none"})  # fmt: skip
    upper.errorbar(center, counts, xerr=half, yerr=np.sqrt(counts), color=COLORS["data"], label="On", **style)
    upper.set_ylim(bottom=0)
    upper.set_ylabel("Counts")
    upper.legend(frameon=False)
    errors = [np.abs(np.nan_to_num(np.asarray(table[f"excess_err{side}"], dtype=float))) for side in "np"]
    excess = np.asarray(table["excess"], dtype=float)
    middle.errorbar(center, excess, xerr=half, yerr=errors, color=COLORS["excess"], **style)
    middle.axhline(0, color="0.5", linewidth=0.8)
    middle.set_ylabel("Excess")
    significance = np.asarray(table["sqrt_ts"], dtype=float)
    lower.errorbar(center, significance, xerr=half, color=COLORS["model"], **style)
    lower.axhline(0, color="0.5", linewidth=0.8)
    lower.set_ylabel("Significance [σ]")
    lower.set_xlabel(r"$\theta^2$ [deg$^2$]")
    lower.set_xlim(edges[0], edges[-1])
    return axes
