"""Fits of simulated spectra of the public test data."""

import pytest
from numpy.testing import assert_allclose

from geminga.datasets import Datasets, SpectrumDatasetOnOff
from geminga.modeling import Fit
from geminga.modeling.models import Models

pytestmark = pytest.mark.realdata

# oracle: peer 2.1, Fit().run(Datasets([SpectrumDatasetOnOff.read(...)])) from the values in the model file
CASES = [
    ("PL", 21.955117, [2.05097, 1.00328e-12], [0.0440201, 4.57267e-14], (0.0437103, 0.0443589)),
    (
        "ECPL",
        11.027370,
        [1.30807, 1.14591e-12, 1.06953],
        [0.680283, 8.94226e-13, 0.679555],
        (0.806828, 0.609662),
    ),
]


@pytest.mark.parametrize(("name", "stat", "values", "errors", "minos"), CASES)
def test_spectrum(gammapy_data, name, stat, values, errors, minos):
    folder = gammapy_data / "datasets" / "simulations"
    dataset = SpectrumDatasetOnOff.read(folder / f"simulated_spectrum_dataset_{name}.fits")
    dataset.models = Models.read(folder / f"simulated_spectrum_dataset_{name}_model.yaml")
    datasets = Datasets([dataset])
    fit = Fit()
    result = fit.run(datasets)
    assert result.success
    # never above the peer's minimum, and not far below
    assert stat - 2e-4 < result.total_stat < stat + 1e-5
    free = datasets.models.parameters.free_parameters
    assert_allclose((free.value - values) / errors, 0, atol=0.01)
    assert_allclose([p.error for p in free], errors, rtol=0.01)
    confidence = fit.confidence(datasets, "index")
    assert_allclose([confidence["errn"], confidence["errp"]], minos, rtol=2e-3)
