"""The trust-region minimiser."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.modeling.fit.newton import NewtonStatus, minimise
from geminga.modeling.fit.objective import Objective

from .toys import Parabola, PoissonLine, Rosenbrock


def run(toy, **options):
    objective = Objective(toy)
    result = minimise(objective, **options)
    return objective.values(result.factors), result, objective.nfev


def test_parabola_takes_two_evaluations():
    values, result, nfev = run(Parabola([3, -1], [[0.04, 0.01], [0.01, 0.09]], [1.0, 1.0]))
    assert result.status is NewtonStatus.CONVERGED
    assert_allclose(values, [3, -1], atol=1e-6)
    # four for the second derivatives, as the toy has no Fisher matrix; start, minimum, and one to confirm
    assert nfev <= 7


@pytest.mark.parametrize("start", [(2.0, 1e-12), (3.0, 1e-14), (1.0, 1e-10), (4.0, 1e-9), (0.0, 1e-15)])
def test_poisson_from_far(start):
    values, result, nfev = run(PoissonLine(start=start))
    reference, best, _ = run(PoissonLine(start=(2.3, 3e-12)), tolerance=1e-12)
    assert result.status is NewtonStatus.CONVERGED
    assert_allclose(result.stat, best.stat, atol=1e-6)
    assert_allclose(values, reference, rtol=1e-4)
    assert nfev <= 40


def test_near_start_is_cheap():
    _, _, nfev = run(PoissonLine(start=(2.2, 2.5e-12)))
    assert nfev <= 8


@pytest.mark.parametrize("n", [2, 10])
def test_rosenbrock(n):
    values, result, _ = run(Rosenbrock(np.linspace(-2, 2, n)), tolerance=1e-9)
    assert result.status is NewtonStatus.CONVERGED
    assert_allclose(values, np.ones(n), atol=1e-3)


def test_limit_is_kept():
    # at x = 0.5 the best y is 0.25
    values, result, _ = run(Rosenbrock(limit=0.5))
    assert_allclose(values, [0.5, 0.25], atol=1e-4)
    assert result.at_limit.tolist() == [True, False]


@given(st.integers(0, 1000), st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_parabola_in_a_box(seed, n):
    """The minimum of a parabola in a box satisfies the conditions of Karush, Kuhn and Tucker."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(n, n))
    toy = Parabola(rng.normal(size=n), root @ root.T + 0.1 * np.eye(n), rng.uniform(-0.5, 0.5, n))
    for parameter in toy.parameters:
        parameter.min, parameter.max = -0.5, 0.5
    values, result, _ = run(toy, tolerance=1e-12)
    assert result.status is NewtonStatus.CONVERGED
    assert np.all(np.abs(values) <= 0.5 + 1e-12)
    gradient = toy.stat_and_gradient(values)[1]
    inside = np.abs(values) < 0.5 - 1e-9
    assert_allclose(gradient[inside], 0, atol=1e-4)
    assert np.all(gradient[~inside] * values[~inside] <= 1e-4)


def test_not_finite_start():
    toy = PoissonLine(start=(np.nan, 1e-12))
    _, result, nfev = run(toy)
    assert result.status is NewtonStatus.NOT_FINITE
    assert nfev == 1


def test_budget():
    _, result, nfev = run(Rosenbrock(), max_evaluations=5)
    assert result.status is NewtonStatus.TOO_MANY
    assert "freeze" in result.status.value
    assert nfev <= 12


def test_parameter_without_influence():
    class Flat(Parabola):
        def stat(self, values):
            return super().stat(np.array([values[0], 0.0]))

        def stat_and_gradient(self, values):
            stat, gradient = super().stat_and_gradient(np.array([values[0], 0.0]))
            return stat, gradient * [1, 0]

    values, result, _ = run(Flat([3, 0], np.eye(2), [1.0, 5.0]))
    assert result.status is NewtonStatus.CONVERGED
    assert_allclose(values, [3, 5], atol=1e-6)
