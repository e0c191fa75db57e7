"""Maps as HDUs: which HDU, which format."""

from __future__ import annotations

from ....errors import FormatError
from ...io.detection import find_bands_hdu, find_map_hdu
from .formats import WCS_FORMATS
from .gadf import image_hdu

__all__ = ["map_from_hdu", "map_from_hdulist", "map_to_hdu", "map_to_hdulist"]


def _format_of(hdu, hdu_bands) -> str:
    """Return the format of a map, told from the names of its HDUs and its header."""
    if hdu_bands is None:
        planes = 1 if hasattr(hdu, "columns") else hdu.data.size // (hdu.shape[-1] * hdu.shape[-2])
        return "galprop" if planes > 1 and "CRVAL3" in hdu.header else "gadf"
    return {"EBOUNDS": "fgst-ccube", "ENERGIES": "fgst-template"}.get(hdu_bands.name, "gadf")


def map_from_hdulist(cls, hdulist, hdu=None, hdu_bands=None, format=None, memmap=False):
    """Read a map from open FITS data; `WcsMap.from_hdulist`."""
    found = find_map_hdu(hdulist, hdu, kinds=("wcs",))
    try:
        return map_from_hdu(cls, found, find_bands_hdu(hdulist, found, hdu_bands), format, memmap)
    except FormatError as error:
        raise FormatError(
            error.problem,
            path=error.path or hdulist.filename(),
            hdu=error.hdu or found.name,
            column=error.column,
        ) from error


def map_from_hdu(cls, hdu, hdu_bands=None, format=None, memmap=False):
    """Read a map from one HDU and that of its axes; `WcsNDMap.from_hdu`."""
    from ..map import WcsNDMap

    cls = cls if issubclass(cls, WcsNDMap) else WcsNDMap
    format = format or _format_of(hdu, hdu_bands)
    return WCS_FORMATS.read(hdu, format=format, cls=cls, hdu_bands=hdu_bands, memmap=memmap)


def map_to_hdu(m, hdu="SKYMAP", hdu_bands=None, sparse=False):
    """Return the values of a map as one HDU; `WcsMap.to_hdu`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    hdu : str, optional
        Name of the HDU; None makes an image the primary HDU.
    hdu_bands : str, optional
        Name of the HDU with the axes, to be noted in the header.
    sparse : bool
        Write a table of the pixels that are not 0 instead of an image.
    """
    return image_hdu(m, hdu, hdu_bands, sparse)


def map_to_hdulist(m, hdu=None, hdu_bands=None, sparse=False, format="gadf"):
    """Return a map as HDUs; `WcsMap.to_hdulist`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    hdu : str, optional
        Name of the HDU with the values; by default the primary HDU, for sparse maps "SKYMAP".
    hdu_bands : str, optional
        Name of the HDU with the axes; by default that of the values with "_BANDS".
    sparse : bool
        Write a table of the pixels that are not 0 instead of an image.
    format : {"gadf", "fgst-ccube", "fgst-template", "fgst-bexpcube", "galprop"}

    Returns
    -------
    `~astropy.io.fits.HDUList`
    """
    return WCS_FORMATS.write(m, format=format or "gadf", hdu=hdu, hdu_bands=hdu_bands, sparse=sparse)
