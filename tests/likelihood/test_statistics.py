"""The statistics of the engine against slow, obvious twins."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from geminga.errors import StatisticError
from geminga.likelihood.flux_points_statistics import AsymmetricStatistic, Chi2Statistic, ProfileStatistic
from geminga.likelihood.statistics import CashStatistic, WStatStatistic


def slow_cash(n, mu):
    return 2 * (mu - n * math.log(mu)) if n > 0 else 2 * mu


def slow_wstat(n_on, n_off, alpha, mu_sig):
    """Minimise over the background by brute force, saturated terms included."""

    def stat(mu_off):
        on = mu_sig + alpha * mu_off
        value = 2 * (on + mu_off)
        value -= 2 * n_on * math.log(on) if n_on > 0 else 0
        value -= 2 * n_off * math.log(mu_off) if n_off > 0 else 0
        return value

    low = max(0.0, -mu_sig / alpha) + 1e-12
    best = minimize_scalar(
        stat,
        bounds=(low, low + 10 * (n_on + n_off + 1) / alpha + 100),
        method="bounded",
        options={"xatol": 1e-12},
    )
    saturated = sum(2 * (n * math.log(n) - n) for n in (n_on, n_off) if n > 0)
    return min(best.fun, stat(low)) + saturated


counts = st.integers(0, 30)


@settings(max_examples=50, deadline=None)
@given(n=st.lists(counts, min_size=1, max_size=8), mu=st.floats(0.01, 50))
def test_cash_is_the_sum_of_bins(n, mu):
    n = np.array(n, dtype=float)
    mus = mu * np.linspace(0.5, 2, n.size)
    statistic = CashStatistic(n)
    expected = [slow_cash(a, b) for a, b in zip(n, mus, strict=True)]
    np.testing.assert_allclose(statistic.array(mus), expected, rtol=1e-12)
    assert statistic.value(mus) == pytest.approx(sum(expected), rel=1e-12)


@settings(max_examples=80, deadline=None)
@given(n_on=counts, n_off=counts, alpha=st.floats(0.05, 2), mu_sig=st.floats(-3, 40))
def test_wstat_profiles_the_background(n_on, n_off, alpha, mu_sig):
    if mu_sig < 0 and n_on + n_off == 0:
        return
    statistic = WStatStatistic(np.array([n_on]), np.array([n_off]), np.array([alpha]))
    got = statistic.array(np.array([mu_sig]))[0]
    assert got == pytest.approx(slow_wstat(n_on, n_off, alpha, mu_sig), rel=1e-5, abs=1e-4)


CASES = [
    (5, 10, 0.3, 3.0),
    (0, 10, 0.3, 3.0),
    (7, 0, 0.3, 0.5),
    (7, 0, 0.3, 9.0),
    (0, 0, 0.3, 2.0),
    (3, 40, 0.1, -2.0),
    (0, 5, 0.5, -8.0),
    (100, 2, 1.0, 1e-3),
]


@pytest.mark.parametrize("case", CASES)
def test_wstat_derivatives_are_differences(case):
    n_on, n_off, alpha, mu = case
    statistic = WStatStatistic(np.array([n_on]), np.array([n_off]), np.array([alpha]))
    step = 1e-5

    def value(x):
        return statistic.array(np.array([x]))[0]

    first, second = statistic.derivatives(np.array([mu]))
    assert first[0] == pytest.approx((value(mu + step) - value(mu - step)) / (2 * step), rel=1e-5, abs=1e-5)
    numeric = (
        statistic.derivatives(np.array([mu + step]))[0] - statistic.derivatives(np.array([mu - step]))[0]
    ) / (2 * step)
    assert second[0] == pytest.approx(numeric[0], rel=1e-4, abs=1e-5)


def test_wstat_without_off_region_does_not_count():
    statistic = WStatStatistic(np.array([4.0, 4.0]), np.array([0.0, 5.0]), np.array([0.0, 0.5]))
    mu = np.array([3.0, 3.0])
    assert statistic.background_off(mu)[0] == 0
    assert statistic.array(mu)[0] == 0
    assert statistic.value(mu) == statistic.array(mu)[1] > 0
    assert [derivative[0] for derivative in statistic.derivatives(mu)] == [0, 0]


def test_wstat_refuses_negative_counts():
    with pytest.raises(StatisticError, match="must be >= 0"):
        WStatStatistic(np.array([1.0]), np.array([-1.0]), np.array([1.0]))


def test_cash_derivatives_are_differences():
    statistic = CashStatistic(np.array([0.0, 2.0, 9.0]), weights=np.array([1.0, 0.5, 2.0]))
    mu, step = np.array([1.0, 3.0, 7.0]), 1e-5
    first, second = statistic.derivatives(mu)
    up, down = statistic.array(mu + step), statistic.array(mu - step)
    np.testing.assert_allclose(first, (up - down) / (2 * step), rtol=1e-6)
    np.testing.assert_allclose(second, (up - 2 * statistic.array(mu) + down) / step**2, atol=2e-4)


def test_cash_holds_the_logarithm_below_the_floor():
    statistic = CashStatistic(np.array([1.0]))
    assert statistic.value(np.array([0.0])) == pytest.approx(-2 * math.log(1e-25))
    assert statistic.derivatives(np.array([0.0]))[0][0] == 0


def test_chi2_statistic():
    statistic = Chi2Statistic(np.array([1.0, 2.0]), np.array([0.5, 0.5]))
    assert statistic.value(np.array([1.5, 2.0])) == pytest.approx(1.0)
    np.testing.assert_allclose(statistic.derivatives(np.array([1.5, 2.0]))[0], [4.0, 0.0])


def test_asymmetric_statistic_takes_the_side_of_the_model():
    statistic = AsymmetricStatistic(
        np.array([1.0, 1.0, np.nan]),
        np.array([0.5, 0.5, np.nan]),
        np.array([0.25, 0.25, np.nan]),
        np.array([np.nan, np.nan, 2.0]),
        np.array([False, False, True]),
    )
    mu = np.array([1.25, 0.5, 1.5])
    np.testing.assert_allclose(
        statistic.array(mu), [1.0, 1.0, 2 * math.log(math.erfc(0.25) / math.erfc(1.0))], rtol=1e-12
    )
    first, second = statistic.derivatives(mu)
    step = 1e-5
    up, down = statistic.array(mu + step), statistic.array(mu - step)
    np.testing.assert_allclose(first, (up - down) / (2 * step), rtol=1e-6)
    np.testing.assert_allclose(second, (up - 2 * statistic.array(mu) + down) / step**2, rtol=1e-3)


def test_profile_statistic_follows_the_profiles():
    statistic = ProfileStatistic([lambda x: (x - 1) ** 2, lambda x: 4 * (x - 2) ** 2], np.array([1.0, 0.5]))
    mu = np.array([1.5, 2.25])
    np.testing.assert_allclose(statistic.array(mu), [0.25, 0.25])
    first, second = statistic.derivatives(mu)
    np.testing.assert_allclose(first, [1.0, 2.0], rtol=1e-9)
    np.testing.assert_allclose(second, [2.0, 8.0], rtol=1e-6)
