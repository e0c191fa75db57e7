"""How the field-of-view coordinates of a response are aligned with the sky."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FoVAlignment"]


class FoVAlignment(StrEnum):
    """Alignment of the field-of-view coordinate system.

    ``fov_lat`` grows with declination (altitude), ``fov_lon`` with decreasing right ascension (azimuth);
    REVERSE_LON_RADEC has the longitude the other way round, as the first H.E.S.S. data release has it.

    Examples
    --------
    >>> FoVAlignment("RADEC") is FoVAlignment.RADEC
    True
    """

    ALTAZ = "ALTAZ"
    RADEC = "RADEC"
    REVERSE_LON_RADEC = "REVERSE_LON_RADEC"
