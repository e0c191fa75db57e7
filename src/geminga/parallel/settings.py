"""Defaults of parallel work, and how to change them for a block of code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

__all__ = [
    "BACKEND_DEFAULT",
    "METHOD_DEFAULT",
    "METHOD_KWARGS_DEFAULT",
    "N_JOBS_DEFAULT",
    "POOL_KWARGS_DEFAULT",
    "Settings",
    "current_settings",
    "parallel_settings",
]

N_JOBS_DEFAULT = 1
BACKEND_DEFAULT = "multiprocessing"
METHOD_DEFAULT = "starmap"
POOL_KWARGS_DEFAULT: dict[str, Any] = {"processes": N_JOBS_DEFAULT}
METHOD_KWARGS_DEFAULT: dict[str, Any] = {}


@dataclass(frozen=True)
class Settings:
    """What is used where a call says nothing.

    Parameters
    ----------
    n_jobs : int
        Number of processes; 1 is a plain loop, -1 stands for all cores.
    backend : str
        "multiprocessing", "threads" or "ray".
    executor : object, optional
        An executor or cluster client to use instead.
    """

    n_jobs: int = N_JOBS_DEFAULT
    backend: str = BACKEND_DEFAULT
    executor: Any = None


_CURRENT: ContextVar[Settings] = ContextVar("geminga_parallel_settings", default=Settings())  # noqa: B039


def current_settings() -> Settings:
    """Return the settings of the enclosing `parallel_settings` blocks."""
    return _CURRENT.get()


@contextmanager
def parallel_settings(**changes) -> Iterator[Settings]:
    """Change defaults of parallel work within a ``with`` block.

    Parameters
    ----------
    **changes
        n_jobs, backend, executor; see `Settings`.

    Examples
    --------
    >>> with parallel_settings(n_jobs=4):
    ...     current_settings().n_jobs
    4
    >>> current_settings().n_jobs
    1
    """
    token = _CURRENT.set(replace(_CURRENT.get(), **changes))
    try:
        yield _CURRENT.get()
    finally:
        _CURRENT.reset(token)
