import copy
import pickle

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data import EventList, EventListMetaData
from geminga.errors import DataError, FileExistsGemingaError, FormatError

from .conftest import START, event_hdu, gti_hdu, write_file


def simple_table(**columns):
    content = {
        "TIME": Time([51544.0, 51544.1], format="mjd", scale="tt"),
        "RA": [83, 84] * u.deg,
        "DEC": [22, 23] * u.deg,
        "ENERGY": [1, 10] * u.TeV,
    }
    return Table(content | columns)


def test_read(events, events_file):
    table = events.table
    assert table.colnames[:4] == ["TIME", "ENERGY", "RA", "DEC"]
    assert isinstance(table["TIME"], Time)
    assert table["TIME"].scale == "tt"
    assert table["ENERGY"].unit == "TeV"
    assert set(table.colnames) == {"TIME", "ENERGY", "RA", "DEC", "EVENT_ID", "PHASE", "KIND"}
    with fits.open(events_file) as hdulist:
        raw = hdulist["EVENTS"].data
        assert_array_equal(table["RA"], raw["RA"])
        assert_array_equal(table["EVENT_ID"], raw["EVENT_ID"])
        expected = Time(51910, 0.000742870370370241, format="mjd", scale="tt") + raw["TIME"] * u.s
        assert_allclose((table["TIME"] - expected).to_value("s"), 0, atol=1e-7)
    assert table.meta["OBS_ID"] == 1
    assert len(events) == 500


def test_reading_opens_no_table(events):
    events.select_energy([0.2, 1] * u.TeV).select_time(events.time[[10, 50]])
    assert events._store._table is None


def test_quantities(events):
    assert events.energy.unit == "TeV"
    assert events.energy.dtype == np.float32
    assert events.radec.frame.name == "icrs"
    assert_allclose(events.radec.ra.deg, events.table["RA"], rtol=1e-7)
    assert_allclose(events.galactic.l.deg, events.radec.galactic.l.deg)
    assert events.time_ref.mjd == pytest.approx(51910.00074287037)
    assert_allclose(events.offset.deg, events.radec.separation(events.pointing_radec).deg, atol=1e-9)
    assert_allclose(
        events.offset_from_median.deg, events.radec.separation(events.galactic_median).deg, atol=1e-9
    )


def test_values_are_the_same_from_the_table_and_without(events):
    plain = {name: np.array(getattr(events, name)) for name in ("energy", "offset")}
    seconds = events.column("TIME").copy()
    events.table
    for name, values in plain.items():
        assert_array_equal(np.array(getattr(events, name)), values)
    assert_allclose(events.column("TIME"), seconds, rtol=0, atol=1e-7)


def test_table_is_the_truth_once_it_was_asked_for(events):
    events.table["ENERGY"] *= 2
    events.table["EXTRA"] = 1.0
    events.table.meta["RA_PNT"] = 10.0
    assert_array_equal(events.energy.value, events.table["ENERGY"])
    assert events.pointing_radec.ra.deg == 10
    assert len(events.select_parameter("EXTRA", (0, 2))) == 500
    events.table = events.table[:3]
    assert len(events) == 3


def test_header_quantities(events):
    assert events.observation_time_duration == 1000 * u.s
    assert events.observation_live_time_duration == 900 * u.s
    assert events.observation_dead_time_fraction == pytest.approx(0.1)
    assert_allclose((events.observation_time_stop - events.observation_time_start).to_value("s"), 1000)
    assert events.is_pointed_observation
    assert_allclose(events.observatory_earth_location.lat.deg, -23.27)
    del events.header["LIVETIME"]
    with pytest.raises(DataError, match="LIVETIME"):
        events.observation_live_time_duration


def test_meta(events):
    assert isinstance(events.meta, EventListMetaData)
    assert events.meta.event_class == "std"
    assert events.meta.creation.creator == "tests"
    events.meta.event_class = "loose"
    assert events.select_energy([0.1, 1] * u.TeV).meta.event_class == "loose"
    events.meta = EventListMetaData(event_class="x")
    assert events.meta.event_class == "x"


def test_drift_mode_has_no_offset(tmp_path):
    hdu = event_hdu(OBS_MODE="DRIFT")
    del hdu.header["RA_PNT"]
    events = EventList.read(write_file(tmp_path / "x.fits", hdu))
    assert not events.is_pointed_observation
    with pytest.raises(DataError, match="RA_PNT"):
        events.offset
    assert "Number of events : 500" in str(events)


def test_altaz(events):
    events = events.select_row_subset(slice(0, 3))
    expected = events.radec.transform_to(events.altaz_frame)
    assert_allclose(events.altaz.alt.deg, expected.alt.deg)
    with pytest.raises(DataError, match="AZ"):
        events.altaz_from_table
    events.table["AZ"], events.table["ALT"] = expected.az, expected.alt
    assert events.altaz_from_table.separation(events.altaz).max().deg < 1e-9


def test_galactic_median_across_zero():
    longitudes = np.array([359.0, 359.5, 0.5, 1.0, 2.0])
    radec = SkyCoord(longitudes, np.zeros(5), unit="deg", frame="galactic").icrs
    table = Table({"RA": radec.ra, "DEC": radec.dec})
    # the median of plain longitudes would be 2 deg
    assert_allclose(EventList(table).galactic_median.l.wrap_at("180d").deg, 0.5, atol=1e-6)


def test_from_table_without_header():
    events = EventList(simple_table())
    assert len(events) == 2
    assert events.time.scale == "tt"
    assert events.meta.event_class is None
    assert "Number of events : 2" in str(events)
    with pytest.raises(FormatError, match="MJDREFI"):
        events.time_ref
    with pytest.raises(DataError, match="Table"):
        EventList([1, 2])
    with pytest.raises(DataError, match="ENERGY"):
        EventList(simple_table()[["RA", "DEC"]]).energy


class TestStack:
    def test_same_columns(self, events, tmp_path):
        other = EventList.read(write_file(tmp_path / "b.fits", event_hdu(2, n=20, seed=5)))
        stacked = EventList.from_stack([events, other])
        assert len(stacked) == 520
        assert (len(events), len(other)) == (500, 20)
        assert stacked.header["OBS_ID"] == 1
        assert_array_equal(stacked.energy.value[500:], other.energy.value)
        assert stacked._store._table is None

    def test_times_are_absolute(self, events, tmp_path):
        hdu = event_hdu(2, n=20, seed=5)
        hdu.header["MJDREFI"] = 51911
        hdu.data["TIME"] -= 86400
        other = EventList.read(write_file(tmp_path / "b.fits", hdu))
        events.stack(other)
        assert_allclose((events.time[500:] - other.time).to_value("s"), 0, atol=1e-7)

    def test_other_units_and_columns(self, events):
        table = simple_table(ENERGY=[1000, 2000] * u.GeV, EXTRA=[1, 2])
        events.stack(EventList(table))
        assert_allclose(events.energy.to_value("TeV")[500:], [1, 2])
        assert events.table["EXTRA"].mask[:500].all()
        assert events.header["OBS_ID"] == 1

    def test_nothing(self):
        with pytest.raises(DataError):
            EventList.from_stack([])


def test_copies_are_independent(events):
    for other in (events.copy(), copy.deepcopy(events), pickle.loads(pickle.dumps(events))):  # noqa: S301
        other.table["ENERGY"] *= 0
        other.header["OBS_ID"] = 99
        assert events.energy.value.min() > 0
        assert events.header["OBS_ID"] == 1


class TestWrite:
    @pytest.mark.parametrize("touch_table", [False, True])
    def test_round_trip(self, events, tmp_path, touch_table, seconds):
        if touch_table:
            events.table
        path = tmp_path / "out.fits.gz"
        events.write(path, gti=seconds((0, 5)))
        back = EventList.read(path)
        for name in ("ENERGY", "RA", "DEC", "EVENT_ID", "PHASE", "KIND"):
            assert_array_equal(back.column(name), events.column(name))
        assert_allclose(back.column("TIME"), events.column("TIME"), rtol=0, atol=3e-8)
        ours, theirs = dict(events.header), dict(back.header)
        assert {key: theirs.get(key) for key in ours} == ours
        with fits.open(path) as hdulist:
            assert [hdu.name for hdu in hdulist] == ["PRIMARY", "EVENTS", "GTI"]

    def test_without_header(self, tmp_path):
        events = EventList(simple_table())
        events.write(tmp_path / "x.fits")
        back = EventList.read(tmp_path / "x.fits")
        assert_allclose((back.time - events.time).to_value("s"), 0, atol=1e-9)
        assert back.header["CREATOR"].startswith("Geminga")

    def test_empty(self, events, tmp_path):
        none = events.select_energy([1e5, 1e6] * u.TeV)
        none.write(tmp_path / "x.fits")
        back = EventList.read(tmp_path / "x.fits")
        assert len(back) == 0
        assert back.header["OBS_ID"] == 1

    def test_overwrite(self, events, tmp_path):
        events.write(tmp_path / "x.fits")
        with pytest.raises(FileExistsGemingaError):
            events.write(tmp_path / "x.fits")
        events.write(tmp_path / "x.fits", overwrite=True, checksum=True)
        EventList.read(tmp_path / "x.fits", checksum=True)


class TestBadFiles:
    @pytest.mark.parametrize("name", ["TIME", "RA", "DEC", "ENERGY"])
    def test_missing_column(self, tmp_path, name):
        path = write_file(tmp_path / "x.fits", event_hdu(drop=[name]))
        with pytest.raises(FormatError, match=name) as caught:
            EventList.read(path)
        assert (caught.value.path, caught.value.hdu, caught.value.column) == (path, "EVENTS", name)

    def test_missing_reference_time(self, tmp_path):
        hdu = event_hdu()
        del hdu.header["MJDREFI"]
        path = write_file(tmp_path / "x.fits", hdu)
        with pytest.raises(FormatError, match="MJDREFI") as caught:
            EventList.read(path)
        assert caught.value.path == path

    def test_missing_units(self, tmp_path):
        path = write_file(tmp_path / "x.fits", event_hdu(units=False))
        with pytest.raises(FormatError, match="unit") as caught:
            EventList.read(path)
        assert caught.value.column == "ENERGY"
        events = EventList.read(write_file(tmp_path / "y.fits", event_hdu(units=False, EUNIT="GeV")))
        assert events.energy.unit == "GeV"
        assert events.table["RA"].unit == "deg"

    def test_missing_hdu(self, tmp_path):
        with pytest.raises(FormatError, match="EVENTS"):
            EventList.read(write_file(tmp_path / "x.fits", gti_hdu()))

    def test_checksum(self, events, tmp_path):
        events.write(tmp_path / "x.fits", checksum=True)
        content = bytearray((tmp_path / "x.fits").read_bytes())
        content[-3000] ^= 0xFF
        (tmp_path / "x.fits").write_bytes(bytes(content))
        with pytest.warns(UserWarning, match="[Cc]hecksum|[Dd]atasum"):
            EventList.read(tmp_path / "x.fits", checksum=True)

    def test_unsorted_and_repeated_events_are_kept(self, tmp_path):
        hdu = event_hdu(n=10)
        hdu.data["TIME"] = hdu.data["TIME"][::-1].copy()
        hdu.data["EVENT_ID"][:] = 7
        events = EventList.read(write_file(tmp_path / "x.fits", hdu))
        assert len(events) == 10
        middle = Time([events.time.min() + 1 * u.s, events.time.max()])
        seconds = events.column("TIME")
        expected = (seconds >= seconds.min() + 1) & (seconds < seconds.max())
        assert len(events.select_time(middle)) == expected.sum()


def test_galactic_columns_are_dropped(tmp_path):
    hdu = event_hdu(n=3)
    table = Table(hdu.data)
    table["GLON"], table["GLAT"] = 1.0, 2.0
    table["TIME"].unit, table["ENERGY"].unit = "s", "TeV"
    new = fits.BinTableHDU(table, name="EVENTS")
    new.header.update({key: hdu.header[key] for key in ("MJDREFI", "MJDREFF", "TIMESYS", "OBS_ID")})
    assert "GLON" not in EventList.read(write_file(tmp_path / "x.fits", new)).table.colnames


def test_text(events):
    text = str(events)
    for line in (
        "Instrument       : CAMERA", "Obs. ID          : 1", "Number of events : 500", "Event rate       : 0.500 1 / s",
        "Max. offset",
    ):  # fmt: skip
        assert line in text
    assert repr(events) == "<EventList: 500 events, obs. 1>"
    assert "<pre>" in events._repr_html_()
    assert START == 1.2e8
