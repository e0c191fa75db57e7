"""Arrays, units and remarks in FITS headers and images."""

from __future__ import annotations

import json
import logging
import warnings

import numpy as np
from astropy import units as u

from ....errors import FormatError
from ....units import TRANSIT
from ...allocation import allocate

__all__ = [
    "image_array",
    "meta_from_header",
    "meta_to_header",
    "native",
    "unit_from_header",
    "unit_to_header",
]

log = logging.getLogger(__name__)

PHOTON_NAMES = ("ph", "photon")


def unit_from_header(header, default=""):
    """Return the unit of the data; photons are only counted and left out.

    Parameters
    ----------
    header : `~astropy.io.fits.Header`
    default : str
        Unit without the keyword BUNIT.
    """
    text = str(header.get("BUNIT", "")).strip() or default
    try:
        with u.add_enabled_units([TRANSIT]), warnings.catch_warnings():
            warnings.simplefilter("ignore", u.UnitsWarning)
            unit = u.Unit(text, parse_strict="raise")
    except ValueError as error:
        log.warning("BUNIT %r is no unit that is known, the map has none: %s", text, error)
        return u.dimensionless_unscaled
    for base, power in zip(unit.bases, unit.powers, strict=True):
        if base.name in PHOTON_NAMES:
            unit = unit / base**power
    return u.dimensionless_unscaled if unit == u.dimensionless_unscaled else unit


def unit_to_header(unit) -> str:
    """Return a unit as text for BUNIT."""
    try:
        return unit.to_string("fits")
    except ValueError:
        return unit.to_string()


def meta_from_header(header) -> dict:
    """Return the remarks of a map, {} if there are none."""
    text = header.get("META", "{}")
    try:
        meta = json.loads(text)
    except (ValueError, TypeError):
        log.warning("META must be JSON, got %r; it was left out.", text)
        return {}
    return meta if isinstance(meta, dict) else {}


def meta_to_header(meta) -> str:
    """Return remarks as JSON; what has no JSON form is written as text."""
    return json.dumps(dict(meta or {}), default=str)


def native(data) -> np.ndarray:
    """Return an array in the byte order of this machine, of a type that computes."""
    data = np.asarray(data)
    return data.astype(data.dtype.newbyteorder("="), copy=False)


def image_array(hdu, geom, memmap=False) -> np.ndarray:
    """Return the data of an image HDU in the shape of a geometry; with `memmap` as they stand in the file."""
    if hdu.data is None:
        raise FormatError("the HDU must hold an image, got no data. Name the HDU.", hdu=hdu.name)
    data = hdu.data
    if not memmap:
        # A copy, also where bytes need no turning: the array of the HDU may be mapped to the file.
        data = allocate(hdu.data.shape, hdu.data.dtype.newbyteorder("="))
        data[...] = hdu.data
    if data.size != int(np.prod(geom.data_shape)):
        raise FormatError(
            f"the image must have the shape {geom.data_shape} of projection and axes, got {data.shape}. "
            "Name the HDU with the axes (hdu_bands) and the format.",
            hdu=hdu.name,
        )
    data = data.reshape(geom.data_shape)
    return data.astype(bool) if hdu.header.get("MASK") is True else data
