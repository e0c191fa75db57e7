"""Sensitivities against the Li & Ma formula."""

import numpy as np
import pytest

from geminga.datasets import Datasets
from geminga.errors import DataError
from geminga.estimators import ParameterSensitivityEstimator, SensitivityEstimator


def li_ma(n_on, n_off, alpha):
    """Li & Ma (1983), eq. 17."""
    on = n_on * np.log((1 + alpha) / alpha * n_on / (n_on + n_off))
    off = n_off * np.log((1 + alpha) * n_off / (n_on + n_off))
    return np.sqrt(2 * (on + off))


def test_excess_has_the_wanted_significance(make_dataset):
    dataset = make_dataset("wstat")
    table = SensitivityEstimator(n_sigma=5, gamma_min=1, bkg_syst_fraction=0).run(dataset)
    off = dataset.counts_off.data.ravel()
    np.testing.assert_allclose(li_ma(table["background"] + table["excess"], off, 0.25), 5, rtol=1e-4)
    assert set(table["criterion"]) == {"significance"}
    assert table["e2dnde"].unit == "erg cm-2 s-1"


def test_floors_of_the_excess(make_dataset):
    dataset = make_dataset("wstat")
    table = SensitivityEstimator(n_sigma=0.1, gamma_min=1e4).run(dataset)
    assert set(table["criterion"]) == {"gamma"}
    np.testing.assert_allclose(table["excess"], 1e4)
    table = SensitivityEstimator(n_sigma=0.1, gamma_min=0.1, bkg_syst_fraction=3).run(dataset)
    assert set(table["criterion"]) == {"bkg"}
    np.testing.assert_allclose(table["excess"], 3 * table["background"])


def test_flux_is_excess_over_prediction(make_dataset, model):
    dataset = make_dataset("wstat")
    table = SensitivityEstimator(spectral_model=model.spectral_model, gamma_min=10).run(dataset)
    dataset.models = [model]
    predicted = dataset.npred_signal().data.ravel()
    energy = dataset.counts.geom.axes["energy"].center
    reference = (model.spectral_model(energy) * energy**2).to_value("erg cm-2 s-1")
    np.testing.assert_allclose(table["e2dnde"], reference * table["excess"] / predicted, rtol=1e-6)


def test_off_counts_are_needed(make_dataset):
    with pytest.raises(DataError, match="must have off counts"):
        SensitivityEstimator().run(make_dataset("cash"))


def test_parameter_sensitivity_reaches_the_significance(make_dataset, model):
    dataset = make_dataset("cash", masked=False)
    datasets = Datasets([dataset])
    datasets.models = [model]
    model.spectral_model.index.frozen = True
    amplitude = model.spectral_model.amplitude
    distance = ParameterSensitivityEstimator(parameter=amplitude, null_value=0, n_sigma=3, rtol=1e-4).run(
        datasets
    )
    signal = dataset.npred_signal().data.ravel() * distance / amplitude.value
    background = dataset.background.data.ravel()
    total = signal + background
    ts = 2 * np.sum(background - total + total * np.log(total / background))
    assert np.sqrt(ts) == pytest.approx(3, rel=1e-3)
