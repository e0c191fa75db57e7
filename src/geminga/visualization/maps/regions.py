"""Axes of the sky, and regions drawn on them."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from matplotlib import patheffects

from ..figure import COLORS, image_axes

__all__ = ["draw_regions", "dress_sky", "plot_region", "plot_region_of_map", "sky_axes", "sky_projection"]

_LABELS = {
    "icrs": ("Right ascension", "Declination"),
    "fk5": ("Right ascension", "Declination"),
    "galactic": ("Galactic longitude", "Galactic latitude"),
}


def sky_axes(geom, ax=None, figure=None):
    """Return axes of the sky: those given, or new ones over a geometry.

    Parameters
    ----------
    geom : `~geminga.maps.WcsGeom`
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    figure : `~matplotlib.figure.Figure`, optional
    """
    if ax is not None:
        if not ax.has_data() and getattr(ax, "wcs", None) is geom.wcs:
            _show_all(ax, geom)
        return dress_sky(ax, geom)
    ax = image_axes(None, figure=figure, **sky_projection(geom))
    _show_all(ax, geom)
    return dress_sky(ax, geom)


def _show_all(ax, geom):
    """Set the limits of axes to the pixels of a geometry."""
    n_lat, n_lon = geom.data_shape[-2:]
    x, y = (-0.5, n_lon - 0.5), (-0.5, n_lat - 0.5)
    if is_oval(geom):
        # both projections end at 2 sqrt(2) and sqrt(2) rad from the centre: the frame shall end there, too
        center, size = geom.wcs.wcs.crpix - 1, np.abs(geom.wcs.wcs.cdelt)
        (x, y) = (
            (middle - half / step, middle + half / step)
            for middle, half, step in zip(center, np.degrees(np.sqrt([8, 2])), size, strict=True)
        )
    ax.set_xlim(*x)
    ax.set_ylim(*y)
    ax.set_aspect("equal")


def sky_projection(geom) -> dict:
    """Return what makes axes of the sky over a geometry: the pixels, and an oval frame for oval projections."""
    from astropy.visualization.wcsaxes.frame import EllipticalFrame

    return {"projection": geom.wcs, **({"frame_class": EllipticalFrame} if is_oval(geom) else {})}


def is_oval(geom) -> bool:
    """Whether a geometry holds the whole sky in an oval projection."""
    return geom.is_allsky and geom.projection in ("AIT", "MOL")


def _is_upright(geom) -> bool:
    """Whether meridians run from the bottom to the top of an image, and parallels from left to right."""
    matrix = geom.wcs.pixel_scale_matrix
    lat = abs(geom.center_skydir.spherical.lat.deg) + geom.width.to_value("deg")[1, 0] / 2
    return bool(matrix[0, 1] == 0 == matrix[1, 0] and lat < 80 and geom.width.to_value("deg")[0, 0] < 90)


def dress_sky(ax, geom):
    """Label the coordinates of axes of the sky, unless somebody did."""
    if not hasattr(ax, "coords"):
        return ax
    frame = getattr(ax, "_geminga_frame", None)
    if frame is None:
        lon, lat = _LABELS.get(geom.frame, ("Longitude", "Latitude"))
        for coordinate, label in ((ax.coords[0], lon), (ax.coords[1], lat)):
            if not _has_own_label(coordinate):
                coordinate.set_axislabel(label)
        if geom.frame == "galactic":
            for coordinate in (ax.coords[0], ax.coords[1]):
                coordinate.set_format_unit("deg", decimal=True, show_decimal_unit=True)
        if _is_upright(geom):
            # left to itself, astropy writes some longitudes above the image
            for coordinate, side in ((ax.coords[0], "b"), (ax.coords[1], "l")):
                coordinate.set_ticklabel_position(side)
                coordinate.set_axislabel_position(side)
        if is_oval(geom):
            ax.coords.grid(color="0.7", linewidth=0.5, alpha=0.6)
            # not at the rim, where they would lie on the frame
            middle = np.arange(-120, 121, 60) + geom.center_skydir.spherical.lon.deg
            ax.coords[0].set_ticks((middle % 360) * u.deg)
            ax.coords[0].set_major_formatter("d")
            ax.coords[0].set_ticklabel(color="0.85", exclude_overlapping=True, fontsize="small")
            ax.coords[0].set_axislabel(" ")
        ax._geminga_frame = geom.frame
    return ax


def _has_own_label(coordinate):
    text = coordinate.get_axislabel() or ""
    # "pos.eq.ra" and its like is what WCSAxes writes by itself
    return bool(text) and not text.startswith(("pos.", "custom:"))


def draw_regions(regions, ax, kwargs_point=None, path_effect=None, **kwargs):
    """Draw regions of the sky on axes.

    Parameters
    ----------
    regions : list of `~regions.SkyRegion`
    ax : `~astropy.visualization.wcsaxes.WCSAxes`
    kwargs_point : dict, optional
        For points, passed to `matplotlib.axes.Axes.plot`.
    path_effect : `~matplotlib.patheffects.AbstractPathEffect`, optional
        Outline of the lines.
    **kwargs
        For shapes, passed to the patch.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    from regions import PointSkyRegion

    on_image = bool(ax.images or ax.collections)
    color = kwargs.pop("color", kwargs.pop("edgecolor", kwargs.pop("ec", None)))
    if color is None:
        color = "white" if on_image else COLORS["model"]
        if on_image and path_effect is None:
            path_effect = patheffects.withStroke(linewidth=2.6, foreground="black", alpha=0.6)
    label = kwargs.pop("label", None)
    for region in regions:
        own = {} if label is None else {"label": label}
        if isinstance(region, PointSkyRegion):
            x, y = region.center.to_pixel(ax.wcs)
            size = max(np.size(x), 1)
            style = {
                "color": color,
                "marker": "+",
                "markersize": 9,
                "markeredgewidth": 1.5,
                "linestyle": "none",
            }
            artists = ax.plot(
                np.reshape(x, size), np.reshape(y, size), **{**style, **own, **(kwargs_point or {})}
            )
        else:
            style = {"edgecolor": color, "facecolor": "none", "linewidth": 1.4, **own, **kwargs}
            if "lw" in style:
                style.pop("linewidth")
            if "fc" in style:
                style.pop("facecolor")
            artists = [region.to_pixel(ax.wcs).as_artist(**style)]
            ax.add_artist(artists[0])
        if path_effect is not None:
            for artist in artists:
                artist.set_path_effects([path_effect, patheffects.Normal()])
        label = None
    return ax


def plot_region(geom, ax=None, kwargs_point=None, path_effect=None, **kwargs):
    """Plot the region of a geometry on the sky.

    Parameters
    ----------
    geom : RegionGeom
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
        By default axes somewhat larger than the region.
    kwargs_point : dict, optional
        For points, passed to `matplotlib.axes.Axes.plot`.
    path_effect : `~matplotlib.patheffects.AbstractPathEffect`, optional
        Outline of the lines.
    **kwargs
        For shapes, passed to the patch, such as "edgecolor" and "facecolor".

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    from ...sky.regions import compound_region_to_regions

    if ax is None:
        import matplotlib.pyplot as plt

        current = plt.gcf().gca() if plt.get_fignums() and plt.gcf().axes else None
        ax = current if hasattr(current, "wcs") else sky_axes(_surroundings(geom))
    if geom.region is None:
        return ax
    return draw_regions(
        compound_region_to_regions(geom.region),
        ax,
        kwargs_point=kwargs_point,
        path_effect=path_effect,
        **kwargs,
    )


def _surroundings(geom):
    """Return a geometry around a region, with room at its sides."""
    widest = float(np.nanmax(np.append(np.atleast_1d(geom.width.to_value("deg")), 0.0)))
    return geom.to_wcs_geom(width_min=max(1.3 * widest, 0.5) * u.deg)


def plot_region_of_map(region_map, ax=None, **kwargs):
    """Plot the region of a map on the sky.

    Parameters
    ----------
    region_map : RegionNDMap
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    **kwargs
        Passed to `plot_region`.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    return plot_region(region_map.geom, ax=ax, **kwargs)
