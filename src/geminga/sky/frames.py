"""Field-of-view coordinates: spherical offsets around the pointing direction.

``fov_lon`` grows towards decreasing right ascension (or azimuth) and ``fov_lat`` towards increasing declination
(or altitude), as in the responses of the DL3 format.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import (
    ICRS,
    AltAz,
    Angle,
    BaseCoordinateFrame,
    CoordinateAttribute,
    EarthLocationAttribute,
    FunctionTransform,
    Latitude,
    Longitude,
    RepresentationMapping,
    TimeAttribute,
    UnitSphericalRepresentation,
    frame_transform_graph,
)
from astropy.coordinates.representation import SphericalRepresentation

from ..errors import GeometryError
from ..units import to_quantity

__all__ = ["FoVAltAzFrame", "FoVICRSFrame", "fov_offsets", "fov_to_sky", "sky_offsets", "sky_to_fov"]


def fov_offsets(lon, lat, lon_pnt, lat_pnt):
    """Turn sky coordinates into field-of-view coordinates, in plain radians.

    Parameters
    ----------
    lon, lat : array_like
        Positions on the sky in rad.
    lon_pnt, lat_pnt : array_like
        Pointing direction in rad; broadcasts with the positions.

    Returns
    -------
    fov_lon, fov_lat : ndarray
        Offsets in rad, `fov_lon` between -pi and pi.

    Notes
    -----
    The position is rotated so that the pointing direction becomes (0, 0); the sign of the longitude is then
    turned. Written with differences of angles, so that small offsets keep their precision.

    Examples
    --------
    >>> lon, lat = fov_offsets(0.1, 0.0, 0.0, 0.0)
    >>> round(float(lon), 6), round(float(lat), 6)
    (-0.1, 0.0)
    """
    delta = np.subtract(lon, lon_pnt)
    cos_lat, sin_pnt = np.cos(lat), np.sin(lat_pnt)
    # 1 - cos(delta), without its loss of digits
    versine = 2.0 * np.sin(0.5 * delta) ** 2
    difference = np.subtract(lat, lat_pnt)
    along = np.cos(difference) - cos_lat * np.cos(lat_pnt) * versine
    across = cos_lat * np.sin(delta)
    up = np.sin(difference) + cos_lat * sin_pnt * versine
    return np.arctan2(-across, along), np.arctan2(up, np.hypot(along, across))


def sky_offsets(fov_lon, fov_lat, lon_pnt, lat_pnt):
    """Turn field-of-view coordinates into sky coordinates, in plain radians; the inverse of `fov_offsets`."""
    cos_lat = np.cos(fov_lat)
    along, across, up = cos_lat * np.cos(fov_lon), -cos_lat * np.sin(fov_lon), np.sin(fov_lat)
    cos_pnt, sin_pnt = np.cos(lat_pnt), np.sin(lat_pnt)
    forward = along * cos_pnt - up * sin_pnt
    height = along * sin_pnt + up * cos_pnt
    lon = np.arctan2(across, forward) + lon_pnt
    return np.mod(lon, 2 * np.pi), np.arctan2(height, np.hypot(forward, across))


def _radians(*angles):
    """Return angles as plain radians."""
    return [to_quantity(angle, u.rad, "angle").value for angle in angles]


def sky_to_fov(lon, lat, lon_pnt, lat_pnt):
    """Transform sky coordinates to field-of-view coordinates.

    Parameters
    ----------
    lon, lat : `~astropy.units.Quantity`
        Sky coordinates: right ascension and declination, or azimuth and altitude.
    lon_pnt, lat_pnt : `~astropy.units.Quantity`
        Pointing direction in the same frame.

    Returns
    -------
    fov_lon, fov_lat : `~astropy.coordinates.Angle`, `~astropy.coordinates.Latitude`
        Offsets in deg; `fov_lon` grows with decreasing `lon`.

    Examples
    --------
    >>> lon, lat = sky_to_fov("84 deg", "22.5 deg", "83.6 deg", "21.5 deg")
    >>> round(float(lon.deg), 6), round(float(lat.deg), 6)
    (-0.369608, 1.000473)
    """
    fov_lon, fov_lat = fov_offsets(*_radians(lon, lat, lon_pnt, lat_pnt))
    return Angle(fov_lon, u.rad).to(u.deg), Latitude(fov_lat, u.rad).to(u.deg)


def fov_to_sky(lon, lat, lon_pnt, lat_pnt):
    """Transform field-of-view coordinates to sky coordinates.

    Parameters
    ----------
    lon, lat : `~astropy.units.Quantity`
        Field-of-view coordinates.
    lon_pnt, lat_pnt : `~astropy.units.Quantity`
        Pointing direction.

    Returns
    -------
    lon, lat : `~astropy.coordinates.Longitude`, `~astropy.coordinates.Latitude`
        Sky coordinates in deg.

    Examples
    --------
    >>> lon, lat = fov_to_sky("0.5 deg", "0.2 deg", "83.6 deg", "21.5 deg")
    >>> round(float(lon.deg), 6), round(float(lat.deg), 6)
    (83.061869, 21.699139)
    """
    sky_lon, sky_lat = sky_offsets(*_radians(lon, lat, lon_pnt, lat_pnt))
    return Longitude(sky_lon, u.rad).to(u.deg), Latitude(sky_lat, u.rad).to(u.deg)


_FOV_NAMES = {
    representation: [RepresentationMapping("lon", "fov_lon"), RepresentationMapping("lat", "fov_lat")]
    for representation in (SphericalRepresentation, UnitSphericalRepresentation)
}


class FoVICRSFrame(BaseCoordinateFrame):
    """Field-of-view frame aligned with equatorial coordinates.

    Parameters
    ----------
    origin : `~astropy.coordinates.SkyCoord`
        Pointing direction.

    Examples
    --------
    >>> from astropy.coordinates import SkyCoord
    >>> frame = FoVICRSFrame(origin=SkyCoord("83.6d", "21.5d"))
    >>> round(float(SkyCoord("83.6d", "22d").transform_to(frame).fov_lat.deg), 9)
    0.5
    """

    frame_specific_representation_info = _FOV_NAMES
    default_representation = UnitSphericalRepresentation

    origin = CoordinateAttribute(default=None, frame=ICRS)

    def represent_as(self, base, s="base", in_frame_units=False):
        """Represent in another representation, longitudes between -180 and 180 deg."""
        return _wrapped(super().represent_as(base, s=s, in_frame_units=in_frame_units))


class FoVAltAzFrame(BaseCoordinateFrame):
    """Field-of-view frame aligned with altitude and azimuth.

    Parameters
    ----------
    origin : `~astropy.coordinates.SkyCoord`
        Pointing direction, in alt-az coordinates or convertible to them.
    obstime : `~astropy.time.Time`
        Time of the observation.
    location : `~astropy.coordinates.EarthLocation`
        Place of the observatory.
    """

    frame_specific_representation_info = _FOV_NAMES
    default_representation = UnitSphericalRepresentation

    origin = CoordinateAttribute(default=None, frame=AltAz)
    obstime = TimeAttribute(default=None)
    location = EarthLocationAttribute(default=None)

    def represent_as(self, base, s="base", in_frame_units=False):
        """Represent in another representation, longitudes between -180 and 180 deg."""
        return _wrapped(super().represent_as(base, s=s, in_frame_units=in_frame_units))


def _wrapped(representation):
    """Let longitudes wrap at 180 deg."""
    if hasattr(representation, "lon"):
        representation.lon.wrap_angle = 180 * u.deg
    return representation


def _pointing(frame):
    """Return the origin of a field-of-view frame in plain radians."""
    if frame.origin is None:
        raise GeometryError(f"{type(frame).__name__} must have an origin, got None. Pass origin=<pointing>.")
    spherical = frame.origin.represent_as(UnitSphericalRepresentation)
    return spherical.lon.rad, spherical.lat.rad


def _rotated(coordinates, frame, rotation, pointing):
    """Return `coordinates` rotated into `frame`."""
    spherical = coordinates.represent_as(UnitSphericalRepresentation)
    lon, lat = rotation(spherical.lon.rad, spherical.lat.rad, *pointing)
    return frame.realize_frame(UnitSphericalRepresentation(lon=lon * u.rad, lat=lat * u.rad))


@frame_transform_graph.transform(FunctionTransform, ICRS, FoVICRSFrame)
def icrs_to_fov(coordinates, frame):
    """Rotate equatorial coordinates into the field of view."""
    return _rotated(coordinates, frame, fov_offsets, _pointing(frame))


@frame_transform_graph.transform(FunctionTransform, FoVICRSFrame, ICRS)
def fov_to_icrs(coordinates, frame):
    """Rotate field-of-view coordinates back to equatorial ones."""
    return _rotated(coordinates, frame, sky_offsets, _pointing(coordinates))


@frame_transform_graph.transform(FunctionTransform, AltAz, FoVAltAzFrame)
def altaz_to_fov(coordinates, frame):
    """Rotate horizontal coordinates into the field of view."""
    return _rotated(coordinates, frame, fov_offsets, _pointing(frame))


@frame_transform_graph.transform(FunctionTransform, FoVAltAzFrame, AltAz)
def fov_to_altaz(coordinates, frame):
    """Rotate field-of-view coordinates back to horizontal ones."""
    horizontal = AltAz(obstime=coordinates.obstime, location=coordinates.location)
    turned = _rotated(coordinates, horizontal, sky_offsets, _pointing(coordinates))
    return turned.transform_to(frame)


# Without these, astropy would take offsets from one pointing for offsets from another.
@frame_transform_graph.transform(FunctionTransform, FoVICRSFrame, FoVICRSFrame)
def fov_to_fov_icrs(coordinates, frame):
    """Change the pointing of equatorial field-of-view coordinates."""
    return icrs_to_fov(fov_to_icrs(coordinates, ICRS()), frame)


@frame_transform_graph.transform(FunctionTransform, FoVAltAzFrame, FoVAltAzFrame)
def fov_to_fov_altaz(coordinates, frame):
    """Change pointing, time or place of horizontal field-of-view coordinates."""
    horizontal = AltAz(obstime=frame.obstime, location=frame.location)
    return altaz_to_fov(fov_to_altaz(coordinates, horizontal), frame)
