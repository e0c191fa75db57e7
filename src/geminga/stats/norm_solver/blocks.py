"""Bins of one kind, of all problems; each block knows its part of the statistic and of its derivatives.

All blocks read alike: `add` adds the block's share of slope, curvature and, if asked, of the statistic at the norms
`x` (one for each problem) to the given arrays; `select` keeps some problems; `moved` puts the origin of the norm at
`x`, after which the statistic counts from there. Differences of the statistic are summed bin by bin, not taken
between large sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geminga.stats.on_off import wstat_kernel
from geminga.stats.poisson import FLOOR

from .segments import Segments

__all__ = ["CashBlock", "Chi2Block", "FlatBlock", "WStatBlock"]


@dataclass(frozen=True, eq=False)
class CashBlock:
    """Cash bins with counts: ``2 (c + x s - n ln(c + x s))``."""

    n: np.ndarray
    c: np.ndarray
    s: np.ndarray
    segments: Segments
    total_signal: np.ndarray
    """Sum of the signal in counts, shape (M,); stays in counts when `moved` makes c and s relative."""
    is_moved: bool = False

    @classmethod
    def make(cls, n, c, s, segments) -> CashBlock:
        """Make the block from its bins."""
        return cls(n, c, s, segments, segments.sum(s))

    def add(self, x, slope, curvature, stat=None) -> None:
        """Add the share of this block."""
        change = self.segments.spread(x) * self.s
        rate = self.s / (self.c + change)
        weighted = self.n * rate
        slope += 2 * (self.total_signal - self.segments.sum(weighted))
        curvature += 2 * self.segments.sum(weighted * rate)
        if stat is None:
            return
        if self.is_moved:
            # beyond the border of the allowed norms the statistic is infinite
            logs = self.n * np.log1p(np.maximum(change, -1.0))
            stat += 2 * (x * self.total_signal - self.segments.sum(logs))
            return
        mu = np.maximum(self.c + change, FLOOR)
        stat += 2 * self.segments.sum(mu - self.n * np.log(mu))

    def borders(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the open interval of norms with positive predictions, shapes (M,)."""
        ratio = -self.c / self.s
        lower = self.segments.max(np.where(self.s > 0, ratio, -np.inf))
        upper = self.segments.min(np.where(self.s < 0, ratio, np.inf))
        return lower, upper

    def minima(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest and largest of the norms that single bins would choose."""
        own = (self.n - self.c) / self.s
        return self.segments.min(own), self.segments.max(own)

    def excess(self) -> tuple[np.ndarray, np.ndarray]:
        """Return excess counts and signal, summed."""
        return self.segments.sum(self.n - self.c), self.total_signal

    def select(self, which) -> CashBlock:
        """Keep some problems."""
        index, segments = self.segments.take(which)
        return replace(
            self,
            n=self.n[index],
            c=self.c[index],
            s=self.s[index],
            segments=segments,
            total_signal=self.total_signal[which],
        )

    def moved(self, x) -> CashBlock:
        """Count the norm from `x` and the expectation of each bin in units of its value there."""
        mu = np.maximum(self.c + self.segments.spread(x) * self.s, FLOOR)
        return replace(self, c=np.ones_like(mu), s=self.s / mu, is_moved=True)


@dataclass(frozen=True, eq=False)
class FlatBlock:
    """Cash bins without counts: ``2 max(c + x s, 0)``, a straight line wherever no bin is cut at 0.

    Bins are looked at one by one only for problems whose norm is beyond the first cut. Bins that are known by their
    sums alone are part of `total` and `total_signal`, and never cut.
    """

    c: np.ndarray
    s: np.ndarray
    segments: Segments
    total: np.ndarray
    total_signal: np.ndarray
    cut_below: np.ndarray
    cut_above: np.ndarray
    start: np.ndarray
    sum_background: np.ndarray
    sum_signal: np.ndarray

    @classmethod
    def make(cls, c, s, segments, sum_background=None, sum_signal=None) -> FlatBlock:
        """Make the block from its bins, and from the sums of others, shapes (M,)."""
        ratio = -c / s
        nothing = np.zeros(len(segments))
        sum_background = nothing if sum_background is None else sum_background
        sum_signal = nothing if sum_signal is None else sum_signal
        return cls(
            c,
            s,
            segments,
            total=segments.sum(c) + sum_background,
            total_signal=segments.sum(s) + sum_signal,
            cut_below=segments.max(np.where(s > 0, ratio, -np.inf)),
            cut_above=segments.min(np.where(s < 0, ratio, np.inf)),
            start=nothing,
            sum_background=sum_background,
            sum_signal=sum_signal,
        )

    def add(self, x, slope, curvature, stat=None) -> None:
        """Add the share of this block."""
        line = self.total_signal
        value = (self.total - self.start) + x * line
        cut = np.flatnonzero((x < self.cut_below) | (x > self.cut_above))
        if len(cut):
            line = line.copy()
            index, cut_segments = self.segments.take(cut)
            s = self.s[index]
            mu = self.c[index] + cut_segments.spread(x[cut]) * s
            line[cut] = cut_segments.sum(np.where(mu > 0, s, 0.0)) + self.sum_signal[cut]
            if stat is not None:
                others = self.sum_background[cut] + x[cut] * self.sum_signal[cut]
                value[cut] = cut_segments.sum(np.maximum(mu, FLOOR)) + others - self.start[cut]
        slope += 2 * line
        if stat is not None:
            stat += 2 * value

    def kink_inside(self, which, low, high) -> np.ndarray:
        """Return, for some problems, the most central norm of an interval at which a bin is cut, else NaN."""
        index, segments = self.segments.take(which)
        kinks = -self.c[index] / self.s[index]
        left, right = segments.spread(low), segments.spread(high)
        distance = np.abs(kinks - 0.5 * (left + right))
        distance = np.where((kinks > left) & (kinks < right), distance, np.inf)
        nearest = segments.min(distance)
        chosen = segments.max(np.where(distance == segments.spread(nearest), kinks, -np.inf))
        return np.where(np.isfinite(nearest), chosen, np.nan)

    def minima(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest norm below which, and largest above which no bin has a slope."""
        ratio = -self.c / self.s
        lower = self.segments.min(np.where(self.s > 0, ratio, np.inf))
        upper = self.segments.max(np.where(self.s < 0, ratio, -np.inf))
        # a sum is never cut, its line has no end
        lower = np.where(self.sum_signal > 0, -np.inf, lower)
        upper = np.where(self.sum_signal < 0, np.inf, upper)
        return lower, upper

    def excess(self) -> tuple[np.ndarray, np.ndarray]:
        """Return excess counts and signal, summed."""
        return -self.total, self.total_signal

    def select(self, which) -> FlatBlock:
        """Keep some problems."""
        index, segments = self.segments.take(which)
        return FlatBlock(
            self.c[index],
            self.s[index],
            segments,
            self.total[which],
            self.total_signal[which],
            self.cut_below[which],
            self.cut_above[which],
            self.start[which],
            self.sum_background[which],
            self.sum_signal[which],
        )

    def moved(self, x) -> FlatBlock:
        """Count the norm and the statistic from `x`."""
        mu = self.c + self.segments.spread(x) * self.s
        others = self.sum_background + x * self.sum_signal
        total = self.segments.sum(mu) + others
        is_cut = (x < self.cut_below) | (x > self.cut_above)
        return replace(
            self,
            c=mu,
            total=total,
            cut_below=self.cut_below - x,
            cut_above=self.cut_above - x,
            # without cuts the very same number, so that the line starts at exactly 0
            start=np.where(is_cut, self.segments.sum(np.maximum(mu, FLOOR)) + others, total),
            sum_background=others,
        )


@dataclass(frozen=True, eq=False)
class WStatBlock:
    """Bins with a measured background; c is the signal of other models."""

    n: np.ndarray
    n_off: np.ndarray
    alpha: np.ndarray
    c: np.ndarray
    s: np.ndarray
    segments: Segments
    start: np.ndarray | float = 0.0

    @classmethod
    def make(cls, n, n_off, alpha, c, s, segments) -> WStatBlock:
        """Make the block from its bins."""
        return cls(n, n_off, alpha, c, s, segments)

    def add(self, x, slope, curvature, stat=None) -> None:
        """Add the share of this block."""
        mu_sig = self.c + self.segments.spread(x) * self.s
        value, first, second = wstat_kernel(
            self.n, self.n_off, self.alpha, mu_sig, with_stat=stat is not None
        )
        slope += self.segments.sum(first * self.s)
        curvature += self.segments.sum(second * np.square(self.s))
        if stat is not None:
            stat += self.segments.sum(value - self.start)

    def minima(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the smallest and largest of the norms that single bins would choose."""
        own = (self.n - self.alpha * self.n_off - self.c) / self.s
        return self.segments.min(own), self.segments.max(own)

    def excess(self) -> tuple[np.ndarray, np.ndarray]:
        """Return excess counts and signal, summed."""
        excess = self.segments.sum(self.n - self.alpha * self.n_off - self.c)
        return excess, self.segments.sum(self.s)

    def jump_at_zero(self) -> np.ndarray:
        """Return by how much the slope rises at norm 0 through bins without any counts, shape (M,)."""
        kink = (self.n == 0) & (self.n_off == 0) & (self.c == 0) & (self.s > 0)
        if not kink.any():
            return np.zeros(len(self.segments))
        return self.segments.sum(np.where(kink, self.s * (2 + 2 / self.alpha), 0.0))

    def select(self, which) -> WStatBlock:
        """Keep some problems."""
        index, segments = self.segments.take(which)
        start = self.start[index] if isinstance(self.start, np.ndarray) else self.start
        return WStatBlock(
            self.n[index],
            self.n_off[index],
            self.alpha[index],
            self.c[index],
            self.s[index],
            segments,
            start,
        )

    def moved(self, x) -> WStatBlock:
        """Count the norm and the statistic from `x`."""
        mu_sig = self.c + self.segments.spread(x) * self.s
        return replace(self, c=mu_sig, start=wstat_kernel(self.n, self.n_off, self.alpha, mu_sig)[0])


@dataclass(frozen=True, eq=False)
class Chi2Block:
    """Chi2 bins of each problem, summed up to one parabola ``a x^2 - 2 b x + start``."""

    a: np.ndarray
    b: np.ndarray
    start: np.ndarray

    @classmethod
    def make(cls, n, c, s, error, segments) -> Chi2Block:
        """Make the parabola of each problem from its bins."""
        scaled, residual = s / error, (n - c) / error
        return cls(
            segments.sum(scaled * scaled),
            segments.sum(scaled * residual),
            segments.sum(residual * residual),
        )

    def add(self, x, slope, curvature, stat=None) -> None:
        """Add the share of this block."""
        slope += 2 * (self.a * x - self.b)
        curvature += 2 * self.a
        if stat is not None:
            stat += (self.a * x - 2 * self.b) * x + self.start

    def minima(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where the parabola is lowest, twice."""
        has = self.a > 0
        own = np.divide(self.b, self.a, out=np.zeros_like(self.a), where=has)
        return np.where(has, own, np.inf), np.where(has, own, -np.inf)

    def excess(self) -> tuple[np.ndarray, np.ndarray]:
        """Return numbers whose ratio is the norm."""
        return self.b, self.a

    def select(self, which) -> Chi2Block:
        """Keep some problems."""
        return Chi2Block(self.a[which], self.b[which], self.start[which])

    def moved(self, x) -> Chi2Block:
        """Count the norm and the statistic from `x`."""
        return Chi2Block(self.a, self.b - self.a * x, np.zeros_like(self.start))
