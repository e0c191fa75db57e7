"""Values of maps by index, pixel coordinate and coordinate."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import GeometryError, UnitError
from geminga.maps import Map, MapAxis, MapCoord, RegionNDMap, WcsGeom
from geminga.maps.access import add_at_index

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
GEOM = WcsGeom.create(npix=(4, 3), binsz=0.5, axes=[ENERGY, RAD])
CENTER = (0 * u.deg, 0 * u.deg)


@pytest.fixture
def ramp():
    return Map.from_geom(GEOM, data=np.arange(144, dtype="float32").reshape(GEOM.data_shape), unit="s")


def test_get(ramp):
    # oracle: peer 2.1, get_by_coord and get_by_pix
    assert_array_equal(ramp.get_by_coord((*CENTER, 2 * u.TeV, 0.1 * u.deg)), [6])
    assert_array_equal(ramp.get_by_pix((0, 0, 1, 1)), [48])
    assert ramp.get_by_idx((0, 0, 1, 1)) == 48
    assert_array_equal(ramp.get_by_idx((np.array([0, 1]), 0, 1, 1)), [48, 49])


def test_get_by_name(ramp):
    coords = {"rad": 0.1 * u.deg, "energy": 2 * u.TeV, "skycoord": SkyCoord(0, 0, unit="deg")}
    assert_array_equal(ramp.get_by_coord(coords), [6])
    galactic = SkyCoord([0], [0], unit="deg").galactic
    assert_array_equal(ramp.get_by_coord((galactic, 2 * u.TeV, 0.1 * u.deg)), [6])


def test_outside(ramp):
    coords = {"lon": [0, 90] * u.deg, "lat": [0, 0] * u.deg, "energy": 5 * u.TeV, "rad": 0.1 * u.deg}
    assert_array_equal(ramp.get_by_coord(coords), [30, np.nan])
    assert_array_equal(ramp.get_by_coord(coords, fill_value=-1), [30, -1])
    assert_array_equal(ramp.get_by_coord({**coords, "energy": 50 * u.TeV}), [np.nan, np.nan])
    mask = ramp > 10 * u.s
    # oracle: peer 2.1
    assert_array_equal(mask.get_by_coord(coords), [1, np.nan])
    assert mask.get_by_coord({**coords, "lon": 0 * u.deg}).dtype == bool


def test_set(ramp):
    coords = {"lon": [0, 90] * u.deg, "lat": [0, 0] * u.deg, "energy": [2] * u.TeV, "rad": [0.1] * u.deg}
    ramp.set_by_coord(coords, [5, 7])
    assert_array_equal(ramp.get_by_coord(coords), [5, np.nan])
    ramp.set_by_coord(coords, [1, 2] * u.min)
    assert_array_equal(ramp.get_by_coord(coords), [60, np.nan])
    ramp.set_by_pix((0.2, 0, 1, 1), -3)
    assert ramp.data[1, 1, 0, 0] == -3
    ramp.set_by_idx((1, 2, 0, 0), 9)
    assert ramp.data[0, 0, 2, 1] == 9
    with pytest.raises(UnitError, match="values for the map"):
        ramp.set_by_coord(coords, [1, 2] * u.m)


def test_fill(ramp):
    coords = {
        "lon": [0, 0, 90] * u.deg,
        "lat": [0, 0, 0] * u.deg,
        "energy": [2] * u.TeV,
        "rad": [0.1] * u.deg,
    }
    ramp.fill_by_coord(coords)
    assert_array_equal(ramp.get_by_coord(coords)[0], 8)
    ramp.fill_by_coord(coords, weights=[1, 2, 4])
    assert_array_equal(ramp.get_by_coord(coords)[0], 11)
    ramp.fill_by_coord(coords, weights=1 / 60 * u.min)
    assert_array_equal(ramp.get_by_coord(coords)[0], 13)
    ramp.fill_by_pix((np.array([0, 0, -5.0]), np.zeros(3), np.zeros(3), np.zeros(3)))
    assert ramp.data[0, 0, 0, 0] == 2
    ramp.fill_by_idx((0, 0, 0, 0))
    assert ramp.data[0, 0, 0, 0] == 3


def test_last_edge_is_inside(ramp):
    """The peer drops what is exactly on the upper edge, or keeps it, by rounding."""
    coords = (*CENTER, 10 * u.TeV, 1 * u.deg)
    assert np.isfinite(ramp.get_by_coord(coords)).all()


def test_images(ramp):
    # oracle: peer 2.1
    assert ramp.get_image_by_coord((2 * u.TeV, 0.1 * u.deg)).data[0, 0] == 0
    assert ramp.get_image_by_coord({"energy": 20 * u.TeV, "rad": 0.1 * u.deg}).data[0, 0] == 24
    assert ramp.get_image_by_idx((1, 2)).data[0, 0] == 84
    assert ramp.get_image_by_pix((1.2, 2.0)).data[0, 0] == 84
    with pytest.raises(GeometryError, match="each axis"):
        ramp.get_image_by_idx((1,))


class Events:
    """Stand-in for an event list."""

    def map_coord(self, geom):
        return MapCoord.create(
            {"lon": [0, 0, 90.0], "lat": [0, 0, 0.0], "energy": [2, 5, 2] * u.TeV, "rad": [0.1] * u.deg},
            frame="icrs",
        )


def test_events():
    counts = Map.from_geom(GEOM)
    counts.fill_events(Events())
    assert counts.data.sum() == 2
    counts.fill_events(Events(), weights=[2, 3, 4])
    assert counts.data.sum() == 7


def test_missing_coordinate(ramp):
    with pytest.raises(GeometryError, match="rad"):
        ramp.get_by_coord((*CENTER, 2 * u.TeV))
    with pytest.raises(GeometryError, match="'rad'"):
        ramp.get_by_coord({"lon": 0, "lat": 0, "energy": 2 * u.TeV})


indices = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 3)), min_size=0, max_size=40
)


@settings(max_examples=60, deadline=None)
@given(indices, st.sampled_from(["float32", "float64", "int64", "bool"]), st.booleans(), st.booleans())
def test_filling_is_a_loop(idx, dtype, weighted, contiguous):
    """Slow twin: one element after the other."""
    data = np.zeros((2, 3, 4), dtype=dtype)
    if not contiguous:
        data = np.zeros((4, 3, 2), dtype=dtype).T
    expected = np.zeros((2, 3, 4), dtype=dtype)
    weights = np.arange(len(idx)) + 1 if weighted else None
    for k, place in enumerate(idx):
        expected[place] += weights[k] if weighted else 1
    columns = tuple(np.array([place[d] for place in idx], dtype=int) for d in range(3))
    add_at_index(data, columns, weights)
    assert_allclose(data, expected)


def test_region_maps_need_no_position():
    spectrum = RegionNDMap.create("icrs;circle(83,22,0.5)", axes=[ENERGY], data=[1, 2, 3])
    assert_array_equal(spectrum.get_by_coord({"energy": [2, 20] * u.TeV}), [1, np.nan])
    spectrum.fill_by_coord({"energy": [2, 2, 20] * u.TeV})
    assert spectrum.data.ravel().tolist() == [3, 2, 3]
    lon, lat = [83, 83, 86] * u.deg, 22 * u.deg
    spectrum.fill_by_coord({"lon": lon, "lat": lat, "energy": 2 * u.TeV})
    assert spectrum.data.ravel().tolist() == [5, 2, 3]
