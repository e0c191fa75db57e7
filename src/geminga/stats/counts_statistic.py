"""Excess, significance, errors and limits of counts, for one number or for many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy.special import ndtr

from .closed_forms import change_for_rise, change_for_significance
from .norm_solver.asimov import sensitivity
from .norm_solver.crossings import find_crossings
from .norm_solver.problems import NormProblems
from .norm_solver.terms import make_terms
from .on_off import wstat
from .poisson import FLOOR, cash

__all__ = ["CashCountsStatistic", "CountsStatistic", "WStatCountsStatistic"]


class CountsStatistic(ABC):
    """What counts tell about an excess.

    All quantities have the shape of the counts.
    """

    _arrays: tuple[str, ...] = ()
    n_on: np.ndarray

    @property
    @abstractmethod
    def n_bkg(self):
        """Expected background counts."""

    @property
    @abstractmethod
    def n_sig(self):
        """Excess counts."""

    @property
    @abstractmethod
    def error(self):
        """Error of the excess from the counts, without a likelihood."""

    @property
    @abstractmethod
    def stat_null(self):
        """Statistic of the null hypothesis."""

    @property
    @abstractmethod
    def stat_max(self):
        """Statistic of the best excess."""

    @property
    def ts(self):
        """Difference of the statistic between null hypothesis and best excess, >= 0."""
        return np.maximum(self.stat_null - self.stat_max, 0.0)

    @property
    def sqrt_ts(self):
        """Root of `ts` with the sign of the excess: the significance in standard deviations."""
        return np.sign(self.n_sig) * np.sqrt(self.ts)

    @property
    def p_value(self):
        """Probability of a larger fluctuation to the same side, half the tail of chi-square with one degree."""
        return ndtr(-np.sqrt(self.ts))

    @abstractmethod
    def _problems(self) -> NormProblems:
        """Return one norm problem for each entry; the norm is the excess."""

    @abstractmethod
    def _best(self) -> np.ndarray:
        """Return the excess that the problems have, flat."""

    def _crossing(self, side: int, n_sigma) -> np.ndarray:
        problems = self._problems()
        terms, _ = make_terms(problems)
        return find_crossings(terms, self._best(), [(side, float(n_sigma))])[0].reshape(self.n_on.shape)[()]

    def compute_errn(self, n_sigma=1.0):
        """Compute the negative error of the excess.

        Parameters
        ----------
        n_sigma : float
            The statistic rises by ``n_sigma ** 2``.

        Returns
        -------
        ndarray
            Distance, >= 0.
        """
        return self._crossing(-1, n_sigma)

    def compute_errp(self, n_sigma=1.0):
        """Compute the positive error of the excess.

        Parameters
        ----------
        n_sigma : float
            The statistic rises by ``n_sigma ** 2``.

        Returns
        -------
        ndarray
            Distance, >= 0.
        """
        return self._crossing(1, n_sigma)

    def compute_upper_limit(self, n_sigma=3):
        """Compute the upper limit of the excess: best excess plus positive error.

        There is no boundary at 0, so the limit of a strong deficit is negative.

        Parameters
        ----------
        n_sigma : float
            Number of standard deviations.

        Returns
        -------
        ndarray
        """
        return self.n_sig + self.compute_errp(n_sigma)

    @abstractmethod
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
        """

    def __getitem__(self, key):
        """Return the statistic of some entries."""
        part = object.__new__(type(self))
        for name in self._arrays:
            setattr(part, name, np.asarray(getattr(self, name)[key]))
        return part

    def __len__(self) -> int:
        return len(self.n_on)

    def info_dict(self) -> dict[str, Any]:
        """Return the main numbers as a dictionary.

        Returns
        -------
        dict
            Keys n_on, background, excess, significance, p_value, and what the statistic was made of.
        """
        return {
            "n_on": self.n_on,
            "background": self.n_bkg,
            "excess": self.n_sig,
            "significance": self.sqrt_ts,
            "p_value": self.p_value,
        }

    def _rows(self) -> list[tuple[str, str]]:
        total = self.sum()
        return [
            ("Total counts", f"{total.n_on:.2f}"),
            ("Total background counts", f"{total.n_bkg:.2f}"),
            ("Total excess counts", f"{total.n_sig:.2f}"),
            ("Total significance", f"{total.sqrt_ts:.2f}"),
            ("p - value", f"{total.p_value:.3g}"),
            ("Total number of bins", f"{self.n_on.size}"),
        ]

    @abstractmethod
    def sum(self, axis=None):
        """Add entries up."""

    def __str__(self) -> str:
        rows = "\n".join(f"  {name:32s}: {value}" for name, value in self._rows())
        return f"{type(self).__name__}\n{rows}\n"

    def __repr__(self) -> str:
        return str(self)


def _broadcast(*values) -> list[np.ndarray]:
    """Return arrays of a common shape that own their memory."""
    return [np.array(value) for value in np.broadcast_arrays(*values)]


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
        self.n_on, self.mu_bkg = _broadcast(n_on, mu_bkg)

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
        self.n_on, self.n_off, self.alpha, self.mu_sig = _broadcast(n_on, n_off, alpha, mu_sig)

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
