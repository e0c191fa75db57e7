"""Prior that is uniform in the logarithm."""

from __future__ import annotations

import math

import numpy as np

from ...parameter import PriorParameter
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["LogUniformPrior"]


@PRIOR_REGISTRY.register
class LogUniformPrior(Prior):
    r"""Constant density of ln x between two positive values, none outside.

    Parameters
    ----------
    min, max : float
        Ends of the interval, positive.
    weight : float
        Factor of -2 ln p in the fit statistic.

    Examples
    --------
    >>> from geminga.modeling.models import LogUniformPrior
    >>> round(float(LogUniformPrior(min=1, max=10).inverse_cdf(0.5)), 6)
    3.162278
    """

    tag = ["LogUniformPrior"]
    min = PriorParameter("min", 1e-14)
    max = PriorParameter("max", 1e-10)

    @staticmethod
    def evaluate(value, min, max):
        r"""Return :math:`2 \ln(x \ln(x_{max}/x_{min}))` inside, infinity outside."""
        value = np.asarray(value, dtype=float)
        inside = (value >= min) & (value <= max)
        density = np.log(np.where(inside, value, min)) + math.log(math.log(max / min))
        return np.where(inside, 2 * density, np.inf)[()]

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the prior allows."""
        return self.min.value, self.max.value

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        return self.min.value * (self.max.value / self.min.value) ** np.asarray(probability)
