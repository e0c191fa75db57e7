"""Flux points against a general minimiser, bin by bin."""

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import brentq, minimize_scalar

from geminga.datasets import Datasets
from geminga.errors import DataError, ModelError, UnknownNameError
from geminga.estimators import FluxPointsEstimator
from geminga.likelihood import bind
from geminga.modeling import Fit
from geminga.modeling.models import FoVBackgroundModel, PowerLawSpectralModel, SkyModel

EDGES = [0.6, 1.5, 4, 12, 40] * u.TeV


@pytest.fixture
def on_off(make_dataset, model):
    datasets = Datasets([make_dataset("wstat", "a"), make_dataset("wstat", "b", scale=2, seed=5)])
    datasets.models = [model]
    return datasets


def slow_band(datasets, amplitude, low, high):
    """Best norm, errors and limit of one band by scalar minimisation of the likelihood of sliced datasets."""
    sliced = datasets.slice_by_energy(low, high)
    sliced.models = datasets.models
    likelihood = bind(sliced)
    names = [p.name for p in likelihood.parameters]
    values = likelihood.values

    def stat(norm):
        trial = values.copy()
        trial[names.index("amplitude")] = amplitude * norm
        return likelihood.stat(trial)

    best = minimize_scalar(stat, bracket=(0.5, 1.0), tol=1e-10)

    def crossing(delta):
        return brentq(lambda x: stat(x) - best.fun - delta, best.x, best.x + 50) - best.x

    return best.x, best.fun, crossing(1.0), best.x + crossing(4.0), stat(0.0)


def test_bands_agree_with_a_general_minimiser(on_off, model):
    points = FluxPointsEstimator(energy_edges=EDGES, source="source", selection_optional="all").run(on_off)
    amplitude = model.spectral_model.amplitude.value
    for index in range(points.energy_axis.nbin):
        low, high = points.energy_axis.edges[index : index + 2]
        norm, stat, errp, limit, null = slow_band(on_off, amplitude, low, high)
        assert points.norm.data.ravel()[index] == pytest.approx(norm, rel=1e-6, abs=1e-7)
        assert points.stat.data.ravel()[index] == pytest.approx(stat, rel=1e-9)
        assert points.norm_errp.data.ravel()[index] == pytest.approx(errp, rel=1e-6)
        assert points.norm_ul.data.ravel()[index] == pytest.approx(limit, rel=1e-6)
        assert points.ts.data.ravel()[index] == pytest.approx(null - stat, rel=1e-6, abs=1e-8)


def test_cash_with_background_model_and_other_source(make_dataset, model):
    dataset = make_dataset("cash")
    other = SkyModel(
        spectral_model=PowerLawSpectralModel(index=2.5, amplitude="5e-12 cm-2 s-1 TeV-1"), name="other"
    )
    background = FoVBackgroundModel(dataset_name="one")
    background.spectral_model.norm.value = 1.2
    datasets = Datasets([dataset])
    datasets.models = [model, other, background]
    points = FluxPointsEstimator(
        energy_edges=EDGES, source="source", selection_optional=["errn-errp", "ul"]
    ).run(datasets)
    low, high = points.energy_axis.edges[1:3]
    norm, _, errp, limit, _ = slow_band(datasets, model.spectral_model.amplitude.value, low, high)
    assert points.norm.data.ravel()[1] == pytest.approx(norm, rel=1e-6)
    assert points.norm_errp.data.ravel()[1] == pytest.approx(errp, rel=1e-6)
    assert points.norm_ul.data.ravel()[1] == pytest.approx(limit, rel=1e-6)


def test_counts_and_predictions_of_each_dataset(on_off):
    points = FluxPointsEstimator(energy_edges=EDGES, source="source").run(on_off)
    assert points.counts.geom.axes["dataset"].nbin == 2
    total = sum(
        d.counts.data[d.mask.data].sum() for d in on_off.slice_by_energy(*points.energy_axis.edges[[0, -1]])
    )
    assert points.counts.data.sum() == pytest.approx(total)
    background = points.npred.data - points.npred_excess.data
    assert np.all(background >= 0)


def test_nothing_is_changed(on_off, model):
    before = [p.value for p in model.parameters], [p.frozen for p in model.parameters]
    counts = on_off[0].counts.data.copy()
    FluxPointsEstimator(energy_edges=EDGES, source="source", selection_optional="all").run(on_off)
    FluxPointsEstimator(energy_edges=EDGES, source="source", reoptimize=True).run(on_off)
    assert ([p.value for p in model.parameters], [p.frozen for p in model.parameters]) == before
    np.testing.assert_array_equal(on_off[0].counts.data, counts)
    assert on_off.models[0] is model


def test_reoptimised_points_follow_a_joint_fit(make_dataset, model):
    """With a free background the error of a band is that of a fit of both, not of the norm alone."""
    dataset = make_dataset("cash")
    background = FoVBackgroundModel(dataset_name="one")
    datasets = Datasets([dataset])
    datasets.models = [model, background]
    kwargs = {
        "energy_edges": [1.5, 12] * u.TeV,
        "source": "source",
        "selection_optional": ["errn-errp", "ul", "scan"],
    }
    alone = FluxPointsEstimator(**kwargs).run(datasets)
    together = FluxPointsEstimator(reoptimize=True, **kwargs).run(datasets)
    assert together.norm_err.data.item() > 1.05 * alone.norm_err.data.item()
    assert together.stat.data.item() <= alone.stat.data.item() + 1e-6
    # the same by hand
    sliced = datasets.slice_by_energy(*together.energy_axis.edges)
    models = [model.copy(name="source"), background.copy(name=background.name)]
    models[0].spectral_model.index.frozen = True
    sliced.models = models
    result = Fit().run(sliced)
    amplitude = models[0].spectral_model.amplitude
    reference = model.spectral_model.amplitude.value
    assert together.stat.data.item() == pytest.approx(result.total_stat, abs=1e-3)
    assert together.norm.data.item() == pytest.approx(amplitude.value / reference, rel=1e-3)
    assert together.norm_err.data.item() == pytest.approx(amplitude.error / reference, rel=0.01)
    assert together.stat_scan.data.shape[-3] == 11


def test_sum_over_energy_groups_is_one_bin(make_dataset, model):
    dataset = make_dataset("cash", masked=False)
    datasets = Datasets([dataset])
    datasets.models = [model]
    edges = dataset.counts.geom.axes["energy"].edges[[2, 8]]
    points = FluxPointsEstimator(energy_edges=edges, source=0, sum_over_energy_groups=True).run(datasets)
    counts, background = dataset.counts.data[2:8].sum(), dataset.background.data[2:8].sum()
    signal = dataset.npred_signal().data[2:8].sum()
    assert points.norm.data.item() == pytest.approx((counts - background) / signal, rel=1e-6)


def test_bins_without_data_are_marked(on_off):
    points = FluxPointsEstimator(energy_edges=[0.5, 0.7, 2] * u.TeV, source="source").run(on_off)
    assert not points.success.data.ravel()[0]
    assert np.isnan(points.norm.data.ravel()[0])
    assert points.success.data.ravel()[1]


def test_scan_norms_can_be_chosen(on_off):
    norm = {"scan_min": 0.5, "scan_max": 2, "scan_n_values": 5}
    estimator = FluxPointsEstimator(
        energy_edges=EDGES, source="source", norm=norm, selection_optional=["scan"]
    )
    scan = estimator.run(on_off).stat_scan
    np.testing.assert_allclose(scan.geom.axes["norm"].center.value, np.geomspace(0.5, 2, 5))
    assert scan.data.shape[:2] == (4, 5)


def test_limits_of_the_norm_hold(on_off):
    estimator = FluxPointsEstimator(energy_edges=EDGES, source="source", norm={"min": 0.0, "max": 0.5})
    norm = estimator.run(on_off).norm.data
    assert norm.max() <= 0.5
    assert norm.min() >= 0


def test_edges_accept_strings_and_refuse_disorder(on_off):
    points = FluxPointsEstimator(energy_edges=["1 TeV", "10 TeV"], source="source").run(on_off)
    assert points.energy_axis.nbin == 1
    with pytest.raises(DataError, match="increasing"):
        FluxPointsEstimator(energy_edges=[10, 1] * u.TeV)
    with pytest.raises(DataError, match="must overlap"):
        FluxPointsEstimator(energy_edges=[200, 300] * u.TeV, source="source").run(on_off)


def test_unknown_source_and_selection(on_off):
    with pytest.raises(ModelError, match="source must be one of"):
        FluxPointsEstimator(energy_edges=EDGES, source="nobody").run(on_off)
    with pytest.raises(UnknownNameError, match="Did you mean 'scan'"):
        FluxPointsEstimator(energy_edges=EDGES, selection_optional=["scann"])


def test_telescopes_are_not_mixed_by_accident(on_off):
    from astropy.table import Table

    on_off[0].meta_table = Table({"TELESCOP": ["one"]})
    on_off[1].meta_table = Table({"TELESCOP": ["other"]})
    with pytest.raises(DataError, match="must be of one telescope"):
        FluxPointsEstimator(energy_edges=EDGES, source="source").run(on_off)
    assert FluxPointsEstimator(energy_edges=EDGES, source="source", allow_multiple_telescopes=True).run(
        on_off
    )


def test_steps_of_the_estimate_are_there_one_by_one(on_off, model):
    """The pieces that scripts call agree with the whole."""
    estimator = FluxPointsEstimator(energy_edges=EDGES, source="source")
    scaled = estimator.get_scale_model(on_off.models)
    energy = 3 * u.TeV
    assert scaled(energy) == model.spectral_model(energy)
    excess = estimator.estimate_npred_excess(on_off)
    expected = [d.npred_signal().data[d.mask.data].sum() for d in on_off]
    np.testing.assert_allclose(excess["npred_excess"], expected, rtol=1e-5)
    counts = estimator.estimate_counts(on_off)
    np.testing.assert_allclose(counts["counts"], [d.counts.data[d.mask.data].sum() for d in on_off])
