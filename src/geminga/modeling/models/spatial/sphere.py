"""Separations, position angles and ellipses on the sphere, for plain degrees and quantities alike."""

from __future__ import annotations

from math import pi

import numpy as np
from astropy import units as u

from ..arrays import array_namespace, number

__all__ = [
    "effective_radius",
    "per_steradian",
    "position_angle",
    "radians",
    "rotate_to",
    "separation",
]

_RADIANS = pi / 180


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


def separation(lon, lat, lon_0, lat_0):
    """Return the great-circle distance to a position in radians, by haversines.

    Examples
    --------
    >>> round(float(np.degrees(separation(0.0, 0.0, 0.0, 1.0))), 9)
    1.0
    """
    lon, lat, lon_0, lat_0 = (radians(angle) for angle in (lon, lat, lon_0, lat_0))
    xp = array_namespace(lon, lat, lon_0, lat_0)
    haversine = xp.sin((lat - lat_0) / 2) ** 2 + xp.cos(lat) * xp.cos(lat_0) * xp.sin((lon - lon_0) / 2) ** 2
    return 2 * xp.arcsin(xp.sqrt(xp.clip(haversine, 0.0, 1.0)))


def position_angle(lon, lat, lon_0, lat_0):
    """Return the angle of the direction from a position to others, from north through east, in radians.

    Examples
    --------
    >>> round(float(np.degrees(position_angle(1.0, 0.0, 0.0, 0.0))), 6)
    90.0
    """
    lon, lat, lon_0, lat_0 = (radians(angle) for angle in (lon, lat, lon_0, lat_0))
    xp = array_namespace(lon, lat, lon_0, lat_0)
    east = xp.sin(lon - lon_0) * xp.cos(lat)
    north = xp.sin(lat) * xp.cos(lat_0) - xp.cos(lat) * xp.sin(lat_0) * xp.cos(lon - lon_0)
    return xp.arctan2(east, north)


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
    angle = position_angle(lon, lat, lon_0, lat_0) - radians(phi)
    return radius_at(angle, major, e)


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
    matrix = _local_axes(*stop).T @ _local_axes(*start)
    x, y, z = np.tensordot(matrix, vectors, axes=1)
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arcsin(np.clip(z, -1, 1)))


def _local_axes(lon, lat):
    """Return the unit vectors outward, east and north at a position, as rows."""
    lon, lat = np.radians(lon), np.radians(lat)
    return np.array(
        [
            [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
            [-np.sin(lon), np.cos(lon), 0.0],
            [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
        ]
    )
