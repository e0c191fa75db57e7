"""Closed forms against the equations that they solve."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from geminga.stats.closed_forms import change_for_rise, change_for_significance

SIZES = [1e-14, 1e-9, 0.99e-5, 1.01e-5, 1e-3, 0.3, 0.999, 5.0, 300.0, 599.0, 601.0, 1e6]


@pytest.mark.parametrize("size", SIZES)
def test_change_for_rise(size):
    up, down = change_for_rise(size, upward=True), change_for_rise(size, upward=False)
    assert_allclose(up, brentq(lambda t: t - np.log1p(t) - size, up / 2, 2 * up + 1, xtol=1e-16), rtol=2e-6)
    assert -1 <= down < 0
    if size < 30:
        root = brentq(lambda t: t - np.log1p(t) - size, -1 + 1e-16, down / 2, xtol=1e-16)
        assert_allclose(down, root, rtol=2e-6)


@pytest.mark.parametrize("size", SIZES)
def test_change_for_significance(size):
    up = change_for_significance(size, upward=True)
    assert_allclose((1 + up) * np.log1p(up) - up, size, rtol=1e-6 if size > 1e-8 else 0.1)
    down = change_for_significance(size, upward=False)
    if size > 1:
        assert np.isnan(down)
    else:
        assert_allclose((1 + down) * np.log1p(down) - down, size, rtol=1e-6 if size > 1e-8 else 0.1)


def test_series_and_lambert_meet():
    below, above = 0.999999e-5, 1.000001e-5
    for function in (change_for_rise, change_for_significance):
        for upward in (True, False):
            ratio = function(above, upward) / function(below, upward)
            assert_allclose(ratio, np.sqrt(above / below), rtol=1e-8)


def test_ends():
    assert change_for_significance(1.0, upward=False) == -1
    assert change_for_rise(0.0, upward=True) == 0
