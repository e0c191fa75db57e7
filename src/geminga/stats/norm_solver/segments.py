"""Ragged arrays: values of all problems in one flat array, cut into segments."""

from __future__ import annotations

import numpy as np

__all__ = ["Segments"]


class Segments:
    """Where each problem has its bins in the flat arrays.

    Parameters
    ----------
    offsets : ndarray of int, shape (M + 1,)
        Rising from 0 to the number of bins.

    Examples
    --------
    >>> segments = Segments(np.array([0, 2, 2, 3]))
    >>> segments.sum(np.array([1.0, 2.0, 4.0])).tolist()
    [3.0, 0.0, 4.0]
    >>> segments.spread(np.array([5.0, 6.0, 7.0])).tolist()
    [5.0, 5.0, 7.0]
    """

    __slots__ = ("filled", "lengths", "offsets", "uniform")

    def __init__(self, offsets: np.ndarray, lengths: np.ndarray | None = None):
        self.offsets = offsets
        self.lengths = offsets[1:] - offsets[:-1] if lengths is None else lengths
        shortest, longest = (self.lengths.min(), self.lengths.max()) if len(self.lengths) else (0, 0)
        self.filled = bool(shortest > 0)
        # bins of each problem when all have the same number, else 0
        self.uniform = int(shortest) if shortest == longest else 0

    @classmethod
    def of_lengths(cls, lengths) -> Segments:
        """Return segments of these lengths."""
        offsets = np.zeros(len(lengths) + 1, dtype=np.intp)
        np.cumsum(lengths, out=offsets[1:])
        return cls(offsets)

    def __len__(self) -> int:
        return len(self.lengths)

    def _reduce(self, function: np.ufunc, values: np.ndarray, empty: float) -> np.ndarray:
        if self.filled:
            if self.uniform == 1:
                return values.astype(float)
            return function.reduceat(values, self.offsets[:-1])
        result = np.full(len(self), empty)
        has = np.flatnonzero(self.lengths)
        if len(has):
            # an empty segment has no values, so the next filled one ends where reduceat thinks that it ends
            result[has] = function.reduceat(values, self.offsets[has])
        return result

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Sum each segment; 0 for empty ones."""
        return self._reduce(np.add, values, 0.0)

    def max(self, values: np.ndarray) -> np.ndarray:
        """Return the largest value of each segment; -inf for empty ones."""
        return self._reduce(np.maximum, values, -np.inf)

    def min(self, values: np.ndarray) -> np.ndarray:
        """Return the smallest value of each segment; inf for empty ones."""
        return self._reduce(np.minimum, values, np.inf)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Give each bin the value of its problem."""
        if self.uniform == 1:
            return values
        return values.repeat(self.uniform or self.lengths)

    def masked(self, mask: np.ndarray) -> Segments:
        """Return the segments of what a mask leaves of the bins."""
        running = np.zeros(len(mask) + 1, dtype=np.intp)
        np.cumsum(mask, out=running[1:])
        return Segments(running[self.offsets])

    def take(self, which: np.ndarray) -> tuple[np.ndarray, Segments]:
        """Return the flat index of the bins of some problems, and the segments among them.

        Examples
        --------
        >>> index, segments = Segments(np.array([0, 2, 3, 5])).take(np.array([0, 2]))
        >>> index.tolist(), segments.offsets.tolist()
        ([0, 1, 3, 4], [0, 2, 4])
        """
        taken = Segments.of_lengths(self.lengths[which])
        index = np.arange(taken.offsets[-1]) + taken.spread(self.offsets[which] - taken.offsets[:-1])
        return index, taken
