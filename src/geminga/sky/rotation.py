"""Fast rotations between equatorial and Galactic coordinates, in plain degrees.

The two frames differ by a fixed rotation. Astropy gives its matrix once; a million positions then take a few sines.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from astropy.coordinates import ICRS, CartesianRepresentation, Galactic

from ..numerics.angles import length, sine_cosine, unit_vectors, within_turn

__all__ = ["galactic_to_icrs", "icrs_to_galactic", "separation"]


@lru_cache(maxsize=1)
def _matrix() -> np.ndarray:
    """Return the matrix that turns vectors in ICRS into vectors in Galactic coordinates."""
    axes = ICRS(CartesianRepresentation(np.eye(3)))
    return axes.transform_to(Galactic()).cartesian.xyz.value


def _rotate(lon, lat, matrix):
    """Rotate positions; degrees in and out, longitudes between 0 and 360."""
    a, b, c = unit_vectors(np.radians(lon), np.radians(lat))
    x, y, z = (row[0] * a + row[1] * b + row[2] * c for row in matrix)
    return within_turn(np.degrees(np.arctan2(y, x))), np.degrees(np.arctan2(z, length(x, y)))


def icrs_to_galactic(lon, lat):
    """Turn right ascension and declination into Galactic longitude and latitude.

    Parameters
    ----------
    lon, lat : array_like
        Degrees.

    Returns
    -------
    lon, lat : ndarray
        Degrees; longitudes between 0 and 360.

    Examples
    --------
    >>> lon, lat = icrs_to_galactic(266.4049882865447, -28.936177761791473)
    >>> round(float(lat), 9)
    0.0
    """
    return _rotate(lon, lat, _matrix())


def galactic_to_icrs(lon, lat):
    """Turn Galactic longitude and latitude into right ascension and declination, in degrees."""
    return _rotate(lon, lat, _matrix().T)


def separation(lon, lat, lon_0, lat_0):
    """Compute the angle between positions on a sphere.

    Parameters
    ----------
    lon, lat, lon_0, lat_0 : array_like
        Degrees; they broadcast.

    Returns
    -------
    ndarray
        Degrees between 0 and 180. Exact for small angles; near 180 deg to 1e-6 deg.

    Notes
    -----
    The haversine formula: :math:`\\sin^2(d/2) = \\sin^2(\\Delta b/2) + \\cos b \\cos b_0 \\sin^2(\\Delta l/2)`.

    Examples
    --------
    >>> round(float(separation(10.0, 0.0, 11.0, 0.0)), 9)
    1.0
    """
    lon, lat, lon_0, lat_0 = (np.radians(angle) for angle in (lon, lat, lon_0, lat_0))
    cosines = sine_cosine(lat)[1] * sine_cosine(lat_0)[1]
    half = sine_cosine(0.5 * (lat - lat_0))[0] ** 2 + cosines * sine_cosine(0.5 * (lon - lon_0))[0] ** 2
    return np.degrees(2.0 * np.arcsin(np.sqrt(np.minimum(half, 1.0))))
