"""Sensitivity: the norm that would just be seen, in data without fluctuations."""

from __future__ import annotations

import numpy as np

from geminga.errors import StatisticError
from geminga.stats.on_off import wstat_expectations
from geminga.stats.poisson import FLOOR

from .chunks import in_chunks
from .problems import CASH, CHI2, WSTAT, NormProblems
from .segments import Segments

__all__ = ["asimov_ts", "sensitivity"]

MAX_ITERATIONS = 200


class _Asimov:
    """TS of data that equal the model, as a function of the norm."""

    #: A Newton step this much smaller than the norm is followed by one far below rounding.
    tolerance = 1e-8

    def __init__(self, problems: NormProblems):
        if problems.empty_signal is not None:
            raise StatisticError(
                "problems for a sensitivity must list all bins, got sums over some (empty_signal). "
                "Leave the sums out and give the bins."
            )
        self.segments = Segments(problems.offsets)
        kind = np.broadcast_to(problems.statistic, problems.n_bins)
        self.cash, self.wstat, self.chi2 = kind == CASH, kind == WSTAT, kind == CHI2
        self.c = problems.background
        self.s = np.where(np.isfinite(self.c + problems.signal), problems.signal, 0.0)
        self.weights = np.ones(problems.n_bins) if problems.weights is None else problems.weights
        self.base = np.maximum(self.c, FLOOR)
        if problems.alpha is not None:
            usable = (problems.alpha > 0) & np.isfinite(problems.alpha) & (problems.counts_off >= 0)
            self.n_off = np.where(usable, problems.counts_off, 0.0)
            self.alpha = np.where(usable, problems.alpha, 1.0)
            self.s = np.where(self.wstat & ~usable, 0.0, self.s)
            # the mean On counts without the source
            self.base = np.where(self.wstat, self.c + self.alpha * self.n_off, self.base)
        self.error = problems.error
        self.weights = np.where(self.cash, self.weights, 1.0)

    def select(self, which: np.ndarray) -> _Asimov:
        """Keep some problems."""
        index, segments = self.segments.take(which)
        part = object.__new__(_Asimov)
        part.__dict__ = {
            name: value[index] if isinstance(value, np.ndarray) else value
            for name, value in self.__dict__.items()
        }
        part.segments = segments
        return part

    def smallest(self) -> np.ndarray:
        """Return the norm at which the first bin has no counts left, shape (M,)."""
        ratio = np.where((self.s > 0) & ~self.chi2, -self.base / np.where(self.s > 0, self.s, 1.0), -np.inf)
        return self.segments.max(ratio)

    def ts(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return TS and its slope, shapes (M,)."""
        change = self.segments.spread(x) * self.s
        n = np.maximum(self.base + change, 0.0)
        mu = self.base
        rest = np.zeros_like(n)
        if self.wstat.any():
            safe = np.where(self.wstat, self.alpha, 1.0)
            mu_on, mu_off = wstat_expectations(n, self.n_off, safe, np.where(self.wstat, self.c, 0.0))
            mu = np.where(self.wstat, np.maximum(mu_on, FLOOR), mu)
            off_logs = self.n_off * np.log(
                np.where(self.n_off > 0, self.n_off / np.maximum(mu_off, FLOOR), 1.0)
            )
            rest = np.where(self.wstat, mu_off - self.n_off + off_logs, 0.0)
        mu = np.maximum(mu, FLOOR)
        log = np.log(np.where(n > 0, n / mu, 1.0))
        value = 2 * self.weights * (mu - n + n * log + rest)
        slope = 2 * self.weights * self.s * np.where(n > 0, log, np.where(self.s != 0, -700.0, 0.0))
        if self.chi2.any():
            scaled = change / np.where(self.chi2, self.error, 1.0)
            value = np.where(self.chi2, scaled**2, value)
            slope = np.where(self.chi2, 2 * scaled * self.s / np.where(self.chi2, self.error, 1.0), slope)
        return self.segments.sum(value), self.segments.sum(slope)


def asimov_ts(problems: NormProblems, norm) -> np.ndarray:
    """Compute the TS of data without fluctuations that contain a source of the given norm.

    Parameters
    ----------
    problems : NormProblems
        `counts` are not looked at. Cash data are ``background + norm * signal``; On/Off data have
        ``background + norm * signal + alpha * counts_off`` On counts.
    norm : float or array_like, shape (M,)

    Returns
    -------
    ndarray, shape (M,)

    Examples
    --------
    >>> asimov_ts(NormProblems(counts=[0.0], background=[1.0], signal=[1.0]), norm=8.327276).round(4).tolist()
    [25.0]
    """

    def run(part: NormProblems, x) -> np.ndarray:
        return _Asimov(part).ts(x)[0]

    return in_chunks(run, problems, norm)


def sensitivity(problems: NormProblems, n_sigma=5.0) -> np.ndarray:
    r"""Find the norm of a source that would be seen with `n_sigma` in data without fluctuations.

    Parameters
    ----------
    problems : NormProblems
        See `asimov_ts`; `counts` are not looked at.
    n_sigma : float or array_like, shape (M,)
        Wanted root of TS; a negative one gives the (negative) norm of a deficit.

    Returns
    -------
    ndarray, shape (M,)
        NaN without signal, or for deficits that even empty data would not show.

    Examples
    --------
    >>> problems = NormProblems(counts=[0.0], background=[0.0], signal=[1.0], counts_off=[1.0], alpha=[0.1])
    >>> sensitivity(problems, n_sigma=5).round(5).tolist()
    [6.29503]
    """
    return in_chunks(_solve, problems, n_sigma)


def _solve(problems: NormProblems, n_sigma: np.ndarray) -> np.ndarray:
    asimov = _Asimov(problems)
    m = problems.n_problems
    result = np.full(m, np.nan)
    signal = asimov.segments.sum(np.abs(asimov.s))
    result[(signal > 0) & (n_sigma == 0)] = 0.0
    active: np.ndarray = np.flatnonzero((signal > 0) & (n_sigma != 0) & np.isfinite(n_sigma))
    sign = np.sign(n_sigma)
    limit = np.where(sign < 0, -asimov.smallest(), np.inf)
    reach = active[np.isfinite(limit[active])]
    if len(reach):
        most = asimov.select(reach).ts(-limit[reach])[0]
        active = np.setdiff1d(active, reach[most < np.square(n_sigma[reach])])
    asimov, sign, high = asimov.select(active), sign[active], limit[active]
    target = np.abs(n_sigma[active])
    background = asimov.segments.sum(np.where(asimov.chi2, 0.0, np.maximum(asimov.base, 0.0)))
    result[active] = search(asimov, sign, target, first_guess(target, background, signal[active]), high)
    return result


def first_guess(target, background, signal) -> np.ndarray:
    """Return about the norm that is seen: n sqrt(B) counts over many, and n^2 over few background counts."""
    return (target * np.sqrt(np.where(background > 1e-9, background, 0)) + np.square(target)) / signal


def search(asimov, sign, target, start, high) -> np.ndarray:
    """Find the norms at which the root of TS reaches its target.

    Parameters
    ----------
    asimov : object
        With methods ``ts(norm)``, which returns TS and its slope, and ``select(which)``.
    sign, target, start, high : ndarray, shape (m,)
        Direction, wanted root of TS, first guess and largest distance from 0.
    """
    result = np.full(len(target), np.nan)
    active: np.ndarray = np.arange(len(target))
    low: np.ndarray = np.zeros(len(active))
    t = np.where(start < 0.9 * high, start, 0.5 * high)
    before: np.ndarray = np.full(len(active), np.inf)
    alive = np.ones(len(active), dtype=bool)
    for _ in range(MAX_ITERATIONS):
        if np.count_nonzero(alive) < 0.75 * len(alive):
            left = np.flatnonzero(alive)
            active, low, high, t, sign = (_[left] for _ in (active, low, high, t, sign))
            target, before = target[left], before[left]
            asimov, alive = asimov.select(left), alive[left]
        if not alive.any():
            break
        ts, slope = asimov.ts(sign * t)
        root = np.sqrt(np.maximum(ts, 0.0))
        low = np.where(root <= target, t, low)
        high = np.where(root >= target, t, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            trial = t - 2 * root * (root - target) / (sign * slope)
            newton = np.abs(trial - t)
            by_newton = ((trial > low) & (trial < high)) | (newton <= asimov.tolerance * t)
            by_newton &= (root > 0) & (newton <= 0.6 * before)
            fallback = np.where(np.isfinite(high), low + 0.5 * (high - low), 4 * t)
        trial = np.where(by_newton, trial, fallback)
        near = by_newton & (newton <= asimov.tolerance * t) & (np.abs(root - target) <= 1e-4 * target)
        done = (root == target) | near | (high - low <= 4e-16 * t)
        before = np.where(by_newton, newton, high - low)
        t = np.where(alive & (root != target), trial, t)
        done &= alive
        result[active[done]] = (sign * t)[done]
        alive = alive & ~done & (t < 1e300)
    return result
