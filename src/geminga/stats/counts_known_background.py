"""Counts over a background that is known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from .closed_forms import change_for_rise, change_for_significance
from .counts_statistic import CountsStatistic, broadcast_copies
from .norm_solver.problems import NormProblems
from .poisson import FLOOR, cash

__all__ = ["CashCountsStatistic"]


def _cash_errors(n_on: np.ndarray, n_sigma, upward: bool) -> np.ndarray:
    """Return the distance from counts > 0 to the crossing above or below."""
    safe = np.where(n_on > 0, n_on, 1.0)
    return np.abs(safe * change_for_rise(0.5 * float(n_sigma) ** 2 / safe, upward))


class CashCountsStatistic(CountsStatistic):
    """Counts over a background that is known exactly.

    Parameters
    ----------
    n_on : array_like
        Counts.
    mu_bkg : array_like
        Expected background counts.

    Examples
    --------
    >>> stat = CashCountsStatistic(n_on=3, mu_bkg=1)
    >>> round(float(stat.sqrt_ts), 4), round(float(stat.compute_upper_limit(n_sigma=2)), 4)
    (1.6099, 6.9077)
    """

    _arrays = ("n_on", "mu_bkg")

    def __init__(self, n_on, mu_bkg):
        self.n_on, self.mu_bkg = broadcast_copies(n_on, mu_bkg)

    @property
    def n_bkg(self):
        """Expected background counts."""
        return self.mu_bkg

    @property
    def n_sig(self):
        """Excess counts, ``n_on - n_bkg``."""
        return self.n_on - self.n_bkg

    @property
    def error(self):
        """Root of the counts."""
        return np.sqrt(self.n_on)

    @property
    def stat_null(self):
        """Cash statistic of the background alone."""
        return cash(self.n_on, self.mu_bkg)

    @property
    def stat_max(self):
        """Cash statistic of the counts themselves."""
        return cash(self.n_on, self.n_on)

    def _problems(self) -> NormProblems:
        n = self.n_on.size
        return NormProblems(self.n_on.ravel(), self.mu_bkg.ravel(), np.ones(n), offsets=np.arange(n + 1))

    def _best(self) -> np.ndarray:
        return np.asarray(self.n_sig, dtype=float).ravel()

    def compute_errn(self, n_sigma=1.0):
        """Compute the negative error of the excess; 0 without counts.

        Parameters
        ----------
        n_sigma : float
            The statistic rises by ``n_sigma ** 2``.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> round(float(CashCountsStatistic(3, 1).compute_errn()), 6)
        1.416026
        """
        return np.where(self.n_on > 0, _cash_errors(self.n_on, n_sigma, upward=False), 0.0)[()]

    def compute_errp(self, n_sigma=1.0):
        """Compute the positive error of the excess; ``n_sigma ** 2 / 2`` without counts.

        Parameters
        ----------
        n_sigma : float
            The statistic rises by ``n_sigma ** 2``.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> round(float(CashCountsStatistic(3, 1).compute_errp()), 6)
        2.080237
        """
        return np.where(
            self.n_on > 0, _cash_errors(self.n_on, n_sigma, upward=True), 0.5 * float(n_sigma) ** 2
        )[()]

    def compute_upper_limit(self, n_sigma=3):
        """Compute the upper limit of the excess: best excess plus positive error.

        Without any counts it is ``n_sigma ** 2 / 2`` whatever the background: the limit counts from 0, since no excess
        below explains the data better.

        Parameters
        ----------
        n_sigma : float
            Number of standard deviations.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> CashCountsStatistic([0, 10], [2, 30]).compute_upper_limit().round(4).tolist()
        [4.5, -7.3039]
        """
        return np.where(self.n_on > 0, self.n_sig + self.compute_errp(n_sigma), 0.5 * float(n_sigma) ** 2)[()]

    def n_sig_matching_significance(self, significance):
        """Compute the excess that would have a given significance over this background.

        Parameters
        ----------
        significance : float or array_like
            Wanted `sqrt_ts`; negative for a deficit.

        Returns
        -------
        ndarray
            NaN where no deficit is that significant.

        Examples
        --------
        >>> round(float(CashCountsStatistic(0, 1).n_sig_matching_significance(5)), 5)
        8.32728
        """
        significance = np.asarray(significance, dtype=float)
        background = np.maximum(self.mu_bkg, FLOOR)
        ratio = np.square(significance) / (2 * background)
        change = np.where(
            significance >= 0,
            change_for_significance(ratio, upward=True),
            change_for_significance(ratio, upward=False),
        )
        return (background * change)[()]

    def sum(self, axis=None) -> CashCountsStatistic:
        """Add entries up.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Axes to add along; all by default.
        """
        return CashCountsStatistic(self.n_on.sum(axis=axis), self.mu_bkg.sum(axis=axis))

    def info_dict(self) -> dict[str, Any]:
        """Return the main numbers as a dictionary; in addition mu_bkg."""
        return super().info_dict() | {"mu_bkg": self.mu_bkg}

    def _rows(self) -> list[tuple[str, str]]:
        return [*super()._rows(), ("Predicted background counts", f"{self.mu_bkg.sum():.2f}")]
