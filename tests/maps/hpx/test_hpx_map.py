"""HEALPix maps: values, arithmetic, other pixels, regions, samples."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal
from regions import CircleSkyRegion, PointSkyRegion

from geminga.errors import DataError, GeometryError
from geminga.maps import HpxGeom, HpxNDMap, Map, MapAxis, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
CENTER = SkyCoord(0, 5, unit="deg", frame="galactic")


@pytest.fixture
def disk():
    m = HpxNDMap.create(nside=32, frame="galactic", skydir=CENTER, width=20, axes=[ENERGY], unit="s")
    m.data[:] = np.arange(m.data.size).reshape(m.data.shape)
    return m


@pytest.fixture
def full():
    m = HpxNDMap.create(nside=16, frame="galactic", axes=[ENERGY])
    m.data[:] = 1 + np.arange(m.data.size).reshape(m.data.shape) % 7
    return m


def test_create():
    m = Map.create(map_type="hpx", nside=4, axes=[ENERGY], unit="s", dtype=bool)
    assert isinstance(m, HpxNDMap)
    assert m.data.shape == (3, 192)
    assert m.is_mask
    assert isinstance(Map.from_geom(HpxGeom(2)), HpxNDMap)
    with pytest.raises(GeometryError, match="memory"):
        HpxNDMap.create(nside=2**18, axes=[ENERGY])


def test_access(disk):
    coords = {"lon": [0, 100, 9.9] * u.deg, "lat": [5, -30, 5] * u.deg, "energy": [2, 3, 9] * u.TeV}
    # oracle: peer 2.1, get_by_coord
    assert_array_equal(disk.get_by_coord(coords), [52, np.nan, 205])
    disk.set_by_coord(coords, [1, 2, 3])
    assert_array_equal(disk.get_by_coord(coords), [1, np.nan, 3])
    disk.fill_by_coord(coords, weights=[1, 1, 1] * u.min)
    assert_array_equal(disk.get_by_coord(coords), [61, np.nan, 63])
    pixel = disk.geom.coord_to_idx(coords)
    disk.fill_by_idx((np.repeat(pixel[0][:1], 3), np.zeros(3, int)))
    assert disk.get_by_idx((pixel[0][:1], 0)) == [64]
    assert np.isnan(disk.get_by_idx((np.array([0]), 0))).all()


def test_fill_equals_histogram_of_pixels():
    rng = np.random.default_rng(0)
    lon, lat = rng.uniform(0, 360, 2000), np.degrees(np.arcsin(rng.uniform(-1, 1, 2000)))
    m = HpxNDMap.create(nside=[2, 4, 8], axes=[ENERGY])
    energy = rng.choice(ENERGY.center.value, 2000) * u.TeV
    m.fill_by_coord((lon, lat, energy))
    for k, nside in enumerate((2, 4, 8)):
        chosen = ENERGY.coord_to_idx(energy) == k
        pixels = HpxGeom(nside).coord_to_idx((lon[chosen], lat[chosen]))[0]
        assert_array_equal(m.data[k], np.bincount(pixels, minlength=768))


def test_interpolation_of_a_linear_function():
    m = HpxNDMap.create(nside=64, axes=[ENERGY], dtype="float64")
    coords = m.geom.get_coord()
    m.data = np.sin(np.radians(coords["lat"].value)) * np.log(coords["energy"].value)
    lon, lat, energy = np.array([10.0, 200, 330]), np.array([5.0, -40, 80]), np.array([2.0, 3, 8])
    expected = np.sin(np.radians(lat)) * np.log(energy)
    assert_allclose(m.interp_by_coord((lon, lat, energy * u.TeV)), expected, atol=3e-3)
    # a bin of one map, and all of an irregular one, give the same
    same = HpxNDMap(HpxGeom(64, region=np.arange(12 * 64**2), axes=[ENERGY]), data=m.data)
    assert_allclose(
        same.interp_by_coord((lon, lat, energy * u.TeV)), m.interp_by_coord((lon, lat, energy * u.TeV))
    )


def test_interpolation_with_other_nside():
    m = HpxNDMap(HpxGeom([2, 4, 8], axes=[ENERGY]), dtype="float64")
    m.data[0], m.data[1], m.data[2] = 1, 2, 3
    edges = ENERGY.center
    values = m.interp_by_coord((np.full(3, 10.0), np.full(3, 20.0), edges))
    assert_allclose(values, [1, 2, 3])
    assert_allclose(m.interp_by_coord(([10.0], [20.0], np.sqrt(edges[:1] * edges[1:2]))), [1.5])


def test_interpolation_outside(disk):
    coords = {"lon": [0.0, 100] * u.deg, "lat": [5.0, -30] * u.deg, "energy": ENERGY.center[:2]}
    # oracle: peer 2.1, to_region_nd_map(PointSkyRegion, method="linear") at a bin centre
    assert_allclose(disk.interp_by_coord(coords), [48.32499216, 0])
    assert_allclose(disk.interp_by_coord(coords, fill_value=-1), [48.32499216, -1])
    assert_allclose(disk.interp_by_coord(coords, method="nearest"), [52, 0])
    assert disk.interp_by_pix((disk.geom.ipix[0][0][:1], [0.5])).tolist() == [46.0]


def test_arithmetic_and_reduction(disk):
    assert (disk + disk).data.sum() == 2 * disk.data.sum()
    assert (disk > 3 * u.s).is_mask
    assert disk.sum_over_axes(keepdims=False).data.shape == (92,)
    assert disk.sum_over_axes().geom.axes["energy"].nbin == 1
    assert disk.cumsum("energy").data.shape == (4, 92)
    assert disk.slice_by_idx({"energy": 1}).data.tolist() == disk.data[1].tolist()
    assert disk.pad(1, axis_name="energy", mode="edge").data.shape == (5, 92)


# oracle: peer 2.1, the same calls
def test_other_resolutions(full, disk):
    coarse = full.downsample(2)
    assert coarse.data.sum() == full.data.sum() == 36858
    assert_array_equal(coarse.data[0, :5], [10, 19, 14, 16, 18])
    assert full.downsample(2, preserve_counts=False).data.sum() == 9214.5
    assert full.upsample(2).data.sum() == 36858
    assert full.upsample(2, preserve_counts=False).data.sum() == 147432
    assert disk.upsample(2).data.shape == (3, 368)
    assert disk.downsample(2).data.shape == (3, 28)
    assert disk.downsample(2).data.sum() == disk.data.sum()
    assert full.to_nside(32).downsample(2).is_allclose(full)
    assert full.downsample(3, axis_name="energy").data.shape == (1, 3072)
    assert full.upsample(2, axis_name="energy").data.sum() == pytest.approx(36858)


def test_downsample_leaves_nan_out():
    m = HpxNDMap.create(nside=2, dtype="float64")
    m.data[:] = 1
    m.data[0] = np.nan
    assert m.downsample(2).data[0] == 3
    assert m.downsample(2, preserve_counts=False).data[0] == 1
    weights = m._init_copy(data=np.arange(48) % 4 / 1.0)
    assert m.downsample(2, weights=weights).data[1] == 6
    assert HpxNDMap(m.geom, data=np.arange(48) == 5).downsample(2).data.nonzero()[0].tolist() == [1]


def test_swapped_map_has_the_same_values_on_the_sky(full, disk):
    # oracle: peer 2.1
    assert_array_equal(full.to_swapped().data[0, :8], [4, 1, 5, 2, 3, 2, 7, 6])
    assert_array_equal(disk.to_swapped().data[0, :8], [89, 91, 87, 88, 69, 83, 90, 85])
    coords = disk.geom.get_coord()
    assert_array_equal(disk.to_swapped().get_by_coord(coords), disk.data)
    multi = HpxNDMap(HpxGeom([2, 4, 8], axes=[ENERGY]))
    multi.data[...] = np.where(multi.geom.ipix[0] >= 0, multi.geom.ipix[0], 0)
    assert multi.to_swapped().to_swapped().is_allclose(multi)


def test_parts(disk):
    part = disk.cutout(CENTER, width=5 * u.deg)
    # oracle: peer 2.1
    assert_array_equal(part.data[0], [43, 46, 49, 52])
    assert disk.crop(1).data.shape == (3, 52)
    padded = disk.pad(1, mode="constant", cval=-1)
    assert padded.data.shape == (3, 140)
    assert (padded.data == -1).sum() == 3 * 48
    assert (disk.pad(1, mode="edge").data >= 0).all()


# oracle: peer 2.1, to_region_nd_map
def test_regions(disk):
    circle = CircleSkyRegion(CENTER, 3 * u.deg)
    assert_array_equal(disk.to_region_nd_map(circle).data.ravel(), [478, 1398, 2318])
    assert_allclose(disk.to_region_nd_map(circle, func=np.mean).data.ravel(), [47.8, 139.8, 231.8])
    assert_array_equal(disk.to_region_nd_map(PointSkyRegion(CENTER)).data.ravel(), [52, 144, 236])
    assert_array_equal(disk.to_region_nd_map(CENTER).data.ravel(), [52, 144, 236])
    assert_array_equal(disk.get_spectrum().data.ravel(), disk.data.sum(axis=1))
    mask = disk.geom.region_mask(circle)
    assert_array_equal(disk.to_region_nd_map(weights=mask).data.ravel(), [478, 1398, 2318])
    with pytest.raises(GeometryError, match="centre of a pixel"):
        disk.to_region_nd_map("galactic;circle(100, 0, 1)")


def test_stack(full, disk):
    total = full.copy()
    total.stack(full)
    assert total.data.sum() == 2 * full.data.sum()
    part = HpxNDMap.create(nside=16, frame="galactic", skydir=CENTER, width=20, axes=[ENERGY])
    part.data[:] = 1
    part.data[0, 0] = np.nan
    total = full.copy()
    total.stack(part)
    assert total.data.sum() - full.data.sum() == part.data.size - 1
    weights = HpxNDMap(part.geom, data=np.zeros(part.geom.data_shape))
    weights.data[1] = 2
    total = full.copy()
    total.stack(part, weights=weights)
    assert total.data.sum() - full.data.sum() == 2 * part.data.shape[1]
    part.stack(full)
    assert_array_equal(part.data[2] - 1, full.get_by_coord(part.geom.get_coord())[2])
    with pytest.raises(GeometryError, match="nside"):
        full.stack(disk)


def test_stack_with_other_pixels_in_each_bin():
    geom = HpxGeom([2, 4, 8], axes=[ENERGY])
    m, part = HpxNDMap(geom), HpxNDMap(geom.cutout(SkyCoord(0, 0, unit="deg"), "90 deg"))
    part.data[part.geom.ipix[0] >= 0] = 1
    m.stack(part)
    assert m.data.sum() == part.geom.npix.sum()
    assert_array_equal(m.data[:, 100:].sum(axis=1) >= 0, True)


def test_samples_follow_the_map():
    m = HpxNDMap.create(nside=2, axes=[ENERGY], frame="galactic")
    m.data[1, 7], m.data[2, 30] = 1, 3
    coords = m.sample_coord(4000, random_state=0)
    drawn = HpxNDMap(m.geom)
    drawn.fill_by_coord(coords)
    assert_array_equal(drawn.data > 0, m.data > 0)
    # binomial: 3000 +- 5 * 27
    assert abs(drawn.data[2, 30] - 3000) < 137
    # uniform within a pixel: the four children are equally likely, 750 +- 5 * 24
    fine = HpxNDMap(HpxGeom(4, frame="galactic"))
    fine.fill_by_coord({"lon": coords["lon"], "lat": coords["lat"]})
    assert np.all(np.abs(fine.data[120:124] - 750) < 120)
    m.data[0, 0] = -1
    with pytest.raises(DataError, match=">= 0"):
        m.sample_coord(2)


def test_to_wcs(full, disk):
    # oracle: peer 2.1, to_wcs
    image = full.to_wcs(normalize=False)
    assert np.nansum(image.data, dtype=float) == 494999
    assert np.isnan(image.data).sum() == 70644
    assert not np.isnan(full.to_wcs(fill_nan=False).data).any()
    assert np.nansum(disk.to_wcs(proj="TAN", width_pix=30).data) == pytest.approx(37950)
    assert full.to_wcs(sum_bands=True).data.shape == (180, 360)
    multi = HpxNDMap(HpxGeom([2, 4, 8], axes=[ENERGY]))
    multi.data[...] = multi.geom.ipix[0] >= 0
    assert_allclose(np.nansum(multi.to_wcs().data, axis=(1, 2)), [48, 192, 768], rtol=1e-5)


def test_tiles_and_back(full):
    tiles = full.to_wcs_tiles(nside_tiles=2)
    assert len(tiles) == 48
    assert tiles[0].data.shape == (3, 12, 12)
    flat = full._init_copy(data=np.ones(full.data.shape))
    back = HpxNDMap.from_wcs_tiles(flat.to_wcs_tiles(nside_tiles=2, oversampling_factor=2))
    assert back.geom.nside == [32]
    assert_allclose(back.data, 1)
    image = HpxNDMap.create(nside=16)
    image.data[:] = image.geom.get_coord()["lat"].value
    back = HpxNDMap.from_wcs_tiles(image.to_wcs_tiles(nside_tiles=2, method="linear"))
    # a pixel is 3.7 deg; within a tile the latitude is nearly linear
    assert np.abs(back.data - image.data).max() < 2
    with pytest.raises(GeometryError, match="12 nside"):
        HpxNDMap.from_wcs_tiles(tiles[:5])


def test_regridding_to_and_from_wcs(full):
    wcs = WcsGeom.create(npix=20, binsz=2, frame="galactic")
    ones = Map.from_geom(wcs, data=np.ones((20, 20)))
    # oracle: peer 2.1, reproject_to_geom: 158 pixels have their centre... and 400 counts are kept
    assert ones.reproject_to_geom(HpxGeom(16, frame="galactic")).data.sum() == pytest.approx(158, abs=1)
    kept = ones.reproject_to_geom(HpxGeom(16, frame="galactic"), preserve_counts=True)
    assert kept.data.sum() == pytest.approx(400, rel=2e-3)
    cube = WcsGeom.create(npix=5, binsz=2, frame="galactic", axes=[ENERGY])
    # oracle: peer 2.1, interp_to_geom
    assert full.interp_to_geom(cube).data.sum() == pytest.approx(293.77783)
    part = full.cutout(CENTER, "40 deg")
    assert_allclose(part.reproject_to_geom(cube).data, full.reproject_to_geom(cube).data)
