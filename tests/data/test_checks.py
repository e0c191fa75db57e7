import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_array_equal

from geminga.data import DataStore, EventList, Observation
from geminga.data.checks import Checker
from geminga.data.event_checks import EventListChecker
from geminga.data.store_checks import HDUIndexTableChecker, ObservationTableChecker
from geminga.errors import UnknownNameError

from .conftest import START, aeff_hdu, edisp_hdu, event_hdu, gti_hdu, write_file


def messages(records):
    return [record["msg"] for record in records]


def observation(tmp_path, *hdus):
    return Observation.read(write_file(tmp_path / "x.fits", *hdus))


def test_good_events(events):
    """Fault 31 of the peer: every check stops with AttributeError on files."""
    assert list(events.check()) == []
    events.table  # and once the table exists
    assert list(events.check()) == []


def test_records(events):
    del events.header["TELESCOP"]
    (record,) = events.check()
    assert record["level"] == "warning"
    assert record["obs_id"] == 1
    assert record["keys"] == ["TELESCOP"]


def test_choice_of_checks(events):
    del events.header["TELESCOP"]
    assert messages(events.check(checks=["times"])) == []
    assert len(messages(events.check(checks="meta"))) == 1
    with pytest.raises(UnknownNameError, match="columns"):
        list(events.check(checks=["colours"]))


class TestColumns:
    def test_units_and_missing(self, events):
        events.table["ENERGY"] = events.table["ENERGY"].quantity.to("GeV")
        events.table.remove_column("EVENT_ID")
        found = messages(events.check(["columns"]))
        assert any("EVENT_ID" in message for message in found)
        assert any("Invalid unit for column 'ENERGY'" in message for message in found)

    @pytest.mark.parametrize(
        ("name", "value", "message"),
        [
            ("ENERGY", np.nan, "not finite"),
            ("ENERGY", -1, "not positive"),
            ("DEC", 91, "beyond the poles"),
        ],
    )
    def test_values(self, events, name, value, message):
        events.table[name][3] = value
        (found,) = events.check(["columns"])
        assert message in found["msg"]

    def test_duplicates(self, events):
        doubled = EventList.from_stack([events, events.select_row_subset(slice(0, 7))])
        found = [record for record in doubled.check(["columns"]) if "more than once" in record["msg"]]
        assert found[0]["count"] == 7

    def test_no_events(self, events):
        none = events.select_energy([1e5, 1e6] * u.TeV)
        assert messages(none.check()) == ["Events table has zero rows"]


class TestTimes:
    """Fault 27 of the peer: the exact start is flagged, and equal times count as disorder."""

    def events(self, tmp_path, times):
        hdu = event_hdu(n=len(times))
        hdu.data["TIME"] = times
        return EventList.read(write_file(tmp_path / "x.fits", hdu))

    @pytest.mark.parametrize(
        ("times", "expected"),
        [
            ([START, START + 500, START + 1000], []),
            ([START, START, START], []),
            ([START - 5e-7, START + 1000 + 5e-7], []),
            ([START - 1e-4, START + 1], ["Event times before TSTART"]),
            ([START, START + 1000.001], ["Event times after TSTOP"]),
            ([START + 2, START + 1], ["Events not time-ordered"]),
        ],
    )
    @pytest.mark.parametrize("touch_table", [False, True])
    def test_times(self, tmp_path, times, expected, touch_table):
        events = self.events(tmp_path, times)
        if touch_table:
            events.table
        assert messages(events.check(["times"])) == expected

    def test_missing_keywords(self, events):
        del events.header["TSTART"]
        assert "cannot be checked" in messages(events.check(["times"]))[0]


def test_coordinates(events):
    events = events.select_row_subset(slice(0, 5))
    galactic, altaz = events.galactic, events.altaz
    events.table["GLON"], events.table["GLAT"] = galactic.l, galactic.b
    events.table["ALT"], events.table["AZ"] = altaz.alt, altaz.az
    checks = ["coordinates_galactic", "coordinates_altaz"]
    assert messages(events.check(checks)) == []
    events.table["GLAT"] = galactic.b + 2 * u.arcsec
    events.table["ALT"] = altaz.alt + 2 * u.arcsec
    assert messages(events.check(checks)) == [
        "GLON / GLAT not consistent with RA / DEC", "ALT / AZ not consistent with RA / DEC",
    ]  # fmt: skip


class TestObservation:
    def test_good(self, tmp_path):
        intervals = ((START, START + 1000),)
        found = messages(
            observation(tmp_path, event_hdu(), gti_hdu(intervals), aeff_hdu(), edisp_hdu()).check()
        )
        assert found == ["Missing psf"]

    def test_events_outside_the_intervals(self, tmp_path):
        one = observation(tmp_path, event_hdu(), gti_hdu())
        seconds = one.events.column("TIME") - START
        (record,) = one.check(["gti"])
        assert record["msg"] == "Events outside the GTI"
        assert record["count"] == ((seconds >= 400) & (seconds < 500)).sum() > 0
        # they are left out by a time selection, whose intervals are those that are good
        assert_array_equal(one.select_time([one.tstart, one.tstop]).gti.time_sum, one.gti.time_sum)

    def test_intervals(self, tmp_path):
        one = observation(tmp_path, event_hdu(), gti_hdu(((START + 300, START + 1000), (START, START + 400))))
        assert messages(one.check(["gti"])) == ["GTI not time-ordered", "GTI overlap"]

    def test_responses(self, tmp_path):
        bad = aeff_hdu()
        del bad.header["LO_THRES"]
        bad.data["EFFAREA"] = 0.0
        edisp = edisp_hdu()
        edisp.data["MATRIX"] *= 3
        found = messages(observation(tmp_path, event_hdu(), gti_hdu(), bad, edisp).check(["aeff", "edisp"]))
        assert found == [
            "aeff is zero everywhere",
            "Missing meta keys in aeff: ['LO_THRES']",
            "edisp not normalised",
        ]

    def test_parts_that_cannot_be_read(self, tmp_path):
        one = observation(tmp_path, event_hdu(drop=["RA"]), gti_hdu(((10, 5),)))
        found = list(one.check(["events", "gti", "aeff"]))
        assert [record["msg"].split(":")[0] for record in found] == [
            "Loading events failed", "Loading gti failed", "Missing aeff",
        ]  # fmt: skip
        assert [record["level"] for record in found] == ["error", "error", "warning"]


class TestStore:
    def test_good(self, store_dir):
        found = list(DataStore.from_dir(store_dir).check())
        assert {record["msg"] for record in found} == {"Missing psf", "Events outside the GTI"}
        assert [record["obs_id"] for record in found] == [1, 1, 2, 2]

    def test_index_without_files(self, store_dir):
        (store_dir / "data" / "run1.fits.gz").unlink()
        found = list(DataStore.from_dir(store_dir).check(["hdu_table"]))
        assert len(found) == 4
        assert all("HDU not found" in record["msg"] and record["obs_id"] == 1 for record in found)

    def test_tables_that_disagree(self, store_dir):
        store = DataStore.from_dir(store_dir)
        store.obs_table = store.obs_table[:1]
        store.hdu_table = store.hdu_table[:4]
        assert messages(store.check(["consistency"])) == []
        store.obs_table["OBS_ID"] = 7
        assert messages(store.check(["consistency"])) == [
            "Observations without HDUs",
            "HDUs without an observation",
        ]
        store.obs_table = None
        assert messages(store.check(["obs_table"])) == ["No observation table"]

    def test_tables(self, store_dir):
        store = DataStore.from_dir(store_dir)
        table = store.obs_table.copy()
        table.meta.clear()
        table["OBS_ID"] = 1
        table.remove_column("TSTART")
        assert messages(ObservationTableChecker(table).run()) == [
            "Missing meta keys in observation table: ['MJDREFI', 'MJDREFF', 'TIMEUNIT', 'TIMESYS', 'TIMEREF']",
            "Missing table column: 'TSTART'",
            "OBS_ID occurs more than once",
        ]
        index = store.hdu_table.copy()
        index["HDU_TYPE"] = "colour"
        assert messages(HDUIndexTableChecker(index).run(["columns"])) == ["Unknown HDU types: ['colour']"]


def test_base_checker_has_no_checks():
    assert list(Checker().run()) == []
    assert list(EventListChecker(EventList(Table())).run(["times"])) == []
    assert fits is not None
