"""Operators of maps."""

import operator

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, UnitError
from geminga.maps import Map, MapAxis, RegionNDMap, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
GEOM = WcsGeom.create(npix=(4, 3), axes=[ENERGY])


def ramp(unit="s", dtype="float32"):
    return Map.from_geom(GEOM, data=np.arange(36, dtype=dtype).reshape(GEOM.data_shape), unit=unit)


def test_sums_convert_units():
    m = ramp("h")
    assert_allclose((m + ramp("s")).data, m.data * (1 + 1 / 3600), rtol=1e-6)
    assert (m - ramp("s")).unit == "h"
    assert_allclose((m + 60 * u.min).data, m.data + 1)
    assert_allclose((3600 * u.s + m).data, m.data + 1)
    assert_allclose((60 * u.min - m).data, 1 - m.data)


def test_products_combine_units():
    m = ramp("s")
    assert (m * m).unit == "s2"
    assert (m * (2 * u.m)).unit == "m s"
    assert (m / (2 * u.m)).unit == "s / m"
    assert ((2 * u.m) / (m + 1 * u.s)).unit == "m / s"
    assert (m**2).unit == "s2"
    assert (m / m.copy()).unit == ""
    assert_allclose((2 * m).data, (m * 2).data)
    assert_allclose((1 / (m + 1 * u.s)).data, 1 / (m.data + 1))


def test_arrays_on_either_side_give_maps():
    m = ramp("")
    for product in (m * m.data, m.data * m, np.float64(2) * m, m * np.ones((3, 1, 1))):
        assert isinstance(product, Map)
        assert product.geom is m.geom
    assert_allclose((np.float64(2) * m).data, 2 * m.data)


def test_zero_and_infinity_have_every_unit():
    m = ramp("s")
    assert (m > 0).data.sum() == 35
    assert (m < np.inf).data.all()
    assert_array_equal((m + 0).data, m.data)
    with pytest.raises(UnitError, match="second map"):
        _ = m > 1


def test_comparisons_are_masks_without_unit():
    m = ramp("s")
    for function in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        mask = function(m, 0.25 * u.min)
        assert mask.is_mask
        assert mask.unit == ""
        assert_array_equal(mask.data, function(m.data, 15))


def test_comparison_with_other_things():
    m = ramp()
    assert (m == None) is False  # noqa: E711
    assert m != "text"
    with pytest.raises(TypeError):
        _ = m > "text"
    with pytest.raises(TypeError):
        m + None


def test_logic():
    m = ramp("s")
    low, high = m < 20 * u.s, m > 10 * u.s
    assert (low & high).data.sum() == 9
    assert (low | high).data.all()
    assert (low ^ high).data.sum() == 27
    assert_array_equal((~low).data, ~low.data)
    assert (low & True).data.sum() == 20
    low &= high
    assert low.data.sum() == 9


def test_logic_needs_masks():
    m = ramp()
    with pytest.raises(TypeError, match="masks"):
        m & m
    with pytest.raises(TypeError, match="masks"):
        (m > 0) & 3
    with pytest.raises(TypeError, match="inverted"):
        ~m


def test_in_place():
    m = ramp("h")
    same = m
    m += 3600 * u.s
    assert same is m
    assert_allclose(m.data, ramp().data + 1)
    m /= 2 * u.h
    assert m.unit == ""
    m *= 2
    m -= 1
    assert_allclose(m.data, ramp().data, atol=1e-6)


def test_operators_leave_their_input_alone():
    m = ramp()
    before = m.data.copy()
    _ = m + m, m * 2, -m, abs(m), m**2, m > 0, 1 / (m + 1 * u.s)
    assert_array_equal(m.data, before)
    assert (+m).data is not m.data


def test_masks_count():
    mask = ramp() > 10 * u.s
    assert (mask + mask).data.max() == 2
    assert (mask * mask).data.dtype == bool
    assert_allclose((ramp() * mask).data.sum(), np.arange(11, 36).sum())


def test_types():
    m = ramp()
    assert (m + m).data.dtype == np.float32
    assert (m * (m > 0)).data.dtype == np.float32
    assert m.to_unit("h").data.dtype == np.float32
    # oracle: peer 2.1, (m * 2).data.dtype
    assert (m * 2).data.dtype == np.float64


def test_division_by_zero_gives_infinity():
    assert_array_equal((ramp() / 0).data[0, 0, :2], [np.nan, np.inf])


def test_different_geometries():
    with pytest.raises(AxisMismatchError, match="same geometry"):
        ramp() + Map.from_geom(WcsGeom.create(npix=(4, 3)), unit="s")
    with pytest.raises(UnitError):
        ramp() + ramp("m")
    with pytest.raises(UnitError, match="power"):
        ramp() ** np.ones(3)


def test_maps_of_different_regions_are_combined():
    """On and off counts have different regions."""
    on = RegionNDMap.create("icrs;circle(83,22,0.1)", axes=[ENERGY], data=[3, 2, 1])
    off = RegionNDMap.create("icrs;circle(84,22,0.1)", axes=[ENERGY], data=[1, 1, 1])
    assert (on - off).data.ravel().tolist() == [2, 1, 0]
    assert (on - off).geom.region is on.geom.region


def test_numpy_functions():
    m = ramp()
    assert_allclose(np.sqrt(m), np.sqrt(m.data))
    assert np.asarray(m) is m.data
    assert np.array(m, copy=True) is not m.data


numbers = st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3)


@settings(max_examples=40, deadline=None)
@given(numbers, numbers, numbers)
def test_algebra(one, two, three):
    a, b, c = (RegionNDMap.create(None, axes=[ENERGY], data=values, unit="m") for values in (one, two, three))
    assert_allclose((a + b).data, (b + a).data)
    assert_allclose(((a + b) + c).data, (a + (b + c)).data, atol=1e-9)
    assert_allclose((a * (b + c)).data, (a * b + a * c).data, atol=1e-6)
    assert_allclose((a - b).data, (-(b - a)).data)
    assert_array_equal((a <= b).data, (~(a > b)).data)
