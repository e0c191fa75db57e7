"""Region maps: values along an axis."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import GeometryError
from ...maps import LabelMapAxis
from ..axes import format_plot_xaxis
from ..figure import COLORS, CYCLE, default_axes, label_with_unit, series_colors, with_quantities
from .grid import bin_label

__all__ = ["plot_region_map", "plot_region_map_hist", "plot_region_map_mask"]


def _axis_and_rows(region_map, axis_name):
    """Return an axis, the values along it as rows, and a label for each row."""
    axes = list(region_map.geom.axes)
    if not axes:
        raise GeometryError("map must have an axis to be plotted, got none. Print its data instead.")
    if axis_name is None:
        axis_name = next((axis.name for axis in axes if axis.nbin > 1), axes[0].name)
    axis = region_map.geom.axes[axis_name]
    others = [other for other in axes[::-1] if other.name != axis.name]
    data = np.asarray(region_map.data).reshape([other.nbin for other in axes[::-1]])
    data = np.moveaxis(data, axes[::-1].index(axis), -1)
    labels = [
        ", ".join(bin_label(o, i) for o, i in zip(others, index, strict=True) if o.nbin > 1)
        for index in np.ndindex(*(other.nbin for other in others))
    ]
    return axis, data.reshape(-1, axis.nbin), labels


def _colors(n):
    return [COLORS["data"]] if n == 1 else CYCLE[:n] if n <= 4 else series_colors(n)


def plot_region_map(region_map, ax=None, axis_name=None, **kwargs):
    """Plot the values along an axis; those of the other axes as further rows of points.

    Parameters
    ----------
    region_map : RegionNDMap
    ax : `~matplotlib.axes.Axes`, optional
    axis_name : str, optional
        By default the first axis with more than one bin.
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    if region_map.is_mask:
        return plot_region_map_mask(region_map, ax=ax, **kwargs)
    axis, rows, labels = _axis_and_rows(region_map, axis_name)
    unit = region_map.unit
    style = {"linestyle": "none", "marker": "o", "markersize": 4, **kwargs}
    if "fmt" in kwargs or "ls" in kwargs:
        style.pop("linestyle")
    if "fmt" in kwargs:
        style.pop("marker")
    x, xerr = axis.as_plot_center, axis.as_plot_xerr
    if isinstance(axis, LabelMapAxis):
        xerr = None
    elif isinstance(x, u.Quantity):
        xerr = u.Quantity(xerr)
    with with_quantities():
        for row, label, color in zip(rows, labels, _colors(len(rows)), strict=True):
            y = u.Quantity(row, unit) if unit != u.one else row
            ax.errorbar(x, y, xerr=xerr, **{"color": color, "label": label or None, **style})
    format_plot_xaxis(axis, ax)
    _value_axis(ax, rows, unit)
    if any(labels) and "label" not in kwargs:
        ax.legend(frameon=False, fontsize="small")
    return ax


def _value_axis(ax, rows, unit):
    if not ax.get_ylabel():
        ax.set_ylabel(label_with_unit("Value" if unit == u.one else "", unit))
    positive = rows[np.isfinite(rows) & (rows > 0)]
    if positive.size and not np.any(rows < 0) and positive.max() > 300 * positive.min() and unit != u.one:
        ax.set_yscale("log")


def plot_region_map_hist(region_map, ax=None, **kwargs):
    """Plot the values along the only long axis as a histogram.

    Parameters
    ----------
    region_map : RegionNDMap
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.hist`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis, rows, labels = _axis_and_rows(region_map, None)
    unit = region_map.unit
    style = {"histtype": "step", "linewidth": 1.6, **kwargs}
    for name, short in (("linewidth", "lw"),):
        if short in kwargs:
            style.pop(name)
    with with_quantities():
        for row, label, color in zip(rows, labels, _colors(len(rows)), strict=True):
            edges = axis.as_plot_edges
            own = {"color": color, "label": label or None, **style}
            if isinstance(edges, u.Quantity):
                scale = edges.unit.to(ax.xaxis.units) if ax.xaxis.units is not None else 1.0
                if ax.xaxis.units is None:
                    ax.xaxis.update_units(edges)
                ax.hist(axis.center.value * scale, bins=edges.value * scale, weights=row.astype(float), **own)
            else:
                ax.hist(axis.as_plot_center, bins=edges, weights=row.astype(float), **own)
    format_plot_xaxis(axis, ax)
    _value_axis(ax, rows, unit)
    if any(labels) and "label" not in kwargs:
        ax.legend(frameon=False, fontsize="small")
    return ax


def plot_region_map_mask(region_map, ax=None, **kwargs):
    """Shade the bins that a mask selects.

    Parameters
    ----------
    region_map : RegionNDMap
        Of booleans.
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.fill_between`.

    Returns
    -------
    `~matplotlib.axes.Axes`

    Raises
    ------
    GeometryError
        If the map is no mask.
    """
    if not region_map.is_mask:
        raise GeometryError(
            f"map must hold booleans, got {region_map.data.dtype}. Compare it with a number first."
        )
    ax = default_axes(ax)
    axis, rows, _ = _axis_and_rows(region_map, None)
    used = rows.any(axis=0)
    style = {"color": COLORS["model"], "alpha": 0.15, "linewidth": 0, **kwargs}
    with with_quantities():
        ax.fill_between(
            axis.as_plot_edges,
            0,
            1,
            where=np.append(used, used[-1]),
            step="post",
            transform=ax.get_xaxis_transform(),
            **style,
        )
    format_plot_xaxis(axis, ax)
    if not ax.lines and not ax.containers:
        ax.set_yticks([])
        ax.set_ylim(0, 1)
    return ax
