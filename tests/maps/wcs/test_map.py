"""WCS maps: values, interpolation, resizing, stacking."""

import copy
import pickle

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.interpolate import RegularGridInterpolator

from geminga.errors import AxisMismatchError, GeometryError, UnitError, UnknownNameError
from geminga.maps import Map, MapAxis, WcsGeom, WcsMap, WcsNDMap

CRAB = SkyCoord(83.63, 22.01, unit="deg")
ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)


def sky(lon, lat, frame="icrs"):
    return SkyCoord(lon, lat, unit="deg", frame=frame)


@pytest.fixture
def image():
    return WcsNDMap(WcsGeom.create(npix=(6, 4), binsz=1), np.arange(24.0).reshape(4, 6) + 1)


@pytest.fixture
def cube():
    geom = WcsGeom.create(skydir=CRAB, npix=(6, 4), binsz=1, axes=[ENERGY])
    return WcsNDMap(geom, np.arange(48.0).reshape(geom.data_shape), unit="s")


# ------------------------------------------------------------------ values


def test_create():
    m = WcsMap.create(npix=(4, 3), binsz=0.1, axes=[ENERGY], unit="m2", meta={"a": 1}, dtype=int)
    assert isinstance(m, WcsNDMap)
    assert (m.data.shape, m.data.dtype, m.unit, m.meta) == ((2, 3, 4), np.dtype(int), u.m**2, {"a": 1})
    assert Map.create(npix=3).data.dtype == np.float32
    assert Map.from_geom(m.geom).data.shape == (2, 3, 4)
    assert WcsNDMap.create(width=1).geom.pixel_scales[0] == 0.1 * u.deg


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(0, 200))
def test_fill_counts_every_event_once(seed, n):
    generator = np.random.default_rng(seed)
    geom = WcsGeom.create(skydir=CRAB, npix=(6, 4), binsz=1, axes=[ENERGY])
    lon, lat = CRAB.ra.deg + generator.uniform(-4, 4, n), CRAB.dec.deg + generator.uniform(-3, 3, n)
    energy = 10 ** generator.uniform(-0.2, 1.2, n) * u.TeV
    weights = generator.uniform(0, 2, n)
    coords = {"skycoord": sky(lon, lat), "energy": energy}
    m, expected = WcsNDMap(geom, dtype=float), np.zeros(geom.data_shape)
    m.fill_by_coord(coords, weights=weights)
    x, y, e = geom.coord_to_idx(coords)
    for k in range(n):  # slow twin
        if min(x[k], y[k], e[k]) >= 0:
            expected[e[k], y[k], x[k]] += weights[k]
    assert_allclose(m.data, expected)
    inside = geom.contains(coords)
    assert_allclose(m.data.sum(), weights[inside].sum())


def test_get_and_set(cube):
    # The middle of the image is a corner of four pixels, of which the upper right one has it.
    assert_allclose(cube.get_by_coord((83.63, 22.01, 3 * u.TeV)), [15])
    assert_allclose(cube.get_by_coord({"skycoord": CRAB, "energy": [2, 5] * u.TeV}), [15, 39])
    # oracle: peer 2.1
    assert_allclose(cube.get_by_pix(([0, 1.5, 9], [0, 0, 0], [0.5, 0, 0])), [24, 2, np.nan])
    assert_allclose(cube.get_by_idx(([0, 1], [0, 0], [1, 0])), [24, 1])
    cube.set_by_coord((83.63, 22.01, [3, 30] * u.TeV), 100)
    assert cube.data.max() == 100
    with pytest.raises(GeometryError, match="value for each axis"):
        cube.get_by_coord(CRAB)


def test_seam_of_the_sky():
    m = WcsNDMap.create(npix=(36, 18), binsz=10)
    m.fill_by_coord(sky([180, 180.001, 179.999, 0], [0, 0, 0, 90]))
    assert m.data.sum() == 4
    assert m.data[9, 0] == 2
    assert m.data[9, 35] == 1


def test_copies(cube):
    for other in (cube.copy(), copy.deepcopy(cube), pickle.loads(pickle.dumps(cube))):  # noqa: S301
        assert other.geom == cube.geom
        other.data[0, 0, 0] = -1
        assert cube.data[0, 0, 0] == 0


def test_arithmetic(cube):
    assert (cube + cube).data[1, 3, 5] == 94
    assert (cube * 2 * u.m).unit == "m s"
    assert ((cube > 3 * u.s) & (cube < 6 * u.s)).data.sum() == 2
    with pytest.raises(AxisMismatchError):
        cube + cube.sum_over_axes()
    assert_allclose(cube.sum_over_axes(keepdims=False).data, cube.data.sum(axis=0))


# ------------------------------------------------------------------ interpolation


def test_interpolation_along_energy(cube):
    coords = {"skycoord": CRAB, "energy": [0.5, 1, 1.778, 2, 5, 20] * u.TeV}
    # oracle: peer 2.1
    inside = [-0.5, 11.49672432, 13.94943979, 33.05056021]
    assert_allclose(cube.interp_by_coord(coords), [-14.94943979, *inside, 61.94943979], rtol=1e-8)
    assert_allclose(cube.interp_by_coord(coords, fill_value=-1), [-1, *inside, -1], rtol=1e-8)
    assert_allclose(cube.interp_by_coord(coords, method="nearest"), [15, 15, 15, 15, 39, 39])
    coords["energy"] = [1.778, 5] * u.TeV
    assert_allclose(cube.interp_by_coord(coords, values_scale="log"), [11.08713138, 31.4207337], rtol=1e-7)
    assert_allclose(cube.interp_by_pix(([0, 1.5], [0, 0], [0.5, 0])), [12, 1.5])


def test_interpolation_on_the_sky(cube):
    # oracle: peer 2.1
    assert_allclose(cube.interp_by_coord((83.2, 22.7, 2 * u.TeV)), [18.48950687], rtol=1e-8)
    assert_allclose(cube.interp_by_coord((90, 22, 2 * u.TeV)), [8.72247688], rtol=1e-8)
    assert_allclose(cube.interp_by_coord((90, 22, 2 * u.TeV), fill_value=np.nan), [np.nan])


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 100), scale=st.sampled_from(["lin", "log", "sqrt"]))
def test_interpolation_agrees_with_scipy(seed, scale):
    generator = np.random.default_rng(seed)
    geom = WcsGeom.create(npix=(6, 4), axes=[ENERGY, MapAxis.from_edges([0, 1, 2, 3], name="b")])
    m = WcsNDMap(geom, generator.uniform(1, 2, geom.data_shape))
    pix = [generator.uniform(-2, n + 1, 30) for n in geom.data_shape[::-1]]
    forth = {"lin": lambda x: x, "log": np.log, "sqrt": np.sqrt}[scale]
    back = {"lin": lambda x: x, "log": np.exp, "sqrt": lambda x: np.sign(x) * x * x}[scale]
    grid = [np.arange(n) for n in geom.data_shape]
    twin = RegularGridInterpolator(grid, forth(m.data), bounds_error=False, fill_value=None)
    assert_allclose(
        m.interp_by_pix(pix, values_scale=scale), back(twin(np.stack(pix[::-1], axis=-1))), rtol=1e-10
    )


def test_interpolation_at_the_centres_is_the_map(cube):
    assert_allclose(cube.interp_by_coord(cube.geom.get_coord()), cube.data, atol=1e-9)
    assert_allclose(cube.interp_by_coord(cube.geom.get_coord(sparse=True)), cube.data, atol=1e-9)


def test_interpolation_counts_nan_as_zero(image):
    image.data[1, 1] = np.nan
    assert_allclose(image.interp_by_pix(([1, 1.5], [1, 1])), [0, 4.5])


def test_interpolation_off_the_sky():
    m = WcsNDMap(WcsGeom.create(npix=(36, 18), binsz=10, proj="AIT"), np.ones((18, 36)))
    coords = m.geom.get_coord()
    values, filled = m.interp_by_coord(coords), m.interp_by_coord(coords, fill_value=0)
    assert np.isnan(values[0, 0])
    assert filled[0, 0] == 0
    assert values[9, 18] == filled[9, 18] == 1


def test_interpolation_across_the_seam():
    """Between the last and the first pixel around the sky (the peer extrapolates on both sides)."""
    geom = WcsGeom.create(npix=(36, 18), binsz=10)
    m = WcsNDMap(geom, np.cos(np.radians(geom.get_coord().lon.value)))
    values = m.interp_by_coord(sky([180, 179, 181, 176, 184], [0] * 5))
    assert_allclose(values, -np.cos(np.radians(5)), rtol=1e-9)
    assert m.interp_by_coord(sky([180], [0]), fill_value=99)[0] < 0


def test_interpolation_with_one_bin():
    m = WcsNDMap.create(npix=(1, 1), axes=[ENERGY.squash()])
    m.data += 3
    assert_allclose(m.interp_by_coord((50, 20, [0.1, 100] * u.TeV)), [3, 3])


@pytest.mark.parametrize("method", ["slinear", "cubic", "quintic", "pchip", 1, 3])
def test_interpolation_with_splines(method):
    geom = WcsGeom.create(npix=(8, 7))
    x, y = geom.get_pix()
    m = WcsNDMap(geom, 2 * x - y)
    assert_allclose(m.interp_by_pix(([2.3, 4], [3.1, 2.2]), method=method), [1.5, 5.8], atol=1e-8)


def test_interpolation_refuses(cube):
    with pytest.raises(UnknownNameError, match="linear"):
        cube.interp_by_pix((0, 0, 0), method="sharp")
    with pytest.raises(GeometryError, match="enough bins"):
        cube.interp_by_pix((0, 0, 0), method="cubic")


# ------------------------------------------------------------------ resizing


def test_cutout(image):
    # oracle: peer 2.1
    assert_array_equal(image.cutout(sky(2.5, 0), 3).data, [[1, 2], [7, 8], [13, 14]])
    assert_array_equal(image.cutout(sky(2.5, 0), 3, mode="partial").data, [[0, 1, 2], [0, 7, 8], [0, 13, 14]])
    part = image.cutout(sky(0, 0), 2)
    part.data[:] = 0
    assert image.data.min() == 1
    coords = part.geom.get_coord()
    assert_array_equal(image.get_by_coord(coords), [[9, 10], [15, 16]])


def test_downsample(image):
    # oracle: peer 2.1
    assert_array_equal(image.downsample(2).data, [[18, 26, 34], [66, 74, 82]])
    assert_array_equal(image.downsample(2, preserve_counts=False).data, [[4.5, 6.5, 8.5], [16.5, 18.5, 20.5]])
    weights = image.copy(data=np.full((4, 6), 0.5))
    weights.data[0] = 0
    assert_array_equal(image.downsample(2, weights=weights).data, [[7.5, 9.5, 11.5], [33, 37, 41]])
    assert_array_equal(
        image.downsample(2, preserve_counts=False, weights=weights).data,
        [[7.5, 9.5, 11.5], [16.5, 18.5, 20.5]],
    )
    holes = image.copy()
    holes.data[0, 0] = np.nan
    holes.data[:2, 2:4] = np.nan
    assert_array_equal(holes.downsample(2).data, [[17, 0, 34], [66, 74, 82]])
    assert_allclose(holes.downsample(2, preserve_counts=False).data, [[17 / 3, 0, 8.5], [16.5, 18.5, 20.5]])
    mask = (image > 8).downsample(2)
    assert_array_equal(mask.data, [[False, True, True], [True, True, True]])
    assert image.copy(data=np.ones((4, 6), int)).downsample(2).data.dtype == int


def test_downsample_axis(cube):
    assert_array_equal(cube.downsample(2, axis_name="energy").data[0], cube.data.sum(axis=0))
    mean = cube.downsample(2, preserve_counts=False, axis_name="energy")
    assert_array_equal(mean.data[0], cube.data.mean(axis=0))
    with pytest.raises(GeometryError, match="multiple"):
        cube.downsample(3)
    with pytest.raises(ValueError, match="3"):
        cube.downsample(3, axis_name="energy")


@pytest.mark.parametrize("proj", ["CAR", "TAN", "AIT"])
@pytest.mark.parametrize("axis_name", [None, "energy"])
def test_upsample_keeps_counts(proj, axis_name):
    geom = WcsGeom.create(skydir=CRAB, npix=(6, 4), binsz=3, proj=proj, axes=[ENERGY])
    m = WcsNDMap(geom, np.arange(48.0).reshape(geom.data_shape))
    fine = m.upsample(3, axis_name=axis_name)
    # the parts of a pixel have exactly its solid angle
    assert_allclose(fine.downsample(3, axis_name=axis_name).data, m.data, rtol=1e-9)
    density = m.upsample(3, preserve_counts=False, axis_name=axis_name)
    assert_allclose(density.downsample(3, preserve_counts=False, axis_name=axis_name).data, m.data)


def test_upsample_splines(image):
    # oracle: peer 2.1
    row = [1.0, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4.25, 4.75, 5.25, 5.75, 6.0]
    assert_allclose(image.upsample(2, order=1, preserve_counts=False).data[0], row)
    cubic = image.upsample(2, order=3, preserve_counts=False).data[0, :3]
    assert_allclose(cubic, [0.45490542, 0.70522914, 1.23972091], rtol=1e-7)
    assert (image > 5).upsample(2).data.sum() == 76
    assert image.copy(data=image.data.astype(np.float32)).upsample(2).data.dtype == np.float32


def test_pad_honours_its_mode(image):
    """The peer pads with zeros whatever it is told."""
    assert_array_equal(image.pad(1).data[0], np.zeros(8))
    assert_array_equal(image.pad(1, cval=5).data[0], np.full(8, 5))
    assert_array_equal(image.pad(1, mode="edge").data[0], [1, 1, 2, 3, 4, 5, 6, 6])
    assert_allclose(image.pad(1, mode="interp").data[0], np.arange(-6, 2))
    assert image.pad((1, 2)).data.shape == (8, 8)
    padded = image.pad(1, mode="edge")
    assert_array_equal(padded.crop(1).data, image.data)
    assert padded.crop(1).geom == image.geom
    assert image.crop((1, 0)).data.shape == (4, 4)


def test_pad_axis(cube):
    assert cube.pad(1, axis_name="energy", mode="edge").data.shape == (4, 4, 6)


# ------------------------------------------------------------------ stacking


def test_stack_cutout(image):
    total = WcsNDMap(image.geom)
    total.stack(image.cutout(sky(0, 0), 2))
    # oracle: peer 2.1
    expected = np.zeros((4, 6))
    expected[1:3, 2:4] = [[9, 10], [15, 16]]
    assert_array_equal(total.data, expected)
    total.stack(image.cutout(sky(2.5, 0), 3, mode="partial"))
    expected[:3, :2] += image.data[:3, :2]
    assert_array_equal(total.data, expected)


def test_stacked_tiles_give_the_whole(cube):
    total = cube.copy(data=np.zeros(cube.data.shape))
    for x in (0, 2, 4):
        tile = WcsGeom.from_aligned(
            cube.geom, SkyCoord(*cube.geom.pix_to_coord((x + 0.5, 1.5, 0))[:2]), (2, 4)
        )
        total.stack(WcsNDMap(tile, cube.get_by_coord(tile.get_coord()), unit="s"))
    assert_array_equal(total.data, cube.data)


def test_stack_weights_and_units(cube):
    total = WcsNDMap(cube.geom, unit="ms", dtype=float)
    image = cube.geom.to_image()
    weights = WcsNDMap(image, data=np.arange(24).reshape(4, 6) % 2 == 0)
    total.stack(cube, weights=weights)
    assert_allclose(total.data, cube.data * weights.data * 1000)
    total.stack(cube, weights=cube.copy(data=np.full(cube.data.shape, 0.5), unit=""))
    assert_allclose(total.data, cube.data * (weights.data + 0.5) * 1000)
    with pytest.raises(UnitError):
        total.stack(cube * u.m)
    part, part_weights = cube.cutout(CRAB, 2), weights.cutout(CRAB, 2)
    total = WcsNDMap(cube.geom, unit="s")
    total.stack(part, weights=part_weights)
    assert_allclose(total.data.sum(), (part.data * part_weights.data).sum())


def test_stack_nan_masks_and_integers(image):
    holes = image.copy()
    holes.data[0, 0] = np.nan
    total = WcsNDMap(image.geom)
    total.stack(holes)
    assert total.data[0, 0] == 0
    total.stack(holes, nan_to_num=False)
    assert np.isnan(total.data).sum() == 1
    mask = WcsNDMap(image.geom, dtype=bool)
    mask.stack(image > 10)
    mask.stack(image < 3)
    assert mask.data.sum() == 16
    counts = WcsNDMap(image.geom, dtype=int)
    counts.stack(image)
    assert counts.data.dtype == int
    assert counts.data.sum() == 300


def test_stack_refuses(cube):
    with pytest.raises(GeometryError, match="same pixel grid"):
        cube.stack(WcsNDMap(cube.geom.to_binsz(0.7), unit="s"))
    with pytest.raises(AxisMismatchError, match="same axes"):
        cube.stack(WcsNDMap(cube.geom.squash("energy"), unit="s"))
    far = WcsNDMap(WcsGeom.from_aligned(cube.geom, sky(120, 22), 2), unit="s")
    far.data += 1
    before = cube.data.copy()
    cube.stack(far)
    assert_array_equal(cube.data, before)


# ------------------------------------------------------------------ other geometries


def test_interp_and_reproject_to_geom(image):
    coarse = WcsGeom.create(npix=(3, 2), binsz=2)
    # oracle: peer 2.1
    expected = [[4.5, 6.5, 8.5], [16.5, 18.5, 20.5]]
    assert_allclose(image.interp_to_geom(coarse).data, expected, rtol=1e-9)
    assert_allclose(image.reproject_to_geom(coarse).data, expected, rtol=1e-5)
    counts = image.reproject_to_geom(coarse, preserve_counts=True)
    assert_allclose(counts.data, 4 * np.array(expected), rtol=1e-9)
    assert_allclose(image.resample(coarse).data, 4 * np.array(expected))
    assert_allclose(
        image.interp_to_geom(coarse, preserve_counts=True).data, 4 * np.array(expected), rtol=2e-3
    )


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_reprojected_counts_are_kept(cube, frame):
    target = WcsGeom.create(skydir=CRAB, width=12, binsz=0.7, proj="TAN", frame=frame)
    counts = cube.reproject_to_geom(target, preserve_counts=True)
    assert counts.data.shape == (2, 17, 17)
    assert_allclose(counts.data.sum(axis=(1, 2)), cube.data.sum(axis=(1, 2)), rtol=1e-9)
    flat = cube.copy(data=np.full(cube.data.shape, 3.0)).reproject_to_geom(target)
    assert set(np.unique(np.round(flat.data, 9))) == {0, 3}
    # a source stays where it is
    source = cube.copy(data=np.zeros(cube.data.shape))
    source.set_by_coord({"skycoord": sky([84.7], [23.2]), "energy": ENERGY.center[:1]}, 1)
    moved = source.reproject_to_geom(target, preserve_counts=True)
    coords = target.get_coord().skycoord
    x, y, z = (moved.data[0] * coords.cartesian.xyz.value).sum(axis=(1, 2))
    mean = SkyCoord(x, y, z, representation_type="cartesian", frame=frame)
    mean = sky(mean.spherical.lon.deg, mean.spherical.lat.deg, frame)
    idx = source.geom.to_image().coord_to_idx(sky([84.7], [23.2]))
    centre = SkyCoord(*source.geom.to_image().pix_to_coord(idx))
    assert mean.separation(centre)[0] < 0.1 * u.deg


def test_reproject_leaves_out_what_is_missing(image):
    image.data[0, 0] = np.nan
    coarse = WcsGeom.create(npix=(3, 2), binsz=2)
    assert_allclose(image.reproject_to_geom(coarse).data[0, 0], (2 + 7 + 8) / 3)
    assert_allclose(image.reproject_to_geom(coarse, preserve_counts=True).data[0, 0], 17)


def test_sample_coord(cube):
    coords = cube.sample_coord(2000, random_state=0)
    drawn = WcsNDMap(cube.geom, dtype=float)
    drawn.fill_by_coord(coords)
    assert drawn.data.sum() == 2000
    expected = cube.data / cube.data.sum() * 2000
    chi2 = ((drawn.data - expected) ** 2 / np.maximum(expected, 1)).sum()
    assert chi2 < 48 + 4 * np.sqrt(2 * 48)


@pytest.mark.parametrize("proj", ["CAR", "TAN", "AIT", "STG"])
@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_corner_of_pixels_belongs_to_the_upper_right_one(proj, frame):
    # The last digit of a projection must not decide where a source in the middle of an image is counted.
    for lon, lat in np.random.default_rng(0).uniform((0, -85), (360, 85), (40, 2)).round(2):
        geom = WcsGeom.create(skydir=(lon, lat), npix=(6, 4), binsz=0.1, proj=proj, frame=frame)
        assert [int(i[0]) for i in geom.coord_to_idx((lon, lat))] == [3, 2]
        many = geom.coord_to_idx((np.full(2000, lon), np.full(2000, lat)))
        assert all(np.all(i == k) for i, k in zip(many, (3, 2), strict=True))
