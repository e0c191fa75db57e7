"""GADF DL3 responses: one row, with the lower and upper ends of each axis as vectors.

References
----------
.. [1] Data formats for gamma-ray astronomy, section "IRFs", BINTABLE vector columns.
"""

from __future__ import annotations

import numpy as np
from astropy.io.fits import Header
from astropy.table import Table

from ..map_axis import MapAxis
from .columns import Columns
from .edges import joined_edges
from .formats import AXES_HEADERS, AXES_TABLES, AXIS_HEADERS, AXIS_TABLES

__all__ = []

PREFIXES = {
    "energy": "ENERG",
    "energy_true": "ENERG",
    "offset": "THETA",
    "fov_lon": "DETX",
    "fov_lat": "DETY",
}
NAMES = {
    "ENERG": "energy_true",
    "ETRUE": "energy_true",
    "EREC": "energy",
    "THETA": "offset",
    "DETX": "fov_lon",
    "DETY": "fov_lat",
}


def _columns_of(axis) -> dict:
    prefix = PREFIXES.get(axis.name, axis.name.upper())
    low, high = (axis.edges_min, axis.edges_max) if axis.node_type == "edges" else (axis.center, axis.center)
    return {f"{prefix}_LO": low[np.newaxis], f"{prefix}_HI": high[np.newaxis]}


@AXIS_TABLES.writer("gadf-dl3")
def axis_table(axis) -> Table:
    """Return one row with the ends of an axis."""
    return Table(_columns_of(axis))


@AXES_TABLES.writer("gadf-dl3")
def axes_table(axes) -> Table:
    """Return one row with the ends of all axes."""
    return Table({name: values for axis in axes for name, values in _columns_of(axis).items()})


@AXIS_HEADERS.writer("gadf-dl3")
@AXES_HEADERS.writer("gadf-dl3")
def header(axes, **kwargs) -> Header:
    """Return no keywords: the column names tell everything."""
    return Header()


def _read(columns, prefix) -> MapAxis:
    low, high = (np.ravel(columns.values(f"{prefix}_{end}")).astype(float) for end in ("LO", "HI"))
    name = NAMES.get(prefix.upper(), prefix.lower())
    unit = columns.unit(f"{prefix}_LO")
    is_energy = name.startswith("energy")
    if len(low) == len(high) and np.allclose(low, high, rtol=1e-8, atol=0):
        interp = "log" if is_energy and low.min() > 0 else "lin"
        return MapAxis(low, unit=unit, interp=interp, name=name, node_type="center")
    edges = joined_edges(low, high, columns, f"{prefix}_LO")
    return MapAxis(edges, unit=unit, interp="log" if is_energy and edges[0] >= 0 else "lin", name=name)


@AXIS_TABLES.reader("gadf-dl3")
def read_axis(table, idx=0, column_prefix="") -> MapAxis:
    """Read the axis whose columns begin with `column_prefix`; without it, the first."""
    columns = Columns(table)
    return _read(columns, column_prefix or _prefixes(columns)[0])


@AXES_TABLES.reader("gadf-dl3")
def read_axes(table) -> list:
    """Read the axes of all pairs of columns that end in _LO and _HI."""
    columns = Columns(table)
    return [_read(columns, prefix) for prefix in _prefixes(columns)]


def _prefixes(columns) -> list[str]:
    return [
        name[:-3] for name in columns.names if name.upper().endswith("_LO") and f"{name[:-3]}_HI" in columns
    ]
