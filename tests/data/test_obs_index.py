import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import ObservationTable
from geminga.errors import DataError, FormatError, UnitError, UnknownNameError

from .conftest import REFERENCE, write_file

REFERENCE_TIME = Time(51910, 0.000742870370370241, format="mjd", scale="tt")


@pytest.fixture
def table():
    content = {
        "OBS_ID": [5, 6, 7, 8],
        "RA_PNT": [83.0, 83.5, 84.0, 10.0] * u.deg,
        "DEC_PNT": [22.0, 22.0, 22.0, 0.0] * u.deg,
        "TSTART": [0.0, 1000, 2000, 3000] * u.s,
        "TSTOP": [1000.0, 2000, 3000, 4000] * u.s,
        "ALT_PNT": [40.0, 50, 60, 70] * u.deg,
        "N_TELS": [3, 4, 4, 3],
        "OBJECT": ["Crab", "Crab", "Crab", "Off"],
    }
    return ObservationTable(content, meta=dict(REFERENCE))


def ids(table):
    return np.asarray(table["OBS_ID"]).tolist()


def window(low, high):
    return Time([REFERENCE_TIME + low * u.s, REFERENCE_TIME + high * u.s])


def test_columns(table):
    assert_allclose((table.time_start - REFERENCE_TIME).to_value("s"), [0, 1000, 2000, 3000], atol=1e-7)
    assert_allclose((table.time_stop - table.time_start).to_value("s"), 1000)
    assert_allclose(table.pointing_radec.ra.deg, [83, 83.5, 84, 10])
    assert_allclose(table.pointing_galactic.l.deg, table.pointing_radec.galactic.l.deg)
    assert table.time_ref.scale == "tt"
    assert "Number of observations: 4" in table.summary()


def test_times_as_time_columns(table):
    converted = table.copy()
    for name in ("TSTART", "TSTOP"):
        converted[name] = REFERENCE_TIME + table[name].quantity
    assert ids(converted.select_time_range(window(0, 2500))) == ids(table.select_time_range(window(0, 2500)))


def test_make(table):
    assert ids(ObservationTable(table=Table(table))) == ids(table)
    assert isinstance(table[:2], ObservationTable)
    assert table[:2].meta["MJDREFI"] == 51910


def test_obs_id(table):
    assert ids(table.select_obs_id([7, 5])) == [7, 5]
    assert ids(table.select_obs_id(6)) == [6]
    with pytest.raises(UnknownNameError, match="99"):
        table.select_obs_id([5, 99])


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("OBS_ID", [5, 7], [5, 6]),
        ("N_TELS", [4, 4], [6, 7]),  # one value when both are equal
        ("ALT_PNT", [40, 60] * u.deg, [5, 6]),
        ("ALT_PNT", ["2400 arcmin", "60 deg"], [5, 6]),
        ("OBJECT", ["Crab", "Crab"], [5, 6, 7]),
    ],
)
def test_range(table, name, values, expected):
    assert ids(table.select_range(name, values)) == expected
    assert ids(table.select_range(name, values, inverted=True)) == [
        i for i in ids(table) if i not in expected
    ]


def test_bad_ranges(table):
    with pytest.raises(UnitError, match="value_range"):
        table.select_range("ALT_PNT", [40, 60])
    with pytest.raises(DataError, match="two"):
        table.select_range("OBS_ID", [1])
    with pytest.raises(FormatError, match="NOTHING"):
        table.select_range("NOTHING", [1, 2])


def test_time_range(table):
    assert ids(table.select_time_range(window(500, 3500))) == [6, 7]
    assert ids(table.select_time_range(window(500, 3500), inverted=True)) == [5, 8]
    assert ids(table.select_time_range(window(500, 3500), partial_overlap=True)) == [5, 6, 7, 8]
    assert ids(table.select_time_range(window(1000, 2000), partial_overlap=True)) == [6]
    assert ids(table[:0].select_time_range(window(0, 1))) == []
    with pytest.raises(DataError, match="two"):
        table.select_time_range(Time(["2020-01-01"]))


def test_sky_circle(table):
    center = SkyCoord(83.5, 22, unit="deg")
    assert ids(table.select_sky_circle(center, 0.1 * u.deg)) == [6]
    assert ids(table.select_sky_circle(center.galactic, "1 deg")) == [5, 6, 7]
    assert ids(table.select_sky_circle(center, "1 deg", inverted=True)) == [8]


def test_selections(table):
    circle = {"type": "sky_circle", "frame": "icrs", "lon": "83.5 deg", "lat": "22 deg", "radius": "0.1 deg"}
    assert ids(table.select_observations(circle)) == [6]
    assert ids(table.select_observations({**circle, "border": "0.5 deg"})) == [5, 6, 7]
    assert ids(table.select_observations({**circle, "inverted": True})) == [5, 7, 8]
    time = {"type": "time_box", "time_range": window(500, 3500)}
    assert ids(table.select_observations(time)) == [6, 7]
    assert ids(table.select_observations({**time, "partial_overlap": True})) == [5, 6, 7, 8]
    box = {"type": "par_box", "variable": "N_TELS", "value_range": [4, 5]}
    assert ids(table.select_observations([{**circle, "border": "1 deg"}, box])) == [6, 7]
    assert ids(table.select_observations()) == ids(table)
    assert circle == {
        "type": "sky_circle",
        "frame": "icrs",
        "lon": "83.5 deg",
        "lat": "22 deg",
        "radius": "0.1 deg",
    }


def test_bad_selections(table):
    with pytest.raises(UnknownNameError, match="sky_circle"):
        table.select_observations({"type": "circle"})
    with pytest.raises(DataError, match="radius"):
        table.select_observations({"type": "sky_circle", "frame": "icrs", "lon": "1 deg", "lat": "2 deg"})


def test_read(table, tmp_path):
    hdu = fits.BinTableHDU(Table(table), name="OBS_INDEX")
    hdu.header.update(REFERENCE)
    back = ObservationTable.read(write_file(tmp_path / "x.fits", hdu))
    assert ids(back) == ids(table)
    assert ids(back.select_range("OBJECT", ["Off", "Off"])) == [8]
    assert ids(back.select_time_range(window(500, 3500))) == [6, 7]
    path = write_file(tmp_path / "y.fits", fits.BinTableHDU(Table({"A": [1]}), name="OBS_INDEX"))
    with pytest.raises(FormatError, match="OBS_ID"):
        ObservationTable.read(path)
