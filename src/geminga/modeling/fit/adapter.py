"""From what the caller hands to `Fit` to a likelihood, parameters and their names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import contextmanager
from importlib import import_module

import numpy as np

from ...errors import DataError, FitError, ModelError
from ..parameter import Parameter
from ..parameters import Parameters
from .objective import Objective

__all__ = [
    "StatSumLikelihood",
    "as_datasets",
    "find_parameter",
    "likelihood_of",
    "parameters_of",
    "prepared",
    "unique_name",
]


class StatSumLikelihood:
    """A likelihood known only through ``stat_sum()`` at the parameters as they are set.

    Parameters
    ----------
    datasets : object
        With ``stat_sum()``, and ``models`` or ``parameters``.
    """

    def __init__(self, datasets):
        self._datasets = datasets
        self.parameters = tuple(parameters_of(datasets).free_unique_parameters)

    def stat(self, values) -> float:
        """Return the statistic; the parameters keep the values."""
        for parameter, value in zip(self.parameters, values, strict=True):
            parameter.value = value
        return self._datasets.stat_sum()


def as_datasets(datasets):
    """Return what offers a likelihood or a statistic; lists of datasets are joined.

    Raises
    ------
    FitError
        If it offers neither.
    """
    if hasattr(datasets, "likelihood"):
        return datasets
    if _is_dataset(datasets):
        datasets = [datasets]
    elif hasattr(datasets, "stat_sum"):
        return datasets
    if isinstance(datasets, Sequence) and not isinstance(datasets, str):
        # by name, as datasets live in a higher layer
        return import_module("geminga.datasets").Datasets(datasets)
    raise FitError(f"datasets must offer a fit statistic, got {type(datasets).__name__}. Give Datasets.")


def _is_dataset(datasets) -> bool:
    """Tell whether this is one of our datasets; if so their package is loaded."""
    package = sys.modules.get("geminga.datasets")
    return package is not None and isinstance(datasets, package.Dataset)


def parameters_of(datasets) -> Parameters:
    """Return all parameters of the models of datasets."""
    models = getattr(datasets, "models", None)
    if models is not None and hasattr(models, "parameters"):
        return models.parameters
    parameters = getattr(datasets, "parameters", None)
    if parameters is None:
        return Parameters()
    return parameters if isinstance(parameters, Parameters) else Parameters(parameters)


def likelihood_of(datasets):
    """Return the likelihood of the free parameters.

    Raises
    ------
    DataError
        If the masks of the datasets leave no bin.
    ModelError
        If no parameter is free.
    """
    _check_bins(datasets)
    likelihood = datasets.likelihood() if hasattr(datasets, "likelihood") else StatSumLikelihood(datasets)
    if len(likelihood.parameters) == 0:
        raise ModelError(
            "models must have a free parameter to fit, got none. Set models, or unfreeze a parameter."
        )
    return likelihood


def _check_bins(datasets) -> None:
    """Raise an error if no dataset has a bin to be compared with models."""
    masks = [getattr(one, "mask", None) for one in datasets] if isinstance(datasets, Sequence) else []
    # Masks are maps, or arrays of flux points.
    if masks and all(mask is not None and not np.asarray(mask.data).any() for mask in masks):
        raise DataError(
            f"datasets must have a usable bin for a fit, got none in {', '.join(one.name for one in datasets)}. "
            "Look at mask_safe and mask_fit: safe ranges, exclusion mask and fit range."
        )


@contextmanager
def prepared(datasets, parameters):
    """Yield an objective in which the parameters are free, and their positions; everything is put back at the end.

    Parameters
    ----------
    datasets : object
    parameters : list of Parameter
    """
    everything = Parameters([*parameters_of(datasets), *parameters])
    with everything.restore_status():
        for parameter in parameters:
            parameter.frozen = False
        objective = Objective(likelihood_of(datasets))
        positions = {id(parameter): i for i, parameter in enumerate(objective.parameters)}
        for parameter in parameters:
            if id(parameter) not in positions:
                raise FitError(
                    f"parameter {parameter.name} must belong to the models of the datasets, got another one. "
                    "Take it from datasets.models."
                )
        yield objective, [positions[id(parameter)] for parameter in parameters]


def find_parameter(datasets, parameter) -> Parameter:
    """Return a parameter given by itself, by its unique name or by its name."""
    if isinstance(parameter, Parameter):
        return parameter
    models = getattr(datasets, "models", None)
    names = getattr(models, "parameters_unique_names", [])
    if parameter in names:
        return models.parameters[names.index(parameter)]
    return parameters_of(datasets)[parameter]


def unique_name(datasets, parameter) -> str:
    """Return the name of a parameter with model and kind of part in front."""
    models = getattr(datasets, "models", None)
    if hasattr(models, "parameters_unique_names"):
        return models.parameters_unique_names[models.parameters.index(parameter)]
    return parameter.name
