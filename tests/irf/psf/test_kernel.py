"""Kernels on pixels."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import AxisMismatchError
from geminga.irf import PSFKernel
from geminga.maps import Map, MapAxis, WcsGeom


class Disk:
    """Stand-in for a spatial model: a disk around the centre of the geometry."""

    evaluation_radius = 0.3 * u.deg

    def evaluate_geom(self, geom):
        return (geom.separation(geom.center_skydir).deg < 0.3) / u.sr


@pytest.fixture
def axis():
    return MapAxis.from_energy_edges([1, 2, 4] * u.TeV, name="energy_true")


@pytest.fixture
def kernel(axis):
    geom = WcsGeom.create(npix=5, binsz=0.1, axes=[axis])
    return PSFKernel(Map.from_geom(geom, data=np.random.default_rng(0).uniform(size=(2, 5, 5))))


def test_from_gauss_against_the_peer(axis):
    # oracle: peer 2.1, PSFKernel.from_gauss(geom, sigma=0.15 deg, max_radius=0.4 deg).data[0, 4]
    geom = WcsGeom.create(npix=50, binsz=0.1, skydir=(83, 22), axes=[axis])
    kernel = PSFKernel.from_gauss(geom, sigma="0.15 deg", max_radius="0.4 deg")
    expected = [0.00221028, 0.0099484, 0.02911319, 0.05543215, 0.06870107]
    assert kernel.data.shape == (2, 9, 9)
    np.testing.assert_allclose(kernel.data[0, 4, :5], expected, rtol=1e-5)
    np.testing.assert_allclose(kernel.data[1], kernel.data[0])


def test_from_spatial_model():
    kernel = PSFKernel.from_spatial_model(Disk(), WcsGeom.create(npix=50, binsz=0.1), factor=8)
    assert kernel.data.shape == (7, 7)
    np.testing.assert_allclose(kernel.data.sum(), 1)
    # pixel area over disk area
    np.testing.assert_allclose(kernel.data[3, 3], 0.01 / (np.pi * 0.09), rtol=0.02)
    assert kernel.data[0, 0] == 0


def test_normalize(kernel, axis):
    np.testing.assert_allclose(kernel.data.sum(axis=(1, 2)), 1)
    geom = kernel.psf_kernel_map.geom
    raw = Map.from_geom(geom, data=np.full((2, 5, 5), 3.0))
    assert PSFKernel(raw, normalize=False).data[0, 0, 0] == 3
    PSFKernel(raw)
    assert raw.data[0, 0, 0] == 3
    assert not PSFKernel(Map.from_geom(geom)).data.any()


def test_slice(kernel):
    part = kernel.slice_by_idx({"energy_true": slice(1, 2)})
    np.testing.assert_allclose(part.data, kernel.data[1:])


def test_to_image(kernel):
    image = kernel.to_image()
    # power law of index 2: weights 1 - 1/2 and 1/2 - 1/4
    np.testing.assert_allclose(image.data[0], (2 * kernel.data[0] + kernel.data[1]) / 3)
    assert image.psf_kernel_map.geom.axes["energy_true"].nbin == 1
    assert kernel.to_image(keepdims=False).data.shape == (5, 5)


def test_to_image_with_exposure(kernel):
    expected = (2 * kernel.data[0] + 5 * kernel.data[1]) / 7
    values = [1, 5] * u.Unit("m2 s")
    exposure = Map.from_geom(kernel.psf_kernel_map.geom, unit="m2 s")
    exposure.data[...] = np.array([1, 5])[:, np.newaxis, np.newaxis]
    for given in (values, [1, 5], exposure):
        np.testing.assert_allclose(kernel.to_image(exposure=given).data[0], expected)
    with pytest.raises(AxisMismatchError, match="2 values"):
        kernel.to_image(exposure=[1, 2, 3])


def test_files(kernel, tmp_path):
    kernel.write(tmp_path / "kernel.fits")
    again = PSFKernel.read(tmp_path / "kernel.fits")
    np.testing.assert_allclose(again.data, kernel.data, rtol=1e-6)
    assert "5 x 5" in repr(again)
