"""A likelihood: datasets and models bound together, as a function of the free parameters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from .point_rounding import POINT_ROUNDING, SEARCH_ROUNDINGS

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

    @property
    def knows_hessian(self) -> bool:
        """Whether a term gives its second derivatives without differences of its gradient."""
        return any(hasattr(term, "curvature") for term in self.terms)

    def is_stale(self, values=None) -> bool:
        """Tell whether a source has moved so far from where it was bound that it should be bound again."""
        parts = self._split(values)
        return any(term.is_stale(local) for term, local, _, _ in parts if hasattr(term, "is_stale"))

    def smoothed(self):
        """Yield nothing, once for each search that should go before the last, while images are smoother than they are.

        The image of a point is almost linear between pixel centres. The statistic of a bright one therefore has a local
        minimum in each pixel, and a search should begin without them. Without moving points there is no such search.
        """
        points = [source for term in self.terms for source in getattr(term, "moving_points", ())]
        if not points:
            return
        try:
            for half in SEARCH_ROUNDINGS:
                for source in points:
                    source.round_point(half)
                yield
        finally:
            for source in points:
                source.round_point(POINT_ROUNDING)

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
        """Return the matrix of second derivatives of -2 ln L.

        Terms that know the second derivatives of their prediction add them to the Fisher matrix; of the others it is
        the difference of the gradient, with a step that is a small part of each standard deviation, so that truncation
        is far below the statistical error.
        """
        values = self.values if values is None else np.asarray(values, dtype=float)
        parts = [
            (term, local, wanted, free, term.fisher(local, wanted))
            for term, local, wanted, free in self._split(values)
            if len(free)
        ]
        curvature = np.zeros(len(values))
        for _, _, _, free, fisher in parts:
            curvature[free] += np.diag(fisher)
        sizes = np.maximum(np.abs(values), 1e-3)
        errors = np.where(curvature > 0, np.sqrt(2.0 / np.where(curvature > 0, curvature, 1.0)), sizes)
        matrix = np.zeros((len(values), len(values)))
        for term, local, wanted, free, fisher in parts:
            if hasattr(term, "curvature"):
                part = fisher + term.curvature(local, wanted, errors[free], fisher)
            else:
                part = self._differences(term, local, wanted, free, errors)
            matrix[np.ix_(free, free)] += part
        return 0.5 * (matrix + matrix.T)

    def _differences(self, term, local, wanted, free, errors) -> np.ndarray:
        """Return differences of the gradient of one term."""
        matrix = np.zeros((len(free), len(free)))
        for row, (index, position) in enumerate(zip(wanted, free, strict=True)):
            parameter, step = self.parameters[position], HESSIAN_STEP * errors[position]
            up, down = local.copy(), local.copy()
            up[index] = _inside(local[index] + step, parameter)
            down[index] = _inside(local[index] - step, parameter)
            width = up[index] - down[index]
            if width > 0:
                slopes = [term.stat_and_gradient(end, wanted)[1] for end in (up, down)]
                matrix[row] = (slopes[0] - slopes[1]) / width
        return matrix

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
