"""Lists of datasets."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import GTI
from geminga.datasets import Datasets
from geminga.errors import DataError, UnknownNameError
from geminga.maps import RegionNDMap
from geminga.modeling.models import GaussianPrior, Models, PowerLawSpectralModel, SkyModel


def source(name, **kwargs):
    return SkyModel(PowerLawSpectralModel(amplitude="3e-12 TeV-1 s-1 cm-2"), name=name, **kwargs)


def test_access(datasets, spectrum, on_off):
    assert len(datasets) == 2
    assert datasets["spec"] is datasets[0] is spectrum
    assert datasets.index("onoff") == datasets.index(on_off) == 1
    assert isinstance(datasets[:1], Datasets)
    assert "spec" in datasets
    assert spectrum in datasets
    assert "spec" in repr(datasets)
    assert "spec" in str(datasets)
    assert "onoff" in datasets._repr_html_()


def test_names_are_unique(datasets, spectrum):
    with pytest.raises(DataError, match="unique"):
        datasets.append(spectrum.copy(name="spec"))
    with pytest.raises(DataError, match="unique"):
        Datasets([spectrum, spectrum])
    with pytest.raises(DataError, match="unique"):
        datasets[1] = spectrum.copy(name="spec")
    datasets[0] = spectrum.copy(name="spec")


def test_wrong_members():
    with pytest.raises(TypeError):
        Datasets([3])
    with pytest.raises(TypeError):
        Datasets("name")


def test_unknown_name_lists_known_ones(datasets):
    with pytest.raises(UnknownNameError, match="onoff"):
        datasets["on"]


def test_delete_and_insert(datasets, spectrum):
    del datasets["spec"]
    assert datasets.names == ["onoff"]
    datasets.insert(0, spectrum)
    assert datasets.names == ["spec", "onoff"]


# ---------------------------------------------------------------------- models


def test_models_are_shared_by_name(spectrum, on_off):
    models = Models([source("everywhere"), source("only-spec", datasets_names="spec")])
    datasets = Datasets([spectrum, on_off])
    datasets.models = models
    assert spectrum.models.names == ["everywhere", "only-spec"]
    assert on_off.models.names == ["everywhere"]
    assert datasets.models.names == ["everywhere", "only-spec"]
    assert datasets.models["everywhere"] is models["everywhere"]


def test_models_are_kept_until_they_change(datasets, on_off):
    first = datasets.models
    assert datasets.models is first
    on_off.models = [*on_off.models, source("new")]
    assert datasets.models.names == ["crab", "new"]
    assert datasets.models is datasets.models


def test_same_models_share_one_list_and_covariance(datasets, spectrum):
    assert datasets.models is spectrum.models
    n = len(datasets.parameters)
    matrix = np.diag(np.arange(1.0, n + 1))
    matrix[0, 1] = matrix[1, 0] = 0.5
    datasets.models.covariance = matrix
    assert_allclose(spectrum.models.covariance.data, matrix)


def test_models_none(datasets, spectrum):
    datasets.models = None
    assert spectrum.models is None
    assert len(datasets.models) == 0


def test_single_model(datasets):
    datasets.models = source("one")
    assert datasets.models.names == ["one"]


def test_copy_keeps_names_and_models(datasets, model):
    copy = datasets.copy()
    assert copy.names == datasets.names
    assert copy.models["crab"] is model
    copy[0].counts.data += 1
    assert datasets[0].counts.data[0, 0, 0] == 5


# ---------------------------------------------------------------------- statistic


def test_stat_sum_is_the_sum(datasets):
    # oracle: peer 2.1, Datasets.stat_sum with the same arrays
    assert_allclose(datasets[0].stat_sum(), 1643.6566303314373, rtol=1e-6)
    assert_allclose(datasets[1].stat_sum(), 1672.9717279404686, rtol=1e-6)
    assert_allclose(datasets.stat_sum(), 3316.628358271906, rtol=1e-6)
    assert_allclose(datasets.stat_sum_likelihood(), datasets.stat_sum())


def test_priors_count_once_and_only_in_the_list(datasets, model):
    before = datasets.stat_sum()
    model.spectral_model.index.prior = GaussianPrior(mu=2.1, sigma=0.1)
    # -2 ln of a normalised Gaussian density
    prior = ((2.0 - 2.1) / 0.1) ** 2 + np.log(2 * np.pi * 0.1**2)
    assert_allclose(datasets.stat_sum() - before, prior, rtol=1e-9)
    assert_allclose(datasets[0].stat_sum() + datasets[1].stat_sum(), before)


def test_likelihood_agrees_with_stat_sum(datasets, model):
    likelihood = datasets.likelihood()
    assert_allclose(likelihood.stat(likelihood.values), datasets.stat_sum())
    index = [p is model.spectral_model.index for p in likelihood.parameters].index(True)
    step = 1e-5
    values = likelihood.values.copy()
    values[index] += step
    high = likelihood.stat(values)
    values[index] -= 2 * step
    slope = (high - likelihood.stat(values)) / (2 * step)
    assert_allclose(likelihood.gradient(likelihood.values)[index], slope, rtol=1e-5)


def test_no_prediction_is_kept(datasets, spectrum):
    before = spectrum.npred().data.copy()
    spectrum.exposure = RegionNDMap.from_geom(
        spectrum.exposure.geom, data=2 * spectrum.exposure.data, unit=spectrum.exposure.unit
    )
    assert_allclose(spectrum.npred().data - 3.5, 2 * (before - 3.5))
    spectrum.npred().data[...] = 0
    assert_allclose(spectrum.npred().data - 3.5, 2 * (before - 3.5))
    spectrum.background.data[...] = 0
    assert_allclose(spectrum.npred().data, 2 * (before - 3.5))


def test_contributes(datasets, spectrum):
    assert datasets.contributes_to_stat.tolist() == [True, True]
    spectrum.mask_fit.data[...] = False
    assert datasets.contributes_to_stat.tolist() == [False, True]


# ---------------------------------------------------------------------- common properties


def test_common_properties(datasets, spectrum):
    assert not datasets.is_all_same_type
    assert datasets.is_all_same_shape
    assert datasets.is_all_same_energy_shape
    assert datasets.energy_axes_are_aligned
    assert Datasets([spectrum, spectrum.copy(name="b")]).is_all_same_geom
    assert not Datasets([spectrum, spectrum.slice_by_idx({"energy": slice(0, 2)})]).is_all_same_geom
    low, high = datasets.energy_ranges
    assert_allclose(low.to_value("TeV"), [1, 1])
    assert_allclose(high.to_value("TeV"), [10, 10])


def test_gti_keeps_gaps_and_merges_overlaps(datasets, spectrum):
    # Both datasets have the intervals 0..1000 s and 2000..2800 s.
    assert_allclose(datasets.gti.time_sum.to_value("s"), 1800)
    spectrum.gti = GTI.create([500] * u.s, [1500] * u.s)
    assert_allclose(datasets.gti.time_sum.to_value("s"), 1500 + 800)
    for dataset in datasets:
        dataset.gti = None
    assert datasets.gti is None


def test_select_time(datasets, spectrum):
    start = spectrum.gti.time_ref
    assert datasets.select_time(start, start + 2800 * u.s).names == ["spec", "onoff"]
    assert datasets.select_time(start + 1 * u.s, start + 2800 * u.s).names == []
    assert datasets.select_time(start + 1 * u.s, start + 2800 * u.s, atol="2 s").names == ["spec", "onoff"]
    spectrum.gti = None
    assert datasets.select_time(Time("1999-01-01"), Time("2001-01-01")).names == ["onoff"]


def test_meta_table(datasets, on_off):
    table = datasets.meta_table
    assert table.colnames == ["NAME", "TYPE", "TELESCOP", "OBS_ID"]
    assert list(table["TYPE"]) == ["SpectrumDataset", "SpectrumDatasetOnOff"]
    on_off.meta_table = None
    assert datasets.meta_table["OBS_ID"].mask.tolist() == [False, True]


# ---------------------------------------------------------------------- parts and sums


def test_slice_by_energy_keeps_names(datasets):
    sliced = datasets.slice_by_energy("2 TeV", "6 TeV")
    assert sliced.names == datasets.names
    assert_allclose(sliced[1].counts_off.data.ravel(), [18, 19])
    assert datasets.slice_by_energy("20 TeV", "60 TeV").names == []


def test_stack_reduce(spectrum):
    stacked = Datasets([spectrum, spectrum.copy(name="b")]).stack_reduce(name="sum")
    # oracle: peer 2.1, Datasets.stack_reduce
    assert stacked.name == "sum"
    assert_allclose(stacked.counts.data.ravel(), [0, 26, 10, 20])
    assert_allclose(stacked.background.data.ravel(), [0, 7, 7, 7])
    assert stacked.mask_safe.data.ravel().tolist() == [False, True, True, True]
    assert stacked.mask_fit.data.ravel().tolist() == [False, False, True, True]
    assert stacked.models is None
    assert_allclose(spectrum.counts.data.ravel(), [5, 13, 5, 10])


def test_stack_reduce_refuses_a_mixture(datasets):
    with pytest.raises(DataError, match="SpectrumDatasetOnOff"):
        datasets.stack_reduce()
    with pytest.raises(DataError, match="empty"):
        Datasets().stack_reduce()


def test_likelihood_is_linear_in_datasets(spectrum, model):
    many = Datasets([spectrum.copy(name=str(i)) for i in range(20)])
    many.models = [model]
    one = Datasets([many[0]])
    assert_allclose(many.stat_sum(), 20 * one.stat_sum())
