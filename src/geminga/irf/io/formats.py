"""The registry of response formats."""

from __future__ import annotations

from ...registry import FormatRegistry

__all__ = ["IRF_FORMATS", "IRF_MAP_FORMATS"]

IRF_FORMATS = FormatRegistry("instrument response", "geminga.irf.io")
IRF_MAP_FORMATS = FormatRegistry("response map", "geminga.irf.io")
