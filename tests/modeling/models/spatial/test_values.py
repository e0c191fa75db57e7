"""Spatial models: values frozen from the peer, and the faults that ours must not have.

Oracle: peer 2.1, ``model(POSITIONS)``.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    EllipseSkyRegion,
    PointSkyRegion,
    RectangleSkyRegion,
)

from geminga.errors import GeometryError, ModelError, UnknownNameError
from geminga.maps import Map, MapAxis, MapCoord, RegionGeom, WcsGeom
from geminga.modeling import Parameter, models

LON, LAT = [0.2, 359.7, 0, 1.5, 0.6] * u.deg, [0.1, 0.3, 0, -0.4, -0.8] * u.deg
PLACE = {"lon_0": "0.1 deg", "lat_0": "0.2 deg"}
PER_DEG2 = u.Unit("deg-2")

# constructor, density, evaluation radius (deg), largest pixel (deg), relative tolerance
CASES = [
    (
        lambda: models.DiskSpatialModel(**PLACE, r_0="0.8 deg"),
        [1632.76045676, 1632.76045676, 1632.76045676, 0, 0] * u.Unit("sr-1"),
        0.8888,
        0.0792,
        # the norm of the peer leaves out the softness of the edge
        2e-5,
    ),
    (
        lambda: models.DiskSpatialModel(**PLACE, r_0="0.8 deg", e=0.6, phi="30 deg", edge_width=0.05),
        [2040.94460262, 2040.94460262, 2040.94460262, 0, 0] * u.Unit("sr-1"),
        0.924,
        0.076,
        3e-4,
    ),
    (
        lambda: models.GaussianSpatialModel(**PLACE, sigma="0.5 deg"),
        [2007.96586187, 1487.54598924, 1891.03039971, 20.18963072, 171.56589699] * u.Unit("sr-1"),
        2.5,
        1 / 6,
        1e-9,
    ),
    (
        lambda: models.GaussianSpatialModel(**PLACE, sigma="0.5 deg", e=0.6, phi="30 deg"),
        [2.45780014e03, 1.55812573e03, 2.36329575e03, 1.92531391, 80.5474177] * u.Unit("sr-1"),
        2.5,
        1 / 6,
        # the norm of the peer is that of the plane
        1e-5,
    ),
    (
        lambda: models.GeneralizedGaussianSpatialModel(**PLACE, r_0="0.5 deg", eta=0.7),
        [2854.16786936, 1574.91432254, 2451.35287483, 24.80193128, 143.20221442] * u.Unit("sr-1"),
        3.3,
        0.05813953,
        1e-7,
    ),
    (
        lambda: models.GeneralizedGaussianSpatialModel(**PLACE, r_0="0.5 deg", eta=0.3, e=0.6, phi="30 deg"),
        [5674.56837, 2032.88423, 5459.56523, 4.33349417e-34, 5.65044831e-08] * u.Unit("sr-1"),
        1.7,
        0.05787037,
        1e-7,
    ),
    (
        lambda: models.ShellSpatialModel(**PLACE, radius="0.5 deg", width="0.2 deg"),
        [0.45114356, 0.61947773, 0.47332829, 0, 0] * PER_DEG2,
        0.7,
        0.2,
        1e-7,
    ),
    (
        lambda: models.Shell2SpatialModel(**PLACE, r_0="0.9 deg", eta=0.3),
        [0.27404346, 0.32265282, 0.28191891, 0, 0] * PER_DEG2,
        0.9,
        0.27,
        1e-7,
    ),
]


@pytest.mark.parametrize(("create", "values", "radius", "pixel", "rtol"), CASES)
def test_frozen_numbers(create, values, radius, pixel, rtol):
    model = create()
    result = model(LON, LAT)
    np.testing.assert_allclose(result.to_value("sr-1"), values.to_value("sr-1"), rtol=rtol, atol=1e-40)
    assert model.evaluation_radius.to_value("deg") == pytest.approx(radius)
    assert model.evaluation_bin_size_min.to_value("deg") == pytest.approx(pixel)


def test_large_elongated_gaussian_keeps_its_flux():
    # with the norm of the plane it would be 1% off
    model = models.GaussianSpatialModel(sigma="20 deg", e=0.7, phi="40 deg")
    geom = WcsGeom.create(binsz=1, proj="CAR")
    total = np.sum(model.evaluate_geom(geom) * geom.solid_angle())
    assert total.to_value("") == pytest.approx(1.0, abs=1e-4)


def test_position_angle_is_from_north_through_east():
    model = models.GaussianSpatialModel(sigma="1 deg", e=0.9, phi="30 deg")
    along = SkyCoord(0, 0, unit="deg").directional_offset_by(30 * u.deg, 1 * u.deg)
    across = SkyCoord(0, 0, unit="deg").directional_offset_by(120 * u.deg, 1 * u.deg)
    peak = model(0 * u.deg, 0 * u.deg)
    assert (model(along.ra, along.dec) / peak).value == pytest.approx(np.exp(-0.5), rel=1e-6)
    assert (model(across.ra, across.dec) / peak).value == pytest.approx(np.exp(-0.5 / 0.19), rel=1e-3)
    region = model.to_region()
    assert isinstance(region, EllipseSkyRegion)
    assert region.angle == 30 * u.deg
    assert region.height == 2 * u.deg
    assert region.width.to_value("deg") == pytest.approx(2 * np.sqrt(0.19))
    assert model.evaluation_region.height == 10 * u.deg


def test_disk_from_a_circle_has_its_radius():
    # half of it in the peer
    center = SkyCoord(10, 20, unit="deg", frame="galactic")
    model = models.DiskSpatialModel.from_region(CircleSkyRegion(center, 0.6 * u.deg))
    assert model.r_0.quantity == 0.6 * u.deg
    assert model.frame == "galactic"
    assert model.position.separation(center) < 1e-9 * u.deg
    assert model.to_region().height == 1.2 * u.deg


@pytest.mark.parametrize(
    ("width", "height", "r_0", "e", "phi"), [(0.6, 1.0, 0.5, 0.8, 20), (1.6, 1.0, 0.8, 0.78062, 110)]
)
def test_disk_from_an_ellipse(width, height, r_0, e, phi):
    # oracle: peer 2.1, DiskSpatialModel.from_region(EllipseSkyRegion(...))
    region = EllipseSkyRegion(SkyCoord(0.1, 0.2, unit="deg"), width * u.deg, height * u.deg, 20 * u.deg)
    model = models.DiskSpatialModel.from_region(region, edge_width=0.1)
    assert model.r_0.value == pytest.approx(r_0)
    assert model.e.value == pytest.approx(e, abs=1e-5)
    assert model.phi.value == pytest.approx(phi)
    assert model.edge_width.value == 0.1
    with pytest.raises(GeometryError, match="CircleSkyRegion"):
        models.DiskSpatialModel.from_region(PointSkyRegion(SkyCoord(0, 0, unit="deg")))


def test_disk_on_a_coarse_grid_moves_smoothly():
    geom = WcsGeom.create(width=3, binsz=0.1, proj="TAN")
    center = []
    steps = np.linspace(0, 0.1, 11)
    for step in steps:
        model = models.DiskSpatialModel(lon_0=step * u.deg, r_0="0.5 deg")
        image = model.integrate_geom(geom).data
        lon = geom.get_coord()["lon"].to_value("deg")
        lon = (lon + 180) % 360 - 180
        center.append(np.sum(image * lon) / image.sum())
    np.testing.assert_allclose(center, steps, atol=2e-3)


def test_shell_regions():
    model = models.ShellSpatialModel(radius="0.5 deg", width="0.2 deg")
    region = model.to_region(size_factor=2)
    assert isinstance(region, CircleAnnulusSkyRegion)
    assert (region.inner_radius, region.outer_radius) == (1 * u.deg, 1.4 * u.deg)
    other = models.Shell2SpatialModel(r_0="0.9 deg", eta=0.3)
    assert other.r_in.to_value("deg") == pytest.approx(0.63)


# ---------------------------------------------------------------------- point


def test_point_shares_its_flux_among_four_pixels():
    geom = WcsGeom.create(npix=(4, 4), binsz=1, proj="TAN")
    model = models.PointSpatialModel()
    model.position = geom.wcs.pixel_to_world(1.25, 2.4)
    data = model.integrate_geom(geom).data
    assert data[2, 1] == pytest.approx(0.75 * 0.6)
    assert data[3, 2] == pytest.approx(0.25 * 0.4)
    assert data.sum() == pytest.approx(1)
    assert model.evaluation_radius == 0 * u.deg
    density = model.evaluate_geom(geom)
    assert np.sum(density * geom.solid_angle()).to_value("") == pytest.approx(1)


def test_point_at_the_edge_and_outside():
    geom = WcsGeom.create(npix=(4, 4), binsz=1, proj="TAN")
    model = models.PointSpatialModel()
    model.position = geom.wcs.pixel_to_world(-0.25, 1.0)
    assert model.integrate_geom(geom).data.sum() == pytest.approx(0.75)
    model.position = geom.wcs.pixel_to_world(-5, 1.0)
    assert model.integrate_geom(geom).data.sum() == 0


def test_point_in_a_region():
    inside = models.PointSpatialModel(lon_0="0.3 deg")
    outside = models.PointSpatialModel(lon_0="0.8 deg")
    geom = RegionGeom(CircleSkyRegion(SkyCoord(0, 0, unit="deg"), 0.5 * u.deg))
    assert inside.integrate_geom(geom).data.item() == 1
    assert outside.integrate_geom(geom).data.item() == 0
    point = RegionGeom(PointSkyRegion(SkyCoord(0, 0, unit="deg")))
    assert inside.integrate_geom(point).data.item() == 1
    assert isinstance(inside.to_region(), PointSkyRegion)


# ---------------------------------------------------------------------- everywhere


def test_constant():
    model = models.ConstantSpatialModel(value="3 sr-1")
    assert model.position is None
    assert model.evaluation_radius is None
    geom = WcsGeom.create(width=4, binsz=0.5)
    np.testing.assert_allclose(
        model.integrate_geom(geom).data, 3 * geom.solid_angle().to_value("sr"), rtol=1e-12
    )
    # the peer resets the value
    again = models.SpatialModel.from_dict(model.to_dict())
    assert again.value.value == 3
    assert "frame" not in model.to_dict()["spatial"]
    assert model.to_region().width == 360 * u.deg
    degrees = models.ConstantSpatialModel(value="1 deg-2")
    assert degrees(0 * u.deg, 0 * u.deg).to_value("sr-1") == pytest.approx((180 / np.pi) ** 2)


def test_constant_flux():
    model = models.ConstantFluxSpatialModel()
    geom = WcsGeom.create(width=4, binsz=0.5)
    assert np.all(model.integrate_geom(geom).data == 1)
    np.testing.assert_allclose((model.evaluate_geom(geom) * geom.solid_angle()).to_value(""), 1)
    assert "const-flux" in model.tag
    assert models.ConstantFluxSpatialModel not in list(models.SPATIAL_MODEL_REGISTRY)


# ---------------------------------------------------------------------- position


def test_position_error_contains_95_percent():
    model = models.GaussianSpatialModel(lon_0="0.1 deg", lat_0="40.2 deg", sigma="0.5 deg")
    assert isinstance(model.position_error, PointSkyRegion)
    covariance = np.diag([0.01, 0.02, 0.001, 0, 0]) ** 2
    covariance[0, 1] = covariance[1, 0] = 5e-5
    model.covariance = covariance
    region = model.position_error
    # oracle: peer 2.1, model.position_error; its angle is mirrored
    assert region.width.to_value("deg") == pytest.approx(0.03601491567941019, rel=1e-5)
    assert region.height.to_value("deg") == pytest.approx(0.09842458961104368, rel=1e-5)
    assert region.angle.to_value("deg") == pytest.approx(180 - 173.69926567020454, rel=1e-6)
    draws = np.random.default_rng(0).multivariate_normal([0.1, 40.2], covariance[:2, :2], size=4000)
    geom = WcsGeom.create(skydir=(0.1, 40.2), width=0.3, binsz=0.01, proj="TAN")
    inside = region.contains(SkyCoord(draws, unit="deg"), geom.wcs)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.012)


def test_position_can_be_set_in_another_frame():
    model = models.GaussianSpatialModel(frame="galactic")
    position = SkyCoord(83.63, 22.01, unit="deg")
    model.position = position
    assert model.position.separation(position) < 1e-9 * u.deg
    assert model.position_lonlat[0] == pytest.approx(position.galactic.l.rad)
    with pytest.raises(UnknownNameError, match="frame"):
        models.GaussianSpatialModel(frame="horizon")


# ---------------------------------------------------------------------- templates


@pytest.fixture
def image():
    geom = WcsGeom.create(skydir=(83.6, 22), width=(3, 2), binsz=0.1, proj="TAN")
    separation = geom.separation(SkyCoord(83.8, 22.1, unit="deg")).deg
    return Map.from_geom(geom, data=np.exp(-0.5 * (separation / 0.3) ** 2), unit="cm-2 s-1 sr-1")


def test_template(image):
    model = models.TemplateSpatialModel(image)
    assert model.map.unit == "sr-1"
    assert not model.is_energy_dependent
    assert model.evaluation_radius == 1.5 * u.deg
    assert model.position.separation(image.geom.center_skydir) < 1e-9 * u.deg
    lon, lat = [83.6, 83.83, 82.2, 85.5, 83.6] * u.deg, [22, 22.04, 22.5, 22, 22.97] * u.deg
    # oracle: peer 2.1, TemplateSpatialModel(map, normalize=False)(lon, lat)
    raw = models.TemplateSpatialModel(image, normalize=False)
    expected = [7.60152609e-01, 9.58731669e-01, 2.06492881e-06, 0.0, 1.23380347e-02]
    np.testing.assert_allclose(raw(lon, lat).to_value("cm-2 s-1 sr-1"), expected, rtol=1e-6)
    assert model.integrate_geom(image.geom).data.sum() == pytest.approx(1, rel=1e-12)
    region = model.to_region()
    assert isinstance(region, RectangleSkyRegion)
    assert (region.width, region.height) == (3 * u.deg, 2 * u.deg)
    assert image.data.max() > 0.9


def test_template_of_an_isotropic_sky_stays_isotropic():
    # the peer divides by the area of the pixel, so that poles get brighter
    sky = Map.create(binsz=10, proj="CAR", frame="galactic", unit="sr-1")
    sky.data += 1
    model = models.TemplateSpatialModel(sky)
    values = model([0, 0, 0] * u.deg, [0, 45, 80] * u.deg)
    np.testing.assert_allclose(values.to_value("sr-1"), 1 / (4 * np.pi), rtol=1e-6)


def test_template_moves_on_the_sphere(image):
    model = models.TemplateSpatialModel(image)
    moved = models.TemplateSpatialModel(image, lon_0="150 deg", lat_0="60 deg")
    assert moved.position.separation(SkyCoord(150, 60, unit="deg")) < 1e-9 * u.deg
    start, stop = model.position, moved.position
    point = start.directional_offset_by(70 * u.deg, 0.4 * u.deg)
    other = stop.directional_offset_by(70 * u.deg, 0.4 * u.deg)
    assert moved(other.ra, other.dec).value == pytest.approx(model(point.ra, point.dec).value, rel=1e-6)
    geom = WcsGeom.create(skydir=stop, width=4, binsz=0.05, proj="TAN")
    assert moved.integrate_geom(geom).data.sum() == pytest.approx(1, abs=0.025)


def test_template_with_energies(image):
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    cube = Map.from_geom(image.geom.to_cube([axis]), unit="cm-2 s-1 sr-1 TeV-1")
    cube.data = np.array([image.data, 3 * image.data**2])
    model = models.TemplateSpatialModel(cube)
    assert model.is_energy_dependent
    totals = model.integrate_geom(cube.geom).data.sum(axis=(1, 2))
    np.testing.assert_allclose(totals, 1, rtol=1e-6)
    assert model.evaluate_geom(cube.geom).shape == cube.data.shape
    with pytest.raises(ModelError, match="energy"):
        model(83.6 * u.deg, 22 * u.deg)
    with pytest.raises(ModelError, match="energy"):
        model.evaluate_geom(image.geom)
    # oracle: peer 2.1, TemplateSpatialModel(map, normalize=False)(lon, lat, energy=2 TeV)
    raw = models.TemplateSpatialModel(cube, normalize=False)
    lon, lat = [83.6, 83.83, 82.2] * u.deg, [22, 22.04, 22.5] * u.deg
    expected = [8.26876254e-01, 1.06788397, 6.07266540e-07]
    np.testing.assert_allclose(raw(lon, lat, energy=2 * u.TeV).value, expected, rtol=1e-6)
    region = RegionGeom(CircleSkyRegion(SkyCoord(83.8, 22.1, unit="deg"), 0.3 * u.deg), axes=[axis])
    inside = model.integrate_geom(region).data.ravel()
    np.testing.assert_allclose(inside, [1 - np.exp(-0.5), 1 - np.exp(-1)], atol=0.03)


def test_template_copies_share_the_map_unless_asked(image):
    model = models.TemplateSpatialModel(image)
    assert model.copy().map is model.map
    assert model.copy(copy_data=True).map is not model.map
    assert model.copy(lon_0="84 deg").lon_0.value == 84
    assert model.lon_0.value == pytest.approx(83.6)


def test_template_without_content():
    geom = WcsGeom.create(npix=3)
    with pytest.raises(ModelError, match="finite"):
        models.TemplateSpatialModel(Map.from_geom(geom, data=np.full((3, 3), np.nan)))
    with pytest.raises(ModelError, match="filename"):
        models.TemplateSpatialModel(Map.from_geom(geom, data=np.ones((3, 3)))).write()


def test_template_files(image, tmp_path):
    model = models.TemplateSpatialModel(image, interp_kwargs={"values_scale": "lin"})
    model.write(filename=tmp_path / "template.fits")
    again = models.TemplateSpatialModel.read(tmp_path / "template.fits")
    np.testing.assert_allclose(again.map.data, model.map.data, rtol=1e-6)
    restored = models.SpatialModel.from_dict(model.to_dict())
    assert restored.interp_kwargs == {"values_scale": "lin"}


def test_piecewise():
    nodes = {"lon": [83.0, 84, 83, 84] * u.deg, "lat": [21.5, 21.5, 22.5, 22.5] * u.deg}
    model = models.PiecewiseNormSpatialModel(MapCoord(nodes, frame="icrs"), norms=[1, 2, 3, 4.0])
    # oracle: peer 2.1, model(lon, lat)
    values = model([83.6, 83.83, 82.2] * u.deg, [22, 22.04, 22.5] * u.deg).value
    np.testing.assert_allclose(values, [2.60000006, 2.91000005, np.nan], rtol=1e-6)
    assert model.norm_1.value == 2
    np.testing.assert_array_equal(model.norms.value, [1, 2, 3, 4])
    flat = model.evaluate([83.5] * u.deg, [22] * u.deg, norm_0=1, norm_1=1, norm_2=1, norm_3=1)
    assert flat[0].value == pytest.approx(1)
    five = {"lon": [83.0, 84, 83, 84, 83.5] * u.deg, "lat": [21.5, 21.5, 22.5, 22.5, 22] * u.deg}
    points = [83.2, 83.6, 83.75] * u.deg, [21.8, 22.1, 22] * u.deg
    logarithmic = models.PiecewiseNormSpatialModel(
        MapCoord(five, frame="icrs"), norms=[1, 2, 3, 4.0, 1], interp="log"
    )
    np.testing.assert_allclose(logarithmic(*points).value, [0.95408548, 1.2071255, 1.34907028], rtol=1e-5)
    again = models.SpatialModel.from_dict(logarithmic.to_dict())
    np.testing.assert_allclose(again(*points).value, logarithmic(*points).value)
    with pytest.raises(ModelError, match="at least 4"):
        models.PiecewiseNormSpatialModel(MapCoord({"lon": [1.0] * u.deg, "lat": [1.0] * u.deg}))


def test_piecewise_across_the_meridian():
    nodes = {"lon": [359.0, 1, 359, 1] * u.deg, "lat": [-1, -1, 1, 1] * u.deg}
    model = models.PiecewiseNormSpatialModel(MapCoord(nodes, frame="icrs"), norms=[1, 3, 1, 3.0])
    np.testing.assert_allclose(
        model([359.5, 0, 0.5] * u.deg, [0, 0, 0] * u.deg).value, [1.5, 2, 2.5], rtol=1e-5
    )


def test_template_nd_values():
    axis = MapAxis.from_nodes([0.1, 0.2, 0.4], name="ext", unit="deg")
    geom = WcsGeom.create(skydir=(83.6, 22), width=(3, 2), binsz=0.1, proj="TAN", axes=[axis])
    separation = geom.separation(SkyCoord(83.8, 22.1, unit="deg")).deg
    data = np.array([np.exp(-0.5 * (separation / s) ** 2) for s in (0.1, 0.2, 0.4)])
    model = models.TemplateNDSpatialModel(Map.from_geom(geom, data=data, unit="sr-1"))
    assert model.ext.value == pytest.approx(0.25)
    assert (model.ext.min, model.ext.max) == (0.1, 0.4)
    # oracle: peer 2.1, model(lon, lat)
    values = model([83.6, 83.83, 85.5] * u.deg, [22, 22.04, 22] * u.deg)
    np.testing.assert_allclose(values.value, [6.05719779e-01, 9.25848567e-01, 0], rtol=2e-6)


# ---------------------------------------------------------------------- users' models


class Square(models.SpatialModel):
    tag = "Square"
    lon_0 = Parameter("lon_0", "0 deg")
    lat_0 = Parameter("lat_0", "0 deg")
    side = Parameter("side", "1 deg")

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, side):
        offset = (lon - lon_0 + 180 * u.deg) % (360 * u.deg) - 180 * u.deg
        inside = (np.abs(offset) < side / 2) & (np.abs(lat - lat_0) < side / 2)
        return inside / side**2


def test_model_of_a_user():
    model = Square(side="0.8 deg")
    geom = WcsGeom.create(width=2, binsz=0.1)
    integral = model.integrate_geom(geom)
    assert integral.unit == u.one
    assert integral.data.sum() == pytest.approx(1, rel=1e-3)
    assert model.evaluate_geom(geom).unit == "sr-1"
    assert model.evaluation_region is None


class Wide(models.GaussianSpatialModel):
    """A subclass with another formula is called with quantities."""

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, sigma, e, phi):
        assert isinstance(lon, u.Quantity)
        return np.ones(lon.shape) / u.sr


def test_subclass_of_a_built_in_model():
    assert not Wide.array_evaluate
    geom = WcsGeom.create(width=2, binsz=0.1)
    assert np.all(Wide().evaluate_geom(geom).value == 1)
