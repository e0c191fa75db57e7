"""Temporal models."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..errors import ModelError
from ..units import to_quantity
from .axes import brief, format_time_axis
from .figure import COLORS, default_axes, series_colors

__all__ = ["plot_light_curve_template", "plot_phasogram", "plot_temporal_model"]


def _times(time_range, n_points):
    """Return times from the start to the end of a range."""
    start, stop = Time(time_range[0]), Time(time_range[1])
    return start + np.linspace(0, 1, n_points) * (stop - start)


def _draw(ax, times, values, **kwargs):
    ax.plot(times.utc.datetime, values, **kwargs)
    format_time_axis(ax.xaxis)
    ax.set_ylabel("Norm")
    return ax


def plot_temporal_model(model, time_range, ax=None, n_points=100, **kwargs):
    """Plot a temporal model against time.

    Parameters
    ----------
    model : TemporalModel
    time_range : `~astropy.time.Time`, shape (2,)
    ax : `~matplotlib.axes.Axes`, optional
    n_points : int
        Number of times.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    times = _times(time_range, n_points)
    values = np.broadcast_to(u.Quantity(model(times)).to_value(""), times.shape)
    return _draw(default_axes(ax), times, values, **{"color": COLORS["model"], **kwargs})


def plot_light_curve_template(model, time_range, ax=None, n_points=100, energy=None, **kwargs):
    """Plot a light curve template against time, a line for each energy.

    Parameters
    ----------
    model : LightCurveTemplateTemporalModel
    time_range : `~astropy.time.Time`, shape (2,)
    ax : `~matplotlib.axes.Axes`, optional
    n_points : int
        Number of times.
    energy : `~astropy.units.Quantity`, optional
        For templates that depend on energy; by default three of the template.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    if not model.is_energy_dependent:
        if energy is not None:
            raise ModelError("energy must be None for a template without energies, got one. Leave it out.")
        return plot_temporal_model(model, time_range, ax=ax, n_points=n_points, **kwargs)
    ax = default_axes(ax)
    if energy is None:
        center = model.map.geom.axes["energy"].center
        energy = center[np.unique(np.linspace(0, len(center) - 1, 3).round().astype(int))]
    energy = np.atleast_1d(to_quantity(energy, name="energy"))
    times = _times(time_range, n_points)
    for value, color in zip(energy, series_colors(len(energy)), strict=True):
        norm = np.broadcast_to(u.Quantity(model(times, energy=value)).to_value("").ravel(), times.shape)
        _draw(ax, times, norm, **{"color": color, "label": brief(value), **kwargs})
    ax.legend(frameon=False)
    return ax


def plot_phasogram(model, ax=None, n_points=100, **kwargs):
    """Plot a phase curve over one period.

    Parameters
    ----------
    model : TemplatePhaseCurveTemporalModel
    ax : `~matplotlib.axes.Axes`, optional
    n_points : int
        Number of phases.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    phase = np.linspace(0, 1, n_points, endpoint=False)
    phase = np.append(phase, np.nextafter(1.0, 0.0))
    ax.plot(phase, model._line()(phase), **{"color": COLORS["model"], **kwargs})
    ax.set_xlim(0, 1)
    ax.set_xlabel("Phase")
    ax.set_ylabel("Norm")
    return ax
