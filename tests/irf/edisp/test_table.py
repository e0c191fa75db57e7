"""Energy dispersion table: Gaussian, kernels, edges."""

import numpy as np
import pytest
from astropy import units as u
from scipy.special import ndtr

from geminga.errors import AxisMismatchError, UnitError
from geminga.irf import EnergyDispersion2D
from geminga.maps import MapAxis


@pytest.fixture
def migra():
    return MapAxis.from_bounds(0.0, 3.0, nbin=3000, name="migra")


def test_from_gauss_is_normalised(energy_true, migra, offset):
    edisp = EnergyDispersion2D.from_gauss(energy_true, migra, offset, bias=0.1, sigma=[0.1, 0.2, 0.3, 0.1])
    total = (edisp.data * migra.bin_width.value[:, np.newaxis]).sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=2e-4)
    mean = (edisp.data * (migra.bin_width * migra.center).value[:, np.newaxis]).sum(axis=1)
    np.testing.assert_allclose(mean, 1.1, atol=1e-3)


def test_from_gauss_by_energy_and_offset(energy_true, migra, offset):
    sigma = np.linspace(0.05, 0.16, 12).reshape(4, 3)
    edisp = EnergyDispersion2D.from_gauss(energy_true, migra, offset, bias=0.0, sigma=sigma)
    at_one = edisp.data[:, 1000]
    np.testing.assert_allclose(at_one, 1 / (np.sqrt(2 * np.pi) * sigma), rtol=1e-3)


def test_kernel_of_gauss(energy_true, energy, migra, offset):
    # closed form: difference of the normal distribution at the edges over the true energy
    edisp = EnergyDispersion2D.from_gauss(energy_true, migra, offset, bias=0.05, sigma=0.2)
    kernel = edisp.to_edisp_kernel(1 * u.deg, energy_axis_true=energy_true, energy_axis=energy)
    x = energy.edges.value / energy_true.center.value[:, np.newaxis]
    expected = np.diff(ndtr((x - 1.05) / 0.2), axis=1)
    np.testing.assert_allclose(kernel.pdf_matrix, expected, atol=1e-5)


def test_kernel_needs_one_offset_and_energy_axes(energy_true, energy, migra, offset):
    edisp = EnergyDispersion2D.from_gauss(energy_true, migra, offset, bias=0.0, sigma=0.2)
    assert edisp.to_edisp_kernel("1 deg").axes.names == ["energy_true", "energy"]
    with pytest.raises(UnitError):
        edisp.to_edisp_kernel(1.0)
    with pytest.raises((AxisMismatchError, ValueError), match="energy"):
        edisp.to_edisp_kernel("1 deg", energy_axis=energy_true)


def test_kernel_is_normalised_over_migra(energy_true, energy, offset, responses):
    edisp = responses["edisp"]
    wide = MapAxis.from_energy_bounds("1 GeV", "1000 TeV", nbin=30)
    kernel = edisp.to_edisp_kernel(1 * u.deg, energy_axis=wide)
    np.testing.assert_allclose(kernel.pdf_matrix.sum(axis=1), 1, rtol=1e-6)


def test_true_energies_outside_keep_the_density_of_the_edge(responses):
    edisp = responses["edisp"]
    edge = edisp.evaluate(energy_true=10 * u.TeV, migra=1.2, offset=1 * u.deg)
    assert edge > 0
    assert edisp.evaluate(energy_true=50 * u.TeV, migra=1.2, offset=1 * u.deg) == edge
    assert edisp.evaluate(energy_true=1 * u.TeV, migra=3.1, offset=1 * u.deg) == 0
    assert edisp.evaluate(energy_true=1 * u.TeV, migra=1.2, offset=3.1 * u.deg) == 0
