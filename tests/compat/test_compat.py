"""Scripts of the peer run on Geminga."""

import subprocess
import sys

import pytest

from geminga.compat import install, uninstall

SCRIPT = """
import sys
import numpy as np
import astropy.units as u
import gammapy
from gammapy.maps import MapAxis, RegionGeom
from gammapy.modeling.models import PowerLawSpectralModel, SkyModel
from gammapy.datasets import Datasets, SpectrumDataset
from gammapy.utils.random import get_random_state
import gammapy.estimators as estimators

axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
model = SkyModel(spectral_model=PowerLawSpectralModel(), name=sys.argv[1])
print(type(model).__module__, model.name, axis.nbin, estimators.FluxPointsEstimator.__name__)
"""


@pytest.fixture
def hook():
    install()
    yield
    uninstall()


def test_names_are_the_same_objects(hook):
    import gammapy.maps

    import geminga.maps

    assert gammapy.maps.MapAxis is geminga.maps.MapAxis


def test_missing_modules_name_both(hook):
    with pytest.raises(
        ModuleNotFoundError, match=r"gammapy\.nothing must have a counterpart geminga\.nothing"
    ):
        import gammapy.nothing  # noqa: F401


def test_nothing_stays_behind():
    install()
    import gammapy.maps  # noqa: F401

    uninstall()
    assert not any(name.split(".")[0] == "gammapy" for name in sys.modules)


def test_scripts_run_unmodified(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    result = subprocess.run(
        [sys.executable, "-m", "geminga.compat", str(script), "crab"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["geminga.modeling.models.sky_model", "crab", "3", "FluxPointsEstimator"]
