"""Minima: found by a backend, and what is known around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .newton import NewtonStatus
from .newton import minimise as newton
from .objective import Objective

#: Estimated distance to the minimum at which a search with smoothed images ends.
COARSE = 0.1
#: The same for the last search. A statistic of maps is rougher and dearer: 1e-5 is 0.3 % of a standard deviation.
FINE, FINE_OF_MAPS = 1e-7, 1e-5

__all__ = ["BACKENDS", "Minimum", "at_limits", "confirm_with_minuit", "find", "here"]


@dataclass
class Minimum:
    """A minimum: where it is, what is known around it, and how it was found.

    Attributes
    ----------
    objective : Objective
    factors : ndarray, shape (n,)
    stat : float
    success : bool
    message, method : str
    gradient : ndarray, shape (n,), or None
    metric : ndarray, shape (n, n), or None
        Approximate second derivatives.
    at_limit : ndarray of bool, shape (n,), or None
        Factors held by a limit.
    minuit : `~iminuit.Minuit`, or None
    minuit_function : object, or None
        What Minuit calls; its ``curvature`` are the second derivatives that Minuit knows.
    """

    objective: Objective
    factors: np.ndarray
    stat: float
    success: bool = True
    message: str = ""
    method: str = ""
    gradient: np.ndarray | None = None
    metric: np.ndarray | None = None
    at_limit: np.ndarray | None = None
    minuit: Any = None
    minuit_function: Any = None

    @property
    def held(self) -> np.ndarray:
        """Factors held by a limit, ndarray of bool."""
        return np.zeros(len(self.factors), dtype=bool) if self.at_limit is None else self.at_limit

    @property
    def names_held(self) -> list[str]:
        """Names of the parameters held by a limit."""
        return [p.name for p, held in zip(self.objective.parameters, self.held, strict=True) if held]


def find(objective, backend: str, options: dict) -> Minimum:
    """Minimise with a backend, from the values of the parameters.

    Parameters
    ----------
    objective : Objective
    backend : str
        One of `BACKENDS`.
    options : dict
        Of the backend.
    """
    return BACKENDS[backend](objective, options)


def _by_minuit(objective, options: dict) -> Minimum:
    found = _with_newton(objective) if objective.has_gradient else None
    return confirm_with_minuit(objective, found, options)


def _by_newton(objective, options: dict) -> Minimum:
    found = _with_newton(objective) if objective.has_gradient else None
    return confirm_with_minuit(objective) if found is None else found


def _with_newton(objective) -> Minimum | None:
    start, metric = None, None
    if hasattr(objective.likelihood, "smoothed"):
        for _ in objective.likelihood.smoothed():
            coarse = newton(objective, start, metric, tolerance=COARSE, use_hessian=False)
            start, metric = coarse.factors, coarse.metric
    tolerance = FINE_OF_MAPS if objective.knows_hessian else FINE
    result = newton(objective, start, metric, tolerance=tolerance)
    if result.status is NewtonStatus.NOT_FINITE:
        return None
    return Minimum(
        objective,
        result.factors,
        result.stat,
        success=result.status is NewtonStatus.CONVERGED,
        message=result.status.value,
        method="newton",
        gradient=result.gradient,
        metric=result.metric,
        at_limit=result.at_limit,
    )


def confirm_with_minuit(objective, found: Minimum | None = None, options: dict | None = None) -> Minimum:
    """Run Migrad, from the minimum and with the curvature where they are known.

    Without a minimum to confirm Minuit makes its own derivatives.
    """
    from .minuit import minimise, prepare

    options = dict(options or {})
    migrad_opts = options.pop("migrad_opts", None)
    if found is None:
        found = Minimum(objective, objective.start, np.inf, success=False)
        minuit, function = prepare(objective, found.factors, use_gradient=False, **options)
    else:
        known = None if found.gradient is None else (found.stat, found.gradient)
        minuit, function = prepare(objective, found.factors, found.metric, found.held, known=known, **options)
    outcome = minimise(minuit, migrad_opts)
    if outcome.stat < found.stat:
        found.factors, found.stat, found.gradient = outcome.factors, outcome.stat, None
    if not found.success:
        found.success, found.message = outcome.success, outcome.message
    found.minuit, found.minuit_function, found.method = minuit, function, "migrad"
    return found


def _by_scipy(objective, options: dict) -> Minimum:
    from .scipy import minimise

    result = minimise(objective, objective.start, **options)
    message = str(result.message)
    if not result.success:
        message += " Start nearer to the minimum, allow more iterations, or use the default backend."
    return Minimum(
        objective,
        np.clip(result.x, objective.lower, objective.upper),
        float(result.fun),
        success=bool(result.success),
        message=message,
        method=result.method,
    )


def here(objective) -> Minimum:
    """Take the values of the parameters for the minimum."""
    factors = objective.start
    return Minimum(objective, factors, objective.stat(factors))


def at_limits(objective, factors) -> np.ndarray | None:
    """Tell which factors are at a limit beyond which the statistic falls; None without derivatives."""
    if not objective.has_gradient:
        return None
    gradient = objective.gradient(factors)
    return ((factors <= objective.lower) & (gradient > 0)) | ((factors >= objective.upper) & (gradient < 0))


BACKENDS = {"minuit": _by_minuit, "scipy": _by_scipy, "newton": _by_newton}
"""Minimisers by name: functions of an `Objective` and options that return a `Minimum`. Add one to register it."""
