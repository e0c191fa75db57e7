"""Edges from columns of lower and upper ends."""

from __future__ import annotations

import numpy as np

from ....errors import FormatError

__all__ = ["distinct", "joined_edges"]


def distinct(values) -> np.ndarray:
    """Return each value once, in the order in which they first appear.

    Examples
    --------
    >>> distinct([3, 3, 1, 1, 3]).tolist()
    [3, 1]
    """
    values = np.asarray(values)
    _, first = np.unique(values, return_index=True)
    return values[np.sort(first)]


def joined_edges(low, high, columns=None, name=None) -> np.ndarray:
    """Return bin edges from lower and upper ends that must meet.

    Raises
    ------
    FormatError
        If a bin does not begin where the one before ends.
    """
    low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if len(low) != len(high):
        raise FormatError(
            f"the axis must have as many lower as upper edges, got {len(low)} and {len(high)}. Mend the file.",
            hdu=getattr(columns, "hdu_name", None),
            column=name,
        )
    # columns of single precision agree to 1e-6 only
    width = np.abs(high - low)
    if not np.all(
        np.abs(low[1:] - high[:-1]) <= 1e-3 * np.minimum(width[1:], width[:-1]) + 1e-6 * np.abs(high[:-1])
    ):
        raise FormatError(
            "the bins of the axis must follow each other without gaps, got gaps or overlaps. Mend the file.",
            hdu=getattr(columns, "hdu_name", None),
            column=name,
        )
    return np.append(low, high[-1])
