"""Flux points, light curves and likelihood profiles."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from .axes import axis_label, format_time_axis
from .figure import add_colorbar, default_axes, energy_label, with_quantities
from .maps.grid import bin_label
from .spectral import DEFAULT_UNIT, flux_label, powered_unit

__all__ = ["plot_flux_points", "plot_ts_profiles"]


def _errors(points, sed_type, shape):
    """Return value, errors, limit and which points are limits, flat arrays in the default unit."""
    unit = DEFAULT_UNIT[sed_type]
    stem = "norm" if sed_type == "norm" else sed_type

    def column(suffix):
        if f"norm{suffix}" not in points.available_quantities:
            return None
        return getattr(points, f"{stem}{suffix}").quantity.to_value(unit).reshape(shape)

    value, symmetric = column(""), column("_err")
    low, high = column("_errn"), column("_errp")
    if low is None or high is None:
        low = high = symmetric
    limit = column("_ul")
    is_limit = points.is_ul.data.reshape(shape)
    return value, low, high, limit, is_limit


def plot_flux_points(
    points, ax=None, sed_type=None, energy_power=0, time_format="iso", axis_name=None, **kwargs
):
    """Plot fluxes against energy, time or position; limits as arrows.

    Parameters
    ----------
    points : FluxPoints
    ax : `~matplotlib.axes.Axes`, optional
    sed_type : {"dnde", "flux", "eflux", "e2dnde", "norm"}, optional
        By default that of the input.
    energy_power : float
        Power of energy by which the flux is multiplied.
    time_format : {"iso", "mjd"}
        How times are written.
    axis_name : str, optional
        Axis along which to plot. By default the one with more than one bin.
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    sed_type = sed_type or points.sed_type_plot_default
    names = points.geom.axes.names
    if axis_name is None:
        long = [name for name in names if points.geom.axes[name].nbin > 1]
        axis_name = "energy" if "energy" in long or not long else long[-1]
    ax = default_axes(ax)
    axes = points.geom.axes
    shape = tuple(axis.nbin for axis in axes[::-1])
    value, low, high, limit, is_limit = _errors(points, sed_type, shape)
    unit = DEFAULT_UNIT[sed_type]
    energy = axes["energy"].center
    if energy_power:
        e_shape = [1] * len(shape)
        e_shape[len(shape) - 1 - names.index("energy")] = -1
        factor = energy.value.reshape(e_shape) ** energy_power
        target = powered_unit(unit, energy_power)
        factor = factor * (unit * energy.unit**energy_power).to(target)
        unit = target
        value, low, high, limit = (None if x is None else x * factor for x in (value, low, high, limit))
    position = len(shape) - 1 - names.index(axis_name)
    columns = [None if x is None else np.moveaxis(x, position, -1).reshape(-1, shape[position]) for x in
               (value, low, high, limit, is_limit)]  # fmt: skip
    others = [axis for axis in axes if axis.name != axis_name and axis.nbin > 1]
    kwargs = {"fmt": "o", "markersize": 4.5, "elinewidth": 1.3, "capsize": 0, **kwargs}
    kwargs.pop("fmt") if "marker" in kwargs or "ls" in kwargs or "linestyle" in kwargs else None
    if "fmt" not in kwargs:
        kwargs.setdefault("marker", "o")
        kwargs.setdefault("linestyle", kwargs.pop("ls", "none"))
    with with_quantities():
        own = ax.yaxis.units
        scale = unit.to(own) if own is not None and unit.is_equivalent(own) else 1.0
        unit = own if scale != 1.0 else unit
        for row in range(len(columns[0])):
            label = {} if not others or "label" in kwargs else {"label": _row_label(others[0], row)}
            _plot_row(
                ax,
                axes[axis_name],
                [None if c is None else c[row] for c in columns],
                scale,
                unit,
                {**kwargs, **label},
                time_format,
            )
    if axis_name == "energy":
        ax.set_xscale("log")
        ax.set_xlabel(energy_label(energy.unit))
    elif axis_name == "time":
        format_time_axis(ax.xaxis, time_format)
    else:
        ax.set_xlabel(axis_label(axes[axis_name]))
    if axis_name != "time":
        ax.set_yscale("log")
    ax.set_ylabel(flux_label(sed_type, u.Unit(unit), energy_power))
    if others and "label" not in kwargs:
        ax.legend()
    return ax


def _row_label(axis, row):
    return bin_label(axis, row)


def _times(axis, time_format):
    """Return middles and half widths of time intervals, as dates or as MJD."""
    low, high = axis.time_min, axis.time_max
    if time_format == "mjd":
        low, high = low.utc.mjd, high.utc.mjd
        middle = 0.5 * (low + high)
    else:
        low, high = low.utc.datetime, high.utc.datetime
        middle = low + (high - low) / 2
    return middle, np.array([middle - low, high - middle])


def _plot_row(ax, axis, columns, scale, unit, kwargs, time_format="iso"):
    """Plot one row of points: values with errors, limits as arrows."""
    value, low, high, limit, is_limit = columns
    good = np.isfinite(value) & ~is_limit
    if axis.name == "time":
        x, xerr = _times(axis, time_format)
    else:
        x = axis.center
        own = ax.xaxis.units
        x_unit = own if own is not None and x.unit.is_equivalent(own) else x.unit
        edges = axis.edges.to(x_unit)
        x = x.to(x_unit)
        xerr = u.Quantity([x - edges[:-1], edges[1:] - x]) if axis.node_type == "edges" else None
    yerr = None if low is None else np.array([low, high])[:, good] * scale
    container = ax.errorbar(
        x[good],
        u.Quantity(value[good] * scale, unit),
        yerr=None if yerr is None else u.Quantity(np.abs(np.nan_to_num(yerr)), unit),
        xerr=None if xerr is None else xerr[:, good],
        **kwargs,
    )
    arrows = np.zeros_like(good) if limit is None else is_limit & np.isfinite(limit)
    if arrows.any():
        height = u.Quantity(limit[arrows] * scale, unit)
        style = {k: v for k, v in kwargs.items() if k not in ("label", "fmt", "marker", "linestyle", "color")}
        ax.errorbar(
            x[arrows],
            height,
            yerr=0.4 * height,
            uplims=True,
            xerr=None if xerr is None else xerr[:, arrows],
            fmt="none",
            color=container[0].get_color(),
            **{**style, "capsize": 2.5},
        )


def plot_ts_profiles(points, ax=None, sed_type=None, add_cbar=True, axis_name=None, **kwargs):
    """Plot the likelihood profile of each point as a colour behind the points.

    Parameters
    ----------
    points : FluxPoints
        With ``stat_scan``.
    ax : `~matplotlib.axes.Axes`, optional
    sed_type : {"dnde", "flux", "eflux", "e2dnde"}, optional
        By default that of the input.
    add_cbar : bool
        Add a colour bar.
    axis_name : str, optional
        Accepted for scripts; profiles are drawn along energy.
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    sed_type = sed_type or points.sed_type_plot_default
    unit = DEFAULT_UNIT[sed_type]
    scan = points.ts_scan
    norms = scan.geom.axes["norm"].center.to_value("")
    reference = getattr(points, f"{sed_type}_ref").to_value(unit).reshape(-1)
    edges = points.energy_axis.edges
    values = np.geomspace(norms.min() * np.nanmin(reference), norms.max() * np.nanmax(reference), 200)
    centers = np.sqrt(values[1:] * values[:-1])
    image = np.full((centers.size, reference.size), np.nan)
    for column, (ref, profile) in enumerate(zip(reference, scan.data[..., 0, 0], strict=True)):
        good = np.isfinite(profile)
        if good.sum() > 1:
            image[:, column] = np.interp(centers, norms[good] * ref, profile[good], left=np.nan, right=np.nan)
    kwargs = {"cmap": "viridis_r", "vmin": 0, "vmax": 9, "shading": "flat", **kwargs}
    mesh = ax.pcolormesh(edges.value, values, np.ma.masked_invalid(image), **kwargs)
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel(energy_label(edges.unit))
    ax.set_ylabel(flux_label(sed_type, unit))
    if add_cbar:
        add_colorbar(mesh, ax, label=r"$\Delta$ stat")
    return ax
