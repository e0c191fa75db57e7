"""Maps with sliders for their axes."""

from __future__ import annotations

import numpy as np
from matplotlib import rc_context
from matplotlib.widgets import Slider

from ..axes import axis_label
from ..figure import new_figure
from .grid import bin_label

__all__ = ["plot_interactive", "plot_region_map_interactive", "with_sliders"]


def with_sliders(axes, draw, projection=None, figsize=(7, 6)):
    """Return axes with a slider for each axis that has several bins.

    Parameters
    ----------
    axes : list of `~geminga.maps.MapAxis`
    draw : callable
        Called with the axes of the plot and {axis name: index} to draw afresh.
    projection : `~astropy.wcs.WCS`, optional
    figsize : tuple
    """
    figure = new_figure(figsize, compress=True)
    long = [axis for axis in axes if axis.nbin > 1]
    rows = figure.add_gridspec(1 + len(long), 1, height_ratios=[1] + [0.06] * len(long))
    ax = figure.add_subplot(rows[0], projection=projection)
    index = {axis.name: 0 for axis in axes}
    kept = None

    def redraw(_=None):
        for slider, axis in zip(sliders, long, strict=True):
            index[axis.name] = int(slider.val)
        if kept is not None:
            _empty(ax, kept)
        draw(ax, dict(index))
        ax.set_title("\n".join(bin_label(axis, index[axis.name]) for axis in long), fontsize="medium")
        figure.canvas.draw_idle()

    sliders = []
    for row, axis in enumerate(long, start=1):
        place = figure.add_subplot(rows[row])
        place.set_title(axis_label(axis).partition(" [")[0], fontsize="small", loc="left", pad=2)
        slider = Slider(place, "", 0, axis.nbin - 1, valinit=0, valstep=np.arange(axis.nbin))
        slider.valtext.set_visible(False)
        slider.on_changed(redraw)
        sliders.append(slider)
    kept = list(figure.axes)
    redraw()
    # widgets live as long as somebody holds them
    figure._geminga_sliders = sliders
    return ax


def _empty(ax, kept):
    """Remove what was drawn: artists, and axes of colour bars."""
    for extra in [other for other in ax.figure.axes if other not in kept]:
        extra.remove()
    if not hasattr(ax, "coords"):
        ax.clear()
        return
    for artist in [*ax.images, *ax.collections, *ax.lines]:
        artist.remove()


def plot_interactive(sky_map, rc_params=None, **kwargs):
    """Plot a map with a slider for each of its axes.

    Sliders move where matplotlib has a window; elsewhere the first image is shown.

    Parameters
    ----------
    sky_map : WcsNDMap
    rc_params : dict, optional
        Settings of matplotlib.
    **kwargs
        Passed to ``Map.plot``.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """

    def draw(ax, index):
        sky_map.slice_by_idx(index).plot(ax=ax, **kwargs)

    with rc_context(rc_params or {}):
        projection = None if sky_map.geom.is_region else sky_map.geom.wcs
        return with_sliders(list(sky_map.geom.axes), draw, projection=projection)


def plot_region_map_interactive(region_map, **kwargs):
    """Plot a region map along its first axis, with a slider for each of the others.

    Parameters
    ----------
    region_map : RegionNDMap
    **kwargs
        Passed to ``RegionNDMap.plot``.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    first, *others = region_map.geom.axes

    def draw(ax, index):
        region_map.slice_by_idx(index).plot(ax=ax, axis_name=first.name, **kwargs)

    return with_sliders(others, draw)
