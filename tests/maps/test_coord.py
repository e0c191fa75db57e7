"""Coordinates of points."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import GeometryError, UnknownNameError
from geminga.maps import MapCoord

SKY = SkyCoord([83, 84], [22, 23], unit="deg")
COORDS = MapCoord.create({"skycoord": SKY, "energy": [1, 2] * u.TeV})


def test_from_dictionary():
    assert COORDS.axis_names == ["lon", "lat", "energy"]
    assert COORDS.frame == "icrs"
    assert COORDS.shape == (2,)
    assert COORDS.size == 2
    assert COORDS.ndim == 3
    assert COORDS.match_by_name
    # oracle: peer 2.1: plain numbers in degrees when they come from sky positions
    assert_allclose(COORDS.lon, [83, 84])
    assert not isinstance(COORDS.lon, u.Quantity)
    assert_array_equal(COORDS["energy"], [1, 2] * u.TeV)
    assert_array_equal(COORDS[2], COORDS["energy"])
    assert "energy" in COORDS


def test_from_tuple():
    coords = MapCoord.create((1.0, 2.0, 3.0))
    assert coords.axis_names == ["lon", "lat", "axis0"]
    assert not coords.match_by_name
    assert coords.frame is None
    assert coords["axis0"].shape == (1,)
    coords = MapCoord.create((SKY, 3 * u.TeV), axis_names=["energy"])
    assert_array_equal(coords["energy"], [3] * u.TeV)
    assert coords.frame == "icrs"
    assert MapCoord.create(SKY).axis_names == ["lon", "lat"]
    assert MapCoord.create((1 * u.deg, 2 * u.deg), frame="galactic").frame == "galactic"


def test_units_of_positions():
    coords = MapCoord.create({"lon": 1 * u.rad, "lat": "0 deg"})
    assert_allclose(coords.skycoord.ra.deg, [np.degrees(1)])
    assert_allclose(coords.theta, [np.pi / 2])
    assert_allclose(coords.phi, [1])


def test_frames():
    # oracle: peer 2.1, to_frame("galactic").lon
    galactic = COORDS.to_frame("galactic")
    assert_allclose(galactic.lon, [184.25262566, 183.90308125], atol=1e-8)
    assert galactic.frame == "galactic"
    assert MapCoord.create({"skycoord": SKY}, frame="galactic").frame == "galactic"
    assert_allclose(MapCoord.create(COORDS, frame="galactic").lon, galactic.lon)
    quantities = MapCoord.create({"lon": 1 * u.deg, "lat": 0 * u.deg}, frame="icrs").to_frame("galactic")
    assert quantities.lon.unit == "deg"
    assert MapCoord.create((1.0, 2.0)).to_frame("galactic").lon[0] == 1.0
    assert COORDS.to_frame("icrs").lon[0] == 83


def test_broadcasting():
    coords = MapCoord({"lon": [[1], [2]] * u.deg, "lat": [[1, 2, 3]] * u.deg}, frame="icrs")
    assert coords.shape == (2, 3)
    assert coords.broadcasted.lon.shape == (2, 3)
    assert coords.flat.lat.shape == (6,)
    mask = np.array([[True, False, False], [True, True, False]])
    assert_allclose(coords.apply_mask(mask).lon.value, [1, 2, 2])


def test_mask():
    masked = COORDS.apply_mask(np.array([True, False]))
    assert_array_equal(masked["energy"], [1] * u.TeV)
    assert masked.frame == "icrs"


def test_times_and_labels():
    times = Time("2020-01-01") + [0, 1] * u.d
    coords = MapCoord.create({"skycoord": SKY, "time": times, "run": ["a", "b"]})
    assert coords["time"][1] == times[1]
    assert coords["run"].tolist() == ["a", "b"]
    assert coords.apply_mask(np.array([False, True]))["time"].isscalar is False
    assert coords.flat["time"].shape == (2,)


def test_copy_is_deep():
    copy = COORDS.copy()
    copy.lon[0] = 0
    assert COORDS.lon[0] == 83


def test_repr():
    assert "frame    : icrs" in repr(COORDS)


@pytest.mark.parametrize(
    ("data", "error", "match"),
    [
        ({"energy": 1 * u.TeV}, GeometryError, "'lon' and 'lat'"),
        ((1.0,), GeometryError, "longitude and latitude"),
        ("here", TypeError, "SkyCoord"),
        (((1, 2), object()), TypeError, "arrays"),
    ],
)
def test_bad_coordinates(data, error, match):
    with pytest.raises(error, match=match):
        MapCoord.create(data)


def test_too_many_values():
    with pytest.raises(GeometryError, match="got 4"):
        MapCoord.create((1, 2, 3, 4), axis_names=["energy"])


def test_unknown_name():
    with pytest.raises(UnknownNameError, match="energy"):
        COORDS["enrgy"]
