"""Where an observation points, and for how long: one direction, or several where the sky drifts through the field."""

from __future__ import annotations

from astropy import units as u

from ..data import PointingMode

__all__ = ["SIDEREAL_RATE", "intervals_of", "is_drift", "largest_offset", "pointings", "time_quadrature"]

SIDEREAL_RATE = 360 * u.deg / u.sday
SHORTEST_STEP = 1 * u.s


def is_drift(pointing) -> bool:
    """Return whether a pointing is fixed to the horizon."""
    return getattr(pointing, "mode", None) is PointingMode.DRIFT


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
        One direction, at the middle of the observation, unless it drifts.
    """
    if not is_drift(observation.pointing):
        return [(observation.get_pointing_icrs(observation.tmid), 1.0)]
    duration = (step / SIDEREAL_RATE).to("s")
    nodes = time_quadrature(intervals_of(observation.gti), lambda _: duration)
    total = sum(weight for _, weight in nodes)
    return [(observation.get_pointing_icrs(time), float(weight / total)) for time, weight in nodes]


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
    middle = observation.get_pointing_icrs(observation.tmid)
    return max(middle.separation(direction) for direction, _ in pointings(observation))
