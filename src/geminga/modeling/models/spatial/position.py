"""Parameters that place a model on the sky."""

from __future__ import annotations

from geminga.modeling.parameter import Parameter

__all__ = ["declare_eccentricity", "declare_lat_0", "declare_lon_0", "declare_phi"]


def declare_lon_0():
    """Return the parameter of the longitude."""
    return Parameter("lon_0", "0 deg")


def declare_lat_0():
    """Return the parameter of the latitude."""
    return Parameter("lat_0", "0 deg", min=-90, max=90)


def declare_eccentricity():
    """Return the parameter of the eccentricity."""
    return Parameter("e", 0.0, min=0, max=1, frozen=True)


def declare_phi():
    """Return the parameter of the position angle of the major axis, from north through east."""
    return Parameter("phi", "0 deg", min=-180, max=180, frozen=True)
