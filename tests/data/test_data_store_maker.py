import logging

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.data import DataStore
from geminga.data.data_store_maker import CalDBIRF, DataStoreMaker
from geminga.errors import DataError, FormatError

from .conftest import START, aeff_hdu, edisp_hdu, event_hdu, gti_hdu, write_file


def test_responses_in_the_same_file(tmp_path):
    paths = [
        write_file(tmp_path / f"{i}.fits", event_hdu(i, seed=i), gti_hdu(), aeff_hdu(), edisp_hdu())
        for i in (1, 2)
    ]
    store = DataStore.from_events_files(paths)
    assert len(store.hdu_table) == 8
    assert store.get_observations(required_irf="point-like").ids == ["1", "2"]
    observation = store.obs(2, "point-like")
    assert len(observation.events) == 500
    assert_allclose(observation.aeff.data, 1000)
    row = store.obs_table[0]
    assert (row["OBS_ID"], row["EVENT_COUNT"], row["OBJECT"], row["TELESCOP"]) == (1, 500, "Crab", "SCOPE")
    assert_allclose([row["RA_PNT"], row["DEC_PNT"], row["DEADC"]], [83.63, 21.51, 0.9])
    assert row["DATE-OBS"] == "NOT AVAILABLE"
    assert store.obs_table["TSTART"].unit == "s"
    assert_allclose(
        store.obs_table.time_start[0].mjd, observation.events.observation_time_start.mjd, rtol=0, atol=1e-9
    )


def test_responses_in_files_of_their_own(tmp_path):
    events = [write_file(tmp_path / f"{i}.fits", event_hdu(i), gti_hdu()) for i in (1, 2)]
    one = write_file(tmp_path / "irf.fits", aeff_hdu())
    both = DataStoreMaker(events, one).run()
    assert both.obs(2, ["aeff"]).aeff.data.max() == 1000
    each = DataStore.from_events_files(
        events, [one, write_file(tmp_path / "irf2.fits", aeff_hdu(), edisp_hdu())]
    )
    assert [o.available_irfs for o in each.get_observations(required_irf="all-optional")] == [
        ["aeff"], ["aeff", "edisp"],
    ]  # fmt: skip
    with pytest.raises(DataError, match="one for each of 2"):
        DataStoreMaker(events, [one])


def test_names_and_classes_are_those_of_the_file(tmp_path):
    """The peer writes fixed names and a 3-Gauss PSF whatever the file holds."""
    hdu = aeff_hdu()
    hdu.name = "SOMETHING ELSE"
    store = DataStore.from_events_files([write_file(tmp_path / "x.fits", event_hdu(), gti_hdu(), hdu)])
    assert store.hdu_table.hdu_type_unique == ["aeff", "events", "gti"]
    assert store.obs(1, ["aeff"]).aeff.data.max() == 1000


def test_drift_mode(tmp_path):
    """Fault 47 of the peer: KeyError."""
    hdu = event_hdu(OBS_MODE="DRIFT", ALT_PNT=80.0, AZ_PNT=10.0)
    del hdu.header["RA_PNT"], hdu.header["DEC_PNT"]
    store = DataStore.from_events_files([write_file(tmp_path / "x.fits", hdu, gti_hdu())])
    row = store.obs_table[0]
    assert np.isnan(row["RA_PNT"])
    assert (row["OBS_MODE"], row["ALT_PNT"]) == ("DRIFT", 80)
    assert store.obs(1, "all-optional").pointing.fixed_altaz.alt.deg == 80


def test_other_reference_times_are_converted(tmp_path):
    later = event_hdu(2, MJDREFI=51911)
    paths = [
        write_file(tmp_path / "a.fits", event_hdu(1), gti_hdu()),
        write_file(tmp_path / "b.fits", later, gti_hdu()),
    ]
    table = DataStore.from_events_files(paths).obs_table
    assert_allclose(table["TSTART"], [START, START + 86400])
    assert_allclose(np.diff(table.time_start.mjd), 1)


def test_calibration_database(tmp_path, monkeypatch, caplog):
    assert (
        CalDBIRF("CTA", "1dc", "South_z20_50h").path == "$CALDB/data/cta/1dc/bcf/South_z20_50h/irf_file.fits"
    )
    path = write_file(tmp_path / "x.fits", event_hdu(TELESCOP="CTA", CALDB="1dc", IRF="South"), gti_hdu())
    monkeypatch.setenv("CALDB", str(tmp_path / "nothing"))
    with caplog.at_level(logging.WARNING):
        store = DataStore.from_events_files([path])
    assert "set CALDB" in caplog.text
    assert store.hdu_table.hdu_class_unique == [
        "aeff_2d",
        "bkg_3d",
        "edisp_2d",
        "events",
        "gti",
        "psf_3gauss",
    ]
    write_file(tmp_path / "caldb/data/cta/1dc/bcf/South/irf_file.fits", aeff_hdu())
    monkeypatch.setenv("CALDB", str(tmp_path / "caldb"))
    store = DataStore.from_events_files([path])
    assert store.hdu_table.hdu_type_unique == ["aeff", "events", "gti"]
    assert store.obs(1, ["aeff"]).aeff.data.max() == 1000


def test_bad_files(tmp_path, caplog):
    with pytest.raises(DataError, match="at least one"):
        DataStore.from_events_files([])
    with pytest.raises(FormatError, match="event list"):
        DataStore.from_events_files([write_file(tmp_path / "a.fits", gti_hdu())])
    hdu = event_hdu()
    del hdu.header["OBS_ID"]
    with pytest.raises(FormatError, match="OBS_ID"):
        DataStore.from_events_files([write_file(tmp_path / "b.fits", hdu, gti_hdu())])
    same = [write_file(tmp_path / f"{name}.fits", event_hdu(1), gti_hdu()) for name in "cd"]
    with pytest.raises(DataError, match="again in"):
        DataStore.from_events_files(same)
    with caplog.at_level(logging.WARNING):
        DataStore.from_events_files(same[0])
    assert "no responses" in caplog.text


def test_tables_can_be_written_and_read(tmp_path):
    path = write_file(tmp_path / "data" / "x.fits", event_hdu(), gti_hdu(), aeff_hdu())
    store = DataStore.from_events_files([path])
    store.hdu_table["FILE_DIR"] = "data"
    store.hdu_table.write(tmp_path / "hdu-index.fits.gz")
    store.obs_table.write(tmp_path / "obs-index.fits.gz")
    back = DataStore.from_dir(tmp_path)
    assert len(back.obs(1, ["aeff"]).events) == 500
    assert_allclose(back.obs_table.time_start.mjd, store.obs_table.time_start.mjd, rtol=0, atol=1e-10)
