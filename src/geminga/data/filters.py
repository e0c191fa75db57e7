"""Filters that an observation applies to its events and time intervals when they are asked for."""

from __future__ import annotations

import copy

import numpy as np
from astropy import units as u

from ..errors import DataError, UnknownNameError

__all__ = ["ObservationFilter"]


class ObservationFilter:
    """Selection of events and time.

    Parameters
    ----------
    time_filter : `~astropy.time.Time`, shape (2,), optional
        Start and stop.
    event_filters : list of dict, optional
        Each has "type" ("sky_region" or "custom") and "opts", the arguments of `EventList.select_region` or
        `EventList.select_parameter`.
    inverted_time : bool
        Keep what lies outside the time filter instead.

    Examples
    --------
    >>> phases = {"type": "custom", "opts": {"parameter": "PHASE", "values": (0.2, 0.5)}}
    >>> round(ObservationFilter(event_filters=[phases]).livetime_fraction, 9)
    0.3
    """

    EVENT_FILTER_TYPES = {"sky_region": "select_region", "custom": "select_parameter"}
    _OPTIONS = {"sky_region": ({"regions"}, {"wcs"}), "custom": ({"parameter", "values"}, {"is_range"})}

    def __init__(self, time_filter=None, event_filters=None, inverted_time=False):
        self.time_filter = time_filter
        self.event_filters = list(event_filters or [])
        self.inverted_time = inverted_time
        self._earlier: ObservationFilter | None = None
        for item in self.event_filters:
            if set(item) - {"type", "opts"} or "type" not in item:
                raise DataError(
                    f"an event filter must have the keys 'type' and 'opts', got {sorted(item)}. Correct it."
                )
            if item["type"] not in self.EVENT_FILTER_TYPES:
                raise UnknownNameError("event filter type", item["type"], self.EVENT_FILTER_TYPES)
            needed, possible = self._OPTIONS[item["type"]]
            given = set(item.get("opts", {}))
            if not needed <= given <= needed | possible:
                raise DataError(
                    f"opts of the event filter {item['type']!r} must be {sorted(needed)} and possibly "
                    f"{sorted(possible)}, got {sorted(given)}. Correct the names."
                )

    def and_time(self, time_filter, inverted_time=False) -> ObservationFilter:
        """Return a filter that selects a time interval from what this one leaves."""
        narrower = ObservationFilter(time_filter, (), inverted_time)
        narrower._earlier = self
        return narrower

    @property
    def is_trivial(self) -> bool:
        """Whether everything passes."""
        return (
            self.time_filter is None
            and not self.event_filters
            and (self._earlier is None or self._earlier.is_trivial)
        )

    @property
    def selects_time(self) -> bool:
        """Whether a time interval is selected."""
        return self.time_filter is not None or (self._earlier is not None and self._earlier.selects_time)

    def filter_events(self, events):
        """Return the events that pass.

        Parameters
        ----------
        events : EventList

        Returns
        -------
        EventList
        """
        if self._earlier is not None:
            events = self._earlier.filter_events(events)
        if self.time_filter is not None:
            events = events.select_time(self.time_filter, inverted=self.inverted_time)
        for item in self.event_filters:
            events = getattr(events, self.EVENT_FILTER_TYPES[item["type"]])(**item.get("opts", {}))
        return events

    def filter_gti(self, gti):
        """Return the time intervals that pass.

        Parameters
        ----------
        gti : GTI

        Returns
        -------
        GTI
        """
        if self._earlier is not None:
            gti = self._earlier.filter_gti(gti)
        if self.time_filter is not None:
            gti = gti.select_time(self.time_filter, inverted=self.inverted_time)
        return gti

    @property
    def livetime_fraction(self) -> float:
        """Fraction of the live time that is left: the width of the phases that all PHASE ranges have in common."""
        low, high = self._phases()
        return max(0.0, high - low)

    def _phases(self) -> tuple[float, float]:
        """Return the range of phases that is left."""
        low, high = self._earlier._phases() if self._earlier is not None else (0.0, 1.0)
        for item in self.event_filters:
            options = item.get("opts", {})
            if (
                item["type"] == "custom"
                and options.get("parameter") == "PHASE"
                and options.get("is_range", True)
            ):
                values = np.asarray(u.Quantity(options["values"]).to_value(u.one), dtype=float)
                low, high = max(low, float(values[0])), min(high, float(values[1]))
        return low, high

    def copy(self) -> ObservationFilter:
        """Return an independent copy."""
        return copy.deepcopy(self)

    def __repr__(self):
        time = (
            ""
            if self.time_filter is None
            else f" time {'outside ' * self.inverted_time}{list(self.time_filter)}"
        )
        return f"<ObservationFilter:{time} {len(self.event_filters)} event filters>"
