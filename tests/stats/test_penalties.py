"""Gaussian penalties."""

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import StatisticError, UnknownNameError
from geminga.stats.penalties import GaussianPriorPenalty


@pytest.fixture
def parameters():
    return [SimpleNamespace(name=name, value=value) for name, value in (("a", 1.0), ("b", 3.0), ("c", -1.0))]


def test_frozen_numbers(parameters):
    """oracle: peer 2.1, the same calls with parameters 1, 3, -1."""
    make = GaussianPriorPenalty
    assert_allclose(make(parameters).stat_sum(), 11)
    assert_allclose(make(parameters, mean=1).stat_sum(), 8)
    assert_allclose(
        make(parameters, [1, 2, 3], np.diag([1, 4, 9.0]), lambda_=2).stat_sum(), 4.055555555555555
    )
    assert_allclose(make.L2_penalty(parameters, mean=1).stat_sum(), 8)
    assert_allclose(make.SmoothnessPenalty(parameters).stat_sum(), 22)
    assert_allclose(make.SmoothnessPenalty(parameters, mean=1, lambda_=2).stat_sum(), 48)
    assert_allclose(make.from_diagonal(parameters, 2).stat_sum(), 2.75)
    assert_allclose(make.from_diagonal(parameters, [1, 2, 3]).stat_sum(), 3.361111111111111)
    assert_allclose(make.from_precision(parameters, np.eye(3) * 2).stat_sum(), 22)
    assert_allclose(make.from_method(parameters, "diagonal", sigma=2.0).stat_sum(), 2.75)
    assert_allclose(make.from_method(parameters, "smoothness").stat_sum(), 22)


def test_derivatives(parameters):
    penalty = GaussianPriorPenalty.SmoothnessPenalty(parameters, mean=[0.5, 1, 2], lambda_=1.5)
    for k, parameter in enumerate(parameters):
        value = parameter.value
        sums = []
        for parameter.value in (value - 1e-4, value + 1e-4):
            sums.append(penalty.stat_sum())
        parameter.value = value
        assert_allclose(penalty.gradient()[k], (sums[1] - sums[0]) / 2e-4, rtol=1e-8)
    assert_allclose(penalty.hessian(), 3 * penalty.precision)


def test_follows_the_parameters(parameters):
    penalty = GaussianPriorPenalty(parameters)
    parameters[0].value = 2.0
    assert_allclose(penalty.stat_sum(), 14)


def test_covariance_is_one_of_the_parameters():
    modeling = pytest.importorskip("geminga.modeling")
    parameters = modeling.Parameters([modeling.Parameter("a", 1.0), modeling.Parameter("b", 2.0)])
    covariance = GaussianPriorPenalty.from_diagonal(parameters, [2, 3]).covariance
    assert_allclose(covariance.data, np.diag([4, 9]))


def test_bad_input_is_refused(parameters):
    with pytest.raises(StatisticError, match="mean must have"):
        GaussianPriorPenalty(parameters, mean=[1, 2])
    with pytest.raises(StatisticError, match="symmetric"):
        GaussianPriorPenalty(parameters, covariance=np.eye(2))
    with pytest.raises(UnknownNameError, match="smoothness"):
        GaussianPriorPenalty.from_method(parameters, "ridge")
