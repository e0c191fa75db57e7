"""Counts over a background that was measured in an Off region."""

from __future__ import annotations

from typing import Any

import numpy as np

from .counts_statistic import CountsStatistic, broadcast_copies
from .norm_solver.asimov import sensitivity
from .norm_solver.problems import NormProblems
from .on_off import wstat

__all__ = ["WStatCountsStatistic"]


class WStatCountsStatistic(CountsStatistic):
    """Counts over a background that was measured in an Off region.

    Parameters
    ----------
    n_on, n_off : array_like
        Counts in the On and the Off region.
    alpha : array_like
        Exposure ratio On / Off.
    mu_sig : array_like, optional
        Signal counts of the null hypothesis; 0 by default.

    References
    ----------
    .. [1] Li & Ma (1983), ApJ 272, 317, eq. 17, for `sqrt_ts`.

    Examples
    --------
    >>> stat = WStatCountsStatistic(n_on=[10, 3], n_off=[20, 12], alpha=0.2)
    >>> stat.n_sig.tolist(), stat.sqrt_ts.round(4).tolist()
    ([6.0, 0.5999999999999996], [2.222, 0.3379])
    """

    _arrays = ("n_on", "n_off", "alpha", "mu_sig")

    def __init__(self, n_on, n_off, alpha, mu_sig=None):
        mu_sig = 0 if mu_sig is None else mu_sig
        self.n_on, self.n_off, self.alpha, self.mu_sig = broadcast_copies(n_on, n_off, alpha, mu_sig)

    @property
    def n_bkg(self):
        """Expected background counts, ``alpha * n_off``."""
        return self.alpha * self.n_off

    @property
    def n_sig(self):
        """Excess counts, ``n_on - n_bkg - mu_sig``."""
        return self.n_on - self.n_bkg - self.mu_sig

    @property
    def error(self):
        """Error of the excess, ``sqrt(n_on + alpha^2 n_off)``."""
        return np.sqrt(self.n_on + self.alpha**2 * self.n_off)

    @property
    def stat_null(self):
        """W statistic of the null hypothesis."""
        return wstat(self.n_on, self.n_off, self.alpha, self.mu_sig)

    @property
    def stat_max(self):
        """W statistic of the best excess."""
        return wstat(self.n_on, self.n_off, self.alpha, self.n_sig + self.mu_sig)

    def _problems(self) -> NormProblems:
        n = self.n_on.size
        return NormProblems(
            self.n_on.ravel(),
            self.mu_sig.ravel(),
            np.ones(n),
            offsets=np.arange(n + 1),
            counts_off=self.n_off.ravel(),
            alpha=self.alpha.ravel(),
        )

    def _best(self) -> np.ndarray:
        usable = (self.alpha > 0) & np.isfinite(self.alpha)
        return np.where(usable, self.n_sig, np.nan).ravel()

    def n_sig_matching_significance(self, significance):
        """Compute the excess that would have a given significance over this Off measurement.

        Parameters
        ----------
        significance : float or array_like
            Wanted `sqrt_ts` over an Off measurement with these `n_off` and `alpha`; negative for a deficit.

        Returns
        -------
        ndarray
            NaN where no deficit is that significant.

        Examples
        --------
        >>> round(float(WStatCountsStatistic(0, 1, 0.1).n_sig_matching_significance(5)), 5)
        6.29503
        """
        problems = self._problems()
        without = NormProblems(
            problems.counts,
            np.zeros(problems.n_bins),
            problems.signal,
            problems.offsets,
            counts_off=problems.counts_off,
            alpha=problems.alpha,
        )
        shape = np.broadcast_shapes(self.n_on.shape, np.shape(significance))
        if shape != self.n_on.shape:
            both = np.broadcast_to(np.arange(self.n_on.size).reshape(self.n_on.shape), shape).ravel()
            without = without.select(both)
        return sensitivity(without, np.broadcast_to(significance, shape).ravel()).reshape(shape)[()]

    def sum(self, axis=None) -> WStatCountsStatistic:
        """Add entries up; alpha becomes the ratio of the summed backgrounds.

        Parameters
        ----------
        axis : int or tuple of int, optional
            Axes to add along; all by default.
        """
        n_off = self.n_off.sum(axis=axis)
        background = self.n_bkg.sum(axis=axis)
        seen = n_off > 0
        alpha = np.where(seen, background / np.where(seen, n_off, 1), self.alpha.mean(axis=axis))
        return WStatCountsStatistic(self.n_on.sum(axis=axis), n_off, alpha, self.mu_sig.sum(axis=axis))

    def info_dict(self) -> dict[str, Any]:
        """Return the main numbers as a dictionary; in addition n_off, alpha and mu_sig."""
        return super().info_dict() | {"n_off": self.n_off, "alpha": self.alpha, "mu_sig": self.mu_sig}

    def _rows(self) -> list[tuple[str, str]]:
        total = self.sum()
        return [
            *super()._rows(),
            ("Off counts", f"{total.n_off:.2f}"),
            ("alpha", f"{total.alpha:.2f}"),
            ("Predicted signal counts", f"{total.mu_sig:.2f}"),
        ]
