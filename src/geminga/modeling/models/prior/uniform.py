"""Uniform prior."""

from __future__ import annotations

import math

import numpy as np

from ...parameter import PriorParameter
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["UniformPrior"]


@PRIOR_REGISTRY.register
class UniformPrior(Prior):
    r"""Constant density between two values, none outside.

    Parameters
    ----------
    min, max : float
        Ends of the interval.
    weight : float
        Factor of -2 ln p in the fit statistic.

    Examples
    --------
    >>> from geminga.modeling.models import UniformPrior
    >>> prior = UniformPrior(min=1, max=2)
    >>> float(prior(1.5)), float(prior(3.0))
    (0.0, inf)
    """

    tag = ["UniformPrior"]
    min = PriorParameter("min", 0)
    max = PriorParameter("max", 1)

    @staticmethod
    def evaluate(value, min, max):
        r"""Return :math:`2 \ln(x_{max} - x_{min})` inside, infinity outside."""
        inside = (value >= min) & (value <= max)
        return np.where(inside, 2 * math.log(max - min), np.inf)[()]

    @property
    def support(self) -> tuple[float, float]:
        """Lowest and highest value that the prior allows."""
        return self.min.value, self.max.value

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        return self.min.value + (self.max.value - self.min.value) * probability
