"""The best norm of each problem: a safeguarded Newton search for the zero of the slope."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .chunks import in_chunks
from .problems import NormProblems
from .status import NormStatus
from .terms import Terms, make_terms

__all__ = ["BestFit", "best_fit", "minimize_terms"]

MAX_ITERATIONS = 200
# After so many steps Newton steps must shrink; before, they may grow, as they do next to a border.
PATIENCE = 8


class BestFit(NamedTuple):
    """Best norms; arrays of shape (M,)."""

    norm: np.ndarray
    stat: np.ndarray
    success: np.ndarray
    niter: np.ndarray
    status: np.ndarray


def best_fit(problems: NormProblems, norm_min=None, norm_max=None) -> BestFit:
    r"""Find the norm with the smallest statistic.

    The statistic of each problem is convex in the norm, so there is one minimum. The search stays where bins with
    counts have positive predictions, which may be at negative norms. Negative predictions in Cash bins *without*
    counts count as zero, as everywhere in the package; limit the norm by `positivity_limits` to exclude them. In pure
    Cash problems the norm stops where the total prediction is 0, and without any counts at the smallest norm without
    a negative prediction.

    Parameters
    ----------
    problems : NormProblems
    norm_min, norm_max : float or array_like, shape (M,), optional
        Limits of the norm.

    Returns
    -------
    norm, stat, success, niter, status : ndarray, shape (M,)
        Best norm, statistic there, whether it can be used, number of steps, and the `NormStatus`. NaN without success.

    Notes
    -----
    Newton's method on the slope, where possible in the form that is exact for one bin (on
    :math:`1/\sum n s/\mu`), safeguarded by bisection of a bracket that follows from convexity: the minimum lies
    between the norms that single bins would choose.

    Examples
    --------
    >>> fit = best_fit(NormProblems(counts=[10, 3], background=[4.0, 3.0], signal=[2.0, 1.0], offsets=[0, 1, 2]))
    >>> fit.norm.round(9).tolist(), fit.success.tolist()
    ([3.0, 0.0], [True, True])
    """

    def run(part: NormProblems, low, high) -> BestFit:
        terms, status = make_terms(part)
        norm, niter = minimize_terms(terms, status, low, high)
        good = status <= NormStatus.AT_LIMIT
        stat = np.where(good, terms.all(np.where(good, norm, 0.0))[0], np.nan)
        return BestFit(norm, stat, good, niter, status)

    return in_chunks(run, problems, norm_min, norm_max)


def minimize_terms(terms: Terms, status: np.ndarray, norm_min=None, norm_max=None):
    """Find the minima; `status` is updated in place.

    Returns
    -------
    norm : ndarray, shape (M,)
        NaN where there is none.
    niter : ndarray of int, shape (M,)
    """
    m = terms.n_problems
    norm, niter = np.full(m, np.nan), np.zeros(m, dtype=int)
    limit_low, limit_high = terms.limits()
    if norm_min is not None:
        limit_low = np.maximum(limit_low, norm_min)
    if norm_max is not None:
        limit_high = np.minimum(limit_high, norm_max)

    status[(limit_low > limit_high) & (status == NormStatus.CONVERGED)] = NormStatus.IMPOSSIBLE
    todo = np.flatnonzero(status == NormStatus.CONVERGED)
    if len(todo) < m:
        terms = terms.select(todo)
    low, high, start, state = terms.bracket()
    _settle_at_limits(terms, limit_low[todo], limit_high[todo], low, high, start, state)
    status[todo] = state
    norm[todo] = np.where(state == NormStatus.AT_LIMIT, start, np.nan)

    keep = np.flatnonzero(state == NormStatus.CONVERGED)
    if len(keep) < len(todo):
        terms, low, high, start = terms.select(keep), low[keep], high[keep], start[keep]
    todo = todo[keep]
    x, iterations, converged = _zero_of_slope(terms, low.copy(), high.copy(), start.copy())
    norm[todo], niter[todo] = x, iterations
    status[todo[~converged]] = NormStatus.NO_CONVERGENCE
    norm[todo[~converged]] = np.nan

    good = status <= NormStatus.AT_LIMIT
    for limit, hit in ((limit_low, good & (norm < limit_low)), (limit_high, good & (norm > limit_high))):
        norm[hit] = limit[hit]
        status[hit] = NormStatus.AT_LIMIT
    return norm, niter


def _settle_at_limits(terms: Terms, limit_low, limit_high, low, high, start, state) -> None:
    """Find problems whose statistic still falls at a limit; move the bracket of the others to it, all in place."""
    for limit, end, sign in ((limit_low, low, 1), (limit_high, high, -1)):
        with np.errstate(invalid="ignore"):
            open_ = (state == NormStatus.CONVERGED) & np.isfinite(limit) & (sign * (limit - end) > 0)
            # beyond the whole bracket: the statistic falls, or rises, all the way to the limit
            far = np.flatnonzero(open_ & (sign * (limit - (high if sign > 0 else low)) >= 0))
            start[far] = limit[far]
            state[far] = NormStatus.AT_LIMIT
            open_[far] = False
        near = np.flatnonzero(open_)
        if not len(near) or not terms.looks_at_limits:
            continue
        slope = sign * terms.select(near).derivatives(limit[near])[0]
        settled = near[slope >= 0]
        start[settled] = limit[settled]
        state[settled] = NormStatus.AT_LIMIT
        inside = near[slope < 0]
        end[inside] = limit[inside]
        outside = (start[inside] < low[inside]) | (start[inside] > high[inside])
        wrong = inside[outside]
        finite = np.isfinite(low[wrong]) & np.isfinite(high[wrong])
        with np.errstate(invalid="ignore"):
            start[wrong] = np.where(finite, low[wrong] + 0.5 * (high[wrong] - low[wrong]), limit[wrong])


def _zero_of_slope(terms: Terms, low: np.ndarray, high: np.ndarray, x: np.ndarray):
    """Run the search; return norm, number of steps and whether each converged."""
    m = terms.n_problems
    result, niter, converged = x.copy(), np.zeros(m, dtype=int), np.zeros(m, dtype=bool)
    line = terms.line()
    # a norm that changes the prediction by 1e-12 counts; decides where the slope jumps through 0
    grain = 1e-12 * terms.signal_scale()
    alive = _not_at_kink(terms, low, high, x)
    active: np.ndarray = np.arange(m)
    result[:], converged[~alive] = x, True
    before: np.ndarray = high - low
    # ends of the bracket that may be the minimum, if a limit was not looked at before
    untried = np.full(m, not terms.looks_at_limits)
    for iteration in range(1, MAX_ITERATIONS + 1):
        if np.count_nonzero(alive) < 0.75 * len(alive):
            left = np.flatnonzero(alive)
            active, low, high, x, before, grain = (_[left] for _ in (active, low, high, x, before, grain))
            line = None if line is None else line[left]
            untried = untried[left]
            terms, alive = terms.select(left), alive[left]
        if not alive.any():
            break
        slope, curvature = terms.derivatives(x)
        low = np.where(slope <= 0, x, low)
        high = np.where(slope >= 0, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            newton = -slope / curvature
            sigma = np.where(curvature > 0, np.sqrt(2 / curvature), 0.0)
            if line is not None:
                gain = 1 - slope / line
                newton = newton * np.where((gain > 0) & np.isfinite(gain), gain, 1.0)
            trial = x + newton
            by_newton = (trial >= low) & (trial <= high)
            if iteration > PATIENCE:
                by_newton &= np.abs(newton) <= 0.6 * before
            middle = low + 0.5 * (high - low)
            # an end at infinity: go towards it in growing steps
            reach = (1e12 * grain + np.abs(x)) * 8.0 ** min(iteration, 100)
            middle = np.where(np.isfinite(low), middle, np.minimum(x, high) - reach)
            middle = np.where(np.isfinite(high), middle, np.maximum(x, low) + reach)
        tiny = 4e-16 * np.abs(x) + grain
        if terms.flat is not None and iteration > 2:
            _step_to_kinks(terms.flat, np.flatnonzero(alive & ~by_newton), low, high, tiny, middle)
        to_end = untried & (trial < low)
        untried &= ~to_end
        trial = np.where(by_newton, trial, np.where(to_end, low, middle))
        trial = np.where(alive & (slope != 0), trial, x)
        step = np.abs(trial - x)
        done = (
            (slope == 0) | (by_newton & (step <= terms.tolerance * sigma + tiny)) | (high - low <= 2 * tiny)
        )
        before = np.where(by_newton, step, high - low)
        x = trial
        result[active] = x
        niter[active[alive]] = iteration
        alive &= ~done
        converged[active[~alive]] = True
    return result, niter, converged


def _step_to_kinks(flat, which, low, high, tiny, middle) -> None:
    """Replace midpoints of brackets by points just before, then just after a kink within, in place.

    Where bins without counts are cut at 0 the slope jumps; if it jumps through 0, no amount of Newton steps finds out.
    """
    which = which[np.isfinite(low[which]) & np.isfinite(high[which])]
    if not len(which):
        return
    kink = flat.kink_inside(which, low[which], high[which])
    before, after = kink - 0.9 * tiny[which], kink + 0.9 * tiny[which]
    point = np.where(before > low[which], before, after)
    good = (point > low[which]) & (point < high[which])
    middle[which[good]] = point[good]


def _not_at_kink(terms: Terms, low, high, x) -> np.ndarray:
    """Return which problems still need a search; settle those with their minimum at norm 0 in place.

    On/Off bins without any counts have a kink where their signal is 0, and spectra have many such bins.
    """
    alive = np.ones(terms.n_problems, dtype=bool)
    if terms.wstat is None:
        return alive
    jump = terms.wstat.jump_at_zero()
    test = np.flatnonzero((jump > 0) & (low <= 0) & (high >= 0))
    if len(test):
        right = terms.select(test).derivatives(np.zeros(len(test)))[0]
        at_zero = (right >= 0) & (right - jump[test] <= 0)
        x[test[at_zero]] = 0.0
        alive[test[at_zero]] = False
        high[test] = np.where(right >= 0, 0.0, high[test])
        low[test] = np.where(right <= 0, 0.0, low[test])
        outside = (x[test] < low[test]) | (x[test] > high[test])
        x[test[outside]] = (0.5 * (low + high))[test[outside]]
    return alive
