r"""Penalties: terms that are added to the fit statistic once, whatever the number of datasets.

A penalty has `parameters` and `stat_sum`; add it to ``Models(..., penalties=[...])``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np

from geminga.doors import Door
from geminga.errors import StatisticError, UnknownNameError

# Covariances live in a higher layer.
_COVARIANCE = Door("geminga.modeling.covariance:Covariance")

__all__ = ["FitStatisticPenalty", "GaussianPriorPenalty"]


class FitStatisticPenalty(ABC):
    """Base of penalties on some parameters."""

    def __init__(self, parameters):
        self._parameters = parameters

    @property
    def parameters(self):
        """Parameters that the penalty looks at."""
        return self._parameters

    @abstractmethod
    def stat_sum(self) -> float:
        """Return the value to add to the fit statistic."""


class GaussianPriorPenalty(FitStatisticPenalty):
    r"""Quadratic penalty on the distance of values from their means.

    With the distances :math:`\Delta` it is :math:`\lambda \Delta^T C^{-1} \Delta`. For :math:`\lambda = 1` this is
    -2 ln of a multivariate normal prior, up to a constant.

    Parameters
    ----------
    parameters : sequence of Parameter, length n
        Their `value` is looked at each time.
    mean : float or array_like, shape (n,), optional
        Means; 0 by default.
    covariance : float or array_like, shape (n,) or (n, n), optional
        Covariance, or variances. The unit matrix by default.
    lambda\_ : float
        Strength.

    Raises
    ------
    StatisticError
        If shapes do not match or the matrix is not symmetric and positive.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> parameters = [SimpleNamespace(value=1.0), SimpleNamespace(value=3.0)]
    >>> float(GaussianPriorPenalty.from_diagonal(parameters, sigma=2.0, mean=1.0).stat_sum())
    1.0
    """

    tag = "gaussian-prior-penalty"

    def __init__(self, parameters, mean=None, covariance=None, lambda_=1.0):
        super().__init__(parameters)
        n = len(parameters)
        self.mean = _vector(0.0 if mean is None else mean, n, "mean")
        self.lambda_ = float(lambda_)
        self._precision = (
            np.eye(n) if covariance is None else np.linalg.inv(_matrix(covariance, n, "covariance"))
        )

    @property
    def precision(self) -> np.ndarray:
        """Inverse of the covariance, shape (n, n)."""
        return self._precision.copy()

    @property
    def covariance(self):
        """Covariance of the prior, a `~geminga.modeling.Covariance` of the parameters."""
        return _COVARIANCE.resolve()(self.parameters, np.linalg.inv(self._precision))

    def _distance(self) -> np.ndarray:
        return np.array([parameter.value for parameter in self.parameters], dtype=float) - self.mean

    def stat_sum(self) -> float:
        """Return the penalty for the present values."""
        distance = self._distance()
        return float(self.lambda_ * distance @ self._precision @ distance)

    def gradient(self) -> np.ndarray:
        """Return the derivative of the penalty in the values of the parameters, shape (n,)."""
        return 2 * self.lambda_ * self._precision @ self._distance()

    def hessian(self) -> np.ndarray:
        """Return the second derivative of the penalty, shape (n, n)."""
        return 2 * self.lambda_ * self._precision

    @classmethod
    def from_precision(cls, parameters, precision, mean=None, lambda_=1.0) -> GaussianPriorPenalty:
        """Make a penalty from the inverse covariance, which may be singular.

        Parameters
        ----------
        parameters : sequence of Parameter, length n
        precision : array_like, shape (n,) or (n, n)
        mean, lambda_
            As for the class.
        """
        penalty = cls(parameters, mean=mean, lambda_=lambda_)
        penalty._precision = _matrix(precision, len(parameters), "precision")
        return penalty

    @classmethod
    def from_diagonal(cls, parameters, sigma, mean=None, lambda_=1.0) -> GaussianPriorPenalty:
        """Make a penalty from standard deviations.

        Parameters
        ----------
        parameters : sequence of Parameter, length n
        sigma : float or array_like, shape (n,)
        mean, lambda_
            As for the class.
        """
        sigma = _vector(sigma, len(parameters), "sigma")
        return cls.from_precision(parameters, np.diag(1 / sigma**2), mean, lambda_)

    @classmethod
    def L2_penalty(cls, parameters, mean=None, lambda_=1.0) -> GaussianPriorPenalty:
        """Make a penalty on the squared distance from the means."""
        return cls.from_precision(parameters, np.eye(len(parameters)), mean, lambda_)

    @classmethod
    def SmoothnessPenalty(cls, parameters, mean=None, lambda_=1.0) -> GaussianPriorPenalty:
        """Make a penalty on differences of neighbours; the precision has 2 on and -1 beside the diagonal."""
        n = len(parameters)
        precision = 2 * np.eye(n) - np.eye(n, k=1) - np.eye(n, k=-1)
        return cls.from_precision(parameters, precision, mean, lambda_)

    @classmethod
    def from_method(cls, parameters, method, **method_kwargs) -> GaussianPriorPenalty:
        """Make a penalty by the name of a method.

        Parameters
        ----------
        parameters : sequence of Parameter
        method : {"precision", "diagonal", "smoothness", "L2"}
        **method_kwargs
            Arguments of that constructor.
        """
        methods: dict[str, Callable[..., GaussianPriorPenalty]] = {
            "precision": cls.from_precision,
            "diagonal": cls.from_diagonal,
            "smoothness": cls.SmoothnessPenalty,
            "L2": cls.L2_penalty,
        }
        if method not in methods:
            raise UnknownNameError("penalty", method, methods)
        return methods[method](parameters, **method_kwargs)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.parameters)} parameters, lambda_={self.lambda_:g})"


def _vector(value, n: int, name: str) -> np.ndarray:
    value = np.asarray(getattr(value, "value", value), dtype=float)
    if value.ndim > 1 or (value.ndim == 1 and len(value) not in (1, n)):
        raise StatisticError(
            f"{name} must have one value for each of {n} parameters, got shape {value.shape}. Give as many."
        )
    return np.array(np.broadcast_to(value, n))


def _matrix(value, n: int, name: str) -> np.ndarray:
    value = np.asarray(value, dtype=float)
    if value.ndim < 2:
        return np.diag(_vector(value, n, name))
    if value.shape != (n, n) or not np.allclose(value, value.T):
        raise StatisticError(
            f"{name} must be a symmetric matrix of shape ({n}, {n}), got shape {value.shape}. "
            "Order its rows like the parameters."
        )
    return value.copy()
