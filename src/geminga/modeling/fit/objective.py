"""A likelihood as a minimiser sees it: a function of factors of order one, with limits and a counter."""

from __future__ import annotations

import math

import numpy as np

from ...errors import FitError
from ..scale import SCALE_METHODS, SCALE_TRANSFORMS

__all__ = ["Objective"]

_HUGE = 1e300  # what a minimiser is told where the statistic is not finite
_STEP = 0.02  # of a standard deviation, for differences of the gradient


class Objective:
    """The fit statistic as a function of the factors of its free parameters.

    A factor is the transformed value divided by a scale, as for `~geminga.modeling.Parameter`; the scales are chosen
    here by the values, the parameters stay as they are. Some of the factors can be held fixed.

    Parameters
    ----------
    likelihood : object
        With ``parameters`` and ``stat(values)``, and maybe ``stat_and_gradient(values)``, ``fisher(values)`` and
        ``hessian(values)``.
    values : array_like, shape (n,), optional
        Values at which to start, in units of the parameters; by default those of the parameters.
    trace : bool
        Keep the values of all calls.
    """

    def __init__(self, likelihood, values=None, trace=False):
        self.likelihood = likelihood
        self.parameters = tuple(likelihood.parameters)
        start = [p.value for p in self.parameters] if values is None else values
        self._start = np.array(start, dtype=float)
        self._transforms = [SCALE_TRANSFORMS[p.scale_transform] for p in self.parameters]
        self._linear = all(p.scale_transform == "lin" for p in self.parameters)
        self._scales = np.array([self._scale_of(i) for i in range(len(self.parameters))])
        self.lower, self.upper = self._limits()
        self.nfev = 0
        self.trace: list[tuple[float, np.ndarray]] | None = [] if trace else None

    def _scale_of(self, index: int) -> float:
        parameter = self.parameters[index]
        if parameter.scale_method is None:
            return parameter.scale
        scale = SCALE_METHODS[parameter.scale_method](self._transforms[index].forward(self._start[index]))
        if scale:
            return abs(scale)
        # a value of zero says nothing; the error or the limits may
        for size in (parameter.error, abs(parameter.max), abs(parameter.min)):
            if size > 0 and math.isfinite(size):
                return SCALE_METHODS["scale10"](self._transforms[index].forward(size)) or 1.0
        return abs(parameter.scale)

    def _limits(self) -> tuple[np.ndarray, np.ndarray]:
        lower, upper = np.full(len(self.parameters), -np.inf), np.full(len(self.parameters), np.inf)
        for i, parameter in enumerate(self.parameters):
            # a prior that ends somewhere is a limit as well
            low, high = getattr(parameter.prior, "support", (-math.inf, math.inf))
            low = low if math.isnan(parameter.min) else max(low, parameter.min)
            high = high if math.isnan(parameter.max) else min(high, parameter.max)
            if math.isfinite(low):
                lower[i] = self._transforms[i].forward(low) / self._scales[i]
            if math.isfinite(high):
                upper[i] = self._transforms[i].forward(high) / self._scales[i]
        if np.any(lower > upper):
            name = self.parameters[int(np.argmax(lower > upper))].name
            raise FitError(f"limits of {name} must have min below max, got the reverse. Swap them.")
        return lower, upper

    # ------------------------------------------------------------------ factors and values

    @property
    def start(self) -> np.ndarray:
        """Factors at the start, moved inside the limits."""
        return np.clip(self.factors(self._start), self.lower, self.upper)

    def factors(self, values) -> np.ndarray:
        """Return the factors that belong to values."""
        if self._linear:
            return np.asarray(values, dtype=float) / self._scales
        return np.array([t.forward(v) for t, v in zip(self._transforms, values, strict=True)]) / self._scales

    def values(self, factors) -> np.ndarray:
        """Return the values that belong to factors."""
        scaled = np.asarray(factors, dtype=float) * self._scales
        if self._linear:
            return scaled
        return np.array([t.inverse(x) for t, x in zip(self._transforms, scaled, strict=True)])

    def slopes(self, factors) -> np.ndarray:
        """Return d value / d factor of each parameter."""
        if self._linear:
            return self._scales
        scaled = np.asarray(factors, dtype=float) * self._scales
        return (
            np.array([t.derivative(x) for t, x in zip(self._transforms, scaled, strict=True)]) * self._scales
        )

    # ------------------------------------------------------------------ the function

    @property
    def has_gradient(self) -> bool:
        """Whether the likelihood offers derivatives."""
        return hasattr(self.likelihood, "stat_and_gradient") or hasattr(self.likelihood, "gradient")

    @property
    def knows_hessian(self) -> bool:
        """Whether second derivatives cost little more than first ones."""
        return getattr(self.likelihood, "knows_hessian", False)

    def _count(self, values, stat: float) -> float:
        self.nfev += 1
        if self.trace is not None:
            self.trace.append((stat, values))
        return stat if math.isfinite(stat) else _HUGE

    def stat(self, factors) -> float:
        """Return the statistic; a huge number where it is not finite."""
        values = self.values(factors)
        return self._count(values, float(self.likelihood.stat(values)))

    def stat_and_gradient(self, factors) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivatives in the factors."""
        values = self.values(factors)
        if hasattr(self.likelihood, "stat_and_gradient"):
            stat, gradient = self.likelihood.stat_and_gradient(values)
        else:
            stat, gradient = self.likelihood.stat(values), self.likelihood.gradient(values)
        gradient = np.asarray(gradient, dtype=float) * self.slopes(factors)
        if not np.all(np.isfinite(gradient)):
            stat, gradient = math.inf, np.zeros(len(gradient))
        return self._count(values, float(stat)), gradient

    def gradient(self, factors) -> np.ndarray:
        """Return the derivatives in the factors."""
        return self.stat_and_gradient(factors)[1]

    def metric(self, factors) -> np.ndarray | None:
        """Return a positive semi-definite curvature in the factors (the Fisher matrix), or None if there is none."""
        if not hasattr(self.likelihood, "fisher"):
            return None
        slopes = self.slopes(factors)
        matrix = np.asarray(self.likelihood.fisher(self.values(factors)), dtype=float) * np.outer(
            slopes, slopes
        )
        return matrix if np.all(np.isfinite(matrix)) else None

    def hessian(self, factors, metric=None) -> np.ndarray:
        """Return the second derivatives in the factors.

        That of the likelihood if it has one, or else differences of the gradient, or of the statistic.

        Parameters
        ----------
        factors : ndarray, shape (n,)
        metric : ndarray, shape (n, n), optional
            Rough curvature, for the size of the steps.
        """
        factors = np.asarray(factors, dtype=float)
        if self.has_gradient and hasattr(self.likelihood, "hessian"):
            slopes = self.slopes(factors)
            matrix = np.asarray(self.likelihood.hessian(self.values(factors)), dtype=float) * np.outer(
                slopes, slopes
            )
            if not self._linear:
                # d2 stat / d factor2 has a term with the curvature of the transform, zero at a minimum
                bend = self._bends(factors) * self.gradient(factors) / slopes
                matrix = matrix + np.diag(bend)
            return matrix
        steps = self._steps(factors, metric)
        if self.has_gradient:
            return self._hessian_of_gradient(factors, steps)
        return self._hessian_of_stat(factors, steps)

    def _bends(self, factors) -> np.ndarray:
        """Return d2 value / d factor2, by differences of the slopes."""
        step = 1e-6 * np.maximum(np.abs(factors), 1e-3)
        return (self.slopes(factors + step) - self.slopes(factors - step)) / (2 * step)

    def _steps(self, factors, metric) -> np.ndarray:
        sizes = np.maximum(np.abs(factors), 0.1)
        if metric is None:
            metric = self.metric(factors)
        if metric is None:
            errors = np.array([p.error for p in self.parameters]) / np.abs(self.slopes(factors))
            sigma = np.where(errors > 0, errors, 0.05 * sizes)
        else:
            curvature = np.diag(metric)
            sigma = np.sqrt(2.0 / np.where(curvature > 0, curvature, np.inf))
            sigma = np.where(sigma > 0, sigma, 0.05 * sizes)
        return _STEP * np.minimum(sigma, 10 * sizes)

    def _shifted(self, factors, index, step) -> np.ndarray:
        moved = np.array(factors, dtype=float)
        moved[index] = np.clip(moved[index] + step, self.lower[index], self.upper[index])
        return moved

    def _hessian_of_gradient(self, factors, steps) -> np.ndarray:
        n = len(factors)
        matrix = np.zeros((n, n))
        for i in range(n):
            up, down = self._shifted(factors, i, steps[i]), self._shifted(factors, i, -steps[i])
            width = up[i] - down[i]
            if width > 0:
                matrix[i] = (self.gradient(up) - self.gradient(down)) / width
        return 0.5 * (matrix + matrix.T)

    def _hessian_of_stat(self, factors, steps) -> np.ndarray:
        """Return second differences; the steps are widened, as differences of values lose more digits."""
        n = len(factors)
        steps = 5 * steps
        # second differences need room on both sides: move the centre off the limits
        centre = np.clip(factors, self.lower + steps, self.upper - steps)
        base = self.stat(centre)
        up = np.array([self.stat(self._shifted(centre, i, steps[i])) for i in range(n)])
        down = np.array([self.stat(self._shifted(centre, i, -steps[i])) for i in range(n)])
        matrix = np.diag((up - 2 * base + down) / steps**2)
        for i in range(n):
            for j in range(i):
                both_up = self._shifted(self._shifted(centre, i, steps[i]), j, steps[j])
                both_down = self._shifted(self._shifted(centre, i, -steps[i]), j, -steps[j])
                mixed = (
                    self.stat(both_up) + self.stat(both_down) + 2 * base - up[i] - down[i] - up[j] - down[j]
                )
                matrix[i, j] = matrix[j, i] = mixed / (2 * steps[i] * steps[j])
        return matrix

    # ------------------------------------------------------------------ parts

    def holding(self, indices, values):
        """Return the objective of the other parameters, with some held at values.

        Parameters
        ----------
        indices : sequence of int
            Positions of the parameters to hold.
        values : sequence of float
            Their values in units of the parameters.
        """
        return Objective(_Held(self.likelihood, indices, values))

    def set_parameters(self, factors) -> None:
        """Give the parameters the values of these factors."""
        for parameter, value in zip(self.parameters, self.values(factors).tolist(), strict=True):
            parameter.value = value


class _Held:
    """A likelihood with some of its parameters held at values."""

    def __init__(self, likelihood, indices, values):
        self._likelihood = likelihood
        n = len(likelihood.parameters)
        self._all = np.array([p.value for p in likelihood.parameters], dtype=float)
        self._all[list(indices)] = values
        self._free = np.array([i for i in range(n) if i not in set(indices)], dtype=int)
        self.parameters = tuple(likelihood.parameters[i] for i in self._free)
        # offer what the likelihood offers, and nothing more
        if hasattr(likelihood, "stat_and_gradient"):
            self.stat_and_gradient = self._stat_and_gradient
        elif hasattr(likelihood, "gradient"):
            self.gradient = lambda values: np.asarray(likelihood.gradient(self._full(values)))[self._free]
        if hasattr(likelihood, "fisher"):
            self.fisher = lambda values: self._part(likelihood.fisher(self._full(values)))
        if hasattr(likelihood, "hessian"):
            self.hessian = lambda values: self._part(likelihood.hessian(self._full(values)))
        self.knows_hessian = getattr(likelihood, "knows_hessian", False)

    def _full(self, values) -> np.ndarray:
        full = self._all.copy()
        full[self._free] = values
        return full

    def _part(self, matrix) -> np.ndarray:
        return np.asarray(matrix)[np.ix_(self._free, self._free)]

    def stat(self, values) -> float:
        return self._likelihood.stat(self._full(values))

    def _stat_and_gradient(self, values):
        stat, gradient = self._likelihood.stat_and_gradient(self._full(values))
        return stat, np.asarray(gradient)[self._free]
