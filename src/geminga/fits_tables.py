"""Binary tables of FITS files as plain arrays, read in milliseconds.

An observation is one compressed file with an event list, time intervals and four responses. A general FITS library
takes longer to set itself up for such a file than to read it. Here the file is decompressed once, headers are split
into cards, and columns are sliced out of the bytes. Whatever is out of the ordinary (variable-length arrays, bit
fields, null values) is handed to astropy.

The bytes of the last few files are kept for the next HDU that is asked for; they are forgotten as soon as the
file on disk has another size, time or inode.
"""

from __future__ import annotations

import logging
import mmap
import re
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import numpy as np

from .errors import FormatError
from .files import make_path, open_fits
from .fits_columns import FitsColumns, native_array
from .fits_headers import STRUCTURE, cards_of, plain_header

__all__ = ["FitsColumns", "FitsFile", "open_tables", "read_columns", "read_table", "verify_checksums"]

log = logging.getLogger(__name__)

BLOCK, CARD = 2880, 80
KEEP_BYTES, KEEP_FILES, MAP_BYTES = 64 << 20, 4, 256 << 20
GZIP_MAGIC = b"\x1f\x8b"

DTYPES = {
    "B": "u1",
    "I": ">i2",
    "J": ">i4",
    "K": ">i8",
    "E": ">f4",
    "D": ">f8",
    "C": ">c8",
    "M": ">c16",
    "L": "S1",
}
UNSIGNED = {"I": (1 << 15, np.uint16), "J": (1 << 31, np.uint32), "K": (1 << 63, np.uint64)}
TFORM = re.compile(r"\s*(\d*)([A-Z])")


@dataclass(frozen=True)
class _Hdu:
    """Where an HDU lies in the bytes of a file."""

    name: str
    header_start: int
    data_start: int
    data_stop: int
    is_table: bool
    version: int = 1


class FitsFile:
    """The bytes of a FITS file and the places of its HDUs.

    Parameters
    ----------
    content : bytes or mmap
        Decompressed file.
    path : `~pathlib.Path`
        For messages.
    """

    def __init__(self, content, path):
        self.content, self.path = content, path
        self.hdus = self._locate()

    def _locate(self) -> list[_Hdu]:
        """Walk from header to header."""
        if self.content[:10] != b"SIMPLE  = ":
            raise FormatError(
                "the file must be a FITS file, got something else. Fetch it again.", path=self.path
            )
        hdus, position = [], 0
        while position < len(self.content) and self.content[position : position + 8].strip(b" \0"):
            text, stop = self._header_text(position)
            if position and not text.startswith("XTENSION"):
                log.warning(
                    "%s: bytes after HDU %d are no FITS extension; ignored.", self.path, len(hdus) - 1
                )
                break
            cards = dict(cards_of(text, structure=True))
            axes = [int(cards[f"NAXIS{i}"]) for i in range(1, int(cards.get("NAXIS", 0)) + 1)]
            size = abs(int(cards.get("BITPIX", 8))) // 8 * int(cards.get("GCOUNT", 1) or 1)
            size *= int(np.prod(axes, dtype=np.int64)) + int(cards.get("PCOUNT", 0) or 0) if axes else 0
            name = str(cards.get("EXTNAME", "" if position else "PRIMARY")).strip()
            if stop + size > len(self.content):
                raise FormatError(
                    "the file must be complete, got a truncated file. Fetch it again.",
                    path=self.path,
                    hdu=name,
                )
            is_table = str(cards.get("XTENSION", "")).strip() == "BINTABLE" and not cards.get("ZIMAGE", False)
            version = int(cards.get("EXTVER", 1) or 1)
            hdus.append(_Hdu(name, position, stop, stop + size, is_table, version))
            position = stop + -(-size // BLOCK) * BLOCK
        return hdus

    def _header_text(self, start: int) -> tuple[str, int]:
        """Return the cards of a header and where its data start."""
        stop = start
        blocks = []
        while True:
            block = bytes(self.content[stop : stop + BLOCK])
            stop += BLOCK
            if len(block) < CARD:
                raise FormatError(
                    "the file must be complete, got a header without end. Fetch it again.", path=self.path
                )
            try:
                blocks.append(block.decode("ascii"))
            except UnicodeDecodeError as error:
                raise FormatError(
                    "the header must be ASCII text, got other bytes. Fetch the file again.", path=self.path
                ) from error
            for position in range(0, len(block), CARD):
                if block[position : position + 8] == b"END     ":
                    blocks[-1] = blocks[-1][:position]
                    return "".join(blocks), stop

    def index(self, hdu) -> int:
        """Return the number of an HDU given by name or number.

        Raises
        ------
        FormatError
            If there is none; the message lists the HDUs.
        """
        if isinstance(hdu, int | np.integer):
            if -len(self.hdus) <= hdu < len(self.hdus):
                return int(hdu) % len(self.hdus)
        else:
            wanted = str(hdu).strip().upper()
            for number, item in enumerate(self.hdus):
                if item.name.upper() == wanted:
                    return number
        known = ", ".join(item.name or str(number) for number, item in enumerate(self.hdus))
        raise FormatError(
            f"the file must have this HDU, got only {known}. Check the index or the name.",
            path=self.path,
            hdu=hdu,
        )

    def header(self, hdu, structure=False) -> dict:
        """Return the keywords of an HDU; comments are collected under "comments".

        Parameters
        ----------
        hdu : str or int
        structure : bool
            Include the keywords that describe the layout of the table.
        """
        item = self.hdus[self.index(hdu)]
        text, _ = self._header_text(item.header_start)
        if "CONTINUE  " in text or "HIERARCH " in text:
            return self._header_by_astropy(text, structure)
        header, comments, history = {}, [], []
        for keyword, value in cards_of(text):
            if keyword == "COMMENT":
                comments.append(value)
            elif keyword == "HISTORY":
                history.append(value)
            elif keyword and (structure or not STRUCTURE.match(keyword)):
                header[keyword] = value
        if comments:
            header["comments"] = comments
        if history:
            header["HISTORY"] = history
        return header

    @staticmethod
    def _header_by_astropy(text, structure):
        """Read a header with long strings or long keywords."""
        from astropy.io import fits

        return plain_header(fits.Header.fromstring(text), structure)

    def read(self, hdu) -> FitsColumns:
        """Read a table.

        Parameters
        ----------
        hdu : str or int
            Name, in any case, or number.

        Returns
        -------
        FitsColumns
            Columns in native byte order, copied out of the file.
        """
        number = self.index(hdu)
        item = self.hdus[number]
        if not item.is_table:
            raise FormatError(
                "the HDU must be a binary table, got another kind. Check the name.", path=self.path, hdu=hdu
            )
        layout = self.header(number, structure=True)
        header = {key: value for key, value in layout.items() if not STRUCTURE.match(key)}
        try:
            columns = self._columns(item, layout)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(
                f"the table must have a valid layout, got: {error}. Fetch the file again.",
                path=self.path,
                hdu=hdu,
            ) from error
        units = {
            str(layout[f"TTYPE{i}"]).strip(): str(layout[f"TUNIT{i}"]).strip()
            for i in range(1, int(layout.get("TFIELDS", 0)) + 1)
            if f"TUNIT{i}" in layout and f"TTYPE{i}" in layout and layout[f"TUNIT{i}"] is not None
        }
        return FitsColumns(columns, units, header, item.name or str(number), self.path)

    def _columns(self, item: _Hdu, layout: dict) -> dict[str, np.ndarray]:
        """Slice the columns out of the bytes."""
        fields, plain = [], True
        for i in range(1, int(layout.get("TFIELDS", 0)) + 1):
            match = TFORM.match(str(layout[f"TFORM{i}"]))
            repeat, code = int(match[1] or 1), match[2]
            name = str(layout.get(f"TTYPE{i}") or f"col{i}").strip()
            plain &= (code in DTYPES or code == "A") and f"TNULL{i}" not in layout
            plain &= not (code == "A" and f"TDIM{i}" in layout)
            fields.append((i, name, repeat, code))
        if not plain:
            return self._columns_by_astropy(item)
        dtype = np.dtype(
            [
                (
                    f"f{i}",
                    f"S{repeat}" if code == "A" else DTYPES[code],
                    () if code == "A" or repeat == 1 else (repeat,),
                )
                for i, _, repeat, code in fields
            ]
        )
        rows = int(layout["NAXIS2"])
        if dtype.itemsize != int(layout["NAXIS1"]):
            raise ValueError(f"rows of {layout['NAXIS1']} bytes for columns of {dtype.itemsize} bytes")
        records = np.frombuffer(self.content, dtype, rows, item.data_start)
        return {name: _column(records[f"f{i}"], i, code, layout) for i, name, _, code in fields}

    def _columns_by_astropy(self, item: _Hdu) -> dict[str, np.ndarray]:
        """Read a table with unusual columns."""
        from astropy.io import fits

        stop = item.data_start + -(-(item.data_stop - item.data_start) // BLOCK) * BLOCK
        hdu = fits.BinTableHDU.fromstring(bytes(self.content[item.header_start : stop]))
        return {name.strip(): native_array(np.array(hdu.data[name])) for name in hdu.columns.names}


def _column(values: np.ndarray, i: int, code: str, layout: dict) -> np.ndarray:
    """Return a column in native byte order, scaled and shaped as the header says."""
    if code == "A":
        return values.copy()
    scale, zero = layout.get(f"TSCAL{i}", 1), layout.get(f"TZERO{i}", 0)
    if code == "L":
        result = values == b"T"
    elif (scale, zero) == (1, 0) or code in "CM":
        result = values.astype(values.dtype.newbyteorder("="))
    elif code in UNSIGNED and scale == 1 and zero == UNSIGNED[code][0]:
        offset, dtype = UNSIGNED[code]
        result = values.astype(values.dtype.newbyteorder("=")).view(dtype) ^ dtype(offset)
    else:
        result = values * float(scale) + float(zero)
    dims = layout.get(f"TDIM{i}")
    if dims:
        shape = tuple(int(n) for n in str(dims).strip("() ").split(","))[::-1]
        result = result.reshape((len(result), *shape))
    return result


class _RecentFiles:
    """The bytes of the files that were read last, within a bound."""

    def __init__(self):
        self.files: OrderedDict[tuple, FitsFile] = OrderedDict()
        self.lock = Lock()

    def get(self, path: Path) -> FitsFile:
        """Return the file, from memory if it did not change on disk."""
        status = path.stat()
        key = (str(path), status.st_mtime_ns, status.st_size, status.st_ino)
        with self.lock:
            if key in self.files:
                self.files.move_to_end(key)
                return self.files[key]
        file = FitsFile(_content(path, status.st_size), path)
        if len(file.content) <= KEEP_BYTES:
            with self.lock:
                self.files[key] = file
                while (
                    len(self.files) > KEEP_FILES
                    or sum(len(f.content) for f in self.files.values()) > KEEP_BYTES
                ):
                    self.files.popitem(last=False)
        return file


_recent = _RecentFiles()


def _content(path: Path, size: int):
    """Return the decompressed bytes of a file."""
    if not size:
        raise FormatError("the file must hold FITS data, got an empty file. Fetch it again.", path=path)
    with path.open("rb") as stream:
        if size > MAP_BYTES and stream.read(2) != GZIP_MAGIC:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        stream.seek(0)
        content = stream.read()
    if not content.startswith(GZIP_MAGIC):
        return content
    members = []
    try:
        while content.startswith(GZIP_MAGIC):
            inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
            members.append(inflater.decompress(content))
            if not inflater.eof:
                raise FormatError(
                    "the file must be complete, got a truncated file. Fetch it again.", path=path
                )
            content = inflater.unused_data
    except zlib.error as error:
        raise FormatError(
            f"the file must be readable as gzip, got: {error}. Fetch it again.", path=path
        ) from error
    return members[0] if len(members) == 1 else b"".join(members)


def open_tables(path) -> FitsFile:
    """Open a FITS file, compressed or not, to read its tables.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    FitsFile

    Raises
    ------
    FormatError
        If the file is missing, empty, truncated, damaged or no FITS file.
    """
    path = make_path(path)
    try:
        return _recent.get(path)
    except FileNotFoundError as error:
        raise FormatError("the file must exist. Check the path and the index.", path=path) from error
    except (IsADirectoryError, PermissionError) as error:
        raise FormatError(
            f"the file must be readable, got: {error.strerror}. Check the path.", path=path
        ) from error


def read_columns(path, hdu) -> FitsColumns:
    """Read one table of a FITS file as plain arrays.

    Parameters
    ----------
    path : str or path-like
    hdu : str or int
    """
    return open_tables(path).read(hdu)


def read_table(path, hdu=1):
    """Read one table of a FITS file as an astropy Table.

    Parameters
    ----------
    path : str or path-like
    hdu : str or int
    """
    return read_columns(path, hdu).to_table()


def verify_checksums(path) -> None:
    """Warn if a checksum in the file does not match its data."""
    with open_fits(path, checksum=True):
        pass
