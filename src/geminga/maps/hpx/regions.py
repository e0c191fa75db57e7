"""Parts of the sky named by text: disks, and the pixels inside a larger pixel.

"DISK(lon,lat,radius)" has the pixels whose centres are inside, "DISK_INC(lon,lat,radius,factor)" those that overlap the
disk, "HPX_PIXEL(order,nside,pixel)" those in a pixel of a smaller nside, numbered in order NESTED or RING. Angles are
in degrees.

References
----------
.. [1] Data formats for gamma-ray astronomy, "Sky maps", HPX_REG.
"""

from __future__ import annotations

import re

import numpy as np
from astropy import units as u
from astropy_healpix.core import healpix_cone_search

from ...errors import GeometryError
from ...sky.rotation import separation
from .pixelization import children, lonlat_to_pix, pix_to_lonlat, reordered

__all__ = ["center_of_region", "parse_region", "pixels_of_region", "radius_of_region"]

FORMS = "DISK(lon,lat,radius), DISK_INC(lon,lat,radius,factor), HPX_PIXEL(NESTED,nside,pixel)"


def parse_region(text) -> tuple[str, list]:
    """Return the name of a shape and its values.

    Examples
    --------
    >>> parse_region("DISK(110.,75.,10.)")
    ('DISK', [110.0, 75.0, 10.0])
    """
    found = re.fullmatch(r"\s*(\w+)\s*\(([^()]*)\)\s*", text)
    name = found.group(1).upper() if found else None
    values = [item.strip() for item in found.group(2).split(",")] if found else []
    try:
        if name == "DISK" and len(values) == 3:
            return name, [float(item) for item in values]
        if name == "DISK_INC" and len(values) in (3, 4):
            return name, [float(item) for item in values[:3]] + [int(item) for item in values[3:]]
        if name == "HPX_PIXEL" and len(values) == 3:
            order = values[0].upper()
            if order in ("NEST", "NESTED", "RING"):
                return name, [order != "RING", int(values[1]), int(values[2])]
    except ValueError:
        pass
    raise GeometryError(f"region must be one of {FORMS}, got {text!r}. Lists of pixels are arrays.")


def _touched_by_disk(nside, nest, lon, lat, radius):
    if radius >= 180:
        return np.arange(12 * nside**2)
    found = healpix_cone_search(
        lon * u.deg, lat * u.deg, max(radius, 0) * u.deg, nside, order="nested" if nest else "ring"
    )
    return np.unique(np.asarray(found, dtype=np.int64))


def pixels_of_region(nside, nest, region) -> np.ndarray:
    """Return the numbers of the pixels in a region, in rising order.

    Parameters
    ----------
    nside : int
    nest : bool
    region : str

    Examples
    --------
    >>> pixels_of_region(8, True, "DISK(110.,75.,10.)")
    array([121, 122, 123, 124, 126])
    """
    nside = int(nside)
    name, values = parse_region(region)
    if name == "HPX_PIXEL":
        nested, coarse, pixel = values
        if nside % coarse or not 0 <= pixel < 12 * coarse**2:
            raise GeometryError(
                f"pixel of {region!r} must exist and its nside divide that of the map, {nside}. Use a smaller nside."
            )
        pixel = reordered(np.array([pixel]), coarse, nested, nest)
        return np.sort(children(pixel, coarse, nside // coarse, nest).ravel())
    lon, lat, radius = values[:3]
    found = _touched_by_disk(nside, nest, lon, lat, radius)
    if name == "DISK":
        found = found[separation(*pix_to_lonlat(found, nside, nest), lon, lat) <= radius]
    elif found.size == 0:
        found = np.atleast_1d(lonlat_to_pix(lon, lat, nside, nest))
    return found


def center_of_region(region) -> tuple[float, float]:
    """Return longitude and latitude of the centre in degrees."""
    name, values = parse_region(region)
    if name != "HPX_PIXEL":
        return values[0], values[1]
    nested, coarse, pixel = values
    return tuple(float(angle) for angle in pix_to_lonlat(pixel, coarse, nested))


def radius_of_region(region) -> float | None:
    """Return the radius of a disk in degrees, None for other shapes."""
    name, values = parse_region(region)
    return None if name == "HPX_PIXEL" else values[2]
