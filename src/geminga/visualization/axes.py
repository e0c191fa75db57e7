"""Axes of maps on axes of plots."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..maps import LabelMapAxis, MapAxis, TimeMapAxis
from .figure import label_with_unit

__all__ = ["axis_label", "brief", "format_plot_xaxis", "format_plot_yaxis", "format_time_axis", "readable"]

_NAMES = {
    "energy": "Energy",
    "energy_true": "True energy",
    "offset": "Offset",
    "rad": "Angular distance",
    "migra": r"$E_\mathrm{reco}\,/\,E_\mathrm{true}$",
    "fov_lon": "FoV longitude",
    "fov_lat": "FoV latitude",
    "dataset-idx": "Dataset",
    "theta2": r"$\theta^2$",
}


def axis_label(axis) -> str:
    """Return the label of an axis: what it is, and its unit."""
    name = _NAMES.get(axis.name) or axis.name.replace("_", " ").replace("-", " ").strip().capitalize()
    return label_with_unit(name, getattr(axis, "unit", "") or "")


def readable(quantity):
    """Return energies in the unit that makes them short; other quantities as they are.

    Examples
    --------
    >>> readable(2e7 * u.keV)
    <Quantity 20. GeV>
    """
    quantity = u.Quantity(quantity)
    largest = np.max(np.abs(quantity.value), initial=0.0)
    if not quantity.unit.is_equivalent("eV") or 1e-3 <= largest < 1e4 or not largest > 0:
        return quantity
    in_ev = np.max(np.abs(quantity.to_value("eV")))
    prefix = min(max(int(np.floor(np.log10(in_ev) / 3)), 0), 5)
    return quantity.to(["eV", "keV", "MeV", "GeV", "TeV", "PeV"][prefix])


def brief(quantity) -> str:
    """Return a quantity in few figures.

    Examples
    --------
    >>> brief(0.30000001 * u.TeV)
    '0.3 TeV'
    """
    quantity = readable(quantity)
    unit = "deg" if quantity.unit == u.deg else quantity.unit.to_string("unicode")
    return f"{quantity.value:.3g} {unit}".strip()


def _format(axis, along):
    """Set scale, label and ticks of one direction of a plot."""
    if isinstance(axis, TimeMapAxis):
        format_time_axis(along)
        return
    if isinstance(axis, LabelMapAxis):
        along.set_ticks(np.asarray(axis.as_plot_center, dtype=float), axis.as_plot_labels)
        along.axes.tick_params(axis=along.axis_name, labelrotation=30)
    along.set_label_text(axis_label(axis))


def format_time_axis(along, time_format="iso", name="Time"):
    """Write dates along an axis that holds times as datetimes, or numbers for "mjd"."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    if time_format == "mjd":
        along.set_label_text(f"{name} [MJD]")
        along.get_major_formatter().set_useOffset(False)
        return
    locator = AutoDateLocator(minticks=3, maxticks=7)
    along.set_major_locator(locator)
    along.set_major_formatter(ConciseDateFormatter(locator))
    along.set_label_text(f"{name} [UTC]")


def format_plot_xaxis(axis, ax):
    """Set scale, label and ticks of the x axis of a plot.

    Parameters
    ----------
    axis : `~geminga.maps.MapAxis`, `~geminga.maps.TimeMapAxis` or `~geminga.maps.LabelMapAxis`
    ax : `~matplotlib.axes.Axes`

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    if isinstance(axis, MapAxis):
        ax.set_xscale(axis.as_plot_scale)
    _format(axis, ax.xaxis)
    return ax


def format_plot_yaxis(axis, ax):
    """Set scale, label and ticks of the y axis of a plot.

    Parameters
    ----------
    axis : `~geminga.maps.MapAxis`
    ax : `~matplotlib.axes.Axes`

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    if isinstance(axis, MapAxis):
        ax.set_yscale(axis.as_plot_scale)
    _format(axis, ax.yaxis)
    return ax
