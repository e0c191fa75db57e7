"""Work through many problems in pieces that fit into the processor's cache."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

__all__ = ["in_chunks"]

BINS_PER_CHUNK = 1 << 15


def in_chunks(function: Callable[..., Any], problems: Any, *arrays):
    """Call `function` for consecutive problems and join the arrays that it returns.

    Parameters
    ----------
    function : callable
        Takes problems and the matching part of each of `arrays`; returns an array or a named tuple of arrays, each with
        one row for each problem.
    problems : NormProblems or WindowProblems
    *arrays : None, float, or array_like with one row for each problem
    """
    m = problems.n_problems
    rows = [
        None
        if array is None
        else np.broadcast_to(np.asarray(array, dtype=float), (m,))
        if np.ndim(array) <= 1
        else np.asarray(array, dtype=float)
        for array in arrays
    ]
    n_chunks = max(1, -(-problems.n_bins // BINS_PER_CHUNK))
    if n_chunks == 1:
        return function(problems, *rows)
    targets = np.linspace(0, problems.n_bins, n_chunks + 1)
    edges = np.unique(np.concatenate([[0], np.searchsorted(problems.offsets, targets[1:-1]), [m]]))
    edges = np.minimum(edges, m)
    results = [
        function(problems.span(start, stop), *(None if row is None else row[start:stop] for row in rows))
        for start, stop in pairwise(edges)
    ]
    if isinstance(results[0], tuple):
        joined = (np.concatenate(columns) for columns in zip(*results, strict=True))
        return type(results[0])(*joined)
    return np.concatenate(results)
