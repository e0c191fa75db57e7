"""The tables of a FITS file in the manner of astropy's HDUs, read much faster.

A spectrum is a file with some thirty small tables. What the readers of maps ask of an HDU is little: name, header,
columns with their units, rows. That little is offered here on top of plain arrays.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import SimpleNamespace

import numpy as np
from astropy.table import Table

from ...files import make_path, open_fits
from ...fits_tables import FitsColumns, FitsFile, open_tables

__all__ = ["TableHdu", "TableHdus", "open_table_hdus", "opened", "read_gti", "read_table"]


class _Rows:
    """Rows of a table: a column by name, or a row at a time."""

    def __init__(self, columns: dict[str, np.ndarray]):
        self._columns = {
            name: values.astype(str) if values.dtype.kind == "S" else values
            for name, values in columns.items()
        }

    def __getitem__(self, name) -> np.ndarray:
        return self._columns[name]

    def __len__(self) -> int:
        return len(next(iter(self._columns.values()), ()))

    def __iter__(self) -> Iterator[dict]:
        for number in range(len(self)):
            yield {name: values[number] for name, values in self._columns.items()}

    def tobytes(self) -> bytes:
        """Return the content of all columns."""
        return b"".join(values.tobytes() for values in self._columns.values())


class _Columns:
    """Names of the columns, and what is known of each."""

    def __init__(self, table: FitsColumns):
        self.names = list(table.columns)
        self._units = table.units

    def __getitem__(self, name) -> SimpleNamespace:
        return SimpleNamespace(name=name, unit=self._units.get(name))

    def __iter__(self):
        return (self[name] for name in self.names)


class TableHdu:
    """A table of a file."""

    def __init__(self, file: FitsFile, number: int):
        self._file, self._number = file, number
        self.name = file.hdus[number].name.upper()

    @cached_property
    def _table(self) -> FitsColumns:
        return self._file.read(self._number)

    @property
    def header(self) -> dict:
        """Keywords, without those that describe the table."""
        return self._table.header

    @cached_property
    def columns(self) -> _Columns:
        """Names and units of the columns."""
        return _Columns(self._table)

    @cached_property
    def data(self) -> _Rows:
        """Rows."""
        return _Rows(self._table.columns)


class _Primary:
    """The primary HDU, of which only the header is wanted."""

    name = "PRIMARY"

    def __init__(self, file: FitsFile):
        self.header = file.header(0)


class TableHdus:
    """The HDUs of a file, all of them tables but the first.

    Parameters
    ----------
    hdus : list of `TableHdu`
        The primary HDU first.
    path : `~pathlib.Path`
    """

    def __init__(self, hdus: list, path):
        self._hdus, self._path = hdus, path
        self._by_name = {hdu.name: hdu for hdu in reversed(hdus)}

    def __iter__(self):
        return iter(self._hdus)

    def __len__(self) -> int:
        return len(self._hdus)

    def __contains__(self, key) -> bool:
        return str(key).upper() in self._by_name

    def __getitem__(self, key):
        if isinstance(key, int):
            return self._hdus[key]
        try:
            return self._by_name[str(key).upper()]
        except KeyError:
            raise KeyError(f"Extension {key!r} not found.") from None

    def filename(self):
        """Return the path of the file."""
        return self._path

    def part(self, *names: str) -> TableHdus:
        """Return some of the HDUs."""
        return TableHdus([self._hdus[0], *(hdu for hdu in self._hdus[1:] if hdu.name in names)], self._path)


@contextmanager
def opened(path, checksum=False):
    """Open a FITS file: one of tables alone by a faster way than others.

    Parameters
    ----------
    path : str or path-like
    checksum : bool
        Verify checksums.

    Yields
    ------
    `TableHdus` or `~astropy.io.fits.HDUList`
    """
    hdus = None if checksum or not make_path(path).exists() else open_table_hdus(path)
    if hdus is not None:
        yield hdus
        return
    with open_fits(path, checksum=checksum) as hdulist:
        yield hdulist


def open_table_hdus(path) -> TableHdus | None:
    """Open a file of tables; None if it holds anything else.

    Raises
    ------
    FormatError
        If the file is missing or no FITS file.
    """
    file = open_tables(path)
    if not all(hdu.is_table for hdu in file.hdus[1:]):
        return None
    return TableHdus(
        [_Primary(file), *(TableHdu(file, number) for number in range(1, len(file.hdus)))], file.path
    )


def read_gti(hdulist):
    """Return the good time intervals of a file."""
    from ...data import GTI

    if isinstance(hdulist, TableHdus):
        return GTI.read(hdulist.filename())
    return GTI.from_table_hdu(hdulist["GTI"])


def read_table(hdu) -> Table:
    """Return a table without its header."""
    if not isinstance(hdu, TableHdu):
        return Table.read(hdu)
    table = Table({name: hdu.data[name] for name in hdu.columns.names})
    for column in hdu.columns:
        if column.unit:
            table[column.name].unit = column.unit
    return table
