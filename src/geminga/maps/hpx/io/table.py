"""Tables of pixels and values: what all formats of HEALPix maps have in common."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ....errors import FormatError
from ...wcs.io.values import meta_from_header, meta_to_header, native, unit_from_header, unit_to_header
from ..header import CONVENTIONS, PIXEL_COLUMNS, geom_from_hdu, is_sparse, table_pixels

__all__ = ["read_table", "write_hdulist", "write_table"]

# Sentinel of the HEALPix library for pixels without a value.
BAD_DATA = -1.6375e30

SPECIAL = {*PIXEL_COLUMNS, "CHANNEL", "VALUE"}


def _columns_of_values(hdu, colname):
    names = hdu.columns.names
    if colname is not None:
        if colname not in names:
            raise FormatError(
                f"table must have the column, got {', '.join(names)}.", hdu=hdu.name, column=colname
            )
        return [colname]
    values = [name for name in names if name.upper() not in SPECIAL]
    if not values:
        raise FormatError(f"table must have columns with values, got {', '.join(names)}.", hdu=hdu.name)
    return values


def read_table(hdu, cls, hdu_bands=None, format=None, colname=None, unit=""):
    """Read a map from a table; each column is a bin of the axes, a row a pixel or a block of pixels.

    Parameters
    ----------
    hdu : `~astropy.io.fits.BinTableHDU`
    cls : type
    hdu_bands : `~astropy.io.fits.BinTableHDU`, optional
    format : str, optional
        Convention of the axes.
    colname : str, optional
        Column with the values; by default all but those of pixel numbers.
    unit : str
        Unit where the table does not tell.
    """
    from ..geom import HpxGeom

    header = hdu.header
    geom = geom_from_hdu(HpxGeom, hdu, hdu_bands, format)
    meta = meta_from_header(header)
    if is_sparse(hdu):
        values = native(hdu.data["VALUE"])
        m = cls(geom, dtype=values.dtype, meta=meta, unit=unit_from_header(header, unit))
        channel = native(hdu.data["CHANNEL"]).astype(np.int64) if "CHANNEL" in hdu.columns.names else 0
        bins = np.unravel_index(channel, geom.axes.shape[::-1])[::-1] if len(geom.axes) else ()
        m.set_by_idx((table_pixels(hdu), *bins), values)
    else:
        names = _columns_of_values(hdu, colname)
        if colname is None and geom.is_image:
            names = names[:1]
        unit = hdu.columns[names[0]].unit or unit
        m = cls(geom, data=_values(hdu, geom, names), meta=meta, unit=unit_from_header(header, unit))
    if header.get("MASK") is True:
        m.data = m.data.astype(bool)
    return m


def _values(hdu, geom, names):
    rows = np.stack([native(hdu.data[name]).ravel() for name in names])
    bad = float(hdu.header.get("BAD_DATA", BAD_DATA))
    if rows.dtype.kind == "f" and np.any(rows <= 0.99 * BAD_DATA):
        rows = np.where(np.isclose(rows, bad, rtol=1e-3, atol=0), np.nan, rows)
    if len(rows) not in (1, geom._n_planes):
        raise FormatError(
            f"table must have a column for each of {geom._n_planes} bins, got {len(rows)}. Name one (colname).",
            hdu=hdu.name,
        )
    pixels, table = table_pixels(hdu), geom._pixel_table
    data = np.zeros((len(rows), table.shape[1]), dtype=rows.dtype)
    if pixels is not None:
        if rows.shape[1] != pixels.size:
            raise FormatError("table must have a value for each pixel, got another number.", hdu=hdu.name)
        for row in range(len(rows)):
            plane = row if len(table) > 1 else 0
            local = geom._to_local(pixels, plane)
            data[row, local[local >= 0]] = rows[row, local >= 0]
    elif rows.shape[1] < table.shape[1]:
        raise FormatError(
            f"table must have {table.shape[1]} pixels for nside {geom.nside.max()}, got {rows.shape[1]}.",
            hdu=hdu.name,
        )
    else:
        data = rows[:, : table.shape[1]]
    if len(data) == 1 and geom._n_planes > 1:
        raise FormatError(
            f"table must have a column for each of {geom._n_planes} bins, got one.", hdu=hdu.name
        )
    return data.reshape(geom.data_shape)


def _code(dtype) -> str:
    return {"f4": "E", "f8": "D", "i2": "I", "i4": "J", "i8": "K", "u1": "B", "b1": "B"}.get(
        dtype.str[1:], "D"
    )


def write_table(m, hdu=None, hdu_bands=None, sparse=False, format="gadf"):
    """Return the table with the values of a map.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    hdu : str, optional
        Its name, by default "SKYMAP".
    hdu_bands : str, optional
        Name of the HDU with the axes.
    sparse : bool
        Write the pixels that are not 0 only, a row each; of listed pixels those that are 0 too. A map whose bins have
        other pixels of a part of the sky is written so always.
    format : str
        See `CONVENTIONS` in `geminga.maps.hpx.header`.
    """
    geom = m.geom
    header = geom.to_header(format=format)
    data = m.data.astype(np.uint8) if m.is_mask else m.data
    if data.dtype == np.float16:
        data = data.astype(np.float32)
    ragged = not geom.is_regular and not geom.is_allsky
    if sparse or ragged:
        header["INDXSCHM"] = "SPARSE"
        # listed pixels are known from their rows only
        listed = geom.region == "explicit" or ragged
        columns = _sparse_columns(geom, data, keep_zeros=listed)
        if listed:
            header["HPX_ALL"] = (True, "all pixels of all bins are listed")
    else:
        columns = []
        if not geom.is_allsky:
            columns.append(fits.Column("PIX", _pixel_code(geom), array=geom._pixel_table[0]))
        name = CONVENTIONS[format][3]
        unit = m.unit.to_string("fits") if format == "healpy" and str(m.unit) else None
        for number, row in enumerate(data.reshape(geom._n_planes, -1), start=1):
            label = name if format == "healpy" and geom._n_planes == 1 else f"{name}{number}"
            columns.append(fits.Column(label, _code(data.dtype), array=row, unit=unit))
    if len(geom.axes):
        header["BANDSHDU"] = hdu_bands or f"{(hdu or 'SKYMAP').upper()}_BANDS"
    if m.is_mask:
        header["MASK"] = (True, "values are true or false")
    header["META"] = meta_to_header(m.meta)
    header["BUNIT"] = unit_to_header(m.unit)
    return fits.BinTableHDU.from_columns(columns, header=header, name=hdu or "SKYMAP")


def _pixel_code(geom) -> str:
    return "J" if 12 * int(geom._nsides.max()) ** 2 < 2**31 else "K"


def _sparse_columns(geom, data, keep_zeros):
    valid = np.broadcast_to(geom.get_idx(sparse=True)[0], data.shape)
    chosen = (valid >= 0) & (keep_zeros | (data != 0))
    pixels, values = valid[chosen], data[chosen]
    channel = np.broadcast_to(np.arange(geom._n_planes).reshape(geom.data_shape_axes), data.shape)[chosen]
    columns = [fits.Column("PIX", _pixel_code(geom), array=pixels)]
    if len(geom.axes):
        columns.append(fits.Column("CHANNEL", "I" if geom._n_planes < 2**15 else "J", array=channel))
    return [*columns, fits.Column("VALUE", _code(values.dtype), array=values)]


def write_hdulist(m, hdu=None, hdu_bands=None, sparse=False, format="gadf", axes_format="gadf"):
    """Return the HDUs of a map: an empty primary one, the values, the axes."""
    hdu = hdu or "SKYMAP"
    hdu_bands = hdu_bands or CONVENTIONS[format][2] or f"{hdu.upper()}_BANDS"
    hdus = [fits.PrimaryHDU(), write_table(m, hdu, hdu_bands, sparse, format)]
    if len(m.geom.axes):
        table = m.geom.axes.to_table_hdu(format=axes_format, hdu_bands=hdu_bands)
        if len(m.geom._nsides) > 1:
            columns = table.columns + fits.ColDefs([fits.Column("NSIDE", "J", array=m.geom._nsides)])
            axes_header = m.geom.axes.to_header(format="gadf")
            table = fits.BinTableHDU.from_columns(columns, header=axes_header, name=hdu_bands)
        hdus.append(table)
    return fits.HDUList(hdus)
