"""Significance conversions."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.stats.conversion import sigma_to_ts, ts_to_sigma


def test_frozen_numbers():
    """oracle: peer 2.1, the same calls."""
    assert_allclose(ts_to_sigma(np.array([0, 1, 9.0])), [0, 1, 3])
    assert_allclose(ts_to_sigma(9, 2), 2.5392513972634982)
    assert_allclose(ts_to_sigma(1, 2), 0.5150319988122168)
    assert_allclose(ts_to_sigma(0.1, 5), 0.00020343370584689627)
    assert_allclose(ts_to_sigma(25, ts_asimov=9), 5)
    assert_allclose(ts_to_sigma(30, df=3, ts_asimov=9.0), 5.2321087183234765)
    assert_allclose(ts_to_sigma(4, 2, 9), 1.7907326571136382)
    assert_allclose(sigma_to_ts(3, df=2), 11.82915808190081)
    assert_allclose(sigma_to_ts(5, n_sigma_asimov=3), 25)
    assert_allclose(sigma_to_ts(5, 2, 3), 26.289016293176694)
    assert ts_to_sigma(-3) == 0


@settings(max_examples=50)
@given(st.floats(0.05, 200), st.integers(1, 10))
def test_conversions_are_inverse(n_sigma, df):
    """Also where the tail probability underflows; the peer returns inf there."""
    assert_allclose(ts_to_sigma(sigma_to_ts(n_sigma, df), df), n_sigma, rtol=1e-6)


def test_no_step_where_the_logarithm_takes_over():
    ts = np.linspace(1300, 1400, 400)
    for df in (2, 5):
        sigma = ts_to_sigma(ts, df)
        step = np.diff(sigma)
        assert_allclose(step, step.mean(), rtol=0.05)


def test_two_degrees_of_freedom_far_out():
    """The tail of two degrees is exp(-TS / 2); the normal tail follows from its asymptotic series."""
    sigma = ts_to_sigma(3000.0, 2)
    tail = -0.5 * sigma**2 - np.log(sigma) + 0.5 * np.log(2 / np.pi) + np.log1p(-1 / sigma**2)
    assert_allclose(tail, -1500, rtol=1e-7)
