"""Columns of flux points tables as region maps: "gadf-sed", "lightcurve", "profile"."""

from __future__ import annotations

from ....errors import FormatError
from ...axes import MapAxes
from ...axes.io.columns import Columns
from ..geom import RegionGeom
from ..map import RegionNDMap
from .formats import REGION_TABLES

__all__ = []


def _read(table, format, colname) -> RegionNDMap:
    columns = Columns(table)
    if colname is None:
        raise FormatError(f"colname must name a column, got None. Choose one of {', '.join(columns.names)}.")
    geom = RegionGeom(None, axes=MapAxes.from_table(table, format=format))
    data = columns.values(colname)
    try:
        data = data.reshape(geom.data_shape)
    except ValueError:
        raise FormatError(
            f"the column must have a value for each of {geom.axes.shape} bins, got shape {data.shape}. Mend the table.",
            hdu=columns.hdu_name,
            column=colname,
        ) from None
    return RegionNDMap(geom, data=data, unit=columns.unit(colname), meta=dict(columns.header))


@REGION_TABLES.reader("gadf-sed")
def _(table, colname=None):
    return _read(table, "gadf-sed", colname)


@REGION_TABLES.reader("lightcurve")
def _(table, colname=None):
    return _read(table, "lightcurve", colname)


@REGION_TABLES.reader("profile")
def _(table, colname=None):
    return _read(table, "profile", colname)
