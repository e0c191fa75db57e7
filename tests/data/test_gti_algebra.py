"""Interval algebra against membership on a fine grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.data.gti_algebra import clip, contains, locate, subtract, unite
from geminga.errors import DataError

GRID = np.arange(0, 60) + 0.5  # no interval below starts or ends on it

intervals = st.lists(st.tuples(st.integers(0, 59), st.integers(0, 59)).map(sorted), max_size=6)
window = st.tuples(st.integers(0, 59), st.integers(0, 59)).map(sorted)


def arrays(pairs):
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    return array[:, 0], array[:, 1]


def members(start, stop):
    """Slow twin: say for each grid point whether any interval contains it."""
    return np.array([any(a <= x < b for a, b in zip(start, stop, strict=True)) for x in GRID])


@settings(max_examples=100, deadline=None)
@given(intervals, window)
def test_clip_and_subtract_split_the_time(pairs, cut):
    start, stop = arrays(pairs)
    inside, outside = clip(start, stop, *cut), subtract(start, stop, *cut)
    in_window = (cut[0] <= GRID) & (cut[1] > GRID)
    assert_array_equal(members(*inside), members(start, stop) & in_window)
    assert_array_equal(members(*outside), members(start, stop) & ~in_window)
    for part in (inside, outside):
        assert (part[1] > part[0]).all()
    total = sum((part[1] - part[0]).sum() for part in (inside, outside))
    assert_allclose(total, (stop - start).sum())


@settings(max_examples=100, deadline=None)
@given(intervals, st.booleans())
def test_unite_keeps_the_time_and_separates(pairs, merge_equal):
    start, stop = arrays(pairs)
    new_start, new_stop = unite(start, stop, merge_equal=merge_equal)
    assert_array_equal(members(new_start, new_stop), members(start, stop))
    assert (np.diff(new_start) >= 0).all()
    gaps = new_start[1:] - new_stop[:-1]
    assert (gaps > 0).all() if merge_equal else (gaps >= 0).all()


@settings(max_examples=100, deadline=None)
@given(intervals)
def test_contains(pairs):
    start, stop = arrays(pairs)
    assert_array_equal(contains(start, stop, GRID), members(start, stop))


def test_touching_intervals():
    start, stop = np.array([0.0, 5.0, 30.0]), np.array([5.0, 20.0, 40.0])
    assert len(unite(start, stop)[0]) == 2
    assert len(unite(start, stop, merge_equal=False)[0]) == 3
    assert len(unite(start, stop, overlap_ok=False)[0]) == 2  # touching is not overlapping


def test_overlap_is_refused_when_asked():
    with pytest.raises(DataError, match="overlap"):
        unite(np.array([0.0, 4.0]), np.array([5.0, 20.0]), overlap_ok=False)


def test_interval_inside_an_earlier_one():
    # the third starts after the second ends, but within the first
    start, stop = unite(np.array([0.0, 1.0, 5.0]), np.array([10.0, 2.0, 20.0]))
    assert_array_equal([start, stop], [[0.0], [20.0]])


def test_locate():
    low, high = np.array([0.0, 10.0]), np.array([10.0, 20.0])
    start, stop = np.array([0.0, 5.0, 12.0, -1.0]), np.array([10.0, 15.0, 13.0, 30.0])
    assert_array_equal(locate(start, stop, low, high), [0, -1, 1, -1])
    assert_array_equal(locate(start, stop, low[:0], high[:0]), -1)
    assert_array_equal(locate(start - 1e-7, stop, low, high), [0, -1, 1, -1])
