"""A trust-region minimiser for likelihoods: Fisher scoring far from the minimum, BFGS near it, limits respected.

The metric starts as the Fisher matrix, which whitens the coordinates: a step of one is one standard deviation in every
direction. While the estimated distance to the minimum is large the metric is taken anew where it did not foretell the
gain of a step. Elsewhere it is corrected by BFGS, which makes convergence superlinear where the Fisher matrix, which
neglects second derivatives of the model, would make it linear; where the likelihood knows its second derivatives, BFGS
starts from those.

A statistic of maps is not perfectly smooth: the image of an edge jumps from one sub-pixel to the next. Where steps that
should gain a thousandth gain nothing, the minimum is as good as it gets.

References
----------
.. [1] Nocedal & Wright (2006), Numerical Optimization, chapters 4 (trust regions), 6.1 and 18.3 (damped BFGS), 16.7
   (gradient projection for limits).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

import numpy as np

__all__ = ["NewtonResult", "NewtonStatus", "minimise"]

_FAR = 1.0  # estimated distance to the minimum, in units of the statistic, above which the metric is renewed
_SHRINK, _GROW = 0.25, 3.0
_ACCEPT, _GOOD, _TRUSTED = 1e-4, 0.75, 0.25
_INFORMATIVE = -10.0
_FORETOLD = (0.7, 1.3)  # gain over what the metric foretold, between which the metric need not be renewed
_SURE_SIGN = 5.0  # standard deviations from zero beyond which one step does not change a sign
_MAX_RADIUS = 1e10
_FLOOR = 1e-9  # smallest eigenvalue of the whitened metric, relative to the largest
_NOISE = 1e-13  # relative rounding of a statistic
_ROUGH = 1e-3  # gain, in units of the statistic, below which steps may fail without the fit being wrong
_PATIENCE = 3  # such failures in a row that end a minimisation
_LOOK_BACK = 6  # evaluations that must gain something


class NewtonStatus(Enum):
    """How a minimisation ended; the value is the message."""

    CONVERGED = "Optimization terminated successfully."
    STALLED = (
        "No step lowers the statistic any further. "
        "Check that it is smooth around the start, or start nearer to the minimum."
    )
    TOO_MANY = "Too many evaluations. Start nearer to the minimum, freeze or limit badly known parameters."
    NOT_FINITE = "The statistic is not finite at the start. Check start values and data."


@dataclass
class NewtonResult:
    """Where a minimisation ended.

    Attributes
    ----------
    factors, gradient : ndarray, shape (n,)
    stat : float
    metric : ndarray, shape (n, n)
        Approximate second derivatives.
    edm : float
        Estimated distance of the statistic to its minimum.
    status : NewtonStatus
    at_limit : ndarray of bool, shape (n,)
        Factors held by a limit.
    """

    factors: np.ndarray
    stat: float
    gradient: np.ndarray
    metric: np.ndarray
    edm: float
    status: NewtonStatus
    at_limit: np.ndarray
    n_iterations: int = 0
    history: list = field(default_factory=list)


def minimise(
    objective, start=None, metric=None, tolerance=1e-7, max_evaluations=None, use_hessian=True
) -> NewtonResult:
    """Minimise a statistic with derivatives.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
        With derivatives.
    start : ndarray, shape (n,), optional
        Factors at the start.
    metric : ndarray, shape (n, n), optional
        Rough second derivatives at the start.
    tolerance : float
        Estimated distance of the statistic to its minimum at which to stop.
    max_evaluations : int, optional
        By default 200 + 50 n.
    use_hessian : bool
        Near the minimum, take the second derivatives of a likelihood that knows them.

    Returns
    -------
    `NewtonResult`
    """
    x = objective.start if start is None else np.clip(start, objective.lower, objective.upper)
    n = len(x)
    budget = 200 + 50 * n if max_evaluations is None else max_evaluations
    first = objective.nfev
    stat, gradient = objective.stat_and_gradient(x)
    if stat >= 1e300:
        held = np.zeros(n, dtype=bool)
        return NewtonResult(x, stat, gradient, np.eye(n), np.inf, NewtonStatus.NOT_FINITE, held)
    if metric is None:
        metric = _fresh_metric(objective, x, gradient)
    metric = _conditioned(metric)
    fresh = True
    radius = None
    failures, exact, best = 0, False, [stat]
    for iteration in range(1, 10_000):
        held = _held_by_limits(x, gradient, objective.lower, objective.upper)
        edm = _distance(metric, gradient, held)
        if edm < tolerance and (not fresh or edm < 1e-2 * tolerance or iteration > 1):
            return NewtonResult(x, stat, gradient, metric, edm, NewtonStatus.CONVERGED, held, iteration)
        if objective.nfev - first >= budget:
            return NewtonResult(x, stat, gradient, metric, edm, NewtonStatus.TOO_MANY, held, iteration)
        scale = np.sqrt(np.diag(metric))
        if radius is None:
            radius = max(10.0, 2 * np.linalg.norm(scale * _newton_step(metric, gradient, ~held)))
        lower, upper = _sane_range(x, scale, objective.lower, objective.upper)
        step = _bounded_step(metric, gradient, held, radius, scale, x, lower, upper)
        predicted = -(gradient @ step + 0.5 * step @ metric @ step)
        length = np.linalg.norm(scale * step)
        new_x = _on_limits(x + step, objective.lower, objective.upper)
        new_stat, new_gradient = objective.stat_and_gradient(new_x)
        actual = stat - new_stat
        noise = _NOISE * max(1.0, abs(stat))
        if predicted < 10 * noise:
            # below the rounding of the statistic the gradient decides
            improved = np.linalg.norm(new_gradient / scale) <= np.linalg.norm(gradient / scale)
            ratio = 1.0 if improved and actual > -10 * noise else -1.0
        else:
            ratio = actual / predicted
        if ratio < _TRUSTED:
            radius = _SHRINK * length
        elif ratio > _GOOD and length > 0.8 * radius:
            radius = min(_GROW * radius, _MAX_RADIUS)
        moved = new_x - x
        failures = failures + 1 if edm < _ROUGH and ratio < _TRUSTED else 0
        best.append(min(stat, new_stat))
        stuck = edm < _FAR and len(best) > _LOOK_BACK and best[-1 - _LOOK_BACK] - best[-1] < _ROUGH
        if failures >= _PATIENCE or stuck:
            x, stat, gradient = (new_x, new_stat, new_gradient) if actual > 0 else (x, stat, gradient)
            return NewtonResult(x, stat, gradient, metric, edm, NewtonStatus.CONVERGED, held, iteration)
        if ratio > _ACCEPT:
            change = new_gradient - gradient
            x, stat, gradient = new_x, new_stat, new_gradient
            if _FORETOLD[0] < ratio < _FORETOLD[1]:
                metric, fresh = _bfgs(metric, moved, change), False
            else:
                metric, fresh = _next_metric(objective, metric, x, moved, change, gradient, edm, held)
            if use_hessian and not fresh and not exact and objective.knows_hessian:
                metric, fresh, exact = _conditioned(objective.hessian(x)), True, True
        else:
            if ratio > _INFORMATIVE:
                # the secant of a rejected step is information as well, unless the step left the sane region
                metric, fresh = _bfgs(metric, moved, new_gradient - gradient), False
            if length < 1e-8 or radius < 1e-8:
                status = NewtonStatus.CONVERGED if edm < 1e3 * tolerance else NewtonStatus.STALLED
                return NewtonResult(x, stat, gradient, metric, edm, status, held, iteration)
    raise AssertionError("the budget of evaluations ends the loop")


def _fresh_metric(objective, x, gradient) -> np.ndarray:
    """Return the Fisher matrix, or second derivatives by differences of the gradient."""
    metric = objective.metric(x)
    if metric is None:
        metric = objective.hessian(x)
    return metric


def _conditioned(metric) -> np.ndarray:
    """Return a positive definite matrix near a symmetric one."""
    metric = 0.5 * (metric + metric.T)
    metric = np.where(np.isfinite(metric), metric, 0.0)
    diagonal = np.diag(metric).copy()
    known = diagonal > 0
    # a parameter on which nothing seems to depend gets unit curvature
    scale = np.sqrt(np.where(known, diagonal, np.maximum(np.abs(diagonal), 1.0)))
    white = metric / np.outer(scale, scale)
    values, vectors = np.linalg.eigh(white)
    floor = _FLOOR * max(values[-1], 1.0)
    if values[0] < floor:
        # curvature of the wrong sign is kept by its size: a step along it then goes downhill
        values = np.maximum(np.abs(values), floor)
        white = (vectors * values) @ vectors.T
    return white * np.outer(scale, scale)


def _on_limits(x, lower, upper) -> np.ndarray:
    """Move what is outside a limit, or off it by rounding, onto the limit."""
    near = 1e-13 * (1 + np.abs(x))
    return np.where(x <= lower + near, lower, np.where(x >= upper - near, upper, x))


def _held_by_limits(x, gradient, lower, upper) -> np.ndarray:
    """Tell which factors are at a limit beyond which the statistic falls."""
    return ((x <= lower) & (gradient > 0)) | ((x >= upper) & (gradient < 0))


def _sane_range(x, scale, lower, upper) -> tuple[np.ndarray, np.ndarray]:
    """Return limits for one step: a factor far from zero may shrink tenfold, but not change its sign.

    An amplitude that is far too large would otherwise jump below zero, where predicted counts are cut off and the
    statistic says nothing.
    """
    far = np.abs(x) * scale > _SURE_SIGN
    low = np.where(far & (x > 0), np.maximum(lower, 0.1 * x), lower)
    high = np.where(far & (x < 0), np.minimum(upper, 0.1 * x), upper)
    return low, high


def _newton_step(metric, gradient, free) -> np.ndarray:
    step = np.zeros(len(gradient))
    if np.any(free):
        step[free] = -np.linalg.solve(metric[np.ix_(free, free)], gradient[free])
    return step


def _distance(metric, gradient, held) -> float:
    """Return the fall of the quadratic model to its minimum."""
    return float(-0.5 * gradient @ _newton_step(metric, gradient, ~held))


def _bounded_step(metric, gradient, held, radius, scale, x, lower, upper) -> np.ndarray:
    """Minimise the quadratic model inside the trust region and the limits.

    Where the limits matter, the minimum between the limits is shortened to the trust region: the way there goes
    downhill all along, as the model is convex.
    """
    free = ~held
    step = np.zeros(len(x))
    if np.any(free):
        step[free] = _trust_region_step(metric[np.ix_(free, free)], gradient[free], scale[free], radius)
    target = x + step
    if np.all((target >= lower) & (target <= upper)):
        return step
    step = _box_minimum(metric, gradient, lower - x, upper - x, held)
    length = np.linalg.norm(scale * step)
    return step if length <= radius else step * (radius / length)


def _box_minimum(metric, gradient, low, high, held) -> np.ndarray:
    """Minimise a convex quadratic function of a step between limits of the step, by an active-set method.

    From a point inside, go to the minimum in the coordinates that are not at a limit, as far as the next limit allows;
    at the minimum, let go of the limit from which the function falls most; repeat.
    """
    n = len(gradient)
    step = np.zeros(n)
    at_limit = held.copy()
    for _ in range(20 * n):
        slope = gradient + metric @ step
        move = _newton_step(metric, slope, ~at_limit)
        room = np.where(move > 0, high - step, low - step)
        with np.errstate(divide="ignore", invalid="ignore"):
            fractions = np.where(move != 0, room / move, np.inf)
        first = int(np.argmin(fractions))
        if fractions[first] < 1:
            step = step + max(fractions[first], 0.0) * move
            step[first] = high[first] if move[first] > 0 else low[first]
            at_limit[first] = True
            continue
        step = step + move
        slope = gradient + metric @ step
        # how much the function would fall on leaving a limit, in units of its curvature
        inward = np.where(step >= high, slope, np.where(step <= low, -slope, 0.0)) / np.sqrt(np.diag(metric))
        inward[~at_limit | (low >= high)] = 0.0
        release = int(np.argmax(inward))
        if inward[release] <= 1e-12 * (1 + np.max(np.abs(gradient / np.sqrt(np.diag(metric))))):
            break
        at_limit[release] = False
    return np.clip(step, low, high)


def _trust_region_step(metric, gradient, scale, radius) -> np.ndarray:
    """Minimise the quadratic model inside an ellipsoid, with the multiplier found by Newton iterations."""
    white = metric / np.outer(scale, scale)
    slope = gradient / scale
    values, vectors = np.linalg.eigh(white)
    values = np.maximum(values, _FLOOR)
    along = vectors.T @ slope
    multiplier = 0.0
    for _ in range(50):
        step = -along / (values + multiplier)
        length = np.linalg.norm(step)
        if length <= radius * (1 + 1e-3):
            break
        derivative = np.sum(along**2 / (values + multiplier) ** 3)
        multiplier += (length**2 / derivative) * (length / radius - 1)
    return (vectors @ step) / scale


def _next_metric(objective, metric, x, moved, change, gradient, edm, held):
    """Return the metric at a new point, and whether it was computed there."""
    updated = _bfgs(metric, moved, change)
    far = edm > _FAR and _distance(updated, gradient, held) > 0.1 * _FAR
    if far:
        renewed = objective.metric(x)
        if renewed is not None:
            return _conditioned(renewed), True
    return updated, False


def _bfgs(metric, moved, change) -> np.ndarray:
    """Return the damped BFGS update, positive definite like the metric itself."""
    pushed = metric @ moved
    bend = moved @ pushed
    if not bend > 0 or not np.all(np.isfinite(change)):
        return metric
    secant = moved @ change
    if secant < 0.2 * bend:
        weight = 0.8 * bend / (bend - secant)
        change = weight * change + (1 - weight) * pushed
        secant = moved @ change
    updated = metric - np.outer(pushed, pushed) / bend + np.outer(change, change) / secant
    if not np.all(np.isfinite(updated)):
        return metric
    try:
        np.linalg.cholesky(updated)
    except np.linalg.LinAlgError:  # lost by rounding
        return _conditioned(updated)
    return updated
