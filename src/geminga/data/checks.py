"""Quality checks of event lists, observations, index tables and stores.

Each check yields what it finds wrong, as dictionaries with "level" ("error" or "warning"), "obs_id", "msg" and what
else describes the problem. Nothing is changed, and nothing is raised for bad data.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from astropy import units as u

from ..errors import GemingaError, UnknownNameError

__all__ = [
    "Checker",
    "DataStoreChecker",
    "EventListChecker",
    "HDUIndexTableChecker",
    "ObservationChecker",
    "ObservationTableChecker",
]

TIME_ACCURACY = 1e-6  # s
ANGLE_ACCURACY = 1.0 / 3600  # deg

TIME_KEYWORDS = ("MJDREFI", "MJDREFF", "TIMEUNIT", "TIMESYS", "TIMEREF")
EVENT_KEYWORDS = (
    "HDUCLASS", "HDUDOC", "HDUVERS", "HDUCLAS1", "OBS_ID", "TSTART", "TSTOP", "ONTIME", "LIVETIME", "DEADC",
    "EQUINOX", "RADECSYS", "ORIGIN", "TELESCOP", "INSTRUME", "CREATOR", "GEOLON", "GEOLAT", "ALTITUDE", *TIME_KEYWORDS,
)  # fmt: skip
EVENT_COLUMNS = {"EVENT_ID": None, "TIME": "s", "RA": "deg", "DEC": "deg", "ENERGY": "TeV"}


class Checker:
    """Base of the checkers: runs the named checks one after the other."""

    CHECKS: dict[str, str] = {}
    """Check: name of the method."""

    def run(self, checks="all") -> Iterator[dict]:
        """Run checks.

        Parameters
        ----------
        checks : "all" or list of str

        Yields
        ------
        dict
            Problem found.
        """
        names = (
            list(self.CHECKS)
            if isinstance(checks, str) and checks == "all"
            else np.atleast_1d(checks).tolist()
        )
        for name in names:
            if name not in self.CHECKS:
                raise UnknownNameError("check", name, self.CHECKS)
            yield from getattr(self, self.CHECKS[name])()

    def _record(self, msg, level="warning", **details) -> dict:
        return {"level": level, "obs_id": self._obs_id(), "msg": msg, **details}

    def _obs_id(self):
        return None


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


class ObservationChecker(Checker):
    """Checks of an observation.

    Parameters
    ----------
    observation : Observation
    """

    CHECKS = {
        "events": "check_events",
        "gti": "check_gti",
        "aeff": "check_aeff",
        "edisp": "check_edisp",
        "psf": "check_psf",
    }

    def __init__(self, observation):
        self.observation = observation

    def _obs_id(self):
        return self.observation.obs_id

    def _part(self, name):
        """Return a part and the problem with it, one of which is None."""
        try:
            part = getattr(self.observation, name)
        except (GemingaError, OSError, ValueError, KeyError) as error:
            return None, self._record(f"Loading {name} failed: {error}", "error", hdu=name)
        if part is None:
            return None, self._record(
                f"Missing {name}", "error" if name in ("events", "gti") else "warning", hdu=name
            )
        return part, None

    def check_events(self):
        """Check the event list."""
        events, problem = self._part("events")
        if problem:
            yield problem
            return
        for record in EventListChecker(events).run():
            yield record | {"obs_id": self._obs_id()}

    def check_gti(self):
        """Check the good time intervals, and that the events are inside."""
        gti, problem = self._part("gti")
        if problem:
            yield problem
            return
        start, stop = gti.met_start.value, gti.met_stop.value
        if not len(gti):
            yield self._record("GTI table has zero rows", "error", hdu="gti")
            return
        if (np.diff(start) < 0).any():
            yield self._record("GTI not time-ordered", hdu="gti")
        if (np.sort(start)[1:] < np.maximum.accumulate(stop[np.argsort(start)])[:-1] - TIME_ACCURACY).any():
            yield self._record("GTI overlap", "error", hdu="gti")
        if (stop <= start).any():
            yield self._record("GTI have no length", hdu="gti")
        events, _ = self._part("events")
        if events is None or not len(events) or "TIME" not in events._store:
            return
        from ..sky.timing import time_to_seconds

        times = np.asarray(time_to_seconds(events.time, gti.time_ref))
        united = gti.union()
        index = np.searchsorted(united.met_start.value, times + TIME_ACCURACY, side="right") - 1
        inside = (index >= 0) & (times <= united.met_stop.value[np.maximum(index, 0)] + TIME_ACCURACY)
        if not inside.all():
            yield self._record("Events outside the GTI", count=int((~inside).sum()), hdu="gti")

    def check_aeff(self):
        """Check the effective area."""
        aeff, problem = self._part("aeff")
        if problem:
            yield problem
            return
        yield from self._check_values("aeff", aeff)
        meta = getattr(aeff, "meta", None) or {}
        missing = [keyword for keyword in ("LO_THRES", "HI_THRES") if meta.get(keyword) is None]
        if missing:
            yield self._record(f"Missing meta keys in aeff: {missing}", hdu="aeff", keys=missing)

    def check_edisp(self):
        """Check the energy dispersion: its integral over migra must be 1 or 0."""
        edisp, problem = self._part("edisp")
        if problem:
            yield problem
            return
        yield from self._check_values("edisp", edisp)
        if hasattr(edisp, "axes") and "migra" in edisp.axes.names:
            axis = edisp.axes.index("migra")
            width = np.diff(edisp.axes["migra"].edges.value)
            shape = [1] * np.ndim(edisp.data)
            shape[axis] = -1
            total = np.sum(edisp.data * width.reshape(shape), axis=axis)
            wrong = (total > 0) & (np.abs(total - 1) > 0.05)
            if wrong.any():
                yield self._record(
                    "edisp not normalised", hdu="edisp", count=int(wrong.sum()), fraction=float(wrong.mean())
                )

    def check_psf(self):
        """Check the point spread function."""
        psf, problem = self._part("psf")
        if problem:
            yield problem
            return
        yield from self._check_values("psf", psf)
        if not hasattr(psf, "containment_radius") or not hasattr(psf, "required_axes"):
            return
        energy = psf.axes["energy_true"].center if "energy_true" in psf.axes.names else [1] * u.TeV
        radius = u.Quantity(
            psf.containment_radius(fraction=0.68, energy_true=energy, offset=0 * u.deg), u.deg
        ).value
        good = np.isfinite(radius) & (radius > 0)
        if not good.any() or np.max(radius[good]) > 5:
            yield self._record("psf has no sensible containment radius", hdu="psf")

    def _check_values(self, name, response):
        """Check that values are finite, not negative, and not all zero."""
        data = getattr(response, "data", None)
        if not isinstance(data, np.ndarray) or data.dtype.kind not in "fiu":
            return
        if not np.isfinite(data).all():
            yield self._record(f"{name} has values that are not finite", "error", hdu=name)
        if (data < 0).any():
            yield self._record(f"{name} has negative values", "error", hdu=name)
        if not (data > 0).any():
            yield self._record(f"{name} is zero everywhere", "error", hdu=name)


class ObservationTableChecker(Checker):
    """Checks of an observation index.

    Parameters
    ----------
    obs_table : ObservationTable
    """

    CHECKS = {"meta": "check_meta", "columns": "check_columns"}
    COLUMNS = ("OBS_ID", "RA_PNT", "DEC_PNT", "TSTART", "TSTOP")

    def __init__(self, obs_table):
        self.obs_table = obs_table

    def check_meta(self):
        """Check that the time keywords are there."""
        missing = [keyword for keyword in TIME_KEYWORDS if self.obs_table.meta.get(keyword) is None]
        if missing:
            yield self._record(
                f"Missing meta keys in observation table: {missing}", keys=missing, hdu="obs-index"
            )

    def check_columns(self):
        """Check columns, and that no observation occurs twice."""
        if not len(self.obs_table):
            yield self._record("Observation table has zero rows", "error", hdu="obs-index")
        for name in self.COLUMNS:
            if name not in self.obs_table.colnames:
                yield self._record(f"Missing table column: {name!r}", "error", column=name, hdu="obs-index")
        if "OBS_ID" in self.obs_table.colnames:
            ids = np.asarray(self.obs_table["OBS_ID"])
            if len(np.unique(ids)) < len(ids):
                yield self._record("OBS_ID occurs more than once", "error", hdu="obs-index")


class HDUIndexTableChecker(Checker):
    """Checks of an HDU index.

    Parameters
    ----------
    hdu_table : HDUIndexTable
    """

    CHECKS = {"columns": "check_columns", "files": "check_files"}
    COLUMNS = ("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")

    def __init__(self, hdu_table):
        self.hdu_table = hdu_table

    def check_columns(self):
        """Check columns and names."""
        for name in self.COLUMNS:
            if name not in self.hdu_table.colnames:
                yield self._record(f"Missing table column: {name!r}", "error", column=name, hdu="hdu-index")
        if "HDU_TYPE" in self.hdu_table.colnames:
            unknown = sorted(set(self.hdu_table._keywords("HDU_TYPE").tolist()) - set(self.hdu_table.VALID_HDU_TYPE))
            if unknown:
                yield self._record(f"Unknown HDU types: {unknown}", hdu="hdu-index")

    def check_files(self):
        """Check that each HDU is where the index says."""
        from ..fits_tables import open_tables

        for obs_id, types in self.hdu_table.locations_by_observation().items():
            for hdu_type, places in types.items():
                for place in places:
                    try:
                        open_tables(place.path()).index(place.hdu_name)
                    except GemingaError as error:
                        yield self._record(f"HDU not found: {error}", "error", hdu=hdu_type) | {
                            "obs_id": obs_id
                        }
                if len(places) > 1:
                    yield self._record("HDU occurs more than once", hdu=hdu_type) | {"obs_id": obs_id}


class DataStoreChecker(Checker):
    """Checks of a data store.

    Parameters
    ----------
    data_store : DataStore
    """

    CHECKS = {
        "obs_table": "check_obs_table",
        "hdu_table": "check_hdu_table",
        "observations": "check_observations",
        "consistency": "check_consistency",
    }

    def __init__(self, data_store):
        self.data_store = data_store

    def check_obs_table(self):
        """Check the observation index."""
        if self.data_store.obs_table is None:
            yield self._record("No observation table", hdu="obs-index")
        else:
            yield from ObservationTableChecker(self.data_store.obs_table).run()

    def check_hdu_table(self):
        """Check the HDU index."""
        yield from HDUIndexTableChecker(self.data_store.hdu_table).run()

    def check_observations(self):
        """Check each observation."""
        for observation in self.data_store.get_observations(
            required_irf="all-optional", require_events=False
        ):
            yield from ObservationChecker(observation).run()
            observation.release()

    def check_consistency(self):
        """Check that both tables have the same observations."""
        table = self.data_store.obs_table
        if table is None or "OBS_ID" not in table.colnames:
            return
        listed, placed = (
            set(np.asarray(table["OBS_ID"]).tolist()),
            set(np.asarray(self.data_store.obs_ids).tolist()),
        )
        if listed - placed:
            yield self._record("Observations without HDUs", obs_ids=sorted(listed - placed), hdu="hdu-index")
        if placed - listed:
            yield self._record(
                "HDUs without an observation", obs_ids=sorted(placed - listed), hdu="obs-index"
            )
