"""Axes of labels."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnknownNameError
from geminga.maps import LabelMapAxis, MapAxis

AXIS = LabelMapAxis(["b", "a", "c"], name="dataset")


def test_labels_keep_their_order():
    assert AXIS.center.tolist() == ["b", "a", "c"]
    assert AXIS.nbin == 3
    assert_array_equal(AXIS.coord_to_idx(["a", "c", "b"]), [1, 2, 0])
    assert AXIS.coord_to_idx("a") == 1
    assert AXIS.coord_to_pix("c") == 2.0
    assert AXIS.pix_to_coord([0, 1.2]).tolist() == ["b", "a"]
    assert_array_equal(AXIS.pix_to_idx([0, 1.2, 5]), [0, 1, -1])


def test_attributes():
    assert AXIS.node_type == "label"
    assert str(AXIS.unit) == ""
    assert_array_equal(AXIS.bin_width, np.ones(3))
    assert AXIS.edges_min.tolist() == AXIS.edges_max.tolist() == ["b", "a", "c"]
    with pytest.raises(GeometryError, match="numbers"):
        AXIS.edges
    assert AXIS.as_plot_labels == ["b", "a", "c"]
    assert_array_equal(AXIS.as_plot_center, [0, 1, 2])
    assert_array_equal(AXIS.as_plot_edges, [-0.5, 0.5, 1.5, 2.5])
    assert_array_equal(AXIS.as_plot_xerr, [0.5, 0.5, 0.5])
    assert "['b', 'a', 'c']" in repr(AXIS)


def test_new_axes():
    assert AXIS.slice(slice(0, 2)).center.tolist() == ["b", "a"]
    assert AXIS.slice(0).center.tolist() == ["b"]
    assert AXIS.squash().center.tolist() == ["b...c"]
    more = LabelMapAxis(["z"], name="dataset")
    assert AXIS.concatenate(more).center.tolist() == ["b", "a", "c", "z"]
    assert LabelMapAxis.from_stack([AXIS, more]).nbin == 4
    assert AXIS.rename("run").name == "run"
    with pytest.raises(GeometryError, match="unique"):
        AXIS.concatenate(AXIS)
    with pytest.raises(AxisMismatchError):
        AXIS.concatenate(LabelMapAxis(["z"], name="other"))


@pytest.mark.parametrize("method", ["upsample", "downsample", "resample", "pad"])
def test_what_labels_cannot_do(method):
    with pytest.raises(NotImplementedError, match="labels"):
        getattr(AXIS, method)(2)


def test_comparison():
    assert AXIS.copy() == AXIS
    assert LabelMapAxis(["a", "b", "c"], name="dataset") != AXIS
    assert LabelMapAxis(["b", "a", "c"], name="x") != AXIS
    assert MapAxis([1, 2]) != AXIS
    with pytest.raises(TypeError, match="LabelMapAxis"):
        AXIS.is_allclose(MapAxis([1, 2]))


def test_bad_labels():
    with pytest.raises(GeometryError, match="unique"):
        LabelMapAxis(["a", "a"])
    with pytest.raises(TypeError, match="string"):
        LabelMapAxis(["a"], name=1)
    with pytest.raises(UnknownNameError, match=r"'zz'.*a, b, c"):
        AXIS.coord_to_idx("zz")
    with pytest.raises(AxisMismatchError):
        AXIS.assert_name("other")
    with pytest.raises(GeometryError):
        AXIS.pix_to_coord([7])
