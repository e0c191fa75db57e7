"""The registries of formats for event lists, time intervals and observations."""

from __future__ import annotations

from ...registry import FormatRegistry

__all__ = ["EVENT_FORMATS", "GTI_FORMATS", "OBSERVATION_FORMATS"]

PACKAGE = "geminga.data.io"

EVENT_FORMATS = FormatRegistry("event list", PACKAGE)
GTI_FORMATS = FormatRegistry("time interval", PACKAGE)
OBSERVATION_FORMATS = FormatRegistry("observation", PACKAGE)
