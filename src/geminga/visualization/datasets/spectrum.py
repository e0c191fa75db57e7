"""Spectral datasets: counts, excess, fit."""

from __future__ import annotations

import numpy as np

from ..figure import COLORS, default_axes, energy_label, new_figure
from .panels import dress, energies, shade_masks, spectrum_of, two_axes, used_energies
from .residuals import plot_residuals_spectral

__all__ = ["peek_spectrum_dataset", "plot_counts", "plot_excess", "plot_fit", "plot_masks"]


def _steps(ax, edges, values, **kwargs):
    ax.stairs(values, edges, baseline=None, **kwargs)


def plot_counts(dataset, ax=None, kwargs_counts=None, kwargs_background=None, **kwargs):
    """Plot counts and background against energy.

    Parameters
    ----------
    dataset : SpectrumDataset
    ax : `~matplotlib.axes.Axes`, optional
    kwargs_counts, kwargs_background : dict, optional
        Passed to `matplotlib.axes.Axes.stairs`.
    **kwargs
        For both.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    edges, _, _ = energies(dataset)
    shade_masks(ax, dataset)
    if dataset.counts is not None:
        style = {"color": COLORS["data"], "label": "Counts", **kwargs, **(kwargs_counts or {})}
        _steps(ax, edges, spectrum_of(dataset.counts), **style)
    if dataset.background is not None:
        label = "Background, from off counts" if hasattr(dataset, "counts_off") else "Background"
        style = {"color": COLORS["background"], "label": label, **kwargs, **(kwargs_background or {})}
        _steps(ax, edges, spectrum_of(dataset.background), **style)
    dress(ax, dataset)
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    return ax


def plot_excess(dataset, ax=None, kwargs_excess=None, kwargs_npred_signal=None, **kwargs):
    """Plot the excess with its errors, and what the models predict.

    Parameters
    ----------
    dataset : SpectrumDataset
    ax : `~matplotlib.axes.Axes`, optional
    kwargs_excess : dict, optional
        Passed to `matplotlib.axes.Axes.errorbar`.
    kwargs_npred_signal : dict, optional
        Passed to `matplotlib.axes.Axes.stairs`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    edges, center, _ = energies(dataset)
    excess, low, high = _excess_with_errors(dataset)
    shade_masks(ax, dataset)
    style = {"fmt": "o", "markersize": 4, "color": COLORS["data"], "label": "Excess", **(kwargs_excess or {})}
    used = used_energies(dataset)
    x, xerr = center[used], np.array([center - edges[:-1], edges[1:] - center])[:, used]
    ax.errorbar(x, excess[used], yerr=[low[used], high[used]], xerr=xerr, **style)
    if dataset.models:
        style = {"color": COLORS["model"], "label": "Model", "linewidth": 1.6, **(kwargs_npred_signal or {})}
        _steps(ax, edges, spectrum_of(dataset.npred_signal()), **style)
    ax.axhline(0, color="0.6", linewidth=0.8)
    dress(ax, dataset, "Excess counts")
    ax.legend(frameon=False)
    return ax


def _excess_with_errors(dataset):
    from ...stats import CashCountsStatistic, WStatCountsStatistic

    counts, background = spectrum_of(dataset.counts), spectrum_of(dataset.background)
    if hasattr(dataset, "counts_off"):
        alpha = np.nan_to_num(spectrum_of(dataset.alpha))
        statistic = WStatCountsStatistic(counts, spectrum_of(dataset.counts_off), alpha)
    else:
        statistic = CashCountsStatistic(counts, background)
    low, high = (
        np.nan_to_num(np.asarray(e, dtype=float))
        for e in (statistic.compute_errn(), statistic.compute_errp())
    )
    return counts - background, np.maximum(low, 0), np.maximum(high, 0)


def plot_fit(dataset, ax_spectrum=None, ax_residuals=None, kwargs_spectrum=None, kwargs_residuals=None):
    """Plot excess and model above their residuals.

    Parameters
    ----------
    dataset : SpectrumDataset
        With models.
    ax_spectrum, ax_residuals : `~matplotlib.axes.Axes`, optional
    kwargs_spectrum : dict, optional
        Passed to `plot_excess`.
    kwargs_residuals : dict, optional
        Passed to `plot_residuals_spectral`.

    Returns
    -------
    tuple of `~matplotlib.axes.Axes`
    """
    ax_spectrum, ax_residuals = two_axes(ax_spectrum, ax_residuals)
    plot_excess(dataset, ax=ax_spectrum, **(kwargs_spectrum or {}))
    plot_residuals_spectral(
        dataset, ax=ax_residuals, **{"method": "diff/sqrt(model)", **(kwargs_residuals or {})}
    )
    ax_spectrum.set_xlabel("")
    return ax_spectrum, ax_residuals


def plot_masks(dataset, ax=None, kwargs_fit=None, kwargs_safe=None):
    """Plot which energies are safe and which are fitted.

    Parameters
    ----------
    dataset : SpectrumDataset
    ax : `~matplotlib.axes.Axes`, optional
    kwargs_fit, kwargs_safe : dict, optional
        Passed to `matplotlib.axes.Axes.fill_between`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    edges, _, _ = energies(dataset)
    rows = [
        ("mask_fit", "Fit mask", COLORS["model"], kwargs_fit),
        ("mask_safe", "Safe mask", COLORS["excess"], kwargs_safe),
    ]
    for name, label, color, style in rows:
        mask = getattr(dataset, name)
        if mask is None:
            continue
        used = np.asarray(mask.data, dtype=bool).reshape(len(edges) - 1, -1).any(axis=1)
        ax.fill_between(
            edges,
            0,
            1,
            where=np.append(used, used[-1]),
            step="post",
            transform=ax.get_xaxis_transform(),
            **{"color": color, "alpha": 0.15, "label": label, "linewidth": 0, **(style or {})},
        )
    if not ax.lines:
        ax.set_yticks([])
        ax.set_ylim(0, 1)
    dress(ax, dataset, "")
    ax.legend(frameon=False)
    return ax


def peek_spectrum_dataset(dataset, figsize=(16, 4)):
    """Show counts, exposure and energy dispersion of a spectral dataset side by side.

    Parameters
    ----------
    dataset : SpectrumDataset
    figsize : tuple
    """
    figure = new_figure(figsize)
    axes = figure.subplots(1, 3)
    axes[0].set_title("Counts")
    if dataset.counts is not None:
        plot_counts(dataset, ax=axes[0])
    axes[1].set_title("Exposure")
    if dataset.exposure is not None:
        axis = dataset.exposure.geom.axes["energy_true"]
        axes[1].stairs(
            dataset.exposure.data.reshape(-1), axis.edges.value, baseline=None, color=COLORS["data"]
        )
        axes[1].set_xscale("log")
        axes[1].set_yscale("log")
        axes[1].set_xlabel(energy_label(axis.unit, "True energy"))
        axes[1].set_ylabel(f"Exposure [{dataset.exposure.unit.to_string('latex_inline')}]")
    axes[2].set_title("Energy dispersion")
    if dataset.edisp is not None and dataset.exposure is not None:
        from ...likelihood.region_response import energy_dispersion_matrix

        matrix = energy_dispersion_matrix(dataset)
        true, reco = dataset.exposure.geom.axes["energy_true"], dataset._geom.axes["energy"]
        matrix = np.ma.masked_less_equal(matrix.T, 0)
        axes[2].pcolormesh(true.edges.value, reco.edges.to_value(true.unit), matrix, cmap="GnBu")
        axes[2].set_xscale("log")
        axes[2].set_yscale("log")
        axes[2].set_xlabel(energy_label(true.unit, "True energy"))
        axes[2].set_ylabel(energy_label(true.unit))
