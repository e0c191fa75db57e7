"""One-row tables from files, HDUs or astropy tables: columns with units, and errors that say where they happened."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

import numpy as np
from astropy import units as u

from ...errors import FormatError
from ...fits_tables import FitsColumns

__all__ = ["OneRowTable", "columns_of", "parse_unit"]

log = logging.getLogger(__name__)


@lru_cache(maxsize=256)
def parse_unit(text: str) -> u.UnitBase:
    """Return a unit written in any of the ways that files use.

    Examples
    --------
    >>> parse_unit("1/s/MeV/sr") == parse_unit("s^-1 MeV^-1 sr^-1")
    True
    """
    text = text.strip()
    try:
        return u.Unit(text)
    except ValueError:
        first, *others = text.split("/")
        unit = u.one if first.strip() in ("", "1") else u.Unit(first)
        for other in others:
            unit = unit / u.Unit(other)
        return unit


def columns_of(source) -> FitsColumns:
    """Return an astropy table or table HDU as plain columns."""
    if isinstance(source, FitsColumns):
        return source
    if hasattr(source, "colnames"):
        columns = {name: np.asarray(source[name]) for name in source.colnames}
        units = {name: str(source[name].unit) for name in source.colnames if source[name].unit is not None}
        return FitsColumns(columns, units, dict(source.meta))
    try:
        return FitsColumns.from_hdu(source)
    except (AttributeError, OSError, TypeError, ValueError, KeyError) as error:
        raise FormatError(
            f"the HDU must hold a complete table, got: {error}. Fetch the file again.",
            hdu=getattr(source, "name", None),
        ) from error


class OneRowTable:
    """Reads columns of the only row.

    Parameters
    ----------
    content : `~geminga.fits_tables.FitsColumns`
    """

    def __init__(self, content: FitsColumns):
        self.content = content
        self._names = {name.upper(): name for name in content.columns}
        for name, values in content.columns.items():
            if np.ndim(values) == 0 or len(values) != 1:
                raise self.problem(f"the table must have one row, got {np.shape(values)[:1]}.", column=name)

    @property
    def meta(self) -> dict:
        """Keywords of the header."""
        return dict(self.content.header)

    @property
    def place(self) -> str:
        """File and HDU, for messages."""
        parts = [str(part) for part in (self.content.path, self.content.name) if part]
        return ", HDU ".join(parts) if parts else "table"

    def problem(self, text, column=None) -> FormatError:
        """Return an error that says where the problem is."""
        path = self.content.path
        return FormatError(text, path=path and Path(path), hdu=self.content.name or None, column=column)

    def find(self, *candidates) -> str:
        """Return the first of the candidate names that the table has."""
        for name in candidates:
            if name in self._names:
                return name
        raise self.problem(
            f"the table must have a column {' or '.join(candidates)}, got {', '.join(self._names)}.",
            column=candidates[0],
        )

    def values(self, name) -> np.ndarray:
        """Return the numbers of a column, at least one-dimensional, in native byte order."""
        values = np.atleast_1d(np.asarray(self.content.columns[self._names[name]][0]))
        if values.dtype.kind not in "iuf":
            raise self.problem(f"the column must hold numbers, got type {values.dtype}.", column=name)
        if values.dtype.kind != "f":
            return values.astype(float)
        return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))

    def unit(self, name, default, strict=True) -> u.UnitBase:
        """Return the unit of a column; without one, `default`, which is logged.

        With `strict`, it must be convertible to `default`.
        """
        default = u.Unit(default)
        text = str(self.content.units.get(self._names[name]) or "").strip()
        if not text:
            if default != u.one:
                log.warning("%s, column %s: no unit, %s is assumed.", self.place, name, default)
            return default
        try:
            unit = parse_unit(text)
        except (ValueError, TypeError) as error:
            raise self.problem(
                f"the unit must be readable, got {text!r}. Expected {default}.", column=name
            ) from error
        if strict and not unit.is_equivalent(default):
            raise self.problem(f"the unit must be convertible to '{default}', got {text!r}.", column=name)
        return unit

    def quantity(self, name, default) -> u.Quantity:
        """Return a column with its unit."""
        return u.Quantity(self.values(name), self.unit(name, default), copy=None)
