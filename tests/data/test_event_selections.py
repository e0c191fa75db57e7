import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from astropy.time import Time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from regions import Regions

from geminga.errors import DataError, UnitError


def kept(events, selected):
    """Return the rows of the original list that a selection kept."""
    return np.isin(events.column("EVENT_ID"), selected.column("EVENT_ID"))


relaxed = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(st.floats(0.01, 2), st.floats(0.01, 2))
def test_energy(events, low, high):
    selected = events.select_energy([low, high] * u.TeV)
    expected = [low <= energy < high for energy in events.energy.value.astype(float)]
    assert_array_equal(kept(events, selected), expected)


def test_energy_range_is_half_open(events):
    edge = events.energy[7]
    assert kept(events, events.select_energy([edge, 1e6 * u.TeV]))[7]
    assert not kept(events, events.select_energy([0 * u.TeV, edge]))[7]


def test_energy_units(events):
    in_tev = events.select_energy([0.2, 1] * u.TeV)
    assert len(events.select_energy([200, 1000] * u.GeV)) == len(in_tev)
    assert len(events.select_energy(["200 GeV", "1 TeV"])) == len(in_tev)
    with pytest.raises(UnitError, match="energy_range"):
        events.select_energy([1, 2] * u.m)
    with pytest.raises(DataError, match="minimum and a maximum"):
        events.select_energy([1, 2, 3] * u.TeV)


@pytest.mark.parametrize("touch_table", [False, True])
def test_time(events, touch_table):
    if touch_table:
        events.table
    interval = Time([events.time[10], events.time[50]])
    # half open; 10 ns for the digits of a Time
    selected = events.select_time(interval + [-1e-8, -1e-8] * u.s)
    assert_array_equal(np.flatnonzero(kept(events, selected)), np.arange(10, 50))
    others = events.select_time(interval + [-1e-8, -1e-8] * u.s, inverted=True)
    assert_array_equal(kept(events, others), ~kept(events, selected))
    assert len(events.select_time(interval.utc + [-1e-8, -1e-8] * u.s)) == 40
    strings = [time.isot for time in Time([events.time[0] - 1 * u.s, events.time[-1] + 1 * u.s]).utc]
    assert len(events.select_time(strings)) == len(events)
    with pytest.raises(DataError):
        events.select_time(events.time[:3])


def test_offset(events):
    selected = events.select_offset([0.5, 1] * u.deg)
    offset = events.radec.separation(events.pointing_radec).deg
    assert_array_equal(kept(events, selected), (offset >= 0.5) & (offset < 1))
    assert len(events.select_offset(["30 arcmin", "1 deg"])) == len(selected)


class TestParameter:
    def test_range_and_values(self, events):
        phase, kind = events.column("PHASE"), events.column("KIND")
        assert_array_equal(
            kept(events, events.select_parameter("PHASE", (0.2, 0.4))), (phase >= 0.2) & (phase < 0.4)
        )
        assert_array_equal(kept(events, events.select_parameter("KIND", [0, 2], is_range=False)), kind != 1)
        assert_array_equal(kept(events, events.select_parameter("KIND", 1, is_range=False)), kind == 1)

    def test_units(self, events):
        expected = len(events.select_energy([0.2, 1] * u.TeV))
        for values in ([0.2, 1] * u.TeV, [200, 1000] * u.GeV, ["0.2 TeV", "1 TeV"], (0.2, 1)):
            assert len(events.select_parameter("ENERGY", values)) == expected

    def test_time(self, events):
        interval = Time([events.time[10], events.time[50]]) - 1e-8 * u.s
        assert len(events.select_parameter("TIME", interval)) == 40

    def test_text(self, events):
        events.table["NAME"] = np.where(events.column("KIND") == 1, "one", "other")
        assert (
            len(events.select_parameter("NAME", "one", is_range=False)) == (events.column("KIND") == 1).sum()
        )
        events.table["NAME"] = events.table["NAME"].astype("S5")
        assert (
            len(events.select_parameter("NAME", ["one"], is_range=False))
            == (events.column("KIND") == 1).sum()
        )

    def test_unknown_column_and_bad_range(self, events):
        with pytest.raises(DataError, match="NOTHING"):
            events.select_parameter("NOTHING", (0, 1))
        with pytest.raises(DataError, match="minimum"):
            events.select_parameter("PHASE", [0.1])


def test_rows(events):
    assert len(events.select_row_subset(slice(0, 5))) == 5
    assert_array_equal(events.select_row_subset([3, 1]).column("EVENT_ID"), [3, 1])
    assert len(events.select_row_subset(2)) == 1
    assert len(events.select_row_subset(events.column("KIND") == 1)) == (events.column("KIND") == 1).sum()


@pytest.mark.parametrize("touch_table", [False, True])
def test_header_survives_when_nothing_is_left(events, touch_table):
    """Fault 47 of the peer: subsets lose their metadata."""
    if touch_table:
        events.table
    none = events.select_energy([1e5, 1e6] * u.TeV)
    assert len(none) == 0
    assert none.header == events.header
    assert none.meta == events.meta
    assert none.pointing_radec.ra == events.pointing_radec.ra
    assert none.table.colnames == events.table.colnames
    assert len(none.offset) == 0
    assert "Number of events : 0" in str(none)


def test_selection_leaves_the_original(events):
    before = {name: events.column(name).copy() for name in events.table.colnames}
    events.select_energy([0.2, 1] * u.TeV).table["ENERGY"] *= 0
    for name, values in before.items():
        assert_array_equal(events.column(name), values)


def test_region(events):
    center = SkyCoord(83.63, 21.51, unit="deg")
    selected = events.select_region("icrs;circle(83.63, 21.51, 0.5)")
    separation = events.radec.separation(center).deg
    mine = kept(events, selected)
    # a circle in a projection is not quite one on the sky
    clear = np.abs(separation - 0.5) > 1e-3
    assert_array_equal(mine[clear], separation[clear] < 0.5)
    none = events.select_energy([1e5, 1e6] * u.TeV).select_region("icrs;circle(83.63, 21.51, 0.5)")
    assert len(none) == 0


@pytest.mark.parametrize(
    "regions",
    [
        "icrs;circle(83.63, 21.51, 0.5)",
        "galactic;circle(184.5, -6, 0.5)",
        "icrs;box(84, 22, 1, 0.3, 40)",
        ["icrs;circle(82.5, 21, 0.3)", "icrs;circle(84.5, 22.5, 0.4)"],
    ],
)
def test_shortcut_for_many_events(events, regions, monkeypatch):
    from geminga.data import event_selections

    regions = [Regions.parse(region, format="ds9")[0] for region in np.atleast_1d(regions)]
    slow = events.select_region(regions)
    monkeypatch.setattr(event_selections, "MANY_EVENTS", 1)
    assert 0 < len(slow) < len(events)
    assert_array_equal(events.select_region(regions).column("EVENT_ID"), slow.column("EVENT_ID"))


class TestMaps:
    @pytest.fixture
    def geom(self):
        from geminga.maps import MapAxis, WcsGeom

        axis = MapAxis.from_energy_bounds("0.2 TeV", "1 TeV", nbin=3)
        return WcsGeom.create(skydir=(83.63, 21.51), width=2, binsz=0.1, axes=[axis])

    def test_coordinates(self, events, geom):
        from geminga.maps import MapAxis, WcsGeom

        coords = events.map_coord(geom)
        assert_allclose(
            coords.lon.to_value("deg") if hasattr(coords.lon, "unit") else coords.lon, events.radec.ra.deg
        )
        assert_allclose(coords["energy"].to_value("TeV"), events.energy.value)
        phase = MapAxis.from_edges([0, 0.5, 1], name="phase")
        galactic = WcsGeom.create(skydir=(184.5, -6), width=2, frame="galactic", axes=[phase])
        coords = events.map_coord(galactic)
        assert_allclose(np.asarray(coords["phase"]), events.column("PHASE"))
        assert coords.frame == "galactic"

    def test_mask(self, events, geom):
        from geminga.maps import Map

        mask = Map.from_geom(geom, data=True, dtype=bool)
        mask.data[2] = False
        selected = events.select_mask(mask)
        expected = geom.contains(events.map_coord(geom)) & (events.energy < geom.axes["energy"].edges[2])
        assert_array_equal(kept(events, selected), expected)
        assert 0 < len(selected) < len(events)
        assert_array_equal(kept(events, events.select_mask(expected)), expected)


class FlatRadius:
    """A radius that grows with energy, as a response would give it."""

    def evaluate(self, energy, offset, method=None):
        assert method == "nearest"
        assert np.ndim(offset) == 0
        return np.where(energy < 0.3 * u.TeV, 0.5, 1.0) * u.deg


def test_rad_max(events):
    center = SkyCoord(83.63, 21.51, unit="deg")
    separation = events.radec.separation(center).deg
    radius = np.where(events.energy.value < 0.3, 0.5, 1.0)
    selected = events.select_rad_max(FlatRadius(), center)
    assert_array_equal(kept(events, selected), separation <= radius)
    # the target of the header is the default
    target = SkyCoord(83.63, 22.01, unit="deg")
    assert len(events.select_rad_max(FlatRadius())) == len(events.select_rad_max(FlatRadius(), target))
    assert len(events.select_rad_max(FlatRadius(), target.galactic)) == len(
        events.select_rad_max(FlatRadius(), target)
    )
