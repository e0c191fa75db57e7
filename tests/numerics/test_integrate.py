"""Log-log integration against analytic integrals."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.numerics.integrate import trapz_loglog


@pytest.mark.parametrize("index", [-3.0, -1.0 - 1e-12, -1.0, -1.0 + 1e-7, 0.0, 2.5])
def test_power_laws_are_exact(index):
    x = np.geomspace(0.1, 50, 7)
    exact = np.log(500) if abs(index + 1) < 1e-11 else (50 ** (index + 1) - 0.1 ** (index + 1)) / (index + 1)
    assert_allclose(trapz_loglog(x**index, x), exact, rtol=1e-9)


def test_units_axes_and_shapes():
    x = [1, 2, 4] * u.TeV
    y = np.array([[1, 0.5, 0.25], [1, 0.25, 0.0625]]) * u.Unit("cm-2 s-1 TeV-1")
    result = trapz_loglog(y, x)
    assert result.unit == u.Unit("cm-2 s-1")
    assert_allclose(result.value, [np.log(4), 0.75])
    assert_allclose(trapz_loglog(y.T, x[:, np.newaxis], axis=0).value, result.value)


def test_zero_and_negative_ends_add_nothing():
    """oracle: peer 2.1, trapz_loglog([1, 2, 0, 3], [1, 2, 3, 4]) = 1.5 for the first segment, 0 for the others."""
    assert_allclose(trapz_loglog([1, 2, 0, 3.0], [1, 2, 3, 4.0]), 1.5)
    assert_allclose(trapz_loglog([1, 2, -1.0], [1, 2, 3.0]), 1.5)


def test_steep_cutoff_neither_overflows_nor_warns():
    x = np.geomspace(1, 1e4, 50)
    result = trapz_loglog(np.exp(-x), x)
    assert_allclose(result, np.exp(-1), rtol=0.05)
    assert_allclose(trapz_loglog([1e-300, 1.0], [1.0, 1.001]), 0.001 / 690.8, rtol=0.01)
