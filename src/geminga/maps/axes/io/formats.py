"""The registries of axis formats: tables, and the header keywords that describe their columns."""

from ....registry import FormatRegistry

__all__ = ["AXES_HEADERS", "AXES_TABLES", "AXIS_HEADERS", "AXIS_TABLES", "HDU_NAMES"]

AXIS_TABLES = FormatRegistry("axis table", "geminga.maps.axes.io")
AXIS_HEADERS = FormatRegistry("axis header", "geminga.maps.axes.io")
AXES_TABLES = FormatRegistry("axes table", "geminga.maps.axes.io")
AXES_HEADERS = FormatRegistry("axes header", "geminga.maps.axes.io")

HDU_NAMES = {
    "ogip": "EBOUNDS",
    "ogip-sherpa": "EBOUNDS",
    "ogip-arf": "SPECRESP",
    "ogip-arf-sherpa": "SPECRESP",
    "fgst-ccube": "EBOUNDS",
    "fgst-template": "ENERGIES",
    "gadf": "BANDS",
    "gadf-dl3": "AXES",
    "gadf-sed": "FLUXPOINTS",
}
