"""Event lists of the gamma-astro-data-formats."""

from __future__ import annotations

from astropy.io import fits

from ... import fits_tables
from ...errors import FormatError
from ...files import write_fits
from ...fits_headers import creator_text
from ...sky.timing import time_ref_to_dict, time_to_seconds
from ..columns import ColumnStore
from ..event_list import TIMES, EventList
from .formats import EVENT_FORMATS

__all__ = ["read_events", "write_events"]

REQUIRED = ("TIME", "ENERGY", "RA", "DEC")
# GLON and GLAT repeat RA and DEC and would not follow when those are changed.
DROPPED = ("GLON", "GLAT")


@EVENT_FORMATS.reader("gadf")
def read_events(source, hdu="EVENTS", checksum=False) -> EventList:
    """Read an event list from a file, or from an open table HDU."""
    if isinstance(source, fits.BinTableHDU):
        columns = fits_tables.FitsColumns.from_hdu(source)
    else:
        if checksum:
            fits_tables.verify_checksums(source)
        columns = fits_tables.read_columns(source, hdu)
    columns.require(*REQUIRED)
    first = dict.fromkeys((*REQUIRED, *columns.columns))
    columns.columns = {name: columns.columns[name] for name in first}
    for name, default in (
        ("ENERGY", columns.header.get("EUNIT")),
        ("RA", "deg"),
        ("DEC", "deg"),
        ("TIME", "s"),
    ):
        if not columns.units.get(name):
            if not default:
                raise FormatError(
                    "the column must have a unit, got none. Add TUNIT to the header.",
                    path=columns.path,
                    hdu=columns.name,
                    column=name,
                )
            columns.units[name] = default
    try:
        store = ColumnStore.from_fits(columns, TIMES, drop=DROPPED)
    except FormatError as error:
        raise error if error.path else FormatError(error.problem, columns.path, columns.name) from error
    return EventList._from_store(store)


@EVENT_FORMATS.writer("gadf")
def write_events(events: EventList, filename=None, gti=None, overwrite=False, checksum=False):
    """Write an event list, with its intervals if given, to a file, or return it as a table HDU."""
    header = {
        "HDUCLASS": "GADF",
        "HDUDOC": "https://github.com/open-gamma-ray-astro/gamma-astro-data-formats",
        "HDUVERS": "0.3",
        "HDUCLAS1": "EVENTS",
        **events.header,
    }
    store = events._store
    columns, units = store.plain()
    if "TIME" in store:
        reference = store.reference
        if "MJDREFI" not in header:
            header |= time_ref_to_dict(reference, reference.scale) | {"TIMESYS": reference.scale.upper()}
        elif store._table is not None:
            columns["TIME"] = time_to_seconds(events.time, events.time_ref)
        header |= {"TIMEUNIT": "s"}
        header.setdefault("TIMEREF", "LOCAL")
    for keyword, value in events.meta.to_header().items():
        if str(header.get(keyword)) != str(value):
            header[keyword] = value
    header.setdefault("CREATOR", creator_text())
    hdu = fits_tables.FitsColumns(columns, units, header, "EVENTS").to_hdu()
    if filename is None:
        return hdu
    hdus = [fits.PrimaryHDU(), hdu, *([gti.to_table_hdu()] if gti is not None else [])]
    return write_fits(fits.HDUList(hdus), filename, overwrite=overwrite, checksum=checksum)
