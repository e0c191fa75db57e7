"""OGIP: energy bounds of spectra (EBOUNDS) and effective areas (SPECRESP).

"ogip-sherpa" and "ogip-arf-sherpa" are the same with energies in keV.

References
----------
.. [1] George & Arnaud (2007), OGIP memo CAL/GEN/92-002, sections 3 and 4.
"""

from __future__ import annotations

import numpy as np
from astropy.io.fits import Header
from astropy.table import Table

from ....errors import AxisMismatchError
from ..map_axis import MapAxis
from .columns import Columns
from .edges import joined_edges
from .formats import AXES_HEADERS, AXES_TABLES, AXIS_HEADERS, AXIS_TABLES

__all__ = []

EBOUNDS = ("ogip", "ogip-sherpa")
SPECRESP = ("ogip-arf", "ogip-arf-sherpa")


def _only_axis(axes):
    if len(axes) != 1:
        raise AxisMismatchError(
            f"OGIP tables must have one energy axis, got {axes.names}. Sum over the others."
        )
    return axes[0]


def _edges(axis, name, in_kev):
    axis.assert_name(name)
    return (
        (axis.edges_min.to("keV"), axis.edges_max.to("keV")) if in_kev else (axis.edges_min, axis.edges_max)
    )


def ebounds_table(axis, in_kev=False) -> Table:
    """Return the table of channels and their energy bounds."""
    low, high = _edges(axis, "energy", in_kev)
    channel = np.arange(axis.nbin, dtype=np.int16 if axis.nbin < 2**15 else np.int32)
    return Table({"CHANNEL": channel, "E_MIN": low, "E_MAX": high})


def specresp_table(axis, in_kev=False) -> Table:
    """Return the table of true energy bounds."""
    low, high = _edges(axis, "energy_true", in_kev)
    return Table({"ENERG_LO": low, "ENERG_HI": high})


def ebounds_header(axis, **kwargs) -> Header:
    """Return the keywords of an EBOUNDS table."""
    return Header(
        [
            ("EXTNAME", "EBOUNDS", "Name of this binary table extension"),
            ("TELESCOP", "DUMMY", "Mission/satellite name"),
            ("INSTRUME", "DUMMY", "Instrument/detector"),
            ("FILTER", "None", "Filter information"),
            ("CHANTYPE", "PHA", "Type of channels (PHA, PI etc)"),
            ("DETCHANS", axis.nbin, "Total number of detector PHA channels"),
            ("HDUCLASS", "OGIP", "Organisation devising file format"),
            ("HDUCLAS1", "RESPONSE", "File relates to response of instrument"),
            ("HDUCLAS2", "EBOUNDS", "This is an EBOUNDS extension"),
            ("HDUVERS", "1.2.0", "Version of file format"),
        ]
    )


def specresp_header(axis, **kwargs) -> Header:
    """Return the keywords of a SPECRESP table."""
    return Header(
        [
            ("EXTNAME", "SPECRESP", "Name of this binary table extension"),
            ("TELESCOP", "unknown", "Mission/satellite name"),
            ("INSTRUME", "unknown", "Instrument/detector"),
            ("FILTER", "None", "Filter information"),
            ("HDUCLASS", "OGIP", "Organisation devising file format"),
            ("HDUCLAS1", "RESPONSE", "File relates to response of instrument"),
            ("HDUCLAS2", "SPECRESP", "Effective area data"),
            ("HDUVERS", "1.1.0", "Version of file format"),
        ]
    )


@AXIS_TABLES.writer("ogip")
def _(axis):
    return ebounds_table(axis)


@AXIS_TABLES.writer("ogip-sherpa")
def _(axis):
    return ebounds_table(axis, in_kev=True)


@AXIS_TABLES.writer("ogip-arf")
def _(axis):
    return specresp_table(axis)


@AXIS_TABLES.writer("ogip-arf-sherpa")
def _(axis):
    return specresp_table(axis, in_kev=True)


AXIS_HEADERS.writer(*EBOUNDS)(ebounds_header)
AXIS_HEADERS.writer(*SPECRESP)(specresp_header)


def _axis_from(columns, low, high, name) -> MapAxis:
    edges = joined_edges(columns.values(low), columns.values(high), columns, low)
    interp = "log" if edges[0] >= 0 else "lin"
    return MapAxis(edges, unit=columns.unit(low, "keV"), interp=interp, name=name)


@AXIS_TABLES.reader(*EBOUNDS)
def read_ebounds(table, idx=0, column_prefix="") -> MapAxis:
    """Read the energy axis of an EBOUNDS table; energies without a unit are in keV."""
    return _axis_from(Columns(table), "E_MIN", "E_MAX", "energy")


@AXIS_TABLES.reader(*SPECRESP)
def read_specresp(table, idx=0, column_prefix="") -> MapAxis:
    """Read the true energy axis of an effective area or redistribution table."""
    return _axis_from(Columns(table), "ENERG_LO", "ENERG_HI", "energy_true")


for _format in (*EBOUNDS, *SPECRESP):

    def _write_axes(axes, _format=_format):
        return AXIS_TABLES.write(_only_axis(axes), format=_format)

    def _write_header(axes, _format=_format):
        return AXIS_HEADERS.write(_only_axis(axes), format=_format)

    def _read_axes(table, _format=_format):
        return [AXIS_TABLES.read(table, format=_format)]

    AXES_TABLES.writer(_format)(_write_axes)
    AXES_TABLES.reader(_format)(_read_axes)
    AXES_HEADERS.writer(_format)(_write_header)
