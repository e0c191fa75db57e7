"""Formats of the Fermi science tools: counts cubes, diffuse templates, exposure cubes.

References
----------
.. [1] Fermi Science Tools reference manual: gtbin, gtexpcube2.
"""

from __future__ import annotations

from astropy.io import fits

from ....errors import AxisMismatchError
from ..geom import WcsGeom
from .formats import WCS_FORMATS
from .gadf import bands_hdu, image_hdu
from .values import image_array, meta_from_header, unit_from_header

__all__ = []

TEMPLATE_UNIT = "cm-2 s-1 MeV-1 sr-1"
EXPOSURE_UNIT = "cm2 s"


def _is_exposure(header) -> bool:
    # gtexpcube2 names its third axis so; diffuse templates have "photon energy" or nothing.
    return str(header.get("CTYPE3", "")).strip().lower() == "log_energy"


def _read(hdu, cls, hdu_bands, axes_format, unit, memmap):
    geom = WcsGeom.from_header(hdu.header, hdu_bands, format=axes_format)
    data = image_array(hdu, geom, memmap)
    return cls(geom, data=data, meta=meta_from_header(hdu.header), unit=unit_from_header(hdu.header, unit))


@WCS_FORMATS.reader("fgst-ccube")
def read_ccube(hdu, cls, hdu_bands=None, memmap=False):
    """Read a counts cube: energies in an EBOUNDS table."""
    return _read(hdu, cls, hdu_bands, "fgst-ccube", "", memmap)


@WCS_FORMATS.reader("fgst-template")
def read_template(hdu, cls, hdu_bands=None, memmap=False):
    """Read a template or an exposure: true energies in an ENERGIES table."""
    unit = EXPOSURE_UNIT if _is_exposure(hdu.header) else TEMPLATE_UNIT
    return _read(hdu, cls, hdu_bands, "fgst-template", unit, memmap)


@WCS_FORMATS.reader("fgst-bexpcube")
def read_bexpcube(hdu, cls, hdu_bands=None, memmap=False):
    """Read an exposure cube: true energies in an ENERGIES table."""
    return _read(hdu, cls, hdu_bands, "fgst-template", EXPOSURE_UNIT, memmap)


def _write(m, name, axes_format, hdu, sparse):
    names = m.geom.axes.names
    if len(names) != 1 or names[0] not in ("energy", "energy_true"):
        raise AxisMismatchError(
            f"maps in the formats of Fermi must have one energy axis, got {names}. Sum over the others, or use 'gadf'."
        )
    if names[0] != name:
        m = m.rename_axes(names[0], name)
    bands = {"fgst-ccube": "EBOUNDS"}.get(axes_format, "ENERGIES")
    values = image_hdu(m, hdu, bands, sparse)
    hdus = [values] if isinstance(values, fits.PrimaryHDU) else [fits.PrimaryHDU(), values]
    return fits.HDUList([*hdus, bands_hdu(m.geom, bands, format=axes_format)])


@WCS_FORMATS.writer("fgst-ccube")
def write_ccube(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a counts cube."""
    return _write(m, "energy", "fgst-ccube", hdu, sparse)


@WCS_FORMATS.writer("fgst-template")
def write_template(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a template."""
    return _write(m, "energy_true", "fgst-template", hdu, sparse)


@WCS_FORMATS.writer("fgst-bexpcube")
def write_bexpcube(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of an exposure cube."""
    hdulist = _write(m, "energy_true", "fgst-template", hdu, sparse)
    header = hdulist[0 if hdu is None else 1].header
    header["WCSAXES"], header["CTYPE3"] = 3, "log_Energy"
    return hdulist
