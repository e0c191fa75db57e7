"""Choice between a hypothesis and a special case of it, by the likelihood ratio."""

from __future__ import annotations

import math
from contextlib import contextmanager

from ...errors import ModelError
from ...stats.conversion import sigma_to_ts
from ..fit.adapter import as_datasets, parameters_of
from ..fit.fit import Fit
from ..parameter import Parameter
from ..parameters import Parameters

__all__ = ["NestedModelSelection", "select_nested_models"]


class NestedModelSelection:
    """Test a hypothesis against the special case in which some parameters have null values.

    The test statistic is the fit statistic of the null hypothesis minus that of the alternative; it follows a
    chi-squared distribution if the null hypothesis holds and its values lie inside the limits (Wilks' theorem [1]_).

    Parameters
    ----------
    parameters : list of `~geminga.modeling.Parameter`
        Parameters that the null hypothesis fixes.
    null_values : list of float or `~geminga.modeling.Parameter`
        Their values there, in units of the parameters. A parameter means that the two are equal in the null hypothesis,
        as one free number.
    n_sigma : float
        Significance from which the alternative is kept; negative values keep it always.
    n_free_parameters : int, optional
        Number of parameters that the alternative has more; by default those of `parameters` that are free.
    fit : `~geminga.modeling.Fit`, optional

    References
    ----------
    .. [1] Wilks (1938), Ann. Math. Statist. 9, 60.
    """

    def __init__(self, parameters, null_values, n_sigma=2, n_free_parameters=None, fit=None):
        self.parameters = list(parameters)
        self.null_values = list(null_values)
        if len(self.parameters) != len(self.null_values):
            raise ModelError(
                f"null_values must be {len(self.parameters)}, got {len(self.null_values)}. Give one for each parameter."
            )
        self.n_sigma = n_sigma
        if n_free_parameters is None:
            n_free_parameters = max(len(Parameters(self.parameters).free_unique_parameters), 1)
        self.n_free_parameters = n_free_parameters
        self.fit = Fit() if fit is None else fit

    @property
    def ts_threshold(self) -> float:
        """Test statistic from which the alternative is kept; with the sign of `n_sigma`."""
        return math.copysign(1, self.n_sigma) * float(sigma_to_ts(abs(self.n_sigma), self.n_free_parameters))

    def ts(self, datasets) -> float:
        """Return the test statistic; the models stay as they are.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        """
        datasets = as_datasets(datasets)
        with self._restored(datasets):
            best = self.fit.optimize(datasets).total_stat
            with self._null_hypothesis(datasets):
                return self._minimum_stat(datasets) - best

    def ts_asimov(self, datasets) -> float:
        """Return the test statistic that Asimov data would give: counts that equal the prediction of the models.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        """
        datasets = as_datasets(datasets)
        expected = as_datasets([dataset.to_asimov(name=dataset.name) for dataset in _each(datasets)])
        expected.models = datasets.models
        with self._restored(datasets):
            best = expected.stat_sum()
            with self._null_hypothesis(datasets):
                return self._minimum_stat(expected) - best

    def ts_known_bkg(self, datasets) -> float:
        """Return the test statistic with all other parameters held at their values, as if they were known.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        """
        datasets = as_datasets(datasets)
        with self._restored(datasets):
            best = datasets.stat_sum()
            with self._null_hypothesis(datasets):
                return datasets.stat_sum() - best

    def run(self, datasets, apply_selection=True) -> dict:
        """Fit both hypotheses, and keep the one that the data ask for.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
        apply_selection : bool
            Leave the models in the null hypothesis, with the parameters frozen, if the test statistic stays below the
            threshold; otherwise they are left at the best fit of the alternative.

        Returns
        -------
        dict
            ``ts``, ``fit_results`` and ``fit_results_null``.
        """
        datasets = as_datasets(datasets)
        for parameter in self.parameters:
            parameter.frozen = False
        alternative = self.fit.run(datasets)
        status = _Status(datasets)
        swaps = self._set_null(datasets)
        null = self._fit_null(datasets)
        ts = null.total_stat - alternative.total_stat
        if not apply_selection or ts > self.ts_threshold:
            _undo(swaps)
            status.restore()
        return {"ts": ts, "fit_results": alternative, "fit_results_null": null}

    # ------------------------------------------------------------------ the null hypothesis

    def _fit_null(self, datasets):
        if len(parameters_of(datasets).free_unique_parameters):
            return self.fit.run(datasets)
        from ..fit.result import FitResult, OptimizeResult

        result = OptimizeResult(
            models=datasets.models.copy(),
            nfev=1,
            total_stat=datasets.stat_sum(),
            trace=None,
            backend="geminga",
            method="none",
            success=True,
            message="No parameter is free in the null hypothesis.",
        )
        return FitResult(optimize_result=result)

    def _minimum_stat(self, datasets) -> float:
        if len(parameters_of(datasets).free_unique_parameters):
            return self.fit.optimize(datasets).total_stat
        return datasets.stat_sum()

    def _set_null(self, datasets) -> list:
        """Put the models into the null hypothesis; return how to undo links."""
        swaps = []
        for parameter, null in zip(self.parameters, self.null_values, strict=True):
            if isinstance(null, Parameter):
                swaps += _replace(datasets, parameter, null)
            else:
                parameter.value = null
                parameter.error = 0.0
                parameter.frozen = True
        return swaps

    @contextmanager
    def _null_hypothesis(self, datasets):
        swaps = self._set_null(datasets)
        try:
            yield
        finally:
            _undo(swaps)

    @contextmanager
    def _restored(self, datasets):
        status = _Status(datasets)
        for parameter in self.parameters:
            parameter.frozen = False
        try:
            yield
        finally:
            status.restore()


class _Status:
    """Values, errors, frozen flags and covariance of models, to come back to."""

    def __init__(self, datasets):
        self.models = getattr(datasets, "models", None)
        self.parameters = parameters_of(datasets).unique_parameters
        self.status = [(p.value, p.error, p.frozen) for p in self.parameters]
        has_covariance = hasattr(self.models, "covariance")
        self.covariance = self.models.covariance.data.copy() if has_covariance else None

    def restore(self) -> None:
        """Put everything back."""
        for parameter, (value, error, frozen) in zip(self.parameters, self.status, strict=True):
            parameter.value, parameter.error, parameter.frozen = value, error, frozen
        if self.covariance is not None:
            self.models.covariance = self.covariance


def _each(datasets):
    return datasets if hasattr(datasets, "__iter__") else [datasets]


def _replace(datasets, parameter, other) -> list:
    """Put another parameter in all the places of one; return the places."""
    places = []
    for model in datasets.models:
        for part in model._parts().values():
            places += _places_of(part, parameter)
    if not places:
        raise ModelError(
            f"parameter {parameter.name} must belong to the models of the datasets, got another one."
        )
    for owner, name in places:
        _check_linkable(owner, name, other)
        object.__setattr__(owner, name, other)
    return [(owner, name, parameter) for owner, name in places]


def _places_of(part, parameter) -> list:
    found = []
    for name, member in vars(part).items():
        if member is parameter:
            found.append((part, name))
        elif hasattr(member, "default_parameters"):
            found += _places_of(member, parameter)
    return found


def _check_linkable(owner, name, other) -> None:
    if other.name != name:
        raise ModelError(
            f"null value of {name} must be a number or a parameter named {name!r}, got {other.name!r}. "
            "Only parameters of one name can be linked."
        )


def _undo(swaps) -> None:
    for owner, name, parameter in swaps:
        object.__setattr__(owner, name, parameter)


def select_nested_models(
    datasets, parameters, null_values, n_sigma=2, n_free_parameters=None, fit=None
) -> dict:
    """Fit a hypothesis and a special case of it, and keep the one that the data ask for.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
        Its models are left in the hypothesis that is kept.
    parameters, null_values, n_sigma, n_free_parameters, fit
        As for `NestedModelSelection`.

    Returns
    -------
    dict
        ``ts``, ``fit_results`` and ``fit_results_null``.
    """
    selection = NestedModelSelection(parameters, null_values, n_sigma, n_free_parameters, fit)
    return selection.run(datasets)
