"""Event lists and observations."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from matplotlib.colors import LogNorm

from ..maps import Map
from .figure import COLORS, add_colorbar, default_axes, energy_label, image_axes, label_with_unit, new_figure
from .maps.regions import sky_projection

__all__ = [
    "peek_events",
    "peek_observation",
    "plot_events_energy",
    "plot_events_energy_offset",
    "plot_events_image",
    "plot_events_offset2_distribution",
    "plot_events_time",
]


def _log_edges(energy, per_decade=12):
    energy = energy[np.isfinite(energy) & (energy > 0)]
    if not energy.size:
        return np.geomspace(0.1, 10, 2 * per_decade + 1)
    low, high = np.log10(energy.min()), np.log10(energy.max())
    return np.logspace(low, max(high, low + 0.1) + 1e-9, max(int((high - low) * per_decade), 5) + 1)


def plot_events_energy(events, ax=None, **kwargs):
    """Plot how many events have which energy.

    Parameters
    ----------
    events : EventList
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.hist`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    energy = events.energy.to_value("TeV")
    ax.hist(
        energy,
        **{"bins": _log_edges(energy), "histtype": "step", "color": COLORS["data"], "log": True, **kwargs},
    )
    ax.set_xscale("log")
    ax.set_xlabel(energy_label("TeV"))
    ax.set_ylabel("Events")
    return ax


def plot_events_time(events, ax=None, **kwargs):
    """Plot the rate of events against time.

    Parameters
    ----------
    events : EventList
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    seconds = np.sort(np.asarray(events.column("TIME"), dtype=float)) if len(events) else np.array([0.0])
    seconds = seconds - seconds[0]
    span = max(seconds[-1], 1.0)
    unit = next((name for name, size in (("d", 86400), ("h", 3600), ("min", 60)) if span > 8 * size), "s")
    scale = u.Unit(unit).to("s")
    # the square root keeps noise and detail in balance
    n_bins = int(np.clip(np.sqrt(len(seconds)), 5, 60))
    counts, edges = np.histogram(seconds, bins=np.linspace(0, span, n_bins + 1))
    width = np.diff(edges)
    style = {"fmt": "o", "markersize": 3, "elinewidth": 1, "color": COLORS["data"], **kwargs}
    ax.errorbar(
        0.5 * (edges[1:] + edges[:-1]) / scale,
        counts / width,
        xerr=width / 2 / scale,
        yerr=np.sqrt(counts) / width,
        **style,
    )
    ax.set_xlim(0, span / scale)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(f"Time since the first event [{unit}]")
    ax.set_ylabel(label_with_unit("Rate of events", "s-1"))
    return ax


def _center(events, center):
    return events._separation(center) if center is not None else events.offset


def plot_events_energy_offset(events, ax=None, center=None, **kwargs):
    """Plot how many events have which energy and offset.

    Parameters
    ----------
    events : EventList
    ax : `~matplotlib.axes.Axes`, optional
    center : `~astropy.coordinates.SkyCoord`, optional
        From where offsets are measured; by default the pointing.
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = image_axes(ax)
    energy = events.energy.to_value("TeV")
    offset = _center(events, center).to_value("deg")
    x = _log_edges(energy, per_decade=10)
    top = np.percentile(offset, 99) if len(offset) else 1.0
    y = np.linspace(0, max(1.1 * top, 0.1), 31)
    counts, _, _ = np.histogram2d(energy, offset, bins=(x, y))
    counts[counts == 0] = np.nan
    style = {"norm": LogNorm(1, max(np.nanmax(counts, initial=2.0), 2.0)), **kwargs}
    image = ax.pcolormesh(x, y, np.ma.masked_invalid(counts.T), **style)
    add_colorbar(image, ax, label="Events")
    ax.set_xscale("log")
    ax.set_xlabel(energy_label("TeV"))
    ax.set_ylabel("Offset [deg]")
    return ax


def plot_events_offset2_distribution(events, ax=None, center=None, max_percentile=98, **kwargs):
    """Plot how many events have which squared offset; a flat sky is a flat line.

    Parameters
    ----------
    events : EventList
    ax : `~matplotlib.axes.Axes`, optional
    center : `~astropy.coordinates.SkyCoord`, optional
        From where offsets are measured; by default the pointing.
    max_percentile : float
        Percentile of the offsets up to which to plot.
    **kwargs
        Passed to `matplotlib.axes.Axes.hist`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    offset = _center(events, center).to_value("deg")
    top = np.percentile(offset, max_percentile) ** 2 if len(offset) else 1.0
    style = {"bins": 30, "range": (0, top), "histtype": "step", "color": COLORS["data"], **kwargs}
    ax.hist(offset**2, **style)
    ax.set_xlim(left=0)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("Squared offset [deg$^2$]")
    ax.set_ylabel("Events")
    return ax


def _counts_image(events, allsky):
    """Return a map of the counts around most events, or of the whole sky."""
    if allsky:
        image = Map.create(npix=(360, 180), binsz=1.0, proj="AIT", frame="galactic", skydir=(0.0, 0.0))
    else:
        offset = events.offset if events.is_pointed_observation else events.offset_from_median
        center = events.pointing_radec if events.is_pointed_observation else events.galactic_median.icrs
        width = 2.1 * (np.percentile(offset.to_value("deg"), 98) if len(events) else 1.0)
        binsz = max(width / 120, 1e-3)
        image = Map.create(binsz=binsz, width=width, proj="TAN", frame="icrs", skydir=center)
    image.fill_by_coord(events.radec)
    return image


def plot_events_image(events, ax=None, allsky=False):
    """Plot a map of the counts, smoothed.

    Parameters
    ----------
    events : EventList
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    allsky : bool
        Show the whole sky; by default the field of view.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    image = _counts_image(events, allsky)
    if allsky:
        image.data[image.data == 0] = np.nan
    else:
        image = image.smooth(width=1.3 * image.geom.pixel_scales.mean(), kernel="gauss")
    return image.plot(ax=ax, stretch="sqrt")


def peek_events(events, allsky=False):
    """Show energies, offsets, times and positions of events.

    Parameters
    ----------
    events : EventList
    allsky : bool
        Show the whole sky instead of the field of view.
    """
    figure = new_figure((13, 8), compress=True)
    rows = figure.add_gridspec(2, 3)
    if allsky:
        sky = rows[0, :2]
    else:
        sky = rows[0, 0]
        offset2 = figure.add_subplot(rows[0, 1])
    image = _counts_image(events, allsky)
    ax = figure.add_subplot(sky, **sky_projection(image.geom))
    plot_events_image(events, ax=ax, allsky=allsky)
    if not allsky:
        center = None if events.is_pointed_observation else events.galactic_median
        plot_events_offset2_distribution(events, ax=offset2, center=center)
        plot_events_energy_offset(events, ax=figure.add_subplot(rows[1, 2]), center=center)
    plot_events_energy(events, ax=figure.add_subplot(rows[0, 2]))
    plot_events_time(events, ax=figure.add_subplot(rows[1, :2] if not allsky else rows[1, :]))


def peek_observation(observation, figsize=(15, 10)):
    """Show the events and the instrument response of an observation.

    Parameters
    ----------
    observation : Observation
    figsize : tuple
    """
    from .irf import (
        plot_aeff_energy_dependence,
        plot_background_spectrum,
        plot_containment_radius_vs_energy,
        plot_edisp_bias,
        plot_rad_max_vs_energy,
    )

    responses = [
        ("aeff", "Effective area", plot_aeff_energy_dependence),
        ("edisp", "Energy dispersion", plot_edisp_bias),
        ("psf", "Point spread function", plot_containment_radius_vs_energy),
        ("bkg", "Background", plot_background_spectrum),
        ("rad_max", "Radius of the cut", plot_rad_max_vs_energy),
    ]
    there = [
        (title, draw, getattr(observation, name))
        for name, title, draw in responses
        if name in observation.available_irfs
    ]
    has_events = "events" in observation.available_hdus or observation.events is not None
    n = len(there) + has_events
    ncols = min(3, max(n, 1))
    nrows = max(-(-n // ncols), 1)
    figure = new_figure(figsize, compress=True)
    place = 1
    if has_events:
        image = _counts_image(observation.events, allsky=False)
        ax = figure.add_subplot(nrows, ncols, place, projection=image.geom.wcs)
        plot_events_image(observation.events, ax=ax)
        ax.set_title("Events")
        place += 1
    for number, (title, draw, response) in enumerate(there):
        ax = figure.add_subplot(nrows, ncols, place + number)
        draw(response, ax=ax)
        ax.set_title(title)
