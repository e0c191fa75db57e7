"""Flux points and light curves of cubes, alone and together with spectra, against a general minimiser."""

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import brentq, minimize_scalar

from geminga.datasets import Datasets
from geminga.errors import DataError
from geminga.estimators import FluxPointsEstimator, LightCurveEstimator
from geminga.maps import Map
from geminga.modeling.models import FoVBackgroundModel, GaussianSpatialModel, PowerLawSpectralModel, SkyModel
from geminga.stats import cash, wstat

EDGES = [0.8, 2.5, 10, 50] * u.TeV


def dense_bins(dataset, source, low, high):
    """Return a function of the norm: the statistic of each used bin of one band, from whole cubes."""
    edges = dataset.counts.geom.axes["energy"].edges
    rows = (edges[:-1] >= low * (1 - 1e-9)) & (edges[1:] <= high * (1 + 1e-9))
    inside = rows[:, np.newaxis, np.newaxis] & dataset.mask.data
    names = [name for name in dataset.models.names if name != source]
    signal = dataset.npred_signal(model_names=[source]).data[inside]
    others = dataset.npred_signal(model_names=names).data[inside]
    counts = dataset.counts.data[inside]
    if dataset.stat_type == "wstat":
        off, alpha = dataset.counts_off.data[inside], dataset.alpha.data[inside]
        return lambda norm: wstat(counts, off, alpha, others + norm * signal)
    others += dataset.npred_background().data[inside]
    return lambda norm: cash(counts, np.maximum(others + norm * signal, 0))


def slow_band(datasets, source, low, high):
    """Return best norm, its statistic, upper error and TS from dense statistics of every bin of one band."""
    parts = [dense_bins(dataset, source, low, high) for dataset in datasets]

    def stat(norm):
        return sum(part(norm).sum() for part in parts)

    best = minimize_scalar(stat, bracket=(0.5, 1.5), tol=1e-9)
    errp = brentq(lambda x: stat(x) - best.fun - 1, best.x, best.x + 20) - best.x
    return best.x, best.fun, errp, stat(0.0) - best.fun


def assert_bands_agree(datasets, **kwargs):
    estimator = FluxPointsEstimator(energy_edges=EDGES, source="source", selection_optional="all", **kwargs)
    points = estimator.run(datasets)
    for index in range(points.energy_axis.nbin):
        low, high = points.energy_axis.edges[index : index + 2]
        norm, stat, errp, ts = slow_band(datasets, "source", low, high)
        assert points.norm.data.ravel()[index] == pytest.approx(norm, rel=1e-5)
        assert points.stat.data.ravel()[index] == pytest.approx(stat, rel=1e-9)
        assert points.norm_errp.data.ravel()[index] == pytest.approx(errp, rel=1e-5)
        assert points.ts.data.ravel()[index] == pytest.approx(ts, rel=1e-5, abs=1e-6)
    return points


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_bands_of_a_cube(make_map_dataset, point_source, kind):
    datasets = Datasets([make_map_dataset(kind)])
    datasets.models = [point_source]
    points = assert_bands_agree(datasets)
    dataset, edges = datasets[0], points.energy_axis.edges
    rows = slice(*np.searchsorted(dataset.counts.geom.axes["energy"].edges, edges[[0, -1]] * (1 - 1e-9)))
    masked = [
        (part.data * dataset.mask.data)[rows].sum() for part in (dataset.counts, dataset.npred_signal())
    ]
    assert points.counts.data.sum() == pytest.approx(masked[0])
    assert points.npred_excess_ref.data.sum() == pytest.approx(masked[1])


def test_other_source_and_background_model(make_map_dataset, point_source):
    spatial = GaussianSpatialModel(lon_0="83.4 deg", lat_0="21.9 deg", sigma="0.2 deg")
    spectrum = PowerLawSpectralModel(amplitude="3e-12 cm-2 s-1 TeV-1")
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.norm.value = 0.9
    datasets = Datasets([make_map_dataset()])
    datasets.models = [point_source, SkyModel(spectrum, spatial, name="other"), background]
    points = assert_bands_agree(datasets)
    total = datasets[0].npred().data * datasets[0].mask.data
    predicted = points.npred.data + (1 - points.norm.data[:, np.newaxis]) * points.npred_excess_ref.data
    low = np.argmin(np.abs(datasets[0].counts.geom.axes["energy"].edges - points.energy_axis.edges[0]))
    assert predicted.sum() == pytest.approx(total[low:].sum(), rel=1e-6)


def test_cubes_and_spectra_together(make_map_dataset, make_dataset, point_source):
    """The statistic of a joint band is the sum of those of its parts, whatever they are."""
    datasets = Datasets(
        [
            make_map_dataset("cash", "cube"),
            make_map_dataset("wstat", "cube-on-off", seed=3),
            make_dataset("wstat", "spectrum"),
        ]
    )
    datasets.models = [point_source]
    points = assert_bands_agree(datasets)
    assert points.counts.data.shape[:2] == (3, 3)
    assert points.npred.data.shape == points.counts.data.shape


def test_summed_bins_of_a_cube(make_map_dataset, point_source):
    """Bins summed over energy, pixel by pixel, are what an image of the band has."""
    dataset = make_map_dataset()
    datasets = Datasets([dataset])
    datasets.models = [point_source]
    estimator = FluxPointsEstimator(
        energy_edges=[1, 30] * u.TeV, source="source", sum_over_energy_groups=True
    )
    points = estimator.run(datasets)
    edges = dataset.counts.geom.axes["energy"].edges
    low, high = points.energy_axis.edges
    rows = (edges[:-1] >= low * 0.999) & (edges[1:] <= high * 1.001)
    inside = (dataset.mask.data & rows[:, np.newaxis, np.newaxis]).astype(float)
    counts, signal, background = (
        (part.data * inside).sum(axis=0)
        for part in (dataset.counts, dataset.npred_signal(), dataset.npred_background())
    )
    used = inside.any(axis=0)

    def stat(norm):
        mu = (background + norm * signal)[used]
        return 2 * (mu - counts[used] * np.log(mu)).sum()

    best = minimize_scalar(stat, bracket=(0.5, 1.5), tol=1e-9)
    assert points.norm.data.item() == pytest.approx(best.x, rel=1e-5)
    assert points.stat.data.item() == pytest.approx(best.fun, rel=1e-9)


def test_light_curve_of_cubes(make_map_dataset, point_source):
    """Each interval of a light curve is the flux point of its dataset."""
    datasets = Datasets([make_map_dataset(name=f"run-{hour}", seed=hour, hour=2 * hour) for hour in range(3)])
    datasets.models = [point_source]
    kwargs = {"energy_edges": [1, 10] * u.TeV, "source": "source", "selection_optional": ["ul"]}
    curve = LightCurveEstimator(**kwargs).run(datasets)
    assert curve.norm.data.shape[:2] == (3, 1)
    for index, dataset in enumerate(datasets):
        alone = FluxPointsEstimator(**kwargs).run(Datasets([dataset]))
        assert curve.norm.data[index].item() == pytest.approx(alone.norm.data.item(), rel=1e-9)
        assert curve.norm_ul.data[index].item() == pytest.approx(alone.norm_ul.data.item(), rel=1e-9)
    stacked = LightCurveEstimator(stack_over_time_interval=True, **kwargs).run(datasets)
    np.testing.assert_allclose(stacked.norm.data, curve.norm.data, rtol=0.02)


def test_a_norm_far_below_zero_is_that_of_clipped_predictions(make_map_dataset, point_source):
    """Bins without counts whose prediction turns negative count as zero, as they do in the likelihood."""
    dataset = make_map_dataset(background=0.05, source=False)
    datasets = Datasets([dataset])
    datasets.models = [point_source]
    points = FluxPointsEstimator(
        energy_edges=EDGES, source="source", norm={"scan_values": [-0.05, 0.1]}, selection_optional=["scan"]
    ).run(datasets)
    stat = dense_bins(dataset, "source", *points.energy_axis.edges[:2])
    for value, found in zip([-0.05, 0.1], points.stat_scan.data[0].ravel(), strict=True):
        assert found == pytest.approx(stat(value).sum(), rel=1e-9)


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_bins_without_numbers_are_those_of_the_likelihood(make_map_dataset, point_source, kind):
    """Counts that are NaN are no counts, a background that is NaN is none: for flux points as for a fit."""
    dataset, filled = make_map_dataset(kind), make_map_dataset(kind)
    off = "background" if kind == "cash" else "counts_off"
    for one, value in ((dataset, np.nan), (filled, 0.0)):
        one.counts.data[4:, 3:5, 7] = getattr(one, off).data[4:, 9, 9] = value
    points = []
    for one in (dataset, filled):
        one.models = [point_source]
        points.append(FluxPointsEstimator(EDGES).run(one))
    assert dataset.stat_sum() == pytest.approx(filled.stat_sum(), rel=1e-12)
    assert np.isfinite(dataset.npred().data).all()
    for name in ("norm", "norm_err", "ts", "counts", "npred"):
        np.testing.assert_allclose(points[0][name].data, points[1][name].data, rtol=1e-9)


def test_flux_points_need_acceptances(make_map_dataset, point_source):
    dataset = make_map_dataset("wstat")
    dataset.models = [point_source]
    dataset.acceptance_off = None
    with pytest.raises(DataError, match="acceptance_off of dataset 'map' must be set"):
        FluxPointsEstimator(EDGES).run(dataset)


def test_datasets_without_models_add_nothing(make_map_dataset, point_source):
    datasets = Datasets([make_map_dataset(), make_map_dataset(name="other")])
    datasets[0].models = [point_source]
    assert datasets[1].models is None
    points = FluxPointsEstimator(EDGES, source="source").run(datasets)
    alone = FluxPointsEstimator(EDGES, source="source").run(datasets[:1])
    np.testing.assert_allclose(points.norm.data, alone.norm.data, rtol=1e-9)
    assert np.all(points.npred_excess.data[:, 1] == 0)


@pytest.mark.parametrize("summed", [True, False])
def test_bins_without_off_acceptance_do_not_count(make_map_dataset, point_source, summed):
    """Nothing is known of their background: what they hold is neither counts nor excess, energies summed or not."""
    dataset, masked = make_map_dataset("wstat", background=5), make_map_dataset("wstat", background=5)
    dataset.acceptance_off.data[::2] = 0.0
    mask = masked.mask_safe.data.copy()
    mask[::2] = False
    masked.mask_safe = Map.from_geom(masked.counts.geom, data=mask)
    points = []
    for one in (dataset, masked):
        one.models = [point_source]
        points.append(FluxPointsEstimator(EDGES, sum_over_energy_groups=summed).run(one))
    assert dataset.stat_sum() == pytest.approx(masked.stat_sum(), rel=1e-12)
    for name in ("norm", "norm_err", "ts", "counts", "npred", "npred_excess"):
        np.testing.assert_allclose(points[0][name].data, points[1][name].data, rtol=1e-9)
    np.testing.assert_array_equal(points[0].energy_axis.edges.value, points[1].energy_axis.edges.value)
    assert np.nanmax(np.abs(points[0].npred.data / points[0].counts.data - 1)) < 0.1


def test_edges_off_the_axis(make_map_dataset, point_source):
    dataset = make_map_dataset()
    dataset.models = [point_source]
    with pytest.raises(
        DataError, match=r"must overlap the energy axis of the datasets, got \[100. 200.\] TeV\."
    ):
        FluxPointsEstimator([100, 200] * u.TeV).run(dataset)
