"""One image after the other, in a few threads."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

__all__ = ["for_each", "n_threads"]

MOST = 4


def n_threads() -> int:
    """Return how many threads work at the same time: one for each processor of this process, up to 4."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(MOST, count)


def for_each(function, number) -> None:
    """Call ``function(k)`` for k from 0 to ``number - 1``, in threads.

    Worth it for functions that spend their time in compiled code, which lets other threads run.

    Examples
    --------
    >>> squares = [0, 0, 0]
    >>> for_each(lambda k: squares.__setitem__(k, k * k), 3)
    >>> squares
    [0, 1, 4]
    """
    threads = min(n_threads(), number)
    if threads < 2:
        for k in range(number):
            function(k)
        return
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(function, range(number)))
