"""Wider bins for flux points and light curves."""

from __future__ import annotations

import numpy as np

from ...errors import DataError, UnknownNameError
from ...maps import MapAxis, TimeMapAxis

__all__ = ["get_rebinned_axis"]

METHODS = ("fixed-bins", "min-ts")


def get_rebinned_axis(fluxpoint, axis_name="energy", method=None, **kwargs):
    """Return an axis whose bins join neighbouring bins of flux points.

    Parameters
    ----------
    fluxpoint : `~geminga.estimators.FluxPoints`
    axis_name : str
        Axis to be rebinned, "energy" or "time".
    method : {"fixed-bins", "min-ts"}
        A fixed number of bins each, or as many as are needed for a sum of TS.
    **kwargs
        ``group_size`` (2) for "fixed-bins", ``ts_threshold`` (4) for "min-ts". Bins that are left at the end make
        one of their own if there are fixed numbers, and join the last one otherwise.

    Returns
    -------
    `~geminga.maps.MapAxis` or `~geminga.maps.TimeMapAxis`
    """
    if method not in METHODS:
        raise UnknownNameError("method to rebin an axis", method, METHODS)
    argument = "group_size" if method == "fixed-bins" else "ts_threshold"
    for name in kwargs:
        if name != argument:
            raise UnknownNameError(f"argument of method {method!r} to rebin an axis", name, (argument,))
    axis = fluxpoint.geom.axes[axis_name]
    if method == "fixed-bins":
        size = int(kwargs.get("group_size", 2))
        if size < 1:
            raise DataError(f"group_size must be at least 1, got {size}. Join two or more bins.")
        starts = list(range(0, axis.nbin, size))
    else:
        starts = _starts_by_ts(fluxpoint, axis_name, kwargs.get("ts_threshold", 4.0))
    stops = [*starts[1:], axis.nbin]
    if isinstance(axis, TimeMapAxis):
        last = np.array(stops) - 1
        return TimeMapAxis.from_time_edges(
            time_min=axis.time_min[starts], time_max=axis.time_max[last], interp=axis.interp
        )
    return MapAxis.from_edges(axis.edges[[*starts, axis.nbin]], name=axis.name, interp=axis.interp)


def _starts_by_ts(fluxpoint, axis_name, threshold):
    """Return the first bins of groups whose TS adds up to the threshold."""
    ts = np.asarray(fluxpoint.ts.data, dtype=float)
    position = fluxpoint.geom.axes.index_data(axis_name)
    total = np.nansum(ts, axis=tuple(i for i in range(ts.ndim) if i != position))
    starts, running = [0], 0.0
    for index, value in enumerate(total):
        running += value
        if running >= threshold:
            starts.append(index + 1)
            running = 0.0
    # what is left after the last full group, if anything, joins it
    return starts[:-1] or [0]
