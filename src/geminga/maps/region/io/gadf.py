"""GADF region maps: a table of values, a bands table and a region table."""

from __future__ import annotations

import json

import numpy as np
from astropy.io.fits import BinTableHDU, HDUList, PrimaryHDU
from astropy.table import Table

from ....errors import FormatError
from ...axes import MapAxes
from ...axes.io.columns import Columns
from ..geom import RegionGeom
from ..map import RegionNDMap
from .formats import REGION_FILES, REGION_GEOMS, REGION_TABLES
from .region_table import region_from_hdu, region_to_hdu

__all__ = []


@REGION_GEOMS.writer("gadf")
def geom_hdus(geom, hdu_bands=None, hdu_region=None) -> list:
    """Return the HDUs with axes and region."""
    hdus = []
    if len(geom.axes):
        hdus.append(geom.axes.to_table_hdu(format="gadf", hdu_bands=hdu_bands or "HDU_BANDS"))
    if geom.region is not None:
        hdus.append(region_to_hdu(geom.region, geom.wcs, hdu_region or "HDU_REGION"))
    return hdus


@REGION_GEOMS.reader("gadf")
def read_geom(hdulist, hdu=None) -> RegionGeom:
    """Read axes and region that belong to an HDU."""
    if hdu is None:
        named = [
            item.name.rpartition("_")[0] for item in hdulist if item.name.endswith(("_BANDS", "_REGION"))
        ]
        hdu = named[0] if named else "SKYMAP"
    header = hdulist[hdu].header if hdu in hdulist else {}
    wanted = header.get("BANDSHDU") or f"{hdu}_BANDS"
    bands = next((item for item in hdulist if item.name == wanted.upper()), None)
    axes = MapAxes.from_table_hdu(bands)
    return _geom(hdulist, header.get("REGNHDU") or f"{hdu}_REGION", axes)


def _geom(hdulist, name, axes) -> RegionGeom:
    """Return a geometry with the region of a named HDU, without a region if there is no such HDU."""
    if name not in hdulist:
        return RegionGeom(None, axes=axes)
    region, wcs = region_from_hdu(hdulist[name])
    return RegionGeom(region, axes=axes, wcs=wcs, binsz_wcs=np.abs(wcs.wcs.cdelt))


@REGION_TABLES.writer("gadf")
def map_table(region_map) -> Table:
    """Return a row for each bin of the last axis, with the values along the others."""
    data = region_map.data if len(region_map.geom.axes) else region_map.data[np.newaxis]
    channel = np.arange(len(data), dtype=np.int16 if len(data) < 2**15 else np.int32)
    table = Table({"CHANNEL": channel, "DATA": data})
    table["DATA"].unit = region_map.unit
    return table


@REGION_FILES.writer("gadf")
def write_map(region_map, hdu="SKYMAP", hdu_bands=None, hdu_region=None) -> HDUList:
    """Return the HDUs of a map."""
    header = region_map.geom.axes.to_header(format="gadf")
    table = BinTableHDU(map_table(region_map), header=header, name=hdu)
    try:
        table.header["META"] = json.dumps(region_map.meta or {})
    except (TypeError, ValueError):
        table.header["META"] = "{}"
    hdu_bands, hdu_region = hdu_bands or f"{hdu}_BANDS", hdu_region or f"{hdu}_REGION"
    table.header["BANDSHDU"], table.header["REGNHDU"] = hdu_bands.upper(), hdu_region.upper()
    others = geom_hdus(region_map.geom, hdu_bands, hdu_region)
    return HDUList([PrimaryHDU(), table, *others])


@REGION_FILES.reader("gadf")
def read_map(hdulist, ogip_column=None, hdu=None) -> RegionNDMap:
    """Read a map."""
    hdu = hdu or "SKYMAP"
    if hdu not in hdulist:
        raise FormatError(
            f"the file must have the HDU, got {', '.join(item.name for item in hdulist)}. Name the HDU.",
            path=hdulist.filename(),
            hdu=hdu,
        )
    geom = read_geom(hdulist, hdulist[hdu].name)
    columns = Columns(hdulist[hdu])
    data = columns.values("DATA")
    if data.size != np.prod(geom.data_shape):
        raise FormatError(
            f"the column must fit the axes, got {data.size} values for {geom.data_shape}. Mend the file.",
            path=hdulist.filename(),
            hdu=hdu,
            column="DATA",
        )
    try:
        meta = json.loads(columns.get("META") or "{}")
    except json.JSONDecodeError:
        meta = {}
    return RegionNDMap(geom, data=data.reshape(geom.data_shape), unit=columns.unit("DATA"), meta=meta)
