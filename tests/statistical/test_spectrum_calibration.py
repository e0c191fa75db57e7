"""Toys: pulls of fitted spectra, coverage of upper limits, distribution of TS of a source that is not there."""

import numpy as np
import pytest
from scipy import stats

from geminga.datasets import Datasets, SpectrumDatasetOnOff
from geminga.estimators import FluxPointsEstimator
from geminga.irf import EDispKernelMap
from geminga.maps import MapAxis, RegionGeom, RegionNDMap
from geminga.modeling import Fit
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

INDEX, AMPLITUDE = 2.4, 3e-11
ACCEPTANCE_OFF = 5.0


def make_empty():
    """An on-off dataset with the responses of a small telescope array, without counts."""
    energy = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", 16, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.2 TeV", "100 TeV", 32, name="energy_true")
    geom = RegionGeom.create(None, axes=[energy])
    exposure = RegionNDMap.create(None, axes=[energy_true], unit="m2 s")
    exposure.data = (1e9 * energy_true.center.to_value("TeV") ** 0.5).reshape(exposure.data.shape)
    # At least ten off counts in each bin: with empty off bins the profiled statistic is biased (XSPEC manual, app. B).
    background = 40.0 * energy.center.to_value("TeV") ** -0.8
    dataset = SpectrumDatasetOnOff(
        counts=RegionNDMap(geom, data=np.zeros(geom.data_shape)),
        counts_off=RegionNDMap(geom, data=np.zeros(geom.data_shape)),
        acceptance=RegionNDMap(geom, data=np.ones(geom.data_shape)),
        acceptance_off=RegionNDMap(geom, data=np.full(geom.data_shape, ACCEPTANCE_OFF)),
        exposure=exposure,
        edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.15, bias=0),
        name="toy",
    )
    return dataset, background


def source(amplitude):
    spectrum = PowerLawSpectralModel(index=INDEX, amplitude=f"{amplitude} cm-2 s-1 TeV-1", reference="1 TeV")
    return SkyModel(spectral_model=spectrum, name="source")


def expected_signal(dataset, amplitude):
    with_source = dataset.copy(name="expected")
    with_source.models = [source(amplitude)]
    return with_source.npred_signal().data.reshape(-1)


def draw(dataset, signal, background, random):
    shape = dataset.counts.data.shape
    dataset.counts.data = random.poisson(signal + background).reshape(shape).astype(float)
    dataset.counts_off.data = random.poisson(background * ACCEPTANCE_OFF).reshape(shape).astype(float)


def fit_toys(n_toys, seed=1):
    """Pulls of index and amplitude, shape (n_toys, 2)."""
    dataset, background = make_empty()
    signal = expected_signal(dataset, AMPLITUDE)
    random = np.random.default_rng(seed)
    pulls = []
    for _ in range(n_toys):
        draw(dataset, signal, background, random)
        model = source(AMPLITUDE)
        datasets = Datasets([dataset])
        datasets.models = [model]
        result = Fit().run(datasets)
        assert result.success
        spectrum = model.spectral_model
        pulls.append(
            [
                (spectrum.index.value - INDEX) / spectrum.index.error,
                (spectrum.amplitude.value - AMPLITUDE) / spectrum.amplitude.error,
            ]
        )
    return np.array(pulls)


def null_toys(n_toys, seed=2):
    """sqrt(TS) and upper limit of the norm of a source that is not there, one band over all energies."""
    dataset, background = make_empty()
    datasets = Datasets([dataset])
    datasets.models = [source(AMPLITUDE)]
    random = np.random.default_rng(seed)
    estimator = FluxPointsEstimator(
        energy_edges=[0.5, 50] * dataset.counts.geom.axes["energy"].unit, source="source"
    )
    estimator.selection_optional = ["ul"]
    sqrt_ts, limits = [], []
    for _ in range(n_toys):
        draw(dataset, 0.0, background, random)
        points = estimator.run(datasets)
        sqrt_ts.append(points.sqrt_ts.data.item())
        limits.append(points.norm_ul.data.item())
    return np.array(sqrt_ts), np.array(limits)


def check_pulls(pulls, width_tolerance, mean_tolerance):
    np.testing.assert_allclose(pulls.mean(axis=0), 0, atol=mean_tolerance)
    np.testing.assert_allclose(pulls.std(axis=0, ddof=1), 1, atol=width_tolerance)


def test_pulls_are_standard_normal():
    # The mean of 200 pulls scatters by 0.07 and their width by 0.05: three of those.
    check_pulls(fit_toys(200), width_tolerance=0.15, mean_tolerance=0.21)


def test_null_source_is_covered():
    sqrt_ts, limits = null_toys(400)
    # A limit at delta TS = 4 of the profile is one-sided 97.7 %: +- three binomial standard deviations.
    assert np.mean(limits > 0) == pytest.approx(stats.norm.cdf(2), abs=3 * np.sqrt(0.0223 * 0.9777 / 400))
    # The signed root of TS is standard normal.
    assert stats.kstest(sqrt_ts, "norm").pvalue > 1e-3


@pytest.mark.long
def test_pulls_of_a_thousand_spectra():
    check_pulls(fit_toys(1000, seed=11), width_tolerance=0.05, mean_tolerance=0.1)


@pytest.mark.long
def test_limits_and_ts_of_many_null_sources():
    dataset, background = make_empty()
    datasets = Datasets([dataset])
    datasets.models = [source(AMPLITUDE)]
    # 95 % one-sided: 1.645 standard deviations.
    n_sigma_ul = stats.norm.isf(0.05)
    estimator = FluxPointsEstimator(
        energy_edges=[0.5, 50] * dataset.counts.geom.axes["energy"].unit, source="source"
    )
    estimator.selection_optional, estimator.n_sigma_ul = ["ul"], n_sigma_ul
    random = np.random.default_rng(12)
    covered, sqrt_ts = [], []
    for _ in range(3000):
        draw(dataset, 0.0, background, random)
        points = estimator.run(datasets)
        covered.append(points.norm_ul.data.item() > 0)
        sqrt_ts.append(points.sqrt_ts.data.item())
    assert np.mean(covered) == pytest.approx(0.95, abs=0.02)
    assert stats.kstest(sqrt_ts, "norm").pvalue > 1e-3
