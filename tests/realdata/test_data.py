"""Public data of H.E.S.S., MAGIC, CTA, HAWC and Fermi-LAT through the data store and by file.

Numbers marked "oracle" were computed with the peer, version 2.1, by the call that is tested.
"""

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
    HDUIndexTable,
    Observation,
    ObservationTable,
    PointingMode,
)
from geminga.errors import FormatError
from geminga.fits_tables import open_tables, read_columns

pytestmark = pytest.mark.realdata

HESS_FILE = "hess-dl3-dr1/data/hess_dl3_dr1_obs_id_023523.fits.gz"
MAGIC_FILE = "magic/rad_max/data/20131004_05029747_DL3_CrabNebula-W0.40+035.fits"
HAWC_FILE = "hawc/crab_events_pass4/events/EventList_Crab_fHitbin9GP.fits.gz"
FERMI_FILE = "fermi-3fhl-gc/fermi-3fhl-gc-events.fits.gz"
CTA_FILE = "cta-1dc/data/baseline/gps/gps_baseline_110380.fits"


@pytest.fixture(scope="module")
def magic(gammapy_data):
    return DataStore.from_dir(gammapy_data / "magic/rad_max/data").get_observations(required_irf="point-like")


@pytest.fixture(scope="module")
def hess(gammapy_data):
    return DataStore.from_dir(gammapy_data / "hess-dl3-dr1")


@pytest.fixture
def run(hess):
    return hess.obs(23523)


@pytest.mark.parametrize("name", [HESS_FILE, MAGIC_FILE, HAWC_FILE, FERMI_FILE, CTA_FILE])
def test_tables_equal_astropy(gammapy_data, name):
    file = open_tables(gammapy_data / name)
    with fits.open(gammapy_data / name) as hdulist:
        assert [item.name for item in file.hdus] == [hdu.name for hdu in hdulist]
        for number, hdu in enumerate(hdulist):
            if not isinstance(hdu, fits.BinTableHDU):
                continue
            found = file.read(number)
            for column in hdu.columns.names:
                assert_array_equal(found.columns[column], np.array(hdu.data[column]))
            for key, value in found.header.items():
                if key not in ("comments", "HISTORY"):
                    assert hdu.header[key] == value


class TestEvents:
    @pytest.mark.parametrize(
        ("name", "count", "first", "scale", "energy", "unit"),
        [
            # oracle: EventList.read: number, TIME[0].mjd, scale, ENERGY[0]
            (HESS_FILE, 7613, 53343.92234782471, "tt", 10.352011, "TeV"),
            (MAGIC_FILE, 11189, 56569.18112858709, "utc", 0.18194601, "TeV"),
            (HAWC_FILE, 285, 57186.72464248571, "tai", 64.7142615748583, "TeV"),
            (FERMI_FILE, 32843, 54682.82946153034, "tt", 12186.642, "MeV"),
            (CTA_FILE, 106217, 59235.50003524848, "tt", 0.03902182, "TeV"),
        ],
    )
    def test_read(self, gammapy_data, name, count, first, scale, energy, unit):
        events = EventList.read(gammapy_data / name)
        assert len(events) == count
        assert events.table["TIME"].scale == scale
        assert_allclose(events.table["TIME"][0].mjd, first, rtol=0, atol=1e-11)
        assert_allclose(events.energy[0].value, energy, rtol=1e-6)
        assert events.energy.unit == unit

    def test_median_away_from_the_galactic_centre(self, run):
        galactic = run.events.galactic
        median = run.events.galactic_median
        assert_allclose([median.l.deg, median.b.deg], [np.median(galactic.l.deg), np.median(galactic.b.deg)])

    def test_galactic_centre_median_is_in_the_galactic_centre(self, gammapy_data):
        # longitudes on both sides of 0: the median of plain numbers would be far away
        median = EventList.read(gammapy_data / FERMI_FILE).galactic_median
        assert abs(median.l.wrap_at("180d").deg) < 1

    def test_offsets(self, gammapy_data):
        # oracle: EventList.offset, which is computed in single precision there
        offset = EventList.read(gammapy_data / CTA_FILE).offset
        assert_allclose(offset.deg[:2], [0.94782869, 1.37402205], atol=3e-6)

    def test_selections(self, run):
        events = run.events
        start = run.tstart
        interval = Time([start + 10 * u.s, start + 100 * u.s])
        # oracle: number of events after EventList.select_*
        assert len(events.select_energy([1, 10] * u.TeV)) == 2972
        assert len(events.select_offset([0, 1] * u.deg)) == 1846
        assert len(events.select_parameter("ENERGY", [1, 2] * u.TeV)) == 1380
        assert len(events.select_time(interval)) == 430
        assert len(events.select_time(interval, inverted=True)) == 7183
        assert len(events.select_region("icrs;circle(83.63,22.01,0.2)")) == 313

    def test_mask(self, run):
        from geminga.maps import Map, MapAxis, WcsGeom

        axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
        geom = WcsGeom.create(skydir=(83.63, 22.01), width=1, binsz=0.05, axes=[axis])
        # oracle: number of events after EventList.select_mask
        assert len(run.events.select_mask(Map.from_geom(geom, data=True, dtype=bool))) == 328

    def test_write_and_read(self, run, tmp_path):
        run.events.write(tmp_path / "x.fits.gz", gti=run.gti)
        back = EventList.read(tmp_path / "x.fits.gz")
        for name in ("ENERGY", "RA", "DEC", "EVENT_ID", "TIME"):
            assert_array_equal(back.column(name), run.events.column(name))
        assert back.header["MUONEFF"] == run.events.header["MUONEFF"]


class TestIntervals:
    @pytest.mark.parametrize(
        ("name", "count", "total", "start"),
        [
            # oracle: len(GTI.table), time_sum, time_start[0].mjd
            (HESS_FILE, 1, 1687.0, 53343.92234009259),
            (MAGIC_FILE, 1, 1188.11176187, 56569.18112772242),
            (HAWC_FILE, 39250, 4884384.67045641, 57184.914009849235),
            (FERMI_FILE, 39042, 1.83139598e08, 54682.65603794185),
            (CTA_FILE, 1, 1800.0, 59235.5),
        ],
    )
    def test_read(self, gammapy_data, name, count, total, start):
        gti = GTI.read(gammapy_data / name)
        assert len(gti) == count
        assert_allclose(gti.time_sum.to_value("s"), total, rtol=1e-8)
        assert_allclose(gti.time_start[0].mjd, start, rtol=0, atol=1e-11)

    def test_algebra_of_many_intervals(self, gammapy_data):
        gti = GTI.read(gammapy_data / FERMI_FILE)
        middle = Time([gti.time_start[10000], gti.time_stop[20000]])
        inside, outside = gti.select_time(middle), gti.delete_interval(middle)
        assert_allclose((inside.time_sum + outside.time_sum).value, gti.time_sum.value, rtol=1e-12)
        assert_allclose(GTI.from_stack([inside, outside]).union().time_sum.value, gti.union().time_sum.value)


class TestHess:
    def test_store(self, hess):
        assert len(hess.obs_ids) == 105
        assert len(hess.get_observations()) == 105
        assert hess.hdu_table.hdu_class_unique == [
            "aeff_2d",
            "bkg_3d",
            "edisp_2d",
            "events",
            "gti",
            "psf_table",
        ]

    def test_observation(self, run):
        # oracle: Observation attributes
        assert_allclose(run.observation_live_time_duration.to_value("s"), 1581.736764695497, rtol=1e-12)
        assert_allclose(run.observation_dead_time_fraction, 0.06239670142531395)
        assert_allclose(run.tmid.mjd, 53343.932102824074, rtol=0, atol=1e-10)
        altaz = run.get_pointing_altaz(run.tmid)
        assert_allclose([altaz.az.deg, altaz.alt.deg], [22.55834086, 41.95080706], atol=1e-4)
        assert run.target_radec.to_string() == "83.6333 22.0144"
        assert run.available_irfs == ["aeff", "edisp", "psf", "bkg"]
        assert run.bkg.fov_alignment == "REVERSE_LON_RADEC"
        assert run.meta.optional["TELLIST"] == "1,2,3,4"

    def test_selections_of_the_index(self, hess):
        table = hess.obs_table
        circle = {
            "type": "sky_circle",
            "frame": "icrs",
            "lon": "83.6 deg",
            "lat": "22 deg",
            "radius": "0.3 deg",
        }
        # oracle: lengths after ObservationTable.select_*
        assert len(table.select_time_range(Time(["2004-12-01", "2005-01-01"]))) == 7
        assert len(table.select_time_range(Time(["2004-12-01", "2005-01-01"]), inverted=True)) == 98
        part = Time(["2004-12-04T22:10:00", "2004-12-04T22:20:00"])
        assert len(table.select_time_range(part, partial_overlap=True)) == 1
        assert len(table.select_range("ALT_PNT", [40, 60] * u.deg)) == 47
        assert len(table.select_range("N_TELS", [4, 4])) == 105
        assert len(table.select_sky_circle(SkyCoord(83.6, 22, unit="deg"), 2 * u.deg)) == 4
        assert len(table.select_observations({**circle, "border": "0.4 deg"})) == 2
        # the peer raises IndexError
        assert hess.get_observations(selection={**circle, "border": "0.4 deg"}).ids == ["23523", "23526"]

    def test_groups(self, hess):
        groups = hess.get_observation_groups("TARGET_NAME")
        # oracle: keys and first members
        assert {name: group.ids[0] for name, group in groups.items()} == {
            "TARGET_NAME_Crab": "23523",
            "TARGET_NAME_MSH 15-52": "20136",
            "TARGET_NAME_Off data": "20275",
            "TARGET_NAME_PKS 2155-304 (flare)": "33787",
            "TARGET_NAME_PKS 2155-304 (steady)": "47802",
            "TARGET_NAME_RX J1713.7-3946": "20326",
        }

    def test_time_selection(self, hess):
        observations = hess.get_observations([23523, 23526])
        start = observations[0].tstart
        intervals = [Time([start + a * u.s, start + b * u.s]) for a, b in ((10, 100), (100, 200))]
        parts = observations.select_time(intervals)
        # oracle: (obs_id, seconds, events) of Observations.select_time
        assert [(p.obs_id, len(p.events)) for p in parts] == [(23523, 430), (23523, 482)]
        assert_allclose([p.observation_time_duration.to_value("s") for p in parts], [90, 100])
        assert_allclose(parts[0].observation_live_time_duration.to_value("s"), 84.38429687, rtol=1e-8)

    def test_time_selection_inverted(self, hess):
        """The peer drops run 23523, which contains the interval.

        One event of the first run and three of the second, up to 0.7 s after the end of their good time, are left out.
        """
        observations = hess.get_observations([23523, 23526])
        start = observations[0].tstart
        parts = observations.select_time(Time([start + 10 * u.s, start + 100 * u.s]), inverted=True)
        assert [(p.obs_id, len(p.events)) for p in parts] == [(23523, 7182), (23526, 7578)]

    def test_checks_find_what_is_wrong(self, run):
        found = {record["msg"]: record.get("count") for record in run.check()}
        assert found["Event times after TSTOP"] == 1
        assert found["Events outside the GTI"] == 1

    def test_write_and_read(self, run, tmp_path):
        run.write(tmp_path / "x.fits.gz")
        back = Observation.read(tmp_path / "x.fits.gz")
        assert back.available_hdus == run.available_hdus
        assert_allclose(back.observation_live_time_duration.value, run.observation_live_time_duration.value)
        for name in ("aeff", "edisp", "psf", "bkg"):
            assert_allclose(getattr(back, name).data, getattr(run, name).data)
        assert back.bkg.fov_alignment == run.bkg.fov_alignment

    def test_features(self, hess):
        from geminga.data import get_irfs_features

        table = get_irfs_features(hess.get_observations([20136, 20275]), 1 * u.TeV, fixed_offset=0.5 * u.deg)
        # oracle: get_irfs_features
        assert_allclose(table["edisp-bias"], [0.030076165860548947, 0.027943067035452067], rtol=1e-6)
        assert_allclose(table["edisp-res"], [0.34756156591111936, 0.3388539738767444], rtol=1e-6)
        assert_allclose(table["psf-radius"], [0.11746072638779877, 0.10680490266531704], rtol=1e-6)


class TestMagic:
    def test_order_and_parts(self, magic):
        # oracle: ids and available_hdus
        assert magic.ids == ["5029747", "5029748"]
        assert magic[0].available_hdus == ["events", "gti", "aeff", "edisp", "rad_max"]

    def test_rad_max(self, magic):
        events, rad_max = magic[0].events, magic[0].rad_max
        # oracle: number of events after EventList.select_rad_max
        assert len(events.select_rad_max(rad_max, SkyCoord(83.63, 22.01, unit="deg"))) == 964
        assert len(events.select_rad_max(rad_max, magic[0].target_radec)) == 971
        assert len(events.select_rad_max(rad_max)) == 971

    def test_store_from_files(self, gammapy_data):
        folder = gammapy_data / "magic/rad_max/data"
        store = DataStore.from_events_files(sorted(folder.glob("2013*.fits")))
        assert store.obs_table["EVENT_COUNT"].tolist() == [11189, 11701]
        assert_allclose(store.obs_table["GLON_PNT"][0], 184.5368391773576)
        observation = store.get_observations(required_irf="point-like")[0]
        assert observation.available_irfs == ["aeff", "edisp", "rad_max"]


class TestCta:
    def test_index_beside_the_data(self, gammapy_data):
        observation = DataStore.from_dir(gammapy_data / "cta-1dc/index/gps").obs(110380)
        assert len(observation.events) == 106217
        assert observation.available_irfs == ["aeff", "edisp", "psf", "bkg"]
        assert_allclose(observation.observation_live_time_duration.to_value("s"), 1764.0000329, rtol=1e-8)

    def test_calibration_database(self, gammapy_data, monkeypatch):
        monkeypatch.setenv("CALDB", str(gammapy_data / "cta-1dc/caldb"))
        store = DataStore.from_events_files([gammapy_data / CTA_FILE])
        # oracle: classes of the HDU table
        assert sorted(store.hdu_table["HDU_CLASS"]) == [
            "aeff_2d",
            "bkg_3d",
            "edisp_2d",
            "events",
            "gti",
            "psf_3gauss",
        ]
        assert store.get_observations()[0].aeff.data.max() > 0

    def test_copy(self, gammapy_data, tmp_path):
        DataStore.from_dir(gammapy_data / "cta-1dc/index/gps").copy_obs([110380], tmp_path / "copy")
        copied = DataStore.from_dir(tmp_path / "copy")
        assert len(copied.obs(110380).events) == 106217


class TestHawc:
    def test_drift(self, gammapy_data):
        pointing = FixedPointingInfo.read(gammapy_data / HAWC_FILE)
        assert pointing.mode is PointingMode.DRIFT

    def test_one_index_of_many(self, gammapy_data):
        folder = gammapy_data / "hawc/crab_events_pass4"
        index = HDUIndexTable.read(folder / "hdu-index-table-GP-Crab.fits.gz", hdu=9)
        table = ObservationTable.read(folder / "obs-index-table-GP-Crab.fits.gz")
        (observation,) = DataStore(index, table).get_observations()
        assert observation.obs_id == 103000133
        assert observation.available_irfs == ["aeff", "edisp", "psf", "bkg"]
        assert len(observation.events) == 285
        assert_allclose(observation.observation_time_duration.to_value("s"), 4884384.67045641)
        # the peer stops at the end of the first of 39250 intervals, 57184.91
        assert_allclose(observation.tstop.mjd, 57246.58290454594, rtol=0, atol=1e-6)

    def test_maps(self, gammapy_data):
        folder = gammapy_data / "hawc/crab_events_pass4"
        index = HDUIndexTable.read(folder / "hdu-index-table-GP-Crab.fits.gz", hdu=9)
        (observation,) = DataStore(index).get_observations()
        names = [type(getattr(observation, part)).__name__ for part in ("aeff", "edisp", "psf", "bkg")]
        # oracle: classes of the responses
        assert names == ["WcsNDMap", "EDispKernelMap", "RecoPSFMap", "WcsNDMap"]

    def test_without_events(self, gammapy_data):
        store = DataStore.from_dir(
            gammapy_data / "hawc/crab_events_pass4",
            "hdu-index-table-GP-no-events.fits.gz",
            "obs-index-table-GP-no-events.fits.gz",
        )
        # oracle: ids
        assert store.get_observations(require_events=False).ids == ["1", "2", "3"]
        assert len(store.get_observations()) == 0


def test_truncated_copy(gammapy_data, tmp_path):
    content = (gammapy_data / HESS_FILE).read_bytes()
    for size in (0, 100, len(content) // 2, len(content) - 10):
        path = tmp_path / "run.fits.gz"
        path.write_bytes(content[:size])
        with pytest.raises(FormatError) as caught:
            Observation.read(path)
        assert caught.value.path == path


def test_all_index_files_are_readable(gammapy_data):
    for path in sorted(gammapy_data.rglob("hdu-index*.fits.gz")):
        assert len(read_columns(path, 1).columns) >= 6
        assert len(HDUIndexTable.read(path)) > 0
