"""The engine against a prediction in plain loops, and its promises about state."""

import math

import numpy as np
import pytest

from geminga.datasets import Datasets
from geminga.errors import DataError, ModelError
from geminga.likelihood import bind, npred, npred_signal, stat_array, stat_sum
from geminga.modeling.models import (
    ConstantTemporalModel,
    ExpDecayTemporalModel,
    FoVBackgroundModel,
    GaussianPrior,
    GaussianSpatialModel,
    LogParabolaSpectralModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
)

from .test_statistics import slow_cash, slow_wstat


def slow_prediction(dataset, spectrum):
    """Counts by explicit loops over true and reconstructed energy."""
    energy_true = dataset.exposure.geom.axes["energy_true"]
    edges = energy_true.edges
    flux = spectrum.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1")
    exposure = dataset.exposure.quantity.to_value("cm2 s").reshape(-1)
    kernel = dataset.edisp.get_edisp_kernel().pdf_matrix
    counts = []
    for j in range(kernel.shape[1]):
        total = 0.0
        for i in range(kernel.shape[0]):
            total += flux[i] * exposure[i] * kernel[i, j]
        counts.append(total)
    return np.array(counts)


def slow_stat(dataset, signal):
    """Sum of the statistic over the mask by explicit loops."""
    counts = dataset.counts.data.reshape(-1)
    mask = dataset.mask.data.reshape(-1)
    total = 0.0
    for i in range(counts.size):
        if not mask[i]:
            continue
        if dataset.stat_type == "wstat":
            off = dataset.counts_off.data.reshape(-1)[i]
            total += slow_wstat(counts[i], off, 1 / 4.0, signal[i])
        else:
            total += slow_cash(counts[i], signal[i] + dataset.background.data.reshape(-1)[i])
    return total


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_value_is_that_of_plain_loops(make_dataset, model, kind):
    datasets = Datasets([make_dataset(kind, f"d{i}", scale=1 + i, seed=i) for i in range(3)])
    datasets.models = [model]
    expected = sum(slow_stat(d, slow_prediction(d, model.spectral_model)) for d in datasets)
    # The background is profiled by a general minimiser in the twin.
    assert bind(datasets).stat() == pytest.approx(expected, rel=1e-9 if kind == "cash" else 1e-6)
    for dataset in datasets:
        np.testing.assert_allclose(
            npred_signal(dataset).data.reshape(-1), slow_prediction(dataset, model.spectral_model), rtol=1e-12
        )


def check_derivatives(likelihood, rtol=2e-4):
    values = likelihood.values
    gradient = likelihood.gradient(values)
    hessian = likelihood.hessian(values)
    for i, parameter in enumerate(likelihood.parameters):
        step = 1e-4 * max(abs(values[i]), parameter.scale if values[i] == 0 else 0)
        up, down = values.copy(), values.copy()
        up[i] += step
        down[i] -= step
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / (2 * step)
        scale = np.sqrt(hessian[i, i]) if hessian[i, i] > 0 else abs(numeric)
        assert gradient[i] == pytest.approx(numeric, rel=rtol, abs=1e-4 * scale)
        row = (likelihood.gradient(up) - likelihood.gradient(down)) / (2 * step)
        norm = np.sqrt(np.abs(np.outer(np.diag(hessian), np.diag(hessian))))[i]
        np.testing.assert_allclose(hessian[i] / norm, row / norm, atol=5e-3)


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_derivatives_are_differences(make_dataset, model, kind):
    datasets = Datasets([make_dataset(kind, "a"), make_dataset(kind, "b", seed=3)])
    other = SkyModel(
        spectral_model=LogParabolaSpectralModel(
            amplitude="1e-12 cm-2 s-1 TeV-1", alpha=2.0, beta=0.1, reference="2 TeV"
        ),
        temporal_model=ConstantTemporalModel(),
        name="other",
        datasets_names=["b"],
    )
    models = [model, other]
    if kind == "cash":
        background = FoVBackgroundModel(dataset_name="a", spectral_model=PowerLawNormSpectralModel())
        background.spectral_model.tilt.frozen = False
        models.append(background)
    datasets.models = models
    check_derivatives(bind(datasets))


def test_free_spatial_and_temporal_parameters_have_derivatives(make_dataset):
    dataset = make_dataset("cash")
    spatial = GaussianSpatialModel(lon_0="83.63 deg", lat_0="22.05 deg", sigma="0.15 deg")
    temporal = ExpDecayTemporalModel(t0="0.05 d", t_ref=f"{dataset.gti.time_start[0].utc.mjd} d")
    temporal.t0.frozen = False
    model = SkyModel(
        spectral_model=PowerLawSpectralModel(amplitude="3e-11 cm-2 s-1 TeV-1"),
        spatial_model=spatial,
        temporal_model=temporal,
        name="extended",
    )
    datasets = Datasets([dataset])
    datasets.models = [model]
    likelihood = bind(datasets)
    assert {p.name for p in likelihood.parameters} >= {"lon_0", "lat_0", "sigma", "t0"}
    values = likelihood.values
    gradient = likelihood.gradient(values)
    for i in range(len(values)):
        step = 3e-3 * abs(values[i]) if likelihood.parameters[i].name not in ("lon_0", "lat_0") else 5e-3
        up, down = values.copy(), values.copy()
        up[i] += step
        down[i] -= step
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / (2 * step)
        # The spatial integral is a sum over pixels, so it is a little rough.
        assert gradient[i] == pytest.approx(
            numeric, rel=0.1, abs=1e-3 * np.abs(gradient).max() * abs(values[0] / values[i])
        )


def test_sources_add_up_and_scale_alone(make_dataset, model):
    """Doubling one amplitude leaves the other source as it is (fault 1 of the peer)."""
    dataset = make_dataset("cash")
    flat = SkyModel(
        spectral_model=PowerLawSpectralModel(index=1.0, amplitude="1e-13 cm-2 s-1 TeV-1"), name="flat"
    )
    dataset.models = [model, flat]
    before = npred_signal(dataset).data.sum()
    alone = npred_signal(dataset, model_names=["flat"]).data.sum()
    model.spectral_model.amplitude.value *= 2
    assert npred_signal(dataset).data.sum() == pytest.approx(2 * (before - alone) + alone, rel=1e-12)
    model.spectral_model.amplitude.value = 0
    assert npred_signal(dataset).data.sum() == pytest.approx(alone, rel=1e-12)


def test_sum_of_spectra_is_not_rescaled(make_dataset):
    dataset = make_dataset("cash")
    one = PowerLawSpectralModel(index=2.0, amplitude="1e-11 cm-2 s-1 TeV-1")
    two = PowerLawSpectralModel(index=3.0, amplitude="1e-11 cm-2 s-1 TeV-1")
    dataset.models = [SkyModel(spectral_model=one + two, name="sum")]
    total = npred_signal(dataset).data.sum()
    part = slow_prediction(dataset, one).sum()
    one.amplitude.value *= 3
    assert npred_signal(dataset).data.sum() == pytest.approx(total + 2 * part, rel=1e-6)


def test_stacked_prediction_keeps_the_models_apart(make_dataset, model):
    dataset = make_dataset("cash")
    other = model.copy(name="other")
    dataset.models = [model, other]
    by_model = npred_signal(dataset, stack=False)
    assert by_model.geom.axes["models"].nbin == 2
    total = by_model.data.sum(axis=by_model.geom.axes.index_data("models"))
    np.testing.assert_allclose(total.ravel(), npred_signal(dataset).data.ravel(), rtol=1e-6)


def test_a_replaced_response_is_seen(make_dataset, model):
    datasets = Datasets([make_dataset("wstat")])
    datasets.models = [model]
    dataset = datasets[0]
    before_stat, before = datasets.stat_sum(), npred(dataset).data.sum()
    dataset.exposure = dataset.exposure * 2.0
    assert npred_signal(dataset).data.sum() > 0
    assert npred(dataset).data.sum() != pytest.approx(before)
    assert datasets.stat_sum() != pytest.approx(before_stat)
    dataset.exposure.data /= 2.0
    assert datasets.stat_sum() == pytest.approx(before_stat, rel=1e-6)
    dataset.counts.data[...] = 0
    assert datasets.stat_sum() != pytest.approx(before_stat)


def test_binding_changes_nothing(make_dataset, model):
    datasets = Datasets([make_dataset("wstat")])
    datasets.models = [model]
    before = [p.value for p in model.parameters]
    counts = datasets[0].counts.data.copy()
    likelihood = bind(datasets)
    likelihood.stat_and_gradient(likelihood.values * 1.3)
    likelihood.hessian()
    assert [p.value for p in model.parameters] == before
    np.testing.assert_array_equal(datasets[0].counts.data, counts)


def test_priors_add_once(make_dataset, model):
    datasets = Datasets([make_dataset("wstat", "a"), make_dataset("wstat", "b")])
    datasets.models = [model]
    without = datasets.stat_sum()
    model.spectral_model.index.prior = GaussianPrior(mu=2.0, sigma=0.1)
    likelihood = bind(datasets)
    normalisation = 2 * math.log(0.1 * math.sqrt(2 * math.pi))
    assert likelihood.stat() - without == pytest.approx(((2.2 - 2.0) / 0.1) ** 2 + normalisation, rel=1e-9)
    index = [p.name for p in likelihood.parameters].index("index")
    with_prior = likelihood.gradient()[index]
    model.spectral_model.index.prior = None
    plain = bind(datasets).gradient()[index]
    assert with_prior - plain == pytest.approx(2 * 0.2 / 0.01, rel=1e-6)


def test_linked_parameters_are_one(make_dataset, model):
    other = model.copy(name="other")
    other.spectral_model.index = model.spectral_model.index
    datasets = Datasets([make_dataset("cash")])
    datasets.models = [model, other]
    likelihood = bind(datasets)
    assert [p.name for p in likelihood.parameters].count("index") == 1
    check_derivatives(likelihood)


def test_frozen_models_are_folded_once(make_dataset, model):
    datasets = Datasets([make_dataset("cash")])
    other = model.copy(name="other")
    other.freeze()
    datasets.models = [model, other]
    likelihood = bind(datasets)
    assert len(likelihood.terms[0].components) == 1
    assert likelihood.terms[0].constant.sum() > datasets[0].background.data[datasets[0].mask.data].sum()


def test_statistic_of_one_dataset(make_dataset, model):
    dataset = make_dataset("wstat")
    dataset.models = [model]
    masked = stat_array(dataset)[dataset.mask.data].sum()
    assert stat_sum(dataset) == pytest.approx(masked, rel=1e-12)


def test_units_of_parameters_do_not_matter(make_dataset, model):
    dataset = make_dataset("wstat")
    dataset.models = [model]
    in_tev = stat_sum(dataset)
    in_mev = SkyModel(
        spectral_model=PowerLawSpectralModel(index=2.2, amplitude="1e-13 m-2 s-1 MeV-1", reference="1e6 MeV"),
        name="source",
    )
    dataset.models = [in_mev]
    assert stat_sum(dataset) == pytest.approx(in_tev, rel=1e-10)


def test_missing_exposure_says_so(make_dataset, model):
    dataset = make_dataset("cash")
    dataset.models = [model]
    dataset.exposure = None
    with pytest.raises(DataError, match="exposure of dataset 'one' must be set"):
        npred_signal(dataset)


def test_missing_counts_say_so(make_dataset, model):
    dataset = make_dataset("cash")
    dataset.mask_fit = dataset.mask_safe
    dataset.counts = None
    datasets = Datasets([dataset])
    datasets.models = [model]
    with pytest.raises(DataError, match="counts of dataset 'one' must be set"):
        bind(datasets)


def test_background_model_on_measured_background_is_refused(make_dataset):
    dataset = make_dataset("wstat")
    dataset.models = [FoVBackgroundModel(dataset_name="one")]
    with pytest.raises(ModelError, match="must not include a background model"):
        stat_sum(dataset)


def test_all_masked_datasets_give_zero(make_dataset, model):
    dataset = make_dataset("wstat")
    dataset.mask_safe.data[...] = False
    datasets = Datasets([dataset])
    datasets.models = [model]
    assert bind(datasets).stat() == 0
    assert math.isfinite(bind(datasets).gradient().sum())


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_values_that_are_not_finite_count_as_zero(make_dataset, model, kind):
    """For spectra as for maps, in the statistic of all bins, of each bin, and in predictions."""
    with_gaps, filled = make_dataset(kind, masked=False), make_dataset(kind, masked=False)
    names = ("counts", "background") if kind == "cash" else ("counts", "counts_off", "acceptance_off")
    for index, name in enumerate(names):
        getattr(with_gaps, name).data[5 + index] = np.nan
        getattr(filled, name).data[5 + index] = 0.0
    for dataset in (with_gaps, filled):
        dataset.models = [model]
    assert np.isfinite(filled.stat_sum())
    assert with_gaps.stat_sum() == pytest.approx(filled.stat_sum(), rel=1e-12)
    np.testing.assert_allclose(with_gaps.stat_array(), filled.stat_array(), rtol=1e-12)
    np.testing.assert_allclose(with_gaps.npred().data, filled.npred().data, rtol=1e-12)
