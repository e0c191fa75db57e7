"""Metadata of event lists, observations and time intervals."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from ..fits_headers import header_value
from ..metadata import (
    CreatorMetaData,
    MetaData,
    ObsInfoMetaData,
    PointingInfoMetaData,
    TargetMetaData,
    TimeInfoMetaData,
)
from ..metadata.types import EarthLocationType, TimeType
from ..sky.locations import earth_location_from_dict, earth_location_to_dict
from ..sky.timing import time_ref_from_dict, time_ref_to_dict

__all__ = ["EventListMetaData", "GTIMetaData", "ObservationMetaData"]

EVENT_KEYWORDS = ("DST_VER", "ANA_VER", "CAL_VER")
OBSERVATION_KEYWORDS = (
    "OBSERVER",
    "EV_CLASS",
    "TELAPSE",
    "TELLIST",
    "N_TELS",
    "TASSIGN",
    *EVENT_KEYWORDS,
    "CONV_DEP",
    "CONV_RA",
    "CONV_DEC",
    "TRGRATE",
    "ZTRGRATE",
    "MUONEFF",
    "BROKPIX",
    "AIRTEMP",
    "PRESSURE",
    "RELHUM",
    "NSBLEVEL",
    "CREATOR",
    "HDUVERS",
)


class EventListMetaData(MetaData):
    """Metadata of an event list.

    Parameters
    ----------
    event_class : str, optional
        Name of the event selection.
    creation : `~geminga.metadata.CreatorMetaData`, optional
    optional : dict, optional
        Versions of calibration and analysis.
    """

    _tag: ClassVar[str] = "eventlist"
    keywords: ClassVar[dict[str, str]] = {"event_class": "EV_CLASS"}

    event_class: str | None = None
    creation: CreatorMetaData | None = None
    optional: dict | None = None

    @classmethod
    def _from_keywords(cls, header):
        return super()._from_keywords(header) | {"optional": _present(header, EVENT_KEYWORDS)}


class ObservationMetaData(MetaData):
    """Metadata of an observation.

    Parameters
    ----------
    obs_info : `~geminga.metadata.ObsInfoMetaData`, optional
    pointing : `~geminga.metadata.PointingInfoMetaData`, optional
    target : `~geminga.metadata.TargetMetaData`, optional
    location : `~astropy.coordinates.EarthLocation` or str, optional
        Place, or name of an observatory.
    deadtime_fraction : float
        Between 0 and 1.
    time_info : `~geminga.metadata.TimeInfoMetaData`, optional
    creation : `~geminga.metadata.CreatorMetaData`, optional
    optional : dict, optional
        Further keywords of the event header.
    """

    _tag: ClassVar[str] = "observation"

    obs_info: ObsInfoMetaData | None = None
    pointing: PointingInfoMetaData | None = None
    target: TargetMetaData | None = None
    location: EarthLocationType | None = None
    deadtime_fraction: Annotated[float, Field(ge=0, le=1)] = 0.0
    time_info: TimeInfoMetaData | None = None
    creation: CreatorMetaData | None = None
    optional: dict | None = None

    def _own_keywords(self):
        header = {} if self.location is None else earth_location_to_dict(self.location)
        return header | {"DEADC": 1.0 - self.deadtime_fraction}

    @classmethod
    def _from_keywords(cls, header):
        live_fraction = header_value(header, "DEADC")
        has_location = any(header.get(keyword) is not None for keyword in ("GEOLON", "OBSGEO-L", "OBSGEO-X"))
        return {
            "location": earth_location_from_dict(header) if has_location else None,
            "deadtime_fraction": 0.0 if live_fraction is None else 1.0 - live_fraction,
            "optional": _present(header, OBSERVATION_KEYWORDS),
        }

    @classmethod
    def from_header(cls, header, format="gadf"):
        """Create from the header of an event list.

        The creator is Geminga and the date is now, because the container is made here; the creator of the event list
        is in `optional`.
        """
        meta = super().from_header(header, format)
        meta.creation = CreatorMetaData()
        return meta


class GTIMetaData(MetaData):
    """Metadata of good time intervals.

    Parameters
    ----------
    reference_time : `~astropy.time.Time`, optional
    creation : `~geminga.metadata.CreatorMetaData`, optional
    """

    _tag: ClassVar[str] = "GTI"

    reference_time: TimeType | None = None
    creation: CreatorMetaData | None = None

    def _own_keywords(self):
        if self.reference_time is None:
            return {}
        return time_ref_to_dict(self.reference_time, self.reference_time.scale)

    @classmethod
    def _from_keywords(cls, header):
        if header.get("MJDREFI") is None and header.get("MJDREF") is None:
            return {}
        return {"reference_time": time_ref_from_dict(header)}


def _present(header, keywords) -> dict:
    """Return those of the keywords that a header has."""
    return {keyword: header[keyword] for keyword in keywords if header.get(keyword) is not None}
