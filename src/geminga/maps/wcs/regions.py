"""WCS maps seen through regions."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord
from regions import PointSkyRegion

from ...errors import GeometryError
from ...sky.regions import parse_regions, regions_to_compound_region
from ..axes import MapAxis
from ..region.geom import RegionGeom
from ..region.map import RegionNDMap
from .cutout import window_geom
from .membership import RegionPixels
from .resizing import window

__all__ = ["cutout_and_mask_region", "mask_contains_region", "to_region_nd_map", "to_region_nd_map_histogram"]


def as_region(m, region):
    """Return one sky region of whatever names it: text, a position, a list; the whole map for None."""
    if region is None:
        return m.geom.footprint_rectangle_sky_region
    if isinstance(region, SkyCoord):
        return PointSkyRegion(region)
    return regions_to_compound_region(parse_regions(region))


def to_region_nd_map(m, region=None, func=np.nansum, weights=None, method="nearest"):
    """Return a map reduced to a region; `WcsNDMap.to_region_nd_map`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    region : str, `~regions.SkyRegion`, `~astropy.coordinates.SkyCoord` or list, optional
        By default the whole map. For a point the map is interpolated, for other regions the pixels whose centres are
        inside are reduced.
    func : callable
        Reduction with an ``axis`` argument, such as `numpy.nansum` or `numpy.nanmean`.
    weights : `~geminga.maps.WcsNDMap`, optional
        The data are multiplied by these first; an image, or a map with the same axes.
    method : {"nearest", "linear", ...}
        Interpolation for a point.

    Returns
    -------
    `~geminga.maps.RegionNDMap`

    Raises
    ------
    GeometryError
        If no pixel is inside.
    """
    if not m.geom.is_regular:
        from .irregular import to_region_nd_map as of_each_image

        return of_each_image(m, region, func, weights, method)
    if region is None:
        data = m.data if weights is None else m.data * _broadcast_weights(weights, m.data)
        return _reduced(m, as_region(m, None), data.reshape((*data.shape[:-2], -1)), func)
    region = as_region(m, region)
    if isinstance(region, PointSkyRegion):
        source = m if weights is None else m._init_copy(data=m.data * _broadcast_weights(weights, m.data))
        geom = RegionGeom(region=region, axes=m.geom.axes)
        return RegionNDMap(
            geom, data=source.interp_by_coord(geom.get_coord(), method=method), unit=m.unit, meta=m.meta
        )
    (rows, columns), mask = _pixels_inside(m.geom, region)
    data = m.data[..., rows, columns]
    if weights is not None:
        data = data * _broadcast_weights(weights, m.data)[..., rows, columns]
    return _reduced(m, region, data[..., mask], func)


def _broadcast_weights(weights, data):
    values = weights.data
    if values.ndim != data.ndim:
        values = values.reshape(values.shape[-2:])
    return np.broadcast_to(values, data.shape)


def _reduced(m, region, values, func):
    data = func(values, axis=-1)
    geom = RegionGeom(region=region, axes=m.geom.axes)
    return RegionNDMap(geom, data=np.asarray(data).reshape(geom.data_shape), unit=m.unit, meta=m.meta)


def _pixels_inside(geom, region):
    """Return the window of pixels around a region, and which of them are inside."""
    ny, nx = geom._image_shape
    pixels = RegionPixels(geom, parse_regions(region))
    (x0, x1), (y0, y1) = pixels.window(nx, ny)
    mask = np.zeros((y1 - y0, x1 - x0), dtype=bool)
    if mask.size:
        pixels.add_to(mask, np.arange(x0, x1, dtype=float), np.arange(y0, y1, dtype=float))
    if not mask.any():
        raise GeometryError(
            "region must contain the centre of a pixel of the map, got none. Enlarge or move it."
        )
    return (slice(y0, y1), slice(x0, x1)), mask


def cutout_and_mask_region(m, region=None):
    """Return the part of a map around a region, and a mask of the region; `WcsNDMap.cutout_and_mask_region`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    region : str, `~regions.SkyRegion` or list, optional
        By default the whole map.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        Smallest part with all pixels whose centres are inside.
    `~geminga.maps.WcsNDMap`
        Boolean image of that part, True inside.
    """
    from .map import WcsNDMap

    if region is None:
        image = m.geom.to_image()
        return m.copy(), WcsNDMap(image, data=np.ones(image.data_shape, dtype=bool))
    (rows, columns), mask = _pixels_inside(m.geom, as_region(m, region))
    used_rows, used_columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    mask = mask[used_rows[0] : used_rows[-1] + 1, used_columns[0] : used_columns[-1] + 1]
    y0, x0 = rows.start + int(used_rows[0]), columns.start + int(used_columns[0])
    geom = window_geom(m.geom, (x0, x0 + mask.shape[1]), (y0, y0 + mask.shape[0]))
    return window(m, geom), WcsNDMap(geom.to_image(), data=mask)


def to_region_nd_map_histogram(m, region=None, bins_axis=None, nbin=100, density=False):
    """Return histograms of the values in a region; `WcsNDMap.to_region_nd_map_histogram`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    region : str, `~regions.SkyRegion` or list, optional
        By default the whole map.
    bins_axis : `~geminga.maps.MapAxis`, optional
        Bins of the values. By default `nbin` bins from minus to plus the largest absolute value.
    nbin : int
    density : bool
        Give the density of the values instead of their number.

    Returns
    -------
    `~geminga.maps.RegionNDMap`
        With the axis of bins before the axes of the map.
    """
    part, mask = cutout_and_mask_region(m, region)
    values = part.data[..., mask.data].astype(float)
    if bins_axis is None:
        largest = np.max(np.abs(values), initial=0.0, where=np.isfinite(values)) or 1.0
        bins_axis = MapAxis.from_edges(np.linspace(-largest, largest, nbin + 1), unit=m.unit, name="bins")
    edges = bins_axis.edges.to_value(m.unit)
    n_planes = int(np.prod(values.shape[:-1], dtype=int))
    flat = values.reshape(n_planes, -1)
    # As in numpy.histogram, the last bin contains its upper edge.
    idx = np.searchsorted(edges, flat, side="right") - 1
    idx = np.where(flat == edges[-1], bins_axis.nbin - 1, idx)
    inside = (idx >= 0) & (idx < bins_axis.nbin) & np.isfinite(flat)
    planes = np.broadcast_to(np.arange(n_planes)[:, np.newaxis], idx.shape)
    counts = np.bincount((planes * bins_axis.nbin + idx)[inside], minlength=n_planes * bins_axis.nbin)
    counts = counts.reshape((*values.shape[:-1], bins_axis.nbin, 1, 1))
    unit = ""
    if density:
        total = counts.sum(axis=-3, keepdims=True) * np.diff(edges)[:, np.newaxis, np.newaxis]
        unit = bins_axis.unit**-1
        counts = np.divide(counts, total, out=np.zeros(counts.shape), where=total > 0) * (m.unit**-1).to(unit)
    geom = RegionGeom(region=as_region(m, region), axes=[bins_axis, *m.geom.axes])
    return RegionNDMap(geom, data=counts, unit=unit)


def mask_contains_region(m, region):
    """Return whether a mask is True in some pixel of a region; `WcsNDMap.mask_contains_region`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
        Boolean image.
    region : str, `~regions.SkyRegion`, `~regions.PixelRegion` or list

    Returns
    -------
    bool
    """
    if not m.is_mask:
        raise GeometryError(f"map must be a mask (bool), got {m.data.dtype}. Compare it first.")
    if not m.geom.is_image:
        raise GeometryError(f"mask must be an image, got axes {m.geom.axes.names}. Reduce it over its axes.")
    try:
        (rows, columns), mask = _pixels_inside(m.geom, region)
    except GeometryError:
        return False
    return bool(np.any(m.data[rows, columns] & mask))
