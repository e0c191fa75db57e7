"""Statistics of binned counts, with their derivatives in the prediction.

Each statistic is bound to the observed counts once and then evaluated many times: `value` for the sum, `array` for the
bins, `derivatives` for the first and second derivative in each bin. All are -2 ln L.
"""

from __future__ import annotations

import numpy as np

from ..errors import StatisticError

__all__ = ["CashStatistic", "WStatStatistic"]

#: Smallest prediction; below it the logarithm is held constant (recipes: "cash floor").
PREDICTION_FLOOR = 1e-25


class CashStatistic:
    """The Cash statistic of counts with a known background.

    Parameters
    ----------
    counts : ndarray, shape (n_bins,)
        Observed counts; non-integer values (Asimov data) are fine.
    weights : ndarray, shape (n_bins,), optional
        Factor on the statistic of each bin.

    References
    ----------
    .. [1] Cash (1979), ApJ 228, 939, eq. 5.
    """

    def __init__(self, counts: np.ndarray, weights: np.ndarray | None = None):
        self.counts = np.asarray(counts, dtype=float)
        self.weights = None if weights is None else np.asarray(weights, dtype=float)
        self._filled = np.flatnonzero(self.counts > 0)
        self._filled_counts = self.counts[self._filled]
        if self.weights is not None:
            self._filled_counts = self._filled_counts * self.weights[self._filled]

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over bins; only bins with counts need a logarithm."""
        floored = np.maximum(mu, PREDICTION_FLOOR)
        total = floored.sum() if self.weights is None else self.weights @ floored
        return float(2.0 * (total - self._filled_counts @ np.log(floored[self._filled])))

    def array(self, mu: np.ndarray) -> np.ndarray:
        """Return the statistic of each bin."""
        floored = np.maximum(mu, PREDICTION_FLOOR)
        stat = 2.0 * (floored - self.counts * np.log(floored))
        return stat if self.weights is None else stat * self.weights

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return d stat / d mu and d2 stat / d mu2 of each bin."""
        inside = mu > PREDICTION_FLOOR
        safe = np.where(inside, mu, 1.0)
        ratio = self.counts / safe
        first = np.where(inside, 2.0 * (1.0 - ratio), 0.0)
        second = np.where(inside, 2.0 * ratio / safe, 0.0)
        if self.weights is not None:
            first, second = first * self.weights, second * self.weights
        return first, second


class WStatStatistic:
    """The on-off statistic with the background profiled in each bin.

    Parameters
    ----------
    counts, counts_off : ndarray, shape (n_bins,)
        Observed counts in the on and off regions.
    alpha : ndarray, shape (n_bins,)
        Ratio of on to off acceptance. Bins with alpha 0 have no off region: their background is unknown, so they
        do not count.

    Notes
    -----
    The saturated-model terms are included, so the value is a goodness of fit. By the envelope theorem the derivative
    in the signal is the partial one at the profiled background.

    References
    ----------
    .. [1] Li & Ma (1983), ApJ 272, 317; XSPEC manual, appendix B, "Poisson data with Poisson background".
    """

    def __init__(self, counts: np.ndarray, counts_off: np.ndarray, alpha: np.ndarray):
        self.counts = np.asarray(counts, dtype=float)
        self.counts_off = np.asarray(counts_off, dtype=float)
        self.alpha = np.asarray(alpha, dtype=float)
        if np.any(self.counts_off < 0) or np.any(self.alpha < 0):
            raise StatisticError(
                "counts_off and alpha must be >= 0, got a negative value. Check the off regions."
            )
        self._with_off = self.alpha > 0
        alpha = np.where(self._with_off, self.alpha, 1.0)
        self._safe_alpha = alpha
        self._sum_alpha = alpha * (self.counts + self.counts_off)
        self._quadratic = 4.0 * alpha * (1.0 + alpha) * self.counts_off
        self._inverse = 1.0 / (2.0 * alpha * (1.0 + alpha))
        self._on = np.flatnonzero(self.counts > 0)
        self._off = np.flatnonzero((self.counts_off > 0) & self._with_off)
        self._saturated = 2.0 * (_n_log_n_minus_n(self.counts) + _n_log_n_minus_n(self.counts_off))

    def background_off(self, mu_signal: np.ndarray) -> np.ndarray:
        """Return the profiled background in the off region, given the signal.

        The root of the quadratic is taken in the form without cancellation.
        """
        linear = self._sum_alpha - (1.0 + self._safe_alpha) * mu_signal
        constant = self._quadratic * mu_signal
        root = np.sqrt(np.maximum(linear**2 + constant, 0.0))
        positive = linear >= 0
        direct = (linear + root) * self._inverse
        denominator = np.where(positive, 1.0, root - linear)
        rationalised = constant * self._inverse / np.where(denominator > 0, denominator, 1.0)
        background = np.where(positive, direct, rationalised)
        return np.where(self._with_off, background, 0.0)

    def _bins(self, mu_signal):
        background = self.background_off(mu_signal)
        return background, mu_signal + self.alpha * background

    def array(self, mu_signal: np.ndarray) -> np.ndarray:
        """Return the statistic of each bin."""
        background, on = self._bins(mu_signal)
        stat = 2.0 * (on + background) + self._saturated
        stat[self._on] -= 2.0 * self.counts[self._on] * np.log(np.maximum(on[self._on], PREDICTION_FLOOR))
        stat[self._off] -= (
            2.0 * self.counts_off[self._off] * np.log(np.maximum(background[self._off], PREDICTION_FLOOR))
        )
        stat[~self._with_off] = 0.0
        return stat

    def value(self, mu_signal: np.ndarray) -> float:
        """Return the sum over bins."""
        return float(self.array(mu_signal).sum())

    def derivatives(self, mu_signal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the signal of each bin."""
        background, on = self._bins(mu_signal)
        inside = on > PREDICTION_FLOOR
        safe_on = np.where(inside, on, 1.0)
        ratio = np.where(inside, self.counts / safe_on, 0.0)
        first = np.where(~inside & (self.counts > 0), 0.0, 2.0 * (1.0 - ratio))
        curvature_on = np.where(inside, 2.0 * self.counts / safe_on**2, 0.0)
        has_background = background > PREDICTION_FLOOR
        safe_background = np.where(has_background, background, 1.0)
        curvature_off = np.where(has_background, 2.0 * self.counts_off / safe_background**2, 0.0)
        total = curvature_off + self.alpha**2 * curvature_on
        shield = np.where(total > 0, curvature_off / np.where(total > 0, total, 1.0), 1.0)
        # A background held at its boundary does not follow the signal.
        shield = np.where(has_background & self._with_off, shield, 1.0)
        second = curvature_on * shield
        # A strongly negative signal without on counts pins the background to -signal / alpha.
        pinned = ~inside & (self.counts == 0) & has_background & self._with_off
        if pinned.any():
            pull = self.counts_off / safe_background
            first = np.where(pinned, 2.0 / self._safe_alpha * (pull - 1.0), first)
            second = np.where(pinned, 2.0 * pull / safe_background / self._safe_alpha**2, second)
        first[~self._with_off] = second[~self._with_off] = 0.0
        return first, second


def _n_log_n_minus_n(counts: np.ndarray) -> np.ndarray:
    """Return n ln n - n, which is 0 for n = 0."""
    positive = counts > 0
    return np.where(positive, counts * np.log(np.where(positive, counts, 1.0)) - counts, 0.0)
