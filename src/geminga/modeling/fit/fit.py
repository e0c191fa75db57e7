"""Fits of models to datasets."""

from __future__ import annotations

import html
import logging

import numpy as np

from ...errors import FitError, UnknownNameError
from . import covariance as covariances
from . import minimum as minima
from .adapter import as_datasets, find_parameter, likelihood_of, parameters_of, prepared, unique_name
from .minimum import Minimum
from .newton import NewtonStatus
from .objective import Objective
from .result import CovarianceResult, FitResult, OptimizeResult

__all__ = ["Fit"]

log = logging.getLogger(__name__)

#: How often sources that move during a fit are bound again where they went.
MOST_BINDINGS = 5

_TASKS = ("optimize", "covariance", "confidence")


def _trace_table(datasets, objective):
    """Return statistic and parameter values of each evaluation."""
    from astropy.table import Table

    if objective.trace is None:
        return Table()
    names = ["total_stat", *(unique_name(datasets, parameter) for parameter in objective.parameters)]
    rows = [[stat, *values] for stat, values in objective.trace]
    return Table(np.array(rows).reshape(-1, len(names)), names=names)


def _is_stale(likelihood) -> bool:
    return hasattr(likelihood, "is_stale") and likelihood.is_stale()


class Fit:
    """Finds the parameters that describe data best, and how well they are known.

    With a likelihood that offers derivatives the minimum is found by a trust-region method
    (`geminga.modeling.fit.newton`); Minuit then starts at the minimum with gradient and second derivatives, confirms
    it, and stays available for more. Without derivatives Minuit does all the work.

    Parameters
    ----------
    backend : {"minuit", "scipy", "newton"}
        Minimiser, where the options name no other; "newton" is the trust-region method alone.
    optimize_opts : dict, optional
        "backend", and options of the minimiser. For minuit: strategy, tol, print_level, errordef, throw_nan, precision,
        migrad_opts. For scipy: method (default "Nelder-Mead") and arguments of `scipy.optimize.minimize`.
    covariance_opts : dict, optional
        "backend".
    confidence_opts : dict, optional
        "backend": minuit is Minos, the others are a root search on the profile.
    store_trace : bool
        Keep statistic and parameter values of each evaluation.

    Examples
    --------
    Anything with ``stat_sum()`` and ``parameters`` can be fitted:

    >>> from geminga.modeling import Fit, Parameter, Parameters
    >>> class Parabola:
    ...     parameters = Parameters([Parameter("x", 1.0)])
    ...     def stat_sum(self):
    ...         return ((self.parameters["x"].value - 3.0) / 0.5) ** 2
    >>> parabola = Parabola()
    >>> result = Fit().run(parabola)
    >>> round(parabola.parameters["x"].value, 3), round(parabola.parameters["x"].error, 3)
    (3.0, 0.5)
    """

    def __init__(
        self,
        backend="minuit",
        optimize_opts=None,
        covariance_opts=None,
        confidence_opts=None,
        store_trace=False,
    ):
        self.store_trace = store_trace
        self.backend = backend
        self.optimize_opts = {"backend": backend, **(optimize_opts or {})}
        self.covariance_opts = {"backend": backend, **(covariance_opts or {})}
        self.confidence_opts = {"backend": backend, **(confidence_opts or {})}
        for task in _TASKS:
            self._options(task)

    def _options(self, task: str) -> tuple[str, dict]:
        """Return backend and further options of a task."""
        options = dict(getattr(self, f"{task}_opts"))
        backend = options.pop("backend", self.backend)
        if backend not in minima.BACKENDS:
            raise UnknownNameError(f"backend for task '{task}'", backend, minima.BACKENDS)
        return backend, options

    # ------------------------------------------------------------------ minimum and covariance

    def run(self, datasets) -> FitResult:
        """Find the minimum and the covariance; the models of the datasets get the values and errors.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
            Or anything with ``likelihood()``, or with ``stat_sum()`` and ``parameters``.

        Returns
        -------
        `FitResult`
            If the fit did not converge, ``success`` is False and ``message`` says why and what helps.
        """
        datasets = as_datasets(datasets)
        minimum = self._find_minimum(datasets)
        covariance = self._find_covariance(datasets, minimum)
        return FitResult(self._optimize_result(datasets, minimum), covariance)

    def optimize(self, datasets) -> OptimizeResult:
        """Find the minimum; the models of the datasets get the values.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        """
        datasets = as_datasets(datasets)
        return self._optimize_result(datasets, self._find_minimum(datasets))

    def covariance(self, datasets, optimize_result=None) -> CovarianceResult:
        """Find the covariance at the values as they are; the models of the datasets get it, and the errors.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        optimize_result : `OptimizeResult`, optional
            Accepted for compatibility; the values of the parameters are what counts.
        """
        datasets = as_datasets(datasets)
        minimum = minima.here(Objective(likelihood_of(datasets)))
        minimum.at_limit = minima.at_limits(minimum.objective, minimum.factors)
        return self._find_covariance(datasets, minimum)

    def _find_minimum(self, datasets) -> Minimum:
        """Find the minimum and set the parameters."""
        backend, options = self._options("optimize")
        objective = Objective(likelihood_of(datasets), trace=self.store_trace)
        for parameter in objective.parameters:
            if parameter.value < parameter.min or parameter.value > parameter.max:
                log.warning(
                    "The start of %s is outside its limits; the nearest limit is taken.", parameter.name
                )
        minimum = minima.find(objective, backend, options)
        objective.set_parameters(minimum.factors)
        for _ in range(MOST_BINDINGS):
            if not _is_stale(objective.likelihood):
                break
            # A source has moved: its responses are taken anew where it is now.
            calls, trace = objective.nfev, objective.trace
            objective = Objective(likelihood_of(datasets), trace=self.store_trace)
            objective.nfev, objective.trace = calls, trace
            minimum = minima.find(objective, backend, options)
            objective.set_parameters(minimum.factors)
        else:
            if _is_stale(objective.likelihood):
                log.warning(
                    "A source has moved away from where its responses were taken %d times. Fit again from here.",
                    MOST_BINDINGS + 1,
                )
        if not minimum.success:
            log.warning("The fit did not converge: %s", minimum.message)
        if minimum.names_held:
            log.warning("At a limit at the best fit: %s.", ", ".join(minimum.names_held))
        return minimum

    def _optimize_result(self, datasets, minimum) -> OptimizeResult:
        models = getattr(datasets, "models", None)
        parameters = None
        if models is None or not hasattr(models, "copy") or not hasattr(models, "parameters"):
            models, parameters = None, parameters_of(datasets).copy()
        else:
            models = models.copy()
        return OptimizeResult(
            models=models,
            parameters=parameters,
            nfev=minimum.objective.nfev,
            total_stat=minimum.stat,
            trace=_trace_table(datasets, minimum.objective),
            minuit=minimum.minuit,
            at_limit=minimum.names_held,
            backend=self._options("optimize")[0],
            method=minimum.method,
            success=minimum.success,
            message=minimum.message,
        )

    def _find_covariance(self, datasets, minimum) -> CovarianceResult:
        """Find the covariance at a minimum and give it to the models."""
        backend, _ = self._options("covariance")
        objective, factors = minimum.objective, minimum.factors
        trace, objective.trace = objective.trace, None  # differences are no steps of the minimisation
        found = covariances.find(minimum, backend)
        objective.trace = trace
        if not found.success:
            log.warning("%s", found.message)
        objective.set_parameters(factors)
        slopes = objective.slopes(factors)
        matrix = covariances.store(datasets, objective, found.matrix * np.outer(slopes, slopes))
        return CovarianceResult(
            matrix=matrix, backend=backend, method="hesse", success=found.success, message=found.message
        )

    # ------------------------------------------------------------------ intervals, profiles, contours

    def confidence(self, datasets, parameter, sigma=1, reoptimize=True) -> dict:
        """Find the asymmetric errors of a parameter: where the statistic rises by sigma squared.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        parameter : `~geminga.modeling.Parameter` or str
        sigma : float
            Number of standard deviations.
        reoptimize : bool
            Minimise over the other parameters, or keep them.

        Returns
        -------
        dict
            ``errp`` and ``errn`` in units of the parameter (NaN where there is none), ``success``, ``message``,
            ``nfev``; from the root search also ``success_errp``, ``message_errp``, ``nfev_errp`` and the same for errn.
        """
        from .confidence import by_minos, by_search

        backend, _ = self._options("confidence")
        datasets = as_datasets(datasets)
        with prepared(datasets, [find_parameter(datasets, parameter)]) as (objective, (index,)):
            minimum = minima.find(objective, "newton", {}) if reoptimize else minima.here(objective)
            if backend == "minuit" and reoptimize and not np.any(minimum.held):
                result = by_minos(minimum, index, sigma)
                if result["success"]:
                    return result
                log.info("%s Searching the crossings of the profile instead.", result["message"])
            return by_search(minimum, index, sigma, reoptimize)

    def stat_profile(self, datasets, parameter, reoptimize=False) -> dict:
        """Find the statistic at the ``scan_values`` of a parameter.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        parameter : `~geminga.modeling.Parameter` or str
        reoptimize : bool
            Minimise over the other parameters, or keep them.

        Returns
        -------
        dict
            ``<model>.<kind>.<parameter>_scan``, ``stat_scan`` and ``fit_results`` (one `OptimizeResult` for each value
            if reoptimised).
        """
        return self._scan(datasets, [parameter], reoptimize)

    def stat_surface(self, datasets, x, y, reoptimize=False) -> dict:
        """Find the statistic on the grid of the ``scan_values`` of two parameters.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        x, y : `~geminga.modeling.Parameter` or str
        reoptimize : bool
            Minimise over the other parameters, or keep them.

        Returns
        -------
        dict
            As for `stat_profile`, with ``stat_scan`` of shape (n_x, n_y).
        """
        return self._scan(datasets, [x, y], reoptimize)

    def _scan(self, datasets, parameters, reoptimize: bool) -> dict:
        from .profile import scan

        datasets = as_datasets(datasets)
        parameters = [find_parameter(datasets, parameter) for parameter in parameters]
        if len({id(parameter) for parameter in parameters}) < len(parameters):
            raise FitError(f"parameters to scan must differ, got {parameters[0].name} twice. Name two.")
        grids = [np.asarray(parameter.scan_values, dtype=float) for parameter in parameters]
        names = [unique_name(datasets, parameter) for parameter in parameters]
        with prepared(datasets, parameters) as (objective, indices):
            best = np.array([parameter.value for parameter in objective.parameters])
            stat, points = scan(objective, indices, grids, best, reoptimize)
            results = []
            for values, value, success, nfev in points:
                objective.set_parameters(objective.factors(values))
                message = NewtonStatus.CONVERGED.value if success else NewtonStatus.STALLED.value
                minimum = Minimum(objective, objective.factors(values), value, success, message, "newton")
                result = self._optimize_result(datasets, minimum)
                result._nfev = nfev
                results.append(result)
        output = {f"{name}_scan": grid for name, grid in zip(names, grids, strict=True)}
        return {**output, "stat_scan": stat, "fit_results": results}

    def stat_contour(self, datasets, x, y, numpoints=10, sigma=1) -> dict:
        """Find the line on which the statistic rises by sigma squared, minimised over the other parameters.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`, dataset or list of datasets
        x, y : `~geminga.modeling.Parameter` or str
        numpoints : int
            Points on the line.
        sigma : float
            Number of standard deviations; the line of "one sigma" contains 39.3 % of the probability of two parameters.

        Returns
        -------
        dict
            Values by the unique names of the parameters, the first one repeated at the end, and ``success``.
        """
        from .minuit import contour

        datasets = as_datasets(datasets)
        x, y = find_parameter(datasets, x), find_parameter(datasets, y)
        with prepared(datasets, [x, y]) as (objective, (first, second)):
            minimum = minima.find(objective, "minuit", {})
            points, success = contour(minimum.minuit, first, second, numpoints, sigma)
            values = np.array([self._contour_values(minimum, first, second, point) for point in points])
        values = values.reshape(-1, 2)
        names = unique_name(datasets, x), unique_name(datasets, y)
        return {names[0]: values[:, 0], names[1]: values[:, 1], "success": success}

    @staticmethod
    def _contour_values(minimum, first, second, point):
        factors = np.array(minimum.factors)
        factors[[first, second]] = point
        return minimum.objective.values(factors)[[first, second]]

    def __repr__(self) -> str:
        options = ", ".join(f"{task}_opts={getattr(self, f'{task}_opts')!r}" for task in _TASKS)
        return f"Fit(backend={self.backend!r}, {options}, store_trace={self.store_trace})"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>"
