"""Set operations on intervals, given as plain arrays of starts and stops.

All functions take and return ``start, stop`` in seconds and keep intervals half open.
"""

from __future__ import annotations

import numpy as np

from ..errors import DataError

__all__ = ["TOLERANCE", "clip", "contains", "locate", "subtract", "unite"]

TOLERANCE = 1e-6
"""Times closer than this many seconds are the same."""


def clip(start, stop, low, high):
    """Cut intervals to a window; what lies outside is dropped.

    Examples
    --------
    >>> clip(np.array([0.0, 10.0]), np.array([5.0, 20.0]), 2.0, 12.0)
    (array([ 2., 10.]), array([ 5., 12.]))
    """
    start, stop = np.maximum(start, low), np.minimum(stop, high)
    keep = stop > start
    return start[keep], stop[keep]


def subtract(start, stop, low, high):
    """Remove a window from intervals; an interval around the window becomes two.

    Examples
    --------
    >>> subtract(np.array([0.0]), np.array([100.0]), 20.0, 40.0)
    (array([ 0., 40.]), array([ 20., 100.]))
    """
    before = start, np.minimum(stop, low)
    after = np.maximum(start, high), stop
    # the two parts of one interval stay neighbours
    starts = np.stack([before[0], after[0]], axis=1).ravel()
    stops = np.stack([before[1], after[1]], axis=1).ravel()
    keep = stops > starts
    return starts[keep], stops[keep]


def unite(start, stop, overlap_ok=True, merge_equal=True, tolerance=TOLERANCE):
    """Sort intervals and merge those that overlap.

    Parameters
    ----------
    start, stop : ndarray, shape (n,)
    overlap_ok : bool
        If False, raise on overlap.
    merge_equal : bool
        Merge intervals that merely touch.
    tolerance : float
        Intervals touch if they are closer than this.

    Raises
    ------
    DataError
        If intervals overlap and `overlap_ok` is False.

    Examples
    --------
    >>> unite(np.array([10.0, 0.0, 4.0]), np.array([20.0, 5.0, 7.0]))
    (array([ 0., 10.]), array([ 7., 20.]))
    """
    order = np.argsort(start, kind="stable")
    start, stop = start[order], stop[order]
    if len(start) < 2:
        return start, stop
    latest = np.maximum.accumulate(stop)
    gap = start[1:] - latest[:-1]
    if not overlap_ok and (gap < -tolerance).any():
        i = int(np.argmax(gap < -tolerance))
        raise DataError(
            f"intervals must not overlap, got a start at {start[i + 1]:.6f} s before the stop at {latest[i]:.6f} s. "
            "Pass overlap_ok=True to merge them."
        )
    separate = gap > tolerance if merge_equal else gap >= -tolerance
    first = np.concatenate([[True], separate])
    last = np.concatenate([separate, [True]])
    return start[first], latest[last]


def contains(start, stop, times, tolerance=TOLERANCE):
    """Say which times lie in any of the intervals.

    Parameters
    ----------
    start, stop : ndarray, shape (n,)
        Intervals, in any order.
    times : ndarray, shape (m,)
    tolerance : float
        By how much a time may lie outside.

    Returns
    -------
    ndarray of bool, shape (m,)

    Examples
    --------
    >>> contains(np.array([0.0, 10.0]), np.array([5.0, 20.0]), np.array([4.0, 7.0, 10.0]))
    array([ True, False,  True])
    """
    start, stop = unite(start, stop)
    if not len(start):
        return np.zeros(len(times), dtype=bool)
    index = np.searchsorted(start, times + tolerance, side="right") - 1
    return (index >= 0) & (times <= stop[np.maximum(index, 0)] + tolerance)


def locate(start, stop, low, high, tolerance=TOLERANCE):
    """Find the window that contains each interval.

    Parameters
    ----------
    start, stop : ndarray, shape (n,)
        Intervals.
    low, high : ndarray, shape (m,)
        Windows.
    tolerance : float
        By how much an interval may stick out.

    Returns
    -------
    index : ndarray of int, shape (n,)
        First window that contains the interval, -1 if none does.
    """
    if len(low) == 0:
        return np.full(len(start), -1)
    inside = (start[:, None] >= low - tolerance) & (stop[:, None] <= high + tolerance)
    return np.where(inside.any(axis=1), inside.argmax(axis=1), -1)
