import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st

from geminga.errors import UnitError
from geminga.modeling.models import PowerLawSpectralModel, integrate_spectrum
from geminga.modeling.models.spectral.quadrature import LogLogQuadrature, bin_grid, logarithmic_mean


def slow_integral(energies, values):
    """Add up the segments one by one, each as a power law through its ends."""
    total = 0.0
    for x1, x2, y1, y2 in zip(energies, energies[1:], values, values[1:], strict=False):
        if y1 * y2 <= 0:
            continue
        index = np.log(abs(y2 / y1)) / np.log(x2 / x1)
        if abs(index + 1) < 1e-9:
            total += y1 * x1 * np.log(x2 / x1)
        else:
            total += y1 * x1 / (index + 1) * ((x2 / x1) ** (index + 1) - 1)
    return total


@given(
    values=st.lists(
        st.one_of(st.just(0.0), st.floats(1e-6, 1e6), st.floats(-1e6, -1e-6)), min_size=2, max_size=9
    )
)
@settings(max_examples=60, deadline=None)
def test_equals_the_slow_twin(values):
    quadrature = LogLogQuadrature(np.array([0.3]), np.array([20.0]))
    energies = np.geomspace(0.3, 20.0, len(values))
    quadrature.energies, quadrature.step = energies[np.newaxis], np.diff(np.log(energies))[np.newaxis]
    numbers = np.array([values])
    expected = slow_integral(energies, values)
    scale = np.sum(np.abs(numbers * energies))
    np.testing.assert_allclose(quadrature.integrate(numbers)[0], expected, rtol=1e-9, atol=1e-10 * scale)


@pytest.mark.parametrize("index", [0.0, 0.9999999, 1.0, 1.00001, 2.0, 3.5])
def test_is_exact_for_power_laws(index):
    quadrature = LogLogQuadrature(np.array([0.1, 1.0]), np.array([1.0, 8.0]))
    exact = PowerLawSpectralModel.evaluate_integral(
        np.array([0.1, 1.0]), np.array([1.0, 8.0]), index, 1.0, 1.0
    )
    values = quadrature.energies**-index
    np.testing.assert_allclose(quadrature.integrate(values), exact, rtol=1e-12)
    np.testing.assert_allclose((quadrature.weights(values) * values).sum(axis=-1), exact, rtol=1e-11)


@pytest.mark.parametrize("sign", [1, -1])
def test_weights_are_the_derivatives(sign):
    quadrature = LogLogQuadrature(np.array([0.5]), np.array([0.6]))
    values = sign * (1 + 0.3 * np.sin(40 * quadrature.energies)) / quadrature.energies
    weights = quadrature.weights(values)
    for k in range(values.shape[1]):
        step = 1e-6 * values[0, k]
        moved = values.copy()
        moved[0, k] += step
        above = quadrature.integrate(moved)
        moved[0, k] -= 2 * step
        slope = (above - quadrature.integrate(moved)) / (2 * step)
        np.testing.assert_allclose(weights[:, k], slope, rtol=1e-7)


def test_grid_has_a_hundred_points_per_decade_of_the_widest_bin():
    assert bin_grid([1.0, 1.0], [10.0, 2.0]).shape == (2, 100)
    assert bin_grid(1.0, 1.01).shape == (2,)
    # ten bins per decade: the edges carry rounding errors
    edges = np.geomspace(0.1, 100, 31)
    assert bin_grid(edges[:-1], edges[1:]).shape == (30, 10)


def test_segments_that_touch_zero_count_nothing():
    assert logarithmic_mean(0.0, 1.0) == 0
    assert logarithmic_mean(-1.0, 1.0) == 0
    assert logarithmic_mean(-1.0, -np.e) == pytest.approx(-(np.e - 1))


def test_integrate_spectrum():
    def spectrum(energy):
        return 3e-12 * u.Unit("cm-2 s-1 TeV-1") * (energy / u.TeV).to_value("") ** -2.3

    flux = integrate_spectrum(spectrum, [1, 300] * u.GeV, [2, 400] * u.GeV)
    exact = PowerLawSpectralModel(index=2.3, amplitude="3e-12 cm-2 s-1 TeV-1").integral(
        [1, 300] * u.GeV, [2, 400] * u.GeV
    )
    np.testing.assert_allclose(flux.to_value("cm-2 s-1"), exact.to_value("cm-2 s-1"), rtol=1e-12)
    energy_flux = integrate_spectrum(spectrum, "1 TeV", "10 TeV", energy_flux=True)
    assert energy_flux.to_value("TeV cm-2 s-1") == pytest.approx(3e-12 * (1 - 10**-0.3) / 0.3)


def test_integrate_spectrum_of_parameter_samples():
    def spectrum(energy, index):
        return 1e-12 * u.Unit("cm-2 s-1 TeV-1") * energy.to_value("TeV") ** -index

    flux = integrate_spectrum(
        spectrum, [1, 2] * u.TeV, [2, 4] * u.TeV, parameter_samples=[np.array([2.0, 3.0, 4.0])]
    )
    assert flux.shape == (3, 2)
    assert flux[0, 0].to_value("cm-2 s-1") == pytest.approx(0.5e-12)


def test_integrate_spectrum_names_the_argument_with_a_wrong_unit():
    with pytest.raises(UnitError, match="energy_max"):
        integrate_spectrum(PowerLawSpectralModel(), 1 * u.TeV, 1 * u.s)
