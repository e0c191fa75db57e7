"""Estimates of any parameter."""

import pytest

from geminga.datasets import Datasets
from geminga.estimators import ParameterEstimator
from geminga.modeling import Fit


def test_parameter_of_a_spectrum(make_dataset, model):
    datasets = Datasets([make_dataset("wstat")])
    datasets.models = [model]
    Fit().run(datasets)
    index, error = model.spectral_model.index.value, model.spectral_model.index.error
    estimator = ParameterEstimator(null_value=0.0, selection_optional=["errn-errp", "ul", "scan"])
    result = estimator.run(datasets, model.spectral_model.index)
    assert result["index"] == pytest.approx(index, rel=1e-4)
    assert result["index_err"] == pytest.approx(error, rel=1e-3)
    assert result["index_errp"] == pytest.approx(error, rel=0.2)
    assert result["index_ul"] > result["index"] + result["index_errp"]
    assert result["ts"] > 0
    assert len(result["index_scan"]) == len(result["stat_scan"]) == 11
    assert model.spectral_model.index.value == pytest.approx(index)
    assert not model.spectral_model.amplitude.frozen
