"""Structure function against a loop over pairs."""

import numpy as np
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.stats import structure_function

FLUX = np.array([1.0, 2, 1.5, 4, 3, 2.5])
ERROR = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2])
TIME = [0, 1, 2.5, 3, 4, 6] * u.d


def test_frozen_numbers():
    """oracle: peer 2.1, structure_function(flux, flux_err, time)."""
    sf, lags = structure_function(FLUX, ERROR, TIME)
    assert_allclose(lags.value, [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 5, 6])
    assert_allclose(sf, [6.25, 1, 1.45, 1.8084415584, 0.25, 3.8333333333, 1, 4, 0.25, 2.25])


def test_against_a_loop():
    rng = np.random.default_rng(0)
    flux, error = rng.uniform(1, 5, (12, 2)), rng.uniform(0.1, 1, (12, 2))
    time = np.sort(rng.integers(0, 20, 12)) * u.h
    sf, lags = structure_function(flux * u.m, error * u.m, time)
    assert sf.unit == u.m**2
    for lag, row in zip(lags.value, sf.value, strict=True):
        for k in range(2):
            total = weight = 0.0
            for i in range(12):
                for j in range(i):
                    if abs(time.value[i] - time.value[j]) == lag:
                        w = flux[i, k] / error[i, k] * flux[j, k] / error[j, k]
                        total += w * (flux[i, k] - flux[j, k]) ** 2
                        weight += w
            assert_allclose(row[k], total / weight)


def test_missing_points_have_no_weight():
    sf, lags = structure_function(np.array([1.0, np.nan, 2.0]), np.ones(3), [0, 1, 2] * u.d)
    assert_allclose(sf[lags.value == 2], 1)
    assert np.isnan(sf[lags.value == 1]).all()
