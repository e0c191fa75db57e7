"""Exposure: effective area times live time."""

from __future__ import annotations

import numpy as np

from ..maps import Map
from .positions import average_over_region, data_on, pixel_offsets

__all__ = ["make_map_exposure_true_energy"]


def make_map_exposure_true_energy(pointing, livetime, aeff, geom, use_region_center=True):
    """Return the exposure of one pointing.

    Parameters
    ----------
    pointing : `~astropy.coordinates.SkyCoord`
    livetime : `~astropy.units.Quantity`
    aeff : `~geminga.irf.EffectiveAreaTable2D`
    geom : `~geminga.maps.Geom`
        With an axis ``energy_true``.
    use_region_center : bool
        For a region, take the response at its centre instead of its average.

    Returns
    -------
    `~geminga.maps.Map`
        In m2 s; ``meta`` holds ``livetime`` and ``is_pointlike``.
    """
    offset, weights = pixel_offsets(geom, pointing, use_region_center)
    energy = geom.axes["energy_true"].center.reshape(-1, 1, 1)
    area = average_over_region(aeff.evaluate(offset=offset[np.newaxis], energy_true=energy), weights)
    exposure = (area * livetime).to("m2 s")
    shape = [1] * len(geom.axes) + list(exposure.shape[-2:])
    shape[geom.axes.index_data("energy_true")] = -1
    exposure = exposure.reshape(shape)
    return Map.from_geom(
        geom,
        data=data_on(geom, exposure.value),
        unit=exposure.unit,
        meta={"livetime": livetime, "is_pointlike": aeff.is_pointlike},
    )
