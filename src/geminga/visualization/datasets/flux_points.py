"""Flux-point datasets: points, model, residuals."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..figure import COLORS, default_axes, energy_label, log_limits
from ..flux_points import plot_flux_points
from ..spectral import DEFAULT_UNIT, plot_spectral_model, plot_spectral_model_error
from .panels import two_axes

__all__ = ["plot_flux_points_fit", "plot_flux_points_residuals", "plot_flux_points_spectrum"]


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
    ax_spectrum, ax_residuals = two_axes(ax_spectrum, ax_residuals)
    plot_flux_points_spectrum(dataset, ax=ax_spectrum, **(kwargs_spectrum or {}))
    plot_flux_points_residuals(
        dataset, ax=ax_residuals, **{"method": "diff/model", **(kwargs_residuals or {})}
    )
    ax_spectrum.set_xlabel("")
    return ax_spectrum, ax_residuals
