"""A likelihood and priors as samplers want them: a function of values, and a map from the unit cube."""

from __future__ import annotations

import math

import numpy as np

from ...errors import ModelError
from ..fit.adapter import likelihood_of, unique_name

__all__ = ["Posterior"]

_NEVER = -1e300


class Posterior:
    """Likelihood without priors, and priors, of the free parameters.

    Penalties belong to the likelihood.

    Parameters
    ----------
    datasets : object
        With ``likelihood()``, or with ``stat_sum()`` and ``parameters``.

    Raises
    ------
    ModelError
        If a free parameter has no prior.
    """

    def __init__(self, datasets):
        self.likelihood = likelihood_of(datasets)
        self.parameters = tuple(self.likelihood.parameters)
        for parameter in self.parameters:
            if parameter.prior is None:
                raise ModelError(
                    f"parameter {parameter.name} must have a prior to be sampled, got none. "
                    "Set parameter.prior, or freeze it."
                )
        self.names = _without_repetition([unique_name(datasets, parameter) for parameter in self.parameters])

    def prior_stat(self, values) -> float:
        """Return -2 ln of the priors at values."""
        return float(sum(p.prior(v) for p, v in zip(self.parameters, values, strict=True)))

    def log_likelihood(self, values) -> float:
        """Return ln L without priors at values; a huge negative number where it is not finite."""
        prior = self.prior_stat(values)
        if not math.isfinite(prior):
            return _NEVER
        log = -0.5 * (self.likelihood.stat(np.asarray(values, dtype=float)) - prior)
        return log if math.isfinite(log) else _NEVER

    def log_posterior(self, values) -> float:
        """Return ln L with priors at values, minus infinity where it is not finite."""
        prior = self.prior_stat(values)
        if not math.isfinite(prior):
            return -math.inf
        log = -0.5 * self.likelihood.stat(np.asarray(values, dtype=float))
        return log if math.isfinite(log) else -math.inf

    def from_unit_cube(self, cube) -> np.ndarray:
        """Return the values that belong to cumulative probabilities of the priors."""
        return np.array(
            [p.prior.inverse_cdf(u) for p, u in zip(self.parameters, cube, strict=True)], dtype=float
        )


def _without_repetition(names: list[str]) -> list[str]:
    """Return names with a number behind those that occur again."""
    seen: dict[str, int] = {}
    output = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        output.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return output
