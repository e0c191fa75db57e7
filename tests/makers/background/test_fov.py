"""Field-of-view background: sums by hand, fits against the scale that they must equal, and everything that can fail."""

import logging

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset, MapDatasetOnOff
from geminga.errors import DataError, GeometryError, ModelError, UnknownNameError
from geminga.makers import FoVBackgroundMaker
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import (
    FoVBackgroundModel,
    GaussianSpatialModel,
    PiecewiseNormSpectralModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
)

TRUE_NORM = 1.3


@pytest.fixture
def geom():
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4, name="energy")
    return WcsGeom.create(npix=(30, 20), binsz=0.1, axes=[energy], skydir=(10, 5))


@pytest.fixture
def dataset(geom):
    rate = 5.0 * np.array([8, 4, 2, 1]).reshape(4, 1, 1) * np.ones(geom.data_shape)
    counts = np.random.default_rng(3).poisson(TRUE_NORM * rate)
    exposure = WcsGeom.create(
        npix=(30, 20), binsz=0.1, skydir=(10, 5), axes=[geom.axes["energy"].copy(name="energy_true")]
    )
    return MapDataset(
        counts=Map.from_geom(geom, data=counts.astype(float)),
        background=Map.from_geom(geom, data=rate),
        exposure=Map.from_geom(exposure, data=np.full(geom.data_shape, 1e10), unit="cm2 s"),
        mask_safe=Map.from_geom(geom, data=np.ones(geom.data_shape, dtype=bool)),
        name="run",
    )


@pytest.fixture
def exclusion(geom):
    image = geom.to_image()
    return Map.from_geom(image, data=image.separation(image.center_skydir) > 0.5 * u.deg)


def norm_of(dataset):
    return dataset.background_model.spectral_model.norm


def test_scale_is_the_ratio_of_sums(dataset, exclusion):
    dataset.counts.data[:, 10, 15] += 1e5  # a bright source, excluded
    result = FoVBackgroundMaker(exclusion_mask=exclusion).run(dataset)
    use = np.broadcast_to(exclusion.data, dataset.counts.data.shape)
    counts, background = dataset.counts.data[use].sum(), dataset.background.data[use].sum()
    assert result is dataset
    assert dataset.background_model.name == "run-bkg"
    assert_allclose(norm_of(dataset).value, counts / background)
    assert_allclose(norm_of(dataset).error, np.sqrt(counts) / background)
    assert abs(norm_of(dataset).value - TRUE_NORM) < 3 * norm_of(dataset).error
    assert_allclose(dataset.npred_background().data[use].sum(), counts)
    assert dataset.mask_fit is None
    assert dataset.mask_safe.data.all()


@pytest.mark.parametrize("method", ["scale", "fit"])
def test_without_any_mask_all_bins_are_used(dataset, method):
    dataset.mask_safe = None
    maker = FoVBackgroundMaker(method=method)
    maker.make_default_fov_background_model(dataset)
    norm = getattr(maker, f"make_background_{method}")(dataset).background_model.spectral_model.norm
    assert_allclose(norm.value, dataset.counts.data.sum() / dataset.background.data.sum(), rtol=1e-5)


def test_fit_of_the_norm_equals_the_scale(dataset, exclusion):
    FoVBackgroundMaker(exclusion_mask=exclusion).run(dataset)
    value, error = norm_of(dataset).value, norm_of(dataset).error
    dataset.models = None
    FoVBackgroundMaker(method="fit", exclusion_mask=exclusion).run(dataset)
    assert_allclose(norm_of(dataset).value, value, rtol=1e-5)
    assert_allclose(norm_of(dataset).error, error, rtol=1e-3)


def test_fit_finds_a_tilt(dataset):
    energy = dataset.counts.geom.axes["energy"].center.value.reshape(-1, 1, 1)
    mean = TRUE_NORM * dataset.background.data * energy**-0.4
    dataset.counts.data = np.random.default_rng(5).poisson(mean).astype(float)
    spectrum = PowerLawNormSpectralModel()
    spectrum.tilt.frozen = False
    maker = FoVBackgroundMaker(method="fit", spectral_model=spectrum)
    maker.run(dataset)
    fitted = dataset.background_model.spectral_model
    assert fitted is not spectrum
    assert spectrum.tilt.value == 0
    assert fitted.tilt.error > 0
    assert abs(fitted.tilt.value - 0.4) < 3 * fitted.tilt.error
    assert abs(fitted.norm.value - TRUE_NORM) < 3 * fitted.norm.error


@pytest.mark.parametrize("method", ["scale", "fit"])
def test_other_models_are_counted_and_stay_as_they_are(method, dataset):
    without = dataset.copy(name="run")
    FoVBackgroundMaker(method=method).run(without)
    source = SkyModel(
        spectral_model=PowerLawSpectralModel(amplitude="1e-7 cm-2 s-1 TeV-1"),
        spatial_model=GaussianSpatialModel(lon_0="10 deg", lat_0="5 deg", sigma="0.3 deg", frame="icrs"),
        name="source",
    )
    source.spectral_model.amplitude.error = 1e-9
    dataset.models = [source]
    signal = dataset.npred_signal().data
    dataset.counts.data = dataset.counts.data + np.rint(signal)
    before = [(p.value, p.error, p.frozen) for p in source.parameters]
    FoVBackgroundMaker(method=method).run(dataset)
    assert dataset.models.names == ["source", "run-bkg"]
    assert [(p.value, p.error, p.frozen) for p in source.parameters] == before
    assert signal.sum() > 300
    assert_allclose(norm_of(dataset).value, norm_of(without).value, rtol=2e-3)


def test_a_model_that_is_there_is_used(dataset):
    spectrum = PowerLawNormSpectralModel(norm=2.0, tilt=0.3)
    dataset.models = [FoVBackgroundModel(dataset_name="run", spectral_model=spectrum, name="mine")]
    FoVBackgroundMaker().run(dataset)
    assert dataset.models.names == ["mine"]
    assert_allclose(dataset.npred_background().data.sum(), dataset.counts.data.sum())
    assert spectrum.tilt.value == 0.3


def test_masks_apply_and_stay(dataset, exclusion):
    geom = dataset.counts.geom
    safe = geom.energy_mask(energy_min="2 TeV")
    fit = Map.from_geom(geom, data=np.arange(30) < 12 * np.ones(geom.data_shape))
    dataset.mask_safe, dataset.mask_fit = safe, fit
    FoVBackgroundMaker(exclusion_mask=exclusion).run(dataset)
    use = safe.data & fit.data & exclusion.data
    assert_allclose(
        norm_of(dataset).value, dataset.counts.data[use].sum() / dataset.background.data[use].sum()
    )
    assert dataset.mask_fit is fit
    assert 0 < use.sum() < safe.data.sum()


def test_outside_of_the_exclusion_mask_is_allowed(dataset, exclusion):
    small = exclusion.cutout(exclusion.geom.center_skydir, width=1.2 * u.deg)
    maker = FoVBackgroundMaker(exclusion_mask=small)
    expected = FoVBackgroundMaker(exclusion_mask=exclusion).make_exclusion_mask(dataset).data
    assert_array_equal(maker.make_exclusion_mask(dataset).data, expected)
    assert 0 < expected.sum() < expected.size


@pytest.mark.parametrize("method", ["scale", "fit"])
def test_bins_without_finite_background_are_not_used(method, dataset):
    dataset.background.data[0, 0, :5] = np.nan
    dataset.counts.data[0, 0, :5] = 1e4
    FoVBackgroundMaker(method=method).run(dataset)
    use = np.isfinite(dataset.background.data)
    assert_allclose(
        norm_of(dataset).value, dataset.counts.data[use].sum() / dataset.background.data[use].sum(), rtol=1e-5
    )


def test_exclusion_mask_with_energies(dataset):
    geom = dataset.counts.geom
    mask = geom.energy_mask(energy_max="3 TeV")
    assert_array_equal(FoVBackgroundMaker(exclusion_mask=mask).make_exclusion_mask(dataset).data, mask.data)
    other = Map.from_geom(
        geom.to_image().to_cube([MapAxis.from_edges([0, 1], name="phase")]), data=True, dtype=bool
    )
    with pytest.raises(GeometryError, match="phase"):
        FoVBackgroundMaker(exclusion_mask=other).run(dataset)


@pytest.mark.parametrize("method", ["scale", "fit"])
@pytest.mark.parametrize(
    ("problem", "message"),
    [
        ("no bin", "no bin is safe, to be fitted, and outside"),
        ("no counts", "only 0 counts were observed"),
        ("few counts", "counts were observed"),
        ("no background", "only 0 background counts"),
        ("little background", "background counts are predicted"),
    ],
)
def test_what_cannot_be_normalised_is_not_safe_and_logged(method, problem, message, dataset, caplog):
    options = {}
    if problem == "no bin":
        dataset.mask_safe.data[...] = False
    elif problem == "no counts":
        dataset.counts.data[...] = 0
    elif problem == "few counts":
        options["min_counts"] = 1e6
    elif problem == "no background":
        dataset.background.data[...] = 0
    else:
        options["min_npred_background"] = 1e6
    mask_fit = dataset.mask_fit
    with caplog.at_level(logging.WARNING, logger="geminga"):
        result = FoVBackgroundMaker(method=method, **options).run(dataset)
    assert not result.mask_safe.data.any()
    assert message in caplog.text
    assert "'run'" in caplog.text
    assert norm_of(result).value == 1
    assert result.mask_fit is mask_fit


def test_counts_below_the_other_models(dataset, caplog):
    source = SkyModel(
        spectral_model=PowerLawSpectralModel(amplitude="1e-3 cm-2 s-1 TeV-1"),
        spatial_model=GaussianSpatialModel(lon_0="10 deg", lat_0="5 deg", sigma="0.3 deg", frame="icrs"),
    )
    dataset.models = [source]
    result = FoVBackgroundMaker().run(dataset)
    assert not result.mask_safe.data.any()
    assert "are not more than" in caplog.text


def test_a_fit_that_fails(dataset, caplog):
    class Failing:
        def run(self, datasets):
            datasets.background_model.spectral_model.norm.value = 99

            class Result:
                success, message = False, "no luck"

            return Result()

    result = FoVBackgroundMaker(method="fit", fit=Failing()).run(dataset)
    assert not result.mask_safe.data.any()
    assert "no luck" in caplog.text
    assert norm_of(result).value == 1
    assert result.mask_fit is None


def test_what_makes_no_sense_is_refused(dataset, geom):
    with pytest.raises(UnknownNameError, match="scale"):
        FoVBackgroundMaker(method="scal")
    with pytest.raises(DataError, match="booleans"):
        FoVBackgroundMaker(exclusion_mask=Map.from_geom(geom.to_image()))
    piecewise = PiecewiseNormSpectralModel(energy=[1, 10] * u.TeV)
    with pytest.raises(ModelError, match="Use method 'fit'"):
        FoVBackgroundMaker(spectral_model=piecewise).run(dataset)
    assert dataset.mask_fit is None
    on_off = MapDatasetOnOff.from_map_dataset(dataset, acceptance=1, acceptance_off=2)
    with pytest.raises(DataError, match="MapDatasetOnOff"):
        FoVBackgroundMaker().run(on_off)


def test_piecewise_norms_are_fitted(dataset):
    FoVBackgroundMaker(method="fit", spectral_model=PiecewiseNormSpectralModel(energy=[1, 10] * u.TeV)).run(
        dataset
    )
    assert_allclose(dataset.npred_background().data.sum(), dataset.counts.data.sum(), rtol=1e-3)


def test_repr_names_the_method():
    assert "method='fit'" in repr(FoVBackgroundMaker(method="fit"))
