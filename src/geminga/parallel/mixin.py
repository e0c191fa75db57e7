"""Attributes of classes that can work in parallel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from geminga.errors import UnknownNameError

from .runner import BACKENDS, resolve_n_jobs, run
from .settings import current_settings

__all__ = ["ParallelMixin"]


class ParallelMixin:
    """Give a class the attributes `n_jobs`, `parallel_backend` and `executor`.

    None stands for the value of the enclosing `parallel_settings` block.
    """

    _n_jobs: int | None = None
    _parallel_backend: str | None = None
    executor: Any = None

    @property
    def n_jobs(self) -> int:
        """Number of processes."""
        return resolve_n_jobs(self._n_jobs)

    @n_jobs.setter
    def n_jobs(self, value: int | None) -> None:
        if value is not None:
            resolve_n_jobs(value)
        self._n_jobs = value

    @property
    def parallel_backend(self) -> str:
        """Kind of local pool."""
        return self._parallel_backend or current_settings().backend

    @parallel_backend.setter
    def parallel_backend(self, value: str | None) -> None:
        if value is not None:
            value = str(getattr(value, "value", value))
            if value not in BACKENDS:
                raise UnknownNameError("parallel backend", value, BACKENDS)
        self._parallel_backend = value

    def run_parallel(
        self,
        function: Callable[..., Any],
        items: Iterable[Any],
        description: str = "",
        ordered: bool = True,
        star: bool = False,
    ) -> Iterator[Any]:
        """Run a function for many items with the settings of this object; see `run`."""
        return run(
            function,
            items,
            n_jobs=self.n_jobs,
            executor=self.executor,
            description=description,
            ordered=ordered,
            star=star,
            backend=self.parallel_backend,
        )
