"""Quality checks of event lists."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import GemingaError
from .checks import ANGLE_ACCURACY, TIME_ACCURACY, TIME_KEYWORDS, Checker

__all__ = ["EventListChecker"]

EVENT_KEYWORDS = (
    "HDUCLASS", "HDUDOC", "HDUVERS", "HDUCLAS1", "OBS_ID", "TSTART", "TSTOP", "ONTIME", "LIVETIME", "DEADC",
    "EQUINOX", "RADECSYS", "ORIGIN", "TELESCOP", "INSTRUME", "CREATOR", "GEOLON", "GEOLAT", "ALTITUDE", *TIME_KEYWORDS,
)  # fmt: skip
EVENT_COLUMNS = {"EVENT_ID": None, "TIME": "s", "RA": "deg", "DEC": "deg", "ENERGY": "TeV"}


class EventListChecker(Checker):
    """Checks of an event list.

    Parameters
    ----------
    event_list : EventList
    """

    CHECKS = {
        "meta": "check_meta",
        "columns": "check_columns",
        "times": "check_times",
        "coordinates_galactic": "check_coordinates_galactic",
        "coordinates_altaz": "check_coordinates_altaz",
    }

    def __init__(self, event_list):
        self.event_list = event_list

    def _obs_id(self):
        return self.event_list.header.get("OBS_ID")

    def check_meta(self):
        """Check that the mandatory keywords are there."""
        header = self.event_list.header
        drift = str(header.get("OBS_MODE", "")).strip().upper() == "DRIFT"
        pointing = ("ALT_PNT", "AZ_PNT") if drift else ("RA_PNT", "DEC_PNT")
        missing = [keyword for keyword in (*EVENT_KEYWORDS, *pointing) if header.get(keyword) is None]
        if missing:
            yield self._record(f"Missing meta keys: {missing}", keys=missing)

    def check_columns(self):
        """Check columns, units and values."""
        store = self.event_list._store
        if not len(self.event_list):
            yield self._record("Events table has zero rows", "error")
        for name, unit in EVENT_COLUMNS.items():
            if name not in store:
                yield self._record(f"Missing table column: {name!r}", "error", column=name)
                continue
            found = store.unit(name)
            if unit is not None and found != u.Unit(unit):
                yield self._record(f"Invalid unit for column {name!r}: {found}, expected {unit}", column=name)
            if name != "EVENT_ID":
                bad = int(np.count_nonzero(~np.isfinite(np.asarray(store.array(name), dtype=float))))
                if bad:
                    yield self._record(
                        f"Column {name!r} has {bad} values that are not finite", "error", column=name
                    )
        if "ENERGY" in store and (np.asarray(store.array("ENERGY")) <= 0).any():
            yield self._record("Column 'ENERGY' has values that are not positive", "error", column="ENERGY")
        if "DEC" in store and (np.abs(self.event_list._degrees("DEC")) > 90).any():
            yield self._record("Column 'DEC' has values beyond the poles", "error", column="DEC")
        yield from self._check_duplicates()

    def _check_duplicates(self):
        """Check that no event occurs twice."""
        store = self.event_list._store
        names = [name for name in EVENT_COLUMNS if name in store]
        if not names or not len(self.event_list):
            return
        rows = np.rec.fromarrays([np.asarray(store.array(name)) for name in names])
        repeated = len(rows) - len(np.unique(rows))
        if repeated:
            yield self._record(f"{repeated} events occur more than once", "error", count=repeated)

    def check_times(self):
        """Check that times are ordered and within the observation, to a microsecond."""
        events = self.event_list
        if "TIME" not in events._store or not len(events):
            return
        try:
            reference, header = events.time_ref, events.header
            start, stop = (float(header[keyword]) for keyword in ("TSTART", "TSTOP"))
        except (GemingaError, KeyError, TypeError, ValueError) as error:
            yield self._record(f"Times cannot be checked: {error}", "error")
            return
        if reference.mjd < 40000:
            yield self._record(f"Reference time is before 1968: MJD {reference.mjd}")
        from ..sky.timing import time_to_seconds

        seconds = (
            events.column("TIME") if events._store._table is None else time_to_seconds(events.time, reference)
        )
        early, late = seconds < start - TIME_ACCURACY, seconds > stop + TIME_ACCURACY
        if early.any():
            yield self._record("Event times before TSTART", "error", count=int(early.sum()))
        if late.any():
            yield self._record("Event times after TSTOP", "error", count=int(late.sum()))
        if (np.diff(seconds) < 0).any():
            yield self._record("Events not time-ordered", "error", count=int((np.diff(seconds) < 0).sum()))

    def check_coordinates_galactic(self):
        """Check the Galactic coordinates in the table against those in ICRS."""
        store = self.event_list._store
        if "GLON" not in store or "GLAT" not in store or not len(self.event_list):
            return
        from astropy.coordinates import SkyCoord

        lon, lat = self.event_list._degrees("GLON"), self.event_list._degrees("GLAT")
        separation = SkyCoord(lon, lat, unit="deg", frame="galactic").separation(self.event_list.galactic).deg
        if np.max(separation) > ANGLE_ACCURACY:
            yield self._record(
                "GLON / GLAT not consistent with RA / DEC", "error", max_separation=separation.max()
            )

    def check_coordinates_altaz(self):
        """Check the horizontal coordinates in the table against those in ICRS."""
        store = self.event_list._store
        if "ALT" not in store or "AZ" not in store or not len(self.event_list):
            return
        try:
            separation = self.event_list.altaz_from_table.separation(self.event_list.altaz).deg
        except GemingaError as error:
            yield self._record(f"ALT / AZ cannot be checked: {error}")
            return
        if np.max(separation) > ANGLE_ACCURACY:
            yield self._record(
                "ALT / AZ not consistent with RA / DEC", "error", max_separation=separation.max()
            )
