"""Axis of time intervals, which may have gaps between them."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ...doors import Door
from ...errors import AxisMismatchError, GeometryError, UnitError
from ...units import to_quantity
from .io.formats import AXIS_HEADERS, AXIS_TABLES
from .pixels import rounded_pixels
from .time_construction import TimeAxisConstruction
from .time_drawing import TimeAxisDrawing

__all__ = ["TimeMapAxis"]

_GTI = Door("geminga.data.gti:GTI")


class TimeMapAxis(TimeAxisConstruction, TimeAxisDrawing):
    """Axis of time intervals.

    Intervals are stored as offsets from a reference time. They are sorted and do not overlap, but may have gaps.
    A time `t` belongs to the interval with ``min < t <= max``.

    Parameters
    ----------
    edges_min, edges_max : `~astropy.units.Quantity`, shape (nbin,)
        Starts and ends relative to `reference_time`.
    reference_time : `~astropy.time.Time`
        Scalar.
    name : str
        Name of the axis.
    interp : {"lin"}
        Time axes are linear.

    Raises
    ------
    GeometryError
        If intervals are empty, overlap or are not sorted.

    Examples
    --------
    >>> axis = TimeMapAxis([0, 2] * u.h, [1, 3] * u.h, "2024-05-01")
    >>> axis.is_contiguous
    False
    >>> axis.coord_to_idx(Time("2024-05-01 02:30:00"))
    array(1)
    """

    node_type = "intervals"
    is_energy_axis = False

    def __init__(self, edges_min, edges_max, reference_time, name="time", interp="lin"):
        if not isinstance(name, str):
            raise TypeError(f"name of an axis must be a string, got {name!r}. Give for example 'time'.")
        if interp != "lin":
            raise NotImplementedError(f"interp of a time axis must be 'lin', got {interp!r}.")
        edges_min = np.atleast_1d(to_quantity(edges_min, name="edges_min"))
        edges_max = np.atleast_1d(to_quantity(edges_max, name="edges_max"))
        for label, edges in (("edges_min", edges_min), ("edges_max", edges_max)):
            if not edges.unit.is_equivalent("s"):
                raise UnitError(
                    f"{label} must be in a unit of time, got {edges.unit.to_string()!r}. Give for example hours."
                )
        if edges_min.shape != edges_max.shape or edges_min.ndim != 1 or edges_min.size == 0:
            raise GeometryError(
                f"edges_min and edges_max must have one shape (nbin,), got {edges_min.shape} and {edges_max.shape}."
            )
        reference_time = Time(reference_time)
        if not reference_time.isscalar:
            raise GeometryError(
                f"reference_time must be one time, got {len(reference_time)}. Give the first."
            )
        self._min = np.array(edges_min.value, dtype=float)
        self._max = np.array(edges_max.to_value(edges_min.unit), dtype=float)
        self._unit, self._name, self._interp = edges_min.unit, name, interp
        self._reference_time = reference_time
        if not (
            np.isfinite(self._min).all() and np.isfinite(self._max).all() and (self._max > self._min).all()
        ):
            raise GeometryError("time intervals must end after they start, got an empty or infinite one.")
        if (np.diff(self._min) <= 0).any():
            raise GeometryError(f"time intervals must be sorted, got starts {self._min}. Sort them.")
        # neighbours may overlap by rounding: 1 microsecond, the tolerance used for time intervals throughout
        if (self._min[1:] - self._max[:-1] < -1e-6 * u.s.to(self._unit)).any():
            raise GeometryError("time intervals must not overlap, got some that do. Merge them.")

    # ------------------------------------------------------------------ attributes

    @property
    def name(self) -> str:
        """Name of the axis."""
        return self._name

    @property
    def interp(self) -> str:
        """Always "lin"."""
        return self._interp

    @property
    def unit(self) -> u.UnitBase:
        """Unit of the edges."""
        return self._unit

    @property
    def nbin(self) -> int:
        """Number of intervals."""
        return len(self._min)

    @property
    def reference_time(self) -> Time:
        """Time from which the edges count."""
        return self._reference_time

    @property
    def time_format(self) -> str:
        """Format of the reference time."""
        return self._reference_time.format

    @property
    def edges_min(self) -> u.Quantity:
        """Starts relative to the reference time."""
        return self._min.copy() << self._unit

    @property
    def edges_max(self) -> u.Quantity:
        """Ends relative to the reference time."""
        return self._max.copy() << self._unit

    @property
    def is_contiguous(self) -> bool:
        """Whether there are no gaps (longer than a microsecond)."""
        gaps = self._min[1:] - self._max[:-1]
        return bool((gaps <= 1e-6 * u.s.to(self._unit)).all())

    @property
    def edges(self) -> u.Quantity:
        """All edges, shape (nbin + 1,); axes without gaps only."""
        if not self.is_contiguous:
            raise GeometryError(
                f"time axis {self.name!r} must have no gaps to have edges. Use edges_min, edges_max."
            )
        return np.append(self._min, self._max[-1]) << self._unit

    @property
    def bounds(self) -> tuple[u.Quantity, u.Quantity]:
        """Start of the first and end of the last interval."""
        return self.edges_min[0], self.edges_max[-1]

    @property
    def center(self) -> u.Quantity:
        """Middles relative to the reference time."""
        return 0.5 * (self._min + self._max) << self._unit

    @property
    def bin_width(self) -> u.Quantity:
        """Lengths of the intervals, in hours."""
        return self.time_delta.to("h")

    @property
    def time_min(self) -> Time:
        """Starts."""
        return self._reference_time + self.edges_min

    @property
    def time_max(self) -> Time:
        """Ends."""
        return self._reference_time + self.edges_max

    @property
    def time_mid(self) -> Time:
        """Middles."""
        return self._reference_time + self.center

    @property
    def time_delta(self):
        """Lengths as `~astropy.time.TimeDelta`."""
        return self.time_max - self.time_min

    @property
    def time_bounds(self) -> tuple[Time, Time]:
        """Start of the first and end of the last interval."""
        return self.time_min[0], self.time_max[-1]

    @property
    def time_edges(self) -> Time:
        """All edges; axes without gaps only."""
        return self._reference_time + self.edges

    @property
    def iter_by_edges(self):
        """Iterate over ``(start, end)`` relative to the reference time."""
        yield from zip(self.edges_min, self.edges_max, strict=True)

    @property
    def iter_by_time_edges(self):
        """Iterate over ``(start, end)`` as times."""
        yield from zip(self.time_min, self.time_max, strict=True)

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _coord_values(self, coord) -> np.ndarray:
        """Return times as plain offsets from the reference time in the unit of the axis."""
        if isinstance(coord, u.Quantity):
            return np.asarray(to_quantity(coord, self._unit, f"coordinate of axis {self._name!r}").value)
        if not isinstance(coord, Time):
            try:
                coord = Time(coord)
            except ValueError:
                coord = to_quantity(coord, self._unit, f"coordinate of axis {self._name!r}")
                return np.asarray(coord.value)
        return np.asarray((coord - self._reference_time).to_value(self._unit))

    def _idx_of_values(self, values) -> np.ndarray:
        idx = np.searchsorted(self._min, values, side="left") - 1
        inside = (idx >= 0) & (values <= self._max[np.maximum(idx, 0)])
        return np.where(inside, idx, -1)

    def coord_to_idx(self, coord, **kwargs) -> np.ndarray:
        """Return the interval in which each time lies, -1 for none.

        Parameters
        ----------
        coord : `~astropy.time.Time` or `~astropy.units.Quantity`
            Quantities count from the reference time.
        """
        return self._idx_of_values(self._coord_values(coord))

    def coord_to_pix(self, coord, **kwargs) -> np.ndarray:
        """Return pixel coordinates of times, NaN in gaps and outside.

        Interval `k` goes from ``k - 0.5`` to ``k + 0.5``.
        """
        values = self._coord_values(coord)
        idx = self._idx_of_values(values)
        safe = np.maximum(idx, 0)
        pix = safe - 0.5 + (values - self._min[safe]) / (self._max - self._min)[safe]
        return np.where(idx < 0, np.nan, pix)

    def pix_to_coord(self, pix) -> Time:
        """Return times at pixel coordinates; beyond the ends the outermost intervals go on."""
        pix = np.asarray(pix, dtype=float)
        k = np.clip(np.ceil(pix - 0.5), 0, self.nbin - 1).astype(int)
        values = self._min[k] + (pix - k + 0.5) * (self._max - self._min)[k]
        return self._reference_time + (values << self._unit)

    def pix_to_idx(self, pix, clip=False) -> np.ndarray:
        """Return the interval of each pixel coordinate, ``k - 0.5 < pix <= k + 0.5``; -1 outside unless clipped."""
        # seen from the other end, an interval contains its lower border and not its upper one
        from_end = rounded_pixels(self.nbin - 1 - np.asarray(pix, dtype=float), self.nbin, clip)
        inside = (from_end >= 0) & (clip | (np.asarray(pix) > -0.5))
        return np.where(inside, self.nbin - 1 - from_end, -1)

    # ------------------------------------------------------------------ new axes from this one

    def copy(self, **kwargs) -> TimeMapAxis:
        """Return a copy with some constructor arguments replaced."""
        arguments = {
            "edges_min": self.edges_min,
            "edges_max": self.edges_max,
            "reference_time": self._reference_time.copy(),
            "name": self._name,
            "interp": self._interp,
        }
        return self.__class__(**(arguments | kwargs))

    def rename(self, new_name) -> TimeMapAxis:
        """Return a copy with another name."""
        return self.copy(name=new_name)

    def slice(self, idx) -> TimeMapAxis:
        """Return an axis with some of the intervals."""
        return self.copy(
            edges_min=np.atleast_1d(self.edges_min[idx]), edges_max=np.atleast_1d(self.edges_max[idx])
        )

    def concatenate(self, axis) -> TimeMapAxis:
        """Return an axis with the intervals of this one and those of another, by time."""
        if not isinstance(axis, TimeMapAxis) or axis.name != self.name:
            raise AxisMismatchError(f"axes to join must be time axes named {self.name!r}, got {axis!r}.")
        shift = (axis.reference_time - self.reference_time).to(self._unit)
        start = np.concatenate([self.edges_min, axis.edges_min + shift])
        stop = np.concatenate([self.edges_max, axis.edges_max + shift])
        order = np.argsort(start)
        return self.copy(edges_min=start[order], edges_max=stop[order])

    @classmethod
    def from_stack(cls, axes) -> TimeMapAxis:
        """Join time axes that follow each other."""
        axes = list(axes)
        joined = axes[0]
        for axis in axes[1:]:
            if axis.time_min[0] < joined.time_max[-1] - 1e-6 * u.s:
                raise AxisMismatchError(
                    "time axes to join must follow each other, got overlapping ones. Sort them."
                )
            joined = joined.concatenate(axis)
        return joined

    def squash(self) -> TimeMapAxis:
        """Return an axis with one interval from the first start to the last end."""
        return self.copy(edges_min=self.edges_min[:1], edges_max=self.edges_max[-1:])

    def to_contiguous(self) -> TimeMapAxis:
        """Return an axis in which the gaps are intervals of their own."""
        edges = np.unique(np.concatenate([self._min, self._max])) << self._unit
        far_apart = np.append(True, np.diff(edges).to_value("s") > 1e-6)
        edges = edges[far_apart]
        return self.copy(edges_min=edges[:-1], edges_max=edges[1:])

    def upsample(self):
        """Not possible for intervals with gaps."""
        raise NotImplementedError(
            f"time axis {self.name!r} must be rebuilt to have finer bins, got upsample()."
        )

    def downsample(self):
        """Not possible for intervals with gaps."""
        raise NotImplementedError(
            f"time axis {self.name!r} must be rebuilt to have wider bins, got downsample()."
        )

    def group_table(self, interval_edges):
        """Return which bins lie within wanted intervals.

        Parameters
        ----------
        interval_edges : `~astropy.time.Time` or list of `~astropy.time.Time`
            Start, stop, start, stop, ... of the intervals, or a list of (start, stop) pairs.

        Returns
        -------
        `~astropy.table.Table`
            Columns ``idx_min``, ``idx_max``, ``time_min``, ``time_max`` (MJD) and ``bin_type``: "normal   ", or
            "overflow" with indices -1 for intervals that contain no bin.
        """
        from astropy.table import Table

        edges = [time for item in interval_edges for time in _times_of(item)]
        if len(edges) % 2:
            edges = edges[:-1]
        # a bin belongs to an interval that contains it; a microsecond is within the rounding of times
        tolerance = 1e-6 * u.s.to(self._unit)
        rows = []
        for start, stop in zip(edges[::2], edges[1::2], strict=True):
            low, high = self._coord_values(start), self._coord_values(stop)
            inside = np.flatnonzero((self._min >= low - tolerance) & (self._max <= high + tolerance))
            if len(inside):
                rows.append(
                    (
                        inside[0],
                        inside[-1],
                        self.time_min[inside[0]].mjd,
                        self.time_max[inside[-1]].mjd,
                        "normal   ",
                    )
                )
            else:
                rows.append((-1, -1, start.mjd, stop.mjd, "overflow"))
        names = ["idx_min", "idx_max", "time_min", "time_max", "bin_type"]
        return Table(rows=rows, names=names, dtype=[int, int, float, float, "U10"])

    # ------------------------------------------------------------------ comparison

    def assert_name(self, required_name) -> None:
        """Raise an error unless the axis has this name."""
        if self.name != required_name:
            raise AxisMismatchError(
                f"axis must have the name {required_name!r}, got {self.name!r}. Rename it with rename()."
            )

    def is_allclose(self, other, **kwargs) -> bool:
        """Return whether two axes have the same name and times within tolerances.

        Parameters
        ----------
        other : `TimeMapAxis`
        **kwargs
            ``rtol`` and ``atol`` (in the unit of this axis) of `numpy.allclose`, default 1e-6 both.

        Raises
        ------
        TypeError
            If `other` is no `TimeMapAxis`.
        """
        if not isinstance(other, TimeMapAxis):
            raise TypeError(
                f"other must be a TimeMapAxis, got {type(other).__name__}. Compare axes of one kind."
            )
        if self.nbin != other.nbin or self.name.upper() != other.name.upper():
            return False
        tolerances = {"rtol": 1e-6, "atol": 1e-6} | kwargs
        shift = (other.reference_time - self.reference_time).to_value(self._unit)
        scale = other._unit.to(self._unit)
        return bool(
            np.allclose(self._min, other._min * scale + shift, **tolerances)
            and np.allclose(self._max, other._max * scale + shift, **tolerances)
        )

    def is_aligned(self, other, atol=2e-2) -> bool:
        """Return whether the edges of `other` that lie within this axis are edges of it too.

        Parameters
        ----------
        other : `TimeMapAxis`
        atol : float
            Tolerance in pixels.
        """
        for times in (other.time_min, other.time_max):
            pix = self.coord_to_pix(times)
            pix = pix[np.isfinite(pix)] + 0.5
            if not np.allclose(np.round(pix), pix, rtol=0, atol=atol):
                return False
        return True

    def __eq__(self, other):
        if not isinstance(other, TimeMapAxis):
            return NotImplemented
        return self.is_allclose(other, rtol=1e-6, atol=1e-6)

    __hash__ = object.__hash__

    # ------------------------------------------------------------------ tables

    def to_gti(self):
        """Return the intervals as good time intervals."""
        gti = _GTI.resolve()
        return gti.create(self.edges_min, self.edges_max, self.reference_time)

    def to_table(self):
        """Return starts and ends as a table with the columns START and STOP."""
        from astropy.table import Table

        return Table({"START": self.time_min, "STOP": self.time_max})

    def to_header(self, format="gadf", idx=0):
        """Return the keywords that describe the axis in a table header."""
        return AXIS_HEADERS.write(self, format=format, idx=idx)

    @classmethod
    def from_table(cls, table, format="gadf", idx=0) -> TimeMapAxis:
        """Read a time axis from a table."""
        return AXIS_TABLES.read(table, format=format, idx=idx)

    def __repr__(self):
        start, end = self.time_bounds
        return (
            f"TimeMapAxis\n-----------\n\n"
            f"  name           : {self._name}\n"
            f"  nbins          : {self.nbin}\n"
            f"  reference time : {self._reference_time.iso}\n"
            f"  scale          : {self._reference_time.scale}\n"
            f"  time min.      : {start.iso}\n"
            f"  time max.      : {end.iso}\n"
            f"  total time     : {self.bin_width.sum():.1f}\n"
        )


def _times_of(item):
    """Return the single times in a time or in a pair of times."""
    if isinstance(item, Time) and item.isscalar:
        return [item]
    return [Time(time) for time in item] if not isinstance(item, str) else [Time(item)]
