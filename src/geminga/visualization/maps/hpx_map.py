"""HEALPix maps of the sky."""

from __future__ import annotations

import numpy as np
from astropy.visualization import simple_norm

from ...errors import UnknownNameError
from ..figure import add_colorbar, label_with_unit
from .regions import sky_axes
from .wcs_map import plot_wcs_map, plot_wcs_mask

__all__ = ["flat_image", "plot_hpx_map", "plot_hpx_mask"]

_METHODS = ("raster", "poly")


#: Wider images of the sky than this are drawn as an oval, narrower ones on a tangent plane.
OVAL_WIDTH = 100


def flat_image(image):
    """Return a HEALPix image on square pixels, a mask as a mask, and any other image as it is.

    Parameters
    ----------
    image : `~geminga.maps.Map`
        Without axes.
    """
    if not image.geom.is_hpx:
        return image
    wide = image.geom.is_allsky or np.max(image.geom.width.to_value("deg")) > OVAL_WIDTH
    is_mask = image.data.dtype == bool
    numbers = image._init_copy(data=image.data.astype(float)) if is_mask else image
    flat = _projected(numbers, False, "AIT" if wide else "TAN", 2, 1000)
    return flat._init_copy(data=flat.data > 0.5) if is_mask else flat


def _projected(hpx_map, normalize, proj, oversample, width_pix):
    return hpx_map.to_wcs(
        sum_bands=False, normalize=normalize, proj=proj, oversample=oversample, width_pix=width_pix
    )


def plot_hpx_map(
    hpx_map, method="raster", ax=None, normalize=False, proj="AIT", oversample=2, width_pix=1000, **kwargs
):
    """Plot a HEALPix image.

    Parameters
    ----------
    hpx_map : HpxNDMap
        With one image.
    method : {"raster", "poly"}
        Project to square pixels, or draw each pixel as a polygon; the latter is exact, and slow for many pixels.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    normalize : bool
        Keep the sum instead of the values when projecting.
    proj : str
        Projection.
    oversample : float
        Square pixels along each HEALPix pixel.
    width_pix : int
        Most pixels along the width.
    **kwargs
        Passed to ``WcsNDMap.plot``.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    if method not in _METHODS:
        raise UnknownNameError("method of plotting HEALPix maps", method, _METHODS)
    if method == "raster":
        return plot_wcs_map(_projected(hpx_map, normalize, proj, oversample, width_pix), ax=ax, **kwargs)
    return _polygons(hpx_map, ax, proj, oversample, width_pix, **kwargs)


def _polygons(hpx_map, ax, proj, oversample, width_pix, **kwargs):
    """Draw each pixel as a polygon; those across the edge of the sky are left out."""
    from astropy_healpix import HEALPix
    from matplotlib.collections import PolyCollection

    geom = hpx_map.geom
    wcs_geom = _projected(hpx_map, False, proj, oversample, width_pix).geom.to_image()
    ax = sky_axes(wcs_geom, ax=ax)
    nside = int(np.max(geom.nside))
    pixels = HEALPix(nside=nside, order="nested" if geom.nest else "ring")
    index = np.arange(pixels.npix) if geom.is_allsky else np.ravel(geom.get_idx(flat=True)[0])
    lon, lat = pixels.boundaries_lonlat(index, step=2)
    vertices = np.stack(wcs_geom.wcs.wcs_world2pix(lon.deg, lat.deg, 0), axis=-1)
    extent = np.ptp(vertices, axis=1).max(axis=-1)
    whole = np.isfinite(extent) & (extent < 0.25 * wcs_geom.data_shape[-1])
    values = np.asarray(hpx_map.data, dtype=float).ravel()[: len(index)]
    limits = {key: kwargs.pop(key) for key in ("vmin", "vmax") if key in kwargs}
    norm = kwargs.pop("norm", None) or simple_norm(
        values, kwargs.pop("stretch", "linear"), clip=False, **limits
    )
    add_cbar, options = kwargs.pop("add_cbar", False), kwargs.pop("kwargs_colorbar", None) or {}
    axes_loc = kwargs.pop("axes_loc", None)
    style = {"cmap": "viridis", "edgecolor": "face", "linewidth": 0.2, **kwargs}
    polygons = PolyCollection(vertices[whole], norm=norm, **style)
    polygons.set_array(values[whole])
    ax.add_collection(polygons, autolim=False)
    if whole.all():
        # Corners of pixels reach beyond the square pixels around their centres.
        (x0, y0), (x1, y1) = vertices.min(axis=(0, 1)), vertices.max(axis=(0, 1))
        ax.set_xlim(min(ax.get_xlim()[0], x0), max(ax.get_xlim()[1], x1))
        ax.set_ylim(min(ax.get_ylim()[0], y0), max(ax.get_ylim()[1], y1))
    if add_cbar:
        add_colorbar(
            polygons, ax, axes_loc=axes_loc, **{"label": label_with_unit("", hpx_map.unit), **options}
        )
    return ax


def plot_hpx_mask(mask, method="raster", ax=None, proj="AIT", oversample=2, width_pix=1000, **kwargs):
    """Plot the pixels that a HEALPix mask selects as a transparent area.

    Parameters
    ----------
    mask : HpxNDMap
        Of booleans; several images are joined.
    method : {"raster"}
        Project to square pixels.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    proj, oversample, width_pix
        As in `plot_hpx_map`.
    **kwargs
        Passed to `matplotlib.axes.Axes.contourf`.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    if method not in _METHODS:
        raise UnknownNameError("method of plotting HEALPix maps", method, _METHODS)
    image = _projected(mask, False, proj, oversample, width_pix)
    if not image.is_mask:
        image = image > 0.5
    return plot_wcs_mask(image, ax=ax, **kwargs)
