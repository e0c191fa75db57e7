"""The columns of a FITS table as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .errors import FormatError
from .fits_headers import plain_header, unit_from_text, write_header

__all__ = ["FitsColumns", "native_array"]


def native_array(values: np.ndarray) -> np.ndarray:
    """Return an array in native byte order."""
    return values if values.dtype.isnative else values.astype(values.dtype.newbyteorder("="))


@dataclass
class FitsColumns:
    """One table: plain columns, their units, and the header without what describes the table itself."""

    columns: dict[str, np.ndarray]
    units: dict[str, str]
    header: dict
    name: str = ""
    path: Path | None = None

    def require(self, *names: str) -> None:
        """Raise a `FormatError` unless all the columns exist."""
        for name in names:
            if name not in self.columns:
                raise FormatError(
                    f"the table must have the column {name}, got {', '.join(self.columns) or 'none'}. "
                    "Check that it is the right HDU.",
                    path=self.path,
                    hdu=self.name,
                    column=name,
                )

    @classmethod
    def from_hdu(cls, hdu) -> FitsColumns:
        """Take over the columns of an astropy table HDU."""
        columns = {name.strip(): native_array(np.array(hdu.data[name])) for name in hdu.columns.names}
        units = {column.name.strip(): column.unit for column in hdu.columns if column.unit}
        header = plain_header(hdu.header, structure=False)
        path = hdu._file.name if getattr(hdu, "_file", None) is not None else None
        return cls(columns, units, header, hdu.name, path)

    def to_hdu(self):
        """Return the columns and the header as a `~astropy.io.fits.BinTableHDU`."""
        from astropy.io import fits

        table = self.to_table()
        table.meta = {}
        hdu = fits.BinTableHDU(table, name=self.name or None)
        write_header(hdu.header, self.header)
        return hdu

    def to_table(self):
        """Return the columns as an astropy Table with the header as meta."""
        from astropy.table import Column, Table

        columns = [
            Column(values, name=name, unit=unit_from_text(self.units.get(name, "")), copy=False)
            for name, values in self.columns.items()
        ]
        return Table(columns, meta=self.header, copy=False)
