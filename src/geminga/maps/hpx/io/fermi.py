"""Formats of the Fermi science tools: counts cubes, diffuse templates, exposure cubes.

References
----------
.. [1] Fermi Science Tools reference manual: gtbin, gtexpcube2.
"""

from __future__ import annotations

from ....errors import AxisMismatchError
from .formats import HPX_FORMATS
from .table import read_table, write_hdulist

__all__ = []

TEMPLATE_UNIT = "cm-2 s-1 MeV-1 sr-1"
EXPOSURE_UNIT = "cm2 s"


def _is_exposure(hdu) -> bool:
    convention = str(hdu.header.get("HPX_CONV", "")).strip().upper()
    return hdu.name.upper() == "HPXEXPOSURES" or convention == "FGST-BEXPCUBE"


@HPX_FORMATS.reader("fgst-ccube", "fgst-srcmap")
def read_ccube(hdu, cls, hdu_bands=None, colname=None):
    """Read a counts cube: energies in an EBOUNDS table."""
    return read_table(hdu, cls, hdu_bands, "fgst-ccube", colname)


@HPX_FORMATS.reader("fgst-template", "fgst-bexpcube", "galprop", "galprop2")
def read_template(hdu, cls, hdu_bands=None, colname=None):
    """Read a template or an exposure: true energies in an ENERGIES table."""
    unit = EXPOSURE_UNIT if _is_exposure(hdu) else TEMPLATE_UNIT
    return read_table(hdu, cls, hdu_bands, "fgst-template", colname, unit)


def _write(m, name, format, axes_format, hdu, sparse):
    names = m.geom.axes.names
    if len(names) != 1 or names[0] not in ("energy", "energy_true"):
        raise AxisMismatchError(
            f"maps in the formats of Fermi must have one energy axis, got {names}. Sum over the others, or use 'gadf'."
        )
    if names[0] != name:
        m = m.rename_axes(names[0], name)
    return write_hdulist(m, hdu, None, sparse, format=format, axes_format=axes_format)


@HPX_FORMATS.writer("fgst-ccube")
def write_ccube(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a counts cube."""
    return _write(m, "energy", "fgst-ccube", "fgst-ccube", hdu, sparse)


@HPX_FORMATS.writer("fgst-template")
def write_template(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of a template."""
    return _write(m, "energy_true", "fgst-template", "fgst-template", hdu, sparse)


@HPX_FORMATS.writer("fgst-bexpcube")
def write_bexpcube(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDUs of an exposure cube."""
    return _write(m, "energy_true", "fgst-bexpcube", "fgst-template", hdu or "HPXEXPOSURES", sparse)
