"""The names under which Gammapy users know parallel runs; all lead to `run`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from enum import Enum
from importlib.util import find_spec
from typing import Any

from geminga.errors import ConfigError, UnknownNameError

from .runner import resolve_n_jobs, run
from .settings import METHOD_DEFAULT, current_settings, parallel_settings

__all__ = [
    "ParallelBackendEnum",
    "PoolMethodEnum",
    "get_multiprocessing",
    "get_multiprocessing_ray",
    "is_ray_available",
    "is_ray_initialized",
    "multiprocessing_manager",
    "run_loop",
    "run_multiprocessing",
    "run_pool_async",
    "run_pool_star_map",
]


class ParallelBackendEnum(str, Enum):  # noqa: UP042
    """Kinds of local pools."""

    multiprocessing = "multiprocessing"
    ray = "ray"
    threads = "threads"

    @classmethod
    def from_str(cls, value) -> ParallelBackendEnum:
        """Return the member with this value; the current setting for None."""
        value = current_settings().backend if value is None else getattr(value, "value", value)
        try:
            return cls(value)
        except ValueError as error:
            raise UnknownNameError("parallel backend", value, [member.value for member in cls]) from error


class PoolMethodEnum(str, Enum):  # noqa: UP042
    """Ways to hand items to a pool: results in order, or as they finish."""

    starmap = "starmap"
    apply_async = "apply_async"


def is_ray_available() -> bool:
    """Tell whether ray is installed."""
    return find_spec("ray") is not None


def is_ray_initialized() -> bool:
    """Tell whether ray is installed and running."""
    if not is_ray_available():
        return False
    import ray

    return bool(ray.is_initialized())


def get_multiprocessing():
    """Return the standard module for processes."""
    import multiprocessing

    return multiprocessing


def get_multiprocessing_ray():
    """Return ray's module for processes.

    Raises
    ------
    ConfigError
        If ray is not installed.
    """
    if not is_ray_available():
        raise ConfigError(
            "the ray backend must have ray installed, got none. Install it or use 'multiprocessing'."
        )
    from ray.util import multiprocessing

    return multiprocessing


class multiprocessing_manager(AbstractContextManager):
    """Change the defaults of parallel runs within a ``with`` block.

    Parameters
    ----------
    backend : {"multiprocessing", "threads", "ray"}, optional
    pool_kwargs : dict, optional
        ``{"processes": n}``.
    method : {"starmap", "apply_async"}, optional
    method_kwargs : dict, optional
        Accepted for compatibility.

    Examples
    --------
    >>> with multiprocessing_manager(pool_kwargs={"processes": 2}):
    ...     current_settings().n_jobs
    2
    """

    def __init__(self, backend=None, pool_kwargs=None, method=None, method_kwargs=None):
        changes: dict[str, Any] = {}
        if backend is not None:
            changes["backend"] = ParallelBackendEnum.from_str(backend).value
        if pool_kwargs and "processes" in pool_kwargs:
            changes["n_jobs"] = resolve_n_jobs(pool_kwargs["processes"])
        if method is not None:
            PoolMethodEnum(method)
        self._block = parallel_settings(**changes)

    def __enter__(self):
        self._block.__enter__()
        return self

    def __exit__(self, *error):
        return self._block.__exit__(*error)


def run_multiprocessing(
    func: Callable[..., Any],
    inputs: Iterable[Iterable[Any]],
    backend=None,
    pool_kwargs: dict[str, Any] | None = None,
    method=None,
    method_kwargs: dict[str, Any] | None = None,
    task_name: str = "",
) -> list[Any]:
    """Call a function for many tuples of arguments and return the results in their order.

    Parameters
    ----------
    func : callable
    inputs : iterable of tuple
        Arguments of each call.
    backend : {"multiprocessing", "threads", "ray"}, optional
    pool_kwargs : dict, optional
        ``{"processes": n}``; with 1 the calls run in a loop.
    method : {"starmap", "apply_async"}, optional
        Accepted for compatibility; exceptions of workers are raised with both.
    method_kwargs : dict, optional
        With "apply_async": ``callback`` is called with each result, ``error_callback`` with an exception.
    task_name : str
        Text of the progress bar.

    Returns
    -------
    list

    Examples
    --------
    >>> run_multiprocessing(pow, [(2, 3), (3, 2)])
    [8, 9]
    """
    method = PoolMethodEnum(METHOD_DEFAULT if method is None else method)
    n_jobs = (pool_kwargs or {}).get("processes")
    results = run(
        func,
        inputs,
        n_jobs=n_jobs,
        backend=ParallelBackendEnum.from_str(backend).value,
        description=task_name,
        star=True,
    )
    return _collect(results, method_kwargs if method is PoolMethodEnum.apply_async else None)


def _collect(results, method_kwargs: dict[str, Any] | None) -> list[Any]:
    callbacks = method_kwargs or {}
    collected = []
    try:
        for result in results:
            if callbacks.get("callback"):
                callbacks["callback"](result)
            collected.append(result)
    except Exception as error:
        if callbacks.get("error_callback"):
            callbacks["error_callback"](error)
        raise
    return collected


def run_loop(func, inputs, method_kwargs=None, task_name="") -> list[Any]:
    """Call a function for many tuples of arguments in a loop."""
    return _collect(run(func, inputs, n_jobs=1, description=task_name, star=True), method_kwargs)


def run_pool_star_map(pool, func, inputs, method_kwargs=None, task_name="") -> list[Any]:
    """Call a function for many tuples of arguments in a pool of the caller."""
    return list(run(func, inputs, executor=pool, description=task_name, star=True))


def run_pool_async(pool, func, inputs, method_kwargs=None, task_name="") -> list[Any]:
    """Call a function for many tuples of arguments in a pool of the caller, with callbacks.

    Exceptions of workers are handed to ``error_callback``, when one is given, and raised.
    """
    return _collect(run(func, inputs, executor=pool, description=task_name, star=True), method_kwargs)
