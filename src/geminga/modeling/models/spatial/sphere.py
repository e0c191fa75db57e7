"""Separations, position angles and ellipses on the sphere, for plain degrees and quantities alike."""

from __future__ import annotations

import weakref
from math import pi

import numpy as np
from astropy import units as u

from ..arrays import array_namespace, number

__all__ = [
    "direction",
    "effective_radius",
    "haversine",
    "per_steradian",
    "radians",
    "rotate_to",
    "separation",
]

_RADIANS = pi / 180
_TINY = 1e-60


def radians(angle):
    """Return an angle as plain radians; plain numbers are degrees.

    Examples
    --------
    >>> round(float(radians(180 * u.deg)), 6), round(radians(90.0), 6)
    (3.141593, 1.570796)
    """
    if isinstance(angle, u.Quantity):
        return angle.to_value(u.rad)
    return angle * _RADIANS


def per_steradian(value, lon):
    """Return plain numbers, as a quantity when the coordinates are quantities."""
    return u.Quantity(value, "sr-1", copy=None) if isinstance(lon, u.Quantity) else value


_vectors_of: dict = {}


def _unit_vectors(lon, lat):
    """Return the unit vectors of positions, shape (3, ...), or None where it is not worth while.

    They are kept for arrays that cannot be written to, as long as these live: the pixels of a map are looked at again
    and again in a fit, and products of vectors are many times faster than sines and cosines.
    """
    plain = type(lon) is np.ndarray and type(lat) is np.ndarray and lon.shape == lat.shape and lon.size > 1
    if not plain or lon.flags.writeable or lat.flags.writeable:
        return None
    name = id(lon), id(lat)
    known = _vectors_of.get(name)
    if known is None or known[0]() is not lon or known[1]() is not lat:
        lon_, lat_ = lon * _RADIANS, lat * _RADIANS
        cos_lat = np.cos(lat_)
        vectors = np.stack([cos_lat * np.cos(lon_), cos_lat * np.sin(lon_), np.sin(lat_)])
        end = weakref.ref(lon, lambda _, forget=_vectors_of.pop: forget(name, None))
        known = _vectors_of[name] = end, weakref.ref(lat), vectors
    return known[2]


def _dot(vectors, axis):
    return vectors[0] * axis[0] + vectors[1] * axis[1] + vectors[2] * axis[2]


def haversine(lon, lat, lon_0, lat_0):
    """Return the squared sine of half the great-circle distance to a position.

    On a grid, with longitudes along one dimension and latitudes along the other, it costs two operations a point.

    Examples
    --------
    >>> round(float(haversine(0.0, 0.0, 180.0, 0.0)), 9)
    1.0
    """
    vectors = _unit_vectors(lon, lat)
    lon, lat, lon_0, lat_0 = (radians(angle) for angle in (lon, lat, lon_0, lat_0))
    xp = array_namespace(lon, lat, lon_0, lat_0)
    if vectors is not None and xp is np:
        # a quarter of the squared chord
        x, y, z = (v - c for v, c in zip(vectors, _local_axes_at(lon_0, lat_0)[0], strict=True))
        return 0.25 * (x * x + y * y + z * z)
    return xp.sin((lat - lat_0) / 2) ** 2 + xp.cos(lat) * xp.cos(lat_0) * xp.sin((lon - lon_0) / 2) ** 2


def separation(lon, lat, lon_0, lat_0):
    """Return the great-circle distance to a position in radians, by haversines.

    Examples
    --------
    >>> round(float(np.degrees(separation(0.0, 0.0, 0.0, 1.0))), 9)
    1.0
    """
    squared = haversine(lon, lat, lon_0, lat_0)
    xp = array_namespace(squared)
    return 2 * xp.arcsin(xp.sqrt(xp.minimum(squared, 1.0)))


def direction(lon, lat, lon_0, lat_0):
    """Return the components to the east and to the north of the directions from a position to others.

    Both are multiplied by the sine of the distance.

    Examples
    --------
    >>> east, north = direction(1.0, 0.0, 0.0, 0.0)
    >>> round(float(np.degrees(east)), 4), float(north)
    (0.9999, 0.0)
    """
    vectors = _unit_vectors(lon, lat)
    lon, lat, lon_0, lat_0 = (radians(angle) for angle in (lon, lat, lon_0, lat_0))
    xp = array_namespace(lon, lat, lon_0, lat_0)
    if vectors is not None and xp is np:
        _, to_east, to_north = _local_axes_at(lon_0, lat_0)
        return _dot(vectors, to_east), _dot(vectors, to_north)
    cos_lat = xp.cos(lat)
    east = cos_lat * xp.sin(lon - lon_0)
    north = xp.sin(lat - lat_0) + cos_lat * (2 * xp.sin(lat_0) * xp.sin((lon - lon_0) / 2) ** 2)
    return east, north


def effective_radius(lon, lat, lon_0, lat_0, major, e, phi):
    """Return the radius of an ellipse in the direction of each position, in radians.

    Parameters
    ----------
    lon, lat, lon_0, lat_0
        Positions and centre.
    major : float or `~astropy.units.Quantity`
        Semi-major axis, along the position angle `phi`.
    e : float
        Eccentricity; the semi-minor axis is ``major * sqrt(1 - e**2)``.
    phi : float or `~astropy.units.Quantity`
    """
    major, e = radians(major), number(e)
    if _is_zero(e):
        return major
    east, north = direction(lon, lat, lon_0, lat_0)
    phi = radians(phi)
    xp = array_namespace(east, north, phi, e)
    sine, cosine = xp.sin(phi), xp.cos(phi)
    squared_ratio = 1 - xp.clip(xp.asarray(e), 0.0, 1 - 1e-12) ** 2
    across, along = (east * cosine - north * sine) ** 2, (north * cosine + east * sine) ** 2
    # at the centre any direction will do
    length, stretched = across + along + _TINY, across + squared_ratio * along + squared_ratio * _TINY
    return major * xp.sqrt(squared_ratio * length / stretched)


def radius_at(angle, major, e):
    """Return the radius of an ellipse at an angle from its major axis, plain radians.

    Examples
    --------
    >>> float(radius_at(0.0, 2.0, 0.8)), round(float(radius_at(pi / 2, 2.0, 0.8)), 9)
    (2.0, 1.2)
    """
    xp = array_namespace(angle, major, e)
    axis_ratio = xp.sqrt(1 - xp.clip(xp.asarray(e), 0.0, 1 - 1e-12) ** 2)
    return major * axis_ratio / xp.hypot(xp.sin(angle), axis_ratio * xp.cos(angle))


def _is_zero(e) -> bool:
    """Return whether the ellipse is a circle; arrays of other libraries may not be known yet."""
    return isinstance(e, float | int | np.ndarray) and not np.any(e)


def mean_over_ellipse(function, major, e, n_angles=64):
    """Return the mean over all directions of a function of the radius of an ellipse.

    The directions are equidistant, which converges exponentially for a smooth periodic function; slender ellipses get
    more of them.
    """
    major, e = radians(major), number(e)
    if _is_zero(e):
        return function(major)
    xp = array_namespace(major, e)
    if xp is np:
        n_angles = int(n_angles / np.sqrt(1 - min(float(np.max(e)), 0.999999) ** 2))
    angles = (np.arange(n_angles) + 0.5) * (2 * pi / n_angles)
    return xp.mean(function(radius_at(angles, major, e)))


def rotate_to(lon, lat, start, stop):
    """Return positions after the rotation that takes one position to another and keeps north at both.

    Parameters
    ----------
    lon, lat : ndarray
        Plain degrees.
    start, stop : tuple of float
        Longitude and latitude in degrees.

    Returns
    -------
    tuple of ndarray
        Longitude and latitude in degrees.

    Examples
    --------
    >>> lon, lat = rotate_to(np.array([10.0]), np.array([20.0]), (10.0, 20.0), (30.0, -5.0))
    >>> round(float(lon[0]), 9), round(float(lat[0]), 9)
    (30.0, -5.0)
    """
    lon, lat = np.radians(lon), np.radians(lat)
    vectors = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    matrix = _local_axes_at(*np.radians(stop)).T @ _local_axes_at(*np.radians(start))
    x, y, z = np.tensordot(matrix, vectors, axes=1)
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arcsin(np.clip(z, -1, 1)))


def _local_axes_at(lon, lat):
    """Return the unit vectors outward, east and north at a position in radians, as rows."""
    lon, lat = float(lon), float(lat)
    return np.array(
        [
            [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
            [-np.sin(lon), np.cos(lon), 0.0],
            [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
        ]
    )
