"""Energy dispersion maps: kernels at positions, sampling."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from scipy.special import ndtr

from geminga.irf import EDispKernelMap, EDispMap
from geminga.maps import Map, MapAxis, MapCoord


@pytest.fixture
def energy():
    return MapAxis.from_energy_bounds("0.05 TeV", "20 TeV", nbin=12)


def expected_matrix(edisp_map, energy, row, column):
    x = energy.edges.value / edisp_map.edisp_map.geom.axes["energy_true"].center.value[:, np.newaxis]
    bias, sigma = edisp_map.bias[:, 0, row, column], edisp_map.sigma[:, 0, row, column]
    return np.diff(ndtr((x - 1 - bias[:, np.newaxis]) / sigma[:, np.newaxis]), axis=1)


def test_kernel_of_gauss_at_positions(edisp_map, energy):
    image = edisp_map.edisp_map.geom.to_image()
    for row, column in ((0, 1), (2, 3)):
        lon, lat = image.pix_to_coord((column, row))
        kernel = edisp_map.get_edisp_kernel(energy, position=SkyCoord(lon, lat))
        np.testing.assert_allclose(
            kernel.pdf_matrix, expected_matrix(edisp_map, energy, row, column), atol=2e-4
        )
        assert kernel.axes.names == ["energy_true", "energy"]


def test_kernel_map_equals_kernels(edisp_map, energy):
    kernels = edisp_map.to_edisp_kernel_map(energy)
    assert isinstance(kernels, EDispKernelMap)
    assert kernels.edisp_map.data.shape == (4, 12, 3, 4)
    assert kernels.exposure_map.data.shape == (4, 1, 3, 4)
    np.testing.assert_allclose(kernels.exposure_map.data, edisp_map.exposure_map.data)
    np.testing.assert_allclose(
        kernels.edisp_map.data[..., 1, 2], expected_matrix(edisp_map, energy, 1, 2), atol=2e-4
    )
    position = SkyCoord(83.2, 22.3, unit="deg")
    one = edisp_map.get_edisp_kernel(energy, position=position).pdf_matrix
    np.testing.assert_allclose(kernels.get_edisp_kernel(position).pdf_matrix, one, atol=1e-7)


def test_position_without_exposure(edisp_map, energy):
    lon, lat = edisp_map.edisp_map.geom.to_image().pix_to_coord((0, 1))
    kernel = edisp_map.get_edisp_kernel(energy, position=SkyCoord(lon, lat))
    np.testing.assert_allclose(kernel.pdf_matrix, expected_matrix(edisp_map, energy, 1, 1), atol=2e-4)


def test_kernels_without_exposure_map(edisp_map, energy):
    kernels = EDispMap(edisp_map.edisp_map).to_edisp_kernel_map(energy)
    assert kernels.exposure_map is None


def test_energy_axis_must_be_reconstructed(edisp_map, energy_true):
    with pytest.raises(ValueError, match="energy"):
        edisp_map.get_edisp_kernel(energy_true)


def test_normalize(edisp_map):
    edisp_map.edisp_map.data *= 3
    edisp_map.edisp_map.data[0, :, 0, 0] = 0
    edisp_map.normalize()
    total = edisp_map.edisp_map.data.sum(axis=1) * 0.01
    assert total[0, 0, 0] == 0
    np.testing.assert_allclose(total.ravel()[1:], 1)
    assert edisp_map.edisp_map.unit == ""


def test_diagonal_response(energy_true):
    edisp = EDispMap.from_diagonal_response(energy_true)
    same = MapAxis.from_energy_edges(energy_true.edges, name="energy")
    np.testing.assert_allclose(edisp.get_edisp_kernel(same).pdf_matrix, np.eye(4), atol=1e-9)
    # two bins meet at 1 and share the density
    migra = MapAxis.from_bounds(0.2, 5, nbin=48, name="migra")
    density = EDispMap.from_diagonal_response(energy_true, migra).edisp_map.data[0, :, 0, 0]
    np.testing.assert_allclose(density[[6, 7, 8, 9]], [0, 5, 5, 0])


def test_sampling_follows_the_map(energy_true):
    # unequal bins: the density of a bin counts times its width
    migra = MapAxis.from_edges([0.5, 0.9, 1.0, 1.6], name="migra")
    edisp = EDispMap.from_diagonal_response(energy_true, migra)
    density = np.array([0.5, 2.0, 1.0])
    edisp.edisp_map.data = np.broadcast_to(density.reshape(3, 1, 1), edisp.edisp_map.data.shape).copy()
    n = 20000
    coords = MapCoord(
        {
            "lon": np.full(n, 83.0) * u.deg,
            "lat": np.full(n, 22.0) * u.deg,
            "energy_true": np.full(n, 2.0) * u.TeV,
        },
        frame="icrs",
    )
    sampled = edisp.sample_coord(coords, random_state=0)
    assert sampled.axis_names == ["lon", "lat", "energy"]
    assert sampled.frame == "icrs"
    ratio = (sampled["energy"] / (2 * u.TeV)).value
    share = np.histogram(ratio, bins=migra.edges.value)[0] / n
    content = density * np.diff(migra.edges.value)
    np.testing.assert_allclose(share, content / content.sum(), atol=0.015)
    again = edisp.sample_coord(coords, random_state=0, chunk_size=77)
    assert (again["energy"] == sampled["energy"]).all()


def test_sampling_without_response(energy_true):
    edisp = EDispMap.from_diagonal_response(energy_true)
    edisp.edisp_map.data[...] = 0
    coords = MapCoord({"lon": [83] * u.deg, "lat": [22] * u.deg, "energy_true": [2] * u.TeV}, frame="icrs")
    assert np.isnan(edisp.sample_coord(coords)["energy"]).all()


def test_map_can_be_replaced(edisp_map, energy):
    new = Map.from_geom(edisp_map.edisp_map.geom, data=np.zeros(edisp_map.edisp_map.data.shape))
    edisp_map.edisp_map = new
    assert not edisp_map.get_edisp_kernel(energy).pdf_matrix.any()
