"""Sums, cumulative sums, integrals and groups along axes."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, UnknownNameError
from geminga.maps import Map, MapAxis, RegionNDMap, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
GEOM = WcsGeom.create(npix=(4, 3), binsz=0.5, axes=[ENERGY, RAD])


@pytest.fixture
def ramp():
    return Map.from_geom(GEOM, data=np.arange(144, dtype="float32").reshape(GEOM.data_shape), unit="s")


def test_reduce(ramp):
    assert_array_equal(ramp.reduce("energy").data, ramp.data.sum(axis=1))
    assert ramp.reduce("energy", keepdims=True).geom.axes["energy"].nbin == 1
    assert_array_equal(ramp.reduce("rad", func=np.maximum).data, ramp.data.max(axis=0))
    mask = ramp > 100 * u.s
    assert mask.reduce("energy", func=np.logical_or).is_mask
    assert ramp.reduce("energy").unit == "s"
    with pytest.raises(UnknownNameError):
        ramp.reduce("time")


def test_reduce_over_axes(ramp):
    assert_array_equal(ramp.reduce_over_axes().data, ramp.data.sum(axis=(0, 1)))
    assert ramp.reduce_over_axes().geom.is_image
    assert ramp.reduce_over_axes(axes_names="rad").geom.axes.names == ["energy"]
    assert ramp.sum_over_axes().data.shape == (1, 1, 3, 4)
    assert ramp.sum_over_axes(keepdims=False).data.shape == (3, 4)
    # oracle: peer 2.1, sum_over_axes(["energy"], weights=m > 10 s)
    assert ramp.sum_over_axes(["energy"], weights=ramp > 10 * u.s).data.sum() == 10241
    weights = (ramp > 50 * u.s).data
    assert_array_equal(
        ramp.sum_over_axes(weights=weights, keepdims=False).data, (ramp.data * weights).sum(axis=(0, 1))
    )


def test_cumulative_sum(ramp):
    # oracle: peer 2.1, cumsum("energy") and cumsum("rad")
    cumulative = ramp.cumsum("energy")
    assert_allclose(cumulative.data[0, :, 0, 0], [0, 0, 29.84584972, 158.44771772])
    assert cumulative.unit == "TeV s"
    assert cumulative.geom.axes["energy"].node_type == "center"
    assert_allclose(cumulative.geom.axes["energy"].center, ENERGY.edges)
    around = ramp.cumsum("rad")
    assert_allclose(around.data[:, 0, 0, 0], [0, 0, 21.20575041, 91.89158512, 240.331838])
    assert around.unit == "deg2 s"


def test_integral(ramp):
    # oracle: peer 2.1, integral("energy", ...)
    coords = {"energy": [2, 5, 20] * u.TeV, "lon": 0 * u.deg, "lat": 0 * u.deg, "rad": 0.1 * u.deg}
    assert_allclose(
        ramp.integral("energy", coords).to_value("TeV s"), [1.98086098, 50.21431623, 175.54771772]
    )


def test_integral_of_a_spectrum():
    flat = RegionNDMap.create(
        None, axes=[MapAxis.from_bounds(0, 10, 5, name="x", unit="m")], data=np.full(5, 2.0)
    )
    assert_allclose(flat.integral("x", {"x": [0, 3, 10, 50] * u.m}).value, [0, 6, 20, 20])


def test_normalize(ramp):
    ramp.normalize("energy")
    # oracle: peer 2.1, normalize("energy")
    assert_allclose(ramp.data[0, :, 0, 1], [0.00597201, 0.07763617, 0.14930033], rtol=1e-6)
    assert ramp.unit == "TeV-1"
    assert_allclose(ramp.cumsum("energy").data[:, -1], 1, rtol=1e-6)


def test_normalize_everything(ramp):
    ramp.normalize()
    assert_allclose(ramp.data.sum(), 1, rtol=1e-6)
    assert ramp.unit == ""


def test_nothing_stays_nothing():
    empty = Map.from_geom(GEOM)
    empty.normalize("energy")
    assert not empty.data.any()


def test_resample_axis(ramp):
    # oracle: peer 2.1, resample_axis
    halves = MapAxis.from_energy_edges([1, 4, 10] * u.TeV)
    assert_array_equal(ramp.resample_axis(halves).data[0, :, 0, 0], [12, 24])
    middle = MapAxis.from_energy_edges([2, 5] * u.TeV)
    assert_array_equal(ramp.resample_axis(middle).data[0, :, 0, 0], [12])
    assert_array_equal(ramp.resample_axis(halves, ufunc=np.maximum).data[0, :, 0, 0], [12, 24])
    mask = ramp > 10 * u.s
    assert_array_equal(mask.resample_axis(halves, ufunc=np.logical_or).data[0, :, 0, 0], [True, True])
    weighted = ramp.resample_axis(halves, weights=ramp < 20 * u.s)
    assert_array_equal(weighted.data[0, :, 0, 0], [12, 0])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1.01, 9.9), min_size=1, max_size=4, unique=True))
def test_resampling_keeps_the_sum(inner):
    axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=11)
    counts = RegionNDMap.create(None, axes=[axis], data=np.arange(11))
    coarse = MapAxis.from_energy_edges(np.array([1, *np.sort(inner), 10]) * u.TeV)
    assert counts.resample_axis(coarse).data.sum() == counts.data.sum()


def kernel(axes, unit="m"):
    shape = RegionNDMap.create(None, axes=axes).data.shape
    return RegionNDMap.create(
        None, axes=axes, data=np.arange(np.prod(shape), dtype=float).reshape(shape), unit=unit
    )


X = MapAxis.from_edges([0, 1, 2], name="x")


def test_dot(ramp):
    # oracle: peer 2.1, dot; the peer loses the unit of the kernel
    product = ramp.dot(kernel([ENERGY, X]))
    assert product.geom.axes.names == ["x", "rad"]
    assert_allclose(product.data[:, :, 0, 0], [[60, 168], [168, 600], [276, 1032], [384, 1464]])
    assert product.unit == "m s"
    assert_allclose(
        ramp.dot(kernel([X, ENERGY])).data[:, :, 0, 0], [[120, 156], [336, 480], [552, 804], [768, 1128]]
    )
    assert ramp.dot(kernel([ENERGY])).data.shape == (4, 3, 4)
    assert ramp.dot(kernel([RAD, X])).geom.axes.names == ["energy", "x"]


def test_dot_is_a_sum(ramp):
    matrix = kernel([ENERGY, X])
    product = ramp.dot(matrix)
    for j in range(2):
        expected = sum(matrix.data[j, k, 0, 0] * ramp.data[:, k] for k in range(3))
        assert_allclose(product.data[:, j], expected)


def test_bad_dot(ramp):
    with pytest.raises(AxisMismatchError, match="exactly one"):
        ramp.dot(kernel([ENERGY, RAD]))
    with pytest.raises(AxisMismatchError, match="equal"):
        ramp.dot(kernel([ENERGY.upsample(2)]))
    with pytest.raises(TypeError, match="RegionNDMap"):
        ramp.dot(ramp)
