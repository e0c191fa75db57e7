"""Interpolation against scipy on scaled axes, and its conventions."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.interpolate import RegularGridInterpolator

from geminga.errors import GeometryError, UnitError, UnknownNameError
from geminga.numerics.interpolation import ScaledRegularGridInterpolator, interpolate_profile


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def grid(rng, ndim, uniform=False):
    points = [np.linspace(1, 9, 6 + k) if uniform else np.sort(rng.uniform(1, 9, 6 + k)) for k in range(ndim)]
    return points, rng.uniform(1, 2, [len(p) for p in points])


@pytest.mark.parametrize("method", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("uniform", [True, False])
@pytest.mark.parametrize("ndim", [1, 2, 3, 4])
def test_agrees_with_scipy(rng, ndim, uniform, method):
    points, values = grid(rng, ndim, uniform)
    coordinates = [rng.uniform(0.5, 9.5, 40) for _ in points]
    ours = ScaledRegularGridInterpolator(points, values, method=method, clip=False)(coordinates)
    scipy = RegularGridInterpolator(points, values, method=method, bounds_error=False, fill_value=None)
    assert_allclose(ours, scipy(np.stack(coordinates, -1)), rtol=1e-9, atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(3)), st.lists(st.integers(1, 40), min_size=3, max_size=3), st.booleans())
def test_open_grids_agree_with_single_points(order, sizes, scalar):
    """The contraction axis by axis, by matrix or by neighbours, is the same as gathering corners."""
    rng = np.random.default_rng(0)
    points, values = grid(rng, 3)
    coordinates = []
    for k in range(3):
        shape = [1, 1, 1]
        shape[order[k]] = sizes[k]
        coordinates.append(rng.uniform(0, 10, shape) if not (scalar and k == 1) else np.array(3.3))
    interpolate = ScaledRegularGridInterpolator(points, values, clip=False)
    one_by_one = np.broadcast_arrays(*coordinates)
    expected = interpolate([x.ravel() for x in one_by_one])
    assert_allclose(interpolate(coordinates).ravel(), expected, rtol=1e-12, atol=1e-12)


def test_power_law_is_exact_on_log_scales():
    energy = np.geomspace(0.1, 100, 5) * u.TeV
    flux = 1e-11 * energy.value**-2.5 * u.Unit("cm-2 s-1 TeV-1")
    interpolate = ScaledRegularGridInterpolator((energy,), flux, points_scale=("log",), values_scale="log")
    where = [50, 3e3, 2e6] * u.GeV  # the last is extrapolated
    result = interpolate((where,))
    assert result.unit == flux.unit
    assert_allclose(result.value, 1e-11 * where.to_value("TeV") ** -2.5, rtol=1e-12)


def test_zeros_in_log_values_stay_zero():
    """oracle: peer 2.1, values (1, 0, 4) at (1, 2, 4): [1.49166815e-154, 0, 2.98333629e-154] at (1.5, 2, 3)."""
    interpolate = ScaledRegularGridInterpolator(([1, 2, 4.0],), np.array([1, 0, 4.0]), values_scale="log")
    assert_allclose(interpolate(([1.5, 2, 3],)), [1.49166815e-154, 0, 2.98333629e-154], rtol=1e-7)
    all_zero = ScaledRegularGridInterpolator(([1, 2, 4.0],), np.zeros(3), values_scale="log")
    assert_allclose(all_zero(([0.1, 1.7, 90],)), 0)


def test_single_precision_values_keep_their_floor():
    values = np.array([1, 0], dtype=">f4")
    interpolate = ScaledRegularGridInterpolator(([0.0, 1.0],), values, values_scale="log")
    # half way between ln 1 and the floor of single precision, ln 1.1754944e-38
    assert_allclose(interpolate(([0.5],)), np.sqrt(1.1754943508222875e-38), rtol=1e-5)


def test_axis_with_one_node_is_dropped():
    interpolate = ScaledRegularGridInterpolator(([1, 2, 4.0], [0.5]), [[1.0], [2.0], [4.0]])
    assert_allclose(interpolate(([1.5, 3.0], 77.0)), [1.5, 3.0])
    constant = ScaledRegularGridInterpolator(([1.0], [0.5]), [[7.0]])
    assert_allclose(constant(([1.0, 9.0], 3.0)), [7, 7])


def test_clip_extrapolation_and_fill_value():
    points, values = ([1, 2, 4.0],), np.array([1, 2, 4.0])
    outside = ([-1.0, 3.0, 8.0],)
    assert_allclose(ScaledRegularGridInterpolator(points, values)(outside), [0, 3, 8])
    assert_allclose(ScaledRegularGridInterpolator(points, values, clip=False)(outside), [-1, 3, 8])
    assert_allclose(ScaledRegularGridInterpolator(points, values)(outside, clip=False), [-1, 3, 8])
    assert_allclose(
        ScaledRegularGridInterpolator(points, values, extrapolate=False)(outside), [np.nan, 3, np.nan]
    )
    # the fill value is a value, also on a log scale (the peer returns exp(fill_value))
    filled = ScaledRegularGridInterpolator(points, values, values_scale="log", fill_value=0.0)
    assert_allclose(filled(outside)[[0, 2]], 0)
    with pytest.raises(GeometryError, match="2 outside"):
        ScaledRegularGridInterpolator(points, values, bounds_error=True)(outside)


def test_values_with_further_dimensions():
    x, values = [1, 2, 4.0], np.arange(6.0).reshape(3, 2)
    along_first = ScaledRegularGridInterpolator((x,), values, axis=0)
    assert along_first((1.5,)).shape == (2,)
    assert_allclose(along_first(([1.5, 2.0],)), [[1, 2], [2, 3]])
    along_last = ScaledRegularGridInterpolator((x,), values.T, axis=1)
    assert_allclose(along_last(([1.5, 2.0],)), [[1, 2], [2, 3]])
    with_fill = ScaledRegularGridInterpolator((x,), values.T, axis=-1, extrapolate=False)
    assert_allclose(with_fill(([1.5, 9.0],)), [[1, np.nan], [2, np.nan]])


def test_descending_nodes():
    interpolate = ScaledRegularGridInterpolator(([4, 2, 1.0],), np.array([8, 4, 2.0]))
    assert_allclose(interpolate(([1.5, 3, 5],)), [3, 6, 10])


def test_large_values_are_scaled_where_they_are_looked_at(monkeypatch):
    monkeypatch.setattr("geminga.numerics.interpolation._SCALE_AT_ONCE", 0)
    points, values = grid(np.random.default_rng(0), 2)
    coordinates = [np.array([2.0, 3.0]), np.array([4.0, 5.0])]
    late = ScaledRegularGridInterpolator(points, values, values_scale="log")(coordinates)
    monkeypatch.undo()
    assert_allclose(late, ScaledRegularGridInterpolator(points, values, values_scale="log")(coordinates))


def test_nan_coordinates_give_nan():
    for points in ([1, 2, 3, 4, 5.0], [1, 2, 4, 5, 9.0]):
        assert np.isnan(ScaledRegularGridInterpolator((points,), np.ones(5))(([np.nan],))).all()


def test_inputs_are_not_modified():
    values, where = np.array([-1.0, -2.0, -3.0]), np.array([1.0, 2.0])
    ScaledRegularGridInterpolator(([1, 2, 3.0],), values, method="nearest")((where,))
    assert_allclose(values, [-1, -2, -3])
    assert_allclose(where, [1, 2])


def test_errors_name_what_is_wrong():
    energy = [1, 2] * u.TeV
    interpolate = ScaledRegularGridInterpolator((energy,), [1.0, 2.0])
    with pytest.raises(UnitError, match="convertible to 'TeV'"):
        interpolate((1.5,))
    with pytest.raises(UnitError, match="'TeV'"):
        interpolate((1.5 * u.m,))
    with pytest.raises(GeometryError, match=r"expected shape \(2,\)"):
        ScaledRegularGridInterpolator((energy,), [1.0, 2.0, 3.0])
    with pytest.raises(GeometryError, match="sorted"):
        ScaledRegularGridInterpolator(([1, 3, 2.0],), [1.0, 2.0, 3.0])
    with pytest.raises(UnknownNameError, match="interpolation method"):
        ScaledRegularGridInterpolator((energy,), [1.0, 2.0], method="magic")
    with pytest.raises(GeometryError, match="points_scale"):
        ScaledRegularGridInterpolator((energy,), [1.0, 2.0], points_scale=("log", "log"))


def test_profile_of_a_parabola():
    """oracle: peer 2.1, interpolate_profile([1, 2, 3], [5, 1, 3]) at 1.5 and 4: 2.25, 11 ("sqrt"); 3, 5 ("lin")."""
    square = interpolate_profile([1.0, 2, 3], [5.0, 1, 3], extrapolate=True)
    assert_allclose(square([1.5, 4.0]), [2.25, 11.0])
    line = interpolate_profile([1.0, 2, 3], [5.0, 1, 3], interp_scale="lin", extrapolate=True)
    assert_allclose(line([1.5, 4.0]), [3, 5])
    with pytest.raises(ValueError, match="range"):
        interpolate_profile([1.0, 2, 3], [5.0, 1, 3])(4.0)
    with pytest.raises(UnknownNameError):
        interpolate_profile([1.0, 2, 3], [5.0, 1, 3], interp_scale="stat")
