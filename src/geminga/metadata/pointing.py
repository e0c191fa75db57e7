"""Where the telescopes pointed."""

from __future__ import annotations

from typing import ClassVar

from ..sky.headers import skycoord_from_dict
from .base import MetaData
from .types import AltAzSkyCoordType, ICRSSkyCoordType

__all__ = ["PointingInfoMetaData"]


class PointingInfoMetaData(MetaData):
    """Mean pointing of an observation.

    Parameters
    ----------
    radec_mean : `~astropy.coordinates.SkyCoord`, optional
        Mean direction in equatorial coordinates.
    altaz_mean : `~astropy.coordinates.SkyCoord`, optional
        Mean direction in horizontal coordinates.
    """

    _tag: ClassVar[str] = "pointing"

    radec_mean: ICRSSkyCoordType | None = None
    altaz_mean: AltAzSkyCoordType | None = None

    def _own_keywords(self):
        header = {}
        if self.radec_mean is not None:
            header |= {"RA_PNT": float(self.radec_mean.ra.deg), "DEC_PNT": float(self.radec_mean.dec.deg)}
        if self.altaz_mean is not None:
            header |= {"ALT_PNT": float(self.altaz_mean.alt.deg), "AZ_PNT": float(self.altaz_mean.az.deg)}
        return header

    @classmethod
    def _from_keywords(cls, header):
        return {
            "radec_mean": skycoord_from_dict(header),
            "altaz_mean": skycoord_from_dict(header, frame="altaz"),
        }
