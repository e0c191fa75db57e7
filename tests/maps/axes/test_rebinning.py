"""Axes made from axes of numbers."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError
from geminga.maps import MapAxis

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
NODES = MapAxis.from_nodes([1, 2, 4], name="x", unit="m")


def test_upsample():
    assert_allclose(ENERGY.upsample(2).edges.value, np.geomspace(1, 10, 7))
    # oracle: peer 2.1
    assert_allclose(NODES.upsample(2).center.value, [1, 1.5, 2, 3, 4])
    assert MapAxis.from_nodes([1]).upsample(2).nbin == 1


def test_downsample():
    assert_allclose(ENERGY.downsample(3).edges.value, [1, 10])
    assert_allclose(NODES.downsample(2).center.value, [1, 4])
    # oracle: peer 2.1, downsample(2, strict=False)
    assert_allclose(ENERGY.downsample(2, strict=False).edges.value, [1, 4.64158883, 10], rtol=1e-8)
    with pytest.raises(GeometryError, match="multiple of 2, got 3"):
        ENERGY.downsample(2)
    with pytest.raises(GeometryError, match="nodes less one"):
        MapAxis.from_nodes([1, 2, 3, 4]).downsample(2)


@pytest.mark.parametrize("factor", [0, 1.5, -1])
def test_bad_factors(factor):
    with pytest.raises(GeometryError, match="factor"):
        ENERGY.upsample(factor)


def test_squash():
    axis = NODES.squash()
    assert axis.node_type == "edges"
    assert_allclose(axis.edges.value, [0.5, 5])
    assert axis.name == "x"


def test_pad():
    # oracle: peer 2.1
    assert_allclose(ENERGY.pad((1, 2)).edges.value, 10 ** (np.arange(-1, 6) / 3))
    assert_allclose(NODES.pad(1).center.value, [0, 1, 2, 4, 6])
    assert ENERGY.pad(0) == ENERGY
    with pytest.raises(GeometryError, match=">= 0"):
        ENERGY.pad(-1)


def test_slice():
    assert_allclose(ENERGY.slice(slice(1, None)).edges.value, ENERGY.edges.value[1:])
    assert_allclose(ENERGY.slice(-1).edges.value, ENERGY.edges.value[2:])
    assert_allclose(ENERGY.slice([0, 1]).edges.value, ENERGY.edges.value[:3])
    assert_allclose(NODES.slice(slice(0, 2)).center.value, [1, 2])
    with pytest.raises(GeometryError, match="at least one of 3"):
        ENERGY.slice(slice(3, 3))


def test_concatenate():
    more = MapAxis.from_energy_bounds("10 TeV", "100 TeV", nbin=3)
    assert_allclose(ENERGY.concatenate(more).edges.value, np.geomspace(1, 100, 7))
    assert_allclose(MapAxis.from_stack([ENERGY, more]).edges.value, np.geomspace(1, 100, 7))
    in_gev = MapAxis.from_energy_edges([10, 20] * u.TeV, unit="GeV")
    assert_allclose(ENERGY.concatenate(in_gev).edges[-1].to_value("TeV"), 20)
    assert_allclose(
        NODES.concatenate(MapAxis.from_nodes([5, 6], name="x", unit="m")).center.value, [1, 2, 4, 5, 6]
    )


@pytest.mark.parametrize(
    ("other", "match"),
    [
        (MapAxis.from_energy_bounds("20 TeV", "100 TeV", nbin=3), "must meet, got 10 and 20"),
        (ENERGY.rename("energy_true"), "name"),
        (MapAxis([10, 20], name="energy", unit="TeV"), "interp"),
    ],
)
def test_axes_that_do_not_fit(other, match):
    """The peer bridges gaps by moving the first edge of the second axis."""
    with pytest.raises(AxisMismatchError, match=match):
        ENERGY.concatenate(other)


def test_node_type():
    axis = ENERGY.to_node_type("center")
    assert_allclose(axis.center.value, ENERGY.center.value)
    assert_allclose(axis.edges.value, ENERGY.edges.value)
    assert axis.to_node_type("edges").node_type == "edges"


def test_group_table():
    # oracle: peer 2.1, group_table([2, 5] * u.TeV)
    table = ENERGY.group_table([2, 5] * u.TeV)
    assert table.colnames == ["group_idx", "energy_min", "energy_max", "idx_min", "idx_max", "bin_type"]
    assert list(table["bin_type"]) == ["underflow", "normal   ", "overflow"]
    assert_array_equal(table["idx_min"], [0, 1, 2])
    assert_array_equal(table["idx_max"], [0, 1, 2])
    assert_allclose(table["energy_min"].quantity.to_value("TeV"), ENERGY.edges.value[:3])


def test_group_table_moves_edges_to_the_nearest():
    table = ENERGY.group_table([1.1, 3, 50] * u.TeV)
    assert list(table["bin_type"]) == ["normal   ", "normal   "]
    assert_array_equal(table["idx_max"], [0, 2])


@pytest.mark.parametrize("edges", [[3], [20, 30], [0.1, 0.2]])
def test_groups_without_a_bin(edges):
    with pytest.raises(AxisMismatchError, match="at least one bin"):
        ENERGY.group_table(edges * u.TeV)


def test_resample():
    # oracle: peer 2.1, MapAxes([axis]).resample(...)
    assert_allclose(
        ENERGY.resample(MapAxis.from_energy_edges([1, 4, 10] * u.TeV)).edges.value, [1, 4.64158883, 10]
    )
    coarse = MapAxis.from_energy_edges([1.1, 2.3, 4.6] * u.TeV)
    assert_allclose(ENERGY.resample(coarse).edges.value, [1, 2.15443469, 4.64158883])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.1, 90), min_size=2, max_size=6, unique=True))
def test_groups_cover_the_axis_once(wanted):
    axis = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", nbin=12)
    try:
        table = axis.group_table(np.sort(wanted) * u.TeV)
    except AxisMismatchError:
        return
    bins = [k for row in table for k in range(row["idx_min"], row["idx_max"] + 1)]
    assert bins == list(range(12))
