"""Spectral and flux-point datasets: counts, fits, residuals."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from .figure import COLORS, default_axes, energy_label, log_limits, new_figure
from .flux_points import plot_flux_points
from .spectral import DEFAULT_UNIT, plot_spectral_model, plot_spectral_model_error

__all__ = [
    "peek_spectrum_dataset",
    "plot_counts",
    "plot_excess",
    "plot_fit",
    "plot_flux_points_fit",
    "plot_flux_points_residuals",
    "plot_flux_points_spectrum",
    "plot_masks",
    "plot_residuals_spectral",
]


def _spectrum(map_):
    return np.asarray(map_.data, dtype=float).reshape(map_.geom.axes["energy"].nbin, -1).sum(axis=1)


def _energy(dataset):
    axis = dataset._geom.axes["energy"]
    return axis.edges.value, axis.center.value, axis.unit


def _steps(ax, edges, values, **kwargs):
    ax.stairs(values, edges, baseline=None, **kwargs)


def _dress(ax, dataset, ylabel="Counts"):
    edges, _, unit = _energy(dataset)
    ax.set_xscale("log")
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel(energy_label(unit))
    ax.set_ylabel(ylabel)


def _shade_masks(ax, dataset):
    """Shade the energies that are not used."""
    mask = dataset.mask
    if mask is None:
        return
    edges, _, _ = _energy(dataset)
    used = np.asarray(mask.data, dtype=bool).reshape(len(edges) - 1, -1).any(axis=1)
    for low, high in zip(edges[:-1][~used], edges[1:][~used], strict=True):
        ax.axvspan(low, high, color="0.92", linewidth=0, zorder=0)


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
    edges, _, _ = _energy(dataset)
    _shade_masks(ax, dataset)
    if dataset.counts is not None:
        style = {"color": COLORS["data"], "label": "Counts", **kwargs, **(kwargs_counts or {})}
        _steps(ax, edges, _spectrum(dataset.counts), **style)
    if dataset.background is not None:
        label = "Background, from off counts" if hasattr(dataset, "counts_off") else "Background"
        style = {"color": COLORS["background"], "label": label, **kwargs, **(kwargs_background or {})}
        _steps(ax, edges, _spectrum(dataset.background), **style)
    _dress(ax, dataset)
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
    edges, center, _ = _energy(dataset)
    excess, low, high = _excess_with_errors(dataset)
    _shade_masks(ax, dataset)
    style = {"fmt": "o", "markersize": 4, "color": COLORS["data"], "label": "Excess", **(kwargs_excess or {})}
    ax.errorbar(center, excess, yerr=[low, high], xerr=[center - edges[:-1], edges[1:] - center], **style)
    if dataset.models:
        style = {"color": COLORS["model"], "label": "Model", "linewidth": 1.6, **(kwargs_npred_signal or {})}
        _steps(ax, edges, _spectrum(dataset.npred_signal()), **style)
    ax.axhline(0, color="0.6", linewidth=0.8)
    _dress(ax, dataset, "Excess counts")
    ax.legend(frameon=False)
    return ax


def _excess_with_errors(dataset):
    from ..stats import CashCountsStatistic, WStatCountsStatistic

    counts, background = _spectrum(dataset.counts), _spectrum(dataset.background)
    if hasattr(dataset, "counts_off"):
        alpha = np.nan_to_num(_spectrum(dataset.alpha))
        statistic = WStatCountsStatistic(counts, _spectrum(dataset.counts_off), alpha)
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
    ax_spectrum, ax_residuals = _two_axes(ax_spectrum, ax_residuals)
    plot_excess(dataset, ax=ax_spectrum, **(kwargs_spectrum or {}))
    plot_residuals_spectral(
        dataset, ax=ax_residuals, **{"method": "diff/sqrt(model)", **(kwargs_residuals or {})}
    )
    ax_spectrum.set_xlabel("")
    return ax_spectrum, ax_residuals


def _two_axes(upper=None, lower=None):
    if upper is not None and lower is not None:
        return upper, lower
    figure = new_figure((8, 6))
    grid = figure.add_gridspec(2, 1, height_ratios=[3, 1.2])
    upper = figure.add_subplot(grid[0]) if upper is None else upper
    lower = figure.add_subplot(grid[1], sharex=upper) if lower is None else lower
    return upper, lower


def plot_residuals_spectral(
    dataset, ax=None, method="diff", region=None, kwargs_fit=None, kwargs_safe=None, **kwargs
):
    """Plot residuals of the counts against energy.

    Parameters
    ----------
    dataset : MapDataset
    ax : `~matplotlib.axes.Axes`, optional
    method : {"diff", "diff/sqrt(model)", "diff/model"}
    region : `~regions.SkyRegion`, optional
        Take the counts inside of a map.
    kwargs_fit, kwargs_safe : dict, optional
        Accepted for scripts; unused energies are shaded.
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    if region is not None and not dataset._geom.is_region:
        dataset = (
            dataset.to_spectrum_dataset(region)
            if not dataset.models
            else dataset.to_region_map_dataset(region)
        )
    edges, center, _ = _energy(dataset)
    counts, predicted = _spectrum(dataset.counts), _spectrum(dataset.npred())
    error = np.sqrt(np.maximum(counts, 1.0))
    scale = {
        "diff": np.ones_like(predicted),
        "diff/model": predicted,
        "diff/sqrt(model)": np.sqrt(predicted),
    }[method]
    good = scale > 0
    style = {"fmt": "o", "markersize": 4, "color": COLORS["data"], "elinewidth": 1, **kwargs}
    _shade_masks(ax, dataset)
    ax.errorbar(
        center[good],
        ((counts - predicted)[good] / scale[good]),
        yerr=error[good] / scale[good],
        xerr=[(center - edges[:-1])[good], (edges[1:] - center)[good]],
        **style,
    )
    ax.axhline(0, color="0.5", linewidth=0.8)
    limit = np.nanmax(np.abs(ax.get_ylim()))
    ax.set_ylim(-limit, limit)
    label = {
        "diff": "Data − model",
        "diff/model": "(Data − model)\n/ model",
        "diff/sqrt(model)": "(Data − model)\n/ √model",
    }
    _dress(ax, dataset, label[method])
    return ax


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
    edges, _, _ = _energy(dataset)
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
    _dress(ax, dataset, "")
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
        from ..likelihood.region_response import energy_dispersion_matrix

        matrix = energy_dispersion_matrix(dataset)
        true, reco = dataset.exposure.geom.axes["energy_true"], dataset._geom.axes["energy"]
        axes[2].pcolormesh(true.edges.value, reco.edges.to_value(true.unit), matrix.T, cmap="viridis")
        axes[2].set_xscale("log")
        axes[2].set_yscale("log")
        axes[2].set_xlabel(energy_label(true.unit, "True energy"))
        axes[2].set_ylabel(energy_label(true.unit))


# -------------------------------------------------------------------------------------- flux points


def _bounds(dataset):
    edges = dataset.data.energy_axis.edges
    return u.Quantity([edges[0], edges[-1]])


def plot_flux_points_spectrum(dataset, ax=None, kwargs_fp=None, kwargs_model=None, axis_name="energy"):
    """Plot flux points with the model and its error band.

    Parameters
    ----------
    dataset : FluxPointsDataset
    ax : `~matplotlib.axes.Axes`, optional
    kwargs_fp, kwargs_model : dict, optional
        Passed to the plots of points and of models.
    axis_name : {"energy", "time"}

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    kwargs_fp = {"sed_type": "e2dnde", "label": "Flux points", "color": COLORS["data"], **(kwargs_fp or {})}
    plot_flux_points(dataset.data, ax=ax, axis_name=axis_name, **kwargs_fp)
    limits = ax.get_ylim()
    if axis_name == "energy":
        for model in dataset.models or ():
            kwargs = {"sed_type": kwargs_fp["sed_type"], **(kwargs_model or {})}
            color = kwargs.setdefault("color", COLORS["model"])
            kwargs.setdefault("label", model.name)
            spectrum = model.spectral_model
            plot_spectral_model(spectrum, _bounds(dataset), ax=ax, **kwargs)
            if spectrum.covariance is not None and np.any(np.asarray(spectrum.covariance.data)):
                plot_spectral_model_error(
                    spectrum,
                    _bounds(dataset),
                    ax=ax,
                    sed_type=kwargs["sed_type"],
                    facecolor=color,
                    alpha=0.25,
                )
    ax.set_ylim(_flux_limits(dataset, kwargs_fp["sed_type"]) or limits)
    ax.legend(frameon=False)
    return ax


def _flux_limits(dataset, sed_type):
    points, unit = dataset.data, DEFAULT_UNIT[sed_type]
    value = getattr(points, sed_type).quantity.to_value(unit).ravel()
    is_limit = points.is_ul.data.ravel()
    shown = value[~is_limit]
    if points.has_ul:
        shown = np.append(shown, getattr(points, f"{sed_type}_ul").quantity.to_value(unit).ravel()[is_limit])
    return log_limits(shown, margin=3.0)


def plot_flux_points_residuals(dataset, ax=None, method="diff", **kwargs):
    """Plot residuals of flux points against energy.

    Parameters
    ----------
    dataset : FluxPointsDataset
    ax : `~matplotlib.axes.Axes`, optional
    method : {"diff", "diff/model"}
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    points = dataset.data
    axis = points.energy_axis
    residuals = dataset.residuals(method)
    values = np.asarray(getattr(residuals, "value", residuals), dtype=float).ravel()
    unit = getattr(residuals, "unit", u.one)
    error = points.dnde_err.quantity if "norm_err" in points.available_quantities else None
    if error is not None:
        if method == "diff/model":
            predicted = u.Quantity(dataset.flux_pred()).reshape(error.shape)
            error = (error / predicted).to_value("").ravel()
        else:
            error = error.to_value(unit).ravel()
    good = np.isfinite(values) & ~points.is_ul.data.ravel()
    center, edges = axis.center.value, axis.edges.value
    style = {"fmt": "o", "markersize": 4, "color": COLORS["data"], **kwargs}
    ax.errorbar(
        center[good],
        values[good],
        yerr=None if error is None else np.nan_to_num(np.abs(error[good])),
        xerr=[(center - edges[:-1])[good], (edges[1:] - center)[good]],
        **style,
    )
    ax.axhline(0, color="0.5", linewidth=0.8)
    ax.set_xscale("log")
    ax.set_xlabel(energy_label(axis.unit))
    ax.set_ylabel(
        "(Data − model)\n/ model"
        if method == "diff/model"
        else f"Data − model\n[{u.Unit(unit):latex_inline}]"
    )
    limit = np.nanmax(np.abs(ax.get_ylim()))
    ax.set_ylim(-limit, limit)
    return ax


def plot_flux_points_fit(
    dataset, ax_spectrum=None, ax_residuals=None, kwargs_spectrum=None, kwargs_residuals=None
):
    """Plot flux points and model above their residuals.

    Parameters
    ----------
    dataset : FluxPointsDataset
    ax_spectrum, ax_residuals : `~matplotlib.axes.Axes`, optional
    kwargs_spectrum : dict, optional
        Passed to `plot_flux_points_spectrum`.
    kwargs_residuals : dict, optional
        Passed to `plot_flux_points_residuals`.

    Returns
    -------
    tuple of `~matplotlib.axes.Axes`
    """
    ax_spectrum, ax_residuals = _two_axes(ax_spectrum, ax_residuals)
    plot_flux_points_spectrum(dataset, ax=ax_spectrum, **(kwargs_spectrum or {}))
    plot_flux_points_residuals(
        dataset, ax=ax_residuals, **{"method": "diff/model", **(kwargs_residuals or {})}
    )
    ax_spectrum.set_xlabel("")
    return ax_spectrum, ax_residuals
