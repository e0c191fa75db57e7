"""Event lists: one row for each event that looks like a gamma ray."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz, Angle, EarthLocation, SkyCoord
from astropy.time import Time

from ..doors import drawn_by, opens
from ..errors import DataError
from ..fits_headers import header_value
from ..sky.locations import earth_location_from_dict
from ..sky.rotation import icrs_to_galactic, separation
from ..sky.timing import seconds_to_time, time_ref_from_dict, time_to_seconds
from .columns import ColumnStore
from .io.formats import EVENT_FORMATS

if TYPE_CHECKING:
    from .metadata import EventListMetaData

__all__ = ["EventList"]

log = logging.getLogger(__name__)

TIMES = ("TIME",)


class EventList:
    """Event list.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Columns TIME (`~astropy.time.Time`), RA and DEC in deg, ENERGY in TeV, and any others. The header is in the meta
        of the table.
    meta : EventListMetaData, optional
        Default is read from the header.

    Notes
    -----
    Selections return new lists and keep header and metadata, also when nothing is left. Reading keeps every event,
    in the order of the file, also those outside the good time intervals: `check` reports them, and
    `Observation.select_time` leaves them out.

    Examples
    --------
    >>> from astropy.table import Table
    >>> table = Table({"TIME": Time([51544.0, 51544.1], format="mjd"), "RA": [83, 84] * u.deg,
    ...                "DEC": [22, 22] * u.deg, "ENERGY": [1, 10] * u.TeV})
    >>> len(EventList(table).select_energy([0.5, 2] * u.TeV))
    1
    """

    def __init__(self, table, meta=None):
        if not hasattr(table, "colnames"):
            raise DataError(
                f"table must be an astropy Table, got {type(table).__name__}. Make one of the columns."
            )
        self._store = ColumnStore(TIMES, table=table)
        self._own_meta = meta

    @classmethod
    def _from_store(cls, store: ColumnStore, meta=None) -> EventList:
        events = cls.__new__(cls)
        events._store, events._own_meta = store, meta
        return events

    # ------------------------------------------------------------- reading and writing

    @classmethod
    def read(cls, filename, hdu="EVENTS", checksum=False, format="gadf") -> EventList:
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
        checksum : bool
            Warn if a checksum in the file does not match.
        format : {"gadf"}

        Returns
        -------
        EventList

        Raises
        ------
        FormatError
            If the file cannot be read, or lacks one of TIME, RA, DEC, ENERGY or the reference time.
        """
        return EVENT_FORMATS.read(filename, format, hdu=hdu, checksum=checksum)

    def to_table_hdu(self, format="gadf"):
        """Return as a `~astropy.io.fits.BinTableHDU`, times in seconds since the reference time."""
        return EVENT_FORMATS.write(self, format=format)

    def write(self, filename, gti=None, overwrite=False, format="gadf", checksum=False) -> None:
        """Write to a FITS file, with its good time intervals if given.

        Parameters
        ----------
        filename : str or path-like
        gti : GTI, optional
        overwrite : bool
            Replace an existing file.
        format : {"gadf"}
        checksum : bool
            Add checksums.
        """
        EVENT_FORMATS.write(self, filename, format=format, gti=gti, overwrite=overwrite, checksum=checksum)

    # ----------------------------------------------------------------- columns

    @property
    def table(self):
        """Table with one row for each event; changes to it are changes to the list."""
        return self._store.table

    @table.setter
    def table(self, table):
        self._store = ColumnStore(TIMES, table=table)

    @property
    def header(self) -> dict:
        """Header keywords, the same as ``table.meta``, without making the table."""
        return self._store.meta

    @property
    def meta(self) -> EventListMetaData:
        """Metadata."""
        if self._own_meta is None:
            from .metadata import EventListMetaData

            self._own_meta = EventListMetaData.from_header(self.header)
        return self._own_meta

    @meta.setter
    def meta(self, meta):
        self._own_meta = meta

    def column(self, name) -> np.ndarray:
        """Return a column as a plain array in its own unit; TIME in seconds since the reference time."""
        return self._store.array(name)

    def __len__(self) -> int:
        return len(self._store)

    @property
    def time_ref(self) -> Time:
        """Reference time of the header."""
        return time_ref_from_dict(self.header)

    @property
    def time(self) -> Time:
        """Times."""
        return self._store.time("TIME")

    @property
    def energy(self) -> u.Quantity:
        """Energies."""
        return self._store.quantity("ENERGY")

    @property
    def radec(self) -> SkyCoord:
        """Directions in ICRS."""
        return SkyCoord(self._degrees("RA"), self._degrees("DEC"), unit=u.deg, frame="icrs")

    @property
    def galactic(self) -> SkyCoord:
        """Directions in Galactic coordinates."""
        lon, lat = icrs_to_galactic(self._degrees("RA"), self._degrees("DEC"))
        return SkyCoord(lon, lat, unit=u.deg, frame="galactic")

    @property
    def altaz_frame(self) -> AltAz:
        """Horizontal frame at the times of the events."""
        return AltAz(obstime=self.time, location=self.observatory_earth_location)

    @property
    def altaz(self) -> SkyCoord:
        """Directions in AltAz, computed from those in ICRS."""
        return self.radec.transform_to(self.altaz_frame)

    @property
    def altaz_from_table(self) -> SkyCoord:
        """Directions in AltAz as given by the columns ALT and AZ."""
        return SkyCoord(
            az=self._degrees("AZ") * u.deg, alt=self._degrees("ALT") * u.deg, frame=self.altaz_frame
        )

    def _degrees(self, name) -> np.ndarray:
        """Return an angle column in deg, float64."""
        unit = self._store.unit(name) or u.deg
        values = np.asarray(self._store.array(name), dtype=float)
        return values if unit == u.deg else values * unit.to(u.deg)

    @property
    def galactic_median(self) -> SkyCoord:
        """Median of Galactic longitudes and latitudes.

        Longitudes are cut at 0 or at 180 deg, wherever the events are less torn apart.
        """
        galactic = self.galactic
        choices = [galactic.l.wrap_at(angle).deg for angle in (360 * u.deg, 180 * u.deg)]
        lon = min(choices, key=lambda lon: np.abs(lon - np.median(lon)).sum())
        return SkyCoord(np.median(lon), np.median(galactic.b.deg), unit=u.deg, frame="galactic")

    # ----------------------------------------------------------------- offsets

    @property
    def pointing_radec(self) -> SkyCoord:
        """Pointing of the header in ICRS."""
        lon, lat = (header_value(self.header, keyword) for keyword in ("RA_PNT", "DEC_PNT"))
        if lon is None or lat is None:
            raise DataError(
                "the header must give RA_PNT and DEC_PNT for offsets from the pointing, got neither. "
                "In drift mode use the pointing of the observation."
            )
        return SkyCoord(lon, lat, unit=u.deg, frame="icrs")

    @property
    def is_pointed_observation(self) -> bool:
        """Whether the header gives a pointing on the sky."""
        return all(self.header.get(keyword) is not None for keyword in ("RA_PNT", "DEC_PNT"))

    @property
    def offset(self) -> Angle:
        """Separations from the pointing."""
        return self._separation(self.pointing_radec)

    @property
    def offset_from_median(self) -> Angle:
        """Separations from the median direction."""
        return self._separation(self.galactic_median.icrs)

    def _separation(self, position: SkyCoord) -> Angle:
        """Return separations from a position in ICRS."""
        return Angle(
            separation(self._degrees("RA"), self._degrees("DEC"), position.ra.deg, position.dec.deg), u.deg
        )

    # ----------------------------------------------------------------- header

    def _header_number(self, keyword) -> float:
        value = header_value(self.header, keyword)
        if value is None:
            raise DataError(f"the header must give {keyword}, got nothing. Add the keyword.")
        return value

    @property
    def observatory_earth_location(self) -> EarthLocation:
        """Place of the observatory."""
        return earth_location_from_dict(self.header)

    @property
    def observation_time_start(self) -> Time:
        """Start of the observation."""
        return seconds_to_time(self._header_number("TSTART"), self.time_ref)

    @property
    def observation_time_stop(self) -> Time:
        """Stop of the observation."""
        return seconds_to_time(self._header_number("TSTOP"), self.time_ref)

    @property
    def observation_time_duration(self) -> u.Quantity:
        """Time between start and stop of the observation."""
        return u.Quantity(self._header_number("TSTOP") - self._header_number("TSTART"), u.s)

    @property
    def observation_live_time_duration(self) -> u.Quantity:
        """Live time of the observation."""
        return u.Quantity(self._header_number("LIVETIME"), u.s)

    @property
    def observation_dead_time_fraction(self) -> float:
        """Fraction of the time in which no event could be taken."""
        return 1.0 - self._header_number("DEADC")

    # ----------------------------------------------------------------- selections

    select_mask = opens("geminga.data.event_selections:select_mask")
    select_row_subset = opens("geminga.data.event_selections:select_row_subset")
    select_time = opens("geminga.data.event_selections:select_time")
    select_energy = opens("geminga.data.event_selections:select_energy")
    select_offset = opens("geminga.data.event_selections:select_offset")
    select_parameter = opens("geminga.data.event_selections:select_parameter")
    select_region = opens("geminga.data.event_selections:select_region")
    select_rad_max = opens("geminga.data.event_selections:select_rad_max")
    map_coord = opens("geminga.data.event_selections:map_coord")

    # ----------------------------------------------------------------- combination

    def copy(self) -> EventList:
        """Return an independent copy."""
        meta = None if self._own_meta is None else self._own_meta.model_copy(deep=True)
        return self._from_store(self._store.copy(), meta)

    def stack(self, other: EventList) -> None:
        """Append the events of another list, in place; nothing is sorted. The header stays the same.

        Columns that only one of the lists has are masked where they are missing.
        """
        names = set(self._store.names)
        plain = (
            self._store._table is None and other._store._table is None and names == set(other._store.names)
        )
        if plain and all(self._store.unit(name) == other._store.unit(name) for name in names):
            reference = self._store.reference
            columns = {
                name: np.concatenate([self.column(name), other.column(name)])
                for name in self._store.names
                if name != "TIME"
            }
            if "TIME" in names:
                seconds = other.column("TIME")
                if (
                    other._store.reference - reference
                ).sec != 0 or other._store.reference.scale != reference.scale:
                    seconds = time_to_seconds(other.time, reference)
                columns = {"TIME": np.concatenate([self.column("TIME"), seconds]), **columns}
            self._store = ColumnStore(TIMES, columns, self._store._units, self.header, self._store._reference)
            return
        from astropy.table import vstack

        table = vstack([self.table, other.table], metadata_conflicts="silent")
        table.meta = dict(self.header)
        self._store = ColumnStore(TIMES, table=table)

    @classmethod
    def from_stack(cls, event_lists: Sequence[EventList], **kwargs) -> EventList:
        """Create by putting lists one after the other; header and metadata are those of the first.

        Parameters
        ----------
        event_lists : sequence of EventList
        """
        event_lists = list(event_lists)
        if not event_lists:
            raise DataError("event_lists must hold at least one list, got none. Pass the ones to stack.")
        stacked = event_lists[0].copy()
        for events in event_lists[1:]:
            stacked.stack(events)
        return stacked

    def check(self, checks="all"):
        """Check the quality of the list.

        Parameters
        ----------
        checks : "all" or list of {"meta", "columns", "times", "coordinates_galactic", "coordinates_altaz"}

        Yields
        ------
        dict
            Problem found: "level", "msg", "obs_id" and what else describes it.
        """
        from .event_checks import EventListChecker

        return EventListChecker(self).run(checks)

    # ----------------------------------------------------------------- plots and text

    plot_energy = drawn_by("geminga.visualization.data:plot_events_energy")
    plot_energy_offset = drawn_by("geminga.visualization.data:plot_events_energy_offset")
    plot_image = drawn_by("geminga.visualization.data:plot_events_image")
    plot_offset2_distribution = drawn_by("geminga.visualization.data:plot_events_offset2_distribution")
    plot_time = drawn_by("geminga.visualization.data:plot_events_time")
    peek = drawn_by("geminga.visualization.data:peek_events")

    def __repr__(self):
        return f"<EventList: {len(self)} events, obs. {self.header.get('OBS_ID', '-')}>"

    def __str__(self):
        header = self.header
        lines = [
            "EventList",
            "---------",
            "",
            f"  Instrument       : {header.get('INSTRUME')}",
            f"  Telescope        : {header.get('TELESCOP')}",
            f"  Obs. ID          : {header.get('OBS_ID', '')}",
            "",
            f"  Number of events : {len(self)}",
        ]
        if header.get("TSTART") is not None and header.get("TSTOP") is not None:
            duration = self.observation_time_duration.value
            rate = len(self) / duration if duration > 0 else np.nan
            lines += [
                f"  Event rate       : {rate:.3f} 1 / s",
                "",
                f"  Time start       : {self.observation_time_start.mjd}",
                f"  Time stop        : {self.observation_time_stop.mjd}",
            ]
        if len(self) and "ENERGY" in self._store:
            energy = self.energy
            lines += [
                "",
                *(
                    f"  {label:16s} : {function(energy.value):.2e} {energy.unit}"
                    for label, function in (
                        ("Min. energy", np.min),
                        ("Max. energy", np.max),
                        ("Median energy", np.median),
                    )
                ),
            ]
        if len(self) and self.is_pointed_observation and "RA" in self._store:
            lines += ["", f"  Max. offset      : {self.offset.max().deg:.1f} deg"]
        return "\n".join(lines) + "\n"

    def _repr_html_(self):
        return f"<pre>{self}</pre>"
