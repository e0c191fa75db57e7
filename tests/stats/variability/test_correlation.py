"""Discrete correlation function."""

import numpy as np
from astropy import units as u
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.stats import discrete_correlation

FLUX = np.array([1.0, 2, 1.5, 4, 3, 2.5])
ERROR = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2])
TIME = [0, 1, 2.5, 3, 4, 6] * u.d


def test_frozen_numbers():
    """oracle: peer 2.1, discrete_correlation of a curve with itself, tau = 1.5 d."""
    lags, dcf, error = discrete_correlation(FLUX, ERROR, FLUX, ERROR, TIME, TIME, tau=1.5 * u.d)
    assert_allclose(lags.to_value("d"), [-5.25, -3.75, -2.25, -0.75, 0.75, 2.25, 3.75, 5.25, 6.75])
    expected = [-0.147972773, -0.5474992601, -0.2663509914, -0.0236756437, 0.7102693104, 0.0828647529]
    expected += [-0.6806747558, -0.0591891092, -0.2367564368]
    assert_allclose(dcf[:, 0], expected, rtol=1e-8)
    expected = [
        0.1255590615,
        0.5650157766,
        0.5325046493,
        0.5154042713,
        0.4402967096,
        0.3682114475,
        0.5214859481,
    ]
    assert_allclose(error[:7, 0], expected, rtol=1e-8)
    assert np.isnan(error[7:]).all()


def test_several_curves_axes_units_and_times():
    """oracle: peer 2.1, first and last row of two curves with shifted times, tau = 1 d."""
    both, error = np.stack([FLUX, FLUX[::-1] * 2], 1), np.stack([ERROR, ERROR], 1)
    other = both[:, ::-1]
    lags, dcf, _ = discrete_correlation(both, error, other, error, TIME, TIME + 0.1 * u.d, tau=24 * u.h)
    assert_allclose(lags[[0, -1]].to_value("d"), [-6.5, 5.5])
    assert_allclose(dcf[[0, -1]], [[1.8691182842, 0.0292049732], [0.0292049732, 1.8691182842]])
    start = Time(59000, format="mjd")
    turned = discrete_correlation(
        both.T * u.m,
        error.T * u.m,
        other.T,
        error.T,
        start + TIME,
        start + TIME + 0.1 * u.d,
        24 * u.h,
        axis=1,
    )
    assert_allclose(turned[1], dcf, rtol=1e-6)


def test_lag_of_a_delayed_curve_is_found():
    rng = np.random.default_rng(0)
    series = np.convolve(rng.normal(size=400), np.ones(5), mode="same")
    time = np.arange(300) * u.h
    lags, dcf, _ = discrete_correlation(
        series[20:320], 0 * series[:300], series[:300], 0 * series[:300], time, time, tau=1 * u.h
    )
    assert abs(lags[np.nanargmax(dcf[:, 0])].value + 20) <= 1


def test_empty_lags_are_nan():
    _, dcf, _ = discrete_correlation(
        FLUX[:3], ERROR[:3], FLUX[:3], ERROR[:3], [0, 0.1, 10] * u.d, [0, 0.1, 10] * u.d, 1 * u.d
    )
    assert np.isnan(dcf).any()
