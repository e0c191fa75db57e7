"""Profiles of images and of fluxes."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion, PolygonSkyRegion

from geminga.datasets import Datasets
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.estimators import FluxPointsEstimator, FluxProfileEstimator, ImageProfileEstimator
from geminga.maps import MapAxis, WcsNDMap
from geminga.modeling.models import SkyModel


@pytest.fixture
def image():
    result = WcsNDMap.create(npix=(12, 9), binsz=0.1, frame="galactic")
    result.data = np.arange(108.0).reshape(9, 12)
    return result


@pytest.mark.parametrize("skydir", [(0, 0), (359.97, 5), (120, -10)])
def test_sums_along_pixels(skydir):
    image = WcsNDMap.create(npix=(12, 9), binsz=0.1, skydir=skydir, frame="galactic")
    image.data = np.arange(108.0).reshape(9, 12)
    error = image.copy(data=np.full(image.data.shape, 2.0))
    profile = ImageProfileEstimator(axis="lon").run(image, error)
    np.testing.assert_allclose(profile.profile.value, image.data.sum(axis=0))
    np.testing.assert_allclose(profile.profile_err.value, 2 * np.sqrt(9))
    assert profile.x_min.unit == "deg"
    profile = ImageProfileEstimator(axis="lat", method="mean").run(image, error)
    np.testing.assert_allclose(profile.profile.value, image.data.mean(axis=1))
    np.testing.assert_allclose(profile.profile_err.value, 2 / np.sqrt(12))
    np.testing.assert_allclose(profile.x_ref.value, np.arange(-0.4, 0.45, 0.1) + skydir[1], atol=1e-3)


def test_rings_around_a_centre(image):
    center = SkyCoord(0.2, 0.1, unit="deg", frame="galactic")
    profile = ImageProfileEstimator(axis="radial", center=center).run(image)
    distance = image.geom.get_coord().skycoord.separation(center).deg
    assert profile.profile.value.sum() == image.data.sum()
    for low, high, value in zip(profile.x_min.value, profile.x_max.value, profile.profile.value, strict=True):
        assert value == image.data[(distance >= low) & (distance < high)].sum()


def test_edges_masks_and_missing_pixels(image):
    mask = image.copy(data=image.data % 2 == 0)
    image.data[0, 0] = np.nan
    profile = ImageProfileEstimator(x_edges=[-0.6, 0, 0.3] * u.deg, axis="lon").run(image, mask=mask)
    lon = (image.geom.get_coord().lon.to_value("deg") + 180) % 360 - 180
    used = mask.data & np.isfinite(image.data)
    expected = [
        image.data[used & (lon > -0.6) & (lon < 0)].sum(),
        image.data[used & (lon > 0) & (lon < 0.3)].sum(),
    ]
    np.testing.assert_allclose(profile.profile.value, expected)
    assert "profile_err" not in profile.table.colnames
    with pytest.raises(DataError, match="image_err"):
        _ = profile.profile_err


def test_smoothed_and_normalised(image):
    error = image.copy(data=np.full(image.data.shape, 2.0))
    profile = ImageProfileEstimator().run(image, error)
    assert profile.normalize().profile.max() == 1
    assert profile.normalize("integral").profile.sum().value == pytest.approx(1)
    boxed = profile.smooth("box", radius="0.15 deg")
    np.testing.assert_allclose(boxed.profile[4].value, profile.profile[3:6].value.mean())
    np.testing.assert_allclose(boxed.profile_err.value, profile.profile_err.value / np.sqrt(3))
    soft = profile.smooth("gauss", radius=1)
    assert soft.profile_err[5] < profile.profile_err[5]
    assert profile.peek() is not None
    with pytest.raises(UnknownNameError, match="gauss"):
        profile.smooth("gaussian")
    with pytest.raises(UnknownNameError, match="radial"):
        ImageProfileEstimator(axis="radius")
    with pytest.raises(GeometryError, match="must be an image"):
        ImageProfileEstimator().run(WcsNDMap.create(npix=3, axes=[energy_axis()]))
    for name in ("image_err", "mask"):
        turned = WcsNDMap.create(npix=(9, 12), binsz=0.1, frame="galactic", dtype=bool)
        with pytest.raises(GeometryError, match=f"{name} must have the pixels of the image"):
            ImageProfileEstimator().run(image, **{name: turned})
    for edges in ([0.1], [0, 2, 1]):
        with pytest.raises(DataError, match="x_edges must be at least two"):
            ImageProfileEstimator(x_edges=edges * u.deg)


def energy_axis():
    return MapAxis.from_energy_bounds("1 TeV", "10 TeV", 2)


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_fluxes_are_those_of_spectra_of_the_regions(make_map_dataset, point_source, kind):
    dataset = make_map_dataset(kind)
    dataset.mask_safe = None
    centers = SkyCoord([83.4, 83.6, 83.8], 22.05, unit="deg")
    regions = [CircleSkyRegion(center, 0.12 * u.deg) for center in centers]
    kwargs = {"energy_edges": [1, 4, 30] * u.TeV, "selection_optional": ["ul", "errn-errp"]}
    datasets = Datasets([dataset])
    profile = FluxProfileEstimator(regions, point_source.spectral_model, **kwargs).run(datasets)
    assert profile.geom.axes.names == ["energy", "projected-distance"]
    assert profile.norm.data.shape == (3, 2, 1, 1)
    distances = profile.geom.axes["projected-distance"].center.to_value("deg")
    np.testing.assert_allclose(distances, centers.separation(centers[0]).deg, rtol=1e-6, atol=1e-9)
    for index, region in enumerate(regions):
        spectrum = Datasets([dataset.to_spectrum_dataset(region)])
        spectrum.models = [SkyModel(point_source.spectral_model, name="test-source")]
        points = FluxPointsEstimator(source="test-source", **kwargs).run(spectrum)
        np.testing.assert_allclose(profile.norm.data[index], points.norm.data, rtol=1e-9)
        np.testing.assert_allclose(profile.norm_ul.data[index], points.norm_ul.data, rtol=1e-9)


def test_models_are_background_of_a_profile(make_map_dataset, point_source):
    """Subtracting the true model leaves no flux where the source is."""
    dataset = make_map_dataset()
    dataset.mask_safe = None
    region = CircleSkyRegion(point_source.position, 0.2 * u.deg)
    with_source = FluxProfileEstimator([region], energy_edges=[1, 30] * u.TeV).run(dataset)
    dataset.models = [point_source]
    without = FluxProfileEstimator([region], energy_edges=[1, 30] * u.TeV).run(dataset)
    assert with_source.sqrt_ts.data.item() > 10
    assert abs(without.sqrt_ts.data.item()) < 3
    assert dataset.models.names == ["source"]


@pytest.mark.parametrize("edges", [(269, 271), (-91, -89)])
def test_longitude_edges_may_be_given_on_either_side(edges):
    image = WcsNDMap.create(skydir=(270, 0), npix=(20, 4), binsz=0.1)
    image.data[...] = 1
    profile = ImageProfileEstimator(x_edges=np.linspace(*edges, 21) * u.deg).run(image)
    np.testing.assert_allclose(profile.profile.value, 4)


@pytest.mark.parametrize(
    ("proj", "axis"), [("CAR", "lon"), ("CAR", "lat"), ("AIT", "radial"), ("CAR", "radial")]
)
def test_profiles_of_the_whole_sky_see_each_pixel(proj, axis):
    image = WcsNDMap.create(binsz=5, proj=proj)
    image.data[...] = 1
    profile = ImageProfileEstimator(axis=axis).run(image)
    assert profile.profile.value.sum() == np.isfinite(image.geom.get_coord().lon).sum()
    widths = (profile.x_max - profile.x_min).to_value("deg")
    np.testing.assert_allclose(np.abs(widths), np.abs(widths[0]), rtol=1e-6)


@pytest.mark.parametrize("bins", [0, 0.4, 1, 1.5, 2.7])
def test_a_box_is_even_sided(image, bins):
    """What is in one bin is spread over as much of the bins as the box covers, to both sides alike."""
    image.data[...] = 0
    image.data[4, 5] = 1
    profile = ImageProfileEstimator().run(image).smooth("box", radius=bins).profile.value
    low, high = 5 - bins, 5 + bins
    edges = np.arange(13) - 0.5
    if bins == 0:
        low, high = 4.5, 5.5
    covered = np.clip(np.minimum(edges[1:], high) - np.maximum(edges[:-1], low), 0, None)
    np.testing.assert_allclose(profile, covered / covered.sum(), atol=1e-12)


def test_regions_of_a_profile(make_map_dataset):
    with pytest.raises(DataError, match="at least one region"):
        FluxProfileEstimator([])
    corners = [SkyCoord([83.4 + x, 83.6 + x, 83.6 + x], [21.9, 21.9, 22.1], unit="deg") for x in (0.0, 0.2)]
    estimator = FluxProfileEstimator([PolygonSkyRegion(c) for c in corners], energy_edges=[1, 30] * u.TeV)
    distances = estimator.projected_distance_axis.center.to_value("deg")
    assert distances[1] == pytest.approx(0.2 * np.cos(np.radians(22)), rel=0.01)
    assert np.isfinite(estimator.run(make_map_dataset()).norm.data).all()


def test_the_mean_of_no_pixel_is_not_known(image):
    mask = image.copy(data=np.ones(image.data.shape, dtype=bool))
    mask.data[:, 4] = False
    mean = ImageProfileEstimator(method="mean").run(image, image, mask)
    total = ImageProfileEstimator(method="sum").run(image, image, mask)
    np.testing.assert_array_equal(np.isnan(mean.profile.value), np.arange(12) == 4)
    np.testing.assert_array_equal(np.isnan(mean.profile_err.value), np.arange(12) == 4)
    assert total.profile.value[4] == 0
    np.testing.assert_allclose(mean.profile.value[:4], total.profile.value[:4] / 9)


def test_the_model_of_a_profile_has_the_name_of_the_source(make_map_dataset):
    regions = [CircleSkyRegion(SkyCoord(83.6, 22.05, unit="deg"), 0.12 * u.deg)]
    named, plain = (
        FluxProfileEstimator(regions, energy_edges=[1, 30] * u.TeV, **kwargs).run(make_map_dataset())
        for kwargs in ({"source": "mine"}, {})
    )
    np.testing.assert_allclose(named.norm.data, plain.norm.data)
