"""Which HDU of a FITS file holds a map, of which kind it is, and where its axes are."""

from __future__ import annotations

from ...errors import FormatError

__all__ = ["bands_format", "find_bands_hdu", "find_map_hdu", "geom_from_hdulist", "map_kind"]

# columns of the table of a region map
REGION_COLUMNS = ({"CHANNEL", "DATA"}, {"CHANNEL", "COUNTS"}, {"ENERG_LO", "ENERG_HI", "SPECRESP"})


def _is_healpix(hdu) -> bool:
    return str(hdu.header.get("PIXTYPE", "")).strip().upper() == "HEALPIX"


def _is_sky_image(hdu) -> bool:
    shape = getattr(hdu, "shape", ()) if not hasattr(hdu, "columns") else ()
    return len(shape) >= 2 and "CTYPE1" in hdu.header


def _is_sparse_image(hdu) -> bool:
    return hasattr(hdu, "columns") and "WCSSHAPE" in hdu.header and "PIX" in hdu.columns.names


def _is_region_table(hdu) -> bool:
    return hasattr(hdu, "columns") and any(wanted <= set(hdu.columns.names) for wanted in REGION_COLUMNS)


def map_kind(hdu) -> str | None:
    """Return "wcs", "hpx" or "region" for an HDU with a map, None for others.

    Parameters
    ----------
    hdu : `~astropy.io.fits.PrimaryHDU`, `~astropy.io.fits.ImageHDU` or `~astropy.io.fits.BinTableHDU`
    """
    if _is_healpix(hdu):
        return "hpx"
    if _is_sky_image(hdu) or _is_sparse_image(hdu):
        return "wcs"
    return "region" if _is_region_table(hdu) else None


def find_map_hdu(hdulist, hdu=None, kinds=("wcs", "hpx", "region")):
    """Return the HDU with a map.

    Parameters
    ----------
    hdulist : `~astropy.io.fits.HDUList`
    hdu : str or int, optional
        Name or number of the HDU; by default the first that holds a map of one of the kinds.
    kinds : tuple of str
        Kinds to look for.

    Raises
    ------
    FormatError
        If there is none.
    """
    if hdu is not None:
        try:
            return hdulist[hdu]
        except (KeyError, IndexError):
            raise FormatError(
                f"the file must have the HDU, got {', '.join(item.name or '(no name)' for item in hdulist)}.",
                path=hdulist.filename(),
                hdu=hdu,
            ) from None
    # region tables are told by common column names, so they come last
    for wanted in (
        tuple(kind for kind in kinds if kind != "region"),
        tuple(kind for kind in kinds if kind == "region"),
    ):
        for item in hdulist:
            if map_kind(item) in wanted:
                return item
    raise FormatError(
        f"the file must have an HDU with a map, got {', '.join(item.name or '(no name)' for item in hdulist)}. "
        "Name the HDU.",
        path=hdulist.filename(),
    )


def find_bands_hdu(hdulist, hdu, hdu_bands=None):
    """Return the HDU with the axes of a map, None if it has none.

    Parameters
    ----------
    hdulist : `~astropy.io.fits.HDUList`
    hdu : HDU with the map
    hdu_bands : str, optional
        Name of the HDU; by default that in the header of the map, ``<hdu>_BANDS``, EBOUNDS or ENERGIES.
    """
    if hdu_bands is not None:
        return find_map_hdu(hdulist, hdu_bands)
    named = hdu.header.get("BANDSHDU")
    if named and named in hdulist:
        return hdulist[named]
    if map_kind(hdu) == "wcs" and not hasattr(hdu, "columns") and sum(n > 1 for n in hdu.shape[:-2]) == 0:
        return None
    for name in (f"{hdu.name}_BANDS", "EBOUNDS", "ENERGIES"):
        if name in hdulist:
            return hdulist[name]
    return None


def bands_format(hdu_bands, format=None) -> str:
    """Return the format of an HDU with axes, told from its name unless given."""
    if format is not None or hdu_bands is None:
        return format or "gadf"
    if hdu_bands.header.get("AXCOLS1"):
        return "gadf"
    return {"EBOUNDS": "fgst-ccube", "ENERGIES": "fgst-template"}.get(hdu_bands.name, "gadf")


def geom_from_hdulist(hdulist, hdu=None, hdu_bands=None):
    """Read a geometry from open FITS data, of whatever kind it is; see `Geom.from_hdulist`."""
    item = find_map_hdu(hdulist, hdu)
    kind = map_kind(item)
    if kind == "region":
        from ..region.geom import RegionGeom

        return RegionGeom.from_hdulist(hdulist, format="gadf", hdu=item.name)
    bands = find_bands_hdu(hdulist, item, hdu_bands)
    if kind == "hpx":
        from ..hpx.geom import HpxGeom

        return HpxGeom.from_header(item.header, bands)
    from ..wcs.geom import WcsGeom

    return WcsGeom.from_header(item.header, bands, format=bands_format(bands))
