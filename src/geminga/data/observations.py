"""A list of observations."""

from __future__ import annotations

import logging
from collections.abc import Iterator, MutableSequence, Sequence

import numpy as np
from astropy.time import Time

from ..errors import DataError, UnknownNameError
from .observation import Observation

__all__ = ["Observations"]

log = logging.getLogger(__name__)


class Observations(MutableSequence):
    """List of observations, addressed by position or by identifier.

    Parameters
    ----------
    observations : sequence of Observation, optional

    Examples
    --------
    >>> observations = Observations([Observation(obs_id=1), Observation(obs_id=2)])
    >>> observations["2"].obs_id, observations.ids
    (2, ['1', '2'])
    """

    def __init__(self, observations=None):
        self._observations: list[Observation] = []
        self.extend(observations or [])

    @property
    def ids(self) -> list[str]:
        """Identifiers, as text."""
        return [str(observation.obs_id) for observation in self._observations]

    def __getitem__(self, key):
        if isinstance(key, slice):
            return Observations(self._observations[key])
        if isinstance(key, list | tuple | np.ndarray):
            keys = np.flatnonzero(key) if np.asarray(key).dtype == bool else key
            return Observations([self[item] for item in keys])
        return self._observations[self.index(key)]

    def __setitem__(self, key, observation):
        if isinstance(key, slice):
            self._observations[key] = [self._checked(item) for item in observation]
        else:
            self._observations[self.index(key)] = self._checked(observation)

    def __delitem__(self, key):
        if isinstance(key, slice):
            del self._observations[key]
        else:
            del self._observations[self.index(key)]

    def __len__(self) -> int:
        return len(self._observations)

    @staticmethod
    def _checked(observation) -> Observation:
        if not isinstance(observation, Observation):
            raise TypeError(f"item must be an Observation, got {type(observation).__name__}. Wrap it in one.")
        return observation

    def insert(self, idx, obs) -> None:
        """Insert an observation before a position."""
        if str(self._checked(obs).obs_id) in self.ids:
            log.warning("Observation %s is in the list already; both are kept.", obs.obs_id)
        self._observations.insert(idx, obs)

    def extend(self, values) -> None:
        """Append observations."""
        values = [self._checked(observation) for observation in values]
        self._observations.extend(values)

    def index(self, key) -> int:
        """Return the position of an observation.

        Parameters
        ----------
        key : int, str or Observation
            Position, identifier, or the observation itself.
        """
        if isinstance(key, int | np.integer):
            if not -len(self) <= key < len(self):
                raise IndexError(f"position must be below {len(self)}, got {key}. Use text for identifiers.")
            return int(key) % len(self)
        if isinstance(key, Observation):
            for position, observation in enumerate(self._observations):
                if observation is key:
                    return position
            key = key.obs_id
        if str(key) not in self.ids:
            raise UnknownNameError("observation", key, self.ids)
        return self.ids.index(str(key))

    def select_time(self, time_intervals, inverted=False) -> Observations:
        """Select time intervals.

        Parameters
        ----------
        time_intervals : `~astropy.time.Time`, shape (2,), or list of them
            One interval or several.
        inverted : bool
            Leave each interval out instead.

        Returns
        -------
        Observations
            One observation for each interval and observation that have time in common, interval by interval.
        """
        selected = []
        for interval in _intervals(time_intervals):
            for observation in self:
                part = observation.select_time(interval, inverted=inverted)
                if part.gti is not None and len(part.gti):
                    selected.append(part)
        return Observations(selected)

    def group_by_label(self, labels) -> dict[str, Observations]:
        """Split into groups.

        Parameters
        ----------
        labels : array_like
            Label of each observation.

        Returns
        -------
        dict
            Observations by ``"group_<label>"``.
        """
        labels = np.asarray(labels)
        if labels.shape != (len(self),):
            raise DataError(
                f"labels must be one for each of {len(self)} observations, got shape {labels.shape}."
            )
        return {f"group_{label}": self[labels == label] for label in np.unique(labels)}

    @classmethod
    def from_stack(cls, observations_list: Sequence[Observations]) -> Observations:
        """Create by putting lists one after the other.

        Parameters
        ----------
        observations_list : sequence of Observations
        """
        return cls([observation for observations in observations_list for observation in observations])

    def in_memory_generator(self) -> Iterator[Observation]:
        """Give copies with everything in memory, one after the other.

        Yields
        ------
        Observation
        """
        for observation in self:
            yield observation.copy(in_memory=True)

    def __repr__(self):
        return f"<Observations: {len(self)}>"

    def __str__(self):
        return "\n".join(["Observations", f"Number of observations: {len(self)}", *map(str, self)])

    def _repr_html_(self):
        rows = "".join(
            f"<tr><td>{item.obs_id}</td><td>{', '.join(item.available_hdus)}</td></tr>" for item in self
        )
        return f"<table><tr><th>obs id</th><th>parts</th></tr>{rows}</table>"


def _intervals(time_intervals) -> list:
    """Return a list of intervals, from one or several."""
    if isinstance(time_intervals, Time):
        return [time_intervals] if time_intervals.ndim == 1 else list(time_intervals)
    items = list(time_intervals)
    is_one = len(items) == 2 and all(
        isinstance(i, str) or (isinstance(i, Time) and i.isscalar) for i in items
    )
    return [items] if is_one else items
