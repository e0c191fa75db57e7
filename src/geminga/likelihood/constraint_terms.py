"""Terms without data: priors, penalties, and datasets that only know how to score themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .likelihood import parameters_set

__all__ = ["NumericTerm"]

DIFFERENCE_STEP = 1e-4


class NumericTerm:
    """A term known only by its value at the parameters as they are set.

    Parameters
    ----------
    parameters : sequence of Parameter
        What the value depends on.
    function : callable
        Without arguments; reads the parameters and returns the statistic.
    """

    def __init__(self, parameters: Sequence[Any], function: Callable[[], float]):
        self.parameters = list(parameters)
        self.function = function

    def stat(self, values: np.ndarray) -> float:
        """Return the statistic."""
        with parameters_set(self.parameters, values):
            return float(self.function())

    def _steps(self, values: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
        errors = np.array([abs(self.parameters[i].error or 0.0) for i in wanted])
        sizes = np.abs(np.asarray(values, dtype=float)[list(wanted)])
        width = np.where(errors > 0, 10 * errors * DIFFERENCE_STEP, sizes * DIFFERENCE_STEP)
        return np.where(width > 0, width, DIFFERENCE_STEP)

    def _differences(self, values, wanted):
        """Return value, first and second diagonal differences; one-sided where a limit or infinity is near."""
        centre = self.stat(values)
        first, second = np.zeros(len(wanted)), np.zeros(len(wanted))
        for row, (index, step) in enumerate(zip(wanted, self._steps(values, wanted), strict=True)):
            up, down = np.array(values, dtype=float), np.array(values, dtype=float)
            up[index] += step
            down[index] -= step
            high, low = self.stat(up), self.stat(down)
            if np.isfinite(high) and np.isfinite(low):
                first[row] = (high - low) / (2 * step)
                second[row] = (high - 2 * centre + low) / step**2
            elif np.isfinite(high):
                first[row] = (high - centre) / step
            elif np.isfinite(low):
                first[row] = (centre - low) / step
        return centre, first, second

    def stat_and_gradient(self, values, wanted) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivative in the wanted parameters."""
        centre, first, _ = self._differences(values, wanted)
        return centre, first

    def fisher(self, values, wanted) -> np.ndarray:
        """Return the diagonal curvature."""
        _, _, second = self._differences(values, wanted)
        return np.diag(np.maximum(second, 0.0))
