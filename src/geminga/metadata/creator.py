"""Who made a data product, and when."""

from __future__ import annotations

import logging
from typing import ClassVar

from astropy.time import Time
from pydantic import Field

from ..fits_headers import creator_text
from .base import MetaData
from .types import TimeType

__all__ = ["CreatorMetaData"]

log = logging.getLogger(__name__)


class CreatorMetaData(MetaData):
    """Creator, date and origin of a data product.

    Parameters
    ----------
    creator : str, optional
        Software that made it. Default is Geminga with its version.
    date : `~astropy.time.Time`, optional
        When it was made. Default is now.
    origin : str, optional
        Organisation that made it.

    Examples
    --------
    >>> CreatorMetaData(date="2020-01-01", origin="CTAO").to_header()["CREATED"]
    '2020-01-01 00:00:00.000'
    """

    _tag: ClassVar[str] = "creator"

    creator: str | None = Field(default_factory=creator_text)
    date: TimeType | None = Field(default_factory=Time.now)
    origin: str | None = None

    def _own_keywords(self):
        values = {
            "CREATOR": self.creator,
            "CREATED": self.date.iso if self.date is not None else None,
            "ORIGIN": self.origin,
        }
        return {keyword: value for keyword, value in values.items() if value is not None}

    @classmethod
    def _from_keywords(cls, header):
        return {
            "creator": header.get("CREATOR"),
            "date": _date(header.get("CREATED")),
            "origin": header.get("ORIGIN"),
        }

    def update_time(self) -> None:
        """Set the date to now."""
        self.date = Time.now()


def _date(text):
    """Return the date of a header, or None if it is no date."""
    if text is None:
        return None
    try:
        return Time(text)
    except (ValueError, TypeError):
        log.debug("CREATED must be a date, got %r; left out.", text)
        return None
