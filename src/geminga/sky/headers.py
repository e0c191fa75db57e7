"""Directions in FITS headers."""

from __future__ import annotations

from astropy import units as u
from astropy.coordinates import SkyCoord

from ..errors import UnknownNameError
from ..fits_headers import header_value

__all__ = ["skycoord_from_dict"]

KEYWORDS = {"icrs": ("RA", "DEC"), "galactic": ("GLON", "GLAT"), "altaz": ("AZ", "ALT")}


def skycoord_from_dict(header, frame="icrs", ext="PNT"):
    """Read a direction from a header.

    Parameters
    ----------
    header : mapping
    frame : {"icrs", "galactic", "altaz"}
        Frame, from which the first parts of the keywords follow: RA and DEC, GLON and GLAT, or AZ and ALT.
    ext : str
        Last part of the keywords: "PNT" for the pointing, "OBJ" for the target.

    Returns
    -------
    `~astropy.coordinates.SkyCoord` or None
        None if a keyword is missing.

    Examples
    --------
    >>> skycoord_from_dict({"RA_OBJ": 1.0, "DEC_OBJ": 2.0}, ext="OBJ").to_string()
    '1 2'
    """
    if frame not in KEYWORDS:
        raise UnknownNameError("frame", frame, KEYWORDS)
    lon, lat = (header_value(header, f"{name}_{ext}") for name in KEYWORDS[frame])
    if lon is None or lat is None:
        return None
    return SkyCoord(lon, lat, unit=u.deg, frame=frame)
