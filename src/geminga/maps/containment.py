"""Where a map holds a given part of its total: a radius, or a contour."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from ..errors import GeometryError
from ..sky.regions import PolygonPointsSkyRegion, regions_to_compound_region

__all__ = ["containment_radius", "containment_region"]


def _assert_fraction(fraction):
    if not 0 < fraction < 1:
        raise GeometryError(f"fraction must be between 0 and 1, got {fraction}.")


def containment_radius(map_, fraction=0.393, position=None):
    """Return the radius around a position within which a map has a part of its total.

    Parameters
    ----------
    map_ : `~geminga.maps.WcsNDMap` or `~geminga.maps.HpxNDMap`
    fraction : float
        Between 0 and 1; the default is that of one standard deviation of a two-dimensional Gaussian.
    position : `~astropy.coordinates.SkyCoord`, optional
        By default the centre of the map.

    Returns
    -------
    `~astropy.coordinates.Angle`
        One radius for each bin of the axes, a scalar for an image: the separation of the pixel up to which the sum is
        nearest to the fraction.
    """
    _assert_fraction(fraction)
    geom = map_.geom
    separation = geom.separation(geom.center_skydir if position is None else position)
    n_pixels = separation.size
    order = np.argsort(separation.ravel())
    data = np.nan_to_num(np.asarray(map_.data, dtype=float)).reshape(-1, n_pixels)
    total = np.cumsum(data[:, order], axis=1)
    if np.any(total[:, -1] <= 0):
        raise GeometryError("map must have a positive sum to have a containment radius, got an empty image.")
    nearest = np.argmin(np.abs(total / total[:, -1:] - fraction), axis=1)
    radius = separation.ravel()[order][nearest]
    shape = map_.geom.axes.shape[::-1]
    return radius.reshape(shape) if shape else radius[0]


def _level(data, fraction) -> float:
    """Return the value above which pixels hold a part of the total."""
    values = np.sort(np.nan_to_num(data).ravel())[::-1]
    total = np.cumsum(values)
    if total[-1] <= 0:
        raise GeometryError("map must have a positive sum to have a containment region, got an empty image.")
    return float(values[np.argmin(np.abs(total / total[-1] - fraction))])


def _contours(image, level):
    """Return closed lines of equal value, each an array of (x, y)."""
    from contourpy import contour_generator

    # A frame of zeros closes the contours that run into the border.
    lines = contour_generator(z=np.pad(image, 1)).lines(level)
    return [line - 1 for line in lines if len(line) > 3]


def containment_region(map_, fraction=0.393, apply_union=True):
    """Return the region above the value whose pixels hold a part of the total of a map.

    Parameters
    ----------
    map_ : `~geminga.maps.WcsNDMap`
    fraction : float
        Between 0 and 1.
    apply_union : bool
        Join the contours of an image to one region, or return them as a list.

    Returns
    -------
    `~regions.SkyRegion`, or list of them
        Of an image. A map with axes gives a list with an entry for each image.
    """
    _assert_fraction(fraction)
    if map_.geom.is_hpx or map_.geom.is_region:
        raise GeometryError(f"map must be a WcsNDMap, got {type(map_).__name__}. Use to_wcs() first.")
    result = []
    for image in map_.data.reshape(-1, *map_.data.shape[-2:]):
        image = np.nan_to_num(np.asarray(image, dtype=float))
        found = []
        for line in _contours(image, _level(image, fraction)):
            lon, lat = map_.geom._projection.pix_to_sky(*line[:-1].T)
            vertices = SkyCoord(lon * u.deg, lat * u.deg, frame=map_.geom.frame)
            found.append(PolygonPointsSkyRegion(vertices[np.isfinite(lon)]))
        if not found:
            raise GeometryError("map must be larger than one pixel in places to have a contour, got none.")
        result.append(regions_to_compound_region(found) if apply_union else found)
    return result[0] if map_.geom.is_image else result
