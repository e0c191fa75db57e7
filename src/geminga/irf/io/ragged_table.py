"""Tables whose rows have arrays of different lengths, read from the bytes of a FITS file."""

from __future__ import annotations

import re

import numpy as np

from ...errors import FormatError
from ...fits_tables import FitsFile

__all__ = ["RaggedTable"]

TYPES = {"B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
TFORM = re.compile(r"\s*(\d*)([A-Z])([A-Z]?)")


class RaggedTable:
    """Columns of a table, those with arrays of variable length as one long array and the lengths.

    Parameters
    ----------
    file : `~geminga.fits_tables.FitsFile`
    hdu : str or int
    """

    def __init__(self, file: FitsFile, hdu):
        self.path, self.hdu = file.path, hdu
        number = file.index(hdu)
        self.header = file.header(number, structure=True)
        self._content = file.content
        self._start = file.hdus[number].data_start
        self.names = [
            str(self.header[f"TTYPE{i}"]).strip().upper() for i in range(1, int(self.header["TFIELDS"]) + 1)
        ]
        self.units = {
            name: str(self.header.get(f"TUNIT{i}") or "").strip() for i, name in enumerate(self.names, 1)
        }
        self._rows = self._read_rows()

    def problem(self, text, column=None) -> FormatError:
        """Return an error that says where the problem is."""
        return FormatError(text, path=self.path, hdu=self.hdu, column=column)

    def _read_rows(self):
        fields, self._heap_types = [], {}
        for i, name in enumerate(self.names, 1):
            match = TFORM.match(str(self.header[f"TFORM{i}"]))
            repeat, code, element = int(match[1] or 1), match[2], match[3]
            if code in "PQ" and element in TYPES:
                self._heap_types[name] = np.dtype(TYPES[element])
                fields.append((name, ">i4" if code == "P" else ">i8", (2,)))
            elif code in TYPES:
                fields.append((name, TYPES[code], () if repeat == 1 else (repeat,)))
            else:
                raise self.problem(
                    f"the column must hold plain numbers, got format {match[0]!r}.", column=name
                )
        dtype = np.dtype(fields)
        if dtype.itemsize != int(self.header["NAXIS1"]):
            raise self.problem(f"rows must have {dtype.itemsize} bytes, got {self.header['NAXIS1']}.")
        return np.frombuffer(self._content, dtype, int(self.header["NAXIS2"]), self._start)

    def first_channel(self, name) -> int:
        """Return the smallest value that the header allows in a column; 1 by default."""
        return int(self.header.get(f"TLMIN{self.names.index(name) + 1}", 1))

    def require(self, *names) -> None:
        """Raise a `FormatError` unless all columns exist."""
        for name in names:
            if name not in self.names:
                raise self.problem(
                    f"the table must have this column, got {', '.join(self.names)}.", column=name
                )

    def column(self, name) -> np.ndarray:
        """Return a column of one number, or of equally many numbers, for each row."""
        return self._scaled(name, self._rows[name])

    def _scaled(self, name, values) -> np.ndarray:
        """Return numbers in native byte order, scaled as the header says."""
        i = self.names.index(name) + 1
        scale, zero = self.header.get(f"TSCAL{i}", 1), self.header.get(f"TZERO{i}", 0)
        values = values.astype(values.dtype.newbyteorder("="))
        return values if (scale, zero) == (1, 0) else values * scale + zero

    def ragged(self, name) -> tuple[np.ndarray, np.ndarray]:
        """Return all numbers of a column, row after row, and how many each row has."""
        if name not in self._heap_types:
            values = self.column(name)
            values = values.reshape(len(values), -1)
            return values.ravel(), np.full(len(values), values.shape[1])
        dtype = self._heap_types[name]
        lengths, offsets = self._rows[name].T.astype(np.int64)
        heap = self._start + int(self.header.get("THEAP", len(self._rows) * self._rows.dtype.itemsize))
        parts = [
            np.frombuffer(self._content, dtype, length, heap + offset)
            for length, offset in zip(lengths, offsets, strict=True)
            if length
        ]
        values = np.concatenate(parts) if parts else np.empty(0, dtype)
        return self._scaled(name, values), lengths
