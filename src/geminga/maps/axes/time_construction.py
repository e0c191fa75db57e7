"""Ways to make a time axis."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ...units import to_quantity

__all__ = ["TimeAxisConstruction"]


class TimeAxisConstruction:
    """Mix-in: constructors of `TimeMapAxis` from times and good time intervals."""

    @classmethod
    def from_time_edges(cls, time_min, time_max, unit="d", interp="lin", name="time"):
        """Make a time axis from starts and ends; the first start is the reference time.

        Parameters
        ----------
        time_min, time_max : `~astropy.time.Time`, shape (nbin,)
        unit : unit-like
            Unit of the edges.
        interp : {"lin"}
        name : str
        """
        time_min, time_max = Time(np.atleast_1d(time_min)), Time(np.atleast_1d(time_max))
        reference = Time(time_min[0])
        reference.format = time_min.format
        return cls(
            (time_min - reference).to(unit),
            (time_max - reference).to(unit),
            reference,
            name=name,
            interp=interp,
        )

    @classmethod
    def from_time_bounds(cls, time_min, time_max, nbin, unit="d", name="time"):
        """Make a time axis of `nbin` equal intervals between two times.

        Examples
        --------
        >>> from geminga.maps import TimeMapAxis
        >>> TimeMapAxis.from_time_bounds("2024-05-01", "2024-05-03", nbin=2).edges
        <Quantity [0., 1., 2.] d>
        """
        time_min, time_max = Time(time_min), Time(time_max)
        edges = np.linspace(0, (time_max - time_min).to_value(unit), int(nbin) + 1) * u.Unit(unit)
        return cls(edges[:-1], edges[1:], time_min, name=name)

    @classmethod
    def from_gti(cls, gti, name="time"):
        """Make a time axis whose intervals are good time intervals."""
        reference = gti.time_ref
        start, stop = gti.time_start - reference, gti.time_stop - reference
        return cls(start.to("s"), stop.to("s"), reference, name=name)

    @classmethod
    def from_gti_bounds(cls, gti, t_delta, name="time"):
        """Make a time axis of equal intervals from the first start to the last end of good time intervals.

        Parameters
        ----------
        gti : `~geminga.data.GTI`
        t_delta : `~astropy.units.Quantity`
            Least length of an interval: as many are made as fit.
        name : str
        """
        t_delta = to_quantity(t_delta, "s", "t_delta")
        start, stop = gti.time_start[0], gti.time_stop[-1]
        length = (stop - start).to("s")
        nbin = max(1, int(np.floor((length / t_delta).to_value("") * (1 + 1e-12))))
        first = (start - gti.time_ref).to("s")
        edges = first + np.linspace(0, 1, nbin + 1) * length
        return cls(edges[:-1], edges[1:], gti.time_ref, name=name)
