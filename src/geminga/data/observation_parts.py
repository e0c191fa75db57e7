"""The parts of an observation: each is read when it is first asked for, and used as it is when it was given."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from ..sky.timing import time_to_seconds
from .gti_algebra import contains
from .hdu_location import HDULocation

if TYPE_CHECKING:
    from .filters import ObservationFilter
    from .metadata import ObservationMetaData

__all__ = ["RESPONSES", "ObservationParts"]

RESPONSES = ("aeff", "edisp", "psf", "bkg", "rad_max")


class _Response:
    """Attribute that is read from disk when it is first asked for, and replaced when it is set."""

    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, observation, owner=None):
        if observation is None:
            return self
        return observation._part(self.name)

    def __set__(self, observation, value):
        observation._parts[self.name] = value


class ObservationParts:
    """Events, intervals and responses of an observation.

    Parameters
    ----------
    parts : dict
        For each name the part, its `HDULocation`, or None.
    """

    obs_filter: ObservationFilter

    aeff = _Response()
    edisp = _Response()
    psf = _Response()
    bkg = _Response()

    def __init__(self, parts):
        self._parts = parts
        self._read: dict[object, object] = {}
        self._meta: ObservationMetaData | None = None
        self._header_meta: ObservationMetaData | None = None

    def _part(self, name):
        """Return a part, read from disk if need be."""
        value = self._parts[name]
        if not isinstance(value, HDULocation):
            return value
        if value not in self._read:
            self._read[value] = self._prepared(name, value.load())
        return self._read[value]

    def _prepared(self, name, part):
        """Return a part as it was read, with known faults of its writer mended."""
        header = self._header
        if (
            name == "bkg"
            and hasattr(part, "fov_alignment")
            and header.get("CREATOR") == "SASH FITS::EventListWriter"
            and str(header.get("HDUVERS")) == "0.2"
        ):
            from ..irf import FoVAlignment

            # H.E.S.S. DL3 DR1: the field-of-view longitude was written with the opposite sign
            part.fov_alignment = FoVAlignment.REVERSE_LON_RADEC
        return part

    def release(self) -> None:
        """Forget what was read from disk; it is read again when it is asked for."""
        self._read = {}

    def transient(self):
        """Return a copy that shares everything, but what it reads from disk is forgotten when the copy is."""
        transient = copy.copy(self)
        transient._read = dict(self._read)
        return transient

    @property
    def events(self):
        """Events that pass the filter, or None.

        With a time selection, events outside the good time intervals are left out as well.
        """
        events = self._part("events")
        if events is None or self.obs_filter.is_trivial:
            return events
        events, gti = self.obs_filter.filter_events(events), self._part("gti")
        if self.obs_filter.selects_time and gti is not None:
            # the interval itself was cut exactly, so that neighbours share no event
            offset = time_to_seconds(events._store.reference, gti.time_ref)
            times = events.column("TIME") + offset
            events = events.select_row_subset(contains(gti.met_start.value, gti.met_stop.value, times))
        return events

    @events.setter
    def events(self, events):
        self._parts["events"] = events
        self._header_meta = None

    @property
    def gti(self):
        """Good time intervals that pass the filter, or None."""
        gti = self._part("gti")
        if gti is None or self.obs_filter.is_trivial:
            return gti
        return self.obs_filter.filter_gti(gti)

    @gti.setter
    def gti(self, gti):
        self._parts["gti"] = gti

    @property
    def rad_max(self):
        """Radius of the directional cut of point-like responses, or None.

        Without a table of its own it is made of the keyword RAD_MAX of the effective area.
        """
        rad_max = self._part("rad_max")
        if rad_max is not None or self._parts["aeff"] is None:
            return rad_max
        aeff = self.aeff
        if (
            getattr(aeff, "is_pointlike", False)
            and (getattr(aeff, "meta", None) or {}).get("RAD_MAX") is not None
        ):
            from ..irf import RadMax2D

            return RadMax2D.from_irf(aeff)
        return None

    @rad_max.setter
    def rad_max(self, rad_max):
        self._parts["rad_max"] = rad_max

    @property
    def available_hdus(self) -> list[str]:
        """Names of the parts that exist."""
        return [name for name, value in self._parts.items() if value is not None]

    @property
    def available_irfs(self) -> list[str]:
        """Names of the responses that exist."""
        return [name for name in RESPONSES if self._parts[name] is not None]

    @property
    def _header(self) -> dict:
        """Header of the events, read without them."""
        events = self._parts["events"]
        if events is None:
            return {}
        if not isinstance(events, HDULocation) or events in self._read:
            return self._part("events").header
        key = ("header", events)
        if key not in self._read:
            self._read[key] = events.header()
        return self._read[key]

    @property
    def meta(self) -> ObservationMetaData:
        """Metadata, from the header of the events unless they were given."""
        if self._meta is not None:
            return self._meta
        if self._header_meta is None:
            from .metadata import ObservationMetaData

            header = self._header
            self._header_meta = ObservationMetaData.from_header(header) if header else ObservationMetaData()
        return self._header_meta

    @meta.setter
    def meta(self, meta):
        self._meta, self._header_meta = meta, None

    def __getstate__(self):
        """Leave what can be read again out of pickles."""
        return self.__dict__ | {"_read": {}}
