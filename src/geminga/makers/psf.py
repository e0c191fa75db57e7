"""Point spread function maps of one pointing."""

from __future__ import annotations

import numpy as np

from ..maps import Map
from .positions import along, data_on, pixel_offsets

__all__ = ["make_psf_map"]


def make_psf_map(psf, pointing, geom, exposure_map=None):
    """Return the point spread function on a map.

    Parameters
    ----------
    psf : `~geminga.irf.PSF3D` or `~geminga.irf.ParametricPSF`
    pointing : `~astropy.coordinates.SkyCoord`
    geom : `~geminga.maps.Geom`
        With the axes ``rad`` and ``energy_true``.
    exposure_map : `~geminga.maps.Map`, optional
        Weight of this pointing when it is stacked.

    Returns
    -------
    `~geminga.irf.PSFMap`
        Normalised along ``rad``.
    """
    from ..irf import PSFMap

    offset = pixel_offsets(geom, pointing)[0][np.newaxis, np.newaxis]
    density = psf.evaluate(offset=offset, **{axis.name: along(axis, geom) for axis in geom.axes})
    data = data_on(geom, density.to_value("sr-1"))
    result = PSFMap(Map.from_geom(geom, data=data, unit="sr-1"), exposure_map)
    result.normalize()
    return result
