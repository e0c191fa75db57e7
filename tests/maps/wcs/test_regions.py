"""WCS maps seen through regions."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal
from regions import CirclePixelRegion, CircleSkyRegion, PixCoord, PointSkyRegion, RectangleSkyRegion

from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom, WcsNDMap

CRAB = SkyCoord(83.63, 22.01, unit="deg")
CIRCLE = CircleSkyRegion(CRAB, 1.2 * u.deg)
FAR = CircleSkyRegion(SkyCoord(100, 0, unit="deg"), 1.2 * u.deg)
ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)


@pytest.fixture
def cube():
    geom = WcsGeom.create(skydir=CRAB, npix=(6, 4), binsz=1, axes=[ENERGY])
    return WcsNDMap(geom, np.arange(48.0).reshape(geom.data_shape), unit="s", meta={"a": 1})


def values(region_map):
    return region_map.data[:, 0, 0]


def test_to_region_nd_map(cube):
    # oracle: peer 2.1
    reduced = cube.to_region_nd_map(CIRCLE)
    assert_array_equal(values(reduced), [46, 142])
    assert reduced.unit == "s"
    assert reduced.geom.region == CIRCLE
    assert reduced.geom.axes == cube.geom.axes
    assert_array_equal(values(cube.to_region_nd_map(CIRCLE, func=np.nanmean)), [11.5, 35.5])
    assert_array_equal(values(cube.to_region_nd_map()), [276, 852])
    assert_array_equal(values(cube.get_spectrum(CIRCLE)), [46, 142])
    assert_array_equal(values(cube.to_region_nd_map([CIRCLE, FAR])), [46, 142])
    assert_array_equal(values(cube.to_region_nd_map("icrs;circle(83.63, 22.01, 1.2)")), [46, 142])


def test_to_region_nd_map_of_a_point(cube):
    # the middle of the image is a corner of four pixels, of which the upper right one has it
    assert_array_equal(values(cube.to_region_nd_map(PointSkyRegion(CRAB))), [15, 39])
    # the mean of the four pixels around; the peer takes the nearest whatever the method
    assert_allclose(values(cube.to_region_nd_map(CRAB, method="linear")), [11.5, 35.5])
    outside = cube.to_region_nd_map(SkyCoord(90, 22, unit="deg"))
    assert_array_equal(values(outside), [12, 36])


def test_to_region_nd_map_with_weights(cube):
    weights = cube.copy(data=np.full(cube.data.shape, 0.5), unit="")
    # oracle: peer 2.1
    assert_array_equal(values(cube.to_region_nd_map(CIRCLE, weights=weights)), [23, 71])
    image = weights.sum_over_axes(keepdims=False)
    assert_array_equal(values(cube.to_region_nd_map(CIRCLE, weights=image)), [46, 142])
    assert_array_equal(values(cube.to_region_nd_map(weights=image)), [276, 852])
    assert_array_equal(values(cube.to_region_nd_map(CRAB, weights=weights)), [7.5, 19.5])


def test_to_region_nd_map_leaves_out_nan(cube):
    cube.data[0, 1, 2] = np.nan
    assert_array_equal(values(cube.to_region_nd_map(CIRCLE)), [38, 142])


def test_no_pixel_inside(cube):
    with pytest.raises(GeometryError, match="centre of a pixel"):
        cube.to_region_nd_map(FAR)


def test_cutout_and_mask(cube):
    part, mask = cube.cutout_and_mask_region(CIRCLE)
    assert_array_equal(part.data[0], [[8, 9], [14, 15]])
    assert_array_equal(mask.data, np.ones((2, 2)))
    assert mask.geom == part.geom.to_image()
    assert part.geom.is_aligned(cube.geom)
    assert_array_equal(cube.get_by_coord(part.geom.get_coord()), part.data)
    turned = RectangleSkyRegion(CRAB, 3 * u.deg, 1 * u.deg, 45 * u.deg)
    part, mask = cube.cutout_and_mask_region(turned)
    assert not mask.data.all()
    assert_allclose(part.data[0][mask.data].sum(), cube.to_region_nd_map(turned).data[0, 0, 0])
    whole, mask = cube.cutout_and_mask_region()
    assert mask.data.all()
    whole.data[:] = 0
    assert cube.data.max() == 47


def test_histogram(cube):
    histogram = cube.to_region_nd_map_histogram(CIRCLE, nbin=4)
    # oracle: peer 2.1
    assert histogram.geom.axes.names == ["bins", "energy"]
    assert_array_equal(histogram.data[..., 0, 0], [[0, 0, 4, 0], [0, 0, 0, 4]])
    assert_allclose(histogram.geom.axes["bins"].edges.to_value("s")[[0, -1]], [-39, 39])
    density = cube.to_region_nd_map_histogram(nbin=4, density=True)
    assert_allclose(density.data[..., 0, 0], [[0, 0, 0.04255319, 0], [0, 0, 0, 0.04255319]], rtol=1e-6)
    assert density.unit == "s-1"
    axis = MapAxis.from_edges([0, 10, 50], unit="s", name="b")
    assert_array_equal(cube.to_region_nd_map_histogram(bins_axis=axis).data[..., 0, 0], [[10, 14], [0, 24]])
    minutes = MapAxis.from_edges([0, 10 / 60, 50 / 60], unit="min", name="b")
    assert_array_equal(
        cube.to_region_nd_map_histogram(bins_axis=minutes).data[..., 0, 0], [[10, 14], [0, 24]]
    )


def test_histogram_leaves_out_nan(cube):
    """NaN in the map (significance outside a mask) makes the peer fail."""
    cube.data[:, 0] = np.nan
    assert cube.to_region_nd_map_histogram(nbin=10).data.sum() == 36


def test_mask_contains_region(cube):
    mask = WcsNDMap(cube.geom.to_image(), np.ones((4, 6), dtype=bool))
    # oracle: peer 2.1
    assert mask.mask_contains_region(CIRCLE)
    assert mask.mask_contains_region(PointSkyRegion(CRAB))
    assert not mask.mask_contains_region(FAR)
    assert mask.mask_contains_region(CirclePixelRegion(PixCoord(2, 2), 1))
    mask.data[1, 2] = False
    assert mask.mask_contains_region(CIRCLE)
    mask.data[:] = False
    assert mask.mask_contains_region(CIRCLE) is False
    with pytest.raises(GeometryError, match="image"):
        (cube > 3 * u.s).mask_contains_region(CIRCLE)
    with pytest.raises(GeometryError, match="bool"):
        cube.mask_contains_region(CIRCLE)
