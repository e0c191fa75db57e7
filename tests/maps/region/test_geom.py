"""Geometries of regions."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose, assert_array_equal
from regions import (
    CircleAnnulusSkyRegion,
    CirclePixelRegion,
    CircleSkyRegion,
    EllipseAnnulusSkyRegion,
    EllipseSkyRegion,
    LineSkyRegion,
    PixCoord,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)

from geminga.errors import AxisMismatchError, GeometryError
from geminga.maps import MapAxis, RegionGeom, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
CENTER = SkyCoord(83, 22, unit="deg")
CIRCLE = CircleSkyRegion(CENTER, 0.5 * u.deg)
REGIONS = {
    "circle": CIRCLE,
    "rectangle": RectangleSkyRegion(CENTER, 1 * u.deg, 0.3 * u.deg, 30 * u.deg),
    "ellipse": EllipseSkyRegion(CENTER, 1 * u.deg, 0.3 * u.deg, 30 * u.deg),
    "annulus": CircleAnnulusSkyRegion(CENTER, 0.3 * u.deg, 0.6 * u.deg),
    "small": CircleSkyRegion(CENTER, 0.01 * u.deg),
    "galactic": CircleSkyRegion(CENTER.galactic, 0.5 * u.deg),
    "ring": EllipseAnnulusSkyRegion(CENTER, 0.3 * u.deg, 0.6 * u.deg, 0.5 * u.deg, 0.8 * u.deg, 10 * u.deg),
    "polygon": PolygonSkyRegion(SkyCoord([82, 83, 83.5], [21.5, 23, 22], unit="deg")),
    "two": CIRCLE | CircleSkyRegion(SkyCoord(85, 22, unit="deg"), 0.2 * u.deg),
    "lens": CIRCLE & CircleSkyRegion(SkyCoord(83.4, 22, unit="deg"), 0.5 * u.deg),
}
POINT = RegionGeom(PointSkyRegion(CENTER), axes=[ENERGY])
NOWHERE = RegionGeom(None, axes=[ENERGY])


def test_attributes():
    geom = RegionGeom(CIRCLE, axes=[ENERGY, RAD])
    assert geom.region is CIRCLE
    assert geom.frame == "icrs"
    assert geom.data_shape == geom.data_shape_axes == (4, 3, 1, 1)
    assert geom.npix == ([1], [1])
    assert geom.projection == "TAN"
    assert geom.is_region
    assert geom.is_regular
    assert not geom.is_hpx
    assert not geom.is_allsky
    assert not geom.is_all_point_sky_regions
    assert_allclose(geom.center_pix, [0, 0, 1, 1.5])
    assert geom.center_coord[0].deg == 83
    assert_allclose(geom.binsz_wcs.value, [0.1, 0.1])
    assert RegionGeom(CIRCLE, binsz_wcs=0.3).binsz_wcs[0] == 0.3 * u.deg


@pytest.mark.parametrize(
    ("name", "n_pix"),
    [
        # oracle: peer 2.1, RegionGeom(region).wcs.array_shape
        ("circle", (12, 12)),
        ("rectangle", (8, 12)),
        ("ellipse", (6, 10)),
        ("annulus", (14, 14)),
        ("small", (2, 2)),
        ("galactic", (12, 12)),
        ("ring", (8, 8)),
    ],
)
def test_projection(name, n_pix):
    geom = RegionGeom(REGIONS[name])
    assert geom.wcs.array_shape == n_pix
    assert_allclose(geom.width.value, np.array(n_pix[::-1]) / 10)
    assert_allclose(geom.wcs.wcs.crpix, np.array(n_pix[::-1]) / 2 + 0.5)
    assert geom.to_wcs_geom().data_shape == n_pix


@pytest.mark.parametrize("name", ["polygon", "two", "lens"])
def test_projections_enclose(name):
    geom = RegionGeom(REGIONS[name])
    weights = geom.to_wcs_geom().region_weights([geom.region]).data
    assert weights.sum() > 10
    for edge in (weights[0], weights[-1], weights[:, 0], weights[:, -1]):
        assert edge.max() < 1


@pytest.mark.parametrize(
    ("name", "area"),
    [
        ("circle", np.pi * 0.25),
        ("rectangle", 0.3),
        ("ellipse", np.pi * 0.075),
        ("annulus", np.pi * (0.36 - 0.09)),
        ("galactic", np.pi * 0.25),
        ("ring", np.pi / 4 * (0.6 * 0.8 - 0.3 * 0.5)),
        ("two", np.pi * (0.25 + 0.04)),
    ],
)
def test_solid_angle(name, area):
    """Flat areas; a union of parts that are apart is their sum (the peer is 0.1 % off)."""
    assert_allclose(RegionGeom(REGIONS[name]).solid_angle().to_value("deg2"), area, rtol=1e-5)


def test_solid_angle_of_overlapping_regions():
    """Area of a lens of two circles of radius r at distance d: 2 r**2 arccos(d / 2r) - d/2 sqrt(4 r**2 - d**2)."""
    d, r = 0.4 * np.cos(np.radians(22)), 0.5
    lens = 2 * r**2 * np.arccos(d / 2 / r) - d / 2 * np.sqrt(4 * r**2 - d**2)
    assert_allclose(RegionGeom(REGIONS["lens"]).solid_angle().to_value("deg2"), lens, rtol=5e-3)
    union = RegionGeom(CIRCLE | CircleSkyRegion(SkyCoord(83.4, 22, unit="deg"), 0.5 * u.deg))
    assert_allclose(union.solid_angle().to_value("deg2"), 2 * np.pi * r**2 - lens, rtol=5e-3)


def test_bin_volume():
    volume = RegionGeom(CIRCLE, axes=[ENERGY]).bin_volume()
    # oracle: peer 2.1, bin_volume()
    assert_allclose(volume.to_value("TeV sr").ravel(), [0.00027619, 0.00059504, 0.00128198], rtol=2e-5)


def test_contains():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    positions = SkyCoord([83, 83.5, 84, 263], [22, 22, 22, -22], unit="deg")
    assert_array_equal(geom.contains(positions), [True, True, False, False])
    assert_array_equal(geom.contains(positions.galactic), [True, True, False, False])
    assert_array_equal(
        geom.contains({"skycoord": positions, "energy": 99 * u.TeV}), [True, True, False, False]
    )
    assert geom.contains((83 * u.deg, 22 * u.deg, 20 * u.TeV)).tolist() == [True]
    assert_array_equal(geom.contains_wcs_pix((np.array([0, 5.0]), np.array([0, 5.0]))), [False, True])


@pytest.mark.parametrize("name", REGIONS)
def test_contains_agrees_with_the_region(name):
    geom = RegionGeom(REGIONS[name])
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(81.5, 85.5, 2000), rng.uniform(21, 23.3, 2000)
    positions = SkyCoord(lon, lat, unit="deg")
    assert_array_equal(geom.contains(positions), geom.region.contains(positions, geom.wcs))


def test_pixels():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    coords = ([83, 84] * u.deg, [22, 22] * u.deg, [2, 20] * u.TeV)
    # oracle: peer 2.1, coord_to_pix, coord_to_idx, pix_to_coord
    assert_allclose(geom.coord_to_pix(coords), [[0, np.nan], [0, np.nan], [0.40308999, 3.40308999]])
    assert_array_equal(geom.coord_to_idx(coords), [[0, -1], [0, -1], [0, -1]])
    assert_array_equal(geom.coord_to_idx(coords, clip=True)[2], [0, 2])
    assert_allclose(geom.coord_to_pix({"energy": [2] * u.TeV}), [[0], [0], [0.40308999]])
    lon, lat, energy = geom.pix_to_coord((np.array([0, 1]), np.array([0, 0.4]), np.array([1, 1])))
    assert_allclose(lon.deg, [83, np.nan])
    assert_allclose(lat.deg, [22, 22])
    assert_allclose(energy.value, 10**0.5)
    assert_array_equal(
        geom.pix_to_idx((np.array([0, np.nan]), np.zeros(2), np.array([1.2, 9]))), [[0, -1], [0, 0], [1, -1]]
    )


def test_coordinates():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    coords = geom.get_coord()
    assert coords.shape == (3, 1, 1)
    assert_allclose(coords.lon, 83)
    assert geom.get_coord(sparse=True).lon.shape == (1, 1)
    assert geom.get_coord(mode="edges", axis_name="energy")["energy"].shape == (4, 1, 1)
    assert_allclose(geom.get_coord(frame="galactic").lon, 184.25262566)
    idx = geom.get_idx()
    assert [i.shape for i in idx] == [(3, 1, 1)] * 3
    assert idx[2].ravel().tolist() == [0, 1, 2]
    with pytest.raises(GeometryError, match="axis_name"):
        geom.get_coord(mode="edges")


def test_weights():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    coords, weights = geom.get_wcs_coord_and_weights()
    # oracle: peer 2.1, get_wcs_coord_and_weights
    assert weights.shape == coords.lon.shape == (88,)
    assert_allclose(weights.sum(), 78.6)
    assert_allclose(coords.lon[:3].value, [83.26877881, 83.16126805, 83.05375614])
    assert coords["energy"].shape == (3, 1)
    assert coords.frame == "icrs"
    assert_allclose(geom.get_wcs_coord_and_weights(factor=3)[1].sum(), 79.55555556)


def test_points_stand_for_every_position():
    assert POINT.is_all_point_sky_regions
    assert POINT.solid_angle() == 0 * u.sr
    assert not POINT.bin_volume().value.any()
    assert POINT.contains(SkyCoord([83, 200], [22, 0], unit="deg")).all()
    idx = POINT.coord_to_idx(([83, 200] * u.deg, [22, 0] * u.deg, 2 * u.TeV))
    assert [i.tolist() for i in idx] == [[0, 0], [0, 0], [0]]
    coords, weights = POINT.get_wcs_coord_and_weights()
    assert_allclose([coords.lon[0].value, coords.lat[0].value, weights[0]], [83, 22, 1])
    assert_allclose(POINT.width.value, 0.1)
    pair = RegionGeom(PointSkyRegion(CENTER) | PointSkyRegion(SkyCoord(84, 22, unit="deg")))
    assert pair.is_all_point_sky_regions
    assert pair.get_wcs_coord_and_weights()[1].tolist() == [1, 1]


def test_without_a_region():
    assert NOWHERE.frame == "icrs"
    assert np.isnan(NOWHERE.center_skydir.ra)
    assert NOWHERE.wcs is None
    assert np.isnan(NOWHERE.get_coord().lon).all()
    assert not NOWHERE.is_all_point_sky_regions
    assert_array_equal(NOWHERE.coord_to_idx({"energy": [2, 20] * u.TeV})[2], [0, -1])
    for call in (
        NOWHERE.solid_angle,
        NOWHERE.bin_volume,
        NOWHERE.to_wcs_geom,
        NOWHERE.get_wcs_coord_and_weights,
        lambda: NOWHERE.width,
        lambda: NOWHERE.contains(CENTER),
    ):
        with pytest.raises(GeometryError, match="region"):
            call()


def test_to_wcs_geom():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    assert geom.to_wcs_geom().data_shape == (3, 12, 12)
    assert geom.to_wcs_geom(width_min="3 deg").data_shape == (3, 30, 30)
    assert geom.to_wcs_geom(width_min=[1, 3] * u.deg).data_shape == (3, 30, 12)
    assert_allclose(geom.to_wcs_geom(width_min="2.05 deg").center_skydir.separation(CENTER).deg, 0, atol=1e-9)
    assert POINT.to_wcs_geom().data_shape == (3, 1, 1)


def test_construction():
    assert RegionGeom.create("galactic;circle(0,0,1)").frame == "galactic"
    assert isinstance(RegionGeom.create(CENTER).region, PointSkyRegion)
    assert RegionGeom.create(SkyCoord([1, 2], [3, 4], unit="deg")).is_all_point_sky_regions
    assert RegionGeom.create([]).region is None
    assert RegionGeom.create(None).data_shape == (1, 1)
    both = RegionGeom.create("icrs;circle(83,22,0.5);circle(84,22,0.5)")
    assert both == RegionGeom.from_regions(
        [CIRCLE, CircleSkyRegion(SkyCoord(84, 22, unit="deg"), 0.5 * u.deg)]
    )
    wcs = WcsGeom.create(npix=(10, 10), skydir=CENTER, proj="TAN").wcs
    from_pixels = RegionGeom.create(CirclePixelRegion(PixCoord(4.5, 4.5), 1), wcs=wcs)
    assert_allclose(from_pixels.region.radius.to_value("deg"), 0.5, rtol=1e-4)


def test_new_geometries():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    assert geom.to_binsz("1 deg") is geom
    assert geom.to_binsz_wcs(0.2).binsz_wcs[0] == 0.2 * u.deg
    assert geom.upsample(2) is geom
    assert geom.copy(region=None).region is None
    assert_allclose(geom.separation(SkyCoord(83, 23, unit="deg")).deg, 1)
    for call in (geom.crop, lambda: geom.pad(1)):
        with pytest.raises(NotImplementedError, match="one pixel"):
            call()


def test_union():
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    before = geom.wcs.array_shape
    other = RegionGeom.create("icrs;circle(85,22,0.2)", axes=[ENERGY])
    assert geom.union(other) is geom
    assert geom == RegionGeom(REGIONS["two"], axes=[ENERGY])
    assert geom.wcs.array_shape != before
    assert_allclose(geom.solid_angle().to_value("deg2"), np.pi * 0.29)
    assert RegionGeom(None).union(RegionGeom(CIRCLE)).region is CIRCLE
    with pytest.raises(AxisMismatchError, match="equal axes"):
        geom.union(RegionGeom(CIRCLE))
    with pytest.raises(TypeError):
        geom.union(CIRCLE)


def test_equality_includes_the_region():
    """The peer takes geometries of different regions as equal."""
    geom = RegionGeom(CIRCLE, axes=[ENERGY])
    assert geom == RegionGeom.create("icrs;circle(83,22,0.5)", axes=[ENERGY])
    assert geom == RegionGeom(REGIONS["galactic"], axes=[ENERGY])
    assert geom != RegionGeom(REGIONS["small"], axes=[ENERGY])
    assert geom != RegionGeom(REGIONS["annulus"], axes=[ENERGY])
    assert geom != NOWHERE
    assert RegionGeom(None, axes=[ENERGY]) == NOWHERE
    assert geom != RegionGeom(CIRCLE)
    assert RegionGeom(REGIONS["two"]) != RegionGeom(REGIONS["lens"])
    with pytest.raises(TypeError, match="RegionGeom"):
        geom.is_allclose(WcsGeom.create(npix=(2, 2)))


@pytest.mark.parametrize(
    ("args", "kwargs", "error"),
    [
        ((CirclePixelRegion(PixCoord(1, 2), 3),), {}, GeometryError),
        (("icrs;circle(83,22,0.5)",), {}, TypeError),
        ((CIRCLE,), {"binsz_wcs": 0}, GeometryError),
        ((CIRCLE,), {"binsz_wcs": "1 m"}, ValueError),
    ],
)
def test_bad_regions(args, kwargs, error):
    with pytest.raises(error):
        RegionGeom(*args, **kwargs)


def test_bad_text():
    with pytest.raises(GeometryError):
        RegionGeom.create("somewhere")


def test_lines_have_no_area():
    line = RegionGeom(LineSkyRegion(CENTER, SkyCoord(84, 22, unit="deg")))
    assert line.solid_angle() == 0


def test_many_circles_are_fast():
    """A union of hundreds of circles is nested as deep."""
    lon = np.linspace(0, 20, 300)
    circles = [CircleSkyRegion(SkyCoord(x, 0, unit="deg"), 0.01 * u.deg) for x in lon]
    geom = RegionGeom.from_regions(circles)
    assert_allclose(geom.solid_angle().to_value("deg2"), 300 * np.pi * 1e-4)
    assert geom.contains(SkyCoord(lon, 0 * lon, unit="deg")).all()


def test_repr():
    assert "CircleSkyRegion" in repr(RegionGeom(CIRCLE))
    assert "region : None" in repr(NOWHERE)
