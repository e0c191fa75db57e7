"""Slices, splits, stacks and other arrangements of maps."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError
from geminga.maps import LabelMapAxis, Map, MapAxis, RegionNDMap, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
GEOM = WcsGeom.create(npix=(4, 3), binsz=0.5, axes=[ENERGY, RAD])


@pytest.fixture
def ramp():
    return Map.from_geom(GEOM, data=np.arange(144, dtype="float32").reshape(GEOM.data_shape), unit="s")


def test_slices_are_views(ramp):
    part = ramp.slice_by_idx({"energy": slice(0, 2), "rad": 1, "unknown": 3})
    assert part.geom.axes.names == ["energy"]
    assert_array_equal(part.data, ramp.data[1, :2])
    assert np.shares_memory(part.data, ramp.data)


def test_iteration(ramp):
    assert [m.geom.axes.names for m in ramp.iter_by_axis("energy")] == [["rad"]] * 3
    assert [m.data.shape for m in ramp.iter_by_axis("rad", keepdims=True)] == [(1, 3, 3, 4)] * 4
    images = list(ramp.iter_by_image())
    assert len(images) == 12
    assert_array_equal(images[1].data, ramp.data[0, 1])
    assert next(ramp.iter_by_image(keepdims=True)).data.shape == (1, 1, 3, 4)
    # oracle: peer 2.1, list(iter_by_image_index())
    assert list(ramp.iter_by_image_index())[:5] == [(0, 0), (1, 0), (2, 0), (3, 0), (0, 1)]
    for image, idx in ramp.iter_by_image_data():
        assert_array_equal(image, ramp.data[idx])
    image = ramp.sum_over_axes(keepdims=False)
    assert list(image.iter_by_image_index()) == [()]


def test_split_and_stack_are_inverse(ramp):
    stacked = Map.from_stack(ramp.split_by_axis("rad"), axis=RAD)
    assert stacked.is_allclose(ramp)
    parts = [ramp.slice_by_idx({"energy": slice(0, 1)}), ramp.slice_by_idx({"energy": slice(1, 3)})]
    assert Map.from_stack(parts, axis_name="energy").is_allclose(ramp)
    labels = LabelMapAxis(["a", "b"], name="run")
    both = Map.from_stack([ramp, ramp.to_unit("h")], axis=labels)
    assert both.geom.axes.names == ["energy", "rad", "run"]
    assert both.unit == "s"
    assert_allclose(both.data[0], both.data[1], rtol=1e-6)


def test_stacks_that_do_not_fit(ramp):
    labels = LabelMapAxis(["a"], name="run")
    with pytest.raises(AxisMismatchError, match="2 bins"):
        Map.from_stack([ramp, ramp], axis=labels)
    with pytest.raises(AxisMismatchError, match="equal geometries"):
        Map.from_stack([ramp, ramp.pad(1)], axis=LabelMapAxis(["a", "b"], name="run"))
    with pytest.raises(GeometryError, match="at least one"):
        Map.from_stack([], axis=labels)
    with pytest.raises(GeometryError, match="neither"):
        Map.from_stack([ramp])
    with pytest.raises(AxisMismatchError, match="besides"):
        Map.from_stack([ramp, ramp.pad(1)], axis_name="energy")
    with pytest.raises(AxisMismatchError, match="meet"):
        Map.from_stack([ramp, ramp], axis_name="energy")


def test_further_axes(ramp):
    cube = ramp.to_cube([MapAxis.from_edges([0, 1], name="x")])
    assert cube.data.shape == (1, 4, 3, 3, 4)
    assert cube.geom.axes.names == ["energy", "rad", "x"]
    with pytest.raises(GeometryError, match="one bin"):
        ramp.to_cube([MapAxis.from_edges([0, 1, 2], name="x")])


def test_order_and_names(ramp):
    turned = ramp.reorder_axes(["rad", "energy"])
    assert turned.geom.axes.names == ["rad", "energy"]
    assert_array_equal(turned.data, ramp.data.swapaxes(0, 1))
    assert turned.reorder_axes(["energy", "rad"]).is_allclose(ramp)
    assert ramp.rename_axes("rad", "r").geom.axes.names == ["energy", "r"]
    with pytest.raises(AxisMismatchError, match="once"):
        ramp.reorder_axes(["rad"])


def test_pad_an_axis(ramp):
    # oracle: peer 2.1, pad(axis_name="energy")
    assert_array_equal(ramp.pad(1, axis_name="energy").data[0, :, 0, 0], [0, 0, 12, 24, 0])
    assert_array_equal(ramp.pad(1, axis_name="energy", mode="edge").data[0, :, 0, 0], [0, 0, 12, 24, 24])
    assert_array_equal(ramp.pad((1, 2), axis_name="energy", cval=7).data[0, :, 0, 0], [7, 0, 12, 24, 7, 7])
    extrapolated = ramp.pad((1, 1), axis_name="energy", mode="interp")
    assert_allclose(extrapolated.data[0, :, 0, 0], [-12, 0, 12, 24, 36], atol=1e-5)
    with pytest.raises(GeometryError, match="mode"):
        ramp.pad(1, mode="mirror")


def test_pad_on_the_sky(ramp):
    """The peer ignores the mode."""
    padded = ramp.pad(1, mode="edge")
    assert padded.data.shape == (4, 3, 5, 6)
    assert_array_equal(padded.data[0, 0, 0], [0, 0, 1, 2, 3, 3])
    assert ramp.pad(1, cval=5).data[0, 0, 0, 0] == 5


def test_comparison(ramp):
    assert ramp.is_allclose(ramp.to_unit("h"))
    assert not ramp.is_allclose(ramp + 1 * u.s)
    assert ramp.is_allclose(ramp + 1 * u.s, atol=2)
    assert not ramp.is_allclose(ramp.copy(unit="m"))
    assert not ramp.is_allclose(ramp.sum_over_axes())
    assert not ramp.is_allclose(ramp.rename_axes("rad", "r"))
    with pytest.raises(TypeError, match="WcsNDMap"):
        ramp.is_allclose(3)


def test_copy(ramp):
    ramp.meta = {"a": [1]}
    copy = ramp.copy()
    copy.data[...] = 0
    copy.meta["a"].append(2)
    assert ramp.data.any()
    assert ramp.meta == {"a": [1]}
    assert ramp.copy(unit="m").unit == "m"
    assert ramp.copy(data=np.zeros(GEOM.data_shape, dtype=int)).data.dtype == int


def test_unit_conversion(ramp):
    assert_allclose(ramp.to_unit("min").data * 60, ramp.data, rtol=1e-6)


def test_region_maps_have_no_room():
    spectrum = RegionNDMap.create("icrs;circle(83,22,0.5)", axes=[ENERGY])
    for call in (lambda: spectrum.pad(1), spectrum.crop):
        with pytest.raises(NotImplementedError, match="one pixel"):
            call()
