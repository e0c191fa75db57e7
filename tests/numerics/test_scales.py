"""Scales and their inverses."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.errors import UnknownNameError
from geminga.numerics.scales import StatProfileScale, interpolation_scale

values = st.lists(st.floats(-1e10, 1e10, allow_subnormal=False), min_size=1, max_size=8).map(np.array)


@settings(max_examples=50)
@given(values)
@pytest.mark.parametrize("name", ["lin", "sqrt"])
def test_scales_with_a_sign_are_inverted(name, values):
    """The peer forgets the sign on the square-root scale (its fault 30)."""
    scale = interpolation_scale(name)
    assert_allclose(scale.inverse(scale(values)), values, rtol=1e-12)


@settings(max_examples=50)
@given(values)
def test_log_inverts_positive_values_and_maps_the_rest_to_zero(values):
    scale = interpolation_scale("log")
    positive = values > np.finfo(float).tiny
    assert_allclose(scale.inverse(scale(values)), np.where(positive, values, 0), rtol=1e-12)


@pytest.mark.parametrize("name", ["lin", "log", "sqrt", "stat-profile"])
def test_unit_comes_back(name):
    scale = interpolation_scale(name)
    scaled = scale([4.0, 1.0, 0.0, 1.0] * u.m)
    assert not hasattr(scaled, "unit")
    assert scale.inverse(scaled).unit == u.m


@pytest.mark.parametrize("name", ["lin", "log", "sqrt", "stat-profile"])
def test_derivative_of_the_inverse(name):
    scale = interpolation_scale(name)
    x, step = np.array([0.5, 1.5]), 1e-6
    slope = (scale.unscale(x + step) - scale.unscale(x - step)) / (2 * step)
    assert_allclose(scale.unscale_derivative(x), slope, rtol=1e-8)


def test_profile_becomes_a_line():
    """oracle: peer 2.1, StatProfileScale()([9, 4, 1, 0, 1]) = [-3, -2, -1, 0, 1]."""
    assert_allclose(StatProfileScale()([9.0, 4, 1, 0, 1]), [-3, -2, -1, 0, 1])
    both = np.array([[9.0, 4, 1, 0, 1], [4, 1, 0, 1, 4]])
    assert_allclose(StatProfileScale(axis=1)(both), [[-3, -2, -1, 0, 1], [-2, -1, 0, 1, 2]])


def test_profile_keeps_the_value_of_its_minimum():
    scale = StatProfileScale()
    assert_allclose(scale.inverse(scale([5.0, 2, 1, 2, 5])), [5, 2, 1, 2, 5])


def test_unknown_scale():
    with pytest.raises(UnknownNameError, match="stat-profile"):
        interpolation_scale("cubic")
