"""A likelihood: datasets and models bound together, as a function of the free parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

__all__ = ["Likelihood", "Term", "parameters_set"]

#: Relative step, in standard deviations, of the differences of the gradient that give the Hessian matrix.
HESSIAN_STEP = 0.02


class Term(Protocol):
    """A part of the likelihood that adds to the others."""

    parameters: list[Any]

    def stat(self, values: np.ndarray) -> float:
        """Return the statistic for the values of `parameters`."""

    def stat_and_gradient(self, values: np.ndarray, wanted: Sequence[int]) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivative in the wanted parameters."""

    def fisher(self, values: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
        """Return the curvature of the statistic with the second derivatives of the prediction neglected."""


@contextmanager
def parameters_set(parameters: Sequence[Any], values: Iterable[float]):
    """Set parameter values for the length of a block, then put the old ones back."""
    before = [parameter.value for parameter in parameters]
    try:
        for parameter, value in zip(parameters, values, strict=True):
            parameter.value = float(value)
        yield
    finally:
        for parameter, value in zip(parameters, before, strict=True):
            parameter.value = value


class Likelihood:
    """-2 ln L of all datasets, priors and penalties, as a function of the free parameters.

    Parameters
    ----------
    terms : sequence of Term
        What is added up.
    parameters : sequence of Parameter
        Free parameters, each once; the order of every array of values and derivatives.

    Notes
    -----
    Values are plain numbers in the unit of each parameter. Data, responses and frozen parameters are those of the
    moment of binding: bind again after changing them.
    """

    def __init__(self, terms: Sequence[Term], parameters: Sequence[Any]):
        self.terms = tuple(terms)
        self.parameters = tuple(parameters)
        position = {id(parameter): index for index, parameter in enumerate(self.parameters)}
        self._views = []
        for term in self.terms:
            fixed = np.array([float(parameter.value) for parameter in term.parameters])
            wanted = [i for i, parameter in enumerate(term.parameters) if id(parameter) in position]
            free = np.array([position[id(term.parameters[i])] for i in wanted], dtype=int)
            self._views.append((term, fixed, np.array(wanted, dtype=int), free))

    @property
    def values(self) -> np.ndarray:
        """Values of the free parameters now."""
        return np.array([float(parameter.value) for parameter in self.parameters])

    def _split(self, values):
        values = self.values if values is None else np.asarray(values, dtype=float)
        for term, fixed, wanted, free in self._views:
            local = fixed.copy()
            local[wanted] = values[free]
            yield term, local, wanted, free

    def stat(self, values=None) -> float:
        """Return -2 ln L.

        Parameters
        ----------
        values : array_like, shape (n_free,), optional
            Values of the free parameters. By default those of now.
        """
        return float(sum(term.stat(local) for term, local, _, _ in self._split(values)))

    def stat_and_gradient(self, values=None) -> tuple[float, np.ndarray]:
        """Return -2 ln L and its derivative in each free parameter."""
        total, gradient = 0.0, np.zeros(len(self.parameters))
        for term, local, wanted, free in self._split(values):
            stat, part = term.stat_and_gradient(local, wanted)
            total += stat
            # A parameter stands once in each term, so the positions do not repeat.
            gradient[free] += part
        return float(total), gradient

    def gradient(self, values=None) -> np.ndarray:
        """Return the derivative of -2 ln L in each free parameter."""
        return self.stat_and_gradient(values)[1]

    def fisher(self, values=None) -> np.ndarray:
        """Return the curvature of -2 ln L with second derivatives of the prediction neglected.

        It is positive semi-definite, hence a safe metric far from the minimum; `hessian` is exact.
        """
        n = len(self.parameters)
        matrix = np.zeros((n, n))
        for term, local, wanted, free in self._split(values):
            if len(free):
                matrix[np.ix_(free, free)] += term.fisher(local, wanted)
        return matrix

    def hessian(self, values=None) -> np.ndarray:
        """Return the matrix of second derivatives of -2 ln L, by differences of the gradient.

        The step is a small part of each standard deviation, so truncation is far below the statistical error.
        """
        values = self.values if values is None else np.asarray(values, dtype=float)
        n = len(values)
        curvature = np.diag(self.fisher(values)) if n else np.zeros(0)
        matrix = np.zeros((n, n))
        for index, parameter in enumerate(self.parameters):
            scale = np.sqrt(2.0 / curvature[index]) if curvature[index] > 0 else max(abs(values[index]), 1e-3)
            step = HESSIAN_STEP * scale
            up, down = values.copy(), values.copy()
            up[index] = _inside(values[index] + step, parameter)
            down[index] = _inside(values[index] - step, parameter)
            width = up[index] - down[index]
            if width > 0:
                matrix[index] = (self.gradient(up) - self.gradient(down)) / width
        return 0.5 * (matrix + matrix.T)

    def npred(self, values=None) -> dict[str, np.ndarray]:
        """Return the predicted counts of each dataset in its fitted bins, by dataset name."""
        result: dict[str, np.ndarray] = {}
        for term, local, _, _ in self._split(values):
            if hasattr(term, "npred"):
                result.update(term.npred(local))
        return result

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self.parameters)
        return f"Likelihood({len(self.terms)} terms, {len(self.parameters)} free parameters: {names})"


def _inside(value: float, parameter) -> float:
    """Return the value moved inside the limits of a parameter; limits that are NaN do not limit."""
    if value < parameter.min:
        return parameter.min
    if value > parameter.max:
        return parameter.max
    return value
