"""Which points lie inside a region, tested on the pixels of a projection, and how large it is."""

from __future__ import annotations

import operator

import numpy as np
from astropy.wcs.utils import proj_plane_pixel_area, wcs_to_celestial_frame
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    CompoundSkyRegion,
    EllipseSkyRegion,
    PixCoord,
    PointSkyRegion,
    RectangleSkyRegion,
)

from ...sky.regions.compound import region_center
from ...sky.regions.transform import region_to_pixel
from ..coord import skycoord_to_lonlat
from .helper_wcs import enclosing_wcs, is_point, simple_parts

__all__ = ["circles_to_pixels", "contains_pixels", "membership_weights", "region_frame", "region_solid_angle"]

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
            circles, others = [], []
            for part in _parts_of_union(region):
                is_circle = isinstance(part, CircleSkyRegion) and _is_included(part)
                (circles if is_circle else others).append(part)
            for center_x, center_y, radius in zip(*circles_to_pixels(circles, wcs), strict=True):
                result |= (x - center_x) ** 2 + (y - center_y) ** 2 < radius**2
            for part in others:
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


def membership_weights(region, wcs, factor) -> np.ndarray:
    """Return which part of each pixel of a projection a region covers.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    wcs : `~astropy.wcs.WCS`
        With ``array_shape``.
    factor : int
        Each pixel is tested at factor x factor points. A point region counts for the pixel that it is in.

    Returns
    -------
    ndarray, shape `wcs.array_shape`
    """
    ny, nx = (int(n) for n in wcs.array_shape)
    if is_point(region):
        weights = np.zeros((ny, nx))
        frame = wcs_to_celestial_frame(wcs).name
        for part in simple_parts(region):
            x, y = wcs.wcs_world2pix(*skycoord_to_lonlat(part.center, frame)[:2], 0)
            weights[int(np.clip(np.rint(y), 0, ny - 1)), int(np.clip(np.rint(x), 0, nx - 1))] = 1
        return weights
    steps = (np.arange(factor) + 0.5) / factor - 0.5
    x = (np.arange(nx)[:, np.newaxis] + steps).ravel()
    y = (np.arange(ny)[:, np.newaxis] + steps).ravel()
    inside = contains_pixels(region, wcs, x, y[:, np.newaxis])
    return inside.reshape(ny, factor, nx, factor).mean(axis=(1, 3))


def region_solid_angle(region, binsz, frame, wcs=None) -> float:
    """Return the solid angle of a region in sr; zero for points and lines.

    All shapes are flat: pi r**2 for a circle. Compound regions are integrated on points ten times finer than the
    pixels; unions of parts that are apart are the sum of these.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    binsz : tuple of float
        Pixel sizes in degrees.
    frame : str
        Frame of the projection.
    wcs : `~astropy.wcs.WCS`, optional
        Projection to use instead of a tangential one around the region.
    """
    if is_point(region):
        return 0.0
    if isinstance(region, CircleSkyRegion):
        return np.pi * region.radius.to_value("rad") ** 2
    if isinstance(region, CircleAnnulusSkyRegion):
        return np.pi * (region.outer_radius.to_value("rad") ** 2 - region.inner_radius.to_value("rad") ** 2)
    if isinstance(region, (RectangleSkyRegion, EllipseSkyRegion)):
        box = region.width.to_value("rad") * region.height.to_value("rad")
        return box if isinstance(region, RectangleSkyRegion) else box * np.pi / 4
    if isinstance(region, CompoundSkyRegion):
        parts = [part for part in simple_parts(region) if not isinstance(part, PointSkyRegion)]
        if _is_union(region) and _are_apart(parts, frame):
            return sum(region_solid_angle(part, binsz, frame, wcs) for part in parts)
    wcs = enclosing_wcs(region, binsz, frame) if wcs is None else wcs
    pixel = np.radians(1.0) ** 2 * proj_plane_pixel_area(wcs)
    if not isinstance(region, CompoundSkyRegion):
        return float(region_to_pixel(region, wcs).area) * pixel
    return float(membership_weights(region, wcs, 10).sum()) * pixel


def _is_union(region) -> bool:
    return all(not isinstance(part, CompoundSkyRegion) for part in _parts_of_union(region))


def _are_apart(parts, frame) -> bool:
    """Return whether regions do not overlap, judged by circles around them."""
    circles = []
    for part in parts:
        if isinstance(part, CircleSkyRegion):
            reach = part.radius.to_value("deg")
        elif isinstance(part, CircleAnnulusSkyRegion):
            reach = part.outer_radius.to_value("deg")
        elif isinstance(part, (RectangleSkyRegion, EllipseSkyRegion)):
            reach = np.hypot(part.width.to_value("deg"), part.height.to_value("deg")) / 2
        else:
            return False
        if not _is_included(part):
            return False
        circles.append((*skycoord_to_lonlat(part.center, frame)[:2], reach))
    lon, lat, reach = np.radians(np.transpose(circles))
    vectors = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
    chord = np.linalg.norm(vectors[:, np.newaxis] - vectors, axis=-1)
    distance = 2 * np.arcsin(np.clip(chord / 2, 0, 1))
    return bool(np.all((distance >= reach[:, np.newaxis] + reach) | np.eye(len(reach), dtype=bool)))
