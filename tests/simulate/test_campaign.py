"""The campaign of the demo."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.data import DataStore
from geminga.errors import FileExistsGemingaError
from geminga.files import read_yaml
from geminga.modeling.models import Models
from geminga.simulate import Campaign, simulate_campaign


def test_files_are_a_data_store(campaign_folder):
    store = DataStore.from_dir(campaign_folder)
    observations = store.get_observations()
    assert [o.obs_id for o in observations] == [1, 2]
    for observation in observations:
        assert set(observation.available_irfs) == {"aeff", "edisp", "psf", "bkg"}
        assert_allclose(observation.observation_live_time_duration.to_value("min"), 20, rtol=1e-6)
        assert_allclose(observation.observation_time_duration.to_value("min"), 20 / 0.95, rtol=1e-6)
        assert len(observation.events.table) > 100
    assert observations[0].tstop < observations[1].tstart


def test_pointings_wobble_around_the_source():
    campaign = Campaign(n_runs=5)
    pointings = campaign.pointings()
    assert_allclose([p.separation(campaign.position).deg for p in pointings], 0.5)
    angles = [campaign.position.position_angle(p).deg for p in pointings]
    assert_allclose(np.cos(np.radians(angles)), np.cos(np.radians([0, 180, 90, 270, 0])), atol=1e-6)


def test_the_truth_lies_beside_the_files(campaign_folder):
    content = read_yaml(campaign_folder / "truth.yaml")
    assert u.Quantity(content["position"]["lon"]).to_value("deg") == pytest.approx(83.633)
    content.pop("position")
    truth = Models.from_dict(content)
    spectrum = truth["source"].spectral_model
    assert spectrum.index.value == 2.6
    assert_allclose(spectrum.amplitude.quantity.to_value("cm-2 s-1 TeV-1"), 3.5e-11)


def test_nothing_is_overwritten(campaign_folder):
    before = {file: file.stat().st_mtime_ns for file in campaign_folder.iterdir()}
    with pytest.raises(FileExistsGemingaError, match="must not hold a campaign"):
        simulate_campaign(campaign_folder)
    assert {file: file.stat().st_mtime_ns for file in campaign_folder.iterdir()} == before


def test_a_shorter_campaign_lists_its_own_runs_only(tmp_path):
    short = {"livetime": 10 * u.s, "seed": 1}
    simulate_campaign(tmp_path, Campaign(n_runs=3, **short))
    store = simulate_campaign(tmp_path, Campaign(n_runs=2, **short), overwrite=True)
    assert list(store.obs_ids) == [1, 2]
    assert set(store.hdu_table["OBS_ID"]) == {1, 2}


def test_an_unfinished_campaign_is_not_overwritten_either(tmp_path):
    (tmp_path / "run_0001.fits.gz").write_bytes(b"somebody's run")
    with pytest.raises(FileExistsError):
        simulate_campaign(tmp_path, Campaign(n_runs=1, livetime=10 * u.s))
    assert (tmp_path / "run_0001.fits.gz").read_bytes() == b"somebody's run"
