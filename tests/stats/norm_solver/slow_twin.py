"""The norm solver once more, one problem at a time and as plain as possible: the truth for the tests."""

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from geminga.stats.norm_solver import NormProblems
from geminga.stats.norm_solver.problems import CASH, WSTAT
from geminga.stats.on_off import wstat
from geminga.stats.poisson import cash


def slow_stat(problems: NormProblems, k: int, norm: float) -> float:
    """Sum the statistic of one problem in a loop over its bins."""
    total = 0.0
    codes = np.broadcast_to(problems.statistic, problems.n_bins)
    for i in range(problems.offsets[k], problems.offsets[k + 1]):
        n, mu = problems.counts[i], problems.background[i] + norm * problems.signal[i]
        if codes[i] == CASH:
            total += cash(n, mu)
        elif codes[i] == WSTAT:
            total += wstat(n, problems.counts_off[i], problems.alpha[i], mu)
        else:
            total += ((n - mu) / problems.error[i]) ** 2
    return float(total)


def slow_minimum(problems: NormProblems, k: int, low: float, high: float) -> float:
    """Minimise one convex problem by a scan, refined with Brent's method."""
    for _ in range(60):
        grid = np.linspace(low, high, 41)
        values = [slow_stat(problems, k, x) for x in grid]
        best = int(np.argmin(values))
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, 40)]
        if high - low < 1e-4:
            break
    result = minimize_scalar(
        lambda x: slow_stat(problems, k, x), bounds=(low, high), method="bounded", options={"xatol": 1e-13}
    )
    return float(result.x)


def slow_crossing(problems: NormProblems, k: int, norm: float, side: int, n_sigma: float) -> float:
    """Find where the statistic has risen by n_sigma^2, by doubling and Brent's method."""
    lowest = slow_stat(problems, k, norm)

    def rise(t):
        return slow_stat(problems, k, norm + side * t) - lowest - n_sigma**2

    t = 1e-3
    while rise(t) < 0:
        t *= 2
        if t > 1e9:
            return np.nan
    return float(brentq(rise, 0, t, xtol=1e-14, rtol=1e-13))
