import numpy as np
import pytest
from astropy import units as u

from geminga.modeling.models import arrays


def series(k, x):
    """Add up x^n / (n + k)! in the order of growing terms."""
    terms, factor = [], 1.0
    for n in range(1, k + 1):
        factor /= n
    for n in range(60):
        terms.append(factor * x**n)
        factor /= n + k + 1
    return float(np.sum(terms[::-1]))


@pytest.mark.parametrize("x", [-3.0, -0.11, -1e-3, -1e-9, 0.0, 1e-12, 1e-4, 0.049, 0.051, 0.3, 2.0])
def test_exponential_remainders(x):
    assert float(arrays.exprel(x)) == pytest.approx(series(1, x), rel=1e-14)
    assert float(arrays.exprel2(x)) == pytest.approx(series(2, x), rel=1e-12)
    h = 1e-5
    assert float(arrays.exprel_slope(x)) == pytest.approx(
        (series(1, x + h) - series(1, x - h)) / (2 * h), rel=1e-9
    )
    assert float(arrays.exprel2_slope(x)) == pytest.approx(
        (series(2, x + h) - series(2, x - h)) / (2 * h), rel=1e-8
    )


def test_remainders_are_continuous_where_series_and_formula_meet():
    for function in (arrays.exprel, arrays.exprel_slope, arrays.exprel2, arrays.exprel2_slope):
        x = np.linspace(-0.2, 0.2, 4001)
        steps = np.diff(function(x))
        assert np.all(steps > 0)
        np.testing.assert_allclose(steps[1:], steps[:-1], rtol=1e-3)


def test_error_function_in_the_tails():
    # erf(6.1) - erf(6), from the asymptotic series of erfc to many terms
    from scipy.special import erfc

    assert float(arrays.erf_difference(6.0, 6.1)) == pytest.approx(erfc(6.0) - erfc(6.1), rel=1e-12)
    assert float(arrays.erf_difference(-6.1, -6.0)) == pytest.approx(erfc(6.0) - erfc(6.1), rel=1e-12)
    assert float(arrays.erf_difference(-1.0, 2.0)) == pytest.approx(arrays.erf(1.0) + arrays.erf(2.0))


def test_plain_numbers():
    assert arrays.ratio(1 * u.TeV, 1 * u.GeV) == pytest.approx(1000)
    assert arrays.number(3.0) == 3.0
    assert arrays.number_in(1 * u.GeV, "MeV", 1e6) == pytest.approx(1000)


class Foreign:
    """An array of another library."""

    @staticmethod
    def __array_namespace__():
        return "another library"


def test_array_library():
    assert arrays.array_namespace(1.0, np.ones(2), 3 * u.TeV) is np
    assert arrays.array_namespace(np.ones(2), Foreign()) == "another library"
