"""OGIP spectra (counts per channel) and effective areas.

The "-sherpa" forms have energies in keV and areas in cm2.

References
----------
.. [1] Arnaud, George & Tennant (2009), OGIP memo 92-007, version 1.2.1.
.. [2] George & Arnaud (2007), OGIP memo CAL/GEN/92-002.
"""

from __future__ import annotations

import numpy as np
from astropy.io.fits import BinTableHDU, HDUList, Header, PrimaryHDU
from astropy.table import Table

from ....errors import AxisMismatchError, FormatError
from ...axes import MapAxes
from ...axes.io.columns import Columns
from ..geom import RegionGeom
from ..map import RegionNDMap
from .formats import REGION_FILES, REGION_GEOMS, REGION_TABLES
from .gadf import _geom
from .region_table import region_to_hdu

__all__ = []

SPECTRA = ("ogip", "ogip-sherpa")
AREAS = ("ogip-arf", "ogip-arf-sherpa")


def _values(region_map, name):
    if region_map.geom.axes.names != [name]:
        raise AxisMismatchError(
            f"OGIP maps must have the one axis {name!r}, got {region_map.geom.axes.names}. Sum over the others."
        )
    return region_map.quantity[:, 0, 0]


@REGION_GEOMS.writer(*SPECTRA)
def _(geom, hdu_bands=None, hdu_region=None):
    return geom_hdus(geom)


def geom_hdus(geom, format="ogip") -> list:
    """Return the HDUs EBOUNDS and REGION."""
    hdus = [geom.axes.to_table_hdu(format=format)]
    if geom.region is not None:
        hdus.append(region_to_hdu(geom.region, geom.wcs, "REGION"))
    return hdus


@REGION_GEOMS.reader(*SPECTRA)
def read_geom(hdulist, hdu=None) -> RegionGeom:
    """Read axis and region of a spectrum."""
    if "EBOUNDS" not in hdulist:
        raise FormatError(
            "the file must have the HDU with the energies.", path=hdulist.filename(), hdu="EBOUNDS"
        )
    return _geom(hdulist, "REGION", MapAxes.from_table_hdu(hdulist["EBOUNDS"], format="ogip"))


@REGION_GEOMS.reader(*AREAS)
def read_area_geom(hdulist, hdu=None) -> RegionGeom:
    """Read axis and region of an effective area."""
    return _geom(hdulist, "REGION", MapAxes.from_table_hdu(hdulist[hdu or "SPECRESP"], format="ogip-arf"))


def spectrum_header(n_channels) -> Header:
    """Return the keywords of a spectrum."""
    return Header(
        [
            ("EXTNAME", "SPECTRUM"),
            ("TELESCOP", "unknown"),
            ("INSTRUME", "unknown"),
            ("FILTER", "None"),
            ("EXPOSURE", 0),
            ("CORRFILE", ""),
            ("CORRSCAL", ""),
            ("ANCRFILE", ""),
            ("HDUCLASS", "OGIP"),
            ("HDUCLAS1", "SPECTRUM"),
            ("HDUVERS", "1.2.1"),
            ("POISSERR", True),
            ("CHANTYPE", "PHA"),
            ("DETCHANS", n_channels),
            ("QUALITY", 0),
            ("BACKSCAL", 0),
            ("GROUPING", 0),
            ("AREASCAL", 1),
        ]
    )


@REGION_TABLES.writer(*SPECTRA)
def spectrum_table(region_map) -> Table:
    """Return counts per channel; counts that are not whole are written as real numbers."""
    counts = _values(region_map, "energy").value
    channel = np.arange(len(counts), dtype=np.int16 if len(counts) < 2**15 else np.int32)
    whole = (
        np.all(np.isfinite(counts)) and np.all(counts == np.round(counts)) and np.all(np.abs(counts) < 2**31)
    )
    return Table({"CHANNEL": channel, "COUNTS": counts.astype(np.int32) if whole else counts.astype(float)})


def area_table(region_map, in_kev=False) -> Table:
    """Return the effective area for each bin of true energy."""
    area = _values(region_map, "energy_true")
    if in_kev and area.unit.is_equivalent("cm2"):
        area = area.to("cm2")
    table = region_map.geom.axes.to_table(format="ogip-arf-sherpa" if in_kev else "ogip-arf")
    table["SPECRESP"] = area
    return table


@REGION_TABLES.writer("ogip-arf")
def _(region_map):
    return area_table(region_map)


@REGION_TABLES.writer("ogip-arf-sherpa")
def _(region_map):
    return area_table(region_map, in_kev=True)


def _write_spectrum(region_map, format) -> HDUList:
    table = spectrum_table(region_map)
    spectrum = BinTableHDU(table, header=spectrum_header(len(table)), name="SPECTRUM")
    return HDUList([PrimaryHDU(), spectrum, *geom_hdus(region_map.geom, format)])


def _write_area(region_map, format) -> HDUList:
    header = region_map.geom.axes.to_header(format=format)
    hdus = [PrimaryHDU(), BinTableHDU(region_map.to_table(format), header=header, name="SPECRESP")]
    if region_map.geom.region is not None:
        hdus.append(region_to_hdu(region_map.geom.region, region_map.geom.wcs, "REGION"))
    return HDUList(hdus)


@REGION_FILES.reader(*SPECTRA)
def read_spectrum(hdulist, ogip_column=None, hdu=None) -> RegionNDMap:
    """Read counts, or another column, of a spectrum; QUALITY becomes a mask of the good channels (quality 0)."""
    if hdu is None or hdu not in hdulist:
        hdu = "SPECTRUM"
    if hdu not in hdulist:
        raise FormatError("the file must have the HDU with the counts.", path=hdulist.filename(), hdu=hdu)
    geom = read_geom(hdulist)
    columns = Columns(hdulist[hdu])
    name = ogip_column or ("COUNTS" if "COUNTS" in columns or "RATE" not in columns else "RATE")
    if name not in columns and name in ("QUALITY", "BACKSCAL") and name in hdulist[hdu].header:
        # a keyword stands for a column with one value
        data = np.full(geom.data_shape, hdulist[hdu].header[name])
        unit = ""
    else:
        data, unit = columns.values(name), columns.unit(name)
    if name == "QUALITY":
        data = np.logical_not(data)
    elif name == "COUNTS":
        unit = ""
    if data.size != np.prod(geom.data_shape):
        raise FormatError(
            f"the column must have a row for each of {geom.axes[0].nbin} energies, got {data.size}. Mend the file.",
            path=hdulist.filename(),
            hdu=hdu,
            column=name,
        )
    return RegionNDMap(geom, data=data.reshape(geom.data_shape), unit=unit)


@REGION_FILES.reader(*AREAS)
def read_area(hdulist, ogip_column=None, hdu=None) -> RegionNDMap:
    """Read an effective area."""
    if hdu is None or hdu not in hdulist:
        hdu = "SPECRESP"
    geom = read_area_geom(hdulist, hdu)
    columns = Columns(hdulist[hdu])
    name = ogip_column or "SPECRESP"
    return RegionNDMap(geom, data=columns.values(name).reshape(geom.data_shape), unit=columns.unit(name))


@REGION_TABLES.reader(*AREAS)
def read_area_table(table, colname=None) -> RegionNDMap:
    """Read an effective area from its table; there is no region."""
    columns = Columns(table)
    geom = RegionGeom(None, axes=MapAxes.from_table(table, format="ogip-arf"))
    name = colname or "SPECRESP"
    return RegionNDMap(geom, data=columns.values(name).reshape(geom.data_shape), unit=columns.unit(name))


for _format in (*SPECTRA, *AREAS):

    def _write(region_map, hdu=None, hdu_bands=None, hdu_region=None, _format=_format):
        return (_write_spectrum if _format in SPECTRA else _write_area)(region_map, _format)

    REGION_FILES.writer(_format)(_write)
