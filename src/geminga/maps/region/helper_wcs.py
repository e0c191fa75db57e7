"""The tangential projection around a region, on which its area and membership are evaluated."""

from __future__ import annotations

import operator

import numpy as np
from astropy.coordinates import SkyCoord
from astropy.wcs import WCS
from regions import CirclePixelRegion, CompoundSkyRegion, PointSkyRegion, PolygonSkyRegion

from ...sky.regions.compound import region_center, regions_to_compound_region
from ...sky.regions.transform import region_to_pixel

__all__ = ["center_of_region", "enclosing_wcs", "is_point", "membership_weights", "pixel_area"]

_CTYPES = {
    "icrs": ("RA---TAN", "DEC--TAN"),
    "fk5": ("RA---TAN", "DEC--TAN"),
    "galactic": ("GLON-TAN", "GLAT-TAN"),
}


def is_point(region) -> bool:
    """Return whether a region is a point or a union of points."""
    if isinstance(region, PointSkyRegion):
        return True
    if not isinstance(region, CompoundSkyRegion):
        return False
    return all(isinstance(part, PointSkyRegion) for part in _parts(region))


def _tangential(center: SkyCoord, frame: str, binsz, n_pix) -> WCS:
    """Return a TAN projection of `n_pix` = (nx, ny) pixels around a position."""
    position = center.transform_to(frame)
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = _CTYPES[frame]
    wcs.wcs.cunit = ["deg", "deg"]
    wcs.wcs.crval = [position.data.lon.deg, position.data.lat.deg]
    wcs.wcs.cdelt = [-binsz[0], binsz[1]]
    wcs.wcs.crpix = [(n + 1) / 2 for n in n_pix]
    if frame == "icrs":
        wcs.wcs.radesys = "ICRS"
    elif frame == "fk5":
        wcs.wcs.radesys, wcs.wcs.equinox = "FK5", 2000.0
    wcs.array_shape = (int(n_pix[1]), int(n_pix[0]))
    wcs.wcs.set()
    return wcs


def _edges_from_center(region, center, frame, binsz) -> np.ndarray:
    """Return the pixel edges (x low, x high, y low, y high) of the box around a region, relative to a position."""
    # the reference point is a hair off a pixel corner, so that a region that ends on a pixel edge gets that pixel
    wcs = _tangential(center, frame, binsz, (2 - 2e-6, 2 - 2e-6))
    box = region_to_pixel(region, wcs).bounding_box
    reference = wcs.wcs.crpix[0] - 1
    return np.array([box.ixmin, box.ixmax, box.iymin, box.iymax], dtype=float) - 0.5 - reference


def enclosing_wcs(region, binsz, frame) -> WCS:
    """Return a TAN projection that contains a region, with a whole number of pixels.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    binsz : tuple of float
        Pixel sizes in degrees along longitude and latitude.
    frame : {"icrs", "galactic", "fk5"}

    Returns
    -------
    `~astropy.wcs.WCS`
        With ``array_shape``; the reference point is the centre of the region, or of the box around it when the region
        is not symmetric.
    """
    center = center_of_region(region)
    if isinstance(region, PointSkyRegion):
        return _tangential(center, frame, binsz, (1, 1))
    if isinstance(region, (CompoundSkyRegion, PolygonSkyRegion)):
        x_low, x_high, y_low, y_high = _edges_from_center(region, center, frame, binsz)
        wcs = _tangential(center, frame, binsz, (1, 1))
        center = wcs.pixel_to_world((x_low + x_high) / 2, (y_low + y_high) / 2)
    edges = np.abs(_edges_from_center(region, center, frame, binsz))
    n_pix = [2 * int(np.ceil(max(pair) - 1e-3)) for pair in (edges[:2], edges[2:])]
    return _tangential(center, frame, binsz, n_pix)


def pixel_area(region, wcs) -> float:
    """Return the area of a region in pixels of a projection; unions count what their parts share once."""
    if is_point(region):
        return 0.0
    if not isinstance(region, CompoundSkyRegion):
        return float(region_to_pixel(region, wcs).area)
    if region.operator is operator.or_:
        parts = [region_to_pixel(part, wcs) for part in _parts(region)]
        if _are_apart(parts):
            return float(sum(part.area for part in parts))
    return float(membership_weights(region, wcs, 10).sum())


def _parts(region) -> list:
    """Return the simple regions of which a region is made, whatever joins them."""
    parts, pending = [], [region]
    while pending:
        item = pending.pop()
        if isinstance(item, CompoundSkyRegion):
            pending += [item.region2, item.region1]
        else:
            parts.append(item)
    return parts


def center_of_region(region) -> SkyCoord:
    """Return the centre of a region; for intersections and differences that of the union of their parts."""
    if isinstance(region, CompoundSkyRegion):
        return region_center(regions_to_compound_region(_parts(region)))
    return region_center(region)


def _are_apart(pixel_regions) -> bool:
    """Return whether regions do not overlap, judged by the circles around their boxes."""
    circles = []
    for part in pixel_regions:
        if isinstance(part, CirclePixelRegion):
            circles.append((part.center.x, part.center.y, part.radius))
        else:
            box = part.bounding_box
            circles.append((*box.center[::-1], np.hypot(*box.shape) / 2))
    x, y, radius = np.transpose(circles)
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    return bool(np.all((distance >= radius[:, None] + radius) | np.eye(len(radius), dtype=bool)))


def membership_weights(region, wcs, factor) -> np.ndarray:
    """Return which part of each pixel of a projection a region covers.

    Parameters
    ----------
    region : `~regions.SkyRegion`
    wcs : `~astropy.wcs.WCS`
        With ``array_shape``.
    factor : int
        Each pixel is tested at factor x factor points.

    Returns
    -------
    ndarray, shape `wcs.array_shape`
    """
    from regions import PixCoord

    ny, nx = (int(n) for n in wcs.array_shape)
    if is_point(region):
        weights = np.zeros((ny, nx))
        for part in _parts(region):
            x, y = wcs.world_to_pixel(part.center)
            weights[int(np.clip(np.rint(y), 0, ny - 1)), int(np.clip(np.rint(x), 0, nx - 1))] = 1
        return weights
    steps = (np.arange(factor) + 0.5) / factor - 0.5
    x = (np.arange(nx)[:, None] + steps).ravel()
    y = (np.arange(ny)[:, None] + steps).ravel()
    inside = region_to_pixel(region, wcs).contains(PixCoord(*np.meshgrid(x, y)))
    return inside.reshape(ny, factor, nx, factor).mean(axis=(1, 3))
