"""Errors of functions of a model from draws of its parameters."""

from __future__ import annotations

import numpy as np

from geminga.errors import ModelError

from ..base import sample_parameters

__all__ = ["sampled_errors"]

# one standard deviation to both sides of the median of a normal distribution
_PERCENTILES = (15.865525393145702, 50.0, 84.1344746068543)
_CHUNK = 2_000_000


def sampled_errors(model, function, parameters, n_samples=3500, random_state=42, samples=None):
    """Return median, lower and upper error of a function of the parameters.

    Parameters
    ----------
    model : `ModelBase`
        Its covariance gives the draws.
    function : callable
        Takes values of `parameters`, shape (n_draws, n_unique), returns an ndarray of shape (n_draws, n).
    parameters : tuple of `~geminga.modeling.Parameter`
        Unique parameters in the order that `function` expects.
    n_samples : int
        Number of draws per parameter of the model.
    random_state : int, str or `~numpy.random.Generator`
    samples : array_like, shape (n_draws, n_parameters), optional
        Draws to use instead, of all parameters or of the free ones.

    Returns
    -------
    ndarray, shape (3, n)
    """
    own = list(model.parameters)
    if samples is None:
        n_draws = n_samples * max(1, len(own))
        draws = sample_parameters(model.covariance, n_draws, random_state, free_only=False)
        columns = own
    else:
        draws, columns = _read_samples(samples, own)
    place = {id(parameter): index for index, parameter in reversed(list(enumerate(columns)))}
    table = np.empty((len(draws), len(parameters)))
    for column, parameter in enumerate(parameters):
        index = place.get(id(parameter))
        table[:, column] = parameter.value if index is None else draws[:, index]
    width = max(1, np.size(function(table[:1])))
    step = max(1, _CHUNK // width)
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        results = np.concatenate([function(table[i : i + step]) for i in range(0, len(table), step)])
    low, median, high = (
        np.nanpercentile(results, _PERCENTILES, axis=0) if _some(results) else _nothing(results)
    )
    return np.array([median, median - low, high - median])


def _some(results) -> bool:
    """Return whether every column has a finite number, so that percentiles do not warn."""
    return bool(np.isfinite(results).any(axis=0).all())


def _nothing(results):
    percentiles = np.full((3, results.shape[1]), np.nan)
    good = np.isfinite(results).any(axis=0)
    percentiles[:, good] = np.nanpercentile(results[:, good], _PERCENTILES, axis=0)
    return percentiles


def _read_samples(samples, own):
    """Return draws as rows and the parameters of their columns."""
    if isinstance(samples, list | tuple):
        samples = [getattr(sample, "value", sample) for sample in samples]
    draws = np.asarray(samples, dtype=float)
    free = [parameter for parameter in own if not parameter.frozen]
    for array in (draws, draws.T):
        for columns in (own, free):
            if array.ndim == 2 and array.shape[1] == len(columns):
                return array, columns
    raise ModelError(
        f"samples must have a column for each of {len(own)} parameters or {len(free)} free ones, "
        f"got shape {draws.shape}. Use model.sample_parameters_from_covariance."
    )
