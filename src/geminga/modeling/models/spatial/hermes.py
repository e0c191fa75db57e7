"""Diffuse emission maps of the code HERMES."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import FormatError
from geminga.files import make_path, open_fits

__all__ = ["read_hermes_cube"]

_BAD_DATA = -1.6375e30


def read_hermes_cube(filename):
    """Read a cube that HERMES wrote, one HEALPix image for each energy.

    Parameters
    ----------
    filename : str or path-like

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        With an axis ``energy_true``; pixels that HERMES did not compute are NaN.

    Raises
    ------
    FormatError
        If an extension has no energy or the images differ in their pixels.

    References
    ----------
    .. [1] Dundovic et al. (2021), A&A 653, A18.
    """
    from geminga.maps import HpxGeom, HpxNDMap, MapAxis

    path = make_path(filename)
    energies, images, unit, geom = [], [], u.one, None
    with open_fits(path) as hdulist:
        for number, hdu in enumerate(hdulist[1:], start=1):
            header = hdu.header
            if "ENERGY" not in header or "NSIDE" not in header:
                raise FormatError("the header must have ENERGY and NSIDE. Give a HERMES cube.", path, number)
            image = np.array(hdu.data[hdu.columns.names[0]], dtype=float).ravel()
            images.append(np.where(image <= 0.99 * _BAD_DATA, np.nan, image))
            energies.append(header["ENERGY"])
            if geom is None:
                frame = "galactic" if str(header.get("COORDSYS", "G")).upper().startswith("G") else "icrs"
                nested = str(header.get("ORDERING", "RING")).upper().startswith("NEST")
                geom = HpxGeom(nside=header["NSIDE"], nest=nested, frame=frame)
                unit = u.Unit(header.get("TUNIT1", ""))
    if not images:
        raise FormatError("the file must have images. Give a HERMES cube.", path)
    axis = MapAxis.from_nodes(
        (np.array(energies) * u.J).to("GeV"), name="energy_true", unit="GeV", interp="log"
    )
    return HpxNDMap(geom.to_cube([axis]), data=np.array(images), unit=unit)
