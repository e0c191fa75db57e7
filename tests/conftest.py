"""Fixtures that every part of the test suite shares."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def gammapy_data() -> Path:
    """Return the folder with the public test data, or skip."""
    folder = os.environ.get("GEMINGA_DATA") or os.environ.get("GAMMAPY_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GEMINGA_DATA is not set")
    return Path(folder)


@pytest.fixture(scope="session")
def campaign_folder(tmp_path_factory) -> Path:
    """Return a folder with two short simulated observations and the truth."""
    from astropy import units as u

    from geminga.simulate import ArrayResponse, Campaign, simulate_campaign

    folder = tmp_path_factory.mktemp("campaign") / "dl3"
    response = ArrayResponse(background=0.03)
    simulate_campaign(folder, Campaign(n_runs=2, livetime=20 * u.min, response=response, seed=7))
    return folder


ANALYSIS_CONFIG = """\
general:
  log: {{level: warning}}
  outdir: {folder}/products
  models_file: {folder}/start.yaml
observations: {{datastore: {datastore}}}
datasets:
  type: 1d
  stack: false
  on_region: {{frame: icrs, lon: 83.633 deg, lat: 22.014 deg, radius: 0.11 deg}}
  containment_correction: true
  geom:
    axes:
      energy: {{min: 0.2 TeV, max: 40 TeV, nbins: 12}}
      energy_true: {{min: 0.1 TeV, max: 100 TeV, nbins: 24}}
  background: {{method: reflected}}
  safe_mask: {{methods: [aeff-max], parameters: {{aeff_percent: 10}}}}
flux_points:
  source: source
  energy: {{min: 0.3 TeV, max: 30 TeV, nbins: 4}}
  parameters: {{selection_optional: [errn-errp, ul]}}
"""


@pytest.fixture(scope="session")
def analysis_config(campaign_folder, tmp_path_factory) -> Path:
    """Return the configuration file of an analysis of the simulated campaign, with a start model beside it."""
    from geminga.modeling.models import Models, PowerLawSpectralModel, SkyModel

    folder = tmp_path_factory.mktemp("analysis")
    spectrum = PowerLawSpectralModel(index=2, amplitude="1e-11 cm-2 s-1 TeV-1", reference="1 TeV")
    Models([SkyModel(spectrum, name="source")]).write(folder / "start.yaml", write_covariance=False)
    path = folder / "config.yaml"
    path.write_text(ANALYSIS_CONFIG.format(folder=folder, datastore=campaign_folder))
    return path


@pytest.fixture(scope="session")
def analysis_run(analysis_config):
    """Return the folder of products, and what the command line printed, of one analysis from a file."""
    from typer.testing import CliRunner

    from geminga.cli import app

    result = CliRunner().invoke(app, ["--log-level", "warning", "analysis", "run", str(analysis_config)])
    assert result.exit_code == 0, result.output
    return analysis_config.parent / "products", result.output
