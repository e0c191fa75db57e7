"""Energy dispersion kernel: moments, thresholds, special kernels."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import DataError
from geminga.irf import EDispKernel
from geminga.maps import MapAxis


@pytest.fixture
def axes():
    true = MapAxis.from_energy_bounds("0.05 TeV", "50 TeV", nbin=120, name="energy_true")
    reco = MapAxis.from_energy_bounds("0.01 TeV", "200 TeV", nbin=400)
    return true, reco


def test_gauss_moments(axes):
    kernel = EDispKernel.from_gauss(*axes, sigma=0.15, bias=0.1)
    energy = [0.1, 1, 10] * u.TeV
    np.testing.assert_allclose(kernel.get_bias(energy), 0.1, atol=1e-3)
    np.testing.assert_allclose(kernel.get_resolution(energy), 0.15, atol=1e-3)
    idx = axes[0].coord_to_idx(energy)
    np.testing.assert_allclose(kernel.get_mean(energy) / axes[0].center[idx], 1.1, atol=1e-3)
    np.testing.assert_allclose(kernel.pdf_matrix[40:80].sum(axis=1), 1, atol=1e-5)


def test_gauss_by_energy(axes):
    sigma = np.linspace(0.1, 0.3, 120)
    kernel = EDispKernel.from_gauss(*axes, sigma=sigma, bias=np.zeros(120))
    np.testing.assert_allclose(kernel.get_resolution(axes[0].center[[30, 60]]), sigma[[30, 60]], atol=2e-3)


def test_gauss_near_the_peer():
    true = MapAxis.from_energy_bounds("0.05 TeV", "50 TeV", 8, name="energy_true")
    reco = MapAxis.from_energy_bounds("0.1 TeV", "20 TeV", 5)
    kernel = EDispKernel.from_gauss(true, reco, sigma=0.2, bias=0.1)
    # oracle: peer 2.1, the same call; it bins the migration, hence the tolerance
    np.testing.assert_allclose(
        kernel.pdf_matrix[4], [0.0, 1.2586e-05, 0.28532757, 0.71465984, 0.0], atol=2e-4
    )
    np.testing.assert_allclose(kernel.pdf_matrix[0, 0], 0.160296, atol=2e-4)


def test_diagonal_is_the_overlap():
    true = MapAxis.from_energy_bounds("0.05 TeV", "50 TeV", 8, name="energy_true")
    reco = MapAxis.from_energy_bounds("0.1 TeV", "20 TeV", 5)
    kernel = EDispKernel.from_diagonal_response(true, reco)
    # oracle: peer 2.1, the same call
    np.testing.assert_allclose(kernel.pdf_matrix[0], [0.2708041609, 0, 0, 0, 0], rtol=1e-9)
    np.testing.assert_allclose(kernel.pdf_matrix[3], [0, 0.1813172131, 0.8186827869, 0, 0], rtol=1e-9)
    same = EDispKernel.from_diagonal_response(true)
    np.testing.assert_allclose(same.pdf_matrix, np.eye(8))
    assert same.axes["energy"].name == "energy"


def test_empty_rows_have_no_moments():
    true = MapAxis.from_energy_edges([1, 2, 4] * u.TeV, name="energy_true")
    kernel = EDispKernel([true, MapAxis.from_energy_edges([2, 4] * u.TeV)], [[0.0], [1.0]])
    energy = [1.5, 3] * u.TeV
    assert np.isnan(kernel.get_bias(energy)).tolist() == [True, False]
    assert np.isnan(kernel.get_resolution(energy)).tolist() == [True, False]
    assert np.isnan(kernel.get_mean(energy)).tolist() == [True, False]


def test_scalar_energy_gives_one_value(axes):
    kernel = EDispKernel.from_gauss(*axes, sigma=0.15, bias=0.1)
    assert kernel.get_bias("1 TeV").shape == (1,)
    with pytest.raises(DataError, match="must lie within"):
        kernel.get_bias("100 TeV")


def bias_kernel():
    """Kernel whose bias falls as a power of the energy: 0.5 at 0.1 TeV, 0.005 at 10 TeV."""
    true = MapAxis.from_energy_bounds("0.05 TeV", "20 TeV", nbin=200, name="energy_true")
    reco = MapAxis.from_energy_bounds("0.01 TeV", "100 TeV", nbin=2000)
    bias = 0.05 / true.center.value
    return EDispKernel.from_gauss(true, reco, sigma=0.02, bias=bias)


def test_bias_energy_of_power_law():
    kernel = bias_kernel()
    # bias 0.1 at 0.5 TeV; the reconstructed energy is 10 % higher
    actual = kernel.get_bias_energy(0.1)
    assert actual.shape == (1,)
    np.testing.assert_allclose(actual.to_value("TeV"), 0.55, rtol=2e-3)


def test_bias_energy_without_crossing():
    kernel = bias_kernel()
    np.testing.assert_allclose(kernel.get_bias_energy(0.1, energy_min=1 * u.TeV).to_value("TeV"), 1.1)
    np.testing.assert_allclose(
        kernel.get_bias_energy(0.1, energy_min=0.2 * u.TeV, energy_max=0.3 * u.TeV).to_value("TeV"), 0.22
    )


def test_bias_energy_of_an_empty_kernel(axes):
    with pytest.raises(DataError, match="empty"):
        EDispKernel(list(axes)).get_bias_energy(0.1)


def test_safe_range_keeps_bins_inside(axes):
    kernel = EDispKernel.from_diagonal_response(axes[0])
    edges = kernel.axes["energy"].edges
    matrix = kernel.pdf_in_safe_range(edges[10], edges[20])
    assert matrix.sum(axis=0).nonzero()[0].tolist() == list(range(10, 20))
    matrix = kernel.pdf_in_safe_range(edges[10] * 1.001, edges[20] * 0.999)
    assert matrix.sum(axis=0).nonzero()[0].tolist() == list(range(11, 19))


def test_to_image(axes):
    kernel = EDispKernel.from_gauss(*axes, sigma=0.15, bias=0.1)
    image = kernel.to_image()
    assert image.data.shape == (120, 1)
    np.testing.assert_allclose(image.data[:, 0], kernel.data.sum(axis=1))
    edges = kernel.axes["energy"].edges
    part = kernel.to_image(lo_threshold=edges[100] * 1.001, hi_threshold=edges[300])
    np.testing.assert_allclose(part.axes["energy"].edges.value, edges[[100, 300]].value)
    np.testing.assert_allclose(part.data[:, 0], kernel.data[:, 100:300].sum(axis=1))


def test_evaluate_is_nearest(axes):
    kernel = EDispKernel.from_diagonal_response(axes[0])
    center = axes[0].center[50]
    assert kernel.evaluate(energy_true=center, energy=center * 1.01) == 1
    assert kernel.evaluate(energy_true=center, energy=center * 1.2) == 0
    assert kernel.evaluate(energy_true=center, energy=1000 * u.TeV) == 0
