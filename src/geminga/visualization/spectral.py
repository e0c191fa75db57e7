"""Spectra of models, with their error bands."""

from __future__ import annotations

import warnings

import numpy as np
from astropy import units as u

from ..maps import MapAxis
from ..units import to_quantity
from .figure import default_axes, energy_label, with_quantities

__all__ = ["flux_label", "plot_spectral_model", "plot_spectral_model_error"]

DEFAULT_UNIT = {
    "dnde": u.Unit("cm-2 s-1 TeV-1"),
    "flux": u.Unit("cm-2 s-1"),
    "eflux": u.Unit("erg cm-2 s-1"),
    "e2dnde": u.Unit("erg cm-2 s-1"),
    "norm": u.one,
}
_SYMBOL = {
    "dnde": r"dN/dE",
    "flux": "Flux",
    "eflux": "Energy flux",
    "e2dnde": r"$E^2$ dN/dE",
    "norm": "Norm",
}


def flux_label(sed_type, unit, energy_power=0) -> str:
    """Return the label of a flux axis."""
    power = f"$E^{{{energy_power:g}}}$ " if energy_power else ""
    text = f" [{unit.to_string('latex_inline')}]" if unit != u.one else ""
    return f"{power}{_SYMBOL.get(sed_type, sed_type)}{text}"


def _energies(energy_bounds, n_points):
    """Return the grid of a plot; bounds may be an axis, or two energies."""
    if isinstance(energy_bounds, MapAxis):
        return energy_bounds
    low, high = to_quantity(energy_bounds, name="energy_bounds")
    return MapAxis.from_energy_bounds(low, high, n_points)


def _values(model, axis, sed_type, samples=None, **error):
    """Return the fluxes of a model on an axis; with `error` options, three rows of value and errors."""
    edges = (axis.edges[:-1], axis.edges[1:])
    if not error:
        if sed_type in ("dnde", "norm"):
            return model(axis.center)
        if sed_type == "e2dnde":
            return axis.center**2 * model(axis.center)
        return model.integral(*edges) if sed_type == "flux" else model.energy_flux(*edges)
    if sed_type in ("dnde", "norm", "e2dnde"):
        result = model.evaluate_error(axis.center, samples=samples, **error)
        return result * axis.center**2 if sed_type == "e2dnde" else result
    function = model.integral_error if sed_type == "flux" else model.energy_flux_error
    return function(*edges, samples=samples, **error)


def powered_unit(unit, energy_power):
    """Return the unit of a flux times a power of energy: that of energy fluxes where it fits."""
    if not energy_power:
        return unit
    unit = unit * u.TeV**energy_power
    return DEFAULT_UNIT["eflux"] if unit.is_equivalent(DEFAULT_UNIT["eflux"]) else unit


def _scaled(values, energy, sed_type, energy_power, ax):
    """Return fluxes times a power of energy, in the unit that the axis has or shall have."""
    unit = DEFAULT_UNIT.get(sed_type, u.one)
    if not values.unit.is_equivalent(unit):
        unit = values.unit
    values = (values * energy**energy_power).to(powered_unit(unit, energy_power))
    own = ax.yaxis.units
    if own is not None and values.unit.is_equivalent(own):
        values = values.to(own)
    return values


def _dress(ax, energy_unit, label):
    ax.set_xscale("log")
    with warnings.catch_warnings():
        # a flat spectrum leaves no range; matplotlib widens it
        warnings.filterwarnings("ignore", message="Attempting to set identical")
        ax.set_yscale("log")
    ax.set_xlabel(energy_label(energy_unit))
    ax.set_ylabel(label)


def plot_spectral_model(
    model, energy_bounds, ax=None, sed_type="dnde", energy_power=0, n_points=100, **kwargs
):
    """Plot the spectrum of a model.

    Parameters
    ----------
    model : SpectralModel
    energy_bounds : pair of `~astropy.units.Quantity`, or `~geminga.maps.MapAxis`
        Range of the plot.
    ax : `~matplotlib.axes.Axes`, optional
    sed_type : {"dnde", "flux", "eflux", "e2dnde", "norm"}
    energy_power : float
        Power of energy by which the flux is multiplied.
    n_points : int
        Number of energies.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    if model.is_norm_spectral_model:
        sed_type = "norm"
    axis = _energies(energy_bounds, n_points)
    with with_quantities():
        energy = _in_axis_unit(axis.center, ax)
        values = _scaled(_values(model, axis, sed_type), axis.center, sed_type, energy_power, ax)
        ax.plot(energy, values, **kwargs)
    _dress(ax, energy.unit, flux_label(sed_type, values.unit, energy_power))
    return ax


def _in_axis_unit(energy, ax):
    own = ax.xaxis.units
    return energy.to(own) if own is not None and energy.unit.is_equivalent(own) else energy


def plot_spectral_model_error(
    model,
    energy_bounds,
    ax=None,
    sed_type="dnde",
    energy_power=0,
    n_points=100,
    n_samples=3500,
    random_state=42,
    samples=None,
    **kwargs,
):
    """Plot the error band of the spectrum of a model, from its covariance.

    Parameters
    ----------
    model, energy_bounds, ax, sed_type, energy_power, n_points
        As in `plot_spectral_model`.
    n_samples : int
        Number of draws for each parameter.
    random_state : int
        Seed of the draws.
    samples : ndarray, optional
        Draws to use instead.
    **kwargs
        Passed to `matplotlib.axes.Axes.fill_between`.
    """
    ax = default_axes(ax)
    if model.is_norm_spectral_model:
        sed_type = "norm"
    axis = _energies(energy_bounds, n_points)
    kwargs = {"facecolor": "0.4", "alpha": 0.3, "linewidth": 0, **kwargs}
    rows = _values(model, axis, sed_type, samples=samples, n_samples=n_samples, random_state=random_state)
    with with_quantities():
        energy = _in_axis_unit(axis.center, ax)
        center, low, high = (_scaled(row, axis.center, sed_type, energy_power, ax) for row in rows)
        bottom = np.clip(center - low, np.finfo(float).tiny * center.unit, None)
        ax.fill_between(energy, bottom, center + high, **kwargs)
    _dress(ax, energy.unit, flux_label(sed_type, center.unit, energy_power))
    return ax
