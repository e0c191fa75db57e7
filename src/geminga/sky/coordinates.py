"""Galactic geometry: positions and motions of sources as seen from the Sun."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..units import to_quantity

__all__ = [
    "D_SUN_TO_GALACTIC_CENTER",
    "cartesian",
    "galactic",
    "motion_since_birth",
    "polar",
    "velocity_glon_glat",
]

D_SUN_TO_GALACTIC_CENTER = 8.5 * u.kpc
"""Distance from the Sun to the Galactic centre."""


def cartesian(r, theta):
    """Convert polar to Cartesian coordinates.

    Parameters
    ----------
    r : `~astropy.units.Quantity` or array_like
        Radius.
    theta : `~astropy.units.Quantity`
        Angle; plain numbers are radians.

    Returns
    -------
    x, y : `~astropy.units.Quantity` or ndarray

    Examples
    --------
    >>> cartesian(2.0, 0.0)
    (np.float64(2.0), np.float64(0.0))
    """
    return r * np.cos(theta), r * np.sin(theta)


def polar(x, y):
    """Convert Cartesian to polar coordinates.

    Returns
    -------
    r, theta : `~astropy.units.Quantity` or ndarray
        Radius and angle in rad between -pi and pi.
    """
    return np.hypot(x, y), np.arctan2(y, x)


def galactic(x, y, z, obs_pos=None):
    """Compute distance, longitude and latitude of Galactocentric positions.

    Parameters
    ----------
    x, y, z : `~astropy.units.Quantity`
        Galactocentric Cartesian coordinates.
    obs_pos : sequence of 3 `~astropy.units.Quantity`, optional
        Position of the observer. By default (0, -8.5 kpc, 0), the Sun.

    Returns
    -------
    distance, glon, glat : `~astropy.units.Quantity`
        Distance from the observer, longitude between -180 and 180 deg, latitude in deg.

    Examples
    --------
    >>> distance, glon, glat = galactic(0 * u.kpc, 0 * u.kpc, 8.5 * u.kpc)
    >>> round(distance.to_value("kpc"), 4), glat.to_value("deg").round(6)
    (np.float64(12.0208), np.float64(45.0))
    """
    x, y, z = _from_observer(x, y, z, obs_pos)
    distance = np.sqrt(x**2 + y**2 + z**2)
    return distance, np.arctan2(x, y).to(u.deg), np.arctan2(z, np.hypot(x, y)).to(u.deg)


def _from_observer(x, y, z, obs_pos=None):
    """Return a position relative to the observer."""
    observer = obs_pos if obs_pos is not None else (0 * u.kpc, -D_SUN_TO_GALACTIC_CENTER, 0 * u.kpc)
    return [
        to_quantity(axis, "kpc", name) - to_quantity(origin, "kpc", "obs_pos")
        for axis, origin, name in zip((x, y, z), observer, "xyz", strict=True)
    ]


def velocity_glon_glat(x, y, z, vx, vy, vz):
    """Compute the angular velocity on the sky, as seen by a resting observer at the Sun.

    Parameters
    ----------
    x, y, z : `~astropy.units.Quantity`
        Galactocentric position.
    vx, vy, vz : `~astropy.units.Quantity`
        Galactocentric velocity.

    Returns
    -------
    v_glon, v_glat : `~astropy.units.Quantity`
        Time derivatives of the longitude and latitude that `galactic` gives, in rad per time.
    """
    x, y, z = _from_observer(x, y, z)
    in_plane_squared = x**2 + y**2
    in_plane = np.sqrt(in_plane_squared)
    v_glon = (y * vx - x * vy) / in_plane_squared
    v_glat = (in_plane * vz - z * (x * vx + y * vy) / in_plane) / (in_plane_squared + z**2)
    return v_glon * u.rad, v_glat * u.rad


def motion_since_birth(v, age, theta, phi):
    """Compute displacement and velocity components of a source that moves straight since its birth.

    Parameters
    ----------
    v : `~astropy.units.Quantity`
        Speed.
    age : `~astropy.units.Quantity`
        Time since birth.
    theta, phi : `~astropy.units.Quantity`
        Polar and azimuthal angle of the direction of motion; plain numbers are radians.

    Returns
    -------
    dx, dy, dz, vx, vy, vz : `~astropy.units.Quantity`
        Displacements and velocities.
    """
    direction = (np.cos(phi) * np.sin(theta), np.sin(phi) * np.sin(theta), np.cos(theta))
    velocity = [v * component for component in direction]
    return (*(component * age for component in velocity), *velocity)
