"""The HDUs of a FITS file in the manner of astropy's, read much faster.

A spectrum is a file with some thirty small tables; a lazily read cube is opened once for each of its maps, and often
compressed. What the readers of maps ask of an HDU is little: name, header, columns with their units, rows, or an image.
That little is offered here on top of the bytes of the file, and nothing is parsed before it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import SimpleNamespace

import numpy as np
from astropy.io import fits
from astropy.table import Table

from ...files import make_path, open_fits
from ...fits_tables import FitsColumns, FitsFile, open_tables

__all__ = ["PlainHdus", "TableHdu", "opened", "read_gti", "read_table"]

#: Larger files that are not compressed are left to astropy, which maps them into memory.
LARGE = 32 << 20
BLOCK = 2880


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


class _ImageHdu:
    """An image of a file, or its primary HDU; it becomes astropy's when anything but its name is asked for."""

    def __init__(self, file: FitsFile, number: int):
        self._file, self._number = file, number
        self.name = file.hdus[number].name.upper()

    @cached_property
    def _hdu(self):
        place = self._file.hdus[self._number]
        stop = place.data_start - (place.data_start - place.data_stop) // BLOCK * BLOCK
        content = bytes(self._file.content[place.header_start : stop])
        return (fits.ImageHDU if self._number else fits.PrimaryHDU).fromstring(content)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self._hdu, name)


class PlainHdus:
    """The HDUs of a file.

    Parameters
    ----------
    hdus : list
        The primary HDU first.
    path : `~pathlib.Path`
    """

    def __init__(self, hdus: list, path):
        self._hdus, self._path = hdus, path
        self._by_name = {hdu.name: hdu for hdu in reversed(hdus)}

    @classmethod
    def open(cls, path) -> PlainHdus:
        """Open a file.

        Raises
        ------
        FormatError
            If it is missing or no FITS file.
        """
        file = open_tables(path)
        hdus = [
            TableHdu(file, number) if place.is_table else _ImageHdu(file, number)
            for number, place in enumerate(file.hdus)
        ]
        return cls(hdus, file.path)

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

    def part(self, *names: str) -> PlainHdus:
        """Return some of the HDUs."""
        return PlainHdus([self._hdus[0], *(hdu for hdu in self._hdus[1:] if hdu.name in names)], self._path)


@contextmanager
def opened(path, checksum=False):
    """Open a FITS file: small and compressed ones by a faster way than others.

    Parameters
    ----------
    path : str or path-like
    checksum : bool
        Verify checksums.

    Yields
    ------
    `PlainHdus` or `~astropy.io.fits.HDUList`
    """
    path = make_path(path)
    if not checksum and path.exists() and (path.suffix == ".gz" or path.stat().st_size < LARGE):
        yield PlainHdus.open(path)
        return
    with open_fits(path, checksum=checksum) as hdulist:
        yield hdulist


def read_gti(hdulist):
    """Return the good time intervals of a file."""
    from ...data import GTI

    if isinstance(hdulist, PlainHdus):
        return GTI.read(hdulist.filename())
    return GTI.from_table_hdu(hdulist["GTI"])


def read_table(hdu) -> Table:
    """Return a table without its header."""
    if not isinstance(hdu, TableHdu):
        # A copy: a column mapped to the file would keep all of it in memory.
        return Table.read(hdu).copy()
    table = Table({name: hdu.data[name] for name in hdu.columns.names})
    for column in hdu.columns:
        if column.unit:
            table[column.name].unit = column.unit
    return table
