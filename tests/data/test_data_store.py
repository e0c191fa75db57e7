import logging

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_allclose

from geminga.data import DataStore, HDUIndexTable, ObservationTable
from geminga.errors import FileExistsGemingaError, FormatError, UnknownNameError

from .conftest import PARTS, REFERENCE, event_hdu, gti_hdu, write_file, write_index


@pytest.fixture
def store(store_dir):
    return DataStore.from_dir(store_dir)


def test_from_dir(store, store_dir, capsys):
    assert store.obs_ids.tolist() == [1, 2]
    assert len(store.obs_table) == 2
    assert store.info() is None
    assert "Number of observations: 2" in capsys.readouterr().out
    assert "OBS_ID: 1 -- 2" in store.info(show=False)
    assert "2 observations" in repr(store)
    assert DataStore.DEFAULT_HDU_TABLE == "hdu-index.fits.gz"
    assert DataStore.DEFAULT_OBS_TABLE == "obs-index.fits.gz"


def test_named_tables(store_dir):
    for kind in ("hdu", "obs"):
        (store_dir / f"{kind}-index.fits.gz").rename(store_dir / f"other-{kind}.fits.gz")
    with pytest.raises(FormatError, match="must exist"):
        DataStore.from_dir(store_dir)
    store = DataStore.from_dir(store_dir, "other-hdu.fits.gz", "other-obs.fits.gz")
    assert len(store.get_observations(required_irf="point-like")) == 2


def test_without_observation_index(store_dir):
    (store_dir / "obs-index.fits.gz").unlink()
    store = DataStore.from_dir(store_dir)
    assert store.obs_table is None
    assert "No observation index" in str(store)
    assert len(store.get_observations(required_irf="point-like")) == 2
    with pytest.raises(FormatError, match="observation index"):
        store.get_observations(selection={"type": "par_box", "variable": "OBS_ID", "value_range": [1, 2]})
    with pytest.raises(FormatError, match="must exist"):
        DataStore.from_dir(store_dir, obs_table_filename="obs-index.fits.gz")


def test_missing_folder(tmp_path):
    with pytest.raises(FormatError, match="folder"):
        DataStore.from_dir(tmp_path / "nothing")


def test_from_file(store_dir):
    with fits.open(store_dir / "hdu-index.fits.gz") as a, fits.open(store_dir / "obs-index.fits.gz") as b:
        fits.HDUList([fits.PrimaryHDU(), a[1], b[1]]).writeto(store_dir / "both.fits")
    store = DataStore.from_file(store_dir / "both.fits")
    assert len(store.get_observations(required_irf="point-like")[1].events) == 500
    assert len(store.obs_table) == 2


class TestRequired:
    def test_sets(self, store, caplog):
        with pytest.raises(FormatError, match="psf, bkg"):
            store.obs(1)
        assert store.obs(1, "point-like").available_irfs == ["aeff", "edisp"]
        assert store.obs(1, "all-optional").available_irfs == ["aeff", "edisp"]
        with pytest.raises(OSError, match="rad_max"):
            store.obs(1, ["aeff", "rad_max"])
        with caplog.at_level(logging.WARNING):
            assert len(store.get_observations()) == 0
        assert caplog.text.count("Skipping observation with missing HDUs") == 2

    def test_unknown_names(self, store):
        for wrong in ("everything", ["colour"]):
            with pytest.raises(UnknownNameError):
                store.obs(1, required_irf=wrong)

    def test_events(self, tmp_path, caplog):
        folder = write_index(tmp_path / "s", [(1, "aeff", "aeff_2d", "", "x.fits", "AEFF")])
        store = DataStore.from_dir(folder)
        with pytest.raises(FormatError, match="events, gti"):
            store.obs(1, "all-optional")
        observation = store.obs(1, "all-optional", require_events=False)
        assert observation.events is observation.gti is None
        # what the observation index knows
        assert_allclose(observation.pointing.fixed_icrs.dec.deg, 21.51)
        assert_allclose(observation.observation_dead_time_fraction, 0.1)


class TestObservations:
    def test_order_and_missing(self, store, caplog):
        assert store.get_observations([2, 1], required_irf="point-like").ids == ["2", "1"]
        assert store.get_observations(2, required_irf="point-like").ids == ["2"]
        assert store.get_observations(np.array([2]), required_irf="point-like")[0].obs_id == 2
        with pytest.raises(ValueError, match="99"):
            store.get_observations([1, 99], required_irf="point-like")
        with caplog.at_level(logging.WARNING):
            found = store.get_observations([1, 99], skip_missing=True, required_irf="point-like")
        assert found.ids == ["1"]
        assert "99" in caplog.text
        with pytest.raises(KeyError, match="99"):
            store.obs(99)

    def test_selection(self, store):
        selection = {"type": "par_box", "variable": "OBS_ID", "value_range": [2, 3]}
        assert store.get_observations(required_irf="point-like", selection=selection).ids == ["2"]
        assert store.get_observations([1], required_irf="point-like", selection=selection).ids == []

    def test_groups(self, store):
        store.obs_table["KIND"] = ["a", "b"]
        groups = store.get_observation_groups("KIND", required_irf="point-like")
        assert {name: group.ids for name, group in groups.items()} == {"KIND_a": ["1"], "KIND_b": ["2"]}
        groups = store.get_observation_groups("OBJECT", required_irf="point-like")
        assert groups["OBJECT_Crab"].ids == ["1", "2"]
        with pytest.raises(UnknownNameError, match="COLOUR"):
            store.get_observation_groups("COLOUR")

    def test_first_of_several_hdus(self, tmp_path, caplog):
        rows = [(1, "events", "events", "", name, "EVENTS") for name in ("a.fits", "b.fits")]
        folder = write_index(tmp_path / "s", rows)
        write_file(folder / "a.fits", event_hdu(n=3))
        with caplog.at_level(logging.WARNING):
            observations = DataStore.from_dir(folder).get_observations(
                required_irf="all-optional", require_events=False
            )
        assert "2 HDUs of type events" in caplog.text
        assert len(observations[0].events) == 3

    def test_broken_file_is_named(self, store, store_dir):
        path = store_dir / "data" / "run1.fits.gz"
        path.write_bytes(path.read_bytes()[:3000])
        observations = store.get_observations(required_irf="point-like")
        with pytest.raises(FormatError, match="truncated") as caught:
            observations[0].events
        assert caught.value.path == path
        assert len(observations[1].events) == 500
        path.unlink()
        with pytest.raises(FormatError, match="must exist"):
            observations[0].events

    def test_text_identifiers(self, tmp_path):
        """Some stores have text in OBS_ID."""
        rows = [("A1", part, hdu_class, "", "x.fits", part.upper()) for part, hdu_class in PARTS[:2]]
        folder = write_index(tmp_path / "s", rows, observations=())
        write_file(folder / "x.fits", event_hdu(), gti_hdu())
        store = DataStore.from_dir(folder)
        assert store.get_observations(required_irf="all-optional").ids == ["A1"]
        assert len(store.obs("A1", "all-optional").events) == 500


class TestCopy:
    def test_copy(self, store, tmp_path, store_dir):
        target = tmp_path / "copy"
        store.copy_obs([2], target)
        assert sorted(p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()) == [
            "data/run2.fits.gz", "hdu-index.fits.gz", "obs-index.fits.gz",
        ]  # fmt: skip
        copied = DataStore.from_dir(target)
        assert copied.obs_table["OBS_ID"].tolist() == [2]
        assert copied.obs_table.time_ref.mjd == store.obs_table.time_ref.mjd
        assert len(copied.obs(2, "point-like").events) == 500
        assert (target / "data/run2.fits.gz").read_bytes() == (store_dir / "data/run2.fits.gz").read_bytes()

    def test_nothing_is_overwritten(self, store, tmp_path):
        target = tmp_path / "copy"
        (target / "data").mkdir(parents=True)
        (target / "data" / "run2.fits.gz").write_text("mine")
        with pytest.raises(FileExistsGemingaError):
            store.copy_obs([1, 2], target)
        assert [p.name for p in target.rglob("*") if p.is_file()] == ["run2.fits.gz"]
        store.copy_obs([1, 2], target, overwrite=True)
        assert len(DataStore.from_dir(target).obs(2, "point-like").events) == 500

    def test_classes_and_tables(self, store, tmp_path):
        store.copy_obs(store.obs_table[:1], tmp_path / "copy", hdu_class=["events"])
        assert DataStore.from_dir(tmp_path / "copy").hdu_table.hdu_type_unique == ["events"]

    def test_data_beside_the_index(self, tmp_path):
        """Files above the index folder stay inside the copy."""
        rows = [(1, part, hdu_class, "../../data", "x.fits", part.upper()) for part, hdu_class in PARTS[:2]]
        folder = write_index(tmp_path / "s" / "index" / "gps", rows, observations=(1,))
        write_file(tmp_path / "s" / "data" / "x.fits", event_hdu(), gti_hdu())
        DataStore.from_dir(folder).copy_obs(1, tmp_path / "copy")
        assert (tmp_path / "copy" / "data" / "x.fits").exists()
        assert len(DataStore.from_dir(tmp_path / "copy").obs(1, "all-optional").events) == 500


def test_tables_made_in_memory():
    store = DataStore(
        HDUIndexTable(rows=[(1, "gti", "gti", "", "x.fits", "GTI")],
                      names=("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")),
        ObservationTable(Table({"OBS_ID": [1]}, meta=REFERENCE)),
    )  # fmt: skip
    assert store.get_observations(required_irf="all-optional", require_events=False).ids == ["1"]
