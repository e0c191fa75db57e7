"""The statistic of all problems as a function of their norms, with slope and curvature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from geminga.stats.on_off import wstat_kernel
from geminga.stats.poisson import FLOOR

from .blocks import CashBlock, Chi2Block, FlatBlock, WStatBlock
from .bracket import bracket
from .problems import CASH, CHI2, WSTAT, NormProblems
from .segments import Segments
from .status import NormStatus

# Several norms of each problem are looked at together while all their bins fit into the cache.
BINS_AT_ONCE = 1 << 16

__all__ = ["BINS_AT_ONCE", "Terms", "make_terms", "positivity_limits"]


@dataclass(frozen=True, eq=False)
class Terms:
    """Bins of all problems, sorted by kind.

    Bins without signal do not depend on the norm; what they add to the statistic is in `constant`.
    """

    n_problems: int
    constant: np.ndarray
    cash: CashBlock | None = None
    flat: FlatBlock | None = None
    wstat: WStatBlock | None = None
    chi2: Chi2Block | None = None

    #: A Newton step this much smaller than the error is followed by one far below rounding.
    tolerance = crossing_tolerance = 1e-8
    #: Whether `select` may name a problem several times.
    may_repeat = True
    #: Whether the slope at limits is looked at before the search for a minimum.
    looks_at_limits = True

    @property
    def blocks(self) -> list[Any]:
        """Blocks that have bins."""
        return [block for block in (self.cash, self.flat, self.wstat, self.chi2) if block is not None]

    @property
    def n_bins(self) -> int:
        """Number of bins that depend on the norm."""
        return sum(len(block.n) for block in (self.cash, self.wstat) if block is not None) + (
            0 if self.flat is None else len(self.flat.s)
        )

    def derivatives(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return slope and curvature of the statistic at the norms `x`, shapes (M,)."""
        slope, curvature = np.zeros(self.n_problems), np.zeros(self.n_problems)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for block in self.blocks:
                block.add(x, slope, curvature)
        return slope, curvature

    def all(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return statistic, slope and curvature at the norms `x`, shapes (M,)."""
        stat, slope, curvature = self.constant.copy(), np.zeros(self.n_problems), np.zeros(self.n_problems)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for block in self.blocks:
                block.add(x, slope, curvature, stat)
        return stat, slope, curvature

    def stat(self, x: np.ndarray) -> np.ndarray:
        """Return the statistic at the norms `x`, shape (M,)."""
        return self.all(x)[0]

    def select(self, which: np.ndarray) -> Terms:
        """Keep some problems; an index may occur several times."""
        return Terms(
            len(which),
            self.constant[which],
            cash=None if self.cash is None else self.cash.select(which),
            flat=None if self.flat is None else self.flat.select(which),
            wstat=None if self.wstat is None else self.wstat.select(which),
            chi2=None if self.chi2 is None else self.chi2.select(which),
        )

    def moved(self, x: np.ndarray) -> Terms:
        """Count the norms from `x` and the statistic from its value there."""
        return Terms(
            self.n_problems,
            np.zeros(self.n_problems),
            cash=None if self.cash is None else self.cash.moved(x),
            flat=None if self.flat is None else self.flat.moved(x),
            wstat=None if self.wstat is None else self.wstat.moved(x),
            chi2=None if self.chi2 is None else self.chi2.moved(x),
        )

    def borders(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval of norms in which all bins with counts have positive predictions.

        Problems of nothing but Cash bins without counts have no minimum of their own; for them the interval ends at the
        first prediction of 0.
        """
        lower, upper = np.full(self.n_problems, -np.inf), np.full(self.n_problems, np.inf)
        if self.cash is not None:
            lower, upper = self.cash.borders()
        if self.flat is not None:
            empty = self.without_counts()
            lower = np.where(empty, self.flat.cut_below, lower)
            upper = np.where(empty, self.flat.cut_above, upper)
        return lower, upper

    def limits(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the interval of norms that make sense, shapes (M,): `borders`, and for pure Cash a total >= 0.

        Negative predictions in bins without counts count as zero, so that a source far from all counts could become
        ever more negative for free. It stops where it has taken away as many counts as are expected without it.
        """
        lower, upper = self.borders()
        if self.wstat is not None or self.chi2 is not None:
            return lower, upper
        total, signal = np.zeros(self.n_problems), np.zeros(self.n_problems)
        if self.cash is not None:
            total += self.cash.segments.sum(self.cash.c)
            signal += self.cash.total_signal
        if self.flat is not None:
            total += self.flat.total
            signal += self.flat.total_signal
        end = np.divide(-total, signal, out=np.zeros_like(total), where=signal != 0)
        lower = np.where(signal > 0, np.maximum(lower, end), lower)
        upper = np.where(signal < 0, np.minimum(upper, end), upper)
        return lower, upper

    def bracket(self):
        """Return an interval that contains the minimum, a first guess, and a status for problems solved or hopeless."""
        return bracket(self)

    def line(self) -> np.ndarray | None:
        """Return the slope of pure Cash problems far to the right: Newton's method then works on the inverse slope."""
        if self.cash is None or self.wstat is not None or self.chi2 is not None:
            return None
        return 2 * (self.cash.total_signal + (0.0 if self.flat is None else self.flat.total_signal))

    def without_counts(self) -> np.ndarray:
        """Return which problems have Cash bins without counts and nothing else, shape (M,)."""
        if self.flat is None:
            return np.zeros(self.n_problems, dtype=bool)
        alone = (self.flat.segments.lengths > 0) | (self.flat.sum_signal != 0)
        for block in (self.cash, self.wstat):
            if block is not None:
                alone &= block.segments.lengths == 0
        if self.chi2 is not None:
            alone &= self.chi2.a == 0
        return alone

    def signal_scale(self) -> np.ndarray:
        """Return a norm that changes the model noticeably, for problems that do not tell one themselves."""
        total = np.zeros(self.n_problems)
        for block in self.blocks:
            total += np.abs(block.excess()[1])
        return np.where(total > 0, 1 / np.where(total > 0, total, 1.0), 1.0)


def _finite(values: np.ndarray | None) -> np.ndarray | None:
    return None if values is None else np.nan_to_num(values)


def _has(mask: np.ndarray | bool) -> bool:
    return bool(np.any(mask))


def make_terms(problems: NormProblems) -> tuple[Terms, np.ndarray]:
    """Sort the bins of problems by kind.

    Parameters
    ----------
    problems : NormProblems

    Returns
    -------
    terms : Terms
    status : ndarray of int8, shape (M,)
        CONVERGED, or what is wrong with the problem before anything was tried.
    """
    m, segments = problems.n_problems, Segments(problems.offsets)
    n, c, s = problems.counts, problems.background, problems.signal
    kind = problems.statistic
    uniform = np.ndim(kind) == 0
    is_cash = np.full(len(n), kind == CASH) if uniform else kind == CASH
    is_wstat = np.full(len(n), kind == WSTAT) if uniform else kind == WSTAT
    is_chi2 = np.full(len(n), kind == CHI2) if uniform else kind == CHI2

    constant = np.zeros(m)
    use = np.ones(len(n), dtype=bool)
    check = n + c + s
    bad_counts = (n < 0) & ~is_chi2
    if _has(is_wstat):
        use = ~is_wstat | ((problems.alpha > 0) & np.isfinite(problems.alpha))
        check = np.where(is_wstat, check + problems.counts_off, check)
        bad_counts |= is_wstat & (problems.counts_off < 0)
    if _has(is_chi2):
        use &= ~is_chi2 | ((problems.error > 0) & np.isfinite(problems.error))
    broken = use & (~np.isfinite(check) | bad_counts)
    broken_problem = segments.sum(broken.astype(float)) > 0
    use &= ~broken

    if problems.weights is not None and _has(is_cash):
        # w (mu - n ln mu) is the Cash statistic of the scaled numbers, but for a constant
        w = np.where(is_cash, problems.weights, 1.0)
        use &= ~is_cash | (w > 0)
        logs = np.where(use & is_cash & (n > 0), 2 * w * n * np.log(np.where(w > 0, w, 1.0)), 0.0)
        constant += segments.sum(logs)
        n, c, s = n * w, c * w, s * w

    moving = use & (s != 0)
    still = use & (s == 0)
    blocks: dict[str, Any] = {}

    def pick(mask):
        return np.flatnonzero(mask), segments.masked(mask)

    seen = is_cash & (n > 0)
    if _has(mask := moving & seen):
        index, cut = pick(mask)
        blocks["cash"] = CashBlock.make(n[index], c[index], s[index], cut)
    sums = problems.empty_signal is not None
    if _has(mask := moving & is_cash & ~seen) or sums:
        index, cut = pick(mask)
        blocks["flat"] = FlatBlock.make(
            c[index], s[index], cut, _finite(problems.empty_background), _finite(problems.empty_signal)
        )
    elif problems.empty_background is not None:
        constant += 2 * problems.empty_background
    if _has(mask := still & is_cash):
        index, cut = pick(mask)
        mu = np.maximum(c[index], FLOOR)
        constant += cut.sum(2 * (mu - n[index] * np.log(mu)))
    if _has(mask := moving & is_wstat):
        index, cut = pick(mask)
        blocks["wstat"] = WStatBlock.make(
            n[index], problems.counts_off[index], problems.alpha[index], c[index], s[index], cut
        )
    if _has(mask := still & is_wstat):
        index, cut = pick(mask)
        constant += cut.sum(
            wstat_kernel(n[index], problems.counts_off[index], problems.alpha[index], c[index])[0]
        )
    if _has(mask := moving & is_chi2):
        index, cut = pick(mask)
        blocks["chi2"] = Chi2Block.make(n[index], c[index], s[index], problems.error[index], cut)
    if _has(mask := still & is_chi2):
        index, cut = pick(mask)
        constant += cut.sum(np.square((n[index] - c[index]) / problems.error[index]))

    status = np.zeros(m, dtype=np.int8)
    any_signal = segments.masked(moving).lengths > 0
    any_bins = segments.lengths > 0
    for sum_ in (problems.empty_background, problems.empty_signal):
        if sum_ is not None:
            any_bins |= sum_ != 0
            broken_problem |= ~np.isfinite(sum_)
    if problems.empty_signal is not None:
        any_signal |= problems.empty_signal != 0
    status[~any_signal] = NormStatus.NO_SIGNAL
    status[~any_bins] = NormStatus.NO_BINS
    status[broken_problem] = NormStatus.NOT_FINITE
    return Terms(m, constant, **blocks), status


def positivity_limits(problems: NormProblems) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and largest norm for which no cash bin has a negative prediction.

    Bins without counts are included: without this limit their negative predictions count as zero.

    Parameters
    ----------
    problems : NormProblems

    Returns
    -------
    norm_min, norm_max : ndarray, shape (M,)
        ``-min(background / signal)`` over bins with positive signal, and the same for negative signal; infinite
        where nothing limits.

    Examples
    --------
    >>> norm_min, norm_max = positivity_limits(NormProblems([0, 3], [1.0, 4.0], [2.0, 1.0]))
    >>> norm_min.tolist(), norm_max.tolist()
    ([-0.5], [inf])
    """
    terms, _ = make_terms(problems)
    lower, upper = terms.borders()
    if terms.flat is not None:
        lower = np.maximum(lower, terms.flat.cut_below)
        upper = np.minimum(upper, terms.flat.cut_above)
    return lower, upper
