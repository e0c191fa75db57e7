"""Priors against the distributions of SciPy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import stats

from geminga.errors import ModelError, UnknownNameError
from geminga.modeling import Parameter
from geminga.modeling.models import (
    GaussianPrior,
    GeneralizedGaussianPrior,
    LogNormalPrior,
    LogUniformPrior,
    Prior,
    SamplesKDEPrior,
    UniformPrior,
)
from geminga.modeling.models.registries import PRIOR_REGISTRY

CASES = [
    (GaussianPrior(mu=2, sigma=0.3), stats.norm(2, 0.3)),
    (UniformPrior(min=1, max=4), stats.uniform(1, 3)),
    (LogUniformPrior(min=1e-14, max=1e-10), stats.loguniform(1e-14, 1e-10)),
    (LogNormalPrior(mu=3, sigma=0.5), stats.lognorm(0.5, scale=3)),
    (GeneralizedGaussianPrior(mu=2, sigma=0.3, eta=0.2), stats.gennorm(5, 2, 0.3 * np.sqrt(2))),
    (SamplesKDEPrior([1.0, 2.0, 2.5, 4.0], [1, 2, 1, 1]), None),
]
IDS = [type(prior).__name__ for prior, _ in CASES]


@pytest.mark.parametrize(("prior", "scipy"), CASES[:-1], ids=IDS[:-1])
def test_density(prior, scipy):
    for probability in (0.01, 0.3, 0.5, 0.9):
        value = scipy.ppf(probability)
        assert_allclose(prior(value), -2 * scipy.logpdf(value), rtol=1e-10)
        assert_allclose(prior.inverse_cdf(probability), value, rtol=1e-10)


@pytest.mark.parametrize("prior", [UniformPrior(min=1, max=2), LogUniformPrior(min=1, max=2)])
def test_nothing_outside(prior):
    assert prior(0.5) == np.inf
    assert prior(2.5) == np.inf
    assert LogNormalPrior()(-1.0) == np.inf


def test_kernel_density_is_that_of_scipy():
    samples, weights = np.array([1.0, 2.0, 2.5, 4.0]), np.array([1.0, 2.0, 1.0, 1.0])
    prior, scipy = SamplesKDEPrior(samples, weights), stats.gaussian_kde(samples, weights=weights)
    x = np.linspace(0, 6, 7)
    assert_allclose(prior(x), -2 * scipy.logpdf(x), rtol=1e-10)
    # the draws come from the density that is evaluated (the peer draws from another one, fault 13)
    probability = np.linspace(0.02, 0.98, 9)
    value = prior.inverse_cdf(probability)
    assert_allclose([scipy.integrate_box_1d(-np.inf, v) for v in value], probability, atol=1e-5)


@pytest.mark.parametrize(("prior", "scipy"), CASES, ids=IDS)
def test_dictionary_round_trip(prior, scipy):
    prior.weight = 2.5
    data = prior.to_dict()
    same = Prior.from_dict(data)
    assert type(same) is type(prior)
    assert same.weight == 2.5
    assert_allclose(same(1.7), prior(1.7), rtol=1e-12)
    parameter = Parameter("a", 1.7, prior=data["prior"])
    assert_allclose(parameter.prior_stat_sum(), prior(1.7))
    assert_allclose(prior.copy()(1.7), prior(1.7))
    prior.weight = 1


def test_shape_of_the_dictionary():
    # oracle: peer 2.1, GaussianPrior(mu=3, sigma=2).to_dict()
    assert GaussianPrior(mu=3, sigma=2).to_dict() == {
        "prior": {
            "type": "GaussianPrior",
            "parameters": [
                {"name": "mu", "value": 3.0, "unit": ""},
                {"name": "sigma", "value": 2.0, "unit": ""},
            ],
            "weight": 1,
        }
    }


def test_mistakes():
    with pytest.raises(ModelError, match="weight"):
        GaussianPrior(weight="a")
    with pytest.raises(UnknownNameError, match="NoPrior"):
        Prior.from_dict({"prior": {"type": "NoPrior"}})
    with pytest.raises(UnknownNameError, match="foo"):
        Prior.from_dict({"prior": {"type": "GaussianPrior", "foo": 1}})
    with pytest.raises(ModelError, match="type"):
        Prior.from_dict({"prior": {}})
    with pytest.raises(ModelError, match="samples"):
        SamplesKDEPrior([1.0])


def test_registry_knows_all():
    assert {cls.__name__ for cls in PRIOR_REGISTRY} == set(IDS)
