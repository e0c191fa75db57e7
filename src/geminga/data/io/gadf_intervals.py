"""Good time intervals of the gamma-astro-data-formats."""

from __future__ import annotations

from astropy.io import fits

from ... import fits_tables
from ...errors import DataError, FormatError
from ...files import write_fits
from ...fits_headers import creator_text
from ...sky.timing import time_ref_to_dict, time_to_seconds
from ..columns import ColumnStore
from ..gti import GTI, TIMES
from .formats import GTI_FORMATS

__all__ = ["read_gti", "write_gti"]

HDUDOC = "https://github.com/open-gamma-ray-astro/gamma-astro-data-formats"


@GTI_FORMATS.reader("gadf", "fermi-lat")
def read_gti(source, hdu="GTI", checksum=False) -> GTI:
    """Read intervals from a file, or from an open table HDU."""
    if isinstance(source, fits.BinTableHDU):
        columns = fits_tables.FitsColumns.from_hdu(source)
    else:
        if checksum:
            fits_tables.verify_checksums(source)
        columns = fits_tables.read_columns(source, hdu)
    try:
        return GTI._from_store(ColumnStore.from_fits(columns, TIMES))
    except (DataError, FormatError) as error:
        problem = getattr(error, "problem", str(error))
        raise FormatError(problem, columns.path, columns.name, getattr(error, "column", None)) from error


@GTI_FORMATS.writer("gadf")
def write_gti(gti: GTI, filename=None, overwrite=False, checksum=False):
    """Write intervals to a file, or return them as a table HDU.

    Seconds are counted from the reference time in the TT scale.
    """
    reference = gti.time_ref.tt
    header = {
        "HDUCLASS": "GADF",
        "HDUDOC": HDUDOC,
        "HDUVERS": "0.3",
        "HDUCLAS1": "GTI",
        "CREATOR": creator_text(),
        **time_ref_to_dict(reference),
        "TIMESYS": "TT",
        "TIMEUNIT": "s",
        "TIMEREF": "LOCAL",
    }
    columns = {
        name: time_to_seconds(time, reference)
        for name, time in (("START", gti.time_start), ("STOP", gti.time_stop))
    }
    if len(gti):
        header |= {"TSTART": float(columns["START"].min()), "TSTOP": float(columns["STOP"].max())}
    hdu = fits_tables.FitsColumns(columns, dict.fromkeys(columns, "s"), header, "GTI").to_hdu()
    if filename is None:
        return hdu
    return write_fits(
        fits.HDUList([fits.PrimaryHDU(), hdu]), filename, overwrite=overwrite, checksum=checksum
    )
