"""The choice between nested hypotheses."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.errors import ModelError
from geminga.modeling import select_nested_models
from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel
from geminga.modeling.selection import NestedModelSelection

MEAN, COVARIANCE = np.array([2.3, 3.0]), np.array([[0.04, 0.03], [0.03, 0.09]])


class Data:
    """A parabola in index and amplitude (1e-12) of a model."""

    def __init__(self):
        self.models = Models(
            [SkyModel(PowerLawSpectralModel(), name="one"), SkyModel(PowerLawSpectralModel(), name="two")]
        )
        self.models["two"].freeze()
        self.mean = MEAN

    @property
    def model(self):
        return self.models["one"].spectral_model

    def stat_sum(self):
        delta = np.array([self.model.index.value, self.model.amplitude.value / 1e-12]) - self.mean
        return delta @ np.linalg.inv(COVARIANCE) @ delta


def test_test_statistic():
    data = Data()
    selection = NestedModelSelection([data.model.index], [2.0])
    # marginal: (0.3 / 0.2)^2; with the other one known: 0.3^2 times the diagonal of the inverse
    assert_allclose(selection.ts(data), 2.25, rtol=1e-3)
    assert data.model.index.value == 2.0
    assert not data.model.index.frozen
    data.model.index.value, data.model.amplitude.value = 2.3, 3e-12
    assert_allclose(selection.ts_known_bkg(data), 0.09 * np.linalg.inv(COVARIANCE)[0, 0])
    assert data.model.index.value == 2.3


@pytest.mark.parametrize(("n_sigma", "value", "frozen"), [(2, 2.0, True), (1, 2.3, False), (-1, 2.3, False)])
def test_selection(n_sigma, value, frozen):
    # significance sqrt(2.25) = 1.5
    data = Data()
    result = select_nested_models(data, [data.model.index], [2.0], n_sigma=n_sigma)
    assert_allclose(result["ts"], 2.25, rtol=1e-3)
    assert_allclose(data.model.index.value, value, rtol=1e-4)
    assert data.model.index.frozen is frozen
    assert (data.model.index.error > 0) is not frozen
    assert_allclose(result["fit_results"].parameters["index"].value, 2.3, rtol=1e-4)
    assert result["fit_results_null"].parameters["index"].value == 2.0


def test_alternative_is_restored():
    data = Data()
    NestedModelSelection([data.model.index], [2.0], n_sigma=9).run(data, apply_selection=False)
    assert_allclose(data.model.index.value, 2.3, rtol=1e-4)
    assert_allclose(data.models.covariance.data[0, 1], 0.03e-12, rtol=1e-2)


def test_all_parameters_at_null():
    data = Data()
    result = select_nested_models(data, [data.model.index, data.model.amplitude], [2.0, 0.0])
    delta = np.array([2.0, 0.0]) - MEAN
    assert_allclose(result["ts"], delta @ np.linalg.inv(COVARIANCE) @ delta, rtol=1e-3)


def test_link_as_null_hypothesis():
    data = Data()
    other = data.models["two"].spectral_model.index
    other.value = 2.1
    result = select_nested_models(data, [data.model.index], [other], n_sigma=5)
    assert_allclose(result["ts"], 1.0, rtol=1e-3)
    assert data.model.index is other
    data = Data()
    index = data.model.index
    NestedModelSelection([index], [data.models["two"].spectral_model.index], n_sigma=1).run(data)
    assert data.model.index is index


def test_threshold():
    # oracle: peer 2.1, NestedModelSelection(...).ts_threshold
    index, amplitude = Data().model.index, Data().model.amplitude
    assert_allclose(
        NestedModelSelection([index], [0], n_sigma=3, n_free_parameters=2).ts_threshold, 11.82915808
    )
    assert_allclose(NestedModelSelection([index], [0], n_sigma=-3).ts_threshold, -9)
    assert_allclose(NestedModelSelection([index, amplitude], [0, 2]).ts_threshold, 6.18007431)
    with pytest.raises(ModelError, match="must be 1"):
        NestedModelSelection([index], [])
