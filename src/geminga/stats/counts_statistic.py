"""Excess, significance, errors and limits of counts, for one number or for many."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from scipy.special import ndtr

from .norm_solver.crossings import find_crossings
from .norm_solver.problems import NormProblems
from .norm_solver.terms import make_terms

__all__ = ["CountsStatistic", "broadcast_copies"]


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


def broadcast_copies(*values) -> list[np.ndarray]:
    """Return arrays of a common shape that own their memory."""
    return [np.array(value) for value in np.broadcast_arrays(*values)]
