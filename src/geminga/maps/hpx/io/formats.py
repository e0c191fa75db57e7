"""The registry of formats in which HEALPix maps are read and written."""

from __future__ import annotations

from ....registry import FormatRegistry

__all__ = ["HPX_FORMATS"]

HPX_FORMATS = FormatRegistry("HEALPix map", "geminga.maps.hpx.io")
