"""Columns of a table, whether it is an astropy table or a FITS table, as plain arrays with units."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ....errors import FormatError

__all__ = ["Columns"]


class Columns:
    """Columns by name, in any case of letters, and the header beside them.

    Parameters
    ----------
    table : `~astropy.table.Table` or `~astropy.io.fits.BinTableHDU`
    """

    def __init__(self, table):
        self._is_hdu = hasattr(table, "columns") and hasattr(table, "header")
        self._table = table
        self.header = table.header if self._is_hdu else table.meta
        self.names = list(table.columns.names) if self._is_hdu else list(table.colnames)
        self.hdu_name = table.name if self._is_hdu else self.header.get("EXTNAME")
        self._by_case = {name.upper(): name for name in reversed(self.names)}

    def __contains__(self, name):
        return name.upper() in self._by_case

    def _column_name(self, name) -> str:
        try:
            return self._by_case[name.upper()]
        except KeyError:
            raise FormatError(
                f"the table must have the column, got only {', '.join(self.names)}. Choose another format.",
                hdu=self.hdu_name,
                column=name,
            ) from None

    def values(self, name) -> np.ndarray:
        """Return a column as a plain array of native byte order; texts without trailing blanks."""
        name = self._column_name(name)
        if self._is_hdu:
            values = np.asarray(self._table.data[name])
        else:
            column = self._table[name]
            values = np.asarray(getattr(column, "value", column))
        if values.dtype.kind in "SU":
            return np.char.rstrip(values.astype(str))
        return values.astype(values.dtype.newbyteorder("="), copy=False)

    def unit(self, name, default="") -> u.UnitBase:
        """Return the unit of a column, `default` if it has none."""
        name = self._column_name(name)
        unit = self._table.columns[name].unit if self._is_hdu else self._table[name].unit
        return u.Unit(default) if unit in (None, "") else u.Unit(unit)

    def get(self, keyword, default=None):
        """Return a header keyword."""
        return self.header.get(keyword, self.header.get(keyword.lower(), default))
