"""Good time intervals: when the data are good."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..errors import DataError
from ..sky.timing import as_time, time_to_seconds
from ..units import to_quantity, to_value
from .columns import ColumnStore
from .gti_algebra import clip, contains, locate, subtract, unite
from .io.formats import GTI_FORMATS

__all__ = ["GTI"]

log = logging.getLogger(__name__)

TIMES = ("START", "STOP")


class GTI:
    """Good time intervals.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Columns START and STOP, `~astropy.time.Time` each.
    reference_time : `~astropy.time.Time`, optional
        Time from which seconds are counted on disk. Default is 2000-01-01 TT.

    Notes
    -----
    Operations return new intervals with the same reference time; only `stack` changes the object. Intervals are half
    open, ``[START, STOP)``.

    Examples
    --------
    >>> gti = GTI.create([0, 10] * u.s, [5, 20] * u.s)
    >>> float(gti.time_sum.to_value("s"))
    15.0
    """

    def __init__(self, table, reference_time=None):
        reference = None if reference_time is None else as_time(reference_time, "reference_time")
        self._store = ColumnStore(TIMES, reference=reference, table=table)
        for name in TIMES:
            self._store.require(name)
        self._check(self._seconds("START"), self._seconds("STOP"))

    @classmethod
    def _from_store(cls, store: ColumnStore) -> GTI:
        gti = cls.__new__(cls)
        gti._store = store
        cls._check(gti._seconds("START"), gti._seconds("STOP"))
        return gti

    @classmethod
    def _from_seconds(cls, start, stop, reference: Time) -> GTI:
        return cls._from_store(ColumnStore(TIMES, {"START": start, "STOP": stop}, reference=reference))

    @staticmethod
    def _check(start, stop):
        """Refuse intervals that end before they start."""
        bad = ~(stop >= start)
        if bad.any():
            i = int(np.argmax(bad))
            raise DataError(
                f"interval {i} must end after its start, got START {start[i]} s and STOP {stop[i]} s. "
                "Correct the intervals."
            )

    def _seconds(self, name) -> np.ndarray:
        return np.atleast_1d(self._store.array(name))

    def _with(self, start, stop) -> GTI:
        """Return other intervals with this reference time, times in the scale of this table."""
        return self._from_seconds(start, stop, self._store.shown_reference)

    # ------------------------------------------------------------------ making

    @classmethod
    def create(cls, start, stop, reference_time=None) -> GTI:
        """Create from starts and stops.

        Parameters
        ----------
        start, stop : `~astropy.time.Time` or `~astropy.units.Quantity`
            Times, or durations since the reference time; scalars or arrays.
        reference_time : `~astropy.time.Time`, optional
            Default is 2000-01-01 TT.

        Returns
        -------
        GTI
        """
        reference = as_time(
            "2000-01-01T00:00:00" if reference_time is None else reference_time,
            "reference_time",
            scale="tt" if reference_time is None else None,
        )
        if isinstance(start, Time) and isinstance(stop, Time) and start.size:
            from astropy.table import Table

            start, stop = (time if time.ndim else time.reshape(1) for time in (start, stop))
            return cls(Table({"START": start, "STOP": stop}), reference)
        bounds = []
        for name, value in (("start", start), ("stop", stop)):
            if isinstance(value, Time):
                bounds.append(np.atleast_1d(time_to_seconds(value, reference)))
            else:
                empty = not isinstance(value, str | u.Quantity) and np.size(value) == 0
                bounds.append(np.zeros(0) if empty else np.atleast_1d(to_value(value, u.s, name)))
        if bounds[0].shape != bounds[1].shape:
            raise DataError(
                f"start and stop must be equally many, got {bounds[0].size} and {bounds[1].size}. Check the arrays."
            )
        return cls._from_seconds(*bounds, reference)

    @classmethod
    def from_time_intervals(cls, time_intervals, reference_time=None) -> GTI:
        """Create from a list of pairs of times.

        Parameters
        ----------
        time_intervals : sequence of `~astropy.time.Time`, shape (n, 2)
        reference_time : `~astropy.time.Time`, optional
        """
        if len(time_intervals) == 0:
            return cls.create([], [], reference_time)
        pairs = [_interval(pair) for pair in time_intervals]
        return cls.create(
            Time([pair[0] for pair in pairs]), Time([pair[1] for pair in pairs]), reference_time
        )

    @classmethod
    def from_stack(cls, gtis: Sequence[GTI], **kwargs) -> GTI:
        """Create by putting intervals one after the other.

        Parameters
        ----------
        gtis : sequence of GTI
        """
        gtis = list(gtis)
        if not gtis:
            raise DataError("gtis must hold at least one GTI, got none. Pass the ones to stack.")
        stacked = gtis[0].copy()
        for gti in gtis[1:]:
            stacked.stack(gti)
        return stacked

    def copy(self) -> GTI:
        """Return an independent copy."""
        return self._from_store(self._store.copy())

    # ------------------------------------------------------------- reading and writing

    @classmethod
    def read(cls, filename, hdu="GTI", format="gadf", checksum=False) -> GTI:
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
        format : {"gadf"}
        checksum : bool
            Warn if a checksum in the file does not match.

        Raises
        ------
        FormatError
            If the file or the table cannot be understood.
        """
        return GTI_FORMATS.read(filename, format, hdu=hdu, checksum=checksum)

    @classmethod
    def from_table_hdu(cls, table_hdu, format="gadf") -> GTI:
        """Create from a table HDU."""
        return GTI_FORMATS.read(table_hdu, format)

    def to_table_hdu(self, format="gadf"):
        """Return as a `~astropy.io.fits.BinTableHDU`, seconds since the reference time in the TT scale."""
        return GTI_FORMATS.write(self, format=format)

    def write(self, filename, overwrite=False, format="gadf", checksum=False) -> None:
        """Write to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        format : {"gadf"}
        checksum : bool
            Add checksums.
        """
        GTI_FORMATS.write(self, filename, format=format, overwrite=overwrite, checksum=checksum)

    # ----------------------------------------------------------------- what is inside

    @property
    def table(self):
        """Table with the columns START and STOP, `~astropy.time.Time` each."""
        return self._store.table

    @table.setter
    def table(self, table):
        self._store = ColumnStore(TIMES, reference=self.time_ref, table=table)

    @property
    def time_ref(self) -> Time:
        """Reference time."""
        return self._store.reference

    @property
    def met_start(self) -> u.Quantity:
        """Starts as seconds since the reference time."""
        return u.Quantity(self._seconds("START"), u.s)

    @property
    def met_stop(self) -> u.Quantity:
        """Stops as seconds since the reference time."""
        return u.Quantity(self._seconds("STOP"), u.s)

    @property
    def time_start(self) -> Time:
        """Starts."""
        return self._store.time("START")

    @property
    def time_stop(self) -> Time:
        """Stops."""
        return self._store.time("STOP")

    @property
    def time_delta(self) -> u.Quantity:
        """Lengths of the intervals in seconds."""
        return u.Quantity(self._seconds("STOP") - self._seconds("START"), u.s)

    @property
    def time_sum(self) -> u.Quantity:
        """Sum of the lengths in seconds; intervals that overlap count twice."""
        return self.time_delta.sum()

    @property
    def time_intervals(self) -> list:
        """Pairs of start and stop."""
        return list(zip(self.time_start, self.time_stop, strict=True)) if len(self) else []

    def __len__(self) -> int:
        return len(self._store)

    def __repr__(self):
        return f"<GTI: {len(self)} intervals, {self.time_sum.value:.1f} s>"

    def __str__(self):
        lines = ["GTI info:", f"- Number of GTIs: {len(self)}", f"- Duration: {self.time_sum}"]
        if len(self):
            first, last = int(np.argmin(self._seconds("START"))), int(np.argmax(self._seconds("STOP")))
            for label, seconds, time in (
                ("Start", self.met_start[first], self.time_start[first]),
                ("Stop", self.met_stop[last], self.time_stop[last]),
            ):
                lines += [
                    f"- {label}: {seconds} MET",
                    f"- {label}: {time.isot} (time standard: {time.scale.upper()})",
                ]
        return "\n".join(lines) + "\n"

    def _repr_html_(self):
        return f"<pre>{self}</pre>"

    # ---------------------------------------------------------------------- algebra

    def stack(self, other: GTI) -> None:
        """Append the intervals of another GTI, in place; nothing is sorted or merged."""
        reference = self.time_ref
        stacked = self._with(
            np.concatenate([self._seconds("START"), _seconds_since(other.time_start, reference)]),
            np.concatenate([self._seconds("STOP"), _seconds_since(other.time_stop, reference)]),
        )
        self._store = stacked._store

    def union(self, overlap_ok=True, merge_equal=True) -> GTI:
        """Sort the intervals and merge those that overlap.

        Parameters
        ----------
        overlap_ok : bool
            If False, raise on overlap.
        merge_equal : bool
            Merge intervals that merely touch.

        Returns
        -------
        GTI
        """
        return self._with(*unite(self._seconds("START"), self._seconds("STOP"), overlap_ok, merge_equal))

    def select_time(self, time_interval, inverted=False) -> GTI:
        """Keep what lies inside an interval, or with `inverted` what lies outside.

        Parameters
        ----------
        time_interval : `~astropy.time.Time`, shape (2,)
            Start and stop.
        inverted : bool
            Remove the interval instead.

        Returns
        -------
        GTI
            Cut intervals; those of no length are dropped.
        """
        cut = subtract if inverted else clip
        return self._with(*cut(self._seconds("START"), self._seconds("STOP"), *self._window(time_interval)))

    def delete_interval(self, time_interval) -> GTI:
        """Remove an interval; a GTI around it becomes two.

        Parameters
        ----------
        time_interval : `~astropy.time.Time`, shape (2,)

        Returns
        -------
        GTI
        """
        return self.select_time(time_interval, inverted=True)

    def contains(self, time) -> np.ndarray:
        """Say which times lie in the intervals, to a microsecond.

        Parameters
        ----------
        time : `~astropy.time.Time`

        Returns
        -------
        ndarray of bool
        """
        seconds = time_to_seconds(time, self.time_ref)
        inside = contains(self._seconds("START"), self._seconds("STOP"), np.atleast_1d(seconds))
        return inside.reshape(np.shape(seconds))

    def _window(self, time_interval) -> tuple[float, float]:
        """Return start and stop of an interval in seconds since the reference time."""
        low, high = (float(time_to_seconds(time, self.time_ref)) for time in _interval(time_interval))
        return low, high

    def group_table(self, time_intervals, atol="1e-6 s"):
        """Assign each interval to the time bin that contains it.

        Parameters
        ----------
        time_intervals : sequence of `~astropy.time.Time`, shape (n, 2)
            Time bins.
        atol : `~astropy.units.Quantity` or str
            By how much an interval may stick out of its bin.

        Returns
        -------
        `~astropy.table.Table`
            One row for each interval: ``group_idx`` (-1 if no bin contains it), ``time_min`` and ``time_max`` in MJD
            (UTC), and ``bin_type``: empty, "underflow" (starts before the first bin), "outflow" (starts before the
            first and ends after the last bin) or "overflow" (anything else).
        """
        from astropy.table import Table

        tolerance = float(to_quantity(atol, u.s, "atol").value)
        windows = np.array([self._window(pair) for pair in time_intervals], dtype=float).reshape(-1, 2)
        start, stop = self._seconds("START"), self._seconds("STOP")
        index = locate(start, stop, windows[:, 0], windows[:, 1], tolerance)
        early = start < windows[:, 0].min(initial=np.inf) - tolerance
        late = stop > windows[:, 1].max(initial=-np.inf) + tolerance
        kind = np.where(
            index >= 0, "", np.where(early & late, "outflow", np.where(early, "underflow", "overflow"))
        )
        return Table(
            {
                "group_idx": index,
                "time_min": np.atleast_1d(self.time_start.utc.mjd),
                "time_max": np.atleast_1d(self.time_stop.utc.mjd),
                "bin_type": kind,
            }
        )


def _interval(pair) -> tuple[Time, Time]:
    """Return the two times of an interval."""
    times = pair if isinstance(pair, Time) else [as_time(time, "time_interval") for time in pair]
    if len(times) != 2:
        raise DataError(f"a time interval must be a start and a stop, got {len(times)} times. Give two.")
    if time_to_seconds(times[1], times[0]) < 0:
        raise DataError(
            f"a time interval must stop after its start, got {times[0]} and {times[1]}. Swap them."
        )
    return times[0], times[1]


def _seconds_since(times: Time, reference: Time) -> np.ndarray:
    return np.atleast_1d(time_to_seconds(times, reference))
