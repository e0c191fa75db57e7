"""Estimates of one parameter of a model, with everything that a profile tells."""

from __future__ import annotations

import numpy as np

from ..errors import ModelError
from ..modeling import Fit
from .core import ESTIMATOR_REGISTRY, Estimator
from .parameter_sensitivity import ParameterSensitivityEstimator

__all__ = ["ParameterEstimator"]


@ESTIMATOR_REGISTRY.register
class ParameterEstimator(Estimator):
    """Estimate best value, errors, limit, profile and significance of a parameter.

    Parameters
    ----------
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        Standard deviations of errors, of upper limits, and of the sensitivity (by default that of the limits).
    null_value : float
        Value of the null hypothesis.
    selection_optional : sequence of {"errn-errp", "ul", "scan", "sensitivity"} or "all", optional
    fit : `~geminga.modeling.Fit`, optional
    reoptimize : bool
        Fit the other free parameters for each value.
    """

    tag = "ParameterEstimator"
    _available_selection_optional = ("errn-errp", "ul", "scan", "sensitivity")

    def __init__(
        self,
        n_sigma=1,
        n_sigma_ul=2,
        n_sigma_sensitivity=None,
        null_value=1e-150,
        selection_optional=None,
        fit=None,
        reoptimize=True,
    ):
        self.n_sigma, self.n_sigma_ul = n_sigma, n_sigma_ul
        self.n_sigma_sensitivity = n_sigma_ul if n_sigma_sensitivity is None else n_sigma_sensitivity
        self.null_value = null_value
        self.selection_optional = selection_optional
        self.fit = fit or Fit()
        self.reoptimize = reoptimize

    @staticmethod
    def _find(datasets, parameter):
        if hasattr(parameter, "value"):
            return parameter
        try:
            return datasets.parameters[parameter]
        except (KeyError, IndexError, ValueError):
            raise ModelError(
                f"parameter must be one of the models', got {parameter!r}. Name it, or pass it."
            ) from None

    def estimate_best_fit(self, datasets, parameter):
        """Return best value, error, statistic and success."""
        result = self.fit.run(datasets)
        name = parameter.name
        return {
            name: parameter.value,
            f"{name}_err": parameter.error * self.n_sigma,
            "stat": float(result.total_stat),
            "success": bool(result.success),
        }

    def estimate_ts(self, datasets, parameter):
        """Return the test statistic against the null value, and the statistic there."""
        stat = datasets.stat_sum()
        with datasets.parameters.restore_status():
            parameter.value, parameter.frozen = self.null_value, True
            free = datasets.parameters.free_parameters
            null = (
                self.fit.optimize(datasets).total_stat
                if self.reoptimize and len(free)
                else datasets.stat_sum()
            )
        return {
            "ts": float(null - stat),
            "npred": self.estimate_npred(datasets)["npred"],
            "stat_null": float(null),
        }

    def estimate_errn_errp(self, datasets, parameter):
        """Return the asymmetric errors."""
        with datasets.parameters.restore_status():
            interval = self.fit.confidence(
                datasets, parameter, sigma=self.n_sigma, reoptimize=self.reoptimize
            )
        return {f"{parameter.name}_errp": interval["errp"], f"{parameter.name}_errn": interval["errn"]}

    def estimate_ul(self, datasets, parameter):
        """Return the upper limit."""
        with datasets.parameters.restore_status():
            interval = self.fit.confidence(
                datasets, parameter, sigma=self.n_sigma_ul, reoptimize=self.reoptimize
            )
        return {f"{parameter.name}_ul": parameter.value + interval["errp"]}

    def estimate_scan(self, datasets, parameter):
        """Return the profile of the statistic."""
        with datasets.parameters.restore_status():
            profile = self.fit.stat_profile(datasets, parameter, reoptimize=self.reoptimize)
        values = next(value for key, value in profile.items() if key.endswith("_scan") and key != "stat_scan")
        return {f"{parameter.name}_scan": np.asarray(values), "stat_scan": np.asarray(profile["stat_scan"])}

    def estimate_sensitivity(self, datasets, parameter):
        """Return the value that would be seen with the wanted significance."""
        estimator = ParameterSensitivityEstimator(
            parameter=parameter, null_value=self.null_value, n_sigma=self.n_sigma_sensitivity
        )
        return {f"{parameter.name}_sensitivity": estimator.run(datasets)}

    @staticmethod
    def estimate_counts(datasets):
        """Return the observed counts of each dataset, inside its mask."""
        return {
            "counts": np.array([_masked_sum(dataset, dataset.counts) for dataset in datasets]),
            "datasets": list(datasets.names),
        }

    @staticmethod
    def estimate_npred(datasets):
        """Return the predicted counts of each dataset, inside its mask."""
        return {
            "npred": np.array([_masked_sum(dataset, dataset.npred()) for dataset in datasets]),
            "datasets": list(datasets.names),
        }

    def run(self, datasets, parameter):
        """Estimate a parameter.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        parameter : str or Parameter

        Returns
        -------
        dict
            ``<name>``, ``<name>_err``, ``stat``, ``stat_null``, ``ts``, ``success``, ``npred``, ``counts``,
            ``datasets``, and the optional ``<name>_errn/_errp``, ``<name>_ul``, ``<name>_scan`` with ``stat_scan``,
            ``<name>_sensitivity``.
        """
        from ..datasets import Datasets

        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        parameter = self._find(datasets, parameter)
        with datasets.parameters.restore_status():
            if not self.reoptimize:
                datasets.parameters.freeze_all()
                parameter.frozen = False
            result = self.estimate_best_fit(datasets, parameter)
            result.update(self.estimate_ts(datasets, parameter))
            optional = {
                "errn-errp": self.estimate_errn_errp,
                "ul": self.estimate_ul,
                "scan": self.estimate_scan,
                "sensitivity": self.estimate_sensitivity,
            }
            for name in self.selection_optional:
                result.update(optional[name](datasets, parameter))
            result.update(self.estimate_counts(datasets))
        return result


def _masked_sum(dataset, map_):
    values = np.asarray(map_.data, dtype=float)
    return float(values[dataset.mask.data].sum() if dataset.mask is not None else values.sum())
