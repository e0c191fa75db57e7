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
