"""TS maps against a scalar root finder in each window, and against what statistics promises."""

import numpy as np
import pytest
from astropy import units as u
from scipy.optimize import brentq
from scipy.stats import kstest

from geminga.datasets import Datasets
from geminga.errors import DataError, GeometryError, UnknownNameError
from geminga.estimators import TSMapEstimator
from geminga.estimators.coarse_pixels import block_sum, on_fine_pixels
from geminga.estimators.utils import estimate_exposure_reco_energy
from geminga.maps import Map
from geminga.modeling.models import (
    FoVBackgroundModel,
    GaussianSpatialModel,
    PointSpatialModel,
    PowerLawSpectralModel,
    SkyModel,
)

WIDTH = "0.45 deg"


@pytest.fixture
def source():
    spectrum = PowerLawSpectralModel(index=2.3, amplitude="1e-11 cm-2 s-1 TeV-1")
    return SkyModel(spectrum, PointSpatialModel(), name="seed")


def window(dataset, source, estimator, pixel, summed):
    """Return counts, background and signal of the used bins around a pixel, one by one."""
    kernel = estimator.estimate_kernel(dataset).data
    unit = estimate_exposure_reco_energy(dataset, source.spectral_model, normalize=False).data
    npred = dataset.npred().data
    mask = dataset.mask.data
    half = np.array(kernel.shape[1:]) // 2
    in_use = mask.any(axis=(1, 2))
    mean = kernel[in_use].mean(axis=0)
    bins = []
    for i in range(kernel.shape[1]):
        for j in range(kernel.shape[2]):
            y, x = pixel[0] + i - half[0], pixel[1] + j - half[1]
            if not (0 <= y < mask.shape[1] and 0 <= x < mask.shape[2]):
                continue
            used = mask[:, y, x]
            if summed:
                parts = (part[used, y, x].sum() for part in (dataset.counts.data, npred, unit))
                n, b, e = parts
                bins.append((n, b, e * mean[i, j]))
            else:
                bins += [
                    (dataset.counts.data[k, y, x], npred[k, y, x], unit[k, y, x] * kernel[k, i, j])
                    for k in np.flatnonzero(used)
                ]
    bins = np.array([row for row in bins if row[2] > 0])
    return bins.T


def slow_fit(n, b, m):
    """Return norm, TS and error of one window."""
    seen = n > 0
    low = -(b[seen] / m[seen]).min()
    norm = brentq(lambda x: np.sum(m) - np.sum(n * m / (b + x * m)), low + 1e-9 * abs(low), 1e3, xtol=1e-13)
    norm = max(norm, -(b / m).min())
    ts = -2 * np.sum(norm * m - n * np.log1p(norm * m / b))
    return norm, ts, np.sum(n * (m / (b + norm * m)) ** 2) ** -0.5


@pytest.mark.parametrize("summed", [True, False])
def test_each_window_by_a_scalar_root_finder(make_map_dataset, source, summed):
    dataset = make_map_dataset()
    background = FoVBackgroundModel(dataset_name="map")
    background.spectral_model.norm.value = 1.05
    dataset.models = [background]
    estimator = TSMapEstimator(source, WIDTH, sum_over_energy_groups=summed)
    maps = estimator.run(dataset)
    for pixel in [(12, 15), (14, 17), (3, 20), (0, 30), (20, 2)]:
        n, b, m = window(dataset, source, estimator, pixel, summed)
        norm, ts, error = slow_fit(n, b, m)
        at = (0, *pixel)
        assert maps.norm.data[at] == pytest.approx(norm, abs=1e-6 * error)
        assert maps.ts.data[at] == pytest.approx(ts, rel=1e-7, abs=1e-7)
        assert maps.norm_err.data[at] == pytest.approx(error, rel=1e-5)
        assert maps.npred_excess.data[at] == pytest.approx(norm * m.sum(), abs=1e-5)
        assert np.sign(maps.sqrt_ts.data[at]) == np.sign(norm)


def test_several_datasets_are_fitted_together(make_map_dataset, source):
    datasets = Datasets([make_map_dataset(name="a"), make_map_dataset(name="b", seed=3, background=1.0)])
    estimator = TSMapEstimator(source, WIDTH, energy_edges=[0.5, 3, 50] * u.TeV)
    maps = estimator.run(datasets)
    assert maps.norm.data.shape[0] == 2
    one = TSMapEstimator(source, WIDTH)
    whole = one.run(datasets)
    parts = [window(dataset, source, one, (13, 16), summed=True) for dataset in datasets]
    norm, ts, _ = slow_fit(*np.concatenate(parts, axis=1))
    assert whole.norm.data[0, 13, 16] == pytest.approx(norm, rel=1e-6)
    assert whole.ts.data[0, 13, 16] == pytest.approx(ts, rel=1e-6)
    assert len(whole.gti.table) >= 1


def test_optional_quantities(make_map_dataset, source):
    """Limits and errors lie where the statistic has risen by their squares."""
    dataset = make_map_dataset()
    estimator = TSMapEstimator(
        source, WIDTH, n_sigma_ul=3, selection_optional="all", norm={"scan_values": [0.5, 2.0]}
    )
    maps = estimator.run(dataset)
    n, b, m = window(dataset, source, estimator, (14, 17), summed=True)

    def stat(x):
        return 2 * np.sum(b + x * m - n * np.log(b + x * m))

    at = (0, 14, 17)
    best = maps.norm.data[at]
    assert stat(maps.norm_ul.data[at]) - stat(best) == pytest.approx(9, rel=1e-4)
    assert stat(best + maps.norm_errp.data[at]) - stat(best) == pytest.approx(1, rel=1e-4)
    assert stat(best - maps.norm_errn.data[at]) - stat(best) == pytest.approx(1, rel=1e-4)
    seen = maps.norm_sensitivity.data[at]
    asimov = 2 * np.sum((b + seen * m) * np.log1p(seen * m / b) - seen * m)
    assert asimov == pytest.approx(25, rel=1e-4)
    scan = maps.stat_scan
    np.testing.assert_allclose(scan.geom.axes["norm"].center.value, [0.5, 2.0])
    difference = scan.data[0, :, 14, 17] - maps.stat.data[at]
    np.testing.assert_allclose(difference, [stat(0.5) - stat(best), stat(2.0) - stat(best)], rtol=1e-6)


def test_nothing_is_kept_or_changed(make_map_dataset, source):
    dataset = make_map_dataset()
    before = dataset.counts.data.copy(), [p.value for p in source.parameters]
    estimator = TSMapEstimator(source)
    maps = estimator.run(dataset)
    assert estimator.kernel_width is None
    np.testing.assert_array_equal(dataset.counts.data, before[0])
    assert [p.value for p in source.parameters] == before[1]
    assert maps.reference_model is source
    used = dataset.mask.data.any(axis=0)
    np.testing.assert_array_equal(np.isfinite(maps.ts.data[0]), used)


def test_threshold_keeps_the_first_guess_of_dull_pixels(make_map_dataset, source):
    dataset = make_map_dataset()
    full = TSMapEstimator(source, WIDTH).run(dataset)
    quick = TSMapEstimator(source, WIDTH, threshold=9).run(dataset)
    kept = np.abs(quick.norm.data - full.norm.data) > 1e-6 * full.norm_err.data
    assert 0.2 < kept.mean() < 0.99
    assert quick.ts.data[kept].max() < 9
    bright = full.ts.data > 25
    np.testing.assert_allclose(quick.ts.data[bright], full.ts.data[bright], rtol=1e-6)


def test_larger_pixels(make_map_dataset, source):
    """On larger pixels the source is where it was, with the same flux within the blur of the pixels."""
    dataset = make_map_dataset(npix=(32, 26))
    fine = TSMapEstimator(source, WIDTH).run(dataset)
    coarse = TSMapEstimator(source, WIDTH, downsampling_factor=2).run(dataset)
    assert coarse.geom.data_shape == fine.geom.data_shape
    y, x = np.unravel_index(np.nanargmax(fine.ts.data[0]), fine.ts.data.shape[1:])
    assert coarse.ts.data[0, y, x] == pytest.approx(fine.ts.data[0, y, x], rel=0.3)
    assert coarse.flux.data[0, y, x] == pytest.approx(fine.flux.data[0, y, x], rel=0.3)
    image = np.arange(15.0).reshape(3, 5)
    assert block_sum(image, 2).sum() == image.sum()
    back = on_fine_pixels(np.array([[0.0, 1.0], [2.0, 3.0]]), 2, (4, 4))
    np.testing.assert_allclose(back[0], [0, 0.25, 0.75, 1])
    np.testing.assert_allclose(back[:, 0], [0, 0.5, 1.5, 2])


def test_larger_pixels_keep_to_the_mask(make_map_dataset, source):
    dataset = make_map_dataset()
    dataset.mask_safe.data[:, :3, :5] = False
    maps = TSMapEstimator(source, WIDTH, downsampling_factor=2, selection_optional=["scan"]).run(dataset)
    used = dataset.mask.data.any(axis=0)
    np.testing.assert_array_equal(np.isfinite(maps.ts.data[0]), used)
    np.testing.assert_array_equal(np.isfinite(maps.stat_scan.data[0, 0]), used)
    assert not maps.success.data[0][~used].any()


def empty_sky(make_map_dataset, rate, npix):
    dataset = make_map_dataset(background=rate, source=False, npix=npix)
    dataset.mask_safe = None
    return dataset


def test_significances_of_an_empty_sky_are_normal(make_map_dataset, source):
    """In windows that do not overlap the signed root of TS is normal where counts are many."""
    roots = []
    dataset = empty_sky(make_map_dataset, 3.0, (82, 82))
    for seed in range(6):
        dataset.counts.data = np.random.default_rng(seed).poisson(dataset.background.data).astype(float)
        maps = TSMapEstimator(source, WIDTH).run(dataset)
        roots.append(maps.sqrt_ts.data[0, 9:-9:9, 9:-9:9].ravel())
    roots = np.concatenate(roots)
    assert roots.size >= 300
    assert abs(roots.mean()) < 3.5 / np.sqrt(roots.size)
    assert roots.std() == pytest.approx(1, abs=3.5 / np.sqrt(2 * roots.size))
    assert kstest(roots, "norm").pvalue > 1e-3


def test_pulls_of_an_injected_source(make_map_dataset, source):
    """The flux of a source in the middle of a pixel comes back with the errors that are quoted."""
    dataset = empty_sky(make_map_dataset, 0.5, (21, 21))
    model = source.copy(name="injected")
    model.spatial_model.position = dataset.counts.geom.center_skydir
    dataset.models = [model]
    expected = dataset.npred().data
    dataset.models = None
    pulls = []
    for seed in range(40):
        dataset.counts.data = np.random.default_rng(seed).poisson(expected).astype(float)
        maps = TSMapEstimator(source, "0.85 deg", sum_over_energy_groups=False).run(dataset)
        pulls.append((maps.norm.data[0, 10, 10] - 1) / maps.norm_err.data[0, 10, 10])
    assert abs(np.mean(pulls)) < 0.35
    assert np.std(pulls) == pytest.approx(1, abs=0.3)


def test_extended_source_and_its_kernel(make_map_dataset):
    dataset = make_map_dataset()
    spatial = GaussianSpatialModel(sigma="0.1 deg")
    kernel = TSMapEstimator(spatial, "0.55 deg").estimate_kernel(dataset)
    np.testing.assert_allclose(kernel.data.sum(axis=(1, 2)), 1)
    assert kernel.data.shape == (12, 11, 11)
    np.testing.assert_allclose(kernel.data, kernel.data[:, ::-1, ::-1], rtol=1e-3, atol=1e-6)
    guess = TSMapEstimator(spatial, "0.55 deg").estimate_flux_default(dataset)
    assert guess.unit == "cm-2 s-1"


def test_bad_input(make_map_dataset, make_dataset, source):
    with pytest.raises(UnknownNameError, match="ul"):
        TSMapEstimator(selection_optional=["upper"])
    with pytest.raises(DataError, match="spatial model"):
        TSMapEstimator(SkyModel(PowerLawSpectralModel(), name="no-shape"))
    with pytest.raises(DataError, match="known background"):
        TSMapEstimator(source).run(make_map_dataset("wstat"))
    with pytest.raises(GeometryError, match="pixels of a WCS"):
        TSMapEstimator(source).run(make_dataset("cash"))
    other = make_map_dataset(name="b", npix=(21, 21))
    with pytest.raises(GeometryError, match="same pixels"):
        TSMapEstimator(source).run(Datasets([make_map_dataset(), other]))
    with pytest.raises(DataError, match="at least one map dataset"):
        TSMapEstimator(source).run(Datasets())
    low = make_map_dataset(name="low").slice_by_idx({"energy": slice(0, 4)}, name="low")
    with pytest.raises(DataError, match=r"same number of bands between energy_edges, got \[2, 1\]"):
        TSMapEstimator(source, WIDTH, energy_edges=[0.6, 2, 20] * u.TeV).run([make_map_dataset(), low])
    dataset = make_map_dataset()
    dataset.counts = None
    with pytest.raises(DataError, match="counts of dataset 'map' must be set"):
        TSMapEstimator(source).run(dataset)
    dataset = make_map_dataset()
    dataset.exposure = None
    with pytest.raises(DataError, match="exposure of dataset 'map' must be set"):
        TSMapEstimator(source).run(dataset)
    dataset = make_map_dataset()
    dataset.mask_fit = Map.from_geom(dataset.counts.geom, data=np.zeros(dataset.data_shape, dtype=bool))
    maps = TSMapEstimator(source, WIDTH).run(dataset)
    assert np.isnan(maps.ts.data).all()
    assert not maps.success.data.any()


@pytest.mark.parametrize("summed", [True, False])
def test_nothing_is_known_without_exposure(make_map_dataset, source, summed):
    dataset = make_map_dataset()
    dataset.exposure.data[...] = 0.0
    maps = TSMapEstimator(source, WIDTH, sum_over_energy_groups=summed, selection_optional="all").run(dataset)
    assert np.isnan(maps.norm.data).all()
    assert not maps.success.data.any()


def test_first_guess_of_the_flux(make_map_dataset, source):
    """It is on the pixels of the dataset, whatever those of the map, exact without noise; NaN counts are left out."""
    dataset = make_map_dataset(source=False)
    dataset.mask_safe = None
    bright = source.copy(name="bright")
    bright.spatial_model.position = dataset.counts.geom.center_skydir
    dataset.models = [bright]
    dataset.counts.data = dataset.npred().data
    dataset.models = None
    dataset.counts.data[3, 2, 2] = np.nan
    edges = dataset.counts.geom.axes["energy"].edges
    expected = source.spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1")
    for factor in (None, 2):
        guess = TSMapEstimator(source, "0.85 deg", downsampling_factor=factor).estimate_flux_default(dataset)
        assert np.isfinite(guess.data).all()
        np.testing.assert_allclose(guess.data[:, 12, 15], expected, rtol=0.05)
