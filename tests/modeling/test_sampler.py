"""Samplers: the built-in one against a known posterior, the door to the others."""

import importlib.util

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import FitError, ModelError, UnknownNameError
from geminga.modeling import Parameter, Parameters, Sampler, SamplerResult
from geminga.modeling.models import GaussianPrior, UniformPrior
from geminga.modeling.sampler.posterior import Posterior

MEAN, COVARIANCE = np.array([1.0, -2.0]), np.array([[0.04, 0.03], [0.03, 0.09]])
INVERSE = np.linalg.inv(COVARIANCE)


class Gauss:
    """-2 ln L of a normal distribution, and priors on top."""

    def __init__(self, *priors):
        self.parameters = Parameters([Parameter(f"p{i}", 0.0, prior=prior) for i, prior in enumerate(priors)])

    def stat_sum(self):
        delta = self.parameters.value - MEAN
        return delta @ INVERSE @ delta + self.parameters.prior_stat_sum()


def test_flat_priors():
    data = Gauss(UniformPrior(min=-5, max=5), UniformPrior(min=-5, max=5))
    result = Sampler("ensemble", run_opts={"n_steps": 400, "n_burn": 100}).run(data)
    assert result.success
    assert result.samples.shape == (400 * 20, 2)
    # 8,000 samples with an autocorrelation time of about 20: errors of 5 to 7 %
    assert_allclose(np.cov(result.samples.T), COVARIANCE, rtol=0.2)
    assert_allclose(data.parameters.value, MEAN, atol=0.05)
    assert_allclose([p.error for p in data.parameters], [0.2, 0.3], rtol=0.1)
    assert "samples" in str(result)


def test_normal_prior_adds_its_precision():
    data = Gauss(GaussianPrior(mu=0, sigma=0.2), UniformPrior(min=-5, max=5))
    result = Sampler("ensemble", run_opts={"n_steps": 400, "n_burn": 100}).run(data)
    precision = np.linalg.inv(COVARIANCE) + np.diag([25.0, 0.0])
    mean = np.linalg.solve(precision, np.linalg.inv(COVARIANCE) @ MEAN)
    assert_allclose(result.samples.mean(axis=0), mean, atol=0.05)
    assert_allclose(np.cov(result.samples.T), np.linalg.inv(precision), rtol=0.2, atol=0.003)


def test_likelihood_is_without_priors():
    data = Gauss(GaussianPrior(mu=0, sigma=0.2), UniformPrior(min=-5, max=5))
    posterior = Posterior(data)
    assert_allclose(posterior.log_likelihood(MEAN), 0, atol=1e-12)
    assert_allclose(
        posterior.log_posterior(MEAN), -0.5 * (25 + 2 * np.log(0.2) + np.log(2 * np.pi) + 2 * np.log(10))
    )
    assert_allclose(posterior.from_unit_cube([0.5, 0.1]), [0, -4])
    assert posterior.log_likelihood([0, 9]) < -1e200
    assert posterior.log_posterior([0, 9]) == -np.inf


def test_names_do_not_repeat():
    # fault 25: the peer hands equal names to the sampler
    data = Gauss(UniformPrior(), UniformPrior())
    data.parameters = Parameters([Parameter("norm", 1.0, prior=UniformPrior()) for _ in range(3)])
    data.stat_sum = lambda: 0.0
    assert Posterior(data).names == ["norm", "norm_2", "norm_3"]


def test_mistakes():
    with pytest.raises(ModelError, match="p1 must have a prior"):
        Sampler("ensemble").run(Gauss(UniformPrior(), None))
    with pytest.raises(UnknownNameError, match="emcee"):
        Sampler("emcee")


@pytest.mark.parametrize("backend", ["ultranest", "nautilus"])
def test_missing_packages_are_told(backend):
    if importlib.util.find_spec(backend):
        pytest.skip(f"{backend} is installed")
    with pytest.raises(FitError, match="pip install"):
        Sampler(backend).run(Gauss(UniformPrior(min=-5, max=5), UniformPrior(min=-5, max=5)))


def test_result_of_ultranest():
    found = {
        "ncall": 7,
        "insertion_order_MWW_test": {"converged": True},
        "samples": [[1.0]],
        "logz": -3.0,
        "logzerr": 0.1,
    }
    result = SamplerResult.from_ultranest(found)
    assert (result.nfev, result.success, result.sampler_results["logz"]) == (7, True, -3.0)
    assert "-3.00 +/- 0.10" in str(result)


def test_result_of_nautilus_is_resampled():
    found = {
        "points": np.array([[0.0], [1.0]]),
        "log_w": np.array([-np.inf, 0.0]),
        "log_l": np.zeros(2),
        "log_z": -1.0,
        "nfev": 5,
        "success": True,
    }
    result = SamplerResult.from_nautilus(found)
    assert result.samples.tolist() == [[1.0], [1.0]]
    assert result.sampler_results["logz"] == -1.0
