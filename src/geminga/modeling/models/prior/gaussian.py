"""Gaussian prior."""

from __future__ import annotations

import math

from ...parameter import PriorParameter
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["GaussianPrior"]


@PRIOR_REGISTRY.register
class GaussianPrior(Prior):
    r"""Normal distribution of the value.

    Parameters
    ----------
    mu : float
        Mean.
    sigma : float
        Standard deviation.
    weight : float
        Factor of -2 ln p in the fit statistic.

    Examples
    --------
    >>> from geminga.modeling.models import GaussianPrior
    >>> round(GaussianPrior(mu=0, sigma=1)(0.5), 6)
    2.087877
    """

    tag = ["GaussianPrior"]
    mu = PriorParameter("mu", 0)
    sigma = PriorParameter("sigma", 1)

    @staticmethod
    def evaluate(value, mu, sigma):
        r"""Return :math:`((x-\mu)/\sigma)^2 + 2 \ln\sigma + \ln 2\pi`."""
        return ((value - mu) / sigma) ** 2 + 2 * math.log(sigma) + math.log(2 * math.pi)

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        from scipy.special import ndtri

        return self.mu.value + self.sigma.value * ndtri(probability)
