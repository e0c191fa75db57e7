"""Axes of time intervals."""

from types import SimpleNamespace

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnitError
from geminga.maps import MapAxis, TimeMapAxis

START = Time("2020-01-01")
GAPS = TimeMapAxis([0, 2, 5] * u.d, [1, 4, 6] * u.d, START)
WHOLE = TimeMapAxis.from_time_bounds(START, START + 3 * u.d, nbin=3)
GTI = SimpleNamespace(
    time_ref=START, time_start=START + [0, 3000] * u.s, time_stop=START + [1000, 5000] * u.s
)


def test_attributes():
    assert GAPS.nbin == 3
    assert GAPS.unit == "d"
    assert not GAPS.is_contiguous
    assert WHOLE.is_contiguous
    assert_allclose(WHOLE.edges.value, [0, 1, 2, 3])
    assert_allclose(GAPS.center.value, [0.5, 3, 5.5])
    assert_allclose(GAPS.bin_width.to_value("h"), [24, 48, 24])
    assert_allclose(GAPS.time_mid.mjd, START.mjd + GAPS.center.value)
    assert [bound.value for bound in GAPS.bounds] == [0, 6]
    assert GAPS.time_bounds[1] == START + 6 * u.d
    assert_allclose((GAPS.time_max - GAPS.time_min).to_value("d"), [1, 2, 1])
    assert GAPS.time_format == "iso"
    assert GAPS.node_type == "intervals"
    assert len(list(GAPS.iter_by_edges)) == 3
    assert next(GAPS.iter_by_time_edges)[0] == START
    with pytest.raises(GeometryError, match="gaps"):
        GAPS.edges


def test_times_belong_to_intervals_that_they_end():
    # oracle: peer 2.1, coord_to_idx and coord_to_pix
    times = START + [0, 0.5, 1, 1.5, 2, 3, 6, 7] * u.d
    assert_array_equal(GAPS.coord_to_idx(times), [-1, 0, 0, -1, -1, 1, 2, -1])
    assert_array_equal(WHOLE.coord_to_idx(times), [-1, 0, 0, 1, 1, 2, -1, -1])
    assert_allclose(GAPS.coord_to_pix(times), [np.nan, 0, 0.5, np.nan, np.nan, 1, 2.5, np.nan])
    assert GAPS.coord_to_idx(0.5 * u.d) == 0
    assert GAPS.coord_to_idx(START + 0.5 * u.d).shape == ()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-0.45, 2.5), min_size=1, max_size=6))
def test_pixels_and_times_are_inverse(pix):
    """The peer puts the start of an interval at pixel k when it goes back to times."""
    assert_allclose(GAPS.coord_to_pix(GAPS.pix_to_coord(pix)), pix, atol=1e-9)


def test_index_of_pixels():
    pix = [-0.6, -0.5, 0, 0.5, 0.6, 1.2, 2.5, 3, np.nan]
    assert_array_equal(GAPS.pix_to_idx(pix), [-1, -1, 0, 0, 1, 1, 2, -1, -1])
    assert_array_equal(GAPS.pix_to_idx(pix, clip=True), [0, 0, 0, 0, 1, 1, 2, 2, -1])


def test_new_axes():
    assert_allclose(GAPS.slice(slice(0, 2)).edges_min.value, [0, 2])
    assert_allclose(GAPS.slice(1).edges_max.value, [4])
    assert_allclose([GAPS.squash().edges_min.value[0], GAPS.squash().edges_max.value[0]], [0, 6])
    assert_allclose(GAPS.to_contiguous().edges.value, [0, 1, 2, 4, 5, 6])
    assert GAPS.copy(name="t").name == "t"
    assert GAPS.rename("t").name == "t"
    for method in (GAPS.upsample, GAPS.downsample):
        with pytest.raises(NotImplementedError):
            method()


def test_from_times():
    axis = TimeMapAxis.from_time_edges(START + [0, 2] * u.d, START + [1, 3] * u.d, unit="h")
    assert_allclose(axis.edges_max.value, [24, 72])
    assert axis.reference_time == START
    assert TimeMapAxis.from_time_bounds("2020-01-01", "2020-01-03", nbin=2) == WHOLE.slice(slice(0, 2))


def test_from_intervals():
    axis = TimeMapAxis.from_gti(GTI)
    assert_allclose(axis.edges_min.to_value("s"), [0, 3000])
    assert_allclose(axis.edges_max.to_value("s"), [1000, 5000])
    # oracle: peer 2.1, from_gti_bounds(gti, 600 * u.s): 8 intervals of 625 s
    axis = TimeMapAxis.from_gti_bounds(GTI, "600 s")
    assert axis.nbin == 8
    assert_allclose(axis.edges_max[0].to_value("s"), 625)
    assert TimeMapAxis.from_gti_bounds(GTI, 10_000 * u.s).nbin == 1


def test_to_intervals():
    gti = GAPS.to_gti()
    assert_allclose((gti.time_start - START).to_value("d"), [0, 2, 5], atol=1e-9)
    table = GAPS.to_table()
    assert table.colnames == ["START", "STOP"]
    assert_allclose(table["STOP"].mjd, START.mjd + np.array([1, 4, 6]))


def test_group_table():
    # oracle: peer 2.1, group_table(start + [0, 1, 1, 3] * u.d)
    table = WHOLE.group_table(START + [0, 1, 1, 3] * u.d)
    assert table.colnames == ["idx_min", "idx_max", "time_min", "time_max", "bin_type"]
    assert_array_equal(table["idx_min"], [0, 1])
    assert_array_equal(table["idx_max"], [0, 2])
    assert_allclose(table["time_max"], [58850, 58852])
    assert set(table["bin_type"]) == {"normal   "}
    pairs = WHOLE.group_table([(START, START + 2 * u.d)])
    assert_array_equal(pairs["idx_max"], [1])


def test_groups_contain_whole_bins_only():
    table = WHOLE.group_table([START + 0.5 * u.d, START + 1 * u.d, START + 1 * u.d, START + 2.5 * u.d])
    assert_array_equal(table["idx_min"], [-1, 1])
    assert list(table["bin_type"]) == ["overflow", "normal   "]


def test_comparison():
    assert GAPS.copy() == GAPS
    assert GAPS != WHOLE
    assert MapAxis([1, 2]) != GAPS
    assert GAPS.is_aligned(GAPS)
    assert WHOLE.is_aligned(WHOLE.slice(1))
    assert not WHOLE.is_aligned(TimeMapAxis([0.3] * u.d, [1.3] * u.d, START))
    shifted = TimeMapAxis([-24, 24, 96] * u.h, [0, 72, 120] * u.h, START + 1 * u.d)
    assert shifted == GAPS
    assert TimeMapAxis([0, 2, 5] * u.d, [1, 4, 6] * u.d, START.tt) == GAPS
    with pytest.raises(TypeError, match="TimeMapAxis"):
        GAPS.is_allclose(MapAxis([1, 2]))
    with pytest.raises(AxisMismatchError):
        GAPS.assert_name("energy")


def test_plot_attributes():
    assert GAPS.as_plot_center[0].isoformat() == "2020-01-01T12:00:00"
    assert GAPS.as_plot_labels[0] == "2020-01-01 00:00:00.000 - 2020-01-02 00:00:00.000"
    assert GAPS.as_plot_xerr[0][1].total_seconds() == 86400
    assert len(WHOLE.as_plot_edges) == 4


@pytest.mark.parametrize(
    ("args", "kwargs", "error"),
    [
        (([0, 2], [1, 4], START), {}, UnitError),
        (([0, 2] * u.m, [1, 4] * u.m, START), {}, UnitError),
        (([0, 2] * u.d, [1] * u.d, START), {}, GeometryError),
        (([0, 2] * u.d, [1, 2] * u.d, START), {}, GeometryError),
        (([2, 0] * u.d, [3, 1] * u.d, START), {}, GeometryError),
        (([0, 2] * u.d, [3, 4] * u.d, START), {}, GeometryError),
        (([0, np.nan] * u.d, [1, 4] * u.d, START), {}, GeometryError),
        (([0] * u.d, [1] * u.d, START + [0, 1] * u.d), {}, GeometryError),
        (([0] * u.d, [1] * u.d, START), {"interp": "log"}, NotImplementedError),
        (([0] * u.d, [1] * u.d, START), {"name": 1}, TypeError),
    ],
)
def test_bad_intervals(args, kwargs, error):
    with pytest.raises(error):
        TimeMapAxis(*args, **kwargs)


def test_join():
    early, late = GAPS.slice(slice(0, 1)), GAPS.slice(slice(1, 3))
    later = TimeMapAxis.from_time_edges(late.time_min, late.time_max, unit="h")
    assert TimeMapAxis.from_stack([early, later]) == GAPS
    assert later.concatenate(early) == GAPS
    with pytest.raises(AxisMismatchError, match="follow"):
        TimeMapAxis.from_stack([later, early])
    with pytest.raises(AxisMismatchError, match="named 'time'"):
        GAPS.concatenate(GAPS.rename("t"))
