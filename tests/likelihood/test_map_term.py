"""Map datasets against a dense prediction in plain loops."""

import numpy as np
import pytest
from astropy import units as u
from scipy.signal import convolve2d

from geminga.datasets import Datasets, MapDataset
from geminga.errors import DataError, ModelError
from geminga.irf import EDispKernelMap, PSFMap
from geminga.likelihood import bind, npred_signal
from geminga.maps import Map, MapAxis, MapCoord, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import (
    DiskSpatialModel,
    FoVBackgroundModel,
    GaussianSpatialModel,
    PiecewiseNormSpatialModel,
    PointSpatialModel,
    PowerLawSpectralModel,
    SkyModel,
)


@pytest.fixture
def dataset():
    random = np.random.default_rng(1)
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 6, name="energy_true")
    geom = WcsGeom.create(
        skydir=(83.6, 22.0), binsz=0.05, width=(2.0, 1.5), frame="icrs", proj="TAN", axes=[energy]
    )
    geom_true = geom.to_image().to_cube([energy_true])
    lon, lat = np.meshgrid(np.arange(geom_true.data_shape[-1]), np.arange(geom_true.data_shape[-2]))
    slope = 1 + 0.01 * lon + 0.005 * lat
    exposure = 1e10 * energy_true.center.value[:, np.newaxis, np.newaxis] ** 0.3 * slope
    background = Map.from_geom(geom, data=0.5 + random.uniform(size=geom.data_shape))
    mask = np.ones(geom.data_shape, dtype=bool)
    mask[0, :5] = False
    return MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(1.2, size=geom.data_shape).astype(float)),
        exposure=Map.from_geom(geom_true, data=exposure, unit="m2 s"),
        background=background,
        psf=PSFMap.from_gauss(energy_true, sigma=np.linspace(0.12, 0.06, 6) * u.deg),
        edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.0),
        mask_safe=Map.from_geom(geom, data=mask),
        name="map",
    )


def sky_model(spatial, name, amplitude=4e-12):
    spectrum = PowerLawSpectralModel(index=2.3, amplitude=f"{amplitude} cm-2 s-1 TeV-1", reference="1 TeV")
    return SkyModel(spectral_model=spectrum, spatial_model=spatial, name=name)


def point(name="point"):
    return sky_model(PointSpatialModel(lon_0="83.72 deg", lat_0="22.13 deg"), name)


def gaussian(name="gauss"):
    return sky_model(GaussianSpatialModel(lon_0="83.4 deg", lat_0="21.9 deg", sigma="0.15 deg"), name)


def slow_prediction(dataset, model, oversampling=8):
    """Integrate, convolve plane by plane, multiply, disperse: every step in the open."""
    geom = dataset.exposure.geom
    axis = geom.axes["energy_true"]
    image = model.spatial_model.integrate_geom(geom.to_image(), oversampling_factor=oversampling).data
    kernel = dataset.psf.get_psf_kernel(geom, position=model.position).psf_kernel_map.data
    flux = model.spectral_model.integral(axis.edges[:-1], axis.edges[1:]).to_value("cm-2 s-1")
    exposure = dataset.exposure.quantity.to_value("cm2 s")
    matrix = dataset.edisp.get_edisp_kernel(position=model.position).pdf_matrix
    result = np.zeros(dataset.counts.data.shape)
    for i in range(axis.nbin):
        plane = convolve2d(image, kernel[i], mode="same") * exposure[i] * flux[i]
        for j in range(result.shape[0]):
            result[j] += plane * matrix[i, j]
    return result


@pytest.mark.parametrize(
    "model",
    [
        point(),
        gaussian(),
        sky_model(DiskSpatialModel(lon_0="83.6 deg", lat_0="22 deg", r_0="0.3 deg"), "disk"),
    ],
    ids=lambda model: model.name,
)
def test_prediction_is_that_of_plain_loops(dataset, model):
    dataset.models = [model]
    expected = slow_prediction(dataset, model)
    got = npred_signal(dataset).data
    # The twin divides the pixels finer.
    np.testing.assert_allclose(got, expected, atol=2e-3 * expected.max())
    assert got.sum() == pytest.approx(expected.sum(), rel=1e-3)


def test_statistic_is_that_of_the_dense_sum(dataset):
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.norm.value = 0.9
    models = [point(), gaussian(), background]
    datasets = Datasets([dataset])
    datasets.models = models
    mu = 0.9 * dataset.background.data + sum(
        slow_prediction(dataset, model, oversampling=2) for model in models[:2]
    )
    mask, counts = dataset.mask.data, dataset.counts.data
    expected = 2 * (mu - counts * np.log(mu))[mask].sum()
    assert bind(datasets).stat() == pytest.approx(expected, abs=5e-2)
    assert dataset.stat_sum() == pytest.approx(bind(datasets).stat(), rel=1e-10)
    assert dataset.stat_array()[mask].sum() == pytest.approx(bind(datasets).stat(), rel=1e-9)


def test_derivatives_are_differences(dataset):
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.tilt.frozen = False
    datasets = Datasets([dataset])
    datasets.models = [point(), gaussian(), background]
    likelihood = bind(datasets)
    values = likelihood.values
    _, gradient = likelihood.stat_and_gradient(values)
    for index, parameter in enumerate(likelihood.parameters):
        step = 1e-5 if parameter.name in ("lon_0", "lat_0") else 1e-4 * (abs(values[index]) or 1)
        up, down = values.copy(), values.copy()
        up[index] += step
        down[index] -= step
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=2e-3)


def test_second_derivatives_are_differences_of_the_gradient(dataset):
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.tilt.frozen = False
    datasets = Datasets([dataset])
    datasets.models = [point(), gaussian(), background]
    likelihood = bind(datasets)
    values = likelihood.values
    hessian = likelihood.hessian(values)
    scale = np.sqrt(np.abs(np.diag(likelihood.fisher(values))))
    for index, parameter in enumerate(likelihood.parameters):
        step = 1e-4 if parameter.name in ("lon_0", "lat_0") else 1e-3 * (abs(values[index]) or 1)
        up, down = values.copy(), values.copy()
        up[index] += step
        down[index] -= step
        numeric = (likelihood.gradient(up) - likelihood.gradient(down)) / (2 * step)
        white = np.outer(scale, scale)[index]
        got, expected = hessian[index] / white, numeric / white
        if index in (2, 3):  # position of the point: its image has no second derivative of its own
            got, expected = np.delete(got, [2, 3]), np.delete(expected, [2, 3])
        np.testing.assert_allclose(got, expected, rtol=5e-3, atol=5e-3)


def test_second_derivatives_without_known_errors(dataset):
    """A parameter that is 0 and has no error, as a covariance that failed leaves it, has a derivative all the same."""
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.tilt.frozen = False
    source = point()
    source.spectral_model.index.value = 0.0
    datasets = Datasets([dataset])
    datasets.models = [source, background]
    expected = bind(datasets).hessian()
    for parameter in datasets.models.parameters.free_parameters:
        parameter.error = np.nan
    np.testing.assert_allclose(bind(datasets).hessian(), expected, rtol=1e-6)


def test_fit_finds_what_was_simulated(dataset):
    datasets = Datasets([dataset])
    models = [point(), gaussian(), FoVBackgroundModel(dataset_name="map")]
    models[0].spectral_model.amplitude.value = 2e-11
    models[1].spectral_model.amplitude.value = 4e-11
    datasets.models = models
    truth = [p.value for p in datasets.models.parameters.free_parameters]
    dataset.fake(random_state=3)
    models[0].spatial_model.lon_0.value += 0.03
    models[1].spectral_model.index.value = 2.0
    result = Fit().run(datasets)
    assert result.success
    pulls = [
        (parameter.value - true) / parameter.error
        for parameter, true in zip(datasets.models.parameters.free_parameters, truth, strict=True)
    ]
    assert np.max(np.abs(pulls)) < 4
    assert np.std(pulls) < 2


def test_source_outside_of_the_map_adds_nothing(dataset):
    dataset.models = [sky_model(PointSpatialModel(lon_0="90 deg", lat_0="22 deg"), "far")]
    assert npred_signal(dataset).data.sum() == 0
    assert np.isfinite(dataset.stat_sum())


def test_a_replaced_exposure_is_seen(dataset):
    dataset.models = [point()]
    before = npred_signal(dataset).data.sum()
    dataset.exposure = dataset.exposure * 2.0
    assert npred_signal(dataset).data.sum() == pytest.approx(2 * before, rel=1e-6)


def test_models_without_position_and_missing_maps_are_named(dataset):
    dataset.models = [SkyModel(spectral_model=PowerLawSpectralModel(), name="no-place")]
    with pytest.raises(ModelError, match="must have a spatial model"):
        dataset.stat_sum()
    dataset.models = [point()]
    dataset.exposure = None
    with pytest.raises(DataError, match="exposure of dataset 'map' must be set"):
        dataset.npred()


def test_several_maps_share_models(dataset):
    other = dataset.copy(name="other")
    datasets = Datasets([dataset, other])
    datasets.models = [point()]
    single = Datasets([dataset])
    assert bind(datasets).stat() == pytest.approx(2 * bind(single).stat(), rel=1e-12)


@pytest.fixture
def shaped_background():
    corners = MapCoord.create({"lon": [82.4, 84.8, 82.4, 84.8] * u.deg, "lat": [21, 21, 23, 23] * u.deg})
    spatial = PiecewiseNormSpatialModel(coords=corners, norms=np.array([0.8, 1.3, 1.1, 0.9]), frame="icrs")
    background = FoVBackgroundModel(dataset_name="map", spatial_model=spatial)
    background.spectral_model.norm.frozen = True
    return background


def test_background_follows_its_spatial_model(dataset, shaped_background):
    dataset.models = [shaped_background]
    factor = shaped_background.evaluate_geom(dataset._geom).value
    mu = factor * dataset.background.data
    np.testing.assert_allclose(dataset.npred_background().data, mu, rtol=1e-12)
    mask, counts = dataset.mask.data, dataset.counts.data
    expected = 2 * (mu - counts * np.log(mu))[mask].sum()
    assert bind(Datasets([dataset])).stat() == pytest.approx(expected, rel=1e-10)


def test_background_shape_has_derivatives_and_is_fitted(dataset, shaped_background):
    datasets = Datasets([dataset])
    datasets.models = [shaped_background]
    likelihood = bind(datasets)
    values = likelihood.values
    _, gradient = likelihood.stat_and_gradient(values)
    for index in range(len(values)):
        up, down = values.copy(), values.copy()
        up[index] += 1e-3
        down[index] -= 1e-3
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / 2e-3
        assert gradient[index] == pytest.approx(numeric, rel=1e-3, abs=1e-2)
    truth = values.copy()
    dataset.fake(random_state=5)
    for parameter in shaped_background.spatial_model.parameters:
        parameter.value = 1.0
    assert Fit().run(datasets).success
    pulls = [(p.value - t) / p.error for p, t in zip(likelihood.parameters, truth, strict=True)]
    assert len(pulls) == 4
    assert np.max(np.abs(pulls)) < 4
