"""Datasets of flux points as FITS or ECSV tables."""

from __future__ import annotations

import logging

import numpy as np
from astropy.io import fits
from astropy.table import Table

from ...errors import FormatError
from ...files import atomic_path, make_path, open_fits, write_fits
from .gadf import _writable

__all__ = ["read_flux_points_dataset", "write_flux_points_dataset"]

log = logging.getLogger(__name__)

FITS_SUFFIXES = (".fits", ".fit", ".gz")


def _is_fits(path) -> bool:
    return path.suffix.lower() in FITS_SUFFIXES


def write_flux_points_dataset(dataset, filename, overwrite=False, checksum=False, **kwargs) -> None:
    """Write flux points with their masks as a FITS file, or an ECSV table.

    Parameters
    ----------
    dataset : `~geminga.datasets.FluxPointsDataset`
    filename : str or path-like
        The suffix says which; FITS files keep the good time intervals too.
    overwrite : bool
        Replace an existing file.
    checksum : bool
        Add checksums to a FITS file.
    **kwargs : dict
        Arguments of `~astropy.table.Table.write` for tables that are not FITS.
    """
    path = make_path(filename)
    table = Table(dataset.data.to_table(), copy=True)
    shape = (len(table), *dataset._data_shape[1:])
    for name, mask in (("mask_fit", dataset.mask_fit), ("mask_safe", dataset.mask_safe)):
        if mask is not None:
            table[name] = np.asarray(mask, dtype=bool).reshape(shape)
    table.meta["NAME"] = dataset.name
    table.meta["STATTYPE"] = dataset.stat_type
    if not _is_fits(path):
        kwargs.setdefault("format", "ascii.ecsv")
        with atomic_path(path, overwrite) as temporary:
            table.write(temporary, overwrite=True, **kwargs)
        return
    hdulist = fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(table, name="FLUXPOINTS")])
    if dataset.gti is not None:
        hdulist.append(dataset.gti.to_table_hdu())
    if dataset.meta_table is not None:
        hdulist.append(fits.BinTableHDU(_writable(dataset.meta_table), name="META_TABLE"))
    write_fits(hdulist, path, overwrite=overwrite, checksum=checksum)


def read_flux_points_dataset(cls, filename, name=None):
    """Read flux points with their masks.

    Parameters
    ----------
    cls : type
        Class of the dataset.
    filename : str or path-like
    name : str, optional
        By default that in the file.
    """
    from ...results import FluxPoints

    path = make_path(filename)
    gti = meta_table = None
    if _is_fits(path):
        with open_fits(path) as hdulist:
            tables = [hdu for hdu in hdulist if isinstance(hdu, fits.BinTableHDU)]
            if not tables:
                raise FormatError("the file must have a table of flux points, got none.", path=path)
            main = next((hdu for hdu in tables if hdu.name == "FLUXPOINTS"), tables[0])
            table = Table.read(main)
            names = {hdu.name for hdu in tables}
            if "GTI" in names:
                from ...data import GTI

                gti = GTI.from_table_hdu(hdulist["GTI"])
            if "META_TABLE" in names:
                meta_table = Table.read(hdulist["META_TABLE"])
    else:
        if not path.exists():
            raise FormatError("the file must exist. Check the path.", path=path)
        table = Table.read(path, format="ascii.ecsv")
    masks = {
        key: np.array(table[key], dtype=bool) for key in ("mask_fit", "mask_safe") if key in table.colnames
    }
    table.remove_columns(list(masks))
    meta = {key.upper(): value for key, value in table.meta.items()}
    for key in ("NAME", "STATTYPE", "EXTNAME"):
        table.meta.pop(key, None)
        table.meta.pop(key.lower(), None)
    return cls(
        data=FluxPoints.from_table(table, gti=gti),
        name=meta.get("NAME") if name is None else name,
        stat_type=meta.get("STATTYPE", "chi2"),
        meta_table=meta_table,
        **masks,
    )
