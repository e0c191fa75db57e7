"""The registry of formats in which WCS maps are read and written."""

from __future__ import annotations

from ....registry import FormatRegistry

__all__ = ["WCS_FORMATS"]

WCS_FORMATS = FormatRegistry("WCS map", "geminga.maps.wcs.io")
