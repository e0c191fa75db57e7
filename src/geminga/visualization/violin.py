"""Posterior samples of fluxes as violins."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import ConfigError
from ..units import to_quantity
from .figure import COLORS, default_axes, energy_label, label_with_unit

__all__ = ["plot_samples_violin_vs_energy"]


def plot_samples_violin_vs_energy(
    energy_edges,
    samples_per_band,
    weights_per_band=None,
    energy_power=0,
    bw_method="scott",
    grid_size=200,
    ax=None,
    errorbar_kwargs=None,
    errorbar_ul_kwargs=None,
    violin_kwargs=None,
    violin_clip=None,
    y_label="dN/dE",
):
    """Plot the distribution of samples in each energy band as a violin, with its median and 68% interval.

    Parameters
    ----------
    energy_edges : `~astropy.units.Quantity`, shape (n_bands + 1,)
    samples_per_band : list of `~astropy.units.Quantity` or array, shape (n_samples,) each
        Samples of the flux.
    weights_per_band : list of array, optional
        Weights of the samples.
    energy_power : float
        Power of energy by which samples are multiplied.
    bw_method : str, float or callable
        Bandwidth, see `scipy.stats.gaussian_kde`; where all samples are positive, that of their logarithm.
    grid_size : int
        Points at which densities are estimated.
    ax : `~matplotlib.axes.Axes`, optional
    errorbar_kwargs : dict, optional
        For medians and intervals, passed to `matplotlib.axes.Axes.errorbar`.
    errorbar_ul_kwargs : dict, optional
        For the 95% limits of bands whose interval reaches zero.
    violin_kwargs : dict, optional
        Passed to `matplotlib.axes.Axes.fill_betweenx`.
    violin_clip : pair of float, optional
        Quantiles at which violins end; by default 0.001 and 0.999.
    y_label : str

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    from scipy.stats import gaussian_kde

    edges = to_quantity(energy_edges, name="energy_edges")
    if len(samples_per_band) != len(edges) - 1:
        raise ConfigError(
            f"samples_per_band must hold one entry per band, {len(edges) - 1}, got {len(samples_per_band)}. "
            "Give one array of samples for each pair of edges."
        )
    ax = default_axes(ax)
    low, high = edges.value[:-1], edges.value[1:]
    center = np.sqrt(low * high)
    unit = getattr(samples_per_band[0], "unit", u.one)
    power = edges.unit**energy_power
    errorbar = {
        "fmt": "o",
        "markersize": 4,
        "color": COLORS["data"],
        "elinewidth": 1.3,
        **(errorbar_kwargs or {}),
    }
    limit = {
        "fmt": "none",
        "color": COLORS["data"],
        "elinewidth": 1.3,
        "capsize": 2.5,
        **(errorbar_ul_kwargs or {}),
    }
    violin = {"facecolor": COLORS["model"], "alpha": 0.35, "linewidth": 0, **(violin_kwargs or {})}
    clip = violin_clip or (0.001, 0.999)
    for band, samples in enumerate(samples_per_band):
        values = u.Quantity(samples, unit).value * center[band] ** energy_power
        weights = None if weights_per_band is None else np.asarray(weights_per_band[band], dtype=float)
        start, bottom, median, top, upper, stop = _quantiles(
            values, [clip[0], 0.16, 0.5, 0.84, 0.95, clip[1]], weights
        )
        logarithmic = np.all(values > 0)
        transform = np.log if logarithmic else np.asarray
        if np.ptp(values) > 0:
            grid = np.linspace(transform(start), transform(stop), grid_size)
            density = gaussian_kde(transform(values), bw_method=bw_method, weights=weights)(grid)
            density /= density.max()
            half = 0.45 * density * np.log(high[band] / low[band])
            y = np.exp(grid) if logarithmic else grid
            ax.fill_betweenx(y, center[band] * np.exp(-half), center[band] * np.exp(half), **violin)
        xerr = [[center[band] - low[band]], [high[band] - center[band]]]
        if bottom > 0:
            yerr = [[median - bottom], [top - median]]
            ax.errorbar(center[band], median, xerr=xerr, yerr=yerr, **errorbar)
        else:
            ax.errorbar(center[band], upper, xerr=xerr, yerr=0.4 * abs(upper), uplims=True, **limit)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel(energy_label(edges.unit))
    prefix = f"$E^{{{energy_power:g}}}$ " if energy_power else ""
    ax.set_ylabel(label_with_unit(prefix + y_label, unit * power))
    return ax


def _quantiles(values, levels, weights=None):
    """Return quantiles of weighted samples."""
    if weights is None:
        return np.quantile(values, levels)
    order = np.argsort(values)
    cumulative = np.cumsum(weights[order]) - 0.5 * weights[order]
    return np.interp(levels, cumulative / weights.sum(), values[order])
