"""When something was observed."""

from __future__ import annotations

from typing import ClassVar

from ..fits_headers import header_value
from ..sky.timing import seconds_to_time, time_ref_from_dict, time_ref_to_dict, time_to_seconds
from .base import MetaData
from .types import TimeType

__all__ = ["TimeInfoMetaData"]


class TimeInfoMetaData(MetaData):
    """Start, stop and reference time.

    Parameters
    ----------
    time_start, time_stop : `~astropy.time.Time`, optional
    reference_time : `~astropy.time.Time`, optional
        Time from which the seconds in the header are counted.
    """

    _tag: ClassVar[str] = "time_info"

    time_start: TimeType | None = None
    time_stop: TimeType | None = None
    reference_time: TimeType | None = None

    def _own_keywords(self):
        if self.reference_time is None:
            return {}
        header = time_ref_to_dict(self.reference_time, self.reference_time.scale)
        for keyword, time in (("TSTART", self.time_start), ("TSTOP", self.time_stop)):
            if time is not None:
                header[keyword] = float(time_to_seconds(time, self.reference_time))
        return header

    @classmethod
    def _from_keywords(cls, header):
        if header.get("MJDREFI") is None and header.get("MJDREF") is None:
            return {}
        reference = time_ref_from_dict(header)
        values = {"reference_time": reference}
        for field, keyword in (("time_start", "TSTART"), ("time_stop", "TSTOP")):
            seconds = header_value(header, keyword)
            values[field] = None if seconds is None else seconds_to_time(seconds, reference)
        return values
