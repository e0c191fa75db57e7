"""Variability amplitudes."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.stats import compute_fpp, compute_fvar

FLUX = np.array([1.0, 2, 1.5, 4, 3, 2.5])
ERROR = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2])


def test_frozen_numbers():
    """oracle: peer 2.1, compute_fvar and compute_fpp."""
    both, error = np.stack([FLUX, FLUX[::-1] * 2], 1), np.stack([ERROR, ERROR], 1)
    fvar, fvar_err = compute_fvar(both, error)
    assert_allclose(fvar, [0.455241582, 0.4610048917])
    assert_allclose(fvar_err, [0.0345456621, 0.0171633979])
    fpp, fpp_err = compute_fpp(both.T, error.T, axis=1)
    assert_allclose(fpp, [0.5607029116, 0.5653922243])
    assert_allclose(fpp_err, [0.0344471988, 0.0171515316])


@pytest.mark.parametrize("function", [compute_fvar, compute_fpp])
def test_units_cancel(function):
    assert_allclose(function(FLUX * u.m, ERROR * 100 * u.cm), function(FLUX, ERROR))


@pytest.mark.parametrize("function", [compute_fvar, compute_fpp])
def test_variance_below_the_errors_has_a_minus_sign(function):
    """The peer hides it behind the absolute value."""
    assert function(FLUX, 20 * ERROR)[0] < 0


@pytest.mark.parametrize("function", [compute_fvar, compute_fpp])
def test_missing_points_are_left_out(function):
    gaps = np.insert(FLUX, [2, 5], np.nan)
    errors = np.insert(ERROR, [2, 5], 0.1)
    assert_allclose(function(gaps, errors), function(FLUX, ERROR))
    assert np.isnan(function(np.array([1.0, np.nan]), np.ones(2))[0])


def test_white_noise_gives_its_width():
    rng = np.random.default_rng(0)
    flux = 10 + rng.normal(0, 2, (20_000, 1)) + rng.normal(0, 1, (20_000, 1))
    fvar, fvar_err = compute_fvar(flux, np.ones_like(flux))
    assert_allclose(fvar, 0.2, rtol=0.03)
    assert fvar_err < 0.002
