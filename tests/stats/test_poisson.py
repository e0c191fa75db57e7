"""Cash and C statistic."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import poisson

from geminga.errors import StatisticError
from geminga.stats.poisson import cash, cash_curvature, cash_slope, cash_sum, cstat

counts, expected = st.integers(0, 500), st.floats(1e-3, 500)


@settings(max_examples=50)
@given(counts, expected, expected)
def test_differences_are_those_of_the_poisson_likelihood(n, a, b):
    likelihood = -2 * (poisson.logpmf(n, a) - poisson.logpmf(n, b))
    assert_allclose(cash(n, a) - cash(n, b), likelihood, rtol=1e-9, atol=1e-8)
    assert_allclose(cstat(n, a) - cstat(n, b), likelihood, rtol=1e-9, atol=1e-8)


def test_frozen_numbers():
    """oracle: peer 2.1, cash and cstat of the same arguments."""
    n, mu = [0, 1, 5, 3], [1, 2, 0, -1]
    assert_allclose(cash(n, mu), [2, 2.61370564, 575.64627325, 345.38776395])
    assert_allclose(cstat(n, mu), [2, 0.61370564, 581.74065237, 345.97943768])
    assert_allclose(cash(3, 0, 1e-3), 41.44853167389282)
    assert_allclose(cstat(3, 0, 1e-3), 42.04020540590148)


@given(counts)
def test_cstat_is_zero_for_a_perfect_model(n):
    assert_allclose(cstat(n, n), 0, atol=1e-10)


@settings(max_examples=30)
@given(counts, expected)
def test_derivatives(n, mu):
    step = 1e-5 * mu
    slope = (cash(n, mu + step) - cash(n, mu - step)) / (2 * step)
    assert_allclose(cash_slope(n, mu), slope, rtol=1e-4, atol=1e-3)
    curvature = (cash_slope(n, mu + step) - cash_slope(n, mu - step)) / (2 * step)
    assert_allclose(cash_curvature(n, mu), curvature, rtol=1e-5, atol=1e-8)


def test_sum_needs_logarithms_of_filled_bins_only():
    rng = np.random.default_rng(0)
    n, mu = rng.poisson(0.5, (5, 4)), rng.uniform(-0.1, 2, (5, 4))
    assert_allclose(cash_sum(n, mu), cash(n, mu).sum())
    assert_allclose(cash_sum(3, mu), cash(3, mu).sum())
    assert_allclose(cash_sum(n, mu, 0.1), cash(n, mu, 0.1).sum())


@pytest.mark.parametrize("bad", [0, -1, [1, -1], np.nan])
def test_floor_must_be_positive(bad):
    """The peer accepts negative values (its fault 22)."""
    with pytest.raises(StatisticError, match="truncation_value must be positive"):
        cash([1, 1], 1, bad)
    with pytest.raises(StatisticError):
        cstat([1, 1], 1, bad)


def test_nan_is_not_hidden():
    assert np.isnan(cash(1, np.nan))
    assert np.isnan(cash(np.nan, 1))
