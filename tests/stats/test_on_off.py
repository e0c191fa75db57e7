"""The profiled statistic against an explicit minimisation, and its derivatives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import minimize_scalar

from geminga.stats.on_off import (
    get_wstat_gof_terms,
    get_wstat_mu_bkg,
    wstat,
    wstat_curvature,
    wstat_expectations,
    wstat_slope,
)

counts, ratio, signal = st.integers(0, 100), st.floats(0.05, 3), st.floats(-50, 100)


def test_frozen_numbers():
    """oracle: peer 2.1, the same calls."""
    n_on, n_off, alpha, mu = [0, 1, 5, 3], [0, 2, 0, 3], [0.1, 0.1, 0.2, 0.5], [1, 2, 0, -1]
    assert_allclose(get_wstat_mu_bkg(n_on, n_off, alpha, mu), [0, 1.89693657, 4.16666667, 5.23606798])
    assert_allclose(wstat(n_on, n_off, alpha, mu), [2, 0.81736486, 17.91759469, 2.07085546])
    assert_allclose(wstat(n_on, n_off, alpha, mu, extra_terms=False), [2, 4.04477614, 11.82321557, 0.887508])
    assert_allclose(wstat(3, 2, 0.1, 1, mu_bkg=2), 1.8977443912449314)
    assert_allclose(wstat(0, 5, 0.5, -1), 2.0546510810816425)
    assert_allclose(wstat(5, 5, 0.5, -10), 25.4714543747934)


@settings(max_examples=60, deadline=None)
@given(counts, counts, ratio, signal)
def test_background_minimises_the_statistic(n_on, n_off, alpha, mu_sig):
    lowest = max(0.0, -mu_sig / alpha)
    result = minimize_scalar(
        lambda b: wstat(n_on, n_off, alpha, mu_sig, mu_bkg=b),
        bounds=(lowest, lowest + 4000),
        method="bounded",
        options={"xatol": 1e-10, "maxiter": 1000},
    )
    found = wstat(n_on, n_off, alpha, mu_sig)
    assert found <= result.fun + 1e-7
    assert_allclose(found, result.fun, rtol=1e-4, atol=1e-3)


@settings(max_examples=100)
@given(counts, counts, ratio, signal)
def test_derivatives_follow_the_envelope_theorem(n_on, n_off, alpha, mu_sig):
    step = 1e-5
    arguments = np.array([mu_sig - step, mu_sig + step])
    low, high = wstat(n_on, n_off, alpha, arguments)
    if np.sign(arguments[0]) == np.sign(arguments[1]) or n_on + n_off > 0:
        assert_allclose(
            wstat_slope(n_on, n_off, alpha, mu_sig), (high - low) / (2 * step), rtol=1e-4, atol=1e-3
        )
    low, high = wstat_slope(n_on, n_off, alpha, arguments)
    curvature = wstat_curvature(n_on, n_off, alpha, mu_sig)
    # the slope is convex in pieces: at their ends it has a corner
    at_corner = (n_on == 0 or n_off == 0) and abs(high - low - 2 * step * curvature) > 1e-9
    if not at_corner:
        assert_allclose(curvature, (high - low) / (2 * step), rtol=1e-3, atol=1e-4)
    assert curvature >= 0


@settings(max_examples=100)
@given(counts, counts, ratio, signal, signal)
def test_it_is_convex_and_never_negative(n_on, n_off, alpha, a, b):
    f = wstat(n_on, n_off, alpha, np.array([a, 0.5 * (a + b), b]))
    assert (f >= 0).all()
    assert f[1] <= 0.5 * (f[0] + f[2]) + 1e-9


@given(counts, counts, ratio)
def test_it_is_zero_for_the_excess(n_on, n_off, alpha):
    assert_allclose(wstat(n_on, n_off, alpha, n_on - alpha * n_off), 0, atol=1e-9)


@settings(max_examples=50)
@given(st.integers(1, 1000), st.integers(1, 1000), st.floats(0.05, 3))
def test_significance_of_li_and_ma(n_on, n_off, alpha):
    """Li & Ma (1983), eq. 17."""
    total = n_on + n_off
    first = n_on * np.log((1 + alpha) / alpha * n_on / total)
    second = n_off * np.log((1 + alpha) * n_off / total)
    assert_allclose(wstat(n_on, n_off, alpha, 0.0), 2 * (first + second), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("mu_sig", [1e12, -1e12])
def test_huge_signals_do_not_cancel(mu_sig):
    mu_on, mu_off = wstat_expectations(7.0, 3.0, 0.1, mu_sig)
    if mu_sig > 0:
        # far above the data the On counts hold the background down: mu_off -> n_off / (1 + alpha)
        assert_allclose(mu_off, 3 / 1.1, rtol=1e-9)
    else:
        assert_allclose(mu_on, 7 * 0.1 / 1.1, rtol=1e-9)


def test_without_exposure_ratio_there_is_no_number():
    assert np.isnan(wstat(3, 2, 0, 1))
    assert np.isnan(wstat_slope(3, 2, 0, 1))


def test_gof_terms():
    n_on, n_off = np.array([0, 1, 5]), np.array([0, 2, 0])
    difference = wstat(n_on, n_off, 0.5, 1.0) - wstat(n_on, n_off, 0.5, 1.0, extra_terms=False)
    assert_allclose(get_wstat_gof_terms(n_on, n_off), difference)
