"""The statistic at norms that are given: single values, scans, and the null hypothesis."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from geminga.errors import StatisticError

from .chunks import in_chunks
from .minimum import minimize_terms
from .problems import NormProblems
from .status import NormStatus
from .terms import BINS_AT_ONCE, Terms, make_terms

__all__ = ["NullTest", "compare_with_null", "null", "scan", "scan_terms", "stat"]


class NullTest(NamedTuple):
    """Comparison with the null hypothesis; arrays of shape (M,)."""

    stat_null: np.ndarray
    ts: np.ndarray
    sqrt_ts: np.ndarray


def stat(problems: NormProblems, norm=1.0) -> np.ndarray:
    """Compute the statistic of each problem at a norm.

    Expectations at or below 1e-25 are replaced by it, as in `cash`.

    Parameters
    ----------
    problems : NormProblems
    norm : float or array_like, shape (M,)

    Returns
    -------
    ndarray, shape (M,)
        NaN for problems with broken input.

    Examples
    --------
    >>> stat(NormProblems(counts=[3.0], background=[1.0], signal=[0.5]), norm=2.0).round(6).tolist()
    [-0.158883]
    """

    def run(part: NormProblems, x) -> np.ndarray:
        terms, status = make_terms(part)
        return _masked(terms.all(np.where(np.isfinite(x), x, 0.0))[0], status, x)

    return in_chunks(run, problems, norm)


def scan(problems: NormProblems, norm_values) -> np.ndarray:
    """Compute the statistic of each problem at several norms.

    Parameters
    ----------
    problems : NormProblems
    norm_values : array_like, shape (n,) or (M, n)
        Norms, the same for all problems or of each.

    Returns
    -------
    ndarray, shape (M, n)

    Examples
    --------
    >>> scan(NormProblems(counts=[3.0], background=[1.0], signal=[0.5]), [0.0, 2.0, 4.0]).round(6).tolist()
    [[2.0, -0.158883, -0.591674]]
    """
    values = np.asarray(norm_values, dtype=float)
    if values.ndim == 1:
        values = np.broadcast_to(values, (problems.n_problems, len(values)))
    if values.ndim != 2 or len(values) != problems.n_problems:
        raise StatisticError(
            f"norm_values must have shape (n,) or ({problems.n_problems}, n), got {values.shape}. "
            "Give the same norms for all problems or one row for each."
        )

    def run(part: NormProblems, x) -> np.ndarray:
        terms, status = make_terms(part)
        return scan_terms(terms, status, x)

    return in_chunks(run, problems, values)


def scan_terms(terms: Terms, status: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Compute the statistic at norms of shape (M, n)."""
    m, n = values.shape
    finite = np.where(np.isfinite(values), values, 0.0)
    if n > 1 and terms.may_repeat and terms.n_bins * n <= BINS_AT_ONCE:
        stats = terms.select(np.tile(np.arange(m), n)).all(finite.T.ravel())[0].reshape(n, m).T
    else:
        stats = np.stack([terms.all(x)[0] for x in finite.T], axis=1) if n else np.zeros((m, 0))
    return _masked(stats, status[:, np.newaxis], values)


def null(problems: NormProblems, norm=None, null_value=0.0) -> NullTest:
    r"""Compare the best norm with a null hypothesis.

    Parameters
    ----------
    problems : NormProblems
    norm : array_like, shape (M,), optional
        Best norms, if known.
    null_value : float or array_like, shape (M,)
        Norm of the null hypothesis.

    Returns
    -------
    stat_null, ts, sqrt_ts : ndarray, shape (M,)
        Statistic at the null hypothesis, its difference to the minimum, and the root of that with the sign of
        ``norm - null_value``.

    Examples
    --------
    >>> test = null(NormProblems(counts=[3.0], background=[1.0], signal=[1.0]))
    >>> test.ts.round(6).tolist(), test.sqrt_ts.round(6).tolist()
    ([2.591674], [1.609868])
    """

    def run(part: NormProblems, best, value) -> NullTest:
        terms, status = make_terms(part)
        if best is None:
            best, _ = minimize_terms(terms, status)
        return compare_with_null(terms, status, best, value)

    return in_chunks(run, problems, norm, null_value)


def compare_with_null(
    terms: Terms,
    status: np.ndarray,
    norm: np.ndarray,
    null_value: np.ndarray,
    stat_best: np.ndarray | None = None,
) -> NullTest:
    """Compare known norms with a null hypothesis."""
    good = (status <= NormStatus.AT_LIMIT) & np.isfinite(norm)
    stat_null = _masked(terms.stat(null_value), status, null_value)
    best = np.where(good, norm, 0.0)
    if stat_best is None:
        stat_best = terms.all(best)[0]
    with np.errstate(invalid="ignore", over="ignore"):
        ts = stat_null - stat_best
        if terms.cash is not None:
            # sums over many counts are large: take the difference bin by bin, unless the null hypothesis is
            # forbidden, when the floor of the expectation decides
            lower, upper = terms.borders()
            forbidden = (null_value <= lower) | (null_value >= upper)
            ts = np.where(forbidden, ts, terms.moved(best).all(null_value - best)[0])
    ts = np.where(good, np.maximum(ts, 0.0), np.nan)
    return NullTest(stat_null, ts, np.sign(best - null_value) * np.sqrt(ts))


def _masked(values: np.ndarray, status: np.ndarray, norm: np.ndarray) -> np.ndarray:
    broken = (status == NormStatus.NOT_FINITE) | (status == NormStatus.NO_BINS) | ~np.isfinite(norm)
    return np.where(broken, np.nan, values)
