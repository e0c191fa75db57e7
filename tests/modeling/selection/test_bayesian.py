"""Comparison of models by their posteriors, with a sampler that knows the answer."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import FitError, ModelError, UnknownNameError
from geminga.modeling import SamplerResult
from geminga.modeling.models import ConstantSpectralModel, LogUniformPrior, Models, SkyModel, UniformPrior
from geminga.modeling.selection import BayesianModelSelection

UNIT = 1e-12
DATA = np.random.default_rng(5).normal(3.0, 1.0, size=40)


class Dataset:
    """Measurements of unit error of the constant of a model."""

    mask = None
    models = None

    def stat_array(self):
        value = self.models[0].spectral_model.const.value / UNIT
        return (DATA - value) ** 2 + np.log(2 * np.pi)


class Data(list):
    """A list of such datasets with models."""

    @property
    def models(self):
        return self[0].models

    @models.setter
    def models(self, models):
        self[0].models = models

    def stat_sum(self):
        return sum(d.stat_array().sum() for d in self) + self.models.parameters.prior_stat_sum()


class NormalSampler:
    """Returns exact samples: mean of the data for a wide prior, the edge of a narrow one that excludes it."""

    def run(self, datasets):
        prior = datasets.models.parameters["const"].prior
        rng = np.random.default_rng(0)
        if isinstance(prior, UniformPrior):
            samples = np.clip(rng.normal(0, 0.16, size=2000), 0, 1) * UNIT
        else:
            samples = rng.normal(DATA.mean(), 1 / np.sqrt(len(DATA)), size=2000) * UNIT
        results = {"logz": -60.0 if isinstance(prior, LogUniformPrior) else -90.0, "logzerr": 0.1}
        return SamplerResult(success=True, samples=samples[:, np.newaxis], sampler_results=results)


@pytest.fixture
def result():
    good, bad = ConstantSpectralModel(), ConstantSpectralModel()
    good.const.prior = LogUniformPrior(min=1e-13, max=1e-11)
    bad.const.prior = UniformPrior(min=0, max=UNIT)
    data = Data([Dataset()])
    data.models = Models(SkyModel(good, name="kept"))
    selection = BayesianModelSelection(NormalSampler(), posterior_downsample_factor=2, n_prior_samples=50)
    alternatives = {"bad": Models(SkyModel(bad, name="a")), "good": Models(SkyModel(good, name="a"))}
    result = selection.run(data, alternatives)
    assert data.models.names == ["kept"]
    return result


def test_comparison(result):
    table = result.compare()
    assert list(table["models"]) == ["good", "bad"]
    assert table["weight"][0] > 0.95
    assert table["elpd_diff"][1] > 10
    assert list(result.compare(ic="waic")["models"]) == ["good", "bad"]
    with pytest.raises(UnknownNameError):
        result.compare(ic="dic")


def test_numbers(result):
    good = result["good"]
    best = -0.5 * (((DATA - DATA.mean()) ** 2).sum() + len(DATA) * np.log(2 * np.pi))
    assert_allclose(good.logl, best, atol=1e-3)
    assert_allclose(good.aic, 2 - 2 * best, atol=2e-3)
    assert (good.dof, good.logz, good.logz_err) == (1, -60.0, 0.1)
    assert_allclose(good.elpd.p, 1.0, atol=0.5)
    assert good.loo_good_pareto_k_fraction == 1.0
    with pytest.raises(UnknownNameError):
        result["ugly"]


def test_tables(result):
    table = result.stats_table()
    assert list(table["models"]) == result.models_names == ["bad", "good"]
    assert_allclose(result.stats_difference_table("bad")["-2logz"], [0, -60])
    parameters = result["good"].parameters_table()
    assert_allclose(parameters["mean"][0], DATA.mean() * UNIT, rtol=0.01)
    assert result["good"].parameters_table("prior")["std"][0] > parameters["std"][0]
    with pytest.raises(ModelError, match="posterior or prior"):
        result["good"].parameters_table("x")


def test_prior_sensitivity(result):
    table = result.prior_sensitivity_table()
    good = table[table["models"] == "good"]
    # 40 data outweigh a flat prior
    assert good["prior"][0] < 0.05 < good["likelihood"][0]


def test_evidence_is_needed(result):
    result["good"].sampler_results.sampler_results = {}
    with pytest.raises(FitError, match="logz"):
        result["good"].logz
