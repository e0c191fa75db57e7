"""Tables of flux points: spectra ("gadf-sed"), light curves ("lightcurve") and profiles ("profile")."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.io.fits import Header
from astropy.table import Table
from astropy.time import Time

from ....errors import FormatError
from ....sky.timing import time_ref_from_dict
from ..map_axis import MapAxis
from ..time_map_axis import TimeMapAxis
from .columns import Columns
from .edges import joined_edges
from .formats import AXES_HEADERS, AXES_TABLES, AXIS_HEADERS, AXIS_TABLES

__all__ = []


@AXIS_TABLES.writer("gadf-sed")
def sed_table(axis) -> Table:
    """Return reference energies and, for an axis of edges, the bounds."""
    table = Table({"e_ref": axis.center})
    if axis.node_type == "edges":
        table["e_min"], table["e_max"] = axis.edges_min, axis.edges_max
    return table


@AXES_TABLES.writer("gadf-sed")
def _(axes):
    (axis,) = axes
    return sed_table(axis)


@AXIS_HEADERS.writer("gadf-sed")
@AXES_HEADERS.writer("gadf-sed")
def header(axes, **kwargs) -> Header:
    """Return no keywords."""
    return Header()


def _energies(columns, name) -> np.ndarray:
    """Return a column of energies; where each row has all of them, the first row."""
    values = columns.values(name).astype(float)
    return values[0] if values.ndim > 1 else values


def _energy_axis(columns) -> MapAxis:
    if "e_min" in columns and "e_max" in columns:
        edges = joined_edges(_energies(columns, "e_min"), _energies(columns, "e_max"), columns, "e_min")
        return MapAxis.from_energy_edges(edges << columns.unit("e_min", "TeV"))
    if "e_ref" not in columns:
        raise FormatError(
            "the table must have the columns e_ref, or e_min and e_max, got neither. Name the energies.",
            hdu=columns.hdu_name,
        )
    return MapAxis(
        _energies(columns, "e_ref"),
        unit=columns.unit("e_ref", "TeV"),
        interp="log",
        name="energy",
        node_type="center",
    )


@AXIS_TABLES.reader("gadf-sed")
def read_sed_axis(table, idx=0, column_prefix="") -> MapAxis:
    """Read the energy axis of flux points."""
    return _energy_axis(Columns(table))


@AXES_TABLES.reader("gadf-sed")
def read_sed_axes(table) -> list:
    """Read the axes of flux points: energies."""
    return [_energy_axis(Columns(table))]


@AXES_TABLES.reader("lightcurve")
def read_lightcurve_axes(table) -> list:
    """Read the axes of a light curve: energies and times.

    Times are ``time_min`` and ``time_max`` counted from the reference time of the header, or columns of times.
    """
    columns = Columns(table)
    low, high = (columns.values(name) for name in ("time_min", "time_max"))
    if low.dtype.kind in "UO":
        time = TimeMapAxis.from_time_edges(Time(low), Time(high))
    else:
        unit = columns.unit("time_min", str(columns.get("TIMEUNIT") or "d"))
        time = _time_axis(low.astype(float), high.astype(float), unit, columns)
    axes = [time]
    if "e_ref" in columns or "e_min" in columns:
        axes.insert(0, _energy_axis(columns))
    return axes


def _time_axis(low, high, unit, columns) -> TimeMapAxis:
    """Return the time axis of MJD-like numbers, counted from the first start."""
    has_reference = columns.get("MJDREFI") is not None or columns.get("MJDREF") is not None
    meta = (
        columns.header if has_reference else {"MJDREFI": 0, "TIMESYS": str(columns.get("TIMESYS") or "utc")}
    )
    reference = time_ref_from_dict(meta, scale="utc")
    start, stop = (_dates(values, unit, reference) for values in (low, high))
    return TimeMapAxis.from_time_edges(start, stop, unit="d")


def _dates(values, unit, reference) -> Time:
    """Return times; numbers of days since MJD 0 are dates, so that leap seconds do not shift them."""
    days = (values << unit).to_value(u.day)
    return Time(np.full(days.shape, reference.jd1), reference.jd2 + days, format="jd", scale=reference.scale)


@AXES_TABLES.reader("profile")
def read_profile_axes(table) -> list:
    """Read the axes of a profile: energies and projected distance."""
    columns = Columns(table)
    name = "projected-distance"
    if "x_min" in columns and "x_max" in columns:
        edges = joined_edges(columns.values("x_min"), columns.values("x_max"), columns, "x_min")
        distance = MapAxis(edges, unit=columns.unit("x_min", "deg"), name=name)
    else:
        nodes = columns.values("x_ref").astype(float)
        distance = MapAxis(nodes, unit=columns.unit("x_ref", "deg"), name=name, node_type="center")
    return [_energy_axis(columns), distance]
