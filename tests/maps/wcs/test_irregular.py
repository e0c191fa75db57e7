"""Maps whose images have different pixels: everything is done in the pixels of each image."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import GeometryError, UnknownNameError
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.maps.wcs.irregular import images_of

CRAB = SkyCoord(83.63, 22.01, unit="deg")
ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
SIZES = [(20, 0.1), (14, 0.15), (10, 0.2)]
CIRCLE = "icrs;circle(83.63, 22.01, 0.6)"


@pytest.fixture
def irregular():
    npix, binsz = np.transpose(SIZES)
    geom = WcsGeom.create(npix=(npix, npix), binsz=(binsz, binsz), skydir=CRAB, axes=[ENERGY], proj="TAN")
    m = Map.from_geom(geom, dtype=float, unit="s")
    for k, image in enumerate(twins()):
        m.data[k, : SIZES[k][0], : SIZES[k][0]] = image.data
    return m


def twins():
    """The images as maps of their own."""
    random = np.random.default_rng(0)
    for npix, binsz in SIZES:
        geom = WcsGeom.create(npix=npix, binsz=binsz, skydir=CRAB, proj="TAN")
        yield Map.from_geom(geom, data=random.uniform(1, 2, geom.data_shape), unit="s")


def assert_same(m, images):
    images = list(images)
    assert not m.geom.is_regular
    for (place, own), image in zip(images_of(m), images, strict=True):
        assert own.geom == image.geom, place
        assert_allclose(own.data, image.data, rtol=1e-12)
    sizes = [image.data.size for image in images]
    # nothing lies beyond the pixels of an image
    assert np.count_nonzero(m.data) <= sum(sizes)


def test_slices_have_their_own_pixels(irregular):
    for k, image in enumerate(twins()):
        for own in (irregular.slice_by_idx({"energy": k}), irregular.get_image_by_idx((k,))):
            assert own.geom == image.geom
            assert_array_equal(own.data, image.data)
    assert [image.data.shape for image in irregular.iter_by_image()] == [(n, n) for n, _ in SIZES]
    assert irregular.slice_by_idx({"energy": slice(1, 3)}).data.shape == (2, 14, 14)


@pytest.mark.parametrize("options", [{}, {"odd_npix": True}, {"mode": "partial"}])
def test_cutout(irregular, options):
    position = SkyCoord(83.9, 22.3, unit="deg")
    part = irregular.cutout(position, "1.1 deg", **options)
    assert_same(part, [image.cutout(position, "1.1 deg", **options) for image in twins()])
    assert part.geom == irregular.geom.cutout(position, "1.1 deg", **options)
    assert part.unit == "s"
    with pytest.raises(GeometryError, match="overlap"):
        irregular.cutout(SkyCoord(90, 0, unit="deg"), "1 deg")


def test_convolve(irregular):
    kernels = np.random.default_rng(1).uniform(size=(3, 5, 3))
    found = irregular.convolve(kernels)
    assert_same(found, [image.convolve(kernel) for image, kernel in zip(twins(), kernels, strict=True)])
    assert_same(irregular.convolve(kernels[0]), [image.convolve(kernels[0]) for image in twins()])
    full = irregular.convolve(kernels, mode="full")
    assert_allclose(full.data.sum(axis=(1, 2)), irregular.data.sum(axis=(1, 2)) * kernels.sum(axis=(1, 2)))
    kernel_map = Map.create(npix=3, binsz=0.1, skydir=CRAB)
    with pytest.raises(GeometryError, match="one by one"):
        irregular.convolve(kernel_map)


@pytest.mark.parametrize("kernel", ["gauss", "disk", "box"])
def test_smooth(irregular, kernel):
    found = irregular.smooth("0.3 deg", kernel=kernel)
    assert_same(found, [image.smooth("0.3 deg", kernel=kernel) for image in twins()])


def test_masks(irregular):
    mask = irregular > 1.05 * u.s
    found = mask.binary_erode("0.2 deg")
    assert_same(found, [(image > 1.05 * u.s).binary_erode("0.2 deg") for image in twins()])
    border = irregular.geom.boundary_mask("0.3 deg")
    assert_same(border, [image.geom.boundary_mask("0.3 deg") for image in twins()])


def test_interpolation_on_the_sky_then_along_the_axis(irregular):
    random = np.random.default_rng(2)
    lon, lat = 83.63 + random.uniform(-0.8, 0.8, 50), 22.01 + random.uniform(-0.8, 0.8, 50)
    energy = 10 ** random.uniform(-0.1, 1.1, 50)
    images = np.array([image.interp_by_coord((lon, lat)) for image in twins()])
    place = np.log10(energy) * 3 - 0.5
    lower = np.clip(np.floor(place).astype(int), 0, 1)
    points = np.arange(50)
    expected = images[lower, points] * (1 - place + lower) + images[lower + 1, points] * (place - lower)
    coords = (lon * u.deg, lat * u.deg, energy * u.TeV)
    assert_allclose(irregular.interp_by_coord(coords), expected)
    outside = irregular.interp_by_coord((np.array([83.6, 88]), 22.0, 2 * u.TeV), fill_value=-5)
    assert outside[1] == -5 != outside[0]
    nearest = irregular.interp_by_coord(coords, method="nearest", fill_value=np.nan)
    assert_array_equal(nearest, irregular.get_by_coord(coords))
    with pytest.raises(UnknownNameError, match="nearest"):
        irregular.interp_by_coord(coords, method="cubic")


def test_reductions_over_regions(irregular):
    found = irregular.to_region_nd_map(CIRCLE)
    assert_allclose(found.data.ravel(), [image.to_region_nd_map(CIRCLE).data.item() for image in twins()])
    assert found.geom.axes == irregular.geom.axes
    assert found.unit == "s"
    half = irregular.to_region_nd_map(CIRCLE, weights=irregular.copy(data=np.full(irregular.data.shape, 0.5)))
    assert_allclose(half.data, found.data / 2)
    whole = irregular.to_region_nd_map(func=np.nanmax)
    assert_allclose(whole.data.ravel(), [image.data.max() for image in twins()])


def test_to_a_regular_geometry(irregular):
    target = WcsGeom.create(npix=12, binsz=0.1, skydir=CRAB, proj="TAN", axes=[ENERGY])
    found = irregular.interp_to_geom(target)
    for k, image in enumerate(twins()):
        assert_allclose(found.data[k], image.interp_to_geom(target.to_image()).data)
    counts = irregular.reproject_to_geom(target.to_image(), preserve_counts=True)
    for k, image in enumerate(twins()):
        expected = image.reproject_to_geom(target.to_image(), preserve_counts=True)
        assert_allclose(counts.data[k], expected.data)


def test_sums_over_images_with_different_pixels_are_refused(irregular):
    with pytest.raises(GeometryError, match="interpolate to a regular geometry"):
        irregular.sum_over_axes()


def test_round_trip(irregular, tmp_path):
    irregular.write(tmp_path / "m.fits")
    again = Map.read(tmp_path / "m.fits")
    assert again.geom == irregular.geom
    assert_same(again, twins())
