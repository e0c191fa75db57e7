"""Axes of numbers: nodes, pixels, indices, comparison."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnitError, UnknownNameError
from geminga.maps import MapAxis

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
NODES = MapAxis.from_nodes([1, 2, 4], name="x", unit="m")
PHASE = MapAxis.from_bounds(0, 360, 4, name="phi", unit="deg", boundary_type="periodic")


def test_edges_of_an_edge_axis_are_the_nodes():
    axis = MapAxis([1, 10, 20], name="energy", unit="TeV", interp="log")
    assert_array_equal(axis.edges.value, [1, 10, 20])
    assert_array_equal(axis.edges_min.value, [1, 10])
    assert_array_equal(axis.edges_max.value, [10, 20])
    assert axis.nbin == 2
    assert axis.unit == "TeV"


def test_centers_are_middles_on_the_scale():
    assert_allclose(MapAxis.from_edges([1, 4, 9]).center, [2.5, 6.5])
    assert_allclose(MapAxis.from_edges([1, 4, 9], interp="sqrt").center, [2.25, 6.25])
    assert_allclose(MapAxis.from_edges([1, 4, 9], interp="log").center, [2, 6])


def test_edges_of_a_node_axis():
    # oracle: peer 2.1, MapAxis.from_nodes(...).edges
    assert_allclose(NODES.edges.value, [0.5, 1.5, 3, 5])
    assert_allclose(NODES.bin_width.value, [1, 1.5, 2])
    assert_allclose(MapAxis.from_nodes([1, 2, 4], interp="log").edges, np.array([1, 2, 4, 8]) / np.sqrt(2))
    assert_allclose(MapAxis.from_nodes([1, 4, 9], interp="sqrt").edges, [0.25, 2.25, 6.25, 12.25])


def test_sqrt_scale_keeps_the_sign():
    """The peer gives +0.25 for the first edge, so that its edges are not sorted."""
    edges = MapAxis.from_nodes([0, 1, 4], interp="sqrt").edges.value
    assert_allclose(edges, [-0.25, 0.25, 2.25, 6.25])


def test_bounds_are_those_of_the_nodes():
    assert_allclose(ENERGY.bounds.to_value("TeV"), [1, 10])
    assert_allclose(NODES.bounds.to_value("m"), [1, 4])


def test_pixel_coordinates():
    # oracle: peer 2.1, coord_to_pix
    pix = ENERGY.coord_to_pix([0.5, 1, 5, 10, 11] * u.TeV)
    assert_allclose(pix, [-1.40308999, -0.5, 1.59691001, 2.5, 2.62417806], atol=1e-8)
    assert_allclose(NODES.coord_to_pix([0, 1, 2, 3, 4, 5]), [-1, 0, 1, 1.5, 2, 2.5])
    assert_allclose(NODES.pix_to_coord([0.5, 2.5, -0.5, -1, 3]).value, [1.5, 5, 0.5, 0, 6])


def test_plain_numbers_and_texts_are_coordinates():
    assert_allclose(ENERGY.coord_to_pix(3), ENERGY.coord_to_pix("3 TeV"))
    assert_allclose(ENERGY.coord_to_pix(["3 TeV", "4000 GeV"]), ENERGY.coord_to_pix([3, 4] * u.TeV))
    assert_allclose(ENERGY.coord_to_pix([3 * u.TeV, 4e3 * u.GeV]), ENERGY.coord_to_pix([3, 4]))


def test_index_of_values_on_edges():
    """Bins are half open; the last one is closed (the peer gives -1 or nbin - 1 by rounding)."""
    assert_array_equal(ENERGY.coord_to_idx(ENERGY.edges), [0, 1, 2, 2])
    assert_array_equal(ENERGY.coord_to_idx([0.5, 10, 10.0001, np.nan] * u.TeV), [-1, 2, -1, -1])
    assert_array_equal(ENERGY.coord_to_idx([0.5, 11, np.nan] * u.TeV, clip=True), [0, 2, -1])
    assert_array_equal(NODES.coord_to_idx([0.4, 0.5, 1.5, 3, 5, 5.1]), [-1, 0, 1, 2, 2, -1])


def test_index_of_pixels():
    pix = [-0.6, -0.5, 0.5, 1.5, 2.5, 2.6, np.nan]
    assert_array_equal(ENERGY.pix_to_idx(pix), [-1, 0, 1, 2, 2, -1, -1])
    assert_array_equal(ENERGY.pix_to_idx(pix, clip=True), [0, 0, 1, 2, 2, 2, -1])
    assert ENERGY.pix_to_idx(0.2).dtype.kind == "i"


def test_descending_axes():
    axis = MapAxis.from_edges([3, 2, 1])
    assert_array_equal(axis.coord_to_idx([3, 2.5, 2, 1.5, 1, 0.5]), [0, 0, 1, 1, 1, -1])
    assert_allclose(axis.coord_to_pix([3, 2.5, 1, 4]), [-0.5, 0, 1.5, -1.5])
    assert_allclose(axis.pix_to_coord([-1, 0, 2]).value, [3.5, 2.5, 0.5])
    assert_allclose(axis.bin_width.value, [1, 1])


def test_axis_with_one_node():
    """A single node has no width; it is the bin of every coordinate (the peer: of none)."""
    axis = MapAxis.from_nodes([3], unit="m")
    assert_array_equal(axis.coord_to_idx([2, 3] * u.m), [0, 0])
    assert_array_equal(axis.coord_to_pix([2, 3, np.nan]), [0, 0, np.nan])
    assert_allclose(axis.pix_to_coord([0, 1]).value, [3, 3])


def test_periodic_axis():
    # oracle: peer 2.1
    angles = [-10, 0, 350, 360, 370] * u.deg
    assert_array_equal(PHASE.coord_to_idx(angles), [3, 0, 3, 0, 0])
    assert_allclose(PHASE.wrap_coord(angles).value, [350, 0, 350, 0, 10])
    assert_allclose(PHASE.pix_to_coord([-0.6, 3.6]).value, [-9, 369])
    assert PHASE.copy(boundary_type="monotonic") != PHASE


def test_zero_on_a_log_axis_lies_far_below():
    pix = ENERGY.coord_to_pix([0, -1] * u.TeV)
    assert np.all(pix < -900)
    assert_array_equal(ENERGY.coord_to_idx([0, -1] * u.TeV), [-1, -1])
    axis = MapAxis([0, 1, 2], interp="log")
    assert axis.pix_to_coord(-0.5) == 0
    assert_array_equal(axis.coord_to_idx([0, 0.5, 1.5]), [0, 0, 1])


axes = st.builds(
    lambda start, steps, interp, kind: MapAxis(
        start + np.cumsum(steps), interp=interp, node_type=kind, name="x"
    ),
    st.floats(0.01, 10),
    st.lists(st.floats(0.05, 5), min_size=2, max_size=8),
    st.sampled_from(["lin", "log", "sqrt"]),
    st.sampled_from(["edges", "center"]),
)


@settings(max_examples=60, deadline=None)
@given(axes, st.lists(st.floats(-0.5, 1.5), min_size=1, max_size=5))
def test_pixels_and_coordinates_are_inverse(axis, fractions):
    pix = np.array(fractions) * axis.nbin - 0.5
    assert_allclose(axis.coord_to_pix(axis.pix_to_coord(pix)), pix, atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(axes, st.lists(st.floats(0, 60), min_size=1, max_size=20))
def test_index_is_the_bin_that_contains_the_value(axis, values):
    """Slow twin: look at every bin."""
    edges = axis.edges.value

    def slow(value):
        for k in range(axis.nbin):
            last = k == axis.nbin - 1
            if edges[k] <= value < edges[k + 1] or (last and value == edges[-1]):
                return k
        return -1

    assert_array_equal(axis.coord_to_idx(values), [slow(value) for value in values])


@settings(max_examples=30, deadline=None)
@given(axes)
def test_upsample_then_downsample_gives_the_axis(axis):
    assert axis.upsample(3).downsample(3) == axis


# ---------------------------------------------------------------------- energies


def test_energy_bounds():
    assert_allclose(ENERGY.edges.value, np.geomspace(1, 10, 4))
    assert ENERGY.edges[0].value == 1
    assert ENERGY.edges[-1].value == 10
    assert ENERGY.nbin_per_decade == pytest.approx(3)
    assert ENERGY.is_energy_axis
    assert ENERGY.interp == "log"
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, unit="GeV", name="energy_true")
    assert axis.unit == "GeV"
    assert axis.name == "energy_true"
    assert MapAxis.from_energy_bounds(1, 10, nbin=2, unit="TeV").edges[-1].value == 10


@pytest.mark.parametrize(
    ("energy_max", "nbin"), [("100 TeV", 6), ("500 TeV", 9), ("1000 TeV", 9), ("10 TeV", 3)]
)
def test_bins_per_decade(energy_max, nbin):
    """ceil(log10(max / min) * nbin), also when the ratio is a whole number up to rounding."""
    assert MapAxis.from_energy_bounds("1 TeV", energy_max, nbin=3, per_decade=True).nbin == nbin


def test_bounds_that_need_not_be_kept():
    # oracle: peer 2.1, from_energy_bounds(..., strict_bounds=False)
    axis = MapAxis.from_energy_bounds("1 TeV", "450 TeV", nbin=3, per_decade=True, strict_bounds=False)
    assert axis.nbin == 7
    assert_allclose(axis.edges[-1].to_value("TeV"), 215.443469, rtol=1e-8)


def test_energy_axis_at_centers():
    axis = MapAxis.from_energy_bounds("1 TeV", "500 TeV", nbin=3, per_decade=True, node_type="center")
    assert_allclose(axis.center.value, np.geomspace(1, 500, 9))


def test_energy_edges():
    assert MapAxis.from_energy_edges([1, 10] * u.TeV, unit="GeV").edges[-1].value == 10_000
    assert MapAxis.from_energy_edges(["1 TeV", "10 TeV"]).name == "energy"


def test_unit_of_nodes_is_converted():
    """The peer ignores the unit when the nodes have one."""
    assert_allclose(MapAxis([1, 2] * u.m, unit="cm").edges.value, [100, 200])


# ---------------------------------------------------------------------- new axes


def test_copy():
    assert ENERGY.copy(name="e").name == "e"
    assert ENERGY.copy(unit="GeV").edges[0] == 1 * u.GeV
    assert_array_equal(ENERGY.copy(nodes=[1, 2] * u.GeV).edges, [1, 2] * u.GeV)
    assert ENERGY.rename("z").name == "z"
    assert NODES.copy().node_type == "center"


def test_edges_are_copies():
    edges = ENERGY.edges
    edges[0] = 5 * u.TeV
    assert ENERGY.edges[0] == 1 * u.TeV


def test_comparison():
    in_gev = MapAxis.from_energy_edges(ENERGY.edges.to("GeV"))
    assert in_gev == ENERGY
    assert ENERGY.copy(interp="lin") != ENERGY
    assert ENERGY.copy(name="f") != ENERGY
    assert ENERGY != NODES
    assert ENERGY != 3
    assert MapAxis.from_edges(NODES.edges, name="x") != NODES
    assert ENERGY.is_allclose(ENERGY.copy(nodes=ENERGY.edges.value * 1.01), rtol=0.1)
    assert len({ENERGY, ENERGY, NODES}) == 2
    with pytest.raises(TypeError, match="must be a MapAxis"):
        ENERGY.is_allclose(3)


def test_alignment():
    assert ENERGY.is_aligned(ENERGY.slice(slice(1, 2)))
    assert not ENERGY.is_aligned(ENERGY.upsample(2))
    assert not ENERGY.is_aligned(MapAxis.from_energy_edges([2.3, 4.64158883] * u.TeV))


def test_names_are_checked():
    ENERGY.assert_name("energy")
    with pytest.raises(AxisMismatchError, match=r"'rad'.*'energy'"):
        ENERGY.assert_name("rad")


def test_plot_attributes():
    # oracle: peer 2.1
    assert ENERGY.as_plot_labels[0] == "1.00e+00 TeV - 2.15e+00 TeV"
    assert NODES.as_plot_labels == ["1.00e+00 m", "2.00e+00 m", "4.00e+00 m"]
    assert ENERGY.as_plot_scale == "log"
    assert NODES.as_plot_scale == "linear"
    low, high = NODES.as_plot_xerr
    assert_allclose(low.value, [0.5, 0.5, 1])
    assert_allclose(high.value, [0.5, 1, 1])
    assert_array_equal(ENERGY.as_plot_edges, ENERGY.edges)
    assert_array_equal(ENERGY.as_plot_center, ENERGY.center)
    assert NODES.use_center_as_plot_labels
    assert not ENERGY.use_center_as_plot_labels


def test_iteration_over_edges():
    pairs = list(ENERGY.iter_by_edges)
    assert len(pairs) == 3
    assert pairs[0][1] == pairs[1][0]


def test_round():
    # oracle: peer 2.1
    energies = [1.1, 3, 4, 20] * u.TeV
    assert_allclose(ENERGY.round(energies).value, [1, 2.15443469, 4.64158883, 21.5443469], rtol=1e-8)
    assert_allclose(ENERGY.round(energies, clip=True).value[-1], 10)


def test_repr():
    assert "bounds" not in repr(ENERGY)
    assert "nbins      : 3" in repr(ENERGY)
    assert "periodic" in repr(PHASE)
    assert ENERGY._repr_html_().startswith("<pre>")


# ---------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("kwargs", "error", "match"),
    [
        ({"nodes": [1, 3, 2]}, GeometryError, "sorted"),
        ({"nodes": [1, 1, 2]}, GeometryError, "unique"),
        ({"nodes": [1, np.nan, 2]}, GeometryError, "finite"),
        ({"nodes": [1, np.inf]}, GeometryError, "finite"),
        ({"nodes": []}, GeometryError, "2 or more, got 0"),
        ({"nodes": [1]}, GeometryError, "2 or more, got 1"),
        ({"nodes": [], "node_type": "center"}, GeometryError, "1 or more"),
        ({"nodes": [np.nan], "node_type": "center"}, GeometryError, "finite"),
        ({"nodes": [-1, 0, 1], "interp": "log"}, GeometryError, ">= 0"),
        ({"nodes": [1, 2], "interp": "cubic"}, UnknownNameError, "lin"),
        ({"nodes": [1, 2], "node_type": "middle"}, UnknownNameError, "edges"),
        ({"nodes": [1, 2], "boundary_type": "x"}, UnknownNameError, "periodic"),
        ({"nodes": [1, 2], "boundary_type": "periodic", "interp": "log"}, GeometryError, "lin"),
        ({"nodes": [1, 2] * u.m, "unit": "TeV"}, UnitError, "TeV"),
        ({"nodes": [1, 2], "unit": "parrot"}, UnitError, "parrot"),
        ({"nodes": [1, 2], "name": 3}, TypeError, "string"),
    ],
)
def test_bad_nodes(kwargs, error, match):
    with pytest.raises(error, match=match):
        MapAxis(**kwargs)


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: MapAxis.from_energy_bounds("10 TeV", "5 TeV", nbin=3), GeometryError),
        (lambda: MapAxis.from_energy_bounds("0 TeV", "5 TeV", nbin=3), GeometryError),
        (lambda: MapAxis.from_energy_bounds("1 m", "5 m", nbin=3), UnitError),
        (lambda: MapAxis.from_energy_bounds(1, 5, nbin=3), UnitError),
        (lambda: MapAxis.from_energy_bounds("1 TeV", "5 TeV", nbin=2.5), GeometryError),
        (
            lambda: MapAxis.from_energy_bounds("1 TeV", "1.1 TeV", 3, per_decade=True, strict_bounds=False),
            GeometryError,
        ),
        (lambda: MapAxis.from_energy_edges([1, 2] * u.m), UnitError),
        (lambda: MapAxis.from_bounds(0, 10, 3, interp="log"), GeometryError),
        (lambda: MapAxis.from_bounds(0, 10, 0), GeometryError),
        (lambda: ENERGY.coord_to_pix(3 * u.m), UnitError),
        (lambda: NODES.nbin_per_decade, GeometryError),
    ],
)
def test_bad_calls(call, error):
    with pytest.raises(error):
        call()
