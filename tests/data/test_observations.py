import logging

import numpy as np
import pytest
from astropy.time import Time
from numpy.testing import assert_allclose

from geminga.data import DataStore, Observation, Observations
from geminga.errors import DataError, UnknownNameError

from .conftest import window


@pytest.fixture
def observations(store_dir):
    return DataStore.from_dir(store_dir).get_observations(required_irf="point-like")


def test_access(observations):
    assert observations.ids == ["1", "2"]
    assert observations["2"].obs_id == observations[1].obs_id == observations[-1].obs_id == 2
    assert observations[0:1].ids == ["1"]
    assert observations[[1, 0]].ids == ["2", "1"]
    assert observations[np.array([False, True])].ids == ["2"]
    assert observations.index("2") == observations.index(observations[1]) == 1
    assert [observation.obs_id for observation in observations] == [1, 2]
    with pytest.raises(IndexError):
        observations[2]
    with pytest.raises(UnknownNameError, match="3"):
        observations["3"]


def test_mutation(observations, caplog):
    first, second = observations
    observations.append(Observation(obs_id=3))
    assert observations.ids == ["1", "2", "3"]
    observations["3"] = second
    del observations["1"]
    assert observations.ids == ["2", "2"]
    observations[0] = first
    del observations[1:]
    assert observations.ids == ["1"]
    with caplog.at_level(logging.WARNING):
        observations.insert(0, first)
    assert "in the list already" in caplog.text
    for wrong in ("x", None):
        with pytest.raises(TypeError, match="Observation"):
            observations.append(wrong)
    with pytest.raises(TypeError):
        observations[0] = "x"


def test_select_time(observations):
    origin = observations[0].tstart
    intervals = [window(100, 200, origin), window(2100, 2200, origin), window(300, 2100, origin)]
    parts = observations.select_time(intervals)
    # interval by interval; good times are 0-400, 500-1000 and 2000-2400, 2500-3000
    assert parts.ids == ["1", "2", "1", "2"]
    durations = [part.observation_time_duration.to_value("s") for part in parts]
    assert_allclose(durations, [100, 100, 600, 100])
    assert observations.select_time(intervals[0]).ids == ["1"]
    assert observations.select_time([origin, origin + (intervals[0][1] - origin)]).ids == ["1"]
    as_array = Time([interval.mjd for interval in intervals], format="mjd", scale="tt")
    assert observations.select_time(as_array).ids == parts.ids


def test_select_time_inverted(observations):
    """Fault 7 of the peer: the observation that contains the interval is lost."""
    parts = observations.select_time(window(100, 200, observations[0].tstart), inverted=True)
    assert parts.ids == ["1", "2"]
    assert_allclose([p.observation_time_duration.to_value("s") for p in parts], [800, 900])


def test_groups(observations):
    groups = observations.group_by_label([1, 0])
    assert {name: group.ids for name, group in groups.items()} == {"group_0": ["2"], "group_1": ["1"]}
    with pytest.raises(DataError, match="labels"):
        observations.group_by_label([1])


def test_stack_and_memory(observations):
    assert Observations.from_stack([observations, observations[0:1]]).ids == ["1", "2", "1"]
    copies = list(observations.in_memory_generator())
    assert [len(copy.events) for copy in copies] == [500, 500]


def test_text(observations):
    assert "Number of observations: 2" in str(observations)
    assert repr(observations) == "<Observations: 2>"
    assert observations._repr_html_().count("<tr>") == 3
