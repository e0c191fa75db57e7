"""HEALPix maps as HDUs: which HDU, which format."""

from __future__ import annotations

from ....errors import FormatError
from ...io.detection import find_bands_hdu, find_map_hdu
from .formats import HPX_FORMATS
from .table import write_table

__all__ = ["map_from_hdu", "map_from_hdulist", "map_to_hdu", "map_to_hdulist"]


def _format_of(hdu, hdu_bands) -> str:
    """Return the format of a map, told from its header and the name of the HDU with its axes."""
    if hdu_bands is None:
        return "healpy"
    return {"EBOUNDS": "fgst-ccube", "ENERGIES": "fgst-template"}.get(hdu_bands.name, "gadf")


def map_from_hdulist(cls, hdulist, hdu=None, hdu_bands=None, format=None, colname=None):
    """Read a map from open FITS data; `HpxMap.from_hdulist`."""
    found = find_map_hdu(hdulist, hdu, kinds=("hpx",))
    try:
        bands = find_bands_hdu(hdulist, found, hdu_bands)
        return map_from_hdu(cls, found, bands, format, colname)
    except FormatError as error:
        raise FormatError(
            error.problem,
            path=error.path or hdulist.filename(),
            hdu=error.hdu or found.name,
            column=error.column,
        ) from error


def map_from_hdu(cls, hdu, hdu_bands=None, format=None, colname=None):
    """Read a map from one HDU and that of its axes; `HpxNDMap.from_hdu`."""
    from ..map import HpxNDMap

    if not hasattr(hdu, "columns") or hdu.data is None:
        raise FormatError("the HDU must hold a table of pixels, got none. Name the HDU.", hdu=hdu.name)
    cls = cls if issubclass(cls, HpxNDMap) else HpxNDMap
    name = format or _format_of(hdu, hdu_bands)
    return HPX_FORMATS.read(hdu, format=name, cls=cls, hdu_bands=hdu_bands, colname=colname)


def map_to_hdu(m, hdu=None, hdu_bands=None, sparse=False, format=None):
    """Return the values of a map as one HDU; `HpxMap.to_hdu`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    hdu : str, optional
        Name of the HDU, by default "SKYMAP".
    hdu_bands : str, optional
        Name of the HDU with the axes, to be noted in the header.
    sparse : bool
        Write a row for each pixel that is not 0.
    format : str, optional
        By default "gadf".
    """
    return write_table(m, hdu, hdu_bands, sparse, format or "gadf")


def map_to_hdulist(m, hdu="SKYMAP", hdu_bands=None, sparse=False, format="gadf"):
    """Return a map as HDUs; `HpxMap.to_hdulist`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    hdu : str
        Name of the HDU with the values.
    hdu_bands : str, optional
        Name of the HDU with the axes; by default that of the values with "_BANDS", or what the format says.
    sparse : bool
        Write a row for each pixel that is not 0.
    format : {"gadf", "fgst-ccube", "fgst-template", "fgst-bexpcube", "healpy"}

    Returns
    -------
    `~astropy.io.fits.HDUList`
    """
    return HPX_FORMATS.write(m, format=format or "gadf", hdu=hdu, hdu_bands=hdu_bands, sparse=sparse)
