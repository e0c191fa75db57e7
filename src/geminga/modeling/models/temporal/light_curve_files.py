"""Light-curve templates as tables and maps on disk."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.io import fits
from astropy.table import Table

from geminga.errors import FormatError, ModelError, UnknownNameError
from geminga.files import make_path, open_fits, write_fits
from geminga.sky.timing import time_ref_from_dict, time_ref_to_dict

__all__ = ["from_table", "read", "to_table", "write"]

_FORMATS = ("table", "map")


def from_table(cls, table, filename=None, interp_kwargs=None):
    """Create a light curve from a table.

    Parameters
    ----------
    cls : type
    table : `~astropy.table.Table`
        Columns TIME, relative to the reference time in the meta data (MJDREFI, MJDREFF, TIMESYS, TIMEUNIT), and NORM.
    filename : str or path-like, optional
        Where the table comes from.
    interp_kwargs : dict, optional
        See `LightCurveTemplateTemporalModel`.
    """
    from geminga.maps import MapAxis, RegionNDMap

    columns = {name.upper(): name for name in table.colnames}
    for name in ("TIME", "NORM"):
        if name not in columns:
            raise FormatError(
                f"the table must have a column {name}, got {table.colnames}. Rename it.",
                filename,
                column=name,
            )
    times = table[columns["TIME"]]
    unit = getattr(times, "unit", None) or table.meta.get("TIMEUNIT", "s")
    times = u.Quantity(np.asarray(getattr(times, "value", times), dtype=float), unit)
    norms = table[columns["NORM"]]
    norms = np.asarray(getattr(norms, "value", norms), dtype=float).reshape(len(times))
    order = np.argsort(times.value, kind="stable")
    axis = MapAxis.from_nodes(times[order], name="time", interp="lin")
    table_map = RegionNDMap.create(region=None, axes=[axis], data=norms[order].reshape(-1, 1, 1))
    reference = time_ref_from_dict(table.meta, scale="utc")
    return cls(table_map, t_ref=reference, filename=filename, interp_kwargs=interp_kwargs)


def to_table(model):
    """Return a light curve as a table with columns TIME and NORM.

    Parameters
    ----------
    model : `LightCurveTemplateTemporalModel`
        Without energy axis.

    Returns
    -------
    `~astropy.table.Table`
    """
    if model.is_energy_dependent:
        raise ModelError("light curve must not depend on energy to be a table. Write it with format='map'.")
    table = Table()
    table["TIME"] = model.map.geom.axes["time"].center
    table["NORM"] = np.asarray(model.map.data, dtype=float).reshape(-1)
    table.meta = time_ref_to_dict(model.reference_time, scale=model.scale)
    return table


def read(cls, filename, format="table", interp_kwargs=None):
    """Read a light curve; see `LightCurveTemplateTemporalModel.read`."""
    path = make_path(filename)
    if format == "table":
        with open_fits(path) as hdulist:
            hdu = next((hdu for hdu in hdulist if isinstance(hdu, fits.BinTableHDU)), None)
            if hdu is None:
                raise FormatError("the file must have a table. Give a light curve.", path)
            table = Table({name: hdu.data[name].astype(float) for name in hdu.columns.names})
            for column in hdu.columns:
                table[column.name].unit = column.unit
            table.meta.update(hdu.header)
        return from_table(cls, table, filename=filename, interp_kwargs=interp_kwargs)
    if format == "map":
        from geminga.maps import Map

        with open_fits(path) as hdulist:
            header = next((hdu.header for hdu in hdulist if "MJDREFI" in hdu.header), None)
        if header is None:
            raise FormatError(
                "the file must give the reference time. Add MJDREFI, MJDREFF and TIMESYS.", path
            )
        reference = time_ref_from_dict(header, scale="utc")
        return cls(Map.read(path), t_ref=reference, filename=filename, interp_kwargs=interp_kwargs)
    raise UnknownNameError("format of a light curve", format, _FORMATS)


def write(model, filename=None, format="table", overwrite=False):
    """Write a light curve to a file.

    Parameters
    ----------
    model : `LightCurveTemplateTemporalModel`
    filename : str or path-like, optional
        Where; default is the attribute `filename`.
    format : {"table", "map"}
        Light curves that depend on energy are always maps.
    overwrite : bool
        Replace an existing file.
    """
    if format not in _FORMATS:
        raise UnknownNameError("format of a light curve", format, _FORMATS)
    filename = model.filename if filename is None else filename
    if filename is None:
        raise ModelError("filename of a light curve must be set to write it, got None. Name the file.")
    if format == "table" and not model.is_energy_dependent:
        hdulist = fits.HDUList([fits.PrimaryHDU(), fits.table_to_hdu(to_table(model))])
    else:
        hdulist = model.map.to_hdulist()
        cards = time_ref_to_dict(model.reference_time, scale=model.scale)
        for hdu in hdulist[1:]:
            hdu.header.update(cards)
    write_fits(hdulist, filename, overwrite=overwrite)
    model.filename = filename
