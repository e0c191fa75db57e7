"""WCS geometries in FITS headers."""

from __future__ import annotations

import re
import warnings

import numpy as np
from astropy.wcs import WCS, FITSFixedWarning

from ...errors import FormatError
from ..axes import MapAxes

__all__ = ["geom_from_header", "geom_to_header"]


def _shape_from_header(header):
    """Return the numbers of pixels along x and y; numbers are read as digits, nothing in a header is evaluated."""
    if "WCSSHAPE" in header:
        shape = str(header["WCSSHAPE"]).strip()
        if re.fullmatch(r"[(\[]?\s*\d+(\s*,\s*\d+)+\s*,?\s*[)\]]?", shape):
            nx, ny, *_ = re.findall(r"\d+", shape)
            return int(nx), int(ny)
        raise FormatError(f"WCSSHAPE must list the numbers of pixels, got {header['WCSSHAPE']!r}.")
    try:
        return int(header["NAXIS1"]), int(header["NAXIS2"])
    except KeyError as error:
        raise FormatError(f"header must have the size of the image, got no {error}. Add WCSSHAPE.") from error


def geom_from_header(cls, header, hdu_bands=None, format="gadf"):
    """Read a geometry from a header and the table of its axes; `WcsGeom.from_header`.

    Parameters
    ----------
    cls : type
    header : `~astropy.io.fits.Header`
    hdu_bands : `~astropy.io.fits.BinTableHDU`, optional
        Table of the axes. Columns NPIX, CDELT and CRPIX give pixels of their own to each image.
    format : str
        Convention of the table.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FITSFixedWarning)
        try:
            wcs = WCS(header, naxis=2)
        except (ValueError, TypeError) as error:
            raise FormatError(f"header must hold a projection of the sky, got: {error}") from error
    npix, cdelt, crpix = _shape_from_header(header), None, None
    axes = MapAxes.from_table_hdu(hdu_bands, format=format)
    if hdu_bands is not None:
        shape = axes.shape[::-1]
        columns = {
            name: [np.reshape(part, shape) for part in np.asarray(hdu_bands.data[name], float).T]
            for name in ("NPIX", "CDELT", "CRPIX")
            if name in hdu_bands.columns.names
        }
        if "NPIX" in columns:
            npix = tuple(part.T for part in columns["NPIX"])
        if "CDELT" in columns:
            cdelt = tuple(np.abs(part.T) for part in columns["CDELT"])
        if "CRPIX" in columns:
            crpix = tuple(part.T for part in columns["CRPIX"])
    return cls(wcs, npix, cdelt=cdelt, crpix=crpix, axes=axes)


def geom_to_header(geom):
    """Return the keywords of the projection, the axes and the shape; `WcsGeom.to_header`."""
    header = geom.wcs.to_header()
    header.update(geom.axes.to_header(format="gadf"))
    shape = ",".join(str(n) for n in (*geom._image_shape[::-1], *geom.axes.shape))
    header["WCSSHAPE"] = f"({shape})"
    return header
