import itertools
import logging
import pickle

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data import (
    GTI,
    DataStore,
    EventList,
    FixedPointingInfo,
    Observation,
    ObservationMetaData,
    PointingMode,
)
from geminga.errors import DataError, FileExistsGemingaError, FormatError, UnitError
from geminga.sky import FoVAltAzFrame, FoVICRSFrame, observatory_locations

from .conftest import START, T0, aeff_hdu, event_hdu, gti_hdu, window, write_file

POINTING = FixedPointingInfo(fixed_icrs=SkyCoord(83.6, 22, unit="deg"))


@pytest.fixture
def observation(events_file):
    return Observation.read(events_file)


@pytest.fixture
def reading(monkeypatch):
    """Count what is read."""
    calls = []
    for cls in (EventList, GTI):
        original = cls.read.__func__

        def read(cls, *args, _original=original, **kwargs):
            calls.append(cls.__name__)
            return _original(cls, *args, **kwargs)

        monkeypatch.setattr(cls, "read", classmethod(read))
    return calls


class TestCreate:
    def test_livetime(self):
        observation = Observation.create(POINTING, livetime="1 h", deadtime_fraction=0.1, location="hess")
        # oracle: peer 2.1, Observation.create with the same arguments
        assert observation.obs_id == 0
        assert observation.observation_time_duration.to_value("s") == pytest.approx(3600)
        assert observation.observation_live_time_duration.to_value("s") == pytest.approx(3240)
        assert observation.tstart.isot == "2000-01-01T00:00:00.000"
        assert observation.tstart.scale == "utc"
        assert observation.available_hdus == ["gti"]
        assert observation.available_irfs == []
        assert observation.meta.deadtime_fraction == 0.1
        assert observation.observatory_earth_location is observatory_locations["hess"]
        assert observation.events is observation.aeff is observation.rad_max is None

    @pytest.mark.parametrize(
        ("arguments", "start", "duration"),
        [
            ({"tstart": 100 * u.s, "livetime": 1 * u.h}, "2000-01-01T00:01:40.000", 3600),
            ({"tstart": 100 * u.s, "tstop": 200 * u.s}, "2000-01-01T00:01:40.000", 100),
            (
                {"tstart": "100 s", "tstop": "200 s", "reference_time": Time("2010-01-01")},
                "2010-01-01T00:01:40.000",
                100,
            ),
            ({"tstart": Time("2010-01-01"), "tstop": Time("2010-01-02")}, "2010-01-01T00:00:00.000", 86400),
            ({"tstart": Time("2010-01-01"), "livetime": 1 * u.h}, "2010-01-01T00:00:00.000", 3600),
        ],
    )
    def test_times(self, arguments, start, duration):
        observation = Observation.create(POINTING, **arguments)
        assert observation.tstart.isot == start
        assert_allclose(observation.observation_time_duration.to_value("s"), duration)

    def test_responses(self):
        observation = Observation.create(
            POINTING, livetime=1 * u.h, irfs={"aeff": "A", "bkg": "B"}, obs_id="x"
        )
        assert (observation.aeff, observation.bkg, observation.obs_id) == ("A", "B", "x")
        assert observation.available_irfs == ["aeff", "bkg"]

    def test_wrong_arguments(self):
        with pytest.raises(DataError, match="livetime nor tstop"):
            Observation.create(POINTING)
        with pytest.raises(DataError, match="colour"):
            Observation.create(POINTING, livetime="1 h", irfs={"colour": 1})
        with pytest.raises(UnitError, match="livetime"):
            Observation.create(POINTING, livetime=1 * u.m)
        with pytest.raises(ValueError, match="deadtime_fraction"):
            Observation.create(POINTING, livetime="1 h", deadtime_fraction=2)

    def test_pointing_as_position(self):
        observation = Observation.create(POINTING.fixed_icrs.galactic, livetime="1 h")
        assert observation.pointing.mode is PointingMode.POINTING
        assert observation.pointing.fixed_icrs.separation(POINTING.fixed_icrs).deg < 1e-9


class TestTimes:
    def test_several_intervals(self, seconds):
        """Fault 8 of the peer: the stop is that of the first interval."""
        observation = Observation(gti=seconds((100, 200), (0, 50), (400, 500)))
        assert_allclose((observation.tstart - T0).to_value("s"), 0, atol=1e-9)
        assert_allclose((observation.tstop - T0).to_value("s"), 500, atol=1e-9)
        assert_allclose((observation.tmid - T0).to_value("s"), 250, atol=1e-9)
        assert_allclose(observation.observation_time_duration.to_value("s"), 250)

    def test_missing_intervals(self, seconds):
        with pytest.raises(DataError, match="good time intervals"):
            Observation(obs_id=3).observation_time_duration
        with pytest.raises(DataError, match="at least one"):
            Observation(gti=GTI.create([], [])).tstart

    def test_dead_time(self, tmp_path):
        for header, expected in (({}, 0.1), ({"DEADC": None}, 0.1), ({"DEADC": None, "LIVETIME": None}, 0.0)):
            hdu = event_hdu()
            for key, value in header.items():
                if value is None:
                    del hdu.header[key]
            observation = Observation.read(write_file(tmp_path / "x.fits", hdu, gti_hdu()))
            assert_allclose(observation.observation_dead_time_fraction, expected, atol=1e-12)


class TestLaziness:
    def test_nothing_is_read_until_asked(self, events_file, reading):
        observation = Observation.read(events_file)
        (
            observation.pointing,
            observation.observatory_earth_location,
            observation.observation_dead_time_fraction,
        )
        observation.available_hdus, observation.meta, repr(observation)
        assert reading == []
        observation.events, observation.events, observation.gti, observation.gti
        assert sorted(reading) == ["EventList", "GTI"]
        observation.release()
        observation.events
        assert len(reading) == 3

    def test_replaced_parts_are_used(self, observation, seconds):
        observation.events = observation.events.select_energy([0.2, 1] * u.TeV)
        assert len(observation.events) < 500
        observation.gti = seconds((0, 5))
        assert_allclose(observation.observation_time_duration.to_value("s"), 5)
        assert observation.aeff is observation.aeff
        observation.aeff = None
        assert observation.aeff is None
        assert "aeff" not in observation.available_irfs

    def test_header_follows_the_events(self, observation):
        assert observation.pointing.fixed_icrs.ra.deg == pytest.approx(83.63)
        assert observation.meta.obs_info.telescope == "SCOPE"
        events = observation.events.copy()
        events.header.update(RA_PNT=10.0, TELESCOP="OTHER")
        observation.events = events
        assert observation.pointing.fixed_icrs.ra.deg == 10
        assert observation.meta.obs_info.telescope == "OTHER"

    def test_meta_can_be_changed(self, observation):
        observation.meta.deadtime_fraction = 0.5
        assert observation.observation_dead_time_fraction == 0.5
        observation.meta = ObservationMetaData(deadtime_fraction=0.25)
        assert observation.observation_dead_time_fraction == 0.25

    def test_pickles_are_small(self, observation):
        observation.events, observation.aeff
        text = pickle.dumps(observation)
        assert len(text) < 20000
        assert len(pickle.loads(text).events) == 500  # noqa: S301

    def test_missing_file_is_named(self, observation, events_file):
        events_file.unlink()
        with pytest.raises(FormatError) as caught:
            observation.gti
        assert caught.value.path == events_file


class TestCopies:
    def test_copy_is_independent(self, observation):
        observation.events = observation.events
        other = observation.copy(obs_id=9)
        assert (other.obs_id, observation.obs_id) == (9, 1)
        other.events.table["ENERGY"] *= 0
        assert observation.events.energy.value.min() > 0

    def test_in_memory(self, observation, events_file):
        other = observation.copy(in_memory=True)
        observation.release()
        events_file.unlink()
        assert len(other.events) == 500
        assert len(other.gti) == 2
        assert other.pointing == FixedPointingInfo(fixed_icrs=SkyCoord(83.63, 21.51, unit="deg"))
        assert other.meta.obs_info.obs_id == 1

    def test_unknown_arguments(self, observation):
        with pytest.raises(DataError, match="colour"):
            observation.copy(colour=3)


class TestSelectTime:
    @pytest.fixture
    def origin(self, observation):
        return observation.tstart

    def test_events_and_intervals(self, observation, origin):
        part = observation.select_time(window(100, 600, origin))
        assert_allclose(part.observation_time_duration.to_value("s"), 400)
        times = observation.events.column("TIME") - START
        in_window, in_gap = (times >= 100) & (times < 600), (times >= 400) & (times < 500)
        assert len(part.events) == (in_window & ~in_gap).sum()
        assert_allclose((part.tstop - origin).to_value("s"), 600)
        assert_allclose(observation.observation_time_duration.to_value("s"), 900)

    def test_events_outside_the_intervals(self, observation, origin):
        """They are kept by reading, and left out by a time selection."""
        assert len(observation.events) == 500
        good = observation.gti.contains(observation.events.time)
        assert 0 < (~good).sum() < 100
        assert len(observation.select_time(window(-10, 2000, origin)).events) == good.sum()

    def test_neighbours_share_no_event(self, observation, origin):
        edges = (origin + (observation.events.column("TIME")[[50, 120, 200]] - START) * u.s).sort()
        edges = Time([origin, *edges, observation.tstop])
        parts = [observation.select_time(Time([a, b])) for a, b in itertools.pairwise(edges)]
        ids = np.concatenate([part.events.column("EVENT_ID") for part in parts])
        assert len(np.unique(ids)) == len(ids) == observation.gti.contains(observation.events.time).sum()

    def test_inverted(self, observation, origin):
        rest = observation.select_time(window(100, 600, origin), inverted=True)
        assert_allclose(rest.observation_time_duration.to_value("s"), 500)
        good = observation.gti.contains(observation.events.time).sum()
        assert len(rest.events) + len(observation.select_time(window(100, 600, origin)).events) == good

    def test_twice(self, observation, origin):
        part = observation.select_time(window(100, 300, origin)).select_time(window(200, 900, origin))
        assert_allclose(part.observation_time_duration.to_value("s"), 100)

    def test_parts_share_what_was_read(self, observation, origin, reading):
        parts = [observation.select_time(window(i, i + 10, origin)) for i in range(0, 100, 10)]
        for part in parts:
            part.events
        assert reading.count("EventList") == 1
        parts[0].aeff = None
        assert parts[1].aeff is observation.aeff is not None


class TestPointing:
    def test_frames(self):
        observation = Observation.create(POINTING, livetime="1 h", location="hess")
        altaz = observation.get_pointing_altaz(observation.tmid)
        # oracle: peer 2.1, Observation.get_pointing_altaz; 1e-4 deg for tables of the Earth's rotation
        assert_allclose([altaz.az.deg, altaz.alt.deg], [316.04849527, 30.05302107], atol=1e-4)
        frame = observation.get_fov_frame(observation.tmid, "ALTAZ")
        assert isinstance(frame, FoVAltAzFrame)
        assert_allclose(frame.origin.alt.deg, altaz.alt.deg)
        for alignment in ("RADEC", "REVERSE_LON_RADEC"):
            frame = observation.get_fov_frame(observation.tmid, alignment)
            assert isinstance(frame, FoVICRSFrame)
            assert_allclose(frame.origin.ra.deg, 83.6)

    def test_missing(self):
        with pytest.raises(DataError, match="obstime and location"):
            Observation.create(POINTING, livetime="1 h").get_pointing_altaz(T0)
        observation = Observation(obs_id=3)
        assert observation.pointing is None
        assert observation.observatory_earth_location is None
        assert observation.target_radec is None
        with pytest.raises(DataError, match="pointing"):
            observation.get_pointing_icrs(T0)

    def test_target(self, observation):
        assert_allclose(observation.target_radec.dec.deg, 22.01)

    def test_drift(self, tmp_path):
        hdu = event_hdu(OBS_MODE="DRIFT", ALT_PNT=90.0, AZ_PNT=0.0)
        del hdu.header["RA_PNT"]
        observation = Observation.read(write_file(tmp_path / "x.fits", hdu, gti_hdu()))
        assert observation.pointing.mode is PointingMode.DRIFT
        icrs = observation.get_pointing_icrs(observation.tmid)
        # the zenith has the declination of the latitude, up to precession and aberration
        assert_allclose(icrs.dec.deg, -23.27, atol=0.2)


class TestFiles:
    def test_round_trip(self, observation, tmp_path):
        path = tmp_path / "copy.fits.gz"
        observation.write(path)
        back = Observation.read(path)
        assert back.obs_id == 1
        assert back.available_hdus == observation.available_hdus == ["events", "gti", "aeff", "edisp"]
        assert_array_equal(back.events.energy, observation.events.energy)
        assert_allclose(back.gti.time_sum, observation.gti.time_sum)
        assert_allclose(back.aeff.data, observation.aeff.data)
        assert back.pointing == observation.pointing
        assert_allclose(back.observation_live_time_duration, observation.observation_live_time_duration)
        assert back.observatory_earth_location == observation.observatory_earth_location

    def test_selected_part(self, observation, tmp_path):
        part = observation.select_time(window(100, 600, observation.tstart))
        part.write(tmp_path / "x.fits")
        back = Observation.read(tmp_path / "x.fits")
        assert len(back.events) == len(part.events)
        assert_allclose(back.observation_time_duration.to_value("s"), 400)

    def test_without_header(self, tmp_path, events):
        from astropy.table import Table

        table = Table(events.table, copy=True)
        table.meta = {}
        observation = Observation.create(
            POINTING, livetime="1 h", location="hess", deadtime_fraction=0.1, obs_id=7
        )
        observation.events = EventList(table)
        observation.write(tmp_path / "x.fits")
        assert table.meta == {}
        back = Observation.read(tmp_path / "x.fits")
        assert back.obs_id == 7
        assert_allclose(back.pointing.fixed_icrs.ra.deg, 83.6)
        assert_allclose(back.observation_live_time_duration.to_value("s"), 3240)
        assert_allclose((back.events.observation_time_start - observation.tstart).to_value("s"), 0, atol=1e-6)

    def test_options(self, observation, tmp_path):
        path = tmp_path / "x.fits"
        observation.write(path, include_irfs=False, checksum=True)
        assert Observation.read(path, checksum=True).available_irfs == []
        with fits.open(path) as hdulist:
            assert "CHECKSUM" in hdulist["EVENTS"].header
        with pytest.raises(FileExistsGemingaError):
            observation.write(path)
        observation.write(path, overwrite=True)

    def test_separate_response_file(self, tmp_path):
        events = write_file(tmp_path / "e.fits", event_hdu(), gti_hdu())
        responses = write_file(tmp_path / "i.fits", aeff_hdu())
        assert Observation.read(events).available_irfs == []
        observation = Observation.read(events, responses)
        assert observation.available_irfs == ["aeff"]
        assert_allclose(observation.aeff.data, 1000)

    def test_two_responses_of_a_kind(self, tmp_path, caplog):
        second = aeff_hdu()
        second.data["EFFAREA"] = 5.0
        second.name = "AEFF2"
        path = write_file(tmp_path / "e.fits", event_hdu(), gti_hdu(), aeff_hdu(), second)
        with caplog.at_level(logging.WARNING):
            observation = Observation.read(path)
        assert "another aeff" in caplog.text
        assert_allclose(observation.aeff.data, 1000)

    def test_incomplete_files(self, tmp_path):
        with pytest.raises(FormatError, match="event list"):
            Observation.read(write_file(tmp_path / "a.fits", gti_hdu()))
        with pytest.raises(FormatError, match="good time intervals"):
            Observation.read(write_file(tmp_path / "b.fits", event_hdu()))
        with pytest.raises(DataError, match="events"):
            Observation.create(POINTING, livetime="1 h").write(tmp_path / "c.fits")
        assert not (tmp_path / "c.fits").exists()


def test_rad_max_from_keyword(tmp_path):
    path = write_file(tmp_path / "x.fits", event_hdu(), gti_hdu(), aeff_hdu(pointlike=True, RAD_MAX=0.2))
    observation = Observation.read(path)
    assert "rad_max" not in observation.available_irfs
    assert observation.rad_max.is_fixed_rad_max
    assert_allclose(observation.rad_max.quantity.to_value("deg"), 0.2)
    observation = Observation.read(write_file(tmp_path / "y.fits", event_hdu(), gti_hdu(), aeff_hdu()))
    assert observation.rad_max is None


def test_text(observation):
    text = str(observation)
    assert "obs id            : 1" in text
    assert "duration          : 900.00 s" in text
    assert "pointing (icrs)   : 83.6 deg, 21.5 deg" in text
    assert repr(observation) == "<Observation 1: events, gti, aeff, edisp>"
    assert "obs id" in str(Observation(obs_id=3))
    assert "<pre>" in observation._repr_html_()


def test_store_gives_the_same(store_dir):
    observation = DataStore.from_dir(store_dir).obs(2, required_irf="point-like")
    assert observation.obs_id == 2
    assert len(observation.events) == 500
    assert np.asarray(observation.events.column("TIME")).min() > START + 2000
