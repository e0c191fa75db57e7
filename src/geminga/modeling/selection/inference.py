"""What samples of the posterior say about one model."""

from __future__ import annotations

import numpy as np

from ...errors import FitError, ModelError
from ...numerics.random import get_random_state
from ..fit.adapter import as_datasets, parameters_of
from ..sampler.posterior import Posterior
from .information import leave_one_out, widely_applicable

__all__ = ["InferenceResult"]

_SCALING = 0.99  # power of prior or likelihood in the sensitivities


class InferenceResult:
    """Evidence, information criteria and predictions of one model.

    Parameters
    ----------
    models_name : str
        Name of the models.
    sampler_results : `~geminga.modeling.SamplerResult`
        With an evidence, hence of a nested sampler.
    datasets : `~geminga.datasets.Datasets`
        With the models that were sampled.
    posterior_downsample_factor : int
        Use every n-th sample for what needs predictions.
    n_prior_samples : int
        Number of draws from the priors.
    """

    def __init__(
        self, models_name, sampler_results, datasets, posterior_downsample_factor=4, n_prior_samples=1000
    ):
        self._models_name = models_name
        self._sampler_results = sampler_results
        self._datasets = as_datasets(datasets)
        self._posterior = Posterior(self._datasets)
        self._models = self._datasets.models.copy()
        self._priors = [parameter.prior.copy() for parameter in self._posterior.parameters]
        self._samples = np.asarray(sampler_results.samples)[::posterior_downsample_factor]
        cubes = get_random_state(42).uniform(size=(n_prior_samples, len(self.priors)))
        self._prior_samples = np.array([self._posterior.from_unit_cube(cube) for cube in cubes])
        self._log_likelihood, self._npred = self._predictions(self._samples)
        self._loo, self._waic = leave_one_out(self._log_likelihood), widely_applicable(self._log_likelihood)

    def _predictions(self, samples) -> tuple[np.ndarray, np.ndarray]:
        """Return ln L and predicted counts of each bin inside the masks at each sample."""
        parameters = self._posterior.parameters
        log_likelihood, predicted = [], []
        with parameters_of(self._datasets).restore_status():
            for sample in samples:
                for parameter, value in zip(parameters, sample.tolist(), strict=True):
                    parameter.value = value
                log_likelihood.append(
                    np.concatenate([_in_mask(d, -0.5 * d.stat_array()) for d in self._datasets])
                )
                predicted.append(np.concatenate([_in_mask(d, _prediction(d)) for d in self._datasets]))
        return np.array(log_likelihood), np.array(predicted)

    # ------------------------------------------------------------------ what it is about

    @property
    def models_name(self) -> str:
        """Name of the models."""
        return self._models_name

    @property
    def models(self):
        """Copies of the models."""
        return self._models

    @property
    def priors(self) -> list:
        """Prior of each free parameter."""
        return self._priors

    @property
    def sampler_results(self):
        """What the sampler found."""
        return self._sampler_results

    # ------------------------------------------------------------------ numbers

    def _from_sampler(self, key: str) -> float:
        results = self.sampler_results.sampler_results or {}
        if results.get(key) is None:
            raise FitError(
                f"sampler results must hold {key!r}, got none. Use a nested sampler such as ultranest."
            )
        return float(results[key])

    @property
    def logz(self) -> float:
        """Logarithm of the evidence."""
        return self._from_sampler("logz")

    @property
    def logz_err(self) -> float:
        """Error of the logarithm of the evidence."""
        return self._from_sampler("logzerr")

    @property
    def logl(self) -> float:
        """Largest ln L among the samples."""
        return float(max(self._posterior.log_likelihood(sample) for sample in self._samples))

    @property
    def dof(self) -> int:
        """Number of free parameters."""
        return len(self.priors)

    @property
    def aic(self) -> float:
        """Information criterion of Akaike."""
        return 2 * self.dof - 2 * self.logl

    @property
    def elpd(self):
        """Expected log predictive density by leaving one out."""
        return self._loo

    @property
    def elpd_loo(self):
        """Expected log predictive density by leaving one out."""
        return self._loo

    @property
    def elpd_waic(self):
        """Expected log predictive density by the widely applicable information criterion."""
        return self._waic

    @property
    def loo_good_pareto_k_fraction(self) -> float:
        """Fraction of the data for which `elpd_loo` is reliable."""
        return self._loo.good_k_fraction

    @property
    def inference_data(self):
        """Samples and predictions: `arviz.InferenceData` if arviz is installed, or else a dictionary of groups."""
        random_state = get_random_state(42)
        names = self._posterior.names
        observed = np.concatenate(
            [_in_mask(d, d.counts.data) for d in self._datasets if hasattr(d, "counts")]
        )
        _, prior_npred = self._predictions(self._prior_samples)
        groups = {
            "posterior": dict(zip(names, self._samples.T[:, np.newaxis], strict=True)),
            "prior": dict(zip(names, self._prior_samples.T[:, np.newaxis], strict=True)),
            "log_likelihood": {"counts": self._log_likelihood[np.newaxis]},
            "posterior_predictive": {"counts": random_state.poisson(np.maximum(self._npred, 0))[np.newaxis]},
            "prior_predictive": {"counts": random_state.poisson(np.clip(prior_npred, 0, 1e15))[np.newaxis]},
            "observed_data": {"counts": observed},
        }
        try:
            import arviz
        except ImportError:
            return groups
        return arviz.from_dict(**groups)

    # ------------------------------------------------------------------ tables

    def stats_table(self, format=".3f"):
        """Return evidence and information criteria.

        Parameters
        ----------
        format : str
            Format of the numbers.
        """
        from astropy.table import Table

        row = {
            "models": [self.models_name],
            "-2logz": [-2 * self.logz],
            "-2logl": [-2 * self.logl],
            "dof": [self.dof],
            "aic": [self.aic],
            "-2elpd_loo": [-2 * self._loo.elpd],
            "-2elpd_waic": [-2 * self._waic.elpd],
            "good_k_fraction": [self.loo_good_pareto_k_fraction],
        }
        table = Table(row)
        for name in table.colnames:
            if table[name].dtype.kind == "f":
                table[name].format = format
        return table

    def parameters_table(self, group="posterior"):
        """Return mean, standard deviation and quantiles of the parameters.

        Parameters
        ----------
        group : {"posterior", "prior"}
        """
        from astropy.table import Table

        groups = {"posterior": self._samples, "prior": self._prior_samples}
        if group not in groups:
            raise ModelError(f"group must be posterior or prior, got {group!r}. Choose one.")
        samples = groups[group]
        low, median, high = np.percentile(samples, [15.87, 50, 84.13], axis=0)
        return Table(
            {
                "parameter": self._posterior.names,
                "mean": samples.mean(axis=0),
                "std": samples.std(axis=0),
                "median": median,
                "q16": low,
                "q84": high,
            }
        )

    def prior_sensitivity_table(self):
        """Return how much the posterior moves when prior or likelihood are scaled by a power.

        The distance is that of Jensen and Shannon between the cumulative distributions, per change of the logarithm
        of the power. Values above 0.05 in the column "prior" deserve a look.

        References
        ----------
        .. [1] Kallioinen et al. (2024), Statistics and Computing 34, 57.
        """
        from astropy.table import Table

        log_prior = np.array(
            [
                [-0.5 * float(p.prior(v)) for p, v in zip(self._posterior.parameters, s, strict=True)]
                for s in self._samples
            ]
        ).sum(axis=1)
        log_likelihood = self._log_likelihood.sum(axis=1)
        rows = {
            name: [_sensitivity(column, log_density) for column in self._samples.T]
            for name, log_density in (("prior", log_prior), ("likelihood", log_likelihood))
        }
        return Table({"parameter": self._posterior.names, **rows})


def _sensitivity(values, log_density) -> float:
    """Return the distance between the distribution and that with the density raised to a power, both ways."""
    total = 0.0
    for power in (_SCALING, 1 / _SCALING):
        log_weights = (power - 1) * log_density
        weights = np.exp(log_weights - log_weights.max())
        total += _cumulative_distance(values, weights / weights.sum())
    return total / (2 * abs(np.log2(_SCALING)))


def _cumulative_distance(values, weights) -> float:
    """Return the Jensen-Shannon distance of two cumulative distributions: equal weights, and the given ones."""
    order = np.argsort(values)
    steps = np.diff(values[order])
    span = steps.sum()
    if span == 0:
        return 0.0
    p = (np.arange(1, len(values)) / len(values)).clip(1e-300)
    q = np.cumsum(weights[order])[:-1].clip(1e-300)
    middle = 0.5 * (p + q)

    def divergence(a, b):
        return np.sum(steps * a * np.log2(a / b)) + np.sum(steps * (b - a)) / np.log(2)

    forward = divergence(p, middle) + divergence(q, middle)
    return float(np.sqrt(max(forward, 0.0) / (np.sum(steps * (p + q)))))


def _prediction(dataset) -> np.ndarray:
    """Return what a dataset with counts predicts; zeros for others."""
    if not hasattr(dataset, "npred"):
        return np.zeros_like(dataset.stat_array())
    return np.asarray(dataset.npred().data, dtype=float)


def _in_mask(dataset, values) -> np.ndarray:
    """Return the values inside the mask of a dataset, flat."""
    values = np.asarray(values, dtype=float)
    mask = dataset.mask
    return values.reshape(-1) if mask is None else values[np.asarray(getattr(mask, "data", mask), dtype=bool)]
