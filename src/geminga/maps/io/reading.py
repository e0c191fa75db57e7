"""Reading maps of any kind."""

from __future__ import annotations

from ...errors import UnknownNameError
from ...files import open_fits
from .detection import find_map_hdu, map_kind

__all__ = ["map_from_hdulist", "read_map"]

REGION_FORMATS = ("ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa")


def read_map(
    filename,
    hdu=None,
    hdu_bands=None,
    map_type="auto",
    format=None,
    colname=None,
    checksum=False,
    memmap=False,
):
    """Read a map from a FITS file; arguments are those of `Map.read`."""
    # Only what is read leaves the disk; arrays of maps are copies, which outlive the file.
    with open_fits(filename, checksum=checksum) as hdulist:
        return map_from_hdulist(hdulist, hdu, hdu_bands, map_type, format, colname, memmap)


def map_from_hdulist(
    hdulist, hdu=None, hdu_bands=None, map_type="auto", format=None, colname=None, memmap=False
):
    """Read a map from open FITS data; arguments are those of `Map.from_hdulist`."""
    if map_type not in ("auto", "wcs", "hpx", "region"):
        raise UnknownNameError("map type", map_type, ("auto", "wcs", "hpx", "region"))
    item = find_map_hdu(hdulist, hdu) if map_type == "auto" else None
    if map_type == "auto":
        map_type = "region" if format in REGION_FORMATS else map_kind(item) or "wcs"
    if map_type == "region":
        from ..region.map import RegionNDMap

        if hdu is None and format in (None, "gadf"):
            hdu = find_map_hdu(hdulist, kinds=("region",)).name
        return RegionNDMap.from_hdulist(hdulist, format=format or _region_format(hdulist, hdu), hdu=hdu)
    if map_type == "hpx":
        from ..hpx.map import HpxNDMap

        found = HpxNDMap.from_hdulist(hdulist, hdu=hdu, hdu_bands=hdu_bands, format=format, colname=colname)
    else:
        from ..wcs.io.hdulist import map_from_hdulist as wcs_map
        from ..wcs.map import WcsNDMap

        found = wcs_map(WcsNDMap, hdulist, hdu=hdu, hdu_bands=hdu_bands, format=format, memmap=memmap)
    if _is_mask(hdulist, hdu, item, found.data):
        found.data = found.data.astype(bool)
    return found


def _is_mask(hdulist, hdu, item, data) -> bool:
    """Return whether integers are a mask: FITS images have no booleans, the name of the HDU tells."""
    if data.dtype.kind not in "iu":
        return False
    item = item if item is not None else find_map_hdu(hdulist, hdu)
    return "MASK" in item.name.upper() and bool(((data == 0) | (data == 1)).all())


def _region_format(hdulist, hdu) -> str:
    """Return the format of a region map, told from its columns."""
    names = set(hdulist[hdu].columns.names)
    if "SPECRESP" in names:
        return "ogip-arf"
    return "ogip" if "COUNTS" in names and "DATA" not in names else "gadf"
