"""Statistics of flux points: what measured fluxes say about a predicted one."""

from __future__ import annotations

import numpy as np
from scipy.special import erfc

__all__ = ["AsymmetricStatistic", "Chi2Statistic", "ProfileStatistic"]


class Chi2Statistic:
    """Squared residuals over squared errors.

    Parameters
    ----------
    value, error : ndarray, shape (n_points,)
        Measured flux and its symmetric error.
    """

    def __init__(self, value: np.ndarray, error: np.ndarray):
        self.measured, self.error = value, error

    def array(self, mu: np.ndarray) -> np.ndarray:
        """Return the statistic of each point."""
        return ((mu - self.measured) / self.error) ** 2

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over points."""
        return float(self.array(mu).sum())

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each point."""
        return 2.0 * (mu - self.measured) / self.error**2, 2.0 / self.error**2


class AsymmetricStatistic:
    """Squared residuals over the error of the side on which the model lies; upper limits by their tail.

    Parameters
    ----------
    value, error_negative, error_positive : ndarray, shape (n_points,)
        Measured flux and its errors; ignored for limits.
    upper_limit : ndarray, shape (n_points,)
        Upper limits; used where `is_upper_limit`.
    is_upper_limit : ndarray of bool, shape (n_points,)

    Notes
    -----
    A limit L adds ``2 ln [erfc((L - mu) / L) / erfc(1)]``, the convention of the field's tools: the limit is its own
    width, the term is 0 for no flux and grows with the prediction, up to ``2 ln [2 / erfc(1)]``.
    """

    def __init__(self, value, error_negative, error_positive, upper_limit, is_upper_limit):
        self.measured, self.low, self.high = value, error_negative, error_positive
        self.limit, self.is_limit = upper_limit, is_upper_limit

    def _error(self, mu):
        return np.where(mu >= self.measured, self.high, self.low)

    def _limit_argument(self, mu):
        width = np.where(self.is_limit, self.limit, 1.0)
        return (width - mu) / width, width

    def array(self, mu: np.ndarray) -> np.ndarray:
        """Return the statistic of each point."""
        with np.errstate(invalid="ignore", divide="ignore"):
            chi2 = ((mu - self.measured) / self._error(mu)) ** 2
        x, _ = self._limit_argument(mu)
        tail = 2.0 * np.log(np.maximum(erfc(x), 1e-300) / erfc(1.0))
        return np.where(self.is_limit, tail, chi2)

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over points."""
        return float(self.array(mu).sum())

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each point."""
        x, width = self._limit_argument(mu)
        tail = np.maximum(erfc(x), 1e-300)
        slope = 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)) / tail
        with np.errstate(invalid="ignore", divide="ignore"):
            error = self._error(mu)
            chi_first, chi_second = 2.0 * (mu - self.measured) / error**2, 2.0 / error**2
        first = np.where(self.is_limit, 2.0 * slope / width, chi_first)
        second = np.where(self.is_limit, 2.0 * slope * (2.0 * x - slope) / width**2, chi_second)
        return first, second


class ProfileStatistic:
    """Stored likelihood profiles, interpolated at the predicted flux.

    Parameters
    ----------
    profiles : sequence of callable
        From flux to the statistic of one point.
    scale : ndarray, shape (n_points,)
        Typical error of each point, the step of differences.
    """

    def __init__(self, profiles, scale: np.ndarray):
        self.profiles, self.scale = list(profiles), np.asarray(scale, dtype=float)

    def array(self, mu: np.ndarray) -> np.ndarray:
        """Return the statistic of each point."""
        return np.array([float(np.squeeze(f(x))) for f, x in zip(self.profiles, mu, strict=True)])

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over points."""
        return float(self.array(mu).sum())

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each point."""
        step = 0.01 * self.scale
        low, middle, high = self.array(mu - step), self.array(mu), self.array(mu + step)
        return (high - low) / (2 * step), np.maximum((high - 2 * middle + low) / step**2, 0.0)
