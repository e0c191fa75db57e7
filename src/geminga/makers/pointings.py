"""Where an observation points, and for how long: one direction, or several where the sky drifts through the field."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from ..data import PointingMode
from ..errors import DataError

__all__ = [
    "SIDEREAL_RATE",
    "intervals_of",
    "is_drift",
    "largest_offset",
    "middle_pointing",
    "pointings",
    "time_quadrature",
]

SIDEREAL_RATE = 360 * u.deg / u.sday
SHORTEST_STEP = 1 * u.s


def is_drift(pointing) -> bool:
    """Return whether a pointing is fixed to the horizon."""
    return getattr(pointing, "mode", None) is PointingMode.DRIFT


def middle_pointing(observation):
    """Return the direction of an observation at its middle, a `~astropy.coordinates.SkyCoord` in ICRS."""
    return observation.get_pointing_icrs(observation.tmid if is_drift(observation.pointing) else None)


def time_quadrature(intervals, longest_step):
    """Return times and weights of the trapezium rule.

    Parameters
    ----------
    intervals : iterable of (`~astropy.time.Time`, `~astropy.units.Quantity`)
        Starts and lengths.
    longest_step : callable
        Gives the longest step at a time; one second is the shortest.

    Returns
    -------
    list of (`~astropy.time.Time`, `~astropy.units.Quantity`)
        The weights sum to the length of the intervals.
    """
    nodes = []
    for start, duration in intervals:
        time, left, weight = start, duration, 0 * u.s
        while left > 1e-9 * duration:
            step = min(max(longest_step(time), SHORTEST_STEP), left)
            nodes.append((time, weight + 0.5 * step))
            time, left, weight = time + step, left - step, 0.5 * step
        nodes.append((time, weight))
    return nodes


def pointings(observation, step=1 * u.deg):
    """Return the directions of an observation and their shares of its time.

    Parameters
    ----------
    observation : `~geminga.data.Observation`
    step : `~astropy.units.Quantity`
        Longest way of a star through the field of view between two directions, if it drifts.

    Returns
    -------
    list of (`~astropy.coordinates.SkyCoord`, float)
        One direction, at the middle of the observation, unless it drifts. Directions of a drift over many days are
        joined where their right ascensions are the same up to a step.

    Raises
    ------
    DataError
        If it drifts for no time at all.
    """
    if not is_drift(observation.pointing):
        return [(middle_pointing(observation), 1.0)]
    gti, longest = observation.gti, (step / SIDEREAL_RATE).to_value("s")
    if not gti.time_sum > 0 * u.s:
        raise DataError(
            f"observation {observation.obs_id} must have some time to drift, got none. Check the time selection."
        )
    seconds, weights = [], []
    for start, stop in zip(gti.met_start.to_value("s"), gti.met_stop.to_value("s"), strict=True):
        n_steps = max(int(np.ceil((stop - start) / longest - 1e-9)), 1)
        seconds.append(np.linspace(start, stop, n_steps + 1))
        weights.append(np.full(n_steps + 1, (stop - start) / n_steps))
        weights[-1][[0, -1]] *= 0.5
    weights = np.concatenate(weights) / sum(part.sum() for part in weights)
    directions = observation.get_pointing_icrs(gti.time_ref + np.concatenate(seconds) * u.s)
    directions = SkyCoord(directions.ra.deg, directions.dec.deg, unit="deg", frame="icrs")
    if len(weights) * step > 360 * u.deg:
        directions, weights = _joined(directions, weights, step)
    return list(zip(directions, weights.tolist(), strict=True))


def _joined(directions, weights, step):
    """Return mean directions, and sums of weights, of those in the same cell of right ascension."""
    cells = np.floor((directions.ra / step).to_value("")).astype(int)
    number = np.bincount(cells, weights)
    used = number > 0
    mean = [
        np.bincount(cells, weights * angle.deg)[used] / number[used]
        for angle in (directions.ra, directions.dec)
    ]
    return SkyCoord(*mean, unit="deg", frame="icrs"), number[used]


def intervals_of(gti):
    """Return starts and lengths of good time intervals."""
    return [
        (start, length)
        for start, length in zip(gti.time_start, gti.time_delta.to("s"), strict=True)
        if length > 0
    ]


def largest_offset(observation) -> u.Quantity:
    """Return how far the directions of an observation are from that at its middle."""
    if not is_drift(observation.pointing):
        return 0 * u.deg
    middle = middle_pointing(observation)
    return SkyCoord([direction for direction, _ in pointings(observation)]).separation(middle).max()
