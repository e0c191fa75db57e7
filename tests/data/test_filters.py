import astropy.units as u
import pytest
from numpy.testing import assert_allclose

from geminga.data import Observation, ObservationFilter
from geminga.errors import DataError, UnknownNameError

from .conftest import window


def phases(low, high, **more):
    return {"type": "custom", "opts": {"parameter": "PHASE", "values": (low, high), **more}}


ENERGIES = {"type": "custom", "opts": {"parameter": "ENERGY", "values": [0.2, 1] * u.TeV}}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ([], 1),
        ([phases(0.2, 0.5)], 0.3),
        ([ENERGIES, phases(0.2, 0.5)], 0.3),  # the peer looks at the first filter only
        ([phases(0.2, 0.5), phases(0.4, 0.9)], 0.1),
        ([phases(0.2, 0.3), phases(0.4, 0.9)], 0),
        ([phases(-1, 2)], 1),
        ([phases(0.2, 0.5, is_range=False)], 1),
        ([ENERGIES], 1),
    ],
)
def test_livetime_fraction(filters, expected):
    """Fault 24 of the peer: a phase filter raises TypeError."""
    assert_allclose(ObservationFilter(event_filters=filters).livetime_fraction, expected, atol=1e-12)


def test_phase_filter_of_an_observation(events, seconds):
    gti = seconds((0, 1000))
    observation = Observation(
        events=events, gti=gti, obs_filter=ObservationFilter(event_filters=[phases(0.2, 0.5)])
    )
    phase = events.column("PHASE")
    assert len(observation.events) == ((phase >= 0.2) & (phase < 0.5)).sum()
    # DEADC is 0.9
    assert_allclose(observation.observation_live_time_duration.to_value("s"), 1000 * 0.9 * 0.3)


def test_all_filters_apply(events):
    circle = {"type": "sky_region", "opts": {"regions": "icrs;circle(83.63, 21.51, 1)"}}
    selection = ObservationFilter(event_filters=[ENERGIES, circle])
    expected = events.select_energy([0.2, 1] * u.TeV).select_region("icrs;circle(83.63, 21.51, 1)")
    assert len(selection.filter_events(events)) == len(expected) > 0


def test_time_filters_add_up(seconds):
    """The peer forgets the first of two time selections."""
    gti = seconds((0, 100))
    selection = ObservationFilter(window(10, 60)).and_time(window(50, 200))
    assert_allclose(selection.filter_gti(gti).time_sum.to_value("s"), 10)
    without = selection.and_time(window(52, 55), inverted_time=True)
    assert_allclose(without.filter_gti(gti).time_sum.to_value("s"), 7)
    assert without.copy().filter_gti(gti).time_sum == without.filter_gti(gti).time_sum


def test_phases_survive_a_time_selection():
    assert_allclose(
        ObservationFilter(event_filters=[phases(0.2, 0.5)]).and_time(window(0, 1)).livetime_fraction, 0.3
    )


def test_trivial():
    assert ObservationFilter().is_trivial
    assert not ObservationFilter(window(0, 1)).is_trivial
    assert not ObservationFilter(window(0, 1)).and_time(None).is_trivial
    assert "0 event filters" in repr(ObservationFilter(window(0, 1)))


def test_wrong_filters():
    with pytest.raises(UnknownNameError, match="sky_region"):
        ObservationFilter(event_filters=[{"type": "colour", "opts": {}}])
    with pytest.raises(DataError, match="'type' and 'opts'"):
        ObservationFilter(event_filters=[{"type": "custom", "options": {}}])
    with pytest.raises(DataError, match="values"):
        ObservationFilter(event_filters=[{"type": "custom", "opts": {"parameter": "PHASE", "band": (0, 1)}}])
    assert ObservationFilter.EVENT_FILTER_TYPES == {
        "sky_region": "select_region",
        "custom": "select_parameter",
    }
