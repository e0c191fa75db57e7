"""Minuit: minimum, asymmetric errors and contours."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass

import numpy as np
from iminuit import Minuit

from ...errors import UnknownNameError

__all__ = ["MinuitOutcome", "contour", "minimise", "minos", "prepare"]

log = logging.getLogger(__name__)

_OPTIONS = ("strategy", "tol", "print_level", "errordef", "throw_nan", "precision", "migrad_opts")


@dataclass
class MinuitOutcome:
    """Where Minuit ended: factors, statistic, whether it is a minimum, and why not."""

    factors: np.ndarray
    stat: float
    success: bool
    message: str
    minuit: Minuit


class _Function:
    """Statistic and derivatives for Minuit; what was computed last is kept, as Minuit asks twice."""

    def __init__(self, objective, curvature):
        self.objective, self.curvature = objective, curvature
        self._last: tuple[bytes, float, np.ndarray] | None = None

    def remember(self, factors, stat: float, gradient) -> None:
        self._last = (np.asarray(factors, dtype=float).tobytes(), stat, gradient)

    def stat(self, factors) -> float:
        if self._last is not None and self._last[0] == factors.tobytes():
            return self._last[1]
        return self.objective.stat(factors)

    def gradient(self, factors) -> np.ndarray:
        key = factors.tobytes()
        if self._last is None or self._last[0] != key:
            self.remember(factors, *self.objective.stat_and_gradient(factors))
        return self._last[2]

    def hessian(self, factors) -> np.ndarray:
        """Return the curvature that is known: Minuit uses it as a metric, and to measure the errors."""
        return self.curvature


def prepare(objective, start, curvature=None, held=None, use_gradient=None, known=None, **options):
    """Return a Minuit object for a statistic.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
    start : ndarray, shape (n,)
        Factors at the start.
    curvature : ndarray, shape (n, n), optional
        Second derivatives.
    held : ndarray of bool, shape (n,), optional
        Factors to keep at their start, as they are at a limit.
    use_gradient : bool, optional
        Hand over the derivatives; by default if there are some.
    known : tuple of float and ndarray, optional
        Statistic and derivatives at the start.
    **options : dict
        strategy, tol, print_level, errordef, throw_nan, precision.

    Returns
    -------
    minuit : `~iminuit.Minuit`
    function : object
        What Minuit calls; set its ``curvature`` when better second derivatives are known.
    """
    for key in options:
        if key not in _OPTIONS:
            raise UnknownNameError("option of the minuit backend", key, _OPTIONS)
    function = _Function(objective, curvature)
    if known is not None:
        function.remember(start, *known)
    names = [f"par_{i:03d}_{p.name}" for i, p in enumerate(objective.parameters)]
    if use_gradient is None:
        use_gradient = objective.has_gradient
    keywords: dict = {"grad": function.gradient} if use_gradient else {"grad": False}
    if use_gradient and curvature is not None:
        keywords["hessian"] = function.hessian
    try:
        minuit = Minuit(function.stat, start, name=names, **keywords)
    except TypeError:  # a release of iminuit that takes no second derivatives
        keywords.pop("hessian", None)
        minuit = Minuit(function.stat, start, name=names, **keywords)
    minuit.errordef = options.get("errordef", Minuit.LEAST_SQUARES)
    minuit.tol = options.get("tol", 0.1)
    minuit.strategy = options.get("strategy", 1)
    minuit.print_level = options.get("print_level", 0)
    minuit.throw_nan = options.get("throw_nan", False)
    minuit.precision = options.get("precision")
    minuit.limits = list(zip(objective.lower, objective.upper, strict=True))
    minuit.errors = _first_steps(objective, start, curvature)
    if held is not None:
        for name, fixed in zip(names, held, strict=True):
            minuit.fixed[name] = bool(fixed)
    return minuit, function


def _first_steps(objective, start, curvature) -> np.ndarray:
    """Return rough standard deviations: by the curvature, or the errors of the parameters, or their size."""
    if curvature is not None and np.all(np.diag(curvature) > 0):
        return np.sqrt(2.0 / np.diag(curvature))
    slopes = np.abs(objective.slopes(start))
    errors = np.array([p.error for p in objective.parameters]) / np.where(slopes > 0, slopes, 1.0)
    return np.where(
        (errors > 0) & np.isfinite(errors), errors, np.where(start != 0, 0.05 * np.abs(start), 0.1)
    )


def minimise(minuit, migrad_opts=None) -> MinuitOutcome:
    """Run Migrad.

    Parameters
    ----------
    minuit : `~iminuit.Minuit`
    migrad_opts : dict, optional
        Arguments of `iminuit.Minuit.migrad`.
    """
    if all(minuit.fixed):
        stat = minuit.fcn(np.array(minuit.values))
        return MinuitOutcome(
            np.array(minuit.values), stat, True, "Optimization terminated successfully.", minuit
        )
    minuit.migrad(**(migrad_opts or {}))
    stat = minuit.fval
    return MinuitOutcome(np.array(minuit.values), stat, bool(minuit.valid), _message(minuit), minuit)


def _message(minuit) -> str:
    """Return what Migrad has to say, with a remedy where it failed."""
    if minuit.valid:
        return "Optimization terminated successfully."
    minimum = minuit.fmin
    if minimum.has_reached_call_limit:
        return "Optimization failed. Call limit was reached. Pass migrad_opts={'ncall': ...} or start nearer."
    if minimum.is_above_max_edm:
        return (
            "Optimization failed. Estimated distance to minimum too large. "
            "Start nearer to the minimum, freeze or limit badly known parameters."
        )
    if not minimum.has_valid_parameters:
        return "Optimization failed. Parameters are not valid. Check start values and limits."
    return "Optimization failed. Start nearer to the minimum, freeze or limit badly known parameters."


def minos(minuit, index: int, sigma: float) -> dict:
    """Return the asymmetric errors of one factor.

    Parameters
    ----------
    minuit : `~iminuit.Minuit`
        At the minimum.
    index : int
        Position of the factor.
    sigma : float
        Number of standard deviations.

    Returns
    -------
    dict
        ``success``, ``message``, ``errp`` and ``errn`` in units of the factor.
    """
    name = minuit.parameters[index]
    unit = minuit.errordef
    try:
        # by the rise of the statistic: a confidence level would make iminuit import the statistics of SciPy
        minuit.errordef = unit * sigma**2
        minuit.minos(name)
    except RuntimeError as error:
        return {"success": False, "message": f"Minos failed: {error}", "errp": np.nan, "errn": np.nan}
    finally:
        minuit.errordef = unit
    errors = minuit.merrors[name]
    message = (
        "Minos terminated successfully." if errors.is_valid else "Minos found no crossing on both sides."
    )
    return {
        "success": bool(errors.is_valid),
        "message": message,
        "errp": errors.upper if errors.upper_valid else np.nan,
        "errn": -errors.lower if errors.lower_valid else np.nan,
    }


def contour(minuit, first: int, second: int, numpoints: int, sigma: float) -> tuple[np.ndarray, bool]:
    """Return points of the line on which the statistic, minimised over the others, rises by sigma squared.

    Parameters
    ----------
    minuit : `~iminuit.Minuit`
        At the minimum.
    first, second : int
        Positions of the factors.
    numpoints : int
    sigma : float

    Returns
    -------
    points : ndarray, shape (numpoints + 1, 2)
        Factors; the last point is the first.
    success : bool
    """
    names = minuit.parameters[first], minuit.parameters[second]
    try:
        points = np.asarray(minuit.mncontour(*names, cl=-math.expm1(-0.5 * sigma**2), size=numpoints))
    except RuntimeError as error:
        log.warning("The contour was not found: %s", error)
        return np.full((0, 2), np.nan), False
    return points.reshape(-1, 2), len(points) > 0
