"""Datasets as FITS files in the GADF map format: one HDU group for each map."""

from __future__ import annotations

import logging
from functools import partial

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from ...errors import FormatError, GemingaError
from ...files import make_path, write_fits
from ...maps import Map, RegionGeom
from ..attributes import Deferred
from ..metadata import MapDatasetMetaData
from .formats import DATASET_FORMATS
from .plain_hdus import PlainHdus, opened, read_gti, read_table

__all__ = ["from_hdulist", "read_gadf", "to_hdulist", "write", "write_gadf"]

log = logging.getLogger(__name__)

RESPONSES = ("psf", "edisp")
MASKS = ("mask_safe", "mask_fit")
#: Keywords in which the region HDUs of one dataset differ.
SEPARATE_KEYWORDS = ("EXTNAME", "CHECKSUM", "DATASUM", "CREATOR", "CREATED")
#: Order of the HDUs in a file.
ORDER = (
    "counts", "exposure", "background", "edisp", "psf", "mask_safe", "mask_fit",
    "counts_off", "acceptance", "acceptance_off",
)  # fmt: skip


# ---------------------------------------------------------------------- writing


def to_hdulist(dataset):
    """Return a dataset as FITS HDUs.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`

    Returns
    -------
    `~astropy.io.fits.HDUList`
        A primary HDU with the name and the provenance, then COUNTS, EXPOSURE, BACKGROUND, EDISP, PSF, MASK_SAFE,
        MASK_FIT, COUNTS_OFF, ACCEPTANCE, ACCEPTANCE_OFF as far as there are any, each with its bands or region, GTI
        and META_TABLE.
    """
    primary = fits.PrimaryHDU()
    primary.header["NAME"] = dataset.name
    if dataset.stat_type != dataset._default_stat_type:
        primary.header["STATTYPE"] = dataset.stat_type
    if dataset.meta is not None:
        primary.header.update(dataset.meta.to_header())
    hdulist = fits.HDUList([primary])
    for key in ORDER:
        part = getattr(dataset, key) if key in dataset._maps else None
        if part is None:
            continue
        hdus = part.to_hdulist() if key in RESPONSES else part.to_hdulist(hdu=key.upper())
        hdulist.extend(hdu for hdu in hdus if not isinstance(hdu, fits.PrimaryHDU))
        if key == "exposure" and part.meta and part.meta.get("livetime") is not None:
            livetime = u.Quantity(part.meta["livetime"]).to_value("s")
            hdulist["EXPOSURE"].header["LIVETIME"] = (float(livetime), "[s] live time")
    if dataset.gti is not None:
        hdulist.append(dataset.gti.to_table_hdu())
    if dataset.meta_table is not None:
        hdulist.append(fits.BinTableHDU(_writable(dataset.meta_table), name="META_TABLE"))
    return hdulist


def _writable(table) -> Table:
    """Return a table of numbers and text: what FITS has no column for becomes text."""
    table = Table(table, copy=True)
    table.meta = {}
    for name in table.colnames:
        if getattr(table[name], "dtype", np.dtype(object)).kind == "O":
            table[name] = [str(value) for value in table[name]]
    return table


def write(dataset, filename, overwrite=False, checksum=False) -> None:
    """Write a dataset to a FITS file.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    filename : str or path-like
    overwrite : bool
        Replace an existing file.
    checksum : bool
        Add checksums.

    Raises
    ------
    FileExistsGemingaError
        If the file exists and `overwrite` is False.
    """
    write_fits(dataset.to_hdulist(), filename, overwrite=overwrite, checksum=checksum)


@DATASET_FORMATS.writer("gadf")
def write_gadf(dataset, filename, overwrite=False, checksum=False) -> None:
    """Write a dataset to a FITS file, see `write`."""
    write(dataset, filename, overwrite=overwrite, checksum=checksum)


# ---------------------------------------------------------------------- reading


@DATASET_FORMATS.reader("gadf")
def read_gadf(source, cls, name=None, lazy=False, cache=True, checksum=False):
    """Read a dataset of a class from a FITS file, or from its HDUs.

    Parameters
    ----------
    source : str, path-like or `~astropy.io.fits.HDUList`
    cls : type
        Class of the dataset.
    name : str, optional
        By default that in the file.
    lazy : bool
        Read each map when it is first looked at.
    cache : bool
        With `lazy`, keep what was read.
    checksum : bool
        Verify checksums.
    """
    if isinstance(source, fits.HDUList):
        return from_hdulist(source, cls, name, lazy=lazy, cache=cache)
    with opened(source, checksum) as hdulist:
        return from_hdulist(hdulist, cls, name, lazy=lazy, cache=cache, path=make_path(source))


class _Geometries:
    """Geometries that were read from one file, so that equal ones are one object.

    All maps of a spectrum have the same region, which is slow to read from a table.
    """

    def __init__(self):
        self._regions: dict = {}
        self._geoms: list = []

    def read(self, hdulist, hdu):
        """Read a map, with the region and the geometry of an earlier one where they are equal."""
        region_hdu = f"{hdu}_REGION"
        if region_hdu not in hdulist:
            return self._with_known_geom(Map.from_hdulist(hdulist, hdu=hdu, format="gadf"))
        region = hdulist[region_hdu]
        header = tuple(item for item in region.header.items() if item[0] not in SEPARATE_KEYWORDS)
        content = header, region.data.tobytes()
        known = self._regions.get(content)
        if known is None:
            map_ = Map.from_hdulist(hdulist, hdu=hdu, format="gadf")
            self._regions[content] = map_.geom
            return self._with_known_geom(map_)
        names = hdu, hdulist[hdu].header.get("BANDSHDU", f"{hdu}_BANDS")
        if isinstance(hdulist, PlainHdus):
            alone = hdulist.part(*names)
        else:
            alone = fits.HDUList([item for item in hdulist if item.name in names])
        map_ = Map.from_hdulist(alone, hdu=hdu, format="gadf", map_type="region")
        geom = RegionGeom(known.region, axes=map_.geom.axes, wcs=known.wcs, binsz_wcs=known.binsz_wcs)
        return self._with_known_geom(_on_geom(map_, geom))

    def _with_known_geom(self, map_):
        for geom in self._geoms:
            if geom.data_shape == map_.geom.data_shape and geom == map_.geom:
                return _on_geom(map_, geom)
        self._geoms.append(map_.geom)
        return map_


def _on_geom(map_, geom):
    return type(map_)(geom=geom, data=map_.data, unit=map_.unit, meta=map_.meta)


def from_hdulist(hdulist, cls, name=None, lazy=False, cache=True, path=None):
    """Return the dataset that HDUs describe."""
    path = hdulist.filename() if path is None else path
    names = {hdu.name for hdu in hdulist}
    geometries = _Geometries()
    header = hdulist[0].header
    parts: dict = {}
    for key in cls._maps:
        if _hdu_of(key, names) is None:
            continue
        if lazy and path is not None:
            parts[key] = Deferred(partial(_read_deferred, path, key), keep=cache)
        else:
            parts[key] = _read_part(hdulist, key, path, geometries)
    if not set(parts) - set(RESPONSES):
        raise FormatError(
            f"the file must hold a {cls.__name__}, got the HDUs {', '.join(sorted(names))}. "
            "Check that it is a dataset, or name its format.",
            path=path,
        )
    if "GTI" in names:
        parts["gti"] = _guarded(lambda: read_gti(hdulist), path, "GTI")
    if "META_TABLE" in names:
        parts["meta_table"] = _guarded(lambda: read_table(hdulist["META_TABLE"]), path, "META_TABLE")
    return cls(
        **parts,
        name=header.get("NAME") if name is None else name,
        meta=MapDatasetMetaData.from_header(header),
        stat_type=header.get("STATTYPE", cls._default_stat_type),
    )


def _hdu_of(key, names) -> str | None:
    """Return the name of the HDU of a part, or None if the file has none."""
    candidates = (key.upper(), f"{key.upper()}_RECO") if key == "psf" else (key.upper(),)
    return next((name for name in candidates if name in names), None)


def _read_deferred(path, key):
    """Read one part of a file."""
    with opened(path) as hdulist:
        return _read_part(hdulist, key, path, _Geometries())


def _read_part(hdulist, key, path, geometries):
    """Read one part of a dataset."""
    hdu = _hdu_of(key, {item.name for item in hdulist})
    return _guarded(lambda: _part(hdulist, key, hdu, geometries), path, hdu)


def _guarded(function, path, hdu):
    """Call a function and name file and HDU in whatever goes wrong."""
    try:
        return function()
    except FormatError:
        raise
    except (GemingaError, KeyError, ValueError, TypeError, IndexError, OSError, AttributeError) as error:
        raise FormatError(
            f"the HDU must be as a dataset writes it, got: {error}", path=path, hdu=hdu
        ) from error


def _part(hdulist, key, hdu, geometries):
    if key in RESPONSES:
        return _response(hdulist, key, hdu, geometries)
    map_ = geometries.read(hdulist, hdu)
    if key in MASKS:
        data = np.asarray(map_.data)
        if data.dtype != bool and not np.any((data != 0) & (data != 1)):
            data = data.astype(bool)
        return type(map_)(geom=map_.geom, data=data)
    if key == "exposure":
        livetime = hdulist[hdu].header.get("LIVETIME")
        if livetime is not None and "livetime" not in (map_.meta or {}):
            map_.meta = {**(map_.meta or {}), "livetime": float(livetime) * u.s}
        elif map_.meta and isinstance(map_.meta.get("livetime"), str):
            map_.meta = {**map_.meta, "livetime": u.Quantity(map_.meta["livetime"])}
    return map_


def _response(hdulist, key, hdu, geometries):
    """Read a response map; its axes say of which kind it is."""
    from ...irf import EDispKernelMap, EDispMap, PSFMap, RecoPSFMap

    map_ = geometries.read(hdulist, hdu)
    exposure_hdu = f"{hdu}_EXPOSURE"
    exposure = None
    if exposure_hdu in {item.name for item in hdulist}:
        exposure = geometries.read(hdulist, exposure_hdu)
    axes = map_.geom.axes.names
    if key == "edisp":
        kind = EDispMap if "migra" in axes else EDispKernelMap
    else:
        kind = RecoPSFMap if "energy" in axes else PSFMap
    return kind(map_, exposure)
