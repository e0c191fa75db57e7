"""Images of the sky."""

from __future__ import annotations

import numpy as np
from astropy.visualization import simple_norm

from ...errors import GeometryError
from ..figure import add_colorbar, label_with_unit
from .regions import sky_axes

__all__ = ["image_of", "plot_wcs_map", "plot_wcs_mask"]


def image_of(sky_map):
    """Return the data of a map with one image, shape (n_lat, n_lon).

    Raises
    ------
    GeometryError
        If there is more than one image.
    """
    n_images = int(np.prod([axis.nbin for axis in sky_map.geom.axes], dtype=int))
    if n_images != 1:
        shape = ", ".join(f"{axis.name}: {axis.nbin}" for axis in sky_map.geom.axes)
        raise GeometryError(
            f"map must have one image to be plotted, got {n_images} ({shape}). "
            "Use plot_grid or plot_interactive, or reduce it with sum_over_axes or slice_by_idx."
        )
    return np.asarray(sky_map.data).reshape(sky_map.data.shape[-2:])


def _same_image(ax, wcs):
    """Whether axes have the pixels of a WCS."""
    own = getattr(ax, "wcs", None)
    return own is None or own is wcs or own.wcs.compare(wcs.wcs, tolerance=1e-9)


def plot_wcs_map(
    sky_map,
    ax=None,
    fig=None,
    add_cbar=False,
    stretch="linear",
    axes_loc=None,
    kwargs_colorbar=None,
    **kwargs,
):
    """Plot an image of the sky.

    Parameters
    ----------
    sky_map : WcsNDMap
        With one image.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
        Axes with other pixels get the image projected.
    fig : `~matplotlib.figure.Figure`, optional
        Where to make the axes.
    add_cbar : bool
        Add a colour bar.
    stretch : {"linear", "sqrt", "log", "asinh", "power", "sinh"}
        How colours go with values.
    axes_loc : dict, optional
        Place of the colour bar, see `geminga.visualization.add_colorbar`.
    kwargs_colorbar : dict, optional
        Passed to `matplotlib.figure.Figure.colorbar`.
    **kwargs
        Passed to `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`

    Raises
    ------
    GeometryError
        If there is more than one image.
    """
    data = image_of(sky_map)
    ax = sky_axes(sky_map.geom, ax=ax, figure=fig)
    if data.dtype == bool:
        kwargs = {"cmap": "gray", **kwargs}
        if "norm" not in kwargs:
            kwargs = {"vmin": 0, "vmax": 1, **kwargs}
    data = data.astype(float)
    if "norm" not in kwargs:
        limits = {key: kwargs.pop(key) for key in ("vmin", "vmax") if key in kwargs}
        kwargs["norm"] = _norm(data, stretch, **limits)
    kwargs = {"cmap": "viridis", **kwargs}
    if _same_image(ax, sky_map.geom.wcs):
        image = ax.imshow(data, **{"origin": "lower", "interpolation": "nearest", **kwargs})
    else:
        image = _projected(ax, sky_map.geom, data, **kwargs)
    if add_cbar:
        label = label_with_unit("", sky_map.unit)
        ticks = _decades(kwargs["norm"]) if stretch == "log" else {}
        add_colorbar(image, ax, axes_loc=axes_loc, **{"label": label, **ticks, **(kwargs_colorbar or {})})
    return ax


def _norm(data, stretch, vmin=None, vmax=None):
    finite = data[np.isfinite(data)]
    if not finite.size:
        finite = np.zeros(1)
    vmin = finite.min() if vmin is None else vmin
    vmax = finite.max() if vmax is None else vmax
    return simple_norm(finite, stretch, vmin=vmin, vmax=vmax if vmax > vmin else vmin + 1, clip=False)


def _decades(norm) -> dict:
    """Return ticks of a colour bar at powers of ten, down to a thousandth of the largest value; {} if there are few."""
    if not norm.vmax > 0:
        return {}
    powers = 10.0 ** (np.floor(np.log10(norm.vmax) + 1e-9) - np.arange(3))
    powers = powers[powers > norm.vmin]
    return {"ticks": powers, "format": "%.3g"} if len(powers) > 1 else {}


def _projected(ax, geom, data, **kwargs):
    """Draw an image on axes with other pixels."""
    limits = ax.get_xlim(), ax.get_ylim()
    kept = {key: kwargs[key] for key in ("cmap", "norm", "alpha", "zorder") if key in kwargs}
    n_lat, n_lon = data.shape
    image = ax.pcolormesh(
        np.arange(n_lon + 1) - 0.5,
        np.arange(n_lat + 1) - 0.5,
        np.ma.masked_invalid(data),
        transform=ax.get_transform(geom.wcs),
        **kept,
    )
    if any(child is not image and child.get_array() is not None for child in ax.collections + ax.images):
        ax.set_xlim(*limits[0])
        ax.set_ylim(*limits[1])
    return image


def plot_wcs_mask(mask, ax=None, **kwargs):
    """Plot the pixels that a mask selects as a transparent area.

    Parameters
    ----------
    mask : WcsNDMap
        Of booleans; several images are joined.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.contourf`.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`

    Raises
    ------
    GeometryError
        If the map is no mask.
    """
    if not mask.is_mask:
        raise GeometryError(f"map must hold booleans, got {mask.data.dtype}. Compare it with a number first.")
    data = np.asarray(mask.data, dtype=bool)
    data = data.reshape(-1, *data.shape[-2:]).any(axis=0)
    new = ax is None
    ax = sky_axes(mask.geom, ax=ax)
    limits = ax.get_xlim(), ax.get_ylim()
    if "cmap" not in kwargs:
        kwargs.setdefault("colors", ["#1c2430" if new or not ax.images else "white"])
    kwargs = {"alpha": 0.4, "levels": [0.5, 1.5], **kwargs}
    if isinstance(kwargs.get("colors"), str):
        kwargs["colors"] = [kwargs["colors"]]
    if not _same_image(ax, mask.geom.wcs):
        kwargs["transform"] = ax.get_transform(mask.geom.wcs)
    # a border of unselected pixels, so that areas close at the edge of the image
    n_lat, n_lon = data.shape
    padded = np.pad(data.astype(float), 1)
    x, y = np.arange(-1, n_lon + 1), np.arange(-1, n_lat + 1)
    if data.any():
        ax.contourf(x, y, padded, **kwargs)
    ax.set_xlim(*limits[0])
    ax.set_ylim(*limits[1])
    return ax
