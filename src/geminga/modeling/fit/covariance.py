"""From second derivatives of the statistic to the covariance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..covariance import Covariance
from .adapter import parameters_of
from .minimum import Minimum

__all__ = ["FreeCovariance", "find", "from_hessian", "store"]

_FLOOR = 1e-9  # of the largest eigenvalue, in coordinates with unit diagonal


@dataclass
class FreeCovariance:
    """Covariance of the factors, whether it can be trusted, and why not."""

    matrix: np.ndarray
    success: bool
    message: str


def find(minimum: Minimum, backend: str) -> FreeCovariance:
    """Return the covariance of the factors at a minimum, by the inverse of the second derivatives.

    Without derivatives, Minuit makes the second differences if it is the backend.
    """
    objective, factors = minimum.objective, minimum.factors
    if not objective.has_gradient and backend == "minuit":
        return _from_minuit(minimum)
    hessian = objective.hessian(factors, minimum.metric)
    gradient = minimum.gradient
    if gradient is None:
        gradient = objective.gradient(factors) if objective.has_gradient else np.zeros(len(factors))
    names = [parameter.name for parameter in objective.parameters]
    if minimum.minuit is not None and minimum.minuit_function is not None:
        minimum.minuit_function.curvature = hessian
        if not all(minimum.minuit.fixed):
            minimum.minuit.hesse()
    return from_hessian(hessian, gradient, minimum.held, names)


def _from_minuit(minimum: Minimum) -> FreeCovariance:
    minuit = minimum.minuit
    if minuit is None:
        from .minuit import prepare

        minuit, _ = prepare(minimum.objective, minimum.factors, use_gradient=False)
    minuit.hesse()
    n = len(minimum.factors)
    matrix = np.zeros((n, n)) if minuit.covariance is None else np.array(minuit.covariance)
    if minuit.accurate:
        return FreeCovariance(matrix, True, "Hesse terminated successfully.")
    return FreeCovariance(matrix, False, "Hesse failed. Check that the fit is at a minimum.")


def store(datasets, objective, matrix) -> np.ndarray:
    """Give models and parameters the covariance of the free parameters, and return that of all of them.

    Parameters
    ----------
    datasets : object
    objective : Objective
    matrix : ndarray, shape (n, n)
        Covariance of the values of the free parameters.
    """
    models = getattr(datasets, "models", None)
    everything = parameters_of(datasets)
    free = everything.free_unique_parameters
    positions = {id(parameter): i for i, parameter in enumerate(objective.parameters)}
    known = [i for i, parameter in enumerate(free) if id(parameter) in positions]
    order = [positions[id(free[i])] for i in known]
    full = np.zeros((len(free), len(free)))
    full[np.ix_(known, known)] = matrix[np.ix_(order, order)]
    covariance = Covariance.from_free_matrix(everything, full)
    if hasattr(models, "covariance"):
        models.covariance = covariance
    else:
        for parameter, variance in zip(objective.parameters, np.diag(matrix), strict=True):
            parameter.error = float(np.sqrt(max(variance, 0.0)))
    return covariance.data


def from_hessian(hessian, gradient, held, names) -> FreeCovariance:
    r"""Return the covariance :math:`2 H^{-1}` of a statistic :math:`-2 \ln L` at its minimum.

    A factor that is held by a limit has no standard deviation. It gets, without correlations, the distance at which the
    statistic has risen by one on the allowed side.

    Parameters
    ----------
    hessian : ndarray, shape (n, n)
    gradient : ndarray, shape (n,)
    held : ndarray of bool, shape (n,)
        Factors at a limit beyond which the statistic falls.
    names : list of str
        For the message.
    """
    n = len(hessian)
    matrix = np.zeros((n, n))
    free = ~held
    problem = ""
    if np.any(free):
        part, bad = _inverse(0.5 * hessian[np.ix_(free, free)])
        matrix[np.ix_(free, free)] = part
        if bad is not None:
            culprits = [name for name, is_free in zip(names, free, strict=True) if is_free]
            worst = culprits[int(np.argmax(np.abs(bad)))]
            problem = (
                f"Hesse failed: the statistic is flat or falls along {worst}. "
                "Freeze or limit it, or check that the fit is at a minimum."
            )
    for i in np.flatnonzero(held):
        slope, bend = abs(gradient[i]), max(hessian[i, i], 0.0)
        distance = 2.0 / (slope + np.sqrt(slope**2 + 2.0 * bend)) if slope + bend > 0 else 0.0
        matrix[i, i] = distance**2
    if problem:
        return FreeCovariance(matrix, False, problem)
    message = "Hesse terminated successfully."
    if np.any(held):
        at = ", ".join(name for name, is_held in zip(names, held, strict=True) if is_held)
        message += f" At a limit, with a one-sided error: {at}."
    return FreeCovariance(matrix, True, message)


def _inverse(matrix) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the inverse of a symmetric matrix, and the direction in which it is not positive, if there is one."""
    diagonal = np.diag(matrix)
    if not np.all(np.isfinite(matrix)):
        return np.zeros_like(matrix), ~np.isfinite(diagonal) + 0.0
    scale = np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    values, vectors = np.linalg.eigh(matrix / np.outer(scale, scale))
    good = values > _FLOOR * max(values[-1], 1.0)
    inverse = (vectors[:, good] / values[good]) @ vectors[:, good].T
    bad = None if np.all(good) else vectors[:, int(np.argmin(values))]
    return inverse / np.outer(scale, scale), bad
