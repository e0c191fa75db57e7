"""Covariance matrices, and those of models within models."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import ModelError
from geminga.modeling import Covariance, Parameter, Parameters
from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel

MATRIX = np.array([[0.04, 0.01, 0.0], [0.01, 0.25, 0.1], [0.0, 0.1, 1.0]])


@pytest.fixture
def parameters():
    return Parameters([Parameter("a", 1.0), Parameter("b", 2.0), Parameter("c", 3.0)])


def test_parts(parameters):
    covariance = Covariance(parameters, MATRIX)
    part = covariance.get_subcovariance(parameters.select(name=["c", "a"]))
    assert_allclose(part.data, MATRIX[np.ix_([0, 2], [0, 2])])
    covariance.set_subcovariance(Covariance(parameters[1:], [[1, 2], [2, 9]]))
    assert_allclose(covariance.data, [[0.04, 0.01, 0], [0.01, 1, 2], [0, 2, 9]])
    assert_allclose(Covariance(parameters, MATRIX).correlation[0, 1], 0.01 / (0.2 * 0.5))
    assert_allclose(Covariance(parameters).correlation, 0)
    with pytest.raises(ModelError, match="shape"):
        Covariance(parameters, np.eye(2))


def test_stack(parameters):
    other = Parameters([Parameter("d", 1.0)])
    stacked = Covariance.from_stack([Covariance(parameters, MATRIX), Covariance(other, [[7.0]])])
    assert_allclose(stacked.data[:3, :3], MATRIX)
    assert stacked.data[3, 3] == 7.0
    assert stacked.shape == (4, 4)


def test_normal_distribution(parameters):
    normal = Covariance(parameters, MATRIX).scipy_mvn
    assert_allclose(normal.mean, [1, 2, 3])
    assert_allclose(normal.cov, MATRIX)


@pytest.mark.parametrize(("transform", "slope"), [("lin", 100.0), ("log", 100.0), ("sqrt", 200.0)])
def test_factor_matrix_follows_the_transform(transform, slope):
    # slope = d value / d factor at value 100; the peer multiplies by the scale for all (fault 25)
    parameters = Parameters(
        [Parameter("a", 100.0, scale_transform=transform), Parameter("b", 1.0, frozen=True)]
    )
    parameters.autoscale()
    covariance = Covariance.from_factor_matrix(parameters, [[0.01]])
    assert_allclose(covariance.data, [[0.01 * slope**2, 0], [0, 0]])


def test_factor_matrix_of_shared_parameters():
    shared, one, other = Parameter("index", 2.0), Parameter("a", 1.0), Parameter("b", 1.0)
    parameters = Parameters([shared, one, shared, other])
    matrix = np.array([[1, 0.5, 0.2], [0.5, 2, 0.1], [0.2, 0.1, 3]])
    covariance = Covariance.from_factor_matrix(parameters, matrix)
    index = [0, 1, 0, 2]
    assert_allclose(covariance.data, matrix[np.ix_(index, index)])


def two_models():
    one, two = PowerLawSpectralModel(), PowerLawSpectralModel()
    return Models([SkyModel(one, name="one"), SkyModel(two, name="two")]), one, two


def test_covariance_reaches_the_parts_and_back():
    models, one, two = two_models()
    matrix = np.diag(np.arange(1.0, 7.0))
    matrix[0, 3] = matrix[3, 0] = 0.5
    models.covariance = matrix
    assert_allclose(one.index.error, 1.0)
    assert_allclose(two.amplitude.error, np.sqrt(5))
    assert_allclose(one.covariance.data, matrix[:3, :3])
    assert_allclose(models.covariance.data, matrix)
    two.covariance = np.diag([9.0, 9.0, 0.0])
    assert_allclose(models.covariance.data.diagonal(), [1, 2, 3, 9, 9, 0])
    assert_allclose(models["two"].covariance.data.diagonal(), [9, 9, 0])


def test_new_error_rescales_the_row():
    models, one, _ = two_models()
    matrix = np.eye(6)
    matrix[0, 1] = matrix[1, 0] = 0.5
    models.covariance = matrix
    one.index.error = 2.0
    data = models.covariance.data
    assert_allclose(data[0, 0], 4.0)
    assert_allclose(data[0, 1], 1.0)
    assert np.all(np.linalg.eigvalsh(data) > 0)


def test_replaced_parameter_forgets_its_covariance():
    model = PowerLawSpectralModel()
    model.covariance = np.diag([1.0, 2.0, 3.0])
    model.index = Parameter("index", 3.0)
    assert_allclose(model.covariance.data.diagonal(), [0, 2, 3])


def test_later_rows_of_a_shared_parameter_do_not_count():
    # files of the peer have zeros there
    models, one, two = two_models()
    two.index = one.index
    matrix = np.diag([0.09, 1, 0, 0, 1, 0])
    models.covariance = matrix
    assert_allclose(one.index.error, 0.3)
    assert_allclose(models.covariance.data.diagonal(), [0.09, 1, 0, 0.09, 1, 0])


def test_restoring_a_status_does_not_alias_the_covariance():
    models, one, _ = two_models()
    models.covariance = np.eye(6)
    with models.restore_status():
        models.covariance = 4 * np.eye(6)
        one.index.value = 7
    assert_allclose(models.covariance.data, np.eye(6))
    assert (one.index.value, one.index.error) == (2.0, 1.0)
    with models.restore_status(restore_values=False):
        models.covariance = 4 * np.eye(6)
    assert_allclose(models.covariance.data, 4 * np.eye(6))


def test_samples_follow_the_covariance():
    model = PowerLawSpectralModel()
    model.covariance = [[0.04, 1e-14, 0], [1e-14, 4e-26, 0], [0, 0, 0]]
    samples = model.sample_parameters_from_covariance(n_samples=20_000, random_state=0)
    assert samples.shape == (20_000, 2)
    # the standard error of a variance is sqrt(2 / n) of it: 1 %
    assert_allclose(np.cov(samples.T), model.covariance.data[:2, :2], rtol=0.05)
    everything = model.sample_parameters_from_covariance(n_samples=3, free_only=False)
    assert_allclose(everything[:, 2], 1.0)
