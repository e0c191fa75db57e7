"""HEALPix pixel arithmetic on plain arrays: numbers and positions of pixels, hierarchy, neighbours.

Positions are in degrees. Arrays of `nside` broadcast against those of pixels.

References
----------
.. [1] Gorski et al. (2005), ApJ 622, 759.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy_healpix import healpy as healpix
from astropy_healpix.core import bilinear_interpolation_weights, healpix_to_lonlat
from astropy_healpix.core import neighbours as _neighbours

from ...errors import GeometryError

__all__ = [
    "as_nside",
    "bilinear_weights",
    "children",
    "is_power_of_two",
    "lonlat_to_pix",
    "neighbours",
    "nside_of_size",
    "parents",
    "pix_to_lonlat",
    "pixel_size",
    "reordered",
]

# ordinary pixel sizes; the finest is 0.4 arcsec
LARGEST_ORDER = 19


def is_power_of_two(nside):
    """Return whether each number is a power of two."""
    nside = np.asarray(nside)
    return (nside & (nside - 1)) == 0


def as_nside(nside, nest) -> np.ndarray:
    """Return checked values of nside as an array of at least one dimension."""
    values = np.atleast_1d(np.asarray(nside))
    whole = np.rint(values.astype(float)).astype(np.int64)
    if np.any(whole != values) or np.any(whole < 1):
        raise GeometryError(f"nside must be a whole number >= 1, got {nside}. Use a power of two.")
    if nest and not np.all(is_power_of_two(whole)):
        raise GeometryError(
            f"nside must be a power of two for nested pixels, got {nside}. Round it, or pass nest=False."
        )
    return whole


def pixel_size(nside):
    """Return the square root of the area of a pixel, deg.

    Examples
    --------
    >>> round(float(pixel_size(64)), 4)
    0.9161
    """
    return np.degrees(np.sqrt(np.pi / 3)) / np.asarray(nside)


def nside_of_size(size):
    """Return the power of two whose pixel size is nearest to `size` in deg.

    Examples
    --------
    >>> [int(nside_of_size(size)) for size in (0.1, 1, 10)]
    [512, 64, 8]
    """
    known = 2 ** np.arange(LARGEST_ORDER + 1)
    size = np.asarray(size, dtype=float)
    if not np.all(size > 0):
        raise GeometryError(f"binsz must be positive, got {size}. Give an angle.")
    return known[np.argmin(np.abs(size[..., np.newaxis] - pixel_size(known)), axis=-1)]


def lonlat_to_pix(lon, lat, nside, nest) -> np.ndarray:
    """Return the pixel of each position; -1 where a coordinate is NaN or a latitude impossible."""
    lon, lat = np.broadcast_arrays(np.asarray(lon, dtype=float), np.asarray(lat, dtype=float))
    known = np.isfinite(lon) & (np.abs(lat) <= 90)
    if known.all():
        return np.asarray(healpix.ang2pix(nside, lon, lat, nest=nest, lonlat=True), dtype=np.int64)
    pix = healpix.ang2pix(nside, np.where(known, lon, 0), np.where(known, lat, 0), nest=nest, lonlat=True)
    return np.where(known, pix, -1)


def pix_to_lonlat(pix, nside, nest, within=(None, None)) -> tuple[np.ndarray, np.ndarray]:
    """Return longitude and latitude of each pixel centre; NaN for pixels below 0.

    Parameters
    ----------
    pix : array_like of int
    nside : int or array_like of int
    nest : bool
    within : pair of array_like, optional
        Place in the pixel, each between 0 and 1, instead of its centre. A uniform distribution of these is uniform on
        the sky.
    """
    pix = np.asarray(pix)
    known = pix >= 0
    dx, dy = within
    order = "nested" if nest else "ring"
    lon, lat = healpix_to_lonlat(np.where(known, pix, 0), nside, dx, dy, order=order)
    lon, lat = lon.to_value("deg"), lat.to_value("deg")
    if known.all():
        return lon, lat
    return np.where(known, lon, np.nan), np.where(known, lat, np.nan)


def bilinear_weights(lon, lat, nside, nest) -> tuple[np.ndarray, np.ndarray]:
    """Return the four pixels around each position and their weights, both of shape (4, *shape)."""
    order = "nested" if nest else "ring"
    return bilinear_interpolation_weights(lon * u.deg, lat * u.deg, nside, order=order)


def neighbours(pix, nside, nest) -> np.ndarray:
    """Return the pixels around each pixel, shape (8, n); -1 where a corner is missing."""
    return np.asarray(_neighbours(pix, nside, order="nested" if nest else "ring"))


def reordered(pix, nside, nest, to_nest) -> np.ndarray:
    """Return pixel numbers in the other, or the same, order; -1 stays."""
    pix = np.asarray(pix)
    if nest == to_nest:
        return pix
    change = healpix.ring2nest if to_nest else healpix.nest2ring
    return np.where(pix < 0, -1, change(nside, np.maximum(pix, 0)))


def children(pix, nside, factor, nest) -> np.ndarray:
    """Return the pixels of `factor` times the nside that lie in each pixel, shape (n, factor^2)."""
    first = reordered(pix, nside, nest, True)[..., np.newaxis] * factor**2
    return reordered(first + np.arange(factor**2), nside * factor, True, nest)


def parents(pix, nside, factor, nest) -> np.ndarray:
    """Return the pixel of `factor` times smaller nside in which each pixel lies."""
    return reordered(reordered(pix, nside, nest, True) // factor**2, nside // factor, True, nest)
