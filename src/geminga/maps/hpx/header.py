"""HEALPix geometries in FITS headers and tables."""

from __future__ import annotations

import numpy as np
from astropy.io.fits import Header

from ...errors import FormatError, UnknownNameError
from ..axes import MapAxes
from ..io.detection import bands_format
from .pixelization import as_nside

__all__ = ["CONVENTIONS", "geom_from_hdu", "geom_from_header", "geom_to_header", "table_pixels"]

FRAMES = {"GAL": "galactic", "G": "galactic", "CEL": "icrs", "EQU": "icrs", "C": "icrs", "Q": "icrs"}
PIXEL_COLUMNS = ("PIX", "PIXEL", "HPX_INDEX", "INDEX")

# format: name in HPX_CONV, keyword of the frame, HDU with the axes, names of the columns
CONVENTIONS = {
    "gadf": ("GADF", "COORDSYS", None, "CHANNEL"),
    "fgst-ccube": ("FGST-CCUBE", "COORDSYS", "EBOUNDS", "CHANNEL"),
    "fgst-template": ("FGST-TEMPLATE", "COORDSYS", "ENERGIES", "ENERGY"),
    "fgst-bexpcube": ("FGST-BEXPCUBE", "COORDSYS", "ENERGIES", "ENERGY"),
    "fgst-srcmap": ("FGST-SRCMAP", "COORDSYS", "EBOUNDS", "ENERGY"),
    "fgst-ltcube": ("FGST-LTCUBE", "COORDSYS", "CTHETABOUNDS", "COSBINS"),
    "galprop": ("GALPROP", "COORDTYPE", "ENERGIES", "BIN"),
    "galprop2": ("GALPROP2", "COORDTYPE", "ENERGIES", "BIN"),
    "healpy": ("HEALPY", "COORDSYS", None, "TEMPERATURE"),
}


def frame_of(header) -> str:
    """Return the name of the frame; ICRS when the header does not tell."""
    name = str(header.get("COORDSYS", header.get("COORDTYPE", "CEL"))).strip().upper()
    if name not in FRAMES:
        raise FormatError(f"COORDSYS must be one of {', '.join(FRAMES)}, got {name!r}. Correct the header.")
    return FRAMES[name]


def table_pixels(hdu) -> np.ndarray | None:
    """Return the pixel numbers in a table, None if it has none."""
    known = {name.upper(): name for name in hdu.columns.names}
    for name in PIXEL_COLUMNS:
        if name in known:
            return np.asarray(hdu.data[known[name]], dtype=np.int64).ravel()
    return None


def _nside(header, hdu_bands):
    if hdu_bands is not None and "NSIDE" in hdu_bands.columns.names:
        return np.asarray(hdu_bands.data["NSIDE"], dtype=np.int64)
    if "NSIDE" in header:
        return np.array([int(header["NSIDE"])])
    if int(header.get("ORDER", -1)) >= 0:
        return np.array([2 ** int(header["ORDER"])])
    raise FormatError("header must have NSIDE or ORDER, got neither. It is no HEALPix map.")


def geom_from_header(cls, header, hdu_bands=None, format=None, pixels=None):
    """Read a geometry from a header and the table of its axes; `HpxGeom.from_header`.

    Parameters
    ----------
    cls : type
    header : `~astropy.io.fits.Header`
    hdu_bands : `~astropy.io.fits.BinTableHDU`, optional
        Table of the axes. A column NSIDE gives a resolution to each bin.
    format : str, optional
        Convention of the table; by default told from its name.
    pixels : array_like of int, or tuple (pixels, channel), optional
        Pixels of a part of the sky, in rising order. Without them the region in the header is taken.

    Raises
    ------
    FormatError
        If the header names a part of the sky by its pixels, which are not given.
    """
    axes_format = {"fgst-bexpcube": "fgst-template", "fgst-srcmap": "fgst-ccube"}.get(format, format)
    axes_format = bands_format(
        hdu_bands, axes_format if axes_format in ("fgst-ccube", "fgst-template") else None
    )
    axes = MapAxes.from_table_hdu(hdu_bands, format=axes_format)
    nest = str(header.get("ORDERING", "RING")).strip().upper().startswith("NEST")
    nside = as_nside(_nside(header, hdu_bands), nest)
    if nside.size > 1:
        nside = nside.reshape(axes.shape[::-1]).transpose()
    region = str(header.get("HPX_REG", "")).strip() or None
    if pixels is not None:
        region = pixels
        if isinstance(pixels, tuple):
            numbers, channel = pixels
            shape = axes.shape[::-1]
            region = (numbers, *np.unravel_index(channel, shape)[::-1]) if len(axes) else numbers
    elif region is not None and region.lower() == "explicit":
        raise FormatError(
            "geometry of listed pixels must come with its table, got the header. Use from_hdu()."
        )
    return cls(nside, nest=nest, frame=frame_of(header), region=region, axes=axes)


def is_sparse(hdu) -> bool:
    """Return whether a table has a row for each value: pixel, channel and value."""
    return str(hdu.header.get("INDXSCHM", "")).strip().upper() == "SPARSE" or {"PIX", "VALUE"} <= set(
        hdu.columns.names
    )


def geom_from_hdu(cls, hdu, hdu_bands=None, format=None):
    """Read a geometry from the table of a map; `HpxGeom.from_hdu`."""
    region = str(hdu.header.get("HPX_REG", "")).strip()
    scheme = str(hdu.header.get("INDXSCHM", "")).strip().upper()
    pixels = table_pixels(hdu)
    listed = region.lower() == "explicit" or (
        not region and (scheme == "EXPLICIT" or hdu.header.get("HPX_ALL") is True)
    )
    if pixels is None or not listed:
        geom = geom_from_header(cls, hdu.header, hdu_bands, format)
        named = pixels is None or is_sparse(hdu) or scheme != "EXPLICIT" or not geom.is_regular
        if named or np.array_equal(np.sort(pixels), np.sort(geom._pixel_table[0])):
            return geom
        # what overlaps a disk is a matter of precision: the table is right
        return geom_from_header(cls, hdu.header, hdu_bands, format, pixels=pixels)
    if scheme == "LOCAL":
        raise FormatError(
            "table must list pixels by their numbers on the full sky, got places in the map (INDXSCHM = LOCAL). "
            "Write the map with sparse=True.",
            hdu=hdu.name,
            column="PIX",
        )
    if is_sparse(hdu):
        channel = np.asarray(hdu.data["CHANNEL"], dtype=np.int64) if "CHANNEL" in hdu.columns.names else 0
        geom = geom_from_header(
            cls, hdu.header, hdu_bands, format, pixels=(pixels, np.broadcast_to(channel, pixels.shape))
        )
        every_bin = cls(geom.nside, geom.nest, geom.frame, np.unique(pixels), geom.axes)
        # a table of all pixels of all bins lists the pixels of each; one without its zeros belongs to their union
        return geom if hdu.header.get("HPX_ALL") is True else every_bin
    return geom_from_header(cls, hdu.header, hdu_bands, format, pixels=pixels)


def geom_to_header(geom, format="gadf", **kwargs):
    """Return the keywords of the pixels; `HpxGeom.to_header`.

    Parameters
    ----------
    geom : `HpxGeom`
    format : {"gadf", "fgst-ccube", "fgst-template", "fgst-bexpcube", "galprop", "healpy", ...}
    **kwargs
        Further keywords of the header.

    Returns
    -------
    `~astropy.io.fits.Header`
    """
    if format not in CONVENTIONS:
        raise UnknownNameError("HEALPix format", format, CONVENTIONS)
    convention, frame_keyword, _, _ = CONVENTIONS[format]
    header = Header()
    if convention.startswith("FGST"):
        header["TELESCOP"], header["INSTRUME"] = "GLAST", "LAT"
    name = {"icrs": "CEL", "galactic": "GAL"}.get(geom.frame)
    if name is None:
        raise UnknownNameError("frame of HEALPix files", geom.frame, ("icrs", "galactic"))
    header[f"HIERARCH {frame_keyword}" if len(frame_keyword) > 8 else frame_keyword] = name
    largest = int(np.argmax(geom._nsides))
    nside = int(geom._nsides[largest])
    header["PIXTYPE"] = "HEALPIX"
    header["ORDERING"] = geom.ordering
    header["INDXSCHM"] = "IMPLICIT" if geom.is_allsky else "EXPLICIT"
    header["ORDER"] = int(geom.order.max())
    header["NSIDE"] = nside
    header["FIRSTPIX"] = 0
    header["LASTPIX"] = 12 * nside**2 - 1
    header["HPX_CONV"] = convention
    if geom.frame == "icrs":
        header["EQUINOX"] = (2000.0, "Equinox of RA & DEC specifications")
    # listed pixels are those in the table
    if geom.region not in (None, "explicit"):
        header["HPX_REG"] = geom.region
    for keyword, value in kwargs.items():
        header[keyword] = value
    return header
