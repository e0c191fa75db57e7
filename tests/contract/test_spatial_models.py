"""What every spatial model of the registry must do, also those of third parties."""

import numpy as np
import pytest
import yaml
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from geminga.maps import HpxGeom, Map, MapAxis, MapCoord, RegionGeom, WcsGeom
from geminga.modeling import models
from geminga.modeling.models.spatial.sphere import rotate_to

LON, LAT = 30.1, 40.2
PLACE = {"lon_0": LON * u.deg, "lat_0": LAT * u.deg}


def template():
    geom = WcsGeom.create(skydir=(LON, LAT), width=(3, 2), binsz=0.05, proj="TAN")
    separation = geom.separation(SkyCoord(LON + 0.1, LAT - 0.05, unit="deg")).deg
    return models.TemplateSpatialModel(
        Map.from_geom(geom, data=np.exp(-0.5 * (separation / 0.2) ** 2), unit="sr-1")
    )


def template_nd():
    axis = MapAxis.from_nodes([0.1, 0.2, 0.4], name="extent", unit="deg")
    geom = WcsGeom.create(skydir=(LON, LAT), width=(3, 2), binsz=0.05, proj="TAN", axes=[axis])
    separation = geom.separation(SkyCoord(LON, LAT, unit="deg")).deg
    data = np.exp(-0.5 * (separation / np.array([0.1, 0.2, 0.4])[:, np.newaxis, np.newaxis]) ** 2)
    return models.TemplateNDSpatialModel(Map.from_geom(geom, data=data, unit="sr-1"), extent="0.3 deg")


def piecewise():
    coords = MapCoord(
        {"lon": [28, 32, 28, 32, 30] * u.deg, "lat": [38, 38, 42, 42, 40] * u.deg}, frame="icrs"
    )
    return models.PiecewiseNormSpatialModel(coords, norms=[1, 2, 3, 4, 2])


SPECIAL = {
    "ConstantSpatialModel": lambda: models.ConstantSpatialModel(value="3 sr-1"),
    "PointSpatialModel": lambda: models.PointSpatialModel(**PLACE),
    "GaussianSpatialModel": lambda: models.GaussianSpatialModel(
        **PLACE, sigma="0.4 deg", e=0.6, phi="30 deg"
    ),
    "GeneralizedGaussianSpatialModel": lambda: models.GeneralizedGaussianSpatialModel(
        **PLACE, r_0="0.5 deg", eta=0.3, e=0.4, phi="-20 deg"
    ),
    "DiskSpatialModel": lambda: models.DiskSpatialModel(**PLACE, r_0="0.8 deg", e=0.5, phi="70 deg"),
    "ShellSpatialModel": lambda: models.ShellSpatialModel(**PLACE, radius="0.5 deg", width="0.2 deg"),
    "Shell2SpatialModel": lambda: models.Shell2SpatialModel(**PLACE, r_0="0.9 deg", eta=0.3),
    "TemplateSpatialModel": template,
    "TemplateNDSpatialModel": template_nd,
    "PiecewiseNormSpatialModel": piecewise,
}
NAMES = sorted(cls.__name__ for cls in models.SPATIAL_MODEL_REGISTRY)
# the integral over the sky is not 1 by definition
OTHER_NORM = {"ConstantSpatialModel", "TemplateNDSpatialModel", "PiecewiseNormSpatialModel"}
COMPACT = sorted(set(NAMES) - OTHER_NORM - {"PointSpatialModel"})


def create(name):
    return SPECIAL.get(name, models.SPATIAL_MODEL_REGISTRY.get_cls(name))()


@pytest.fixture(params=NAMES)
def model(request):
    return create(request.param)


def around(radius_deg, n_radii=400, n_angles=64):
    """Return positions and solid angles of rings around the place."""
    theta = radius_deg * (np.arange(n_radii) + 0.5) / n_radii
    angle = 2 * np.pi * (np.arange(n_angles) + 0.5) / n_angles
    theta, angle = np.meshgrid(theta, angle, indexing="ij")
    sine = np.sin(np.radians(theta))
    lat = np.degrees(np.arcsin(sine * np.cos(angle)))
    lon = np.degrees(np.arctan2(sine * np.sin(angle), np.cos(np.radians(theta))))
    lon, lat = rotate_to(lon.ravel(), lat.ravel(), (0.0, 0.0), (LON, LAT))
    area = sine * np.radians(radius_deg / n_radii) * 2 * np.pi / n_angles
    return lon * u.deg, lat * u.deg, area.ravel()


@pytest.mark.parametrize("name", COMPACT)
def test_integral_over_the_sky_is_one(name):
    model = create(name)
    radius = 1.0 if name == "TemplateSpatialModel" else model.evaluation_radius.to_value("deg")
    lon, lat, area = around(radius, 2000)
    total = np.sum(model(lon, lat).to_value("sr-1") * area)
    # logarithmic interpolation between pixels of a template cuts the peak
    tolerance = 0.015 if name == "TemplateSpatialModel" else 3e-4
    assert total == pytest.approx(1.0, abs=tolerance)


def test_values_have_the_shape_of_the_positions(model):
    lon = np.linspace(LON - 0.5, LON + 0.5, 6).reshape(2, 3) * u.deg
    value = model(lon, LAT * u.deg)
    assert value.shape == (2, 3)
    assert value.unit.is_equivalent(u.one if "Norm" in type(model).__name__ else "sr-1")
    other = model(lon.to("rad"), (LAT * u.deg).to("arcmin"))
    np.testing.assert_allclose(other.value, value.value, rtol=1e-9)


def test_plain_numbers_are_degrees(model):
    if not model.array_evaluate:
        pytest.skip("the formula takes quantities only")
    lon, lat = np.linspace(LON - 0.5, LON + 0.5, 5), np.full(5, LAT + 0.1)
    plain = model.evaluate(lon, lat, **model._plain_arguments())
    np.testing.assert_allclose(plain, model(lon * u.deg, lat * u.deg).to_value("sr-1"), rtol=1e-12)


def test_geometry_with_energies(model):
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2, name="energy_true")
    image = WcsGeom.create(skydir=(LON, LAT), width=3, binsz=0.1)
    cube = image.to_cube([axis])
    assert model.evaluate_geom(image).shape == image.data_shape
    assert model.evaluate_geom(cube).shape == (1, *image.data_shape)
    integral = model.integrate_geom(cube)
    assert integral.geom == cube
    assert integral.data.shape == cube.data_shape
    np.testing.assert_array_equal(integral.data[0], model.integrate_geom(image).data)


def sized(name, size):
    """Return a model that is `size` deg large, between two pixel centres."""
    place = {"lon_0": (LON + 0.013) * u.deg, "lat_0": (LAT - 0.021) * u.deg}
    sizes = {
        "GaussianSpatialModel": {"sigma": size, "e": 0.6, "phi": 30 * u.deg},
        "GeneralizedGaussianSpatialModel": {"r_0": size, "eta": 0.3, "e": 0.4},
        "DiskSpatialModel": {"r_0": size, "e": 0.5, "phi": 70 * u.deg},
        "ShellSpatialModel": {"radius": size, "width": 0.4 * size},
        "Shell2SpatialModel": {"r_0": size, "eta": 0.3},
        "PointSpatialModel": {},
    }
    return models.SPATIAL_MODEL_REGISTRY.get_cls(name)(**place, **sizes[name])


GROWING = [name for name in NAMES if name not in OTHER_NORM | {"TemplateSpatialModel"} and name in SPECIAL]


@pytest.mark.parametrize("pixels", [0.3, 1, 3, 20])
@pytest.mark.parametrize("name", GROWING)
def test_integral_over_pixels_is_one(name, pixels):
    model = sized(name, 0.1 * pixels * u.deg)
    geom = WcsGeom.create(skydir=(LON, LAT), width=max(2, 1.2 * pixels), binsz=0.1, proj="TAN")
    total = model.integrate_geom(geom)
    assert total.unit == u.one
    assert total.data.sum() == pytest.approx(1.0, abs=1.5e-3)


@pytest.mark.parametrize("pixels", [0.5, 1, 3])
@pytest.mark.parametrize("name", GROWING)
def test_integral_over_healpix_pixels_is_one(name, pixels):
    geom = HpxGeom.create(nside=256, frame="galactic", region="DISK(157.3,11.4,6)", nest=False)
    place = SkyCoord(157.3, 11.4, unit="deg", frame="galactic").icrs
    model = sized(name, 0.229 * pixels * u.deg)
    model.position = place
    assert model.integrate_geom(geom).data.sum() == pytest.approx(1.0, abs=3e-3)


@pytest.mark.parametrize(("binsz", "tolerance"), [(0.02, 0.015), (0.1, 0.03)])
def test_integral_of_a_template(binsz, tolerance):
    # templates are not divided into sub-pixels
    geom = WcsGeom.create(skydir=(LON + 0.03, LAT), width=5, binsz=binsz, proj="TAN")
    assert template().integrate_geom(geom).data.sum() == pytest.approx(1.0, abs=tolerance)


def test_window_of_pixels_changes_nothing(model):
    geom = WcsGeom.create(skydir=(LON + 0.4, LAT), width=(20, 16), binsz=0.2, proj="CAR")
    part = geom.cutout(SkyCoord(LON, LAT, unit="deg"), width=2 * u.deg)
    slices = part.cutout_slices(geom)["parent-slices"]
    whole = model.integrate_geom(geom, oversampling_factor=2).data[tuple(slices)]
    np.testing.assert_allclose(
        whole, model.integrate_geom(part, oversampling_factor=2).data, rtol=1e-9, atol=1e-12
    )


def test_nothing_where_the_source_does_not_reach(model):
    if model.position is None:
        pytest.skip("fills the sky")
    geom = WcsGeom.create(skydir=(LON + 60, -20), width=2, binsz=0.1)
    assert not np.any(model.integrate_geom(geom).data)


def test_integral_over_a_region(model):
    center = SkyCoord(LON + 0.1, LAT, unit="deg")
    geom = RegionGeom(CircleSkyRegion(center, 0.6 * u.deg))
    result = model.integrate_geom(geom)
    assert result.data.shape == (1, 1)
    if isinstance(model, models.PointSpatialModel):
        assert result.data.item() == 1
        return
    fine = WcsGeom.create(skydir=center, width=1.3, binsz=0.005, proj="TAN")
    inside = fine.region_weights([geom.region], oversampling_factor=3).data
    expected = np.sum(model.evaluate_geom(fine).value * fine.solid_angle().to_value("sr") * inside)
    assert result.data.item() == pytest.approx(expected, rel=3e-3)


def test_frame(model):
    if model.position is None or "lon_0" not in model.parameters.names or hasattr(model, "map"):
        pytest.skip("has no position of its own")
    galactic = type(model).from_position(
        model.position.galactic,
        **{p.name: p.quantity for p in model.parameters if p.name not in ("lon_0", "lat_0", "phi")},
    )
    assert galactic.frame == "galactic"
    assert galactic.position.separation(model.position) < 1e-8 * u.deg
    if "phi" in model.parameters.names:
        galactic.e.value = 0
        model.e.value = 0
    geom = WcsGeom.create(skydir=model.position, width=3, binsz=0.1)
    np.testing.assert_allclose(
        galactic.integrate_geom(geom).data, model.integrate_geom(geom).data, rtol=1e-6, atol=1e-9
    )


def test_dictionary_round_trip(model, tmp_path):
    for number, parameter in enumerate(model.parameters):
        parameter.frozen = not parameter.frozen
        parameter.error = 0.01 * (number + 1)
        parameter.max = parameter.value + 2
    if hasattr(model, "filename"):
        model.write(filename=tmp_path / "map.fits")
    again = models.SpatialModel.from_dict(yaml.safe_load(yaml.safe_dump(model.to_dict())))
    assert type(again) is type(model)
    assert again.frame == model.frame
    for one, other in zip(model.parameters, again.parameters, strict=True):
        # as text, since NaN differs from NaN
        assert str(one.to_dict()) == str(other.to_dict())
    lon, lat = np.linspace(LON - 0.6, LON + 0.6, 7) * u.deg, LAT * u.deg
    np.testing.assert_allclose(again(lon, lat).value, model(lon, lat).value, rtol=1e-6)


def test_copy_is_independent(model):
    copied = model.copy()
    assert copied.frame == model.frame
    for one, other in zip(model.parameters, copied.parameters, strict=True):
        assert one is not other


def test_text(model):
    assert type(model).__name__ in repr(model)
    assert type(model).__name__ in str(model)


STEPS = {"lon_0": 2e-3, "lat_0": 2e-3, "sigma": 2e-3, "r_0": 2e-3, "radius": 2e-3, "width": 2e-3, "eta": 2e-3}


@pytest.mark.parametrize("name", GROWING)
def test_images_change_smoothly_with_parameters(name):
    """Differences with one and two steps agree, and so does a fit's idea of a derivative."""
    model = sized(name, 0.35 * u.deg)
    geom = WcsGeom.create(skydir=(LON, LAT), width=3, binsz=0.1, proj="TAN")
    weights = np.cos(np.arange(geom.to_image().data_shape[0] ** 2) * 0.13).reshape(geom.data_shape)
    weights = weights + np.linspace(-3, 3, weights.size).reshape(weights.shape)
    for parameter in model.parameters:
        if parameter.name not in STEPS:
            continue
        start, step = parameter.value, STEPS[parameter.name]
        sums = []
        for move in (-2, -1, 1, 2):
            parameter.value = start + move * step
            image = model.integrate_geom(geom, oversampling_factor=8).data
            assert abs(image.sum() - 1) < 0.01
            sums.append(float((image * weights).sum()))
        parameter.value = start
        one, two = (sums[2] - sums[1]) / 2, (sums[3] - sums[0]) / 4
        assert one == pytest.approx(two, rel=0.1, abs=2e-4), parameter.name
