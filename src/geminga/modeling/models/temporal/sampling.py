"""Random times from a temporal model in several intervals."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u
from astropy.time import Time

from geminga.errors import ModelError
from geminga.numerics.random import get_random_state
from geminga.sky.timing import as_time
from geminga.units import to_value

__all__ = ["intervals_of", "sample_by_rejection", "sample_times_of"]

log = logging.getLogger(__name__)

_MOST_NODES = 4_000_000


def intervals_of(t_min, t_max):
    """Return the ends of intervals as arrays, without empty intervals, and their lengths in seconds."""
    t_min, t_max = as_time(t_min, "t_min"), as_time(t_max, "t_max")
    start, stop = t_min.reshape(-1), t_max.reshape(-1)
    if start.shape != stop.shape:
        raise ModelError(f"t_min and t_max must have equal length, got {start.size} and {stop.size}.")
    length = np.asarray((stop - start).to_value("s"))
    if np.any(length < 0):
        raise ModelError(f"t_max must not be before t_min, got an interval of {length.min():g} s.")
    return start, length


def _times_at(start, interval, seconds):
    """Return times given by an interval and seconds since its start."""
    times = start[interval] + seconds * u.s
    times = getattr(times, start.scale)
    times.format = start.format
    return times


def _nothing(start):
    return start[:0] if start.size else Time([], format="mjd", scale=start.scale)


def sample_times_of(model, n_events, t_min, t_max, t_delta="1 s", random_state=0):
    """Draw times from a model evaluated on a grid; see `TemporalModel.sample_time`."""
    start, length = intervals_of(t_min, t_max)
    if n_events == 0:
        return _nothing(start)
    if length.sum() <= 0:
        raise ModelError("intervals to sample times from must have a length, got none. Check the GTI.")
    generator = get_random_state(random_state)
    step = max(float(to_value(t_delta, "s", name="t_delta")), length.sum() / _MOST_NODES)
    n_cells = np.maximum(np.ceil(length / step).astype(int), 1)
    first = np.concatenate([[0], np.cumsum(n_cells + 1)])[:-1]
    interval = np.repeat(np.arange(len(length)), n_cells + 1)
    place = np.arange(interval.size) - first[interval]
    seconds = length[interval] * (place / n_cells[interval])
    rate = np.asarray(model(_times_at(start, interval, seconds)), dtype=float)
    if rate.shape != seconds.shape:
        raise ModelError(
            f"model must give one factor for each time, got shape {rate.shape} for {seconds.size} times. "
            "Choose an energy for models that depend on energy."
        )
    rate = np.clip(np.nan_to_num(rate), 0, None)
    inside = interval[1:] == interval[:-1]
    area = np.where(inside, 0.5 * (rate[1:] + rate[:-1]) * np.diff(seconds), 0.0)
    cumulative = np.cumsum(area)
    if not cumulative[-1] > 0:
        raise ModelError("model must be positive somewhere in the intervals to sample times, got zero.")
    draw = generator.uniform(size=int(n_events)) * cumulative[-1]
    cell = np.minimum(np.searchsorted(cumulative, draw, side="right"), len(area) - 1)
    fraction = (draw - (cumulative[cell] - area[cell])) / area[cell]
    offset = _invert_line(rate[cell], rate[cell + 1], fraction)
    drawn = seconds[cell] + offset * (seconds[cell + 1] - seconds[cell])
    return _times_at(start, interval[cell], drawn)


def _invert_line(low, high, fraction):
    """Return where the integral of a straight line over [0, 1] reaches a fraction of the whole."""
    root = np.sqrt(low**2 + fraction * (high**2 - low**2))
    total = low + root
    return np.clip(fraction * (low + high) / np.where(total > 0, total, 1.0), 0.0, 1.0)


def sample_by_rejection(function, highest, n_events, t_min, t_max, random_state=0):
    """Draw times from a function of time that is nowhere above `highest`.

    Parameters
    ----------
    function : callable
        Takes indices of intervals and plain seconds since their starts, returns factors.
    highest : float
        Upper limit of the function.
    n_events : int
    t_min, t_max : `~astropy.time.Time`, scalar or shape (n,)
        Ends of the intervals.
    random_state : int, str or `~numpy.random.RandomState`

    Returns
    -------
    `~astropy.time.Time`, shape (n_events,)
    """
    start, length = intervals_of(t_min, t_max)
    if n_events == 0:
        return _nothing(start)
    if length.sum() <= 0 or not highest > 0:
        raise ModelError("model must be positive in intervals with a length to sample times, got none.")
    generator = get_random_state(random_state)
    ends = np.cumsum(length)
    kept, n_kept, n_tried, n_wanted = [], 0, 0, int(n_events)
    while n_kept < n_wanted:
        n_try = int(1.2 * (n_wanted - n_kept) * max(1.0, n_tried / max(n_kept, 1))) + 16
        position = generator.uniform(0, ends[-1], size=n_try)
        interval = np.minimum(np.searchsorted(ends, position, side="right"), len(ends) - 1)
        seconds = position - (ends[interval] - length[interval])
        rate = np.asarray(function(interval, seconds), dtype=float)
        accepted = generator.uniform(0, highest, size=n_try) < rate
        kept.append((interval[accepted], seconds[accepted]))
        n_kept, n_tried = n_kept + int(accepted.sum()), n_tried + n_try
        if n_tried > 1000 * n_wanted + 1_000_000:
            raise ModelError("model must be positive in a fair part of the intervals to sample times.")
    interval = np.concatenate([part[0] for part in kept])[:n_wanted]
    seconds = np.concatenate([part[1] for part in kept])[:n_wanted]
    return _times_at(start, interval, seconds)
