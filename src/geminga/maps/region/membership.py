"""Which points lie inside a region, tested on the pixels of a projection."""

from __future__ import annotations

import operator

import numpy as np
from astropy.wcs.utils import wcs_to_celestial_frame
from regions import CircleSkyRegion, CompoundSkyRegion, PixCoord

from ...sky.regions.compound import region_center
from ...sky.regions.transform import region_to_pixel

__all__ = ["circles_to_pixels", "contains_pixels", "region_frame"]

#: Distance in degrees over which the pixel scale at a position is measured.
STEP = 1 / 3600


def contains_pixels(region, wcs, x, y) -> np.ndarray:
    """Return whether a region contains points.

    Unions are tested part by part on the points near each part, so that many small regions cost little more than one.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    wcs : `~astropy.wcs.WCS`
    x, y : array_like
        Pixel coordinates on the projection; NaN lies outside.

    Returns
    -------
    ndarray of bool
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    if isinstance(region, CompoundSkyRegion):
        if region.operator is operator.or_:
            result = np.zeros(x.shape, dtype=bool)
            parts = _parts_of_union(region)
            circles = [part for part in parts if isinstance(part, CircleSkyRegion) and _is_included(part)]
            for center_x, center_y, radius in zip(*circles_to_pixels(circles, wcs), strict=True):
                result |= (x - center_x) ** 2 + (y - center_y) ** 2 < radius**2
            for part in parts:
                if part not in circles:
                    result |= contains_pixels(part, wcs, x, y)
            return result
        one, other = (contains_pixels(part, wcs, x, y) for part in (region.region1, region.region2))
        return region.operator(one, other)
    if isinstance(region, CircleSkyRegion):
        (center_x,), (center_y,), (radius,) = circles_to_pixels([region], wcs)
        inside = (x - center_x) ** 2 + (y - center_y) ** 2 < radius**2
        return inside if _is_included(region) else ~inside
    pixel_region = region_to_pixel(region, wcs)
    return np.asarray(pixel_region.contains(PixCoord(x, y)), dtype=bool)


def _is_included(region) -> bool:
    return bool(region.meta.get("include", True))


def circles_to_pixels(circles, wcs) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return centres and radii of circles in pixels of a projection.

    The scale is that at the centre, towards the north of the projection, as `regions` has it.
    """
    if not circles:
        return np.empty(0), np.empty(0), np.empty(0)
    frame = wcs_to_celestial_frame(wcs)
    lon, lat = np.empty(len(circles)), np.empty(len(circles))
    for index, circle in enumerate(circles):
        center = (
            circle.center if circle.center.frame.name == frame.name else circle.center.transform_to(frame)
        )
        lon[index], lat[index] = center.data.lon.deg, center.data.lat.deg
    radius = np.array([circle.radius.to_value("deg") for circle in circles])
    x, y = wcs.wcs_world2pix(lon, lat, 0)
    # Towards the equator where one step north would cross a pole.
    step = np.where(lat > 0, -STEP, STEP)
    x_next, y_next = wcs.wcs_world2pix(lon, lat + step, 0)
    return x, y, radius * np.hypot(x_next - x, y_next - y) / STEP


def _parts_of_union(region) -> list:
    """Return what a union joins."""
    parts, pending = [], [region]
    while pending:
        item = pending.pop()
        if isinstance(item, CompoundSkyRegion) and item.operator is operator.or_:
            pending += [item.region2, item.region1]
        else:
            parts.append(item)
    return parts


def region_frame(region) -> str:
    """Return the name of the frame of a region, of its first part for compound ones."""
    while isinstance(region, CompoundSkyRegion):
        region = region.region1
    return region_center(region).frame.name
