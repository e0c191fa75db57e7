"""GADF: an image HDU with its projection, and a BANDS table with the axes; or a table of the pixels that are not 0.

References
----------
.. [1] Data formats for gamma-ray astronomy, "Sky maps", WCS format.
"""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ....errors import FormatError
from ..geom import WcsGeom
from .formats import WCS_FORMATS
from .values import image_array, meta_from_header, meta_to_header, native, unit_from_header, unit_to_header

__all__ = ["bands_hdu", "image_hdu", "read_gadf"]


@WCS_FORMATS.reader("gadf", "hgps")
def read_gadf(hdu, cls, hdu_bands=None):
    """Read a map from an image or a sparse table, and the table of its axes."""
    geom = WcsGeom.from_header(hdu.header, hdu_bands, format="gadf")
    data = sparse_array(hdu, geom) if hasattr(hdu, "columns") else image_array(hdu, geom)
    return cls(geom, data=data, meta=meta_from_header(hdu.header), unit=unit_from_header(hdu.header))


def sparse_array(hdu, geom) -> np.ndarray:
    """Return the array that a table of pixels and values stands for."""
    table = hdu.data
    values = native(table["VALUE"])
    n_pix = int(np.prod(geom.data_shape[-2:]))
    flat = native(table["PIX"]).astype(np.int64)
    if "CHANNEL" in hdu.columns.names:
        flat = flat + n_pix * native(table["CHANNEL"]).astype(np.int64)
    size = int(np.prod(geom.data_shape))
    if flat.size and (flat.min() < 0 or flat.max() >= size):
        raise FormatError(
            f"pixels must be within the shape {geom.data_shape}, got number {flat.max()}.", hdu=hdu.name
        )
    data = np.zeros(size, dtype=values.dtype)
    data[flat] = values
    data = data.reshape(geom.data_shape)
    return data.astype(bool) if hdu.header.get("MASK") is True else data


def image_hdu(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDU with the values of a map.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    hdu : str, optional
        Its name; without it, an image is the primary HDU.
    hdu_bands : str, optional
        Name of the HDU with the axes.
    sparse : bool
        Write a table of the pixels that are not 0.
    """
    header = m.geom.to_header()
    if len(m.geom.axes):
        header["BANDSHDU"] = hdu_bands or f"{(hdu or 'PRIMARY').upper()}_BANDS"
    data = m.data
    if m.is_mask:
        header["MASK"] = (True, "values are true or false")
        data = data.astype(np.uint8)
    elif data.dtype == np.float16:
        data = data.astype(np.float32)
    header["META"] = meta_to_header(m.meta)
    header["BUNIT"] = unit_to_header(m.unit)
    if sparse:
        return fits.BinTableHDU.from_columns(_sparse_columns(data), header=header, name=hdu)
    if hdu is None or hdu.upper() == "PRIMARY":
        return fits.PrimaryHDU(data, header=header)
    return fits.ImageHDU(data, header=header, name=hdu)


def _sparse_columns(data):
    n_pix = data.shape[-1] * data.shape[-2]
    # Comparing first is several times faster than looking for numbers that are not 0.
    flat = np.flatnonzero(data.reshape(-1) != 0)
    channel, pix = flat // n_pix, flat % n_pix
    code = {"f4": "E", "f8": "D", "i2": "I", "i4": "J", "i8": "K", "u1": "B"}.get(data.dtype.str[1:], "D")
    columns = [
        fits.Column("PIX", "J" if n_pix < 2**31 else "K", array=pix),
        fits.Column("CHANNEL", "I" if data.size // n_pix < 2**15 else "J", array=channel),
        fits.Column("VALUE", code, array=data.ravel()[flat]),
    ]
    return [column for column in columns if data.ndim > 2 or column.name != "CHANNEL"]


def bands_hdu(geom, hdu_bands, format="gadf"):
    """Return the table of the axes; that of an irregular geometry has the pixels of each image too."""
    table = geom.axes.to_table_hdu(format=format, hdu_bands=hdu_bands)
    if geom.is_regular:
        return table
    npix, cdelt, crpix = (geom._bands[k : k + 2].reshape(2, -1).T for k in (0, 2, 4))
    columns = table.columns + fits.ColDefs(
        [
            fits.Column("NPIX", "2J", array=npix.astype(np.int32)),
            fits.Column("CDELT", "2D", unit="deg", array=cdelt),
            fits.Column("CRPIX", "2D", array=crpix),
        ]
    )
    return fits.BinTableHDU.from_columns(columns, header=geom.axes.to_header(format="gadf"), name=table.name)


@WCS_FORMATS.writer("gadf", "hgps")
def write_gadf(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a map."""
    hdu = hdu or ("SKYMAP" if sparse else "PRIMARY")
    hdu_bands = hdu_bands or f"{hdu.upper()}_BANDS"
    values = image_hdu(m, hdu, hdu_bands, sparse)
    hdus = [values] if isinstance(values, fits.PrimaryHDU) else [fits.PrimaryHDU(), values]
    if len(m.geom.axes):
        hdus.append(bands_hdu(m.geom, hdu_bands))
    return fits.HDUList(hdus)
