"""Selections of events; each takes an event list and returns a new one. All ranges are half open."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..errors import DataError
from ..numerics.angles import within_turn
from ..sky.headers import skycoord_from_dict
from ..sky.rotation import icrs_to_galactic, separation
from ..sky.timing import as_time, time_to_seconds
from ..units import to_quantity, to_value

__all__ = [
    "map_coord",
    "select_energy",
    "select_mask",
    "select_offset",
    "select_parameter",
    "select_rad_max",
    "select_region",
    "select_row_subset",
    "select_time",
]

# From so many events on, those far from a region are sorted out before the others are projected.
MANY_EVENTS = 20_000
LARGE_REGION = 45.0  # deg


def select_row_subset(events, row_specifier):
    """Select rows.

    Parameters
    ----------
    events : EventList
    row_specifier : slice, int, or ndarray of int or bool
        Rows to keep, in the given order.

    Returns
    -------
    EventList
        With the header and the metadata of `events`.
    """
    if isinstance(row_specifier, int | np.integer):
        row_specifier = [int(row_specifier)]
    meta = None if events._own_meta is None else events._own_meta.model_copy(deep=True)
    return events._from_store(events._store.take(row_specifier), meta)


def _between(values, low, high):
    """Return where ``low <= values < high``."""
    return (values >= low) & (values < high)


def _pair(values, name):
    """Return two values, or raise."""
    if np.size(values) != 2:
        raise DataError(f"{name} must be a minimum and a maximum, got {np.size(values)} values. Give two.")
    return values


def select_time(events, time_interval, inverted=False):
    """Select events in a time interval.

    Parameters
    ----------
    events : EventList
    time_interval : `~astropy.time.Time`, shape (2,)
        Start and stop.
    inverted : bool
        Keep the events outside instead.

    Returns
    -------
    EventList
    """
    times = (
        time_interval
        if isinstance(time_interval, Time)
        else [as_time(t, "time_interval") for t in time_interval]
    )
    if len(times) != 2:
        raise DataError(f"time_interval must be a start and a stop, got {len(times)} times. Give two.")
    reference = events._store.reference
    low, high = (time_to_seconds(time, reference) for time in (times[0], times[1]))
    mask = _between(events.column("TIME"), low, high)
    return select_row_subset(events, ~mask if inverted else mask)


def select_energy(events, energy_range):
    """Select events in an energy range.

    Parameters
    ----------
    events : EventList
    energy_range : `~astropy.units.Quantity`, shape (2,)
        Minimum and maximum.

    Returns
    -------
    EventList
    """
    energy = events.energy
    low, high = to_value(_pair(_quantities(energy_range), "energy_range"), energy.unit, "energy_range")
    return select_row_subset(events, _between(energy.value, low, high))


def select_offset(events, offset_band):
    """Select events in a range of offsets from the pointing.

    Parameters
    ----------
    events : EventList
    offset_band : `~astropy.coordinates.Angle`, shape (2,)
        Minimum and maximum.

    Returns
    -------
    EventList
    """
    low, high = to_value(_pair(_quantities(offset_band), "offset_band"), u.deg, "offset_band")
    return select_row_subset(events, _between(events.offset.deg, low, high))


def _quantities(values):
    """Return a list of quantities or strings as one quantity."""
    if isinstance(values, u.Quantity):
        return values
    return u.Quantity([to_quantity(value) for value in values])


def select_parameter(events, parameter, values, is_range=True):
    """Select events by the value of any column.

    Parameters
    ----------
    events : EventList
    parameter : str
        Name of the column.
    values : `~astropy.units.Quantity`, array_like or `~astropy.time.Time`
        Minimum and maximum, or with `is_range` False the values to keep. Plain numbers are in the unit of the column.
    is_range : bool
        Take `values` as a range.

    Returns
    -------
    EventList
    """
    store = events._store
    content, unit = store.array(parameter), store.unit(parameter)
    if isinstance(values, Time):
        values = time_to_seconds(values, store.reference)
    elif isinstance(values, u.Quantity) or (unit is not None and _has_units(values)):
        values = to_value(_quantities(values), unit or u.one, "values")
    values = np.atleast_1d(np.asarray(values))
    if is_range:
        low, high = _pair(values, "values")
        mask = _between(content, low, high)
    else:
        if content.dtype.kind == "S" and values.dtype.kind == "U":
            content = np.char.decode(content)
        mask = np.isin(content, values)
    return select_row_subset(events, mask)


def _has_units(values) -> bool:
    """Say whether a list holds quantities or strings that stand for them."""
    return any(
        isinstance(value, u.Quantity | str) for value in np.atleast_1d(np.asarray(values, dtype=object))
    )


def select_region(events, regions, wcs=None):
    """Select events inside regions.

    Parameters
    ----------
    events : EventList
    regions : str, `~regions.Region` or list of `~regions.Region`
        Regions on the sky, or on the pixels of `wcs`; an event counts if it is in any of them.
    wcs : `~astropy.wcs.WCS`, optional
        Projection in which the regions are applied. By default one around them.

    Returns
    -------
    EventList
    """
    from ..maps import RegionGeom

    if len(events) == 0:
        return select_row_subset(events, slice(0, 0))
    geom = RegionGeom.from_regions(regions, wcs=wcs)
    if len(events) < MANY_EVENTS:
        return select_row_subset(events, np.asarray(geom.contains(events.radec), dtype=bool))
    near = np.flatnonzero(_maybe_inside(events, geom))
    candidates = select_row_subset(events, near)
    inside = near[np.asarray(geom.contains(candidates.radec), dtype=bool)]
    return select_row_subset(events, inside)


def _maybe_inside(events, geom) -> np.ndarray:
    """Return False for events that are certainly outside a region: projecting a position takes long."""
    radius = 1.2 * float(np.hypot(*to_value(geom.width, u.deg, "width"))) + 0.5
    if hasattr(geom.region, "center"):
        # the region is symmetric around its centre; others may lie all on one side
        radius *= 0.5
    center = geom.center_skydir.icrs
    if geom.is_all_point_sky_regions or not radius < LARGE_REGION:
        return np.ones(len(events), dtype=bool)
    return separation(events._degrees("RA"), events._degrees("DEC"), center.ra.deg, center.dec.deg) < radius


def select_mask(events, mask):
    """Select events in the pixels of a mask.

    Parameters
    ----------
    events : EventList
    mask : `~geminga.maps.Map` or ndarray of bool, shape (n_events,)
        Map of bool; events outside the map are left out. An array selects rows.

    Returns
    -------
    EventList
    """
    if isinstance(mask, np.ndarray | list):
        return select_row_subset(events, np.asarray(mask, dtype=bool))
    values = mask.get_by_coord(map_coord(events, mask.geom))
    return select_row_subset(events, np.nan_to_num(np.asarray(values, dtype=float)).astype(bool))


def select_rad_max(events, rad_max, position=None):
    """Select events closer to a position than the energy-dependent radius.

    Parameters
    ----------
    events : EventList
    rad_max : `~geminga.irf.RadMax2D`
        Radius by energy and offset; the nearest bin counts.
    position : `~astropy.coordinates.SkyCoord`, optional
        Centre. Default is the target of the header, or the pointing.

    Returns
    -------
    EventList
    """
    if position is None:
        position = skycoord_from_dict(events.header, ext="OBJ")
        position = events.pointing_radec if position is None else position
    position = position.icrs
    offset = position.separation(events.pointing_radec)
    radius = rad_max.evaluate(method="nearest", energy=events.energy, offset=offset)
    inside = events._separation(position).deg <= to_value(radius, u.deg, "rad_max").reshape(-1)
    return select_row_subset(events, inside)


def map_coord(events, geom):
    """Return the coordinates of the events for a map.

    Parameters
    ----------
    events : EventList
    geom : `~geminga.maps.Geom`
        Positions are in its frame. Axes take the column with their name in capitals; "energy" and "time" the energies
        and times.

    Returns
    -------
    `~geminga.maps.MapCoord`
    """
    from ..maps import MapCoord

    lon, lat = events._degrees("RA"), events._degrees("DEC")
    if geom.frame in ("icrs", None):
        coordinates = {"lon": within_turn(lon), "lat": lat}
    elif geom.frame == "galactic":
        coordinates = dict(zip(("lon", "lat"), icrs_to_galactic(lon, lat), strict=True))
    else:
        coordinates = {"skycoord": events.radec.transform_to(geom.frame)}
    # energies come along even when the geometry has no energy axis
    names = (
        list(dict.fromkeys(["energy", *geom.axes.names]))
        if "ENERGY" in events._store
        else list(geom.axes.names)
    )
    for name in names:
        if name.upper() == "TIME":
            coordinates[name] = events.time
        else:
            coordinates[name] = events._store.quantity(name.upper())
    return MapCoord.create(coordinates, frame=geom.frame or "icrs")
