"""All images of a map side by side."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...maps import MapAxis
from ..axes import axis_label, brief, readable
from ..figure import new_figure
from .regions import sky_projection

__all__ = ["bin_label", "plot_grid"]


def bin_label(axis, index) -> str:
    """Return what a bin of an axis holds, short."""
    if not isinstance(axis, MapAxis):
        return str(axis.as_plot_labels[index])
    name = axis_label(axis).partition(" [")[0]
    if axis.node_type == "center":
        return f"{name}: {brief(axis.center[index])}"
    low, high = readable(u.Quantity([axis.edges_min[index], axis.edges_max[index]]))
    return f"{name}: {low.value:.3g} – {brief(high)}"


def plot_grid(sky_map, figsize=None, ncols=3, **kwargs):
    """Plot every image of a map in a grid.

    Parameters
    ----------
    sky_map : Map
    figsize : tuple, optional
        By default with room for each image.
    ncols : int
        Images in a row.
    **kwargs
        Passed to ``Map.plot``.

    Returns
    -------
    array of `~matplotlib.axes.Axes`, shape (n_rows, ncols)
    """
    geom = sky_map.geom
    shape = geom.data_shape[: len(geom.axes)]
    indices = list(np.ndindex(*shape))
    ncols = min(ncols, max(len(indices), 1))
    nrows = -(-len(indices) // ncols)
    n_lat, n_lon = (1, 1) if geom.is_region else geom.data_shape[-2:]
    height = 4.4 * np.clip(n_lat / n_lon, 0.4, 1.6) + 0.7
    figure = new_figure(figsize or (4.9 * ncols, height * nrows), compress=not geom.is_region)
    projection = {} if geom.is_region else sky_projection(geom)
    axes = figure.subplots(nrows, ncols, squeeze=False, subplot_kw=projection)
    for ax, index in zip(axes.flat, indices, strict=False):
        names = [axis.name for axis in geom.axes[::-1]]
        image = sky_map.slice_by_idx(dict(zip(names, map(int, index), strict=True)))
        image.plot(ax=ax, **kwargs)
        parts = [bin_label(geom.axes[name], i) for name, i in zip(names, index, strict=True)]
        ax.set_title("\n".join(parts), fontsize="medium")
    _only_outer_labels(axes, len(indices), sky=bool(projection))
    return axes


def _only_outer_labels(axes, n_used, sky):
    """Hide empty panels, and coordinate labels between panels."""
    ncols = axes.shape[1]
    for number, ax in enumerate(axes.flat):
        column = number % ncols
        if number >= n_used:
            ax.set_visible(False)
            continue
        if not sky:
            continue
        if column > 0:
            ax.coords[1].set_axislabel(" ")
            ax.coords[1].set_ticklabel_visible(False)
        if number + ncols < n_used:
            ax.coords[0].set_axislabel(" ")
            ax.coords[0].set_ticklabel_visible(False)
