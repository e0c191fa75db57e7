"""Model files of the public test data."""

import pytest
from numpy.testing import assert_allclose

from geminga.modeling.models import Models

pytestmark = pytest.mark.realdata


@pytest.mark.parametrize(
    ("name", "names", "n_parameters"),
    [
        # oracle: peer 2.1, Models.read
        ("datasets/simulations/simulated_spectrum_dataset_PL_model.yaml", ["source"], 3),
        ("datasets/simulations/simulated_spectrum_dataset_ECPL_model.yaml", ["source"], 5),
        ("datasets/simulations/simulated_map_dataset_model.yaml", ["E4h3eiR--bkg", "source"], 11),
        ("fermi-3fhl-crab/Fermi-LAT-3FHL_models.yaml", ["Crab Nebula", "Fermi-LAT-bkg"], 9),
        ("estimators/crab_hess_fp/models.yaml", ["Crab"], 5),
        ("estimators/pks2155_hess_lc/models.yaml", ["pks2155"], 3),
    ],
)
def test_read_and_write(gammapy_data, tmp_path, name, names, n_parameters):
    models = Models.read(gammapy_data / name)
    assert models.names == names
    assert len(models.parameters) == n_parameters
    models.write(tmp_path / "models.yaml")
    again = Models.read(tmp_path / "models.yaml")
    assert_allclose(again.parameters.value, models.parameters.value)
    assert_allclose(again.covariance.data, models.covariance.data)


def test_covariance(gammapy_data):
    models = Models.read(gammapy_data / "fermi-3fhl-crab" / "Fermi-LAT-3FHL_models.yaml")
    # the entry in the file beside it
    assert_allclose(models.covariance.data.max(), 0.005643498187158265)
    assert_allclose(max(p.error for p in models.parameters), 0.005643498187158265**0.5)
