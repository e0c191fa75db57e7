import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.numerics.angles import sine_cosine, unit_vectors, within_turn


@pytest.mark.parametrize("size", [10, 5000])
def test_sine_and_cosine_to_the_last_digits(size):
    angle = np.concatenate([np.linspace(-7, 7, size), np.array([0, 0.5, 1, 2]) * np.pi, [-np.pi, 1e-9]])
    exact = angle.astype(np.longdouble)
    sine, cosine = sine_cosine(angle)
    assert_allclose(sine, np.sin(exact).astype(float), rtol=0, atol=4e-16)
    assert_allclose(cosine, np.cos(exact).astype(float), rtol=0, atol=4e-16)
    assert_allclose(sine[-1], 1e-9, rtol=1e-15)
    assert np.isnan(sine_cosine(np.full(size, np.nan))[1]).all()


def test_unit_vectors_broadcast():
    lon, lat = np.linspace(0, 6, 50), np.linspace(-1.5, 1.5, 40)[:, np.newaxis]
    x, y, z = unit_vectors(lon, lat)
    assert x.shape == (40, 50)
    assert_allclose(x**2 + y**2 + z**2, 1, rtol=1e-14)
    assert_allclose(np.arctan2(z, np.hypot(x, y)), np.broadcast_to(lat, x.shape), atol=1e-14)


def test_within_turn_is_the_remainder():
    degrees = np.array([0, 359.999, 360, 361, -1e-20, -0.5, -360, -361, 1e5, np.nan])
    assert_allclose(within_turn(degrees), [0, 359.999, 0, 1, 0, 359.5, 0, 359, 1e5 % 360, np.nan])
    few = np.array([-1e-20, -0.5, 180])
    assert_allclose(within_turn(few), [0, 359.5, 180])
    assert np.all(within_turn(degrees[:-1]) < 360)
    inside = np.array([0.0, 12.0])
    assert within_turn(inside) is inside
    assert within_turn(np.array([])).size == 0
