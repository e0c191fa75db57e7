"""Upper limits from profiles."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import FitError
from geminga.modeling import stat_profile_ul_scipy


def test_parabola():
    x = np.linspace(-5, 5, 7)
    assert_allclose(stat_profile_ul_scipy(x, (x - 1) ** 2 + 3), 3.0, rtol=1e-6)
    assert_allclose(stat_profile_ul_scipy(x, (x - 1) ** 2 + 3, delta_ts=9), 4.0, rtol=1e-6)
    # minimum on the edge of the scan
    assert_allclose(stat_profile_ul_scipy(x, (x + 7) ** 2, delta_ts=12), -3.0, rtol=1e-6)


def test_straight_lines():
    # between 3 (stat 9) and 4 (stat 16) a line: 9 + 7 t = 10
    x = np.arange(5.0)
    assert_allclose(stat_profile_ul_scipy(x, x**2, delta_ts=10, interp_scale="lin"), 3 + 1 / 7)


def test_profile_that_does_not_rise():
    x = np.linspace(0, 1, 5)
    with pytest.raises(FitError, match="Scan to higher values"):
        stat_profile_ul_scipy(x, x**2)
