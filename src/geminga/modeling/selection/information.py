"""How well a model predicts data that it has not seen: expected log predictive densities.

References
----------
.. [1] Vehtari, Gelman & Gabry (2017), Statistics and Computing 27, 1413 (leave-one-out and WAIC).
.. [2] Vehtari et al. (2024), JMLR 25, 72 (Pareto smoothed importance sampling).
.. [3] Zhang & Stephens (2009), Technometrics 51, 316 (fit of the generalized Pareto distribution).
.. [4] Yao et al. (2018), Bayesian Analysis 13, 917 (stacking).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...errors import ModelError

__all__ = ["Elpd", "fit_generalized_pareto", "leave_one_out", "stacking_weights", "widely_applicable"]

_GOOD_SHAPE = 0.7


@dataclass
class Elpd:
    """Expected log predictive density.

    Attributes
    ----------
    elpd, se : float
        Sum over the data and its standard error.
    p : float
        Effective number of parameters.
    pointwise : ndarray, shape (n_data,)
    pareto_k : ndarray, shape (n_data,), or None
        Shape of the tail of the importance weights; below 0.7 the estimate is reliable.
    """

    elpd: float
    se: float
    p: float
    pointwise: np.ndarray
    pareto_k: np.ndarray | None = None

    @property
    def good_k_fraction(self) -> float:
        """Fraction of the data for which the estimate is reliable."""
        return 1.0 if self.pareto_k is None else float(np.mean(self.pareto_k < _GOOD_SHAPE))


def _log_mean_exp(values, axis=0):
    top = np.max(values, axis=axis, keepdims=True)
    return np.squeeze(top, axis) + np.log(np.mean(np.exp(values - top), axis=axis))


def _summary(pointwise, log_density, pareto_k=None) -> Elpd:
    n = len(pointwise)
    se = float(np.sqrt(n * np.var(pointwise)))
    return Elpd(float(pointwise.sum()), se, float(log_density.sum() - pointwise.sum()), pointwise, pareto_k)


def widely_applicable(log_likelihood) -> Elpd:
    """Estimate the predictive density by the widely applicable information criterion.

    Parameters
    ----------
    log_likelihood : ndarray, shape (n_samples, n_data)
        Of each datum at each sample of the posterior.
    """
    log_density = _log_mean_exp(log_likelihood)
    return _summary(log_density - np.var(log_likelihood, axis=0), log_density)


def leave_one_out(log_likelihood) -> Elpd:
    """Estimate the predictive density of each datum by the others, with Pareto smoothed importance sampling.

    Parameters
    ----------
    log_likelihood : ndarray, shape (n_samples, n_data)
        Of each datum at each sample of the posterior.
    """
    log_likelihood = np.asarray(log_likelihood, dtype=float)
    if log_likelihood.ndim != 2 or len(log_likelihood) < 10:
        raise ModelError(f"samples must be 10 or more, got shape {log_likelihood.shape}. Sample longer.")
    pointwise, shapes = np.empty(log_likelihood.shape[1]), np.empty(log_likelihood.shape[1])
    for i, column in enumerate(log_likelihood.T):
        log_weights, shapes[i] = _smoothed(-column)
        top = np.max(log_weights + column)
        total = np.log(np.sum(np.exp(log_weights - log_weights.max()))) + log_weights.max()
        pointwise[i] = top + np.log(np.sum(np.exp(log_weights + column - top))) - total
    return _summary(pointwise, _log_mean_exp(log_likelihood), shapes)


def _smoothed(log_ratios) -> tuple[np.ndarray, float]:
    """Replace the largest importance ratios by the expected order statistics of a Pareto tail."""
    log_ratios = log_ratios - log_ratios.max()
    n = len(log_ratios)
    n_tail = int(min(0.2 * n, 3 * np.sqrt(n)))
    order = np.argsort(log_ratios)
    tail, cut = order[n - n_tail :], log_ratios[order[n - n_tail - 1]]
    excess = np.exp(log_ratios[tail]) - np.exp(cut)
    if n_tail < 5 or excess[-1] <= 1e-12:
        return log_ratios, -np.inf
    shape, scale = fit_generalized_pareto(excess)
    smoothed = log_ratios.copy()
    if np.isfinite(shape):
        probability = (np.arange(n_tail) + 0.5) / n_tail
        quantiles = scale * _pareto_quantile(probability, shape)
        smoothed[tail] = np.minimum(np.log(np.exp(cut) + quantiles), 0.0)
    return smoothed, shape


def _pareto_quantile(probability, shape):
    if abs(shape) < 1e-12:
        return -np.log1p(-probability)
    return np.expm1(-shape * np.log1p(-probability)) / shape


def fit_generalized_pareto(excess) -> tuple[float, float]:
    """Fit shape and scale of a generalized Pareto distribution, with a weak prior of shape 0.5.

    Parameters
    ----------
    excess : ndarray, shape (n,)
        Positive values, rising.

    Examples
    --------
    >>> import numpy as np
    >>> exponential = -np.log1p(-(np.arange(2000) + 0.5) / 2000)
    >>> shape, scale = fit_generalized_pareto(exponential)
    >>> bool(abs(shape) < 0.05), bool(abs(scale - 1) < 0.05)
    (True, True)
    """
    x = np.asarray(excess, dtype=float)
    n = len(x)
    n_grid = 30 + int(np.sqrt(n))
    quartile = x[int(n / 4 + 0.5) - 1]
    b = 1 / x[-1] + (1 - np.sqrt(n_grid / (np.arange(1, n_grid + 1) - 0.5))) / (3 * quartile)
    k = np.mean(np.log1p(-b[:, np.newaxis] * x), axis=1)
    log_profile = n * (np.log(-b / k) - k - 1)
    weights = np.exp(log_profile - log_profile.max())
    best = np.sum(b * weights) / np.sum(weights)
    shape = float(np.mean(np.log1p(-best * x)))
    scale = -shape / best
    return (n * shape + 10 * 0.5) / (n + 10), float(scale)


def stacking_weights(pointwise) -> np.ndarray:
    """Return the weights of models whose mixture predicts best.

    Parameters
    ----------
    pointwise : ndarray, shape (n_data, n_models)
        Log predictive density of each datum by each model.
    """
    density = np.exp(pointwise - pointwise.max(axis=1, keepdims=True))
    weights = np.full(density.shape[1], 1 / density.shape[1])
    for _ in range(10_000):
        shares = density * weights
        new = np.mean(shares / shares.sum(axis=1, keepdims=True), axis=0)
        if np.max(np.abs(new - weights)) < 1e-10:
            break
        weights = new
    return weights
