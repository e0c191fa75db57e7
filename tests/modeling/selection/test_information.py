"""Predictive densities against exact answers for a normal model."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from geminga.errors import ModelError
from geminga.modeling.selection.information import (
    fit_generalized_pareto,
    leave_one_out,
    stacking_weights,
    widely_applicable,
)


def normal_model(n=30, n_samples=4000):
    """Return data of unit variance, and ln L of each at samples of the posterior of their mean under a flat prior."""
    rng = np.random.default_rng(1)
    data = rng.normal(size=n)
    means = rng.normal(data.mean(), 1 / np.sqrt(n), size=n_samples)
    return data, stats.norm(means[:, np.newaxis]).logpdf(data)


def test_leave_one_out_of_a_normal_model():
    data, log_likelihood = normal_model()
    n = len(data)
    # the others predict with their mean and variance 1 + 1 / (n - 1)
    others = (data.sum() - data) / (n - 1)
    exact = stats.norm(others, np.sqrt(1 + 1 / (n - 1))).logpdf(data)
    found = leave_one_out(log_likelihood)
    assert_allclose(found.pointwise, exact, atol=0.03)
    assert_allclose(found.elpd, exact.sum(), atol=0.1)
    assert found.good_k_fraction == 1.0
    with_itself = stats.norm(data.mean(), np.sqrt(1 + 1 / n)).logpdf(data)
    assert_allclose(found.p, with_itself.sum() - exact.sum(), atol=0.1)
    assert_allclose(widely_applicable(log_likelihood).elpd, exact.sum(), atol=0.2)


def test_outlier_is_not_reliable():
    data, log_likelihood = normal_model(n=5)
    rng = np.random.default_rng(0)
    means = rng.normal(2, 1 / np.sqrt(5), size=4000)
    log_likelihood = stats.norm(means[:, np.newaxis]).logpdf(np.append(data, 12.0))
    assert leave_one_out(log_likelihood).pareto_k[-1] > 0.7


@pytest.mark.parametrize("shape", [-0.3, 0.2, 0.7])
def test_pareto_fit(shape):
    probability = (np.arange(5000) + 0.5) / 5000
    excess = stats.genpareto(shape, scale=2).ppf(probability)
    found = fit_generalized_pareto(excess)
    assert_allclose(found, [shape, 2], atol=0.06)


def test_stacking():
    rng = np.random.default_rng(3)
    data = np.concatenate([rng.normal(-3, 1, 700), rng.normal(3, 1, 300)])
    density = np.column_stack(
        [stats.norm(-3).logpdf(data), stats.norm(3).logpdf(data), stats.norm(30).logpdf(data)]
    )
    assert_allclose(stacking_weights(density), [0.7, 0.3, 0], atol=0.01)


def test_too_few_samples():
    with pytest.raises(ModelError, match="10 or more"):
        leave_one_out(np.zeros((3, 2)))
