import logging

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from geminga.data import DataStore, EventList, HDUIndexTable, HDULocation
from geminga.data.hdu_location import LazyFitsData
from geminga.errors import FormatError, UnknownNameError

from .conftest import PARTS, event_hdu, write_file, write_index


@pytest.fixture
def index(store_dir):
    return HDUIndexTable.read(store_dir / "hdu-index.fits.gz")


def test_read(index, store_dir):
    assert isinstance(index, HDUIndexTable)
    assert index.base_dir == store_dir
    assert len(index) == 8
    assert index.obs_id_unique.tolist() == [1, 2]
    assert index.hdu_type_unique == ["aeff", "edisp", "events", "gti"]
    assert index.hdu_class_unique == ["aeff_2d", "edisp_2d", "events", "gti"]
    assert "OBS_ID: 1 -- 2" in index.summary()
    assert isinstance(index[:2], HDUIndexTable)
    assert index[:2].base_dir == store_dir


def test_location(index, store_dir):
    location = index.hdu_location(2, "events")
    assert location.path() == store_dir / "data" / "run2.fits.gz"
    assert (location.hdu_class, location.hdu_name) == ("events", "EVENTS")
    assert isinstance(location.load(), EventList)
    assert location.header()["OBS_ID"] == 2
    assert isinstance(location.get_hdu(), fits.BinTableHDU)
    assert index.hdu_location(2, hdu_class="aeff_2d").load().data.shape == (10, 3)
    assert index.location_info(0) == index.locations_by_observation()[1]["events"][0]


def test_rows(index):
    assert index.row_idx(1) == [0, 1, 2, 3]
    assert index.row_idx(2, "gti") == [5]
    assert index.row_idx(2, "gti", "events") == []
    with pytest.raises(KeyError, match="99"):
        index.row_idx(99)


def test_missing_and_unknown(index, caplog):
    with caplog.at_level(logging.WARNING):
        assert index.hdu_location(1, "psf") is None
    # the peer prints the braces of its format string
    assert "HDU_TYPE = psf" in caplog.text
    assert "{" not in caplog.text
    caplog.clear()
    assert index.hdu_location(1, "psf", warn_missing=False) is None
    assert caplog.text == ""
    for arguments in ({"hdu_type": "colour"}, {"hdu_class": "colour"}):
        with pytest.raises(UnknownNameError, match="colour"):
            index.hdu_location(1, **arguments)
    with pytest.raises(ValueError, match="neither"):
        index.hdu_location(1)


def test_first_of_several(index, caplog):
    doubled = HDUIndexTable(Table(np.concatenate([index.as_array()] * 2)))
    doubled.meta.update(index.meta)
    with caplog.at_level(logging.WARNING):
        assert doubled.hdu_location(1, "events") == index.hdu_location(1, "events")
    assert "Found 2 HDUs" in caplog.text


def test_missing_column(tmp_path):
    table = Table({"OBS_ID": [1]})
    path = write_file(tmp_path / "x.fits", fits.BinTableHDU(table, name="HDU_INDEX"))
    with pytest.raises(FormatError, match="HDU_TYPE") as caught:
        HDUIndexTable.read(path)
    assert caught.value.path == path


def test_hdu_of_another_name(tmp_path):
    rows = [(1, part, hdu_class, "", "x.fits", part.upper()) for part, hdu_class in PARTS]
    table = Table(rows=rows, names=("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME"))
    path = write_file(tmp_path / "x.fits", fits.BinTableHDU(table, name="SOMETHING"))
    assert len(HDUIndexTable.read(path)) == 4
    with pytest.raises(FormatError, match="SOMETHING"):
        HDUIndexTable.read(path, hdu="OTHER")


class TestPathsThatLeaveTheStore:
    def store(self, folder, file_dir, file_name="secret.fits"):
        return write_index(folder, [(1, "events", "events", file_dir, file_name, "EVENTS")])

    def events(self, folder, **options):
        store = DataStore.from_dir(folder, **options)
        return store.get_observations(required_irf="all-optional", require_events=False)[0].events

    @pytest.fixture
    def secret(self, tmp_path):
        return write_file(tmp_path / "private" / "secret.fits", event_hdu())

    def test_dots(self, tmp_path, secret):
        folder = self.store(tmp_path / "store", "../private")
        with pytest.raises(FormatError, match="root_dir") as caught:
            self.events(folder)
        assert caught.value.path.name == "secret.fits"
        assert len(self.events(folder, root_dir=tmp_path)) == 500

    def test_dots_in_the_file_name(self, tmp_path, secret):
        with pytest.raises(FormatError, match="must stay inside"):
            self.events(self.store(tmp_path / "store", "data", "../../private/secret.fits"))

    def test_absolute(self, tmp_path, secret):
        folder = self.store(tmp_path / "store", str(secret.parent))
        with pytest.raises(FormatError, match="must stay inside"):
            self.events(folder)
        assert len(self.events(folder, root_dir="/")) == 500

    def test_variable(self, tmp_path, secret, monkeypatch):
        monkeypatch.setenv("PRIVATE", str(secret.parent))
        with pytest.raises(FormatError, match="must stay inside"):
            self.events(self.store(tmp_path / "store", "$PRIVATE"))

    def test_link(self, tmp_path, secret):
        folder = self.store(tmp_path / "store", "data")
        (folder / "data").symlink_to(secret.parent)
        with pytest.raises(FormatError, match="must stay inside"):
            self.events(folder)

    def test_dots_that_stay_inside(self, tmp_path):
        folder = self.store(tmp_path / "store", "a/../data", "x.fits")
        (folder / "a").mkdir()
        write_file(folder / "data" / "x.fits", event_hdu())
        assert len(self.events(folder)) == 500

    def test_index_beside_the_data(self, tmp_path):
        """The layout of the CTA data challenge: indices below a folder "index", data beside it."""
        folder = self.store(tmp_path / "store" / "index" / "gps", "../../data", "x.fits")
        write_file(tmp_path / "store" / "data" / "x.fits", event_hdu())
        assert len(self.events(folder)) == 500
        folder = self.store(tmp_path / "store" / "index" / "gps", "../../../data", "x.fits")
        write_file(tmp_path / "data" / "x.fits", event_hdu())
        with pytest.raises(FormatError, match="must stay inside"):
            self.events(folder)

    def test_link_to_the_whole_store(self, tmp_path):
        folder = self.store(tmp_path / "store", "data", "x.fits")
        write_file(folder / "data" / "x.fits", event_hdu())
        (tmp_path / "link").symlink_to(folder)
        assert len(self.events(tmp_path / "link")) == 500


class TestLocation:
    def test_paths(self, tmp_path, monkeypatch):
        location = HDULocation("events", base_dir=str(tmp_path), file_dir="a", file_name="b.fits")
        assert location.path() == tmp_path / "a" / "b.fits"
        assert str(location.path(abs_path=False)) == "a/b.fits"
        monkeypatch.setenv("CALDB", "/calibration")
        assert (
            str(HDULocation("aeff_2d", file_dir="$CALDB/x", file_name="y.fits").path())
            == "/calibration/x/y.fits"
        )
        with pytest.raises(FormatError, match="name a file"):
            HDULocation("events").path()

    def test_info(self, capsys):
        HDULocation("events", file_name="b.fits", hdu_name="EVENTS").info()
        assert "FILE_NAME = b.fits" in capsys.readouterr().out

    def test_unknown_class(self, tmp_path):
        with pytest.raises(UnknownNameError, match="colour"):
            HDULocation("colour", file_name="b.fits").load()

    def test_errors_name_the_file(self, tmp_path):
        path = write_file(tmp_path / "b.fits", event_hdu())
        location = HDULocation("aeff_2d", base_dir=str(tmp_path), file_name="b.fits", hdu_name="EVENTS")
        with pytest.raises(FormatError) as caught:
            location.load()
        assert caught.value.path == path


@pytest.mark.parametrize("cache", [False, True])
def test_lazy_attribute(tmp_path, cache):
    class Run:
        events = LazyFitsData(cache=cache)

    write_file(tmp_path / "b.fits", event_hdu())
    run = Run()
    assert run.events is None
    run.events = HDULocation("events", base_dir=str(tmp_path), file_name="b.fits", hdu_name="EVENTS")
    assert len(run.events) == 500
    assert (run.events is run.events) is cache
    run.events = 3
    assert run.events == 3
    assert isinstance(Run.events, LazyFitsData)
