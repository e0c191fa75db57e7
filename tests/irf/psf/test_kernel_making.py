"""Kernels of point spread function maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.errors import AxisMismatchError
from geminga.irf import PSFMap
from geminga.maps import MapAxis, WcsGeom


@pytest.fixture
def axis():
    return MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=4, name="energy_true")


@pytest.fixture
def psf(axis):
    return PSFMap.from_gauss(axis, sigma=[0.05, 0.06, 0.08, 0.1] * u.deg)


def geom(axis, binsz=0.02, **kwargs):
    return WcsGeom.create(npix=50, binsz=binsz, skydir=(83, 22), axes=[axis], **kwargs)


@pytest.mark.parametrize(
    ("binsz", "kwargs", "npix", "squares", "middle"),
    # oracle: peer 2.1, the same calls; sizes of the filled squares and values of the middle pixel
    [
        (0.02, {}, 37, [361, 529, 841, 1369], [0.02506359, 0.01748997, 0.00999591, 0.00638682]),
        (
            0.02,
            {"max_radius": 0.6 * u.deg},
            61,
            [361, 529, 841, 1369],
            [0.02506359, 0.01748997, 0.00999591, 0.00638682],
        ),
        (0.02, {"max_radius": 0.1 * u.deg}, 11, [121] * 4, [0.02651966, 0.02008619, 0.014452, 0.01201082]),
        (
            0.02,
            {"containment": 0.9},
            23,
            [121, 169, 361, 529],
            [0.02651966, 0.01859863, 0.01034743, 0.00666571],
        ),
        (0.1, {}, 9, [25, 25, 49, 81], [0.47072202, 0.35710278, 0.22005574, 0.14708076]),
        (
            0.02,
            {"precision_factor": 30},
            37,
            [361, 529, 841, 1369],
            [0.02501309, 0.01746592, 0.00988744, 0.00634294],
        ),
        (0.5, {}, 3, [1, 1, 9, 9], [1.0, 1.0, 0.9987589, 0.98467684]),
    ],
)
def test_against_the_peer(psf, axis, binsz, kwargs, npix, squares, middle):
    kernel = psf.get_psf_kernel(geom(axis, binsz), **kwargs)
    assert kernel.data.shape == (4, npix, npix)
    assert [(plane > 0).sum() for plane in kernel.data] == squares
    np.testing.assert_allclose(kernel.data[:, npix // 2, npix // 2], middle, rtol=2e-6)
    np.testing.assert_allclose(kernel.data.sum(axis=(1, 2)), 1)


def test_values_are_the_function_in_the_pixels(psf, axis):
    kernel = psf.get_psf_kernel(geom(axis, 0.01))
    half = kernel.data.shape[-1] // 2
    profile = kernel.data[3, half, half:]
    expected = np.exp(-0.5 * (0.01 * np.arange(half + 1) / 0.1) ** 2)
    np.testing.assert_allclose(profile[:20] / profile[0], expected[:20], rtol=5e-3)


def test_energies_between_those_of_the_map(psf):
    own = MapAxis.from_energy_bounds("0.2 TeV", "5 TeV", nbin=3, name="energy_true")
    kernel = psf.get_psf_kernel(geom(own, 0.05))
    radii = psf.containment_radius(0.999, own.center).to_value("deg")
    widths = [int(np.sqrt((plane > 0).sum())) for plane in kernel.data]
    assert widths == [2 * int(np.rint(radius / 0.05)) + 1 for radius in radii]


def test_position(psf_map):
    axis = psf_map.psf_map.geom.axes["energy_true"]
    image = psf_map.psf_map.geom.to_image()
    lon, lat = image.pix_to_coord((3, 1))
    kernel = psf_map.get_psf_kernel(geom(axis), position=SkyCoord(lon, lat), max_radius="0.2 deg")
    half = kernel.data.shape[-1] // 2
    ratio = kernel.data[:, half, half + 5] / kernel.data[:, half, half]
    np.testing.assert_allclose(ratio, np.exp(-0.5 * (0.1 / psf_map.sigma[:, 0, 1, 3]) ** 2), rtol=0.03)


def test_no_function_gives_an_empty_plane(psf, axis):
    psf.psf_map.data[0] = 0
    kernel = psf.get_psf_kernel(geom(axis))
    assert not kernel.data[0].any()
    assert np.isfinite(kernel.data).all()


def test_axis_is_needed(psf, axis):
    with pytest.raises(AxisMismatchError, match="energy_true"):
        psf.get_psf_kernel(geom(axis).to_image())
    with pytest.raises(AxisMismatchError, match="energy_true"):
        psf.get_psf_kernel(geom(axis.rename("energy")))


def test_projection_and_frame_of_the_geometry(psf, axis):
    kernel = psf.get_psf_kernel(geom(axis, 0.05, proj="TAN", frame="galactic"))
    assert kernel.psf_kernel_map.geom.projection == "TAN"
    assert kernel.psf_kernel_map.geom.frame == "galactic"
    np.testing.assert_allclose(kernel.data, kernel.data.transpose(0, 2, 1), atol=1e-5)
