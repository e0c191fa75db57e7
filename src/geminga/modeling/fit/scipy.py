"""The minimisers of SciPy."""

from __future__ import annotations

import logging

import numpy as np
from scipy.optimize import minimize

from ...errors import UnknownNameError

__all__ = ["METHODS", "minimise"]

log = logging.getLogger(__name__)

# method: (respects limits, uses the gradient, uses second derivatives)
METHODS = {
    "Nelder-Mead": (True, False, False),
    "Powell": (True, False, False),
    "CG": (False, True, False),
    "BFGS": (False, True, False),
    "Newton-CG": (False, True, False),
    "L-BFGS-B": (True, True, False),
    "TNC": (True, True, False),
    "COBYLA": (True, False, False),
    "COBYQA": (True, False, False),
    "SLSQP": (True, True, False),
    "trust-constr": (True, True, False),
    "dogleg": (False, True, True),
    "trust-ncg": (False, True, True),
    "trust-exact": (False, True, True),
    "trust-krylov": (False, True, True),
}


def minimise(objective, start, method="Nelder-Mead", **options):
    """Minimise a statistic.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
    start : ndarray, shape (n,)
        Factors at the start.
    method : str
        Name of the method, in any case.
    **options : dict
        Further arguments of `scipy.optimize.minimize`.

    Returns
    -------
    `~scipy.optimize.OptimizeResult`
        In factors, with the name of the method as ``method``.
    """
    names = {name.lower(): name for name in METHODS}
    if str(method).lower() not in names:
        raise UnknownNameError("method of the scipy backend", method, METHODS)
    method = names[str(method).lower()]
    takes_limits, takes_gradient, takes_hessian = METHODS[method]
    limited = np.any(np.isfinite(objective.lower)) or np.any(np.isfinite(objective.upper))
    if limited and takes_limits:
        options.setdefault("bounds", list(zip(objective.lower, objective.upper, strict=True)))
    elif limited:
        log.warning("Method %s of scipy ignores the limits of the parameters.", method)
    if takes_gradient and objective.has_gradient:
        options.setdefault("jac", True)
        function = objective.stat_and_gradient
    else:
        function = objective.stat
        if takes_hessian:
            options.setdefault("jac", lambda x: _differences(objective, x))
    if takes_hessian:
        options.setdefault("hess", objective.hessian)
    if method == "Nelder-Mead":
        # the simplex has to be of the size of the errors, not of SciPy's 5 % or 0.00025
        options = {
            **options,
            "options": {"initial_simplex": _simplex(objective, start), **options.get("options", {})},
        }
    result = minimize(function, start, method=method, **options)
    result.method = method
    return result


def _simplex(objective, start) -> np.ndarray:
    """Return corners a tenth of the size of each factor apart, inside the limits."""
    corners = np.tile(start, (len(start) + 1, 1))
    for i, size in enumerate(0.1 * np.maximum(np.abs(start), 1.0)):
        step = size if start[i] + size <= objective.upper[i] else -size
        corners[i + 1, i] += step
    return np.clip(corners, objective.lower, objective.upper)


def _differences(objective, factors) -> np.ndarray:
    """Return central differences of the statistic."""
    gradient = np.zeros(len(factors))
    for i, size in enumerate(1e-5 * np.maximum(np.abs(factors), 1.0)):
        up, down = np.array(factors), np.array(factors)
        up[i] += size
        down[i] -= size
        gradient[i] = (objective.stat(up) - objective.stat(down)) / (2 * size)
    return gradient
