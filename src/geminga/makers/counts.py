"""Counting events: inside a region, a map, or an energy-dependent radius."""

from __future__ import annotations

import numpy as np

from ..errors import DataError, GeometryError
from ..maps import Map

__all__ = ["make_counts", "make_counts_off_rad_max", "make_counts_rad_max"]


def make_counts(geom, observation):
    """Return the events of an observation counted on a geometry.

    Point regions with a RAD_MAX response count the events inside the radius of their energy.
    """
    if geom.is_region and geom.is_all_point_sky_regions:
        if observation.rad_max is None:
            raise GeometryError(
                f"region of a dataset must have an area when observation {observation.obs_id} has no RAD_MAX, "
                "got a point. Give a circle, or observations with a directional cut."
            )
        return make_counts_rad_max(geom, observation.rad_max, observation.events)
    if observation.events is None:
        raise DataError(
            f"observation {observation.obs_id} must have events to count, got none. "
            "Leave counts out of the selection of the maker, or simulate events."
        )
    counts = Map.from_geom(geom)
    counts.fill_events(observation.events)
    return counts


def make_counts_rad_max(geom, rad_max, events):
    """Return the events within the energy-dependent radius around a point region.

    Parameters
    ----------
    geom : `~geminga.maps.RegionGeom`
        With an energy axis and a point region.
    rad_max : `~geminga.irf.RadMax2D`
    events : `~geminga.data.EventList`

    Returns
    -------
    `~geminga.maps.RegionNDMap`
    """
    selected = events.select_rad_max(rad_max=rad_max, position=geom.center_skydir)
    return _energy_histogram(geom, selected.energy)


def make_counts_off_rad_max(geom_off, rad_max, events):
    """Return the events within the energy-dependent radius around each of several point regions, summed.

    Parameters are those of `make_counts_rad_max`; the geometry holds several points.
    """
    from ..sky.regions import compound_region_to_regions

    total = Map.from_geom(geom_off)
    for region in compound_region_to_regions(geom_off.region):
        selected = events.select_rad_max(rad_max=rad_max, position=region.center)
        total.data = total.data + _energy_histogram(geom_off, selected.energy).data
    return total


def _energy_histogram(geom, energy):
    axis = geom.axes["energy"]
    counts, _ = np.histogram(energy.to_value(axis.unit), axis.edges.value)
    return Map.from_geom(geom, data=counts.reshape(geom.data_shape).astype("float32"))
