"""Convolution and smoothing of WCS maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.convolution import Gaussian2DKernel
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage
from scipy.signal import convolve2d

from geminga.errors import AxisMismatchError, GeometryError, UnknownNameError
from geminga.maps import Map, MapAxis, WcsGeom, WcsNDMap
from geminga.maps.wcs import convolve as module
from geminga.maps.wcs.convolve import convolve_images

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)


@pytest.fixture
def point():
    m = WcsNDMap(WcsGeom.create(npix=20, binsz=1))
    m.data[10, 10] = 1
    return m


def slow_twin(data, kernel, mode):
    """Slow twin: image by image with scipy's sums."""
    shape = np.broadcast_shapes(data.shape[:-2], kernel.shape[:-2])
    data = np.broadcast_to(data, (*shape, *data.shape[-2:]))
    kernel = np.broadcast_to(kernel, (*shape, *kernel.shape[-2:]))
    return np.array([convolve2d(d, k, mode=mode) for d, k in zip(data, kernel, strict=True)])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    sizes=st.tuples(*[st.integers(1, 12)] * 4),
    planes=st.sampled_from([(3, 3), (3, 1), (1, 3)]),
    method=st.sampled_from(["fft", "direct", "auto"]),
    mode=st.sampled_from(["same", "full"]),
)
def test_convolution_agrees_with_the_slow_twin(seed, sizes, planes, method, mode):
    generator = np.random.default_rng(seed)
    data = generator.uniform(0, 1, (planes[0], *sizes[:2]))
    kernel = generator.uniform(0, 1, (planes[1], *sizes[2:]))
    result = convolve_images(data, kernel, method=method, mode=mode)
    if mode == "full":
        assert_allclose(result, slow_twin(data, kernel, "full"), atol=1e-12)
    else:
        y, x = (sizes[2] - 1) // 2, (sizes[3] - 1) // 2
        expected = slow_twin(data, kernel, "full")[:, y : y + sizes[0], x : x + sizes[1]]
        assert_allclose(result, expected, atol=1e-12)


def test_batches_do_not_matter(monkeypatch):
    generator = np.random.default_rng(0)
    data, kernel = generator.uniform(size=(2, 5, 8, 9)), generator.uniform(size=(2, 5, 3, 3))
    whole = convolve_images(data, kernel)
    single = convolve_images(data, kernel[0, 0])
    monkeypatch.setattr(module, "BATCH", 300)
    assert_allclose(convolve_images(data, kernel), whole, atol=1e-14)
    assert_allclose(convolve_images(data, kernel[0, 0]), single, atol=1e-14)


def test_precision(point):
    assert convolve_images(np.ones((4, 4), np.float32), np.ones((3, 3))).dtype == np.float32
    assert convolve_images(np.ones((4, 4), int), np.ones((3, 3))).dtype == np.float64
    assert convolve_images(np.ones((4, 4), bool), np.ones((3, 3)))[1, 1] == pytest.approx(9)


def test_nan_spreads_over_the_kernel_only():
    data = np.ones((20, 20))
    data[5, 5] = np.nan
    result = convolve_images(data, np.ones((3, 3)))
    # the peer makes the whole image NaN
    assert_array_equal(np.argwhere(np.isnan(result)), [[y, x] for y in (4, 5, 6) for x in (4, 5, 6)])
    assert_allclose(result[10, 10], 9)


def test_kinds_of_kernels(point):
    # oracle: peer 2.1
    assert_allclose(point.convolve(np.ones((3, 3))).data[9:12, 9:12], 1, atol=1e-6)
    assert point.convolve(np.ones((41, 41))).data.shape == (20, 20)
    assert_allclose(point.convolve(Gaussian2DKernel(1)).data.sum(), 1, rtol=1e-4)
    kernel = WcsNDMap(WcsGeom.create(npix=5, binsz=1, axes=[ENERGY]))
    kernel.data[0], kernel.data[1] = 1 / 25, 2 / 25
    spread = point.convolve(kernel)
    assert spread.geom.axes.names == ["energy"]
    assert_allclose(spread.data.sum(axis=(1, 2)), [1, 2], rtol=1e-5)
    cube = WcsNDMap(point.geom.to_cube([ENERGY]))
    cube.data[:, 10, 10] = 1
    assert_allclose(cube.convolve(kernel).data.sum(axis=(1, 2)), [1, 2], rtol=1e-5)
    assert_allclose(cube.convolve(np.ones((2, 3, 3))).data.sum(), 18, rtol=1e-5)
    assert_allclose(cube.convolve(np.ones((3, 3))).data.sum(), 18, rtol=1e-5)

    class PSFKernel:
        psf_kernel_map = kernel

    assert_allclose(cube.convolve(PSFKernel()).data, cube.convolve(kernel).data)
    assert cube.unit == cube.convolve(kernel).unit


def test_full_mode_keeps_the_place(point):
    full = point.convolve(np.ones((3, 5)), mode="full")
    assert full.data.shape == (22, 24)
    assert full.geom.center_skydir.separation(point.geom.center_skydir) < 1e-9 * u.deg
    assert_allclose(
        full.cutout(point.geom.center_skydir, 20).data, point.convolve(np.ones((3, 5))).data, atol=1e-6
    )


def test_convolution_refuses(point):
    with pytest.raises(GeometryError, match="PSFKernel"):
        point.convolve(np.ones((2, 3, 3)))
    with pytest.raises(UnknownNameError, match="valid"):
        point.convolve(np.ones((3, 3)), mode="valid")
    with pytest.raises(UnknownNameError, match="direct"):
        point.convolve(np.ones((3, 3)), method="slow")
    cube = WcsNDMap(point.geom.to_cube([ENERGY]))
    with pytest.raises(AxisMismatchError, match="one image"):
        cube.convolve(np.ones((3, 3, 3)))


# ------------------------------------------------------------------ smoothing


# oracle: peer 2.1, smooth(width, kernel) of a point: sum, maximum, pixels above 1e-9
@pytest.mark.parametrize(
    ("kernel", "width", "maximum", "pixels"),
    [
        ("gauss", 0.5, 0.6186935068229404, 25),
        ("gauss", 1, 0.15915589174187972, 81),
        ("gauss", 3, 0.01768488749356488, 400),
        ("disk", 0.5, 1, 1),
        ("disk", 1, 0.2, 5),
        ("disk", 2, 1 / 13, 13),
        ("disk", 3, 1 / 29, 29),
        ("box", 1, 1, 1),
        ("box", 2, 0.25, 4),
        ("box", 2.6, 0.25, 4),
        ("box", 3, 1 / 9, 9),
    ],
)
def test_smooth(point, kernel, width, maximum, pixels):
    smooth = point.smooth(width * u.deg, kernel)
    assert smooth.data.dtype == np.float64
    assert_allclose(smooth.data.sum(), 1)
    assert_allclose(smooth.data.max(), maximum)
    assert np.count_nonzero(smooth.data > 1e-9) == pixels
    assert_array_equal(point.smooth(width, kernel).data, point.smooth(f"{60 * width} arcmin", kernel).data)


def test_smooth_options(point):
    # oracle: peer 2.1
    assert_allclose(point.smooth(2 * u.deg, truncate=1).data.max(), 0.06319146241026467)
    cube = WcsNDMap(point.geom.to_cube([ENERGY]))
    cube.data[0, 10, 10] = 1
    for kernel in ("gauss", "disk", "box"):
        smooth = cube.smooth("2 deg", kernel)
        assert smooth.data[1].max() == 0
        assert_allclose(smooth.data[0], point.smooth("2 deg", kernel).data)
    with pytest.raises(GeometryError, match="'gauss'"):
        point.smooth(1, "star")


def test_smooth_uses_the_mean_pixel_size():
    m = WcsNDMap(WcsGeom.create(npix=20, binsz=(0.5, 1.5)))
    m.data[10, 10] = 1
    other = WcsNDMap(WcsGeom.create(npix=20, binsz=1), data=m.data)
    assert_allclose(m.smooth(2).data, other.smooth(2).data)


def test_resample_with_smoothing():
    m = WcsNDMap(WcsGeom.create(npix=20, binsz=0.5))
    m.data[9:11, 9:11] = 1
    coarse = m.resample(WcsGeom.create(npix=10, binsz=1), smooth=True)
    assert_allclose(coarse.data.sum(), 4)


@pytest.mark.parametrize("sigma", [0.3, 3.9, 4, 7.3, 30])
@pytest.mark.parametrize("shape", [(50, 70), (33, 5), (1, 64)])
def test_gaussians_are_those_of_scipy(sigma, shape):
    # wide ones take another way
    images = np.random.default_rng(0).normal(size=(3, *shape))
    axis = MapAxis.from_bounds(0, 1, nbin=3, name="x")
    m = Map.from_geom(WcsGeom.create(npix=shape[::-1], binsz=1, axes=[axis]), data=images)
    found = m.smooth(sigma).data
    for image, expected in zip(found, images, strict=True):
        assert_allclose(image, ndimage.gaussian_filter(expected, sigma), rtol=0, atol=1e-14)


@pytest.mark.parametrize("kernel", ["gauss", "disk", "box"])
def test_missing_values_spread_as_far_as_the_kernel(kernel):
    m = Map.from_geom(WcsGeom.create(npix=101, binsz=1), data=np.ones((101, 101)))
    m.data[50, 50] = np.nan
    missing = np.isnan(m.smooth(5, kernel=kernel).data)
    assert missing[50, 50]
    assert not missing[:29].any()
    assert not missing[:, 72:].any()


@pytest.mark.parametrize("mode", ["reflect", "constant", "nearest", "mirror", "wrap"])
@pytest.mark.parametrize("radius", [0.5, 1, 5, 12.3])
def test_disks_are_those_of_scipy(mode, radius):
    image = np.random.default_rng(0).normal(size=(40, 30))
    n = int(radius)
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    disk = (x * x + y * y <= radius**2).astype(float)
    m = Map.from_geom(WcsGeom.create(npix=(30, 40), binsz=1), data=image)
    found = m.smooth(radius, kernel="disk", mode=mode, cval=0.3).data
    assert_allclose(found, ndimage.convolve(image, disk / disk.sum(), mode=mode, cval=0.3), atol=1e-14)
