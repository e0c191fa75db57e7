"""Log-normal prior."""

from __future__ import annotations

import math

import numpy as np

from ...parameter import PriorParameter
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["LogNormalPrior"]


@PRIOR_REGISTRY.register
class LogNormalPrior(Prior):
    r"""Normal distribution of ln x.

    Parameters
    ----------
    mu : float
        Median of the value, positive.
    sigma : float
        Standard deviation of ln x.
    weight : float
        Factor of -2 ln p in the fit statistic.

    Examples
    --------
    >>> from geminga.modeling.models import LogNormalPrior
    >>> float(LogNormalPrior(mu=3, sigma=0.5).inverse_cdf(0.5))
    3.0
    """

    tag = ["LogNormalPrior"]
    mu = PriorParameter("mu", 1)
    sigma = PriorParameter("sigma", 1)

    @staticmethod
    def evaluate(value, mu, sigma):
        r"""Return :math:`(\ln(x/\mu)/\sigma)^2 + 2 \ln(x\sigma) + \ln 2\pi`, infinity for values up to 0."""
        value = np.asarray(value, dtype=float)
        log_value = np.log(np.where(value > 0, value, mu))
        stat = ((log_value - math.log(mu)) / sigma) ** 2 + 2 * (log_value + math.log(sigma))
        return np.where(value > 0, stat + math.log(2 * math.pi), np.inf)[()]

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the prior allows."""
        return 0.0, np.inf

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        from scipy.special import ndtri

        return self.mu.value * np.exp(self.sigma.value * ndtri(probability))
