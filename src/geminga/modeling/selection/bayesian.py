"""Choice between models by evidence and predictive power."""

from __future__ import annotations

import numpy as np

from ...errors import UnknownNameError
from ..fit.adapter import as_datasets
from .inference import InferenceResult
from .information import stacking_weights

__all__ = ["BayesianModelSelection", "BayesianModelSelectionResult"]


class BayesianModelSelection:
    """Samples several models and compares them.

    Parameters
    ----------
    sampler : `~geminga.modeling.Sampler`
        A nested sampler.
    posterior_downsample_factor : int
        Use every n-th sample for what needs predictions.
    n_prior_samples : int
        Number of draws from the priors.
    """

    def __init__(self, sampler, posterior_downsample_factor=4, n_prior_samples=1000):
        self.sampler = sampler
        self.posterior_downsample_factor = posterior_downsample_factor
        self.n_prior_samples = n_prior_samples

    def run(self, datasets, alternative_models) -> BayesianModelSelectionResult:
        """Sample each of the models on the same data; the datasets keep the models that they had.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        alternative_models : dict of `~geminga.modeling.models.Models`
            By name.
        """
        datasets = as_datasets(datasets)
        before = datasets.models
        results = {}
        try:
            for name, models in dict(alternative_models).items():
                datasets.models = models
                results[name] = InferenceResult(
                    name,
                    self.sampler.run(datasets),
                    datasets,
                    self.posterior_downsample_factor,
                    self.n_prior_samples,
                )
        finally:
            datasets.models = before
        return BayesianModelSelectionResult(results)


class BayesianModelSelectionResult:
    """Comparison of models.

    Parameters
    ----------
    results_dict : dict of `InferenceResult`
        By name of the models.
    """

    def __init__(self, results_dict):
        self.results = dict(results_dict)

    def __getitem__(self, name) -> InferenceResult:
        if name not in self.results:
            raise UnknownNameError("name of models", name, self.results)
        return self.results[name]

    @property
    def models_names(self) -> list[str]:
        """Names of the models."""
        return list(self.results)

    @property
    def elpds(self) -> dict:
        """Expected log predictive density of each, by leaving one out."""
        return {name: result.elpd for name, result in self.results.items()}

    @property
    def elpds_loo(self) -> dict:
        """Expected log predictive density of each, by leaving one out."""
        return self.elpds

    @property
    def elpds_waic(self) -> dict:
        """Expected log predictive density of each, by the widely applicable information criterion."""
        return {name: result.elpd_waic for name, result in self.results.items()}

    def compare(self, **kwargs):
        """Return the models by predictive power, best first, with the weights of the best mixture.

        Parameters
        ----------
        **kwargs : dict
            ``ic``: "loo" (default) or "waic".

        Returns
        -------
        `~astropy.table.Table`
        """
        from astropy.table import Table

        criteria = {"loo": self.elpds, "waic": self.elpds_waic}
        criterion = kwargs.pop("ic", "loo")
        if criterion not in criteria:
            raise UnknownNameError("information criterion", criterion, criteria)
        if kwargs:
            raise UnknownNameError("argument of compare", next(iter(kwargs)), ["ic"])
        elpds = criteria[criterion]
        weights = stacking_weights(np.column_stack([elpd.pointwise for elpd in elpds.values()]))
        names = np.array(list(elpds))
        values = np.array([elpd.elpd for elpd in elpds.values()])
        order = np.argsort(-values)
        best = elpds[names[order[0]]].pointwise
        differences = [best - elpds[name].pointwise for name in names[order]]
        return Table(
            {
                "models": names[order],
                "rank": np.arange(len(names)),
                "elpd": values[order],
                "p": [elpds[name].p for name in names[order]],
                "elpd_diff": [difference.sum() for difference in differences],
                "weight": weights[order],
                "se": [elpds[name].se for name in names[order]],
                "dse": [float(np.sqrt(len(d) * np.var(d))) for d in differences],
            }
        )

    def stats_table(self, format=".3f"):
        """Return evidence and information criteria of all models.

        Parameters
        ----------
        format : str
            Format of the numbers.
        """
        from astropy.table import vstack

        table = vstack([result.stats_table(format) for result in self.results.values()])
        for name in table.colnames:
            if table[name].dtype.kind == "f":
                table[name].format = format
        return table

    def stats_difference_table(self, reference_models_name):
        """Return the differences of evidence and information criteria to those of one of the models.

        Parameters
        ----------
        reference_models_name : str
        """
        reference = self[reference_models_name].stats_table()
        table = self.stats_table()
        for name in table.colnames:
            if name not in ("models", "good_k_fraction"):
                table[name] = table[name] - reference[name][0]
        return table

    def prior_sensitivity_table(self):
        """Return the sensitivities of all parameters of all models."""
        from astropy.table import vstack

        tables = []
        for name, result in self.results.items():
            table = result.prior_sensitivity_table()
            table.add_column([name] * len(table), name="models", index=0)
            tables.append(table)
        return vstack(tables)

    def __repr__(self) -> str:
        return f"BayesianModelSelectionResult({', '.join(self.models_names)})"
