"""Masks of images: regions, weights, border, structures."""

import time

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from regions import (
    CircleAnnulusSkyRegion,
    CirclePixelRegion,
    CircleSkyRegion,
    EllipseSkyRegion,
    LineSkyRegion,
    PixCoord,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)

from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom
from geminga.sky.regions import SphericalCircleSkyRegion, region_to_pixel

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)


def sky(lon, lat, frame="icrs"):
    return SkyCoord(lon, lat, unit="deg", frame=frame)


def slow_mask(geom, regions):
    """Slow twin: look at every pixel for every region."""
    positions = geom.to_image().get_coord().skycoord
    y, x = np.indices(geom.data_shape[-2:])
    mask = np.zeros(geom.data_shape[-2:], dtype=bool)
    for region in regions:
        if isinstance(region, CircleSkyRegion):
            mask |= positions.separation(region.center) < region.radius
        elif isinstance(region, CircleAnnulusSkyRegion):
            separation = positions.separation(region.center)
            mask |= (separation < region.outer_radius) & (separation > region.inner_radius)
        else:
            mask |= region_to_pixel(region, geom.wcs).contains(PixCoord(x, y))
    return mask


REGIONS = [
    CircleSkyRegion(sky(10, 40), 1.3 * u.deg),
    CircleSkyRegion(sky(120, -20, "galactic"), 3.1 * u.deg),
    SphericalCircleSkyRegion(sky(12, 43), 0.7 * u.deg),
    CircleAnnulusSkyRegion(sky(8, 39), 0.9 * u.deg, 2.2 * u.deg),
    EllipseSkyRegion(sky(11, 41), 3 * u.deg, 1 * u.deg, 30 * u.deg),
    RectangleSkyRegion(sky(119, -21, "galactic"), 3 * u.deg, 1 * u.deg, 70 * u.deg),
    PolygonSkyRegion(sky([8, 10, 12, 9], [37, 36, 39, 40])),
]


@pytest.mark.parametrize("proj", ["CAR", "TAN", "AIT", "SFL"])
@pytest.mark.parametrize("region", REGIONS, ids=lambda r: type(r).__name__)
def test_region_mask_agrees_with_the_slow_twin(region, proj):
    geom = WcsGeom.create(skydir=(10, 40), width=(9, 7), binsz=0.11, proj=proj, axes=[ENERGY])
    mask = geom.region_mask([region])
    expected = slow_mask(geom, [region])
    assert mask.data.shape == geom.data_shape
    assert mask.data.dtype == bool
    assert expected.any()
    assert_array_equal(mask.data[0], expected)
    assert_array_equal(mask.data[1], expected)
    assert_array_equal(geom.region_mask([region], inside=False).data, ~mask.data)
    mask.data[0, 0, 0] = True  # of its own


@settings(max_examples=25, deadline=None)
@example(lon=163.0, lat=0.0, radius=66.0, proj="ZEA")
@given(
    lon=st.floats(0, 360),
    lat=st.floats(-90, 90),
    radius=st.floats(1, 80),
    proj=st.sampled_from(["CAR", "AIT", "TAN", "MER", "ZEA"]),
)
def test_circles_all_over_the_sky(lon, lat, radius, proj):
    """Poles, seams and circles larger than the map: the bounding box must never cut."""
    geom = WcsGeom.create(npix=(36, 18), binsz=10, proj=proj, skydir=(30, 0))
    region = CircleSkyRegion(sky(lon, lat), radius * u.deg)
    assert_array_equal(geom.region_mask([region]).data, slow_mask(geom, [region]))


def test_circles_are_round_on_the_sky_far_from_the_reference():
    """In pixels of a plate carree at 60 deg, regions.to_pixel draws a circle of half the area."""
    geom = WcsGeom.create(npix=(360, 180), binsz=1)
    mask = geom.region_mask([CircleSkyRegion(sky(0, 60), 10 * u.deg)])
    area = geom.solid_angle()[mask.data].sum().value
    # analytic: area of a spherical cap
    assert_allclose(area, 2 * np.pi * (1 - np.cos(np.radians(10))), rtol=0.02)


def test_shapes_across_the_seam():
    geom = WcsGeom.create(npix=(72, 36), binsz=5)
    mask = geom.region_mask([RectangleSkyRegion(sky(180, 0), 40 * u.deg, 20 * u.deg)]).data
    assert mask[:, :4].sum() == mask[:, -4:].sum() == 16
    assert mask.sum() == 32


def test_many_regions_together():
    geom = WcsGeom.create(skydir=(10, 40), width=(9, 7), binsz=0.11, axes=[ENERGY])
    union = REGIONS[0] | REGIONS[1] | REGIONS[4]
    expected = slow_mask(geom, REGIONS)
    assert_array_equal(geom.region_mask(REGIONS).data[0], expected)
    assert_array_equal(geom.region_mask(union).data[0], slow_mask(geom, [REGIONS[0], REGIONS[1], REGIONS[4]]))
    both = REGIONS[0] & REGIONS[4]
    assert_array_equal(
        geom.region_mask(both).data[0], slow_mask(geom, [REGIONS[0]]) & slow_mask(geom, [REGIONS[4]])
    )


def test_region_mask_of_text_points_lines_pixels_nothing():
    geom = WcsGeom.create(npix=11, binsz=0.1)
    assert geom.region_mask("icrs;circle(0, 0, 0.25)").data.sum() == 21
    assert geom.region_mask(["icrs;circle(0, 0, 0.25)", PointSkyRegion(sky(0.5, 0.5))]).data.sum() == 22
    assert not geom.region_mask([]).data.any()
    assert not geom.region_mask(LineSkyRegion(sky(0, 0), sky(1, 1))).data.any()
    assert geom.region_mask(CirclePixelRegion(PixCoord(5, 5), 2.5)).data.sum() == 21
    assert not geom.region_mask(PointSkyRegion(sky(50, 0))).data.any()
    point = geom.region_mask(PointSkyRegion(sky(0.2, -0.1))).data
    assert_array_equal(np.argwhere(point), [[4, 3]])


def test_a_point_is_in_one_pixel():
    """Also when it lies where four meet (the peer takes all four)."""
    geom = WcsGeom.create(npix=10, binsz=0.5, skydir=(83.63, 60))
    assert geom.region_mask([PointSkyRegion(sky(83.63, 60))]).data.sum() == 1


def test_regions_off_the_projection():
    geom = WcsGeom.create(npix=11, binsz=0.1, proj="TAN")
    far = [CircleSkyRegion(sky(180, 0), 1 * u.deg), RectangleSkyRegion(sky(180, 0), 1 * u.deg, 1 * u.deg)]
    assert not geom.region_mask(far).data.any()
    assert geom.region_mask([*far, CircleSkyRegion(sky(0, 0), 100 * u.deg)]).data.all()


def test_region_mask_is_fast():
    """A thousand regions on a quarter of a million pixels: no full frame for each."""
    generator = np.random.default_rng(0)
    lon, lat = generator.uniform(-5, 5, 1000), generator.uniform(-5, 5, 1000)
    geom = WcsGeom.create(npix=500, binsz=0.02, frame="galactic")
    regions = [CircleSkyRegion(center, 0.1 * u.deg) for center in sky(lon, lat, "galactic")]
    start = time.perf_counter()
    mask = geom.region_mask(regions)
    # a third of a second on a slow machine; full frames take 10 s
    assert time.perf_counter() - start < 4
    coords = geom.get_coord()
    x, y = (np.radians(c.value[::20, ::20]) for c in (coords.lon, coords.lat))
    a, b = (np.radians(c)[:, np.newaxis, np.newaxis] for c in (lon, lat))
    cosine = np.sin(y) * np.sin(b) + np.cos(y) * np.cos(b) * np.cos(x - a)
    assert_array_equal(mask.data[::20, ::20], (cosine > np.cos(np.radians(0.1))).any(axis=0))


def test_region_mask_of_an_irregular_geometry():
    geom = WcsGeom.create(npix=([10, 20], [10, 20]), binsz=([2.0, 1.0], [2.0, 1.0]), axes=[ENERGY])
    mask = geom.region_mask("icrs;circle(0, 0, 4.2)")
    assert mask.data[0].sum() == 12
    assert mask.data[1].sum() == 52
    assert not mask.data[0, 10:].any()


# ------------------------------------------------------------------ weights


def test_region_weights():
    geom = WcsGeom.create(skydir=(83.63, 60), width=10, binsz=0.5, axes=[ENERGY])
    weights = geom.region_weights([CircleSkyRegion(sky(83.63, 60), 2 * u.deg)])
    assert weights.data.shape == geom.data_shape
    # oracle: peer 2.1, region_weights(...).data.sum() of an image
    assert_allclose(weights.data[0].sum(), 50.24, atol=0.02)
    assert weights.data.max() == 1
    assert weights.data.min() == 0


@pytest.mark.parametrize("factor", [1, 3, 10])
def test_region_weights_are_the_mean_of_a_finer_mask(factor):
    geom = WcsGeom.create(skydir=(10, 40), width=(9, 7), binsz=0.3)
    fine = geom.upsample(factor).region_mask(REGIONS).data
    expected = fine.reshape(geom.data_shape[0], factor, geom.data_shape[1], factor).mean(axis=(1, 3))
    weights = geom.region_weights(REGIONS, oversampling_factor=factor).data
    # a sub-pixel that lies on the rim may fall to either side
    assert_allclose(weights, expected, atol=2 / factor**2 if factor > 1 else 0)
    assert np.count_nonzero(weights != expected) <= 2


def test_region_weights_of_a_small_region_and_a_point():
    geom = WcsGeom.create(npix=11, binsz=1)
    weights = geom.region_weights(CircleSkyRegion(sky(0, 0), 0.3 * u.deg))
    assert_allclose(weights.data.sum(), np.pi * 0.09, rtol=0.15)
    assert np.count_nonzero(weights.data) == 1
    assert_allclose(geom.region_weights(PointSkyRegion(sky(0.01, 0.01))).data.sum(), 0.01)
    assert geom.region_weights([]).data.sum() == 0
    with pytest.raises(GeometryError, match="oversampling"):
        geom.region_weights([], oversampling_factor=0)


# ------------------------------------------------------------------ border and structures


# oracle: peer 2.1, pixels lost on each side by boundary_mask(width) with pixels of 1 deg
@pytest.mark.parametrize(
    ("width", "lost"), [(0.6, 1), (1, 1), (1.4, 1), (1.5, 1), (1.6, 2), (2, 2), (2.5, 2)]
)
def test_boundary_mask(width, lost):
    geom = WcsGeom.create(npix=20, binsz=1, axes=[ENERGY])
    expected = np.zeros((20, 20), dtype=bool)
    expected[lost:-lost, lost:-lost] = True
    assert_array_equal(geom.boundary_mask(width * u.deg).data[1], expected)
    assert_array_equal(geom.boundary_mask(f"{width} deg").data[1], expected)


def test_boundary_mask_per_direction():
    mask = WcsGeom.create(npix=20, binsz=1).boundary_mask((1, 3) * u.deg)
    # 1 deg in longitude, 3 in latitude (the peer takes them the other way round)
    assert mask.data.any(axis=0).sum() == 18
    assert mask.data.any(axis=1).sum() == 14
    assert WcsGeom.create(npix=20, binsz=1).boundary_mask(0.1).data.all()
    assert not WcsGeom.create(npix=20, binsz=1).boundary_mask(20).data.any()


# oracle: peer 2.1, binary_structure(width) with pixels of 1 deg: shape of the disk, of the box
@pytest.mark.parametrize(
    ("width", "disk", "box"), [(0.1, 3, 1), (1, 3, 1), (1.2, 7, 3), (3, 7, 3), (3.5, 11, 5)]
)
def test_binary_structure(width, disk, box):
    geom = WcsGeom.create(npix=20, binsz=1, axes=[ENERGY])
    structure = geom.binary_structure(width * u.deg)
    assert structure.shape == (1, disk, disk)
    y, x = np.indices((disk, disk)) - disk // 2
    assert_array_equal(structure[0], np.hypot(x, y) <= disk // 2)
    assert geom.binary_structure(f"{width} deg", kernel="box").shape == (1, box, box)
    with pytest.raises(GeometryError, match="'disk' or 'box'"):
        geom.binary_structure(1, kernel="star")


def test_binary_structure_is_round_on_the_sky():
    structure = WcsGeom.create(npix=20, binsz=(0.5, 1)).binary_structure(3)
    assert structure.shape == (7, 15)
    assert structure[3].all()
    assert structure[:, 7].all()
    assert not structure[0, 0]
