import functools
import http.server
import logging
import threading

import numpy as np
import pytest
from astropy.table import MaskedColumn, Table
from numpy.testing import assert_allclose

from geminga.data import DataStore
from geminga.data.ivoa import (
    ObsTableRow,
    empty_obscore_table,
    fetch_files,
    make_data_store_from_query_result,
    make_fetch_list,
    make_hdu_table,
    make_obs_table,
    observation_obscore_dict,
    progress_download,
    to_obscore_table,
)
from geminga.data.ivoa.download import file_name
from geminga.errors import DataError, FileExistsGemingaError, FormatError, UnknownNameError

from .conftest import event_hdu, gti_hdu, write_file

NAMES = [
    "dataproduct_type", "calib_level", "target_name", "obs_id", "obs_collection", "obs_publisher_did",
    "access_url", "access_format", "access_estsize", "s_ra", "s_dec", "s_fov", "s_region",
    "s_resolution", "s_xel1", "s_xel2", "t_xel", "t_min", "t_max", "t_exptime", "t_resolution",
    "em_xel", "em_min", "em_max", "em_res_power", "o_ucd", "pol_xel", "facility_name",
    "instrument_name",
]  # fmt: skip


def test_empty_table():
    table = empty_obscore_table()
    assert table.colnames == NAMES
    assert len(table) == 0
    # oracle: peer 2.1, ivoa.empty_obscore_table
    assert {name: str(table[name].unit) for name in ("s_ra", "t_min", "t_exptime", "em_min", "access_estsize")} == {
        "s_ra": "deg", "t_min": "d", "t_exptime": "s", "em_min": "TeV", "access_estsize": "kbyte",
    }  # fmt: skip
    assert table["s_ra"].meta["UCD"] == "pos.eq.ra"
    assert all(table[name].description and table[name].meta["Utype"] for name in NAMES)


def test_one_observation(store_dir):
    observation = DataStore.from_dir(store_dir).obs(1, "point-like")
    row = observation_obscore_dict(observation)
    assert list(row) == NAMES
    assert (row["dataproduct_type"], row["calib_level"], row["obs_id"], row["obs_collection"]) == (
        "event",
        2,
        "1",
        "DL3",
    )
    assert (row["target_name"], row["facility_name"], row["instrument_name"]) == ("Crab", "SCOPE", "CAMERA")
    assert_allclose([row["s_ra"], row["s_dec"], row["s_fov"]], [83.63, 21.51, 10])
    assert_allclose(row["t_exptime"], 900 * 0.9)
    assert_allclose((row["t_max"] - row["t_min"]) * 86400, 1000, atol=1e-4)
    assert_allclose(
        [row["em_min"], row["em_max"]],
        [observation.events.energy.value.min(), observation.events.energy.value.max()],
    )
    assert row["access_estsize"] == (store_dir / "data" / "run1.fits.gz").stat().st_size // 1024


def test_table(store_dir, caplog):
    url = "https://example.org/" + "a" * 60 + "/"
    table = to_obscore_table(store_dir, [2, 1], "ivo://x", url, {"obs_collection": "TEST", "s_fov": 5.0})
    assert table["obs_id"].tolist() == ["2", "1"]
    assert table["obs_publisher_did"][0] == "ivo://x#2"
    # the peer cuts addresses to 30 characters
    assert table["access_url"][0] == f"{url}run2.fits.gz"
    assert table["obs_collection"].tolist() == ["TEST", "TEST"]
    assert table["s_fov"].tolist() == [5, 5]
    with caplog.at_level(logging.WARNING):
        assert len(to_obscore_table(store_dir)) == 2
    assert "obs_publisher_did" in caplog.text
    with pytest.raises(UnknownNameError, match="proposal"):
        to_obscore_table(store_dir, obscore_template={"proposal": 3})


def test_wavelengths(store_dir):
    energies = to_obscore_table(store_dir)
    metres = to_obscore_table(store_dir, spectral_unit="m")
    assert metres["em_min"].unit == "m"
    # 1 TeV is a wavelength of 1.23984e-18 m
    assert_allclose(metres["em_min"] * energies["em_max"], 1.23984198e-18, rtol=1e-7)
    assert (metres["em_min"] < metres["em_max"]).all()
    assert metres["em_min"].description


class TestQuery:
    def test_own_table_comes_back(self, store_dir):
        index = make_obs_table(to_obscore_table(store_dir))
        original = DataStore.from_dir(store_dir).obs_table
        assert index["OBS_ID"].tolist() == [1, 2]
        assert_allclose(index.time_start.mjd, original.time_start.mjd, rtol=0, atol=1e-8)
        assert_allclose(index["RA_PNT"], original["RA_PNT"], rtol=1e-6)
        assert index["OBJECT"].tolist() == ["Crab", "Crab"]
        assert index["TSTART"].unit == "s"

    def test_columns_of_the_index_count_more(self):
        table = Table(
            {"obs_id": ["run 1", "7"], "s_ra": [1.0, 2.0], "RA_PNT": [3.0, 4.0], "date-obs": ["2020", "2021"]}
        )
        table["n_tels"] = MaskedColumn([4, 0], mask=[False, True])
        index = make_obs_table(table)
        assert index["OBS_ID"].tolist() in (["run 1", 7], ["run 1", "7"])
        assert index["RA_PNT"].tolist() == [3, 4]
        assert index["DATE-OBS"].tolist() == ["2020", "2021"]
        assert index["N_TELS"][0] == 4
        assert np.isnan(index["N_TELS"][1])

    def test_results_with_a_method(self):
        class Results:
            def to_table(self):
                return Table({"obs_id": [1], "access_url": ["http://x/y"]})

        assert make_fetch_list(Results()) == [("1", "http://x/y")]
        assert len(make_obs_table(Results())) == 1

    def test_missing_columns(self):
        with pytest.raises(FormatError, match="access_url"):
            make_fetch_list(Table({"obs_id": [1]}))
        with pytest.raises(FormatError, match="obs_id"):
            make_obs_table(Table({"x": [1]}))

    def test_hdu_table(self, store_dir):
        index = make_hdu_table(
            [("1", store_dir / "data/run1.fits.gz"), ("2", store_dir / "data/run2.fits.gz")]
        )
        assert len(index) == 8
        assert len(DataStore(index).obs(2, "point-like").events) == 500
        assert len(make_hdu_table([])) == 0

    def test_row(self):
        assert ObsTableRow.column("date_obs") == "DATE-OBS"
        assert ObsTableRow.column("ra_pnt") == "RA_PNT"
        assert ObsTableRow(obs_id=1).livetime is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://x/a/run.fits.gz?token=1", "run.fits.gz"),
        ("http://x/..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("http://x/.bashrc", "bashrc"),
        ("http://x/", "run_1.fits"),
        ("http://x/a b&c.fits", "a_b_c.fits"),
    ],
)
def test_file_names_are_plain(url, expected):
    assert file_name("run 1", url) == expected


class TestDownload:
    @pytest.fixture
    def server(self, tmp_path):
        """Serve a folder on this machine."""
        folder = tmp_path / "served"
        for i in (1, 2):
            write_file(folder / f"{i}.fits", event_hdu(i, seed=i), gti_hdu())
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()

    def test_store_from_a_query(self, server, tmp_path):
        results = Table(
            {"obs_id": ["1", "2"], "access_url": [f"{server}/{i}.fits" for i in (1, 2)], "s_ra": [83.0, 84.0],
             "s_dec": [22.0, 22.0], "t_min": [53000.5, 53001.5], "t_max": [53000.6, 53001.6]}
        )  # fmt: skip
        store = make_data_store_from_query_result(results, tmp_path / "store")
        assert [len(o.events) for o in store.get_observations(required_irf="all-optional")] == [500, 500]
        again = DataStore.from_dir(tmp_path / "store")
        assert len(again.obs(2, "all-optional").events) == 500
        assert_allclose(again.obs_table.time_start.mjd, [53000.5, 53001.5], rtol=0, atol=1e-9)
        with pytest.raises(FileExistsGemingaError):
            make_data_store_from_query_result(results, tmp_path / "store")
        make_data_store_from_query_result(results, tmp_path / "store", overwrite=True)

    def test_files_that_exist_are_kept(self, server, tmp_path):
        (tmp_path / "1.fits").write_text("mine")
        fetch_files([("1", f"{server}/1.fits")], tmp_path)
        assert (tmp_path / "1.fits").read_text() == "mine"

    def test_only_web_addresses(self, tmp_path):
        for source in ("file:///etc/passwd", "ftp://x/y", "run.fits"):
            with pytest.raises(DataError, match="http"):
                progress_download(source, tmp_path / "x")

    def test_nothing_is_left_of_a_failed_download(self, server, tmp_path):
        with pytest.raises(OSError, match="404"):
            progress_download(f"{server}/nothing.fits", tmp_path / "x.fits")
        assert not list(tmp_path.glob("*x.fits*"))
