"""Roots of functions of one variable."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.errors import UnknownNameError
from geminga.numerics.roots import find_roots


@pytest.mark.parametrize("method", ["brentq", "secant"])
def test_all_roots_are_found(method):
    roots, results = find_roots(np.cos, lower_bound=-4, upper_bound=5, method=method)
    assert_allclose(roots, [-np.pi / 2, np.pi / 2, 1.5 * np.pi])
    assert all(result.converged for result in results)


def test_log_spacing_and_units():
    roots, _ = find_roots(lambda x: np.log10(x) - 1, 1 * u.TeV, 1e5 * u.GeV, points_scale="log", nbin=3)
    assert roots.unit == u.TeV
    assert_allclose(roots.value, [10])


def test_roots_on_nodes_are_found_once():
    roots, _ = find_roots(lambda x: x - 3, 1, 5, nbin=2)
    assert_allclose(roots, [3])
    roots, _ = find_roots(lambda x: x - 3, 1, 3, nbin=2)
    assert_allclose(roots, [3])


def test_no_root_gives_nan():
    roots, results = find_roots(lambda x: x**2 + 1, 0, 1)
    assert np.isnan(roots).all()
    assert roots.shape == (1,)
    assert not results[0].converged


def test_arguments_are_passed_on():
    roots, _ = find_roots(lambda x, a: x - a, 0, 3, args=(1.25,))
    assert_allclose(roots, [1.25])
    with pytest.raises(UnknownNameError):
        find_roots(np.cos, 0, 1, method="guess")
