"""Confidence intervals: by Minos, or by root search on the profile of the statistic."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from .minimum import confirm_with_minuit
from .newton import NewtonStatus
from .newton import minimise as newton
from .objective import Objective

__all__ = ["Side", "by_minos", "by_search", "profile_value", "search"]

log = logging.getLogger(__name__)

_TOLERANCE = 1e-5  # of the distance
_DOUBLINGS = 60


@dataclass
class Side:
    """Distance to one end of an interval, in units of the parameter; NaN where there is none."""

    distance: float
    success: bool
    message: str
    nfev: int


def by_minos(minimum, index: int, sigma: float) -> dict:
    """Return both errors of a parameter by Minos, in units of the parameter."""
    from .minuit import minos

    objective = minimum.objective
    found = minimum if minimum.minuit is not None else confirm_with_minuit(objective, minimum)
    before = objective.nfev
    result = minos(found.minuit, index, sigma)
    for key, side in (("errp", 1), ("errn", -1)):
        moved = np.array(found.factors)
        moved[index] += side * result[key]
        result[key] = float(abs(objective.values(moved)[index] - objective.values(found.factors)[index]))
    result["nfev"] = objective.nfev - before
    return result


def by_search(minimum, index: int, sigma: float, reoptimize: bool) -> dict:
    """Return both errors of a parameter by root search, in units of the parameter."""
    objective = minimum.objective
    best = objective.values(minimum.factors)
    slopes = objective.slopes(minimum.factors)
    step = objective.parameters[index].error
    if not step > 0 and minimum.metric is not None:
        step = np.sqrt(2.0 / minimum.metric[index, index]) * abs(slopes[index])
    if not step > 0:
        step = 0.1 * max(abs(best[index]), abs(slopes[index]))
    output: dict = {"stat_null": minimum.stat}
    for key, side in (("errn", -1), ("errp", 1)):
        found = search(objective, index, sigma, best, minimum.stat, reoptimize, side, sigma * step)
        output |= {
            key: found.distance,
            f"success_{key}": found.success,
            f"message_{key}": found.message,
            f"nfev_{key}": found.nfev,
        }
    output["success"] = output["success_errn"] and output["success_errp"]
    failed = [output[f"message_{key}"] for key in ("errn", "errp") if not output[f"success_{key}"]]
    output["message"] = " ".join(failed) or "Confidence terminated successfully."
    output["nfev"] = output["nfev_errn"] + output["nfev_errp"]
    return output


def profile_value(objective, indices, values, start=None):
    """Return the statistic with some parameters held, minimised over the others.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
    indices : sequence of int
        Positions of the parameters to hold.
    values : sequence of float
        Their values in units of the parameters.
    start : ndarray, optional
        Values of the others at the start, by default those of the parameters.

    Returns
    -------
    stat : float
    others : ndarray
        Values of the others at the minimum.
    success : bool
    nfev : int
    """
    part = objective.holding(indices, values)
    if not part.parameters:
        return part.stat(np.array([])), np.array([]), True, 1
    if start is not None:
        part = Objective(part.likelihood, values=start)
    if part.has_gradient:
        result = newton(part)
        if result.status is not NewtonStatus.NOT_FINITE:
            success = result.status is NewtonStatus.CONVERGED
            return result.stat, part.values(result.factors), success, part.nfev
    from .scipy import minimise

    found = minimise(part, part.start, "L-BFGS-B" if part.has_gradient else "Nelder-Mead")
    return float(found.fun), part.values(found.x), bool(found.success), part.nfev


def search(
    objective, index: int, sigma: float, best, stat_best: float, reoptimize: bool, side: int, step: float
):
    """Search one end of a confidence interval: where the statistic has risen by sigma squared.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
    index : int
        Position of the parameter.
    sigma : float
        Number of standard deviations.
    best : ndarray, shape (n,)
        Values at the minimum.
    stat_best : float
        Statistic there.
    reoptimize : bool
        Minimise over the other parameters, or keep them.
    side : {-1, 1}
        Lower or upper end.
    step : float
        Guess of the distance.

    Returns
    -------
    `Side`
    """
    parameter = objective.parameters[index]
    centre = best[index]
    end = parameter.conf_max if side > 0 else parameter.conf_min
    reach = abs(end - centre)
    others = np.delete(best, index)
    calls = 0
    lowest = stat_best

    def excess(distance):
        """Return the root of the rise of the statistic, less sigma: almost linear in the distance."""
        nonlocal others, calls, lowest
        value = centre + side * distance
        if reoptimize:
            stat, others, _, nfev = profile_value(objective, [index], [value], others)
        else:
            values = np.array(best)
            values[index] = value
            stat, nfev = objective.stat(objective.factors(values)), 1
        calls += nfev
        lowest = min(lowest, stat)
        return np.sqrt(max(stat - stat_best, 0.0)) - sigma

    low, low_excess = 0.0, -float(sigma)
    high = min(step, reach)
    for _ in range(_DOUBLINGS):
        if high <= 0:
            break
        high_excess = excess(high)
        if high_excess >= 0:
            distance = _crossing(excess, low, low_excess, high, high_excess)
            message = "Confidence terminated successfully."
            if lowest < stat_best - 0.01:
                message += f" A lower minimum was met, by {stat_best - lowest:.2g}: fit again."
                log.warning("Confidence of %s: a lower minimum was met. Fit again.", parameter.name)
            return Side(float(distance), True, message, calls)
        if high >= reach:
            break
        low, low_excess, high = high, high_excess, min(2 * high, reach)
    which, limit = ("above", "max") if side > 0 else ("below", "min")
    message = (
        f"Confidence estimation failed: the statistic of {parameter.name} does not rise by {sigma**2:g} {which} the "
        f"best fit up to {end:g}. Try to set parameter.{limit} by hand."
    )
    return Side(np.nan, False, message, calls)


def _crossing(function, low, f_low, high, f_high) -> float:
    """Return where a function changes sign: false position, halved where it does not bite."""
    previous = 0
    for _ in range(100):
        if high - low <= _TOLERANCE * high:
            break
        middle = (low * f_high - high * f_low) / (f_high - f_low) if f_high < 1e6 else 0.5 * (low + high)
        # keep off the ends, or one of them would never move
        margin = 0.1 * _TOLERANCE * high
        middle = min(max(middle, low + margin), high - margin)
        value = function(middle)
        if abs(value) <= 0.1 * _TOLERANCE:
            return middle
        if value < 0:
            low, f_low = middle, value
            f_high = 0.5 * f_high if previous < 0 else f_high
            previous = -1
        else:
            high, f_high = middle, value
            f_low = 0.5 * f_low if previous > 0 else f_low
            previous = 1
    return 0.5 * (low + high)
