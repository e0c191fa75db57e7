"""Doubling times."""

import numpy as np
from astropy import units as u
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.stats import compute_flux_doubling

FLUX = np.array([1.0, 2, 1.5, 4, 3, 2.5])
ERROR = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2])
TIME = [0, 1, 2.5, 3, 4, 6] * u.d


def test_frozen_numbers():
    """oracle: peer 2.1, compute_flux_doubling of two curves."""
    both, error = np.stack([FLUX, FLUX[::-1] * 2], 1), np.stack([ERROR, ERROR], 1)
    result = compute_flux_doubling(both, error, TIME)
    expected = {
        "doubling": [0.3533475263, 2.4094208397],
        "doubling_err": [0.0361502579, 0.93638591],
        "doubling_coord": [2.5, 3],
        "halving": [2.4094208397, 0.3533475263],
        "halving_err": [0.8404320747, 0.0363057436],
        "halving_coord": [3, 2.5],
    }
    assert list(result) == list(expected)
    for name, values in expected.items():
        assert_allclose(result[name].to_value("d"), values, rtol=1e-9, err_msg=name)
        assert_allclose(compute_flux_doubling(both.T, error.T, TIME, axis=1)[name].value, values, rtol=1e-9)


def test_exponential_rise_is_exact():
    t = np.arange(5.0)
    result = compute_flux_doubling(2 ** (t / 3), 0 * t, t * u.h)
    assert_allclose(result["doubling"].to_value("h"), 3)
    assert np.isnan(result["halving"])


def test_negative_fluxes_are_left_out():
    result = compute_flux_doubling(np.array([1.0, -2, 3, 4]), np.full(4, 0.1), TIME[:4])
    assert_allclose(result["doubling"].value, 0.5 / np.log2(4 / 3))


def test_times_are_accepted():
    result = compute_flux_doubling(FLUX, ERROR, Time(59000, format="mjd") + TIME)
    assert_allclose(result["doubling"].to_value("d"), 0.3533475263)
    assert_allclose(result["doubling_coord"].mjd, 59002.5)


def test_times_are_masked_where_the_flux_never_rises():
    start = Time(59000, format="mjd")
    falling = np.stack([FLUX, -np.sort(-FLUX)], axis=1)
    result = compute_flux_doubling(falling, 0.1 * falling, start + TIME)
    assert list(result["doubling_coord"].mask) == [False, True]
    assert_allclose(result["doubling_coord"].mjd[0], 59002.5)
    assert compute_flux_doubling(falling[:, 1], 0.1 * falling[:, 1], start + TIME)["doubling_coord"].mask


def test_one_point_is_no_pair():
    for coords in ([0] * u.d, Time([59000], format="mjd")):
        result = compute_flux_doubling(np.array([[2.0, 3.0]]), np.full((1, 2), 0.1), coords)
        for name in ("doubling", "doubling_err", "halving", "halving_err"):
            assert np.isnan(result[name]).all()
            assert result[name].shape == (2,)
