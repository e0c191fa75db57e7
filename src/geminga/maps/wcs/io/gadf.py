"""GADF: an image HDU with its projection, and a BANDS table with the axes; or a table of the pixels that are not 0.

References
----------
.. [1] Data formats for gamma-ray astronomy, "Sky maps", WCS format.
"""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ....errors import FormatError
from ...allocation import allocate
from ..geom import WcsGeom
from .formats import WCS_FORMATS
from .values import image_array, meta_from_header, meta_to_header, unit_from_header, unit_to_header

__all__ = ["bands_hdu", "image_hdu", "read_gadf"]

ROWS = 32768


@WCS_FORMATS.reader("gadf", "hgps")
def read_gadf(hdu, cls, hdu_bands=None, memmap=False):
    """Read a map from an image or a sparse table, and the table of its axes."""
    geom = WcsGeom.from_header(hdu.header, hdu_bands, format="gadf")
    data = sparse_array(hdu, geom) if hasattr(hdu, "columns") else image_array(hdu, geom, memmap)
    return cls(geom, data=data, meta=meta_from_header(hdu.header), unit=unit_from_header(hdu.header))


def sparse_array(hdu, geom) -> np.ndarray:
    """Return the array that a table of pixels and values stands for."""
    pixels, values = hdu.data["PIX"], hdu.data["VALUE"]
    channels = hdu.data["CHANNEL"] if "CHANNEL" in hdu.columns.names else None
    n_pix = int(np.prod(geom.data_shape[-2:]))
    data = allocate(geom.data_shape, values.dtype.newbyteorder("="))
    flat = data.reshape(-1)
    # Rows are taken in pieces that stay in the processor's cache.
    for start in range(0, len(values), ROWS):
        part = slice(start, start + ROWS)
        place = pixels[part].astype(np.intp)
        if channels is not None:
            place += n_pix * channels[part].astype(np.intp)
        if place.min() < 0 or place.max() >= flat.size:
            raise FormatError(
                f"pixels must be within the shape {geom.data_shape}, got number {place.max()}.", hdu=hdu.name
            )
        flat[place] = values[part]
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
        return fits.BinTableHDU(_sparse_rows(data), header=header, name=hdu)
    if hdu is None or hdu.upper() == "PRIMARY":
        return fits.PrimaryHDU(data, header=header)
    return fits.ImageHDU(data, header=header, name=hdu)


def _sparse_rows(data) -> np.ndarray:
    """Return a row for each value that is not 0, as it stands in the file."""
    images = data.reshape(-1, data.shape[-2] * data.shape[-1])
    # Comparing first is several times faster than looking for numbers that are not 0.
    counts = [np.count_nonzero(image != 0) for image in images]
    known = data.dtype.str[1:] in ("f4", "f8", "i2", "i4", "i8", "u1")
    dtype = [
        ("PIX", ">i4" if images.shape[1] < 2**31 else ">i8"),
        ("CHANNEL", ">i2" if len(images) < 2**15 else ">i4"),
        ("VALUE", data.dtype.newbyteorder(">") if known else ">f8"),
    ]
    rows = np.empty(
        sum(counts), dtype=[column for column in dtype if data.ndim > 2 or column[0] != "CHANNEL"]
    )
    start = 0
    for number, (image, count) in enumerate(zip(images, counts, strict=True)):
        part, start = rows[start : start + count], start + count
        part["PIX"] = found = np.flatnonzero(image != 0)
        part["VALUE"] = image.take(found)
        if data.ndim > 2:
            part["CHANNEL"] = number
    return rows


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
