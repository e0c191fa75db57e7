"""Columns of event lists and time intervals: plain arrays until somebody asks for the table.

A table of `~astropy.time.Time` columns is what users work with, and slow to make and to cut. As long as nobody has
touched the table, times are plain seconds since a reference. Once the table exists it is the only truth, because its
owner may change it; arrays are then derived from it at each call.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..errors import DataError
from ..fits_headers import unit_from_text
from ..fits_tables import FitsColumns
from ..sky.timing import seconds_to_time, time_ref_from_dict, time_to_seconds

__all__ = ["ColumnStore"]

DEFAULT_REFERENCE = ("2000-01-01T00:00:00", "tt")


class ColumnStore:
    """Columns with some times among them.

    Parameters
    ----------
    times : sequence of str
        Names of the columns that hold times.
    columns : dict of ndarray, optional
        Plain columns; times in seconds since `reference`.
    units : dict of str, optional
        Units of the plain columns.
    meta : dict, optional
        Header.
    reference : `~astropy.time.Time`, optional
        Reference time. Default is 2000-01-01 TT.
    table : `~astropy.table.Table`, optional
        Table to use instead of plain columns.
    """

    def __init__(self, times: Sequence[str], columns=None, units=None, meta=None, reference=None, table=None):
        self.times = tuple(times)
        self._columns, self._units, self._meta = columns or {}, units or {}, meta if meta is not None else {}
        self._reference, self._table = reference, table

    @classmethod
    def from_fits(cls, source: FitsColumns, times: Sequence[str], drop: Sequence[str] = ()):
        """Take over the columns of a FITS table; seconds are counted from MJDREFI + MJDREFF."""
        source.require(*times)
        reference = time_ref_from_dict(source.header)
        columns = {name: source.columns[name] for name in (*times, *source.columns) if name not in drop}
        zero = float(source.header.get("TIMEZERO") or 0.0)
        for name in times:
            unit = unit_from_text(source.units.get(name, "")) or u.s
            factor = unit.to(u.s) if unit != u.s else 1.0
            columns[name] = np.asarray(columns[name], dtype=float) * factor + zero
        header = dict(source.header)
        if zero:
            header["TIMEZERO"] = 0.0
        return cls(times, columns, source.units, header, reference)

    @property
    def reference(self) -> Time:
        """Time from which the seconds are counted."""
        if self._reference is None:
            if "MJDREFI" in self.meta or "MJDREF" in self.meta:
                return time_ref_from_dict(self.meta)
            return Time(DEFAULT_REFERENCE[0], scale=DEFAULT_REFERENCE[1])
        return self._reference

    @property
    def shown_reference(self) -> Time:
        """Reference time in the scale in which the times of the table are."""
        if self._table is None or self.times[0] not in self._table.colnames:
            return self.reference
        return getattr(self.reference, getattr(self._table[self.times[0]], "scale", self.reference.scale))

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(self._columns) if self._table is None else list(self._table.colnames)

    @property
    def meta(self) -> dict:
        """Header."""
        return self._meta if self._table is None else self._table.meta

    def __len__(self) -> int:
        if self._table is not None:
            return len(self._table)
        return len(next(iter(self._columns.values()))) if self._columns else 0

    def __contains__(self, name: str) -> bool:
        return name in (self._columns if self._table is None else self._table.colnames)

    def require(self, name: str) -> None:
        """Raise a `DataError` if there is no such column."""
        if name not in self:
            raise DataError(
                f"the table must have the column {name}, got {', '.join(self.names) or 'no columns'}. Add it."
            )

    def array(self, name: str) -> np.ndarray:
        """Return a column as plain numbers in its own unit; times as seconds since the reference."""
        self.require(name)
        if self._table is None:
            return self._columns[name]
        column = self._table[name]
        if isinstance(column, Time):
            return np.atleast_1d(time_to_seconds(column, self.reference))
        if name in self.times and getattr(column, "unit", None) is not None:
            return np.asarray(
                column.quantity.to_value(u.s) if hasattr(column, "quantity") else column.to_value(u.s)
            )
        return np.asarray(getattr(column, "value", column))

    def unit(self, name: str):
        """Return the unit of a column, or None."""
        self.require(name)
        if self._table is None:
            return u.s if name in self.times else unit_from_text(self._units.get(name, ""))
        column = self._table[name]
        return u.s if isinstance(column, Time) else getattr(column, "unit", None)

    def quantity(self, name: str) -> u.Quantity:
        """Return a column as a quantity."""
        return u.Quantity(self.array(name), self.unit(name) or u.one, copy=False)

    def time(self, name: str) -> Time:
        """Return a column of times."""
        self.require(name)
        if self._table is not None and isinstance(self._table[name], Time):
            return self._table[name]
        return seconds_to_time(self.array(name), self.reference)

    @property
    def table(self):
        """The columns as an astropy Table; from now on the table is the truth."""
        if self._table is None:
            from astropy.table import Column, Table

            columns = {}
            for name, values in self._columns.items():
                if name in self.times:
                    columns[name] = seconds_to_time(values, self.reference)
                else:
                    columns[name] = Column(values, unit=self.unit(name), copy=False)
            self._table = Table(columns, meta=self._meta, copy=False)
            self._columns = {}
        return self._table

    def take(self, rows) -> ColumnStore:
        """Return some of the rows: a mask, indices or a slice."""
        if self._table is not None:
            table = self._table[rows]
            return ColumnStore(self.times, reference=self._reference, table=table)
        columns = {name: values[rows] for name, values in self._columns.items()}
        return ColumnStore(self.times, columns, self._units, dict(self._meta), self._reference)

    def copy(self) -> ColumnStore:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def plain(self) -> tuple[dict[str, np.ndarray], dict[str, str]]:
        """Return all columns as plain arrays, times in seconds, and the names of their units."""
        columns = {name: self.array(name) for name in self.names}
        units = {
            name: unit.to_string("fits")
            for name in self.names
            if (unit := self._unit_on_disk(name)) is not None
        }
        return columns, units

    def _unit_on_disk(self, name: str):
        return u.s if name in self.times else self.unit(name)
