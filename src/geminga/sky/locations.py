"""Where observatories stand, and how FITS headers say so."""

from __future__ import annotations

from astropy import units as u
from astropy.coordinates import EarthLocation

from ..errors import FormatError

__all__ = ["earth_location_from_dict", "earth_location_to_dict", "observatory_locations"]


def _place(lon, lat, height):
    """Return a place from degrees East, degrees North and metres above the ellipsoid."""
    return EarthLocation.from_geodetic(lon * u.deg, lat * u.deg, height * u.m)


def _sexagesimal(degrees, minutes, seconds):
    """Return an angle in degrees from three numbers; the sign of the degrees counts for all."""
    size = abs(degrees) + minutes / 60 + seconds / 3600
    return -size if degrees < 0 else size


_CTAO_SOUTH = _place(-70.31634444444444, -24.68342777777778, 2150)
_CTAO_NORTH = _place(-17.892005, 28.762164, 2147)

observatory_locations = {
    "ctao_south": _CTAO_SOUTH,
    "cta_south": _CTAO_SOUTH,
    "ctao_north": _CTAO_NORTH,
    "cta_north": _CTAO_NORTH,
    "hawc": _place(_sexagesimal(-97, 18, 34), _sexagesimal(18, 59, 48), 4100),
    "hegra": _place(_sexagesimal(-17, 53, 27), _sexagesimal(28, 45, 42), 2200),
    "hess": _place(_sexagesimal(16, 30, 0.8), _sexagesimal(-23, 16, 18.4), 1835),
    "magic": _place(_sexagesimal(-17, 53, 24), _sexagesimal(28, 45, 43), 2200),
    "milagro": _place(-106.67625, 35.87835, 2530),
    "veritas": _place(_sexagesimal(-110, 57, 7.77), _sexagesimal(31, 40, 30.21), 1268),
    "whipple": _place(_sexagesimal(-110, 52, 42), _sexagesimal(31, 40, 52), 2606),
    "astri": _place(_sexagesimal(-16, 30, 20.99), _sexagesimal(28, 18, 0), 2370),
    "fact": _place(_sexagesimal(-17, 53, 28.0176), _sexagesimal(28, 45, 41.9292), 2200),
}
"""Places of gamma-ray observatories by name, `~astropy.coordinates.EarthLocation` each."""


def earth_location_from_dict(meta):
    """Read the place of the observatory from a header.

    Parameters
    ----------
    meta : mapping
        Header with GEOLON, GEOLAT in deg and ALTITUDE in m, with OBSGEO-X, -Y, -Z in m, or with OBSGEO-L, -B in
        deg and OBSGEO-H in m.

    Returns
    -------
    `~astropy.coordinates.EarthLocation`

    Raises
    ------
    FormatError
        If no complete set of keywords is present.

    Examples
    --------
    >>> round(float(earth_location_from_dict({"GEOLON": 16.5, "GEOLAT": -23.27}).lat.deg), 6)
    -23.27
    """

    def has(*names):
        return all(meta.get(name) is not None for name in names)

    if has("GEOLON", "GEOLAT"):
        return _place(float(meta["GEOLON"]), float(meta["GEOLAT"]), float(meta.get("ALTITUDE") or 0.0))
    if has("OBSGEO-L", "OBSGEO-B"):
        return _place(float(meta["OBSGEO-L"]), float(meta["OBSGEO-B"]), float(meta.get("OBSGEO-H") or 0.0))
    if has("OBSGEO-X", "OBSGEO-Y", "OBSGEO-Z"):
        return EarthLocation.from_geocentric(*(float(meta[f"OBSGEO-{axis}"]) for axis in "XYZ"), unit=u.m)
    raise FormatError(
        "the header must say where the observatory is, got neither GEOLON and GEOLAT nor OBSGEO keywords. "
        "Add them, or pass a location."
    )


def earth_location_to_dict(location):
    """Write the place of the observatory as header keywords.

    Returns
    -------
    dict
        GEOLON and GEOLAT in deg, ALTITUDE in m.
    """
    return {
        "GEOLON": float(location.lon.to_value("deg")),
        "GEOLAT": float(location.lat.to_value("deg")),
        "ALTITUDE": float(location.height.to_value("m")),
    }
