"""Cubes whose energies stand in the header, as GALPROP writes them.

"galprop" counts log10(E / MeV) along the third axis; "galprop2" has a table ENERGIES besides.
"""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from ....errors import AxisMismatchError, FormatError
from ...axes import MapAxis
from ..geom import WcsGeom
from .fermi import TEMPLATE_UNIT
from .formats import WCS_FORMATS
from .gadf import image_hdu
from .values import image_array, meta_from_header, unit_from_header

__all__ = ["energy_axis_from_header"]


def energy_axis_from_header(header, n_planes) -> MapAxis:
    """Return the axis of true energies that the keywords of the third axis describe.

    Parameters
    ----------
    header : `~astropy.io.fits.Header`
    n_planes : int
        Number of energies.
    """
    try:
        value, step, reference = (float(header[f"{key}3"]) for key in ("CRVAL", "CDELT", "CRPIX"))
    except KeyError as error:
        raise FormatError(
            f"the header must describe the energies of a cube, got no {error}. Add an axis table."
        ) from error
    places = np.arange(n_planes) + 1 - reference
    name = str(header.get("CTYPE3", "")).lower()
    unit = str(header.get("CUNIT3", "")).strip() or "MeV"
    if unit.lower().startswith("log"):
        unit, name = "MeV", "log10"
    if name == "log_energy":
        energy = np.exp(value + step * places)
    elif value > 10 and "log" not in name:
        # The value is an energy, and the step a power of ten.
        energy = value * 10 ** (step * places)
    else:
        energy = 10 ** (value + step * places)
    return MapAxis.from_nodes(energy, unit=unit, name="energy_true", interp="log")


@WCS_FORMATS.reader("galprop", "galprop2")
def read_galprop(hdu, cls, hdu_bands=None, memmap=False):
    """Read a cube with energies in a table or, without one, in the header."""
    if hdu_bands is not None:
        geom = WcsGeom.from_header(hdu.header, hdu_bands, format="fgst-template")
    else:
        axis = energy_axis_from_header(hdu.header, hdu.shape[-3])
        geom = WcsGeom.from_header(hdu.header).to_cube([axis])
    data = image_array(hdu, geom, memmap)
    return cls(
        geom, data=data, meta=meta_from_header(hdu.header), unit=unit_from_header(hdu.header, TEMPLATE_UNIT)
    )


@WCS_FORMATS.writer("galprop")
def write_galprop(m, hdu=None, hdu_bands=None, sparse=False):
    """Return the HDU of a cube with its energies in the header."""
    if len(m.geom.axes) != 1:
        raise AxisMismatchError(
            f"maps in format 'galprop' must have one energy axis, got {m.geom.axes.names}."
        )
    energies = np.log10(m.geom.axes[0].center.to_value("MeV"))
    steps = np.diff(energies)
    if len(steps) and not np.allclose(steps, steps[0], rtol=1e-5):
        raise AxisMismatchError(
            "energies in format 'galprop' must be evenly spaced in their logarithm. Use 'gadf'."
        )
    values = image_hdu(m, hdu, None, sparse=False)
    values.header["WCSAXES"] = 3
    values.header.update(
        CTYPE3="log10_Energy",
        CRVAL3=energies[0],
        CDELT3=steps[0] if len(steps) else 1.0,
        CRPIX3=1.0,
        CUNIT3="log10(MeV)",
    )
    for key in ("BANDSHDU", "AXCOLS1", "INTERP1"):
        values.header.remove(key, ignore_missing=True)
    return fits.HDUList([values] if isinstance(values, fits.PrimaryHDU) else [fits.PrimaryHDU(), values])
