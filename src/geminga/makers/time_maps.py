"""Maps of observation time."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..maps import Map
from ..units import to_quantity
from .exposure import make_map_exposure_true_energy
from .pointings import pointings

__all__ = ["make_effective_livetime_map", "make_observation_time_map"]


def _offset_max(observation, offset_max):
    if offset_max is not None:
        return to_quantity(offset_max, "deg", "offset_max")
    response = observation.aeff
    return response.axes["offset"].center[-1]


def make_observation_time_map(observations, geom, offset_max=None):
    """Return the live time during which each pixel was in the field of view.

    Parameters
    ----------
    observations : `~geminga.data.Observations`
    geom : `~geminga.maps.Geom`
    offset_max : `~astropy.units.Quantity` or str, optional
        Radius of the field of view. By default the centre of the last offset bin of each effective area.

    Returns
    -------
    `~geminga.maps.Map`
        In hours.
    """
    geom = geom.to_image()
    total = np.zeros(geom.data_shape)
    for observation in observations:
        radius, time = _offset_max(observation, offset_max), observation.observation_live_time_duration
        for direction, share in pointings(observation):
            inside = np.asarray(geom.separation(direction) <= radius).reshape(geom.data_shape)
            total += inside * share * time.to_value("h")
    return Map.from_geom(geom, data=total, unit=u.h)


def make_effective_livetime_map(observations, geom, offset_max=None):
    """Return the on-axis time that would give the same exposure in each pixel and energy.

    Parameters
    ----------
    observations : `~geminga.data.Observations`
    geom : `~geminga.maps.Geom`
        With an axis ``energy_true``.
    offset_max : `~astropy.units.Quantity` or str, optional
        Radius of the field of view. By default the centre of the last offset bin of each effective area.

    Returns
    -------
    `~geminga.maps.Map`
        In hours.
    """
    total = np.zeros(geom.data_shape)
    energy = geom.axes["energy_true"].center
    for observation in observations:
        radius, time = _offset_max(observation, offset_max), observation.observation_live_time_duration
        on_axis = observation.aeff.evaluate(offset=0 * u.deg, energy_true=energy).to_value("m2")
        area = on_axis.reshape(-1, *[1] * (total.ndim - 1))
        for direction, share in pointings(observation):
            exposure = make_map_exposure_true_energy(direction, share * time, observation.aeff, geom)
            inside = np.asarray(geom.to_image().separation(direction) <= radius)
            ratio = exposure.quantity.to_value("m2 h") / np.where(area > 0, area, 1.0)
            total += np.where(area > 0, ratio, 0.0) * inside
    return Map.from_geom(geom, data=total, unit=u.h)
