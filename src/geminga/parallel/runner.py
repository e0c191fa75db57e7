"""Run a function for many items, here or elsewhere."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from functools import partial
from itertools import islice
from multiprocessing import parent_process
from multiprocessing.reduction import ForkingPickler
from typing import Any

from geminga.errors import ConfigError, UnknownNameError
from geminga.progress import progress_bar

from .settings import current_settings

__all__ = ["resolve_n_jobs", "run"]

BACKENDS = ("multiprocessing", "threads", "ray")


def resolve_n_jobs(n_jobs: int | None = None) -> int:
    """Return a number of processes >= 1.

    Parameters
    ----------
    n_jobs : int, optional
        The current setting by default; -1 for all cores that this process may use.

    Raises
    ------
    ConfigError
        If it is no positive integer and not -1.

    Examples
    --------
    >>> resolve_n_jobs(3)
    3
    """
    if n_jobs is None:
        n_jobs = current_settings().n_jobs
    if n_jobs == -1:
        affinity = getattr(os, "sched_getaffinity", None)
        return len(affinity(0)) if affinity else (os.cpu_count() or 1)
    if not isinstance(n_jobs, int) or isinstance(n_jobs, bool) or n_jobs < 1:
        raise ConfigError(f"n_jobs must be a positive integer or -1, got {n_jobs!r}. Use -1 for all cores.")
    return n_jobs


def run(
    function: Callable[..., Any],
    items: Iterable[Any],
    n_jobs: int | None = None,
    executor: Any = None,
    description: str = "",
    ordered: bool = True,
    star: bool = False,
    backend: str | None = None,
    show_progress: bool | None = None,
) -> Iterator[Any]:
    """Call a function for each item and yield the results.

    With one job this is a loop in this process. With more, the items go to a pool of processes that is closed at the
    end; a few more items than jobs are under way at any time, so that results can be consumed in constant memory. An
    exception in a worker is raised here, with the traceback of the worker as its cause, and items that have not
    started are cancelled.

    Parameters
    ----------
    function : callable
        Takes one item. Process pools and clusters need a function that can be pickled: one defined at the top of a
        module or a `functools.partial` of such, no lambda.
    items : iterable
        Items to work on.
    n_jobs : int, optional
        Number of processes, -1 for all cores. By default that of `parallel_settings`, 1 outside.
    executor : object, optional
        Where to run instead: an executor with ``submit`` (`concurrent.futures` and everything like it), a
        ``dask.distributed.Client``, or a pool with ``map``. It is not closed.
    description : str
        What is being done, for the progress bar; none is shown without.
    ordered : bool
        Yield results in the order of the items; otherwise as they finish.
    star : bool
        Items are tuples of arguments.
    backend : {"multiprocessing", "threads", "ray"}, optional
        Kind of local pool.
    show_progress : bool, optional
        Show the progress bar. By default with a description, on a terminal.

    Yields
    ------
    object
        Results.

    Examples
    --------
    >>> list(run(abs, [-1, 2, -3]))
    [1, 2, 3]
    >>> list(run(pow, [(2, 3), (3, 2)], star=True, n_jobs=2, backend="threads"))
    [8, 9]
    """
    settings = current_settings()
    executor = settings.executor if executor is None else executor
    n_jobs = resolve_n_jobs(n_jobs)
    backend = str(getattr(backend, "value", backend) or settings.backend)
    if backend not in BACKENDS:
        raise UnknownNameError("parallel backend", backend, BACKENDS)
    items = items if hasattr(items, "__len__") else list(items)
    total = len(items)  # type: ignore[arg-type]
    if star:
        function = partial(_call_star, function)
    if executor is None and parent_process() is not None and backend == "multiprocessing":
        # a worker does not start workers of its own
        n_jobs = 1

    results: Iterator[Any]
    if executor is not None:
        results = _with_executor(function, items, executor, ordered)
    elif n_jobs == 1 or total <= 1:
        results = map(function, items)
    else:
        results = _with_pool(function, items, min(n_jobs, total), backend, ordered)
    if not description:
        show_progress = False
    return progress_bar(results, description, total=total, show=show_progress)


def _call_star(function: Callable[..., Any], arguments: Iterable[Any]) -> Any:
    return function(*arguments)


def _pack(function: bytes, item: Any) -> tuple[bytes, bytes]:
    return bytes(function), bytes(ForkingPickler.dumps(item))


def _call_packed(packed: tuple[bytes, bytes]) -> Any:
    """Run one call in a worker."""
    function, item = (ForkingPickler.loads(part) for part in packed)
    return function(item)


def _with_pool(function, items, n_jobs: int, backend: str, ordered: bool) -> Iterator[Any]:
    """Run in a pool of our own and close it."""
    if backend == "ray":
        from .pools import get_multiprocessing_ray

        with get_multiprocessing_ray().Pool(processes=n_jobs) as pool:
            yield from pool.imap(function, items) if ordered else pool.imap_unordered(function, items)
        return
    pool: Executor
    if backend == "threads":
        pool = ThreadPoolExecutor(max_workers=n_jobs)
    else:
        # Packed here, an item that cannot be packed is an error at once; in the feeder thread of the pool it can
        # block the pool for ever (CPython issue 105829).
        items = map(partial(_pack, ForkingPickler.dumps(function)), items)
        function = _call_packed
        pool = ProcessPoolExecutor(max_workers=n_jobs)
    try:
        yield from _submitted(function, items, pool, ordered, window=2 * n_jobs)
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    else:
        pool.shutdown()


def _with_executor(function, items, executor, ordered: bool) -> Iterator[Any]:
    """Run with an executor, a cluster client or a pool of the caller."""
    if hasattr(executor, "get_executor"):
        # dask: its own futures are asynchronous, its executor speaks the interface of concurrent.futures;
        # pure=False, because calls with equal arguments may draw random numbers
        executor = executor.get_executor(pure=False)
    if hasattr(executor, "submit"):
        yield from _submitted(function, items, executor, ordered, window=None)
    elif hasattr(executor, "map"):
        yield from executor.map(function, items)
    else:
        raise ConfigError(
            f"executor must have a method submit or map, got {executor!r}. "
            "Give a concurrent.futures executor, a dask client or a pool."
        )


def _submitted(function, items, executor, ordered: bool, window: int | None) -> Iterator[Any]:
    """Submit items, at most `window` at a time, and yield their results; cancel the rest on an error."""
    waiting = iter(items)
    futures: deque = deque(executor.submit(function, item) for item in islice(waiting, window))
    try:
        while futures:
            if ordered or not isinstance(futures[0], Future):
                future = futures.popleft()
            else:
                wait(futures, return_when=FIRST_COMPLETED)
                future = next(f for f in futures if f.done())
                futures.remove(future)
            result = future.result()
            futures.extend(executor.submit(function, item) for item in islice(waiting, 1))
            yield result
    finally:
        for future in futures:
            cancel = getattr(future, "cancel", None)
            if cancel is not None:
                cancel()
