"""Prior given by samples, for example of another measurement."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp, ndtr

from ....errors import ModelError
from ..registries import PRIOR_REGISTRY
from .base import Prior

__all__ = ["SamplesKDEPrior"]

_N_GRID = 2048
_REACH = 6.0  # kernel widths beyond the outermost samples; the tail outside has a probability below 1e-9


@PRIOR_REGISTRY.register
class SamplesKDEPrior(Prior):
    r"""Gaussian kernel density estimate of samples.

    The kernel width is Scott's: the weighted standard deviation of the samples times :math:`n_{eff}^{-1/5}`, with
    :math:`n_{eff} = (\sum w)^2 / \sum w^2`.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Values of the parameter in its unit, two at least, not all equal.
    weights : array_like, shape (n,), optional
        Weights of the samples, not negative.
    weight : float
        Factor of -2 ln p in the fit statistic.

    References
    ----------
    .. [1] Scott (1992), Multivariate Density Estimation, eq. 6.42.

    Examples
    --------
    >>> import numpy as np
    >>> from geminga.modeling.models import SamplesKDEPrior
    >>> prior = SamplesKDEPrior(np.linspace(1, 3, 30))
    >>> round(float(prior.inverse_cdf(0.5)), 6)
    2.0
    """

    tag = ["SamplesKDEPrior"]

    def __init__(self, samples, weights=None, weight=1):
        samples = np.array(samples, dtype=float).reshape(-1)
        weights = np.ones(len(samples)) if weights is None else np.array(weights, dtype=float).reshape(-1)
        if len(samples) < 2 or not np.all(np.isfinite(samples)) or np.ptp(samples) == 0:
            raise ModelError("samples must be two or more finite values that differ. Give more samples.")
        if weights.shape != samples.shape or np.any(weights < 0) or weights.sum() <= 0:
            raise ModelError("weights must be one for each sample, none negative, not all 0. Check them.")
        self.samples, self.weights = samples, weights / weights.sum()
        super().__init__(weight=weight)

    @property
    def bandwidth(self) -> float:
        """Standard deviation of each kernel."""
        # the unbiased weighted variance, as for n equal weights: sum / (n - 1)
        mean = np.sum(self.weights * self.samples)
        squares = np.sum(self.weights**2)
        variance = np.sum(self.weights * (self.samples - mean) ** 2) / (1 - squares)
        return float(np.sqrt(variance) * squares**0.2)

    def evaluate(self, value):
        """Return -2 ln of the density."""
        width = self.bandwidth
        z = (np.asarray(value, dtype=float)[..., np.newaxis] - self.samples) / width
        log_density = logsumexp(-0.5 * z**2, b=self.weights, axis=-1) - np.log(width * np.sqrt(2 * np.pi))
        return (-2 * log_density)[()]

    def cdf(self, value):
        """Return the probability of lower values."""
        z = (np.asarray(value, dtype=float)[..., np.newaxis] - self.samples) / self.bandwidth
        return (ndtr(z) @ self.weights)[()]

    def inverse_cdf(self, probability):
        """Return the value below which the prior has a given probability."""
        reach = _REACH * self.bandwidth
        grid = np.linspace(self.samples.min() - reach, self.samples.max() + reach, _N_GRID)
        return np.interp(probability, self.cdf(grid), grid)

    def to_dict(self, full_output=False) -> dict:
        """Return the prior as a dictionary of plain YAML types."""
        data = super().to_dict(full_output)
        data["prior"]["samples"] = self.samples.tolist()
        data["prior"]["weights"] = self.weights.tolist()
        return data

    @classmethod
    def _extra_keys(cls):
        return ("samples", "weights")

    @classmethod
    def _from_content(cls, content, **kwargs):
        return cls(content["samples"], content.get("weights"), **kwargs)

    def __repr__(self) -> str:
        return f"SamplesKDEPrior({len(self.samples)} samples around {np.sum(self.weights * self.samples):g})"
