"""GADF bands tables: one row for each combination of bins, and the Fermi formats that look alike.

The header names the columns of axis `n` in ``AXCOLSn`` ("E_MIN,E_MAX" or "ENERGY"), its scale in ``INTERPn`` and, for a
periodic axis, its boundary in ``AXBNDSn``.

References
----------
.. [1] Data formats for gamma-ray astronomy, section "Sky maps", bands table.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.io.fits import Header
from astropy.table import Table

from ....errors import FormatError
from ....sky.timing import time_ref_from_dict, time_ref_to_dict
from ..label_map_axis import LabelMapAxis
from ..map_axis import MapAxis
from ..time_map_axis import TimeMapAxis
from .columns import Columns
from .edges import distinct, joined_edges
from .formats import AXES_HEADERS, AXES_TABLES, AXIS_HEADERS, AXIS_TABLES

__all__ = []

SHORT_NAMES = {"energy": "E"}
OTHER_NAMES = {"theta": "rad", "e": "energy"}


def _column_names(axis) -> tuple[str, str, str]:
    """Return the names of the columns with centres, lower and upper ends."""
    name = axis.name.upper()
    short = SHORT_NAMES.get(axis.name, name)
    return name, f"{short}_MIN", f"{short}_MAX"


def _columns_of(axis) -> dict:
    center, low, high = _column_names(axis)
    if isinstance(axis, LabelMapAxis):
        return {center: axis.center}
    return {center: axis.center, low: axis.edges_min, high: axis.edges_max}


@AXIS_HEADERS.writer("gadf")
def axis_header(axis, idx=0) -> Header:
    """Return the keywords of axis number `idx`."""
    center, low, high = _column_names(axis)
    header = Header()
    if isinstance(axis, LabelMapAxis):
        header[f"AXCOLS{idx}"] = center
        return header
    header[f"AXCOLS{idx}"] = center if axis.node_type == "center" else f"{low},{high}"
    header[f"INTERP{idx}"] = axis.interp
    if isinstance(axis, TimeMapAxis):
        header.update(time_ref_to_dict(axis.reference_time))
    elif axis.boundary_type == "periodic":
        header[f"AXBNDS{idx}"] = axis.boundary_type
    return header


@AXES_HEADERS.writer("gadf", "fgst-ccube", "fgst-template")
def axes_header(axes) -> Header:
    """Return the keywords of all axes, numbered from 1."""
    header = Header()
    for number, axis in enumerate(axes, start=1):
        header.update(axis_header(axis, number))
    return header


@AXES_TABLES.writer("gadf")
def axes_table(axes) -> Table:
    """Return the table with a row for each combination of bins; the first axis runs fastest."""
    shape = axes.shape[::-1]
    table = Table({"CHANNEL": np.arange(int(np.prod(shape)))})
    for number, axis in enumerate(axes):
        own = [1] * len(shape)
        own[len(shape) - 1 - number] = -1
        for name, values in _columns_of(axis).items():
            full = np.broadcast_to(np.asarray(values).reshape(own), shape).ravel()
            table[name] = full * values.unit if isinstance(values, u.Quantity) else full
    return table


@AXES_TABLES.reader("gadf")
def read_axes(table) -> list:
    """Read the axes that the header of a bands table names."""
    columns = Columns(table)
    axes, number = [], 1
    while columns.get(f"AXCOLS{number}"):
        axes.append(_read(columns, number))
        number += 1
    return axes


@AXIS_TABLES.reader("gadf")
def read_axis(table, idx=0, column_prefix=""):
    """Read axis number `idx` of a bands table."""
    return _read(Columns(table), idx)


def _read(columns, number):
    listed = columns.get(f"AXCOLS{number}")
    if not listed:
        raise FormatError(
            f"the header must have AXCOLS{number}, got none. Choose another.", hdu=columns.hdu_name
        )
    names = [name.strip() for name in str(listed).split(",")]
    interp = columns.get(f"INTERP{number}")
    if len(names) == 1 and columns.values(names[0]).dtype.kind == "U":
        return LabelMapAxis(distinct(columns.values(names[0])), name=names[0].lower())
    base = names[0].lower().removesuffix("_min")
    name = OTHER_NAMES.get(base, base)
    if base == "theta" and ("RAD" in columns or "RAD_MIN" in columns):
        # tables with both axes mean both
        name = base
    unit = columns.unit(names[0])
    if len(names) == 1:
        nodes = distinct(columns.values(names[0])).astype(float)
        scale = interp or _likely_scale(name, nodes)
        return MapAxis(nodes, unit=unit, interp=scale.strip(), name=name, node_type="center")
    low, high = distinct(columns.values(names[0])), distinct(columns.values(names[1]))
    if name == "time" and columns.get("MJDREFI") is not None:
        reference = time_ref_from_dict(columns.header)
        return TimeMapAxis(low * unit, high * columns.unit(names[1]), reference)
    edges = joined_edges(low, high, columns, names[0])
    return MapAxis(
        edges,
        unit=unit,
        interp=(interp or _likely_scale(name, edges)).strip(),
        name=name,
        boundary_type=str(columns.get(f"AXBNDS{number}") or "monotonic").strip(),
    )


def _likely_scale(name, nodes) -> str:
    """Return the scale of an axis whose header does not tell it: energies with equal ratios are logarithmic."""
    if not name.startswith("energy") or len(nodes) < 3 or nodes[0] <= 0:
        return "lin"
    ratios = nodes[1:] / nodes[:-1]
    return "log" if np.allclose(ratios, ratios[0], rtol=1e-2) else "lin"


# ---------------------------------------------------------------------- Fermi: counts cubes and templates


@AXES_TABLES.writer("fgst-ccube")
def counts_cube_table(axes) -> Table:
    """Return the EBOUNDS table of a counts cube."""
    return axes_table(axes)


@AXES_TABLES.writer("fgst-template")
def template_table(axes) -> Table:
    """Return the ENERGIES table of a template: bin centres in MeV."""
    (axis,) = axes
    return Table({"Energy": axis.center.to("MeV")})


@AXIS_TABLES.reader("fgst-ccube")
def read_counts_cube_axis(table, idx=0, column_prefix="") -> MapAxis:
    """Read the energy axis of a counts cube; energies without a unit are in keV."""
    columns = Columns(table)
    edges = joined_edges(
        distinct(columns.values("E_MIN")), distinct(columns.values("E_MAX")), columns, "E_MIN"
    )
    return MapAxis(edges, unit=columns.unit("E_MIN", "keV"), interp="log", name="energy")


@AXIS_TABLES.reader("fgst-template")
def read_template_axis(table, idx=0, column_prefix="") -> MapAxis:
    """Read the true energy axis of a template; energies without a unit are in MeV."""
    columns = Columns(table)
    known = [name for name in ("Energy", "ENERGY_TRUE", "ENERGY_MIN") if name in columns]
    name = known[0] if known else columns.names[0]
    nodes = distinct(columns.values(name)).astype(float)
    return MapAxis(
        nodes, unit=columns.unit(name, "MeV"), interp="log", name="energy_true", node_type="center"
    )


@AXES_TABLES.reader("fgst-ccube")
def _(table):
    return [read_counts_cube_axis(table)]


@AXES_TABLES.reader("fgst-template")
def _(table):
    return [read_template_axis(table)]
