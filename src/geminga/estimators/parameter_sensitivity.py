"""Sensitivity to a parameter: its value that Asimov data would show at a wanted significance."""

from __future__ import annotations

import numpy as np

from ..errors import FitError
from ..modeling import Fit
from ..stats import sigma_to_ts

__all__ = ["ParameterSensitivityEstimator"]


class ParameterSensitivityEstimator:
    """Find the distance from the null value that Asimov data would show at a wanted significance.

    Parameters
    ----------
    parameter : Parameter
    null_value : float
        Value of the null hypothesis.
    n_sigma : float
        Wanted significance.
    n_free_parameters : int, optional
        Degrees of freedom. By default 1.
    rtol : float
        Relative tolerance of the result.
    max_niter : int
        Largest number of steps.
    """

    tag = "ParameterSensitivityEstimator"

    def __init__(self, parameter, null_value, n_sigma=5, n_free_parameters=None, rtol=0.01, max_niter=100):
        self.parameter, self.null_value, self.n_sigma = parameter, null_value, n_sigma
        self.n_free_parameters = n_free_parameters
        self.rtol, self.max_niter = rtol, max_niter

    def _asimov_ts(self, datasets, value):
        """Return the TS of the null hypothesis in data without fluctuations for a value of the parameter."""
        from ..datasets import Datasets

        with datasets.parameters.restore_status():
            self.parameter.value = value
            asimov = Datasets([dataset.to_asimov(name=dataset.name) for dataset in datasets])
            asimov.models = datasets.models
            best = asimov.stat_sum()
            self.parameter.value, self.parameter.frozen = self.null_value, True
            free = asimov.parameters.free_parameters
            null = Fit().optimize(asimov).total_stat if len(free) else asimov.stat_sum()
        return float(null - best)

    def parameter_matching_significance(self, datasets):
        """Return the value of the parameter that matches the significance.

        Raises
        ------
        FitError
            If no value in reach does.
        """
        from scipy.optimize import brentq

        target = sigma_to_ts(self.n_sigma, df=self.n_free_parameters or 1)
        start = self.parameter.value - self.null_value
        step = abs(start) or abs(self.parameter.error) or 1.0

        def excess(distance):
            return self._asimov_ts(datasets, self.null_value + distance * step) - target

        low, high = 0.0, 1.0
        for _ in range(self.max_niter):
            if excess(high) > 0:
                break
            low, high = high, 2 * high
        else:
            raise FitError(
                f"parameter {self.parameter.name!r} must reach {self.n_sigma} sigma for some value, got none up to "
                f"{high * step:g}. Look at its influence on the prediction."
            )
        low = low or high * 1e-4
        while excess(low) > 0 and low > np.finfo(float).tiny:
            low *= 0.1
        # The search runs in multiples of the step: brentq's absolute tolerance is far too wide for fluxes.
        return self.null_value + step * brentq(excess, low, high, rtol=self.rtol, maxiter=self.max_niter)

    def run(self, datasets):
        """Return the distance from the null value.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
            With models; not changed.
        """
        from ..datasets import Datasets

        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        return self.parameter_matching_significance(datasets) - self.null_value
