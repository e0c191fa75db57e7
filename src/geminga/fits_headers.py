"""FITS headers as dictionaries: cards to values, values to cards, units and numbers that they name."""

from __future__ import annotations

import logging
import re
from functools import lru_cache

import numpy as np
from astropy import units as u

from .errors import FormatError

__all__ = [
    "STRUCTURE",
    "cards_of",
    "creator_text",
    "header_value",
    "plain_header",
    "unit_from_text",
    "write_header",
]

log = logging.getLogger(__name__)

CARD = 80
STRUCTURE = re.compile(
    r"(SIMPLE|XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|END|EXTEND|CHECKSUM|DATASUM"
    r"|(TTYPE|TFORM|TUNIT|TDIM|TSCAL|TZERO|TNULL|TDISP)\d+)?$"
)
"""Keywords that describe the layout of an HDU, not its content."""


def cards_of(text: str, structure=False):
    """Yield keyword and value of each card; with `structure`, only of those that describe the layout of the HDU."""
    for start in range(0, len(text), CARD):
        keyword = text[start : start + 8].rstrip()
        if structure and keyword[:4] not in ("BITP", "NAXI", "PCOU", "GCOU", "XTEN", "EXTN", "EXTV", "ZIMA"):
            continue
        if text[start + 8 : start + 10] == "= ":
            yield keyword, _card_value(text[start + 10 : start + CARD])
        elif keyword in ("COMMENT", "HISTORY"):
            yield keyword, text[start + 8 : start + CARD].rstrip()


def _card_value(field: str):
    """Return the value of a card: str, bool, int, float or None."""
    field = field.lstrip()
    if field.startswith("'"):
        stop = 1
        while True:
            stop = field.find("'", stop)
            if stop < 0:
                return field[1:].rstrip()
            if field[stop + 1 : stop + 2] != "'":
                return field[1:stop].replace("''", "'").rstrip()
            stop += 2
    text = field.split("/", 1)[0].strip()
    if text in ("T", "F"):
        return text == "T"
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text.replace("D", "E").replace("d", "e"))
    except ValueError:
        return text


def plain_header(cards, structure: bool) -> dict:
    """Return an astropy header as a dictionary, comments and history as lists."""
    header = {
        key: (None if type(value).__name__ == "Undefined" else value)
        for key, value in cards.items()
        if key not in ("COMMENT", "HISTORY", "") and (structure or not STRUCTURE.match(key))
    }
    for keyword, name in (("COMMENT", "comments"), ("HISTORY", "HISTORY")):
        if keyword in cards:
            header[name] = [str(line) for line in cards[keyword]]
    return header


def write_header(header, content: dict) -> None:
    """Put a dictionary into an astropy header; comments and history are lists.

    What describes the layout of the table is left alone, and what FITS cannot hold is logged.
    """
    for key, value in content.items():
        if key in ("comments", "HISTORY"):
            for line in value if isinstance(value, list | tuple) else [value]:
                header["COMMENT" if key == "comments" else "HISTORY"] = str(line)
            continue
        keyword = str(key).upper()
        if STRUCTURE.match(keyword) or keyword == "EXTNAME":
            continue
        if isinstance(value, np.generic):
            value = value.item()
        if value is not None and not isinstance(value, str | bool | int | float):
            log.debug(
                "keyword %s must be text or a number to be written, got %r; left out.", key, type(value)
            )
            continue
        if isinstance(value, float) and not np.isfinite(value):
            log.warning("keyword %s must be finite to be written, got %r; left out.", key, value)
            continue
        header[keyword] = value


@lru_cache(maxsize=512)
def unit_from_text(text: str):
    """Return the unit that a header names, or None if it names none.

    Examples
    --------
    >>> unit_from_text("TeV"), unit_from_text("")
    (Unit("TeV"), None)
    """
    text = text.strip()
    if not text:
        return None
    for format in ("fits", None):
        try:
            return u.Unit(text, format=format)
        except (ValueError, TypeError):
            continue
    simplified = text.replace("^", "").replace("**", "")
    try:
        return u.Unit(simplified, format="fits")
    except (ValueError, TypeError):
        log.warning("unit must be a FITS unit, got %r; left out.", text)
        return None


def header_value(header, keyword, kind=float):
    """Return a keyword as a number, or None when it is missing or empty.

    Raises
    ------
    FormatError
        If it is something else.

    Examples
    --------
    >>> header_value({"DEADC": "0.9"}, "DEADC")
    0.9
    """
    value = header.get(keyword)
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise FormatError(
            f"keyword {keyword} must be a number, got {value!r}. Correct the header."
        ) from error


def creator_text() -> str:
    """Return what files are signed with: the name and version of this package."""
    from . import __version__

    return f"Geminga {__version__}"
