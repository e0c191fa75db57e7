"""Fits of toys by all backends, against answers known in advance."""

import logging

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import FitError, ModelError, UnknownNameError
from geminga.modeling import Fit, Parameter, Parameters
from geminga.modeling.fit.minimum import BACKENDS, Minimum
from geminga.modeling.fit.scipy import METHODS
from geminga.modeling.models import UniformPrior

from .toys import Parabola, PoissonLine, Rosenbrock, WithLikelihood, WithStatSum

COVARIANCE = np.array([[0.04, 0.03], [0.03, 0.09]])
BOTH = pytest.mark.parametrize("wrap", [WithLikelihood, WithStatSum])


@BOTH
@pytest.mark.parametrize("backend", ["minuit", "scipy", "newton"])
@pytest.mark.parametrize("transform", ["lin", "log", "sqrt"])
def test_parabola(wrap, backend, transform):
    datasets = wrap(Parabola([3, 5], COVARIANCE, [2.0, 4.0], scale_transform=transform))
    result = Fit(backend=backend).run(datasets)
    assert result.success
    assert_allclose(datasets.parameters.value, [3, 5], atol=2e-3)
    assert_allclose(result.total_stat, 100, atol=1e-4)
    assert_allclose(result.covariance_result.matrix, COVARIANCE, rtol=2e-3)
    assert_allclose([p.error for p in datasets.parameters], [0.2, 0.3], rtol=1e-3)
    assert result.covariance_result.method == "hesse"
    assert result.backend == backend


@BOTH
@pytest.mark.parametrize("backend", ["minuit", "scipy"])
@pytest.mark.parametrize("transform", ["lin", "log", "sqrt"])
def test_confidence_of_a_parabola(wrap, backend, transform):
    """The rise by sigma squared is at sigma standard deviations, whatever the minimiser sees."""
    datasets = wrap(Parabola([3, 5], COVARIANCE, [3.0, 5.0], scale_transform=transform, error=0.1))
    fit = Fit(backend=backend)
    fit.run(datasets)
    result = fit.confidence(datasets, "p0", sigma=2)
    assert result["success"]
    assert_allclose([result["errn"], result["errp"]], 0.4, rtol=2e-3)
    # with the other one fixed the error is that of the conditional distribution
    fixed = fit.confidence(datasets, datasets.parameters["p1"], reoptimize=False)
    expected = 1 / np.sqrt(np.linalg.inv(COVARIANCE)[1, 1])
    # a minimum off by 0.1 % of an error moves both sides
    assert_allclose([fixed["errn"], fixed["errp"]], expected, rtol=1e-2)
    assert_allclose(datasets.parameters.value, [3, 5], atol=2e-3)


@BOTH
def test_poisson_agrees_between_backends(wrap):
    found = {}
    for backend in ("minuit", "scipy", "newton"):
        datasets = wrap(PoissonLine())
        result = Fit(backend=backend).run(datasets)
        assert result.success
        found[backend] = [
            *datasets.parameters.value,
            *(p.error for p in datasets.parameters),
            result.total_stat,
        ]
    assert_allclose(found["scipy"], found["minuit"], rtol=1e-3)
    assert_allclose(found["newton"], found["minuit"], rtol=1e-3)


def test_derivatives_save_evaluations():
    with_derivatives = Fit().optimize(WithLikelihood(PoissonLine())).nfev
    without = Fit().optimize(WithStatSum(PoissonLine())).nfev
    assert with_derivatives <= 16
    assert with_derivatives < without / 3


def test_asymmetric_errors_cross_the_profile():
    datasets = WithLikelihood(PoissonLine())
    fit = Fit()
    best = fit.run(datasets).total_stat
    for name in ("index", "amplitude"):
        minos = fit.confidence(datasets, name)
        root = Fit(confidence_opts={"backend": "scipy"}).confidence(datasets, name)
        assert_allclose([minos["errn"], minos["errp"]], [root["errn"], root["errp"]], rtol=1e-3)
        parameter = datasets.parameters[name]
        parameter.scan_values = parameter.value + np.array([-minos["errn"], 0, minos["errp"]])
        profile = fit.stat_profile(datasets, parameter, reoptimize=True)
        assert_allclose(profile["stat_scan"] - best, [1, 0, 1], atol=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_methods_of_scipy(method):
    datasets = WithLikelihood(Parabola([3, 5], COVARIANCE, [2.0, 4.0]))
    result = Fit(optimize_opts={"backend": "scipy", "method": method}).run(datasets)
    assert result.method == method
    assert_allclose(datasets.parameters.value, [3, 5], atol=5e-3)


def test_limits():
    datasets = WithLikelihood(Rosenbrock(limit=0.5))
    result = Fit().run(datasets)
    assert result.success
    assert result.optimize_result.at_limit == ["x0"]
    assert_allclose(datasets.parameters.value, [0.5, 0.25], atol=1e-3)
    # stat = 100 (y - x^2)^2 + (1 - x)^2: with x held, sigma(y) = 0.1
    assert_allclose(datasets.parameters["x1"].error, 0.1, rtol=1e-3)
    confidence = Fit().confidence(datasets, "x0")
    assert not confidence["success"]
    assert np.isnan(confidence["errp"])
    assert "parameter.max" in confidence["message"]
    # downwards the others follow: (1 - x)^2 rises from 0.25 to 1.25
    assert_allclose(confidence["errn"], np.sqrt(1.25) - 0.5, rtol=1e-3)


def test_start_outside_limits_is_reported(caplog):
    datasets = WithLikelihood(Parabola([3], [[0.04]], [9.0]))
    datasets.parameters[0].max = 4
    assert Fit().run(datasets).success
    assert "outside its limits" in caplog.text
    assert_allclose(datasets.parameters[0].value, 3, atol=1e-4)


def test_failure_is_told(caplog):
    class Slope:
        parameters = Parameters([Parameter("x", 1.0), Parameter("y", 1.0)])

        def stat_sum(self):
            x, y = self.parameters.value
            return x - y

    with caplog.at_level(logging.WARNING):
        result = Fit().run(Slope())
    assert not result.success
    assert "Optimization failed" in result.message
    assert "did not converge" in caplog.text


@BOTH
def test_flat_direction_is_told(wrap, caplog):
    class Flat(Parabola):
        def stat(self, values):
            return super().stat(np.array([values[0], 0.0]))

        def stat_and_gradient(self, values):
            stat, gradient = super().stat_and_gradient(np.array([values[0], 0.0]))
            return stat, gradient * [1, 0]

    result = Fit(backend="newton" if wrap is WithLikelihood else "scipy").run(
        wrap(Flat([3, 0], np.eye(2), [1.0, 5.0]))
    )
    assert not result.covariance_result.success
    assert not result.success
    assert "flat" in result.message
    assert "p1" in result.message
    assert "Hesse failed" in caplog.text


def test_statistic_not_finite_at_start():
    datasets = WithLikelihood(PoissonLine(start=(2.0, np.nan)))
    result = Fit().run(datasets)
    assert not result.success


def test_trace():
    datasets = WithLikelihood(Parabola([3, 5], COVARIANCE, [2.0, 4.0]))
    result = Fit(store_trace=True).run(datasets)
    assert result.trace.colnames == ["total_stat", "p0", "p1"]
    assert_allclose(result.trace["p0"][0], 2.0)
    assert_allclose(np.min(result.trace["total_stat"]), result.total_stat)
    assert len(Fit().run(datasets).trace) == 0


def test_profile_and_surface():
    toy = Parabola([3, 5], COVARIANCE, [3.0, 5.0], error=0.1)
    datasets = WithLikelihood(toy)
    fit = Fit()
    fit.run(datasets)
    x, y = datasets.parameters
    x.scan_values, y.scan_values = [2.8, 3.0, 3.2], [5.0, 5.3]
    fixed = fit.stat_profile(datasets, x)
    inverse = np.linalg.inv(COVARIANCE)
    assert_allclose(fixed["stat_scan"] - 100, [0.04 * inverse[0, 0], 0, 0.04 * inverse[0, 0]], atol=1e-3)
    assert fixed["fit_results"] == []
    free = fit.stat_profile(datasets, "p0", reoptimize=True)
    assert_allclose(free["stat_scan"] - 100, [1, 0, 1], atol=1e-4)
    # the other one follows the regression line
    assert_allclose(
        [r.parameters["p1"].value for r in free["fit_results"]],
        5 + 0.75 * np.array([-0.2, 0, 0.2]),
        atol=1e-3,
    )
    assert_allclose(datasets.parameters.value, [3, 5], atol=1e-3)
    surface = fit.stat_surface(datasets, x, y)
    slow = [[toy.stat(np.array([a, b])) for b in y.scan_values] for a in x.scan_values]
    assert_allclose(surface["stat_scan"], slow)
    assert surface["p1_scan"].tolist() == [5.0, 5.3]
    assert_allclose(fit.stat_surface(datasets, x, y, reoptimize=True)["stat_scan"], slow)


def test_profile_of_a_frozen_parameter():
    datasets = WithLikelihood(Parabola([3, 5], COVARIANCE, [3.0, 5.0]))
    datasets.parameters["p0"].frozen = True
    datasets.parameters["p0"].scan_values = [2.8, 3.2]
    profile = Fit().stat_profile(datasets, "p0", reoptimize=True)
    assert_allclose(profile["stat_scan"] - 100, [1, 1], atol=1e-4)
    assert datasets.parameters["p0"].frozen


@BOTH
def test_contour(wrap):
    datasets = wrap(Parabola([3, 5], COVARIANCE, [3.0, 5.0]))
    fit = Fit()
    fit.run(datasets)
    contour = fit.stat_contour(datasets, "p0", "p1", numpoints=12)
    assert contour["success"]
    delta = np.array([contour["p0"] - 3, contour["p1"] - 5])
    # stat rises by sigma^2 all along
    assert_allclose(np.sum(delta * (np.linalg.inv(COVARIANCE) @ delta), axis=0), 1, atol=2e-2)
    assert_allclose(delta[:, 0], delta[:, -1])


def test_covariance_alone():
    datasets = WithLikelihood(Parabola([3, 5], COVARIANCE, [3.0, 5.0]))
    result = Fit().covariance(datasets)
    assert_allclose(result.matrix, COVARIANCE, rtol=1e-6)
    assert result.to_dict()["CovarianceResult"]["success"]


def test_results_are_copies():
    datasets = WithLikelihood(Parabola([3, 5], COVARIANCE, [2.0, 4.0]))
    result = Fit().run(datasets)
    datasets.parameters["p0"].value = 77
    assert_allclose(result.parameters["p0"].value, 3, atol=1e-4)
    assert_allclose(result.parameters["p0"].error, 0.2, rtol=1e-3)
    assert result.minuit.valid
    assert_allclose(np.array(result.minuit.covariance), COVARIANCE, rtol=1e-3)
    text = str(result)
    assert "OptimizeResult" in text
    assert "nfev" in text
    assert "CovarianceResult" in repr(result)


def test_scales_of_parameters_stay():
    datasets = WithLikelihood(PoissonLine())
    Fit().run(datasets)
    assert [p.scale for p in datasets.parameters] == [1.0, 1.0]


def test_options():
    for task in ("optimize", "covariance", "confidence"):
        with pytest.raises(UnknownNameError, match=task):
            Fit(**{f"{task}_opts": {"backend": "sherpa"}})
    with pytest.raises(UnknownNameError, match="Did you mean 'minuit'"):
        Fit(backend="minuti")
    datasets = WithLikelihood(PoissonLine())
    with pytest.raises(UnknownNameError, match="option of the minuit backend"):
        Fit(optimize_opts={"strateg": 1}).run(datasets)
    with pytest.raises(UnknownNameError, match="method of the scipy backend"):
        Fit(backend="scipy", optimize_opts={"method": "x"}).run(datasets)
    fit = Fit(optimize_opts={"strategy": 2, "tol": 0.01, "print_level": 0, "migrad_opts": {"ncall": 1000}})
    assert fit.run(datasets).success
    assert "minuit" in repr(fit)


def test_mistakes():
    datasets = WithLikelihood(PoissonLine())
    with pytest.raises(UnknownNameError, match="indx"):
        Fit().confidence(datasets, "indx")
    with pytest.raises(FitError, match="belong to the models"):
        Fit().confidence(datasets, Parameter("index", 2.0))
    with pytest.raises(FitError, match="twice"):
        Fit().stat_surface(datasets, "index", "index")
    with pytest.raises(FitError, match="offer a fit statistic"):
        Fit().run(3)
    datasets.parameters.freeze_all()
    with pytest.raises(ModelError, match="free parameter"):
        Fit().run(datasets)


def test_prior_that_ends_is_a_limit():
    toy = Parabola([3], [[0.04]], [1.0])
    toy.parameters[0].prior = UniformPrior(min=0, max=2.5)
    datasets = WithLikelihood(toy)
    result = Fit().run(datasets)
    assert result.success
    assert datasets.parameters[0].value == 2.5


@BOTH
def test_limits_that_do_not_bind_change_nothing(wrap):
    datasets = wrap(Parabola([3, 5], COVARIANCE, [2.7, 4.5]))
    x, y = datasets.parameters
    x.min, x.max, y.min = 2.2, 3.8, 0
    fit = Fit()
    result = fit.run(datasets)
    assert_allclose(result.covariance_result.matrix, COVARIANCE, rtol=5e-3)
    confidence = fit.confidence(datasets, x)
    assert_allclose([confidence["errn"], confidence["errp"]], 0.2, rtol=2e-3)


def test_own_backend():
    def grid(objective, options):
        """Walk along the axis: slow, but one's own."""
        x = np.linspace(0, 10, options.get("n", 101))
        stats = [objective.stat(np.array([value])) for value in x]
        return Minimum(objective, x[[int(np.argmin(stats))]], min(stats), method="grid")

    BACKENDS["grid"] = grid
    try:
        datasets = WithLikelihood(Parabola([3], [[0.04]], [1.0]))
        result = Fit(backend="grid", optimize_opts={"n": 1001}).run(datasets)
    finally:
        del BACKENDS["grid"]
    assert (result.backend, result.method, result.nfev >= 1001) == ("grid", "grid", True)
    assert_allclose(datasets.parameters.value, 3, atol=1e-6)
    assert_allclose(datasets.parameters[0].error, 0.2, rtol=1e-3)
