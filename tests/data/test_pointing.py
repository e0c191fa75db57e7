import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import FixedPointingInfo, PointingInfo, PointingMode
from geminga.errors import DataError, FormatError, UnknownNameError
from geminga.sky import observatory_locations

from .conftest import event_hdu, write_file

HESS = observatory_locations["hess"]
T0 = Time("2000-01-01", scale="tt")
TRACKED = SkyCoord(83.6, 22, unit="deg")
DRIFTING = SkyCoord(alt=70 * u.deg, az=20 * u.deg, frame="altaz")


@pytest.mark.parametrize(
    "mode", ["POINTING", "WOBBLE", "RASTER", "SLEW", "SCAN", "GRID", "", "something", None]
)
def test_tracking_modes(mode):
    pointing = FixedPointingInfo.from_fits_header({"RA_PNT": 1, "DEC_PNT": 2, "OBS_MODE": mode})
    assert pointing.mode is PointingMode.POINTING
    assert pointing.fixed_altaz is None
    assert_allclose([pointing.fixed_icrs.ra.deg, pointing.fixed_icrs.dec.deg], [1, 2])


def test_drift_mode():
    header = {"ALT_PNT": 1, "AZ_PNT": 2, "RA_PNT": 3, "DEC_PNT": 4, "OBS_MODE": "DRIFT"}
    pointing = FixedPointingInfo.from_fits_header(header)
    assert pointing.mode is PointingMode.DRIFT
    assert_allclose([pointing.fixed_altaz.alt.deg, pointing.fixed_altaz.az.deg], [1, 2])


@pytest.mark.parametrize(
    ("header", "mode"),
    [
        ({"ALT_PNT": 1, "AZ_PNT": 2}, PointingMode.DRIFT),
        ({"ALT_PNT": 1, "AZ_PNT": 2, "OBS_MODE": "POINTING"}, PointingMode.DRIFT),
        ({"RA_PNT": 1, "DEC_PNT": 2, "OBS_MODE": "DRIFT"}, PointingMode.POINTING),
        ({"RA_PNT": 1, "DEC_PNT": 2, "ALT_PNT": 3, "AZ_PNT": 4}, PointingMode.POINTING),
    ],
)
def test_keywords_decide_where_the_mode_does_not(header, mode):
    assert FixedPointingInfo.from_fits_header(header).mode is mode


@pytest.mark.parametrize(
    "header", [{}, {"RA_PNT": 1}, {"RA_PNT": "x", "DEC_PNT": 1}, {"ALT_PNT": 1, "OBS_MODE": "DRIFT"}]
)
def test_incomplete_headers(header):
    with pytest.raises(FormatError):
        FixedPointingInfo.from_fits_header(header)


def test_exactly_one_direction():
    for arguments in ({}, {"fixed_icrs": TRACKED, "fixed_altaz": DRIFTING}):
        with pytest.raises(DataError, match="exactly one"):
            FixedPointingInfo(**arguments)
    with pytest.raises(ValueError, match="galactic"):
        FixedPointingInfo(fixed_icrs=TRACKED.galactic)
    with pytest.raises(DataError, match="one direction"):
        FixedPointingInfo(fixed_icrs=SkyCoord([1, 2], [3, 4], unit="deg"))
    with pytest.raises(DataError, match="SkyCoord"):
        FixedPointingInfo(fixed_icrs=3)


def test_directions_against_peer():
    tracked, drifting = FixedPointingInfo(fixed_icrs=TRACKED), FixedPointingInfo(fixed_altaz=DRIFTING)
    # oracle: peer 2.1, FixedPointingInfo.get_icrs and get_altaz; 1e-4 deg for tables of the Earth's rotation
    icrs = drifting.get_icrs(T0, HESS)
    assert_allclose([icrs.ra.deg, icrs.dec.deg], [122.9331017, -4.35917039], atol=1e-4)
    altaz = tracked.get_altaz(T0 + [0, 3600] * u.s, HESS)
    assert_allclose(altaz.az.deg, [322.57584083, 310.78029041], atol=1e-4)
    assert_allclose(altaz.alt.deg, [34.72267485, 25.2103671], atol=1e-4)


def test_shapes_follow_the_times():
    times = T0 + [0, 1, 2] * u.s
    assert FixedPointingInfo(fixed_icrs=TRACKED).get_icrs(times, HESS).shape == (3,)
    assert FixedPointingInfo(fixed_icrs=TRACKED).get_icrs().isscalar
    altaz = FixedPointingInfo(fixed_altaz=DRIFTING).get_altaz(times, HESS)
    assert_allclose(altaz.alt.deg, [70, 70, 70])


def test_time_and_place_are_needed_for_horizontal_directions():
    for pointing in (FixedPointingInfo(fixed_icrs=TRACKED), FixedPointingInfo(fixed_altaz=DRIFTING)):
        with pytest.raises(DataError, match="obstime and location"):
            pointing.get_altaz(T0)
    with pytest.raises(DataError, match="obstime and location"):
        FixedPointingInfo(fixed_altaz=DRIFTING).get_icrs()


@pytest.mark.parametrize(
    "pointing", [FixedPointingInfo(fixed_icrs=TRACKED), FixedPointingInfo(fixed_altaz=DRIFTING)]
)
def test_header_round_trip(pointing):
    header = pointing.to_fits_header(time_ref=T0)
    assert isinstance(header, fits.Header)
    assert header["MJDREFI"] == 51544
    assert header["OBS_MODE"] == pointing.mode.name
    assert FixedPointingInfo.from_fits_header(header) == pointing
    assert pointing != FixedPointingInfo(fixed_icrs=SkyCoord(0, 0, unit="deg"))
    with pytest.raises(UnknownNameError):
        pointing.to_fits_header(format="x")
    with pytest.raises(UnknownNameError):
        pointing.to_fits_header(version="9")


def test_read(tmp_path):
    path = write_file(tmp_path / "x.fits", event_hdu())
    assert_allclose(FixedPointingInfo.read(path).fixed_icrs.dec.deg, 21.51)
    hdu = event_hdu()
    del hdu.header["RA_PNT"]
    path = write_file(tmp_path / "y.fits", hdu)
    with pytest.raises(FormatError) as caught:
        FixedPointingInfo.read(path)
    assert caught.value.path == path


def test_text():
    assert "POINTING" in str(FixedPointingInfo(fixed_icrs=TRACKED))
    assert (
        repr(FixedPointingInfo(fixed_altaz=DRIFTING)) == "<FixedPointingInfo: DRIFT 20.0000 deg, 70.0000 deg>"
    )


@pytest.fixture
def table():
    table = Table(
        {
            "TIME": [0, 100, 200.0] * u.s,
            "RA_PNT": [83, 83.5, 84] * u.deg,
            "DEC_PNT": [22, 22.1, 22.2] * u.deg,
            "ALT_PNT": [40, 41, 42.0] * u.deg,
            "AZ_PNT": [358, 0.5, 3] * u.deg,
        }
    )
    table.meta = {"MJDREFI": 51910, "MJDREFF": 0.000742870370370241, "TIMESYS": "TT", "GEOLON": 16.5,
                  "GEOLAT": -23.27, "ALTITUDE": 1835.0}  # fmt: skip
    return table


class TestPointingTable:
    def test_directions(self, table):
        pointing = PointingInfo(table)
        # oracle: peer 2.1, PointingInfo of the same table
        assert_allclose(pointing.altaz.az.deg, [321.15721311, 321.30377014, 321.45014859], atol=1e-4)
        assert_allclose(pointing.altaz.alt.deg, [33.81587201, 33.78479738, 33.75345036], atol=1e-4)
        assert_allclose(pointing.altaz_from_table.alt.deg, [40, 41, 42])
        assert_allclose(pointing.radec.ra.deg, [83, 83.5, 84])
        assert_allclose(pointing.duration.to_value("s"), 200)
        assert_allclose(pointing.location.lon.deg, 16.5)
        assert pointing.time_ref.scale == "tt"
        assert_allclose((pointing.time[1] - pointing.time[0]).to_value("s"), 100)

    def test_interpolation(self, table):
        pointing = PointingInfo(table)
        nodes = pointing.get_icrs(pointing.time)
        assert nodes.separation(pointing.radec).max().deg < 1e-9
        middle = pointing.get_icrs(pointing.time[0] + 50 * u.s)
        # the chord between two directions 0.5 deg apart bends by less than an arcsecond
        expected = SkyCoord(83.25, 22.05, unit="deg")
        assert middle.separation(expected).arcsec < 1

    def test_interpolation_wraps_in_azimuth(self, table):
        table.remove_columns(["RA_PNT", "DEC_PNT"])
        pointing = PointingInfo(table)
        assert_allclose(
            pointing.get_altaz(pointing.time[0] + 50 * u.s).az.wrap_at("180d").deg, -0.74, atol=0.02
        )

    def test_outside_the_table(self, table):
        pointing = PointingInfo(table)
        with pytest.raises(DataError, match="within the pointing table"):
            pointing.get_icrs(pointing.time[-1] + 1 * u.s)

    def test_read(self, table, tmp_path):
        hdu = fits.BinTableHDU(table, name="POINTING")
        path = write_file(tmp_path / "x.fits", hdu)
        pointing = PointingInfo.read(path)
        assert_allclose(pointing.radec.ra.deg, [83, 83.5, 84])
        assert_allclose((pointing.time - PointingInfo(table).time).to_value("s"), 0, atol=1e-9)
        assert isinstance(pointing.table["TIME"], Time)

    def test_text_and_missing_columns(self, table):
        assert "Table length: 3" in str(PointingInfo(table))
        assert "3 directions in 200.0 s" in repr(PointingInfo(table))
        with pytest.raises(DataError, match="TIME"):
            PointingInfo(table[["RA_PNT"]])
        with pytest.raises(DataError, match="RA_PNT"):
            PointingInfo(table[["TIME"]]).radec
        assert np.size(table["TIME"]) == 3
