"""Which part of an observation an HDU is: by its class keywords, or by its columns."""

from __future__ import annotations

from ...fits_tables import FitsFile

__all__ = ["CLASS_TYPES", "hdu_class_of"]

CLASS_TYPES = {
    "events": "events",
    "gti": "gti",
    "pointing": "pointing",
    "aeff_2d": "aeff",
    "edisp_2d": "edisp",
    "psf_table": "psf",
    "psf_3gauss": "psf",
    "psf_king": "psf",
    "bkg_2d": "bkg",
    "bkg_3d": "bkg",
    "rad_max_2d": "rad_max",
}
"""HDU class: HDU type."""

# Columns by which a table without HDUCLAS keywords is recognised, the most telling first.
COLUMNS = {
    "aeff_2d": ({"EFFAREA"},),
    "edisp_2d": ({"MATRIX", "MIGRA_LO"},),
    "psf_table": ({"RPSF"},),
    "psf_3gauss": ({"SCALE", "SIGMA_1"},),
    "psf_king": ({"GAMMA", "SIGMA"},),
    "bkg_3d": ({"BKG", "DETX_LO"}, {"BGD", "DETX_LO"}),
    "bkg_2d": ({"BKG", "THETA_LO"}, {"BGD", "THETA_LO"}),
    "rad_max_2d": ({"RAD_MAX"},),
    "pointing": ({"TIME", "RA_PNT", "DEC_PNT"}, {"TIME", "ALT_PNT", "AZ_PNT"}),
    "gti": ({"START", "STOP"},),
    "events": ({"TIME", "RA", "DEC", "ENERGY"},),
}


def hdu_class_of(file: FitsFile, hdu) -> str | None:
    """Return the class of an HDU, or None if it is no part of an observation.

    Parameters
    ----------
    file : `~geminga.fits_tables.FitsFile`
    hdu : str or int

    Returns
    -------
    str or None
    """
    number = file.index(hdu)
    if not file.hdus[number].is_table:
        return None
    header = file.header(number, structure=True)
    hdu_class = str(header.get("HDUCLAS4") or "").strip().lower()
    if hdu_class in CLASS_TYPES:
        return hdu_class
    for name in (header.get("HDUCLAS1"), file.hdus[number].name):
        if str(name or "").strip().lower() in ("events", "gti", "pointing"):
            return str(name).strip().lower()
    names = {str(value).strip().upper() for key, value in header.items() if key.startswith("TTYPE")}
    for hdu_class, marks in COLUMNS.items():
        if any(mark <= names for mark in marks):
            return hdu_class
    return None
