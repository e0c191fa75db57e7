"""Maps of energy dispersion kernels."""

import numpy as np
import pytest

from geminga.errors import AxisMismatchError
from geminga.irf import EDispKernel, EDispKernelMap
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom


@pytest.fixture
def kernels(energy_true):
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=6)
    geom = WcsGeom.create(npix=3, binsz=1, axes=[energy])
    return EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05, geom=geom)


def test_constructors_agree_with_the_kernel(kernels, energy_true):
    energy = kernels.edisp_map.geom.axes["energy"]
    expected = EDispKernel.from_gauss(energy_true, energy, sigma=0.2, bias=0.05)
    np.testing.assert_allclose(kernels.get_edisp_kernel().pdf_matrix, expected.pdf_matrix)
    assert kernels.edisp_map.data.shape == (4, 6, 3, 3)
    assert (kernels.exposure_map.data == 1).all()
    diagonal = EDispKernelMap.from_diagonal_response(energy, energy_true)
    assert diagonal.edisp_map.data.shape == (4, 6, 1, 2)
    expected = EDispKernel.from_diagonal_response(energy_true, energy)
    np.testing.assert_allclose(diagonal.get_edisp_kernel().pdf_matrix, expected.pdf_matrix)


def test_region(energy_true, energy):
    geom = RegionGeom.create("icrs;circle(83, 22, 0.1)", axes=[energy])
    kernels = EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.0, geom=geom)
    assert kernels.edisp_map.data.shape == (4, 3, 1, 1)
    assert kernels.has_single_spatial_bin
    expected = EDispKernel.from_gauss(energy_true, energy, sigma=0.2, bias=0.0)
    np.testing.assert_allclose(kernels.get_edisp_kernel().pdf_matrix, expected.pdf_matrix)


def test_resample(kernels):
    energy = kernels.edisp_map.geom.axes["energy"]
    wide = MapAxis.from_energy_edges(energy.edges[[0, 2, 5]])
    resampled = kernels.resample_energy_axis(wide)
    np.testing.assert_allclose(resampled.edisp_map.data[:, 0], kernels.edisp_map.data[:, :2].sum(axis=1))
    np.testing.assert_allclose(resampled.edisp_map.data[:, 1], kernels.edisp_map.data[:, 2:5].sum(axis=1))
    assert resampled.exposure_map.data.shape == (4, 1, 3, 3)
    np.testing.assert_allclose(
        resampled.exposure_map.geom.axes["energy"].edges.value, energy.edges[[0, 5]].value
    )
    same = kernels.get_edisp_kernel(energy_axis=wide)
    np.testing.assert_allclose(same.pdf_matrix, resampled.get_edisp_kernel().pdf_matrix)


def test_resample_with_a_mask(kernels):
    energy = kernels.edisp_map.geom.axes["energy"]
    mask = Map.from_geom(kernels.edisp_map.geom.to_image().to_cube([energy]), dtype=bool)
    mask.data[2:4, 0, 0] = True
    image = kernels.to_image(weights=mask)
    np.testing.assert_allclose(
        image.edisp_map.data[:, 0, 0, 0], kernels.edisp_map.data[:, 2:4, 0, 0].sum(axis=1)
    )
    assert not image.edisp_map.data[:, 0, 1, 1].any()
    with pytest.raises(AxisMismatchError, match="energy"):
        kernels.to_image(weights=kernels.edisp_map)
    np.testing.assert_allclose(kernels.to_image().edisp_map.data[:, 0], kernels.edisp_map.data.sum(axis=1))
