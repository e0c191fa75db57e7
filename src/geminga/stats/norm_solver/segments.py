"""Ragged arrays: values of all problems in one flat array, cut by offsets."""

from __future__ import annotations

import numpy as np

__all__ = ["as_offsets", "counts_per_segment", "segment_max", "segment_min", "segment_sum", "take_segments"]


def _reduce(function: np.ufunc, values: np.ndarray, offsets: np.ndarray, empty: float) -> np.ndarray:
    lengths = np.diff(offsets)
    if lengths.all():
        return function.reduceat(values, offsets[:-1]) if len(lengths) else np.zeros(0)
    result = np.full(len(lengths), empty)
    filled = lengths > 0
    if filled.any():
        # an empty segment has no values, so the next filled one ends where reduceat thinks that it ends
        result[filled] = function.reduceat(values, offsets[:-1][filled])
    return result


def segment_sum(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Sum each segment; 0 for empty ones.

    Examples
    --------
    >>> segment_sum(np.array([1.0, 2.0, 4.0]), np.array([0, 2, 2, 3])).tolist()
    [3.0, 0.0, 4.0]
    """
    return _reduce(np.add, values, offsets, 0.0)


def segment_max(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the largest value of each segment; -inf for empty ones."""
    return _reduce(np.maximum, values, offsets, -np.inf)


def segment_min(values: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the smallest value of each segment; inf for empty ones."""
    return _reduce(np.minimum, values, offsets, np.inf)


def counts_per_segment(mask: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Return the offsets of what a mask leaves of each segment, shape (M + 1,)."""
    running = np.zeros(len(mask) + 1, dtype=np.intp)
    np.cumsum(mask, out=running[1:])
    return running[offsets]


def take_segments(offsets: np.ndarray, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the flat index of the bins of some segments, and the offsets among them.

    Parameters
    ----------
    offsets : ndarray of int, shape (M + 1,)
    which : ndarray of int, shape (m,)
        Segments to take.

    Returns
    -------
    index : ndarray of int
    offsets : ndarray of int, shape (m + 1,)

    Examples
    --------
    >>> index, offsets = take_segments(np.array([0, 2, 3, 5]), np.array([0, 2]))
    >>> index.tolist(), offsets.tolist()
    ([0, 1, 3, 4], [0, 2, 4])
    """
    starts = offsets[which]
    lengths = offsets[which + 1] - starts
    taken = np.zeros(len(which) + 1, dtype=np.intp)
    np.cumsum(lengths, out=taken[1:])
    index = np.arange(taken[-1]) + np.repeat(starts - taken[:-1], lengths)
    return index, taken


def as_offsets(lengths) -> np.ndarray:
    """Return offsets of segments with these lengths.

    Examples
    --------
    >>> as_offsets([2, 0, 1]).tolist()
    [0, 2, 2, 3]
    """
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.intp)
