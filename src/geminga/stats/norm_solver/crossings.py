"""Norms at which the statistic has risen by a given amount: asymmetric errors and upper limits."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .chunks import in_chunks
from .minimum import minimize_terms
from .problems import NormProblems
from .status import NormStatus
from .terms import BINS_AT_ONCE, Terms, make_terms

__all__ = ["AsymmetricErrors", "asymmetric_errors", "find_crossings", "upper_limit"]

MAX_ITERATIONS = 200


class AsymmetricErrors(NamedTuple):
    """Distances from the best norm; arrays of shape (M,)."""

    errn: np.ndarray
    errp: np.ndarray


def asymmetric_errors(
    problems: NormProblems, n_sigma=1.0, norm=None, norm_min=None, norm_max=None
) -> AsymmetricErrors:
    r"""Find how far the norm can go before the statistic has risen by ``n_sigma ** 2``.

    Parameters
    ----------
    problems : NormProblems
    n_sigma : float
        Number of standard deviations.
    norm : array_like, shape (M,), optional
        Best norms, if known.
    norm_min, norm_max : float or array_like, shape (M,), optional
        Limits of the norm; an error ends at a limit.

    Returns
    -------
    errn, errp : ndarray, shape (M,)
        Both positive. NaN where there is no best norm, or where the statistic never rises that much.

    Examples
    --------
    >>> errors = asymmetric_errors(NormProblems(counts=[3.0], background=[1.0], signal=[1.0]))
    >>> errors.errn.round(6).tolist(), errors.errp.round(6).tolist()
    ([1.416026], [2.080237])
    """

    def run(part: NormProblems, best, low, high) -> AsymmetricErrors:
        terms, best = _terms_at_best(part, best, low, high)
        errn, errp = find_crossings(terms, best, [(-1, n_sigma), (1, n_sigma)], low, high)
        return AsymmetricErrors(errn, errp)

    return in_chunks(run, problems, norm, norm_min, norm_max)


def upper_limit(problems: NormProblems, n_sigma=2.0, norm=None, norm_min=None, norm_max=None) -> np.ndarray:
    r"""Find the upper limit of the norm: the best norm plus its positive error at `n_sigma`.

    This is the two-sided limit of :math:`\Delta TS = n_\sigma^2` without a boundary at 0, so it can be negative.

    Parameters
    ----------
    problems, n_sigma, norm, norm_min, norm_max
        As for `asymmetric_errors`.

    Returns
    -------
    ndarray, shape (M,)

    Examples
    --------
    >>> upper_limit(NormProblems(counts=[0.0], background=[1.0], signal=[1.0]), n_sigma=2).tolist()
    [1.0]
    """

    def run(part: NormProblems, best, low, high) -> np.ndarray:
        terms, best = _terms_at_best(part, best, low, high)
        return best + find_crossings(terms, best, [(1, n_sigma)], low, high)[0]

    return in_chunks(run, problems, norm, norm_min, norm_max)


def _terms_at_best(problems: NormProblems, norm, norm_min, norm_max) -> tuple[Terms, np.ndarray]:
    terms, status = make_terms(problems)
    if norm is None:
        norm, _ = minimize_terms(terms, status, norm_min, norm_max)
    return terms, np.where(status <= NormStatus.AT_LIMIT, norm, np.nan)


def find_crossings(terms: Terms, norm: np.ndarray, targets, norm_min=None, norm_max=None) -> list[np.ndarray]:
    """Find distances from `norm` for several targets.

    Parameters
    ----------
    terms : Terms
    norm : ndarray, shape (M,)
        Best norms, NaN for problems to leave out.
    targets : list of (sign, n_sigma)
        Direction (1 or -1) and number of standard deviations.
    norm_min, norm_max : ndarray, shape (M,), optional
        Limits.

    Returns
    -------
    list of ndarray, shape (M,)
        Positive distances, one array for each target.
    """
    good = np.flatnonzero(np.isfinite(norm))
    results = [np.full(terms.n_problems, np.nan) for _ in targets]
    if not len(good):
        return results
    start = norm[good]
    lower, upper = (limit[good] for limit in terms.limits())
    if len(good) < len(norm):
        terms = terms.select(good)
    if norm_min is not None:
        lower = np.maximum(lower, norm_min[good])
    if norm_max is not None:
        upper = np.minimum(upper, norm_max[good])
    room = {-1: start - lower, 1: upper - start}
    moved = terms.moved(start)
    if len(targets) > 1 and moved.may_repeat and moved.n_bins * len(targets) <= BINS_AT_ONCE:
        m, k = len(good), len(targets)
        sign = np.repeat([float(side) for side, _ in targets], m)
        rise = np.repeat([float(n_sigma) ** 2 for _, n_sigma in targets], m)
        limit = np.concatenate([room[side] for side, _ in targets])
        distance = _cross(moved.select(np.tile(np.arange(m), k)), sign, rise, limit)
        for result, part in zip(results, distance.reshape(k, m), strict=True):
            result[good] = part
        return results
    for result, (side, n_sigma) in zip(results, targets, strict=True):
        m = len(good)
        result[good] = _cross(moved, np.full(m, float(side)), np.full(m, float(n_sigma) ** 2), room[side])
    return results


def _cross(terms: Terms, sign: np.ndarray, rise: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Find where the statistic, 0 at 0, reaches `rise`; a Newton search on its square root, nearly a straight line."""
    m = terms.n_problems
    result = np.full(m, np.nan)
    slope, curvature = terms.derivatives(np.zeros(m))
    slope = np.maximum(sign * slope, 0.0)
    # the parabola of the minimum; at a limit or a kink the slope there does not vanish
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        t = 2 * rise / (slope + np.sqrt(np.square(slope) + 2 * curvature * rise))
    t = np.where(np.isfinite(t) & (t > 0), t, rise * terms.signal_scale())
    active: np.ndarray = np.arange(m)
    low: np.ndarray = np.zeros(m)
    high: np.ndarray = limit.copy()
    alive: np.ndarray = np.ones(m, dtype=bool)
    tolerance = terms.crossing_tolerance
    ends = np.isfinite(limit)
    closed = np.zeros(m, dtype=bool)
    if ends.any():
        at_limit = np.where(ends, limit, 0.0)
        with np.errstate(invalid="ignore", over="ignore"):
            reached = terms.all(sign * at_limit)[0]
        closed = ends & (reached < rise)
        result[closed] = limit[closed]
        alive &= ~closed
    before: np.ndarray = np.full(m, np.inf)
    # close to a border all steps are short; start well inside
    t = np.where(t < 0.9 * high, t, 0.5 * high)
    for _ in range(MAX_ITERATIONS):
        if np.count_nonzero(alive) < 0.75 * len(alive):
            left = np.flatnonzero(alive)
            active, low, high, t, sign = (_[left] for _ in (active, low, high, t, sign))
            rise, before = rise[left], before[left]
            terms, alive = terms.select(left), alive[left]
        if not alive.any():
            break
        stat, slope, _ = terms.all(sign * t)
        slope = sign * slope
        low = np.where(stat <= rise, t, low)
        high = np.where(stat >= rise, t, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            root = np.sqrt(np.maximum(stat, 0.0))
            trial = t - 2 * root * (root - np.sqrt(rise)) / slope
            newton = np.abs(trial - t)
            by_newton = ((trial > low) & (trial < high)) | (newton <= tolerance * t)
            # steps that do not shrink could go to and fro forever
            by_newton &= (slope > 0) & (root > 0) & (newton <= 0.6 * before)
            fallback = np.where(np.isfinite(high), low + 0.5 * (high - low), 4 * t)
        trial = np.where(by_newton, trial, fallback)
        step = np.abs(trial - t)
        near = by_newton & (step <= tolerance * t) & (np.abs(stat - rise) <= 1e-4 * rise)
        done = (stat == rise) | near | (high - low <= 4e-16 * t)
        t = np.where(alive & (stat != rise), trial, t)
        before = np.where(by_newton, step, high - low)
        done &= alive
        result[active[done]] = t[done]
        # a statistic that stays below the target to the end of the numbers has no crossing
        alive = alive & ~done & (t < 1e300)
    return result
