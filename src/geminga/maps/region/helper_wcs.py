"""The tangential projection around a region, on which its area and membership are evaluated."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    CompoundSkyRegion,
    EllipseAnnulusSkyRegion,
    EllipseSkyRegion,
    PointSkyRegion,
    RectangleAnnulusSkyRegion,
    RectangleSkyRegion,
)

from ...sky.regions.compound import region_center, regions_to_compound_region
from ...sky.regions.shapes import SphericalCircleSkyRegion
from ...sky.regions.transform import region_to_pixel
from ..coord import skycoord_to_lonlat
from ..wcs.projection import make_wcs

__all__ = ["center_of_region", "enclosing_wcs", "is_point", "simple_parts"]


def simple_parts(region) -> list:
    """Return the simple regions of which a region is made, whatever joins them."""
    parts, pending = [], [region]
    # a union of n regions is nested n deep, too deep for recursion
    while pending:
        item = pending.pop()
        if isinstance(item, CompoundSkyRegion):
            pending += [item.region2, item.region1]
        else:
            parts.append(item)
    return parts


def is_point(region) -> bool:
    """Return whether a region is a point or made of points only."""
    return all(isinstance(part, PointSkyRegion) for part in simple_parts(region))


def center_of_region(region) -> SkyCoord:
    """Return the centre of a region; for intersections and differences that of the union of their parts."""
    if isinstance(region, CompoundSkyRegion):
        return region_center(regions_to_compound_region(simple_parts(region)))
    return region_center(region)


def _tangential(center, frame, binsz, n_pix):
    """Return a TAN projection of `n_pix` = (nx, ny) pixels around a position."""
    lon, lat, _ = skycoord_to_lonlat(center, frame)
    wcs = make_wcs(frame, "TAN", (lon, lat), (-binsz[0], binsz[1]), [(n + 1) / 2 for n in n_pix])
    wcs.array_shape = (int(n_pix[1]), int(n_pix[0]))
    return wcs


def _half_widths(region, frame):
    """Return half the width and height in degrees of the box around a symmetric region, None for others."""
    if isinstance(region, (CircleSkyRegion, SphericalCircleSkyRegion)):
        radius = region.radius.to_value("deg")
        return radius, radius
    if isinstance(region, CircleAnnulusSkyRegion):
        radius = region.outer_radius.to_value("deg")
        return radius, radius
    if getattr(getattr(region, "center", None), "frame", None) is None or region.center.frame.name != frame:
        return None
    if isinstance(region, (EllipseSkyRegion, RectangleSkyRegion)):
        a, b = region.width.to_value("deg") / 2, region.height.to_value("deg") / 2
    elif isinstance(region, (EllipseAnnulusSkyRegion, RectangleAnnulusSkyRegion)):
        a, b = region.outer_width.to_value("deg") / 2, region.outer_height.to_value("deg") / 2
    else:
        return None
    angle = region.angle.to_value("rad")
    cos, sin = abs(np.cos(angle)), abs(np.sin(angle))
    if isinstance(region, (RectangleSkyRegion, RectangleAnnulusSkyRegion)):
        return a * cos + b * sin, a * sin + b * cos
    return np.hypot(a * cos, b * sin), np.hypot(a * sin, b * cos)


def _box(region, center, frame, binsz) -> np.ndarray:
    """Return the pixel edges (x low, x high, y low, y high) of the box around a region, relative to a position."""
    wcs = _tangential(center, frame, binsz, (1, 1))
    boxes = [region_to_pixel(part, wcs).bounding_box for part in simple_parts(region)]
    low = [min(box.ixmin for box in boxes), min(box.iymin for box in boxes)]
    high = [max(box.ixmax for box in boxes), max(box.iymax for box in boxes)]
    return np.array([low[0], high[0], low[1], high[1]], dtype=float) - 0.5


def enclosing_wcs(region, binsz, frame):
    """Return a TAN projection that contains a region, with an even number of pixels (one for a point).

    Parameters
    ----------
    region : `~regions.SkyRegion`
    binsz : tuple of float
        Pixel sizes in degrees along longitude and latitude.
    frame : {"icrs", "galactic", "fk5"}

    Returns
    -------
    `~astropy.wcs.WCS`
        With ``array_shape``; the reference point is the centre of the region, or of the box around it when the
        region is not symmetric.
    """
    center = center_of_region(region)
    if isinstance(region, PointSkyRegion):
        return _tangential(center, frame, binsz, (1, 1))
    half = _half_widths(region, frame)
    if half is not None:
        # a region that ends on a pixel edge gets the next pixel too
        n_pix = [2 * int(np.ceil(size / pixel + 1e-6)) for size, pixel in zip(half, binsz, strict=True)]
        return _tangential(center, frame, binsz, n_pix)
    x_low, x_high, y_low, y_high = _box(region, center, frame, binsz)
    wcs = _tangential(center, frame, binsz, (1, 1))
    center = SkyCoord.from_pixel((x_low + x_high) / 2, (y_low + y_high) / 2, wcs)
    edges = np.abs(_box(region, center, frame, binsz))
    n_pix = [2 * int(np.ceil(max(pair) - 1e-3)) for pair in (edges[:2], edges[2:])]
    return _tangential(center, frame, binsz, n_pix)
