"""Map datasets of other kinds than counts with a known background, each against its dense, obvious twin."""

import numpy as np
import pytest
from astropy import units as u
from scipy.signal import convolve2d

from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff
from geminga.irf import EDispKernelMap, PSFMap, RecoPSFMap
from geminga.likelihood import bind
from geminga.maps import HpxGeom, Map, MapAxis, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import (
    FoVBackgroundModel,
    GaussianSpatialModel,
    PointSpatialModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
    TemplateSpatialModel,
)
from geminga.stats import wstat

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
ENERGY_TRUE = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 6, name="energy_true")


def parts(geom):
    """Return exposure, PSF and energy dispersion."""
    geom_true = geom.to_image().to_cube([ENERGY_TRUE])
    exposure = 1e10 * ENERGY_TRUE.center.value**0.3
    exposure = exposure.reshape(-1, *[1] * (len(geom_true.data_shape) - 1)) * np.ones(geom_true.data_shape)
    return {
        "exposure": Map.from_geom(geom_true, data=exposure, unit="m2 s"),
        "psf": PSFMap.from_gauss(ENERGY_TRUE, sigma=np.linspace(0.12, 0.06, 6) * u.deg),
        "edisp": EDispKernelMap.from_gauss(ENERGY, ENERGY_TRUE, sigma=0.2, bias=0.0),
    }


@pytest.fixture
def geom():
    return WcsGeom.create(skydir=(83.6, 22.0), binsz=0.05, width=(2.0, 1.5), proj="TAN", axes=[ENERGY])


def sky_models():
    spectrum = PowerLawSpectralModel(index=2.3, amplitude="4e-12 cm-2 s-1 TeV-1")
    place = {"lon_0": "83.72 deg", "lat_0": "22.13 deg"}
    return [
        SkyModel(spectral_model=spectrum, spatial_model=PointSpatialModel(**place), name="point"),
        SkyModel(
            spectral_model=spectrum.copy(),
            spatial_model=GaussianSpatialModel(lon_0="83.4 deg", lat_0="21.9 deg", sigma="0.15 deg"),
            name="gauss",
        ),
    ]


def assert_gradient_is_that_of_the_statistic(likelihood, rel=2e-3):
    values = likelihood.values
    gradient = likelihood.gradient(values)
    for index, parameter in enumerate(likelihood.parameters):
        step = 1e-5 if parameter.name in ("lon_0", "lat_0") else 1e-4 * (abs(values[index]) or 1)
        up, down = values.copy(), values.copy()
        up[index] += step
        down[index] -= step
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / (2 * step)
        scale = np.sqrt(likelihood.fisher(values)[index, index])
        assert gradient[index] == pytest.approx(numeric, rel=rel, abs=rel * scale)


@pytest.fixture
def on_off(geom):
    random = np.random.default_rng(5)
    off = random.poisson(1.5, size=geom.data_shape).astype(float)
    acceptance_off = np.full(geom.data_shape, 3.0)
    acceptance_off[:, :3] = 0.0
    mask = np.ones(geom.data_shape, dtype=bool)
    mask[0, :, :6] = False
    return MapDatasetOnOff(
        counts=Map.from_geom(geom, data=random.poisson(0.8, size=geom.data_shape).astype(float)),
        counts_off=Map.from_geom(geom, data=off),
        acceptance=Map.from_geom(geom, data=np.ones(geom.data_shape)),
        acceptance_off=Map.from_geom(geom, data=acceptance_off),
        mask_safe=Map.from_geom(geom, data=mask),
        name="on-off",
        **parts(geom),
    )


def test_on_off_statistic_is_the_sum_over_all_bins(on_off):
    datasets = Datasets([on_off])
    datasets.models = sky_models()
    signal = on_off.npred_signal().data
    used = on_off.mask.data & (on_off.acceptance_off.data > 0)
    expected = wstat(
        n_on=on_off.counts.data[used],
        n_off=on_off.counts_off.data[used],
        alpha=on_off.alpha.data[used],
        mu_sig=signal[used],
    ).sum()
    assert on_off.stat_sum() == pytest.approx(expected, rel=1e-9)
    assert_gradient_is_that_of_the_statistic(bind(datasets))


def test_predictions_share_nothing_with_the_dataset(geom):
    dataset = MapDataset(background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)), **parts(geom))
    dataset.npred_background().data[...] = 5.0
    assert np.all(dataset.background.data == 0.7)


def test_on_off_fit_finds_what_was_simulated(on_off, geom):
    datasets = Datasets([on_off])
    models = sky_models()
    for model in models:
        model.spectral_model.amplitude.value = 3e-11
    datasets.models = models
    truth = datasets.models.parameters.free_parameters.value
    on_off.acceptance_off.data[...] = 3.0
    on_off.fake(Map.from_geom(geom, data=np.full(geom.data_shape, 2.0)), random_state=4)
    assert Fit().run(datasets).success
    free = datasets.models.parameters.free_parameters
    errors = np.array([parameter.error for parameter in free])
    assert np.max(np.abs((free.value - truth) / errors)) < 4


def test_weights_count_the_statistic_of_each_bin(geom):
    random = np.random.default_rng(6)
    weight = random.uniform(0, 2, size=geom.data_shape)
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(1.0, size=geom.data_shape).astype(float)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)),
        mask_fit=Map.from_geom(geom, data=weight),
        stat_type="cash_weighted",
        name="weighted",
        **parts(geom),
    )
    datasets = Datasets([dataset])
    datasets.models = [*sky_models(), FoVBackgroundModel(dataset_name="weighted")]
    mu, counts = dataset.npred().data, dataset.counts.data
    expected = 2 * (weight * (mu - counts * np.log(mu))).sum()
    assert dataset.stat_sum() == pytest.approx(expected, rel=1e-9)
    assert_gradient_is_that_of_the_statistic(bind(datasets))


def test_psf_in_reconstructed_energy_comes_last(geom):
    random = np.random.default_rng(7)
    pieces = parts(geom)
    pieces["psf"] = RecoPSFMap.from_gauss(ENERGY, sigma=[0.15, 0.1, 0.07] * u.deg)
    slope = 1 + 0.02 * np.arange(geom.data_shape[-1])
    pieces["exposure"].data *= slope
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(1.0, size=geom.data_shape).astype(float)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)),
        name="reco",
        **pieces,
    )
    datasets = Datasets([dataset])
    model = sky_models()[1]
    datasets.models = [model]
    edges = ENERGY_TRUE.edges
    flux = model.spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1")
    image = model.spatial_model.integrate_geom(geom.to_image(), oversampling_factor=8).data
    exposed = image * dataset.exposure.quantity.to_value("cm2 s") * flux[:, np.newaxis, np.newaxis]
    spread = np.einsum("eyx,ej->jyx", exposed, dataset.edisp.get_edisp_kernel().pdf_matrix)
    kernels = dataset.psf.get_psf_kernel(geom, position=model.position).psf_kernel_map.data
    expected = np.array([convolve2d(a, k, mode="same") for a, k in zip(spread, kernels, strict=True)])
    got = dataset.npred_signal().data
    np.testing.assert_allclose(got, expected, atol=2e-3 * expected.max())
    mu = got + 0.7
    stat = 2 * (mu - dataset.counts.data * np.log(mu)).sum()
    assert dataset.stat_sum() == pytest.approx(stat, rel=1e-9)
    assert_gradient_is_that_of_the_statistic(bind(datasets))
    # A source that stays keeps its response: another way to the same numbers.
    hessian = bind(datasets).hessian()[:2, :2]
    model.spatial_model.freeze()
    assert dataset.stat_sum() == pytest.approx(stat, rel=1e-9)
    np.testing.assert_allclose(bind(datasets).hessian(), hessian, rtol=1e-9)


def test_healpix_maps_are_folded():
    geom = HpxGeom.create(nside=32, region="DISK(83.6,22,12)", frame="icrs", axes=[ENERGY])
    random = np.random.default_rng(8)
    pieces = parts(geom)
    pieces["psf"] = PSFMap.from_gauss(
        ENERGY_TRUE, rad_axis=MapAxis.from_bounds(0, 16, 200, unit="deg", name="rad"), sigma="3.2 deg"
    )
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(1.0, size=geom.data_shape).astype(float)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)),
        name="hpx",
        **pieces,
    )
    datasets = Datasets([dataset])
    model = sky_models()[1]
    model.spatial_model.sigma.value = 2.4
    model.spatial_model.lon_0.value, model.spatial_model.lat_0.value = 83.6, 22.0
    datasets.models = [model]
    signal = dataset.npred_signal().data
    flux = model.spectral_model.integral(ENERGY_TRUE.edges[:-1], ENERGY_TRUE.edges[1:]).to_value("cm-2 s-1")
    exposure = dataset.exposure.quantity.to_value("cm2 s")[:, 0]
    total = (flux * exposure) @ dataset.edisp.get_edisp_kernel().pdf_matrix
    # Three standard deviations hold all but exp(-4.5) of a Gaussian.
    np.testing.assert_allclose(signal.sum(axis=1) / total, 1 - np.exp(-4.5), rtol=0.01)
    mu = signal + 0.7
    stat = 2 * (mu - dataset.counts.data * np.log(mu)).sum()
    # The total goes through the adjoint, which harmonics know to 1e-7 only.
    assert dataset.stat_sum() == pytest.approx(stat, rel=1e-6)
    model.spatial_model.lon_0.frozen = model.spatial_model.lat_0.frozen = True
    assert_gradient_is_that_of_the_statistic(bind(datasets), rel=0.02)


def test_templates_of_fluxes_are_predicted_in_their_unit(geom):
    wide = WcsGeom.create(skydir=(83.6, 22.0), binsz=0.1, width=4, proj="TAN", axes=[ENERGY_TRUE])
    density = 1e-9 * (ENERGY_TRUE.center.value**-2.5).reshape(-1, 1, 1) * np.ones(wide.data_shape)
    template = Map.from_geom(wide, data=density, unit="cm-2 s-1 TeV-1 sr-1")
    spatial = TemplateSpatialModel(template, normalize=False)
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=np.ones(geom.data_shape)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)),
        name="diffuse",
        **{**parts(geom), "psf": None},
    )
    model = SkyModel(spectral_model=PowerLawNormSpectralModel(), spatial_model=spatial, name="diffuse")
    dataset.models = [model]
    area = geom.to_image().solid_angle().to_value("sr")
    width = ENERGY_TRUE.bin_width.to_value("TeV")
    flux = 1e-9 * ENERGY_TRUE.center.value**-2.5 * width
    counts = (flux * dataset.exposure.quantity.to_value("cm2 s")[:, 0, 0]) @ (
        dataset.edisp.get_edisp_kernel().pdf_matrix
    )
    got = dataset.npred_signal().data
    np.testing.assert_allclose(got, counts[:, np.newaxis, np.newaxis] * area, rtol=5e-3)


def test_negative_predictions_where_there_are_counts_are_walled_off(geom):
    counts = np.zeros(geom.data_shape)
    counts[:, 10:20, 10:20] = 1.0
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=counts),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.01)),
        name="empty",
        **parts(geom),
    )
    datasets = Datasets([dataset])
    model = sky_models()[1]
    datasets.models = [model]
    model.spectral_model.amplitude.value = -1e-10
    assert dataset.stat_sum() > 1e6
    model.spectral_model.amplitude.value = 1e-12
    result = Fit().run(datasets)
    assert np.isfinite(result.total_stat)


def test_sources_that_move_get_the_responses_of_where_they_went(geom):
    wide = MapAxis.from_bounds(0, 0.8, 100, unit="deg", name="rad")
    image = WcsGeom.create(skydir=(83.6, 22.0), binsz=0.2, width=(2.0, 1.6), proj="TAN")
    sigma = np.broadcast_to(0.05 + 0.1 * np.arange(10) / 9, image.data_shape)
    density = np.exp(-0.5 * (wide.center.value[:, np.newaxis, np.newaxis] / sigma) ** 2) / sigma**2
    psf_geom = image.to_cube([wide, ENERGY_TRUE])
    psf = PSFMap(Map.from_geom(psf_geom, data=density * np.ones(psf_geom.data_shape), unit="sr-1"))
    psf.normalize()
    dataset = MapDataset(
        counts=Map.from_geom(geom),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.1)),
        name="moving",
        **{**parts(geom), "psf": psf},
    )
    datasets = Datasets([dataset])
    model = sky_models()[0]
    model.spectral_model.amplitude.value = 1e-10
    datasets.models = [model]
    dataset.fake(random_state=1)
    model.spatial_model.lon_0.value += 0.25
    Fit().run(datasets)
    assert abs(model.spatial_model.lon_0.value - 83.72) < 0.02
    moved = datasets.models.parameters.free_parameters.value
    Fit().run(datasets)
    errors = np.array([p.error for p in datasets.models.parameters.free_parameters])
    again = datasets.models.parameters.free_parameters.value
    np.testing.assert_allclose((again - moved) / errors, 0, atol=0.1)


def test_a_source_off_the_map_adds_nothing_and_is_logged(geom, caplog):
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=np.ones(geom.data_shape)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 0.7)),
        name="here",
        **parts(geom),
    )
    alone = dataset.stat_sum()
    models = sky_models()
    for model in models:
        model.spatial_model.lat_0.value = -30
    dataset.models = models
    with caplog.at_level("INFO", logger="geminga.likelihood"):
        assert dataset.stat_sum() == pytest.approx(alone, rel=1e-12)
    assert "Model gauss is off the map of dataset here" in caplog.text
    assert np.all(bind(Datasets([dataset])).gradient() == 0)


def test_negative_backgrounds_are_taken_as_zero(geom):
    background = np.full(geom.data_shape, 0.7)
    dataset = MapDataset(
        counts=Map.from_geom(geom, data=np.ones(geom.data_shape)), name="negative", **parts(geom)
    )
    datasets = Datasets([dataset])
    stats = []
    for models in (sky_models(), [*sky_models(), FoVBackgroundModel(dataset_name="negative")]):
        for value in (0.0, -50.0):
            background[1, 5, 5] = value
            dataset.background = Map.from_geom(geom, data=background.copy())
            datasets.models = models
            stats.append(dataset.stat_sum())
    np.testing.assert_allclose(stats, stats[0], rtol=1e-12)
    for model in models[:2]:
        model.spectral_model.amplitude.value = 3e-11
    dataset.fake(random_state=2)
    assert Fit().run(datasets).success
