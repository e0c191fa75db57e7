"""Generalized normal prior."""

from __future__ import annotations

import math

import numpy as np

from ...parameter import PriorParameter
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["GeneralizedGaussianPrior"]


@PRIOR_REGISTRY.register
class GeneralizedGaussianPrior(Prior):
    r"""Generalized normal distribution: from a box (eta 0) over a Gaussian (eta 0.5) to an exponential (eta 1).

    Parameters
    ----------
    mu : float
        Mean.
    sigma : float
        Width; the standard deviation for eta 0.5.
    eta : float
        Inverse of the exponent.
    weight : float
        Factor of -2 ln p in the fit statistic.

    Examples
    --------
    >>> from geminga.modeling.models import GeneralizedGaussianPrior
    >>> round(float(GeneralizedGaussianPrior(mu=0, sigma=1, eta=0.5)(0.5)), 6)
    2.087877
    """

    tag = ["GeneralizedGaussianPrior"]
    mu = PriorParameter("mu", 0)
    sigma = PriorParameter("sigma", 1)
    eta = PriorParameter("eta", 0.5)

    @staticmethod
    def evaluate(value, mu, sigma, eta):
        r"""Return :math:`2 (|x-\mu|/s)^{1/\eta} + 2 \ln(2 s \eta \Gamma(\eta))` with :math:`s = \sqrt 2 \sigma`."""
        scale = math.sqrt(2) * sigma
        shape = (abs(value - mu) / scale) ** (1 / eta)
        return 2 * shape + 2 * (math.log(2 * scale * eta) + math.lgamma(eta))

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        from scipy.special import gammaincinv

        eta = self.eta.value
        side = 2 * np.asarray(probability, dtype=float) - 1
        distance = math.sqrt(2) * self.sigma.value * gammaincinv(eta, np.abs(side)) ** eta
        return self.mu.value + np.sign(side) * distance
