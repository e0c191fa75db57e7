"""Collections of axes."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnknownNameError
from geminga.maps import LabelMapAxis, MapAxes, MapAxis, TimeMapAxis

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
TIME = TimeMapAxis([0, 2] * u.d, [1, 4] * u.d, Time("2020-01-01"))
AXES = MapAxes([ENERGY, RAD])
OF_GEOM = MapAxes([ENERGY, RAD], n_spatial_axes=2)


def test_access():
    assert AXES.names == ["energy", "rad"]
    assert AXES.shape == (3, 4)
    assert AXES["rad"] is RAD
    assert AXES[0] is ENERGY
    assert AXES[["rad", "energy"]].names == ["rad", "energy"]
    assert AXES[:1].names == ["energy"]
    assert len(AXES) == 2
    assert list(AXES) == [ENERGY, RAD]
    assert ENERGY in AXES
    assert "rad" in AXES
    assert "time" not in AXES
    assert AXES.index("rad") == 1
    assert AXES.index_data("rad") == 0
    assert AXES.index_data("energy") == 1
    assert AXES.__add__([TIME]).names == ["energy", "rad", "time"]
    assert AXES.reverse.names == ["rad", "energy"]
    with pytest.raises(UnknownNameError, match=r"'ra'.*energy, rad"):
        AXES["ra"]
    with pytest.raises(TypeError):
        AXES[1.5]


def test_kinds():
    assert not AXES.is_flat
    assert not AXES.is_unidimensional
    assert AXES.primary_axis is RAD
    assert MapAxes([ENERGY.squash(), RAD]).is_unidimensional
    assert MapAxes([ENERGY.squash()]).is_flat
    with pytest.raises(GeometryError, match="empty"):
        MapAxes([]).primary_axis


def test_arrays_of_responses_are_in_the_order_of_the_axes():
    assert AXES.get_coord()["energy"].shape == (3, 1)
    assert AXES.get_coord(mode="edges", axis_name="rad")["rad"].shape == (1, 5)
    assert AXES.bin_volume().shape == (3, 4)
    assert_allclose(AXES.bin_volume()[0, 0].to_value("TeV deg"), 1.15443469 * 0.25)


def test_arrays_of_maps_are_in_reverse_order():
    # oracle: peer 2.1, MapAxes(..., n_spatial_axes=2).get_coord()
    assert OF_GEOM.get_coord()["energy"].shape == (1, 3, 1, 1)
    assert OF_GEOM.bin_volume().shape == (4, 3, 1, 1)
    assert [shape for shape, _ in OF_GEOM.iter_with_reshape] == [(1, -1, 1, 1), (-1, 1, 1, 1)]


def test_coordinates():
    coords = {"energy": [2] * u.TeV, "rad": [2] * u.deg}
    assert_array_equal(AXES.coord_to_idx(coords), [[0], [3]])
    assert_array_equal(AXES.coord_to_idx(coords, clip=False), [[0], [-1]])
    assert_allclose(AXES.coord_to_pix(coords), [[0.40308999], [7.5]])
    assert_allclose(AXES.coord_to_pix(([2] * u.TeV, [2] * u.deg)), [[0.40308999], [7.5]])
    energy, rad = AXES.pix_to_coord((1.0, 1.0))
    assert_allclose([energy.value, rad.value], [10**0.5, 0.375])
    assert_array_equal(AXES.pix_to_idx((0.0, 9.0)), [0, -1])
    assert_allclose([c.value for c in AXES.center_coord], [10**0.5, 0.5])
    with pytest.raises(GeometryError, match="'rad'"):
        AXES.coord_to_idx({"energy": 1 * u.TeV})
    with pytest.raises(GeometryError, match="got 1"):
        AXES.coord_to_idx((1 * u.TeV,))


def test_times_and_labels():
    axes = MapAxes([TIME, LabelMapAxis(["a", "b"], name="run")], n_spatial_axes=2)
    assert axes.get_coord()["time"].shape == (1, 2, 1, 1)
    assert axes.get_coord()["run"].shape == (2, 1, 1, 1)
    assert axes.bin_volume().unit == "h"
    assert axes.center_coord[0].mjd == pytest.approx(58849.0 + 1.5, abs=1.1)


def test_new_axes():
    assert AXES.slice_by_idx({"energy": 1}).names == ["rad"]
    assert AXES.slice_by_idx({"energy": slice(1, 2), "unknown": 3}).shape == (1, 4)
    assert AXES.squash("rad").shape == (3, 1)
    assert AXES.drop("rad").names == ["energy"]
    assert AXES.upsample(2, "rad").shape == (3, 8)
    assert AXES.downsample(2, "rad").shape == (3, 2)
    assert AXES.pad("rad", 1).shape == (3, 6)
    assert AXES.rename_axes(["rad"], ["r"]).names == ["energy", "r"]
    assert AXES.rename_axes("rad", "r").names == ["energy", "r"]
    assert AXES.replace(RAD.upsample(2)).shape == (3, 8)
    assert AXES.resample(RAD.squash()).shape == (3, 1)
    assert AXES.copy() == AXES
    with pytest.raises(UnknownNameError):
        AXES.rename_axes("x", "y")


def test_from_default():
    assert MapAxes.from_default(None).names == []
    assert MapAxes.from_default([[1, 2, 3], np.array([1, 2])]).names == ["axis0", "axis1"]
    assert MapAxes.from_default([MapAxis([1, 2])]).names == ["axis0"]
    assert MapAxes.from_default(ENERGY).names == ["energy"]
    assert MapAxes.from_default(AXES) is AXES


def test_comparison():
    assert MapAxes([ENERGY.copy(), RAD.copy()]) == AXES
    assert MapAxes([RAD, ENERGY]) != AXES
    assert AXES != 3
    assert AXES.is_allclose(AXES.copy())
    assert not AXES.is_allclose(MapAxes([ENERGY]))
    assert not AXES.is_allclose(MapAxes([ENERGY, LabelMapAxis(["a"], name="rad")]))
    with pytest.raises(TypeError):
        AXES.is_allclose(3)


def test_names_are_checked():
    AXES.assert_names(["energy", "rad"])
    AXES.assert_names(["energy"], allow_extra=True)
    for names in (["energy"], ["rad", "energy"]):
        with pytest.raises(AxisMismatchError, match="this order"):
            AXES.assert_names(names)


def test_bad_axes():
    with pytest.raises(GeometryError, match="unique"):
        MapAxes([ENERGY, ENERGY])
    with pytest.raises(TypeError, match="MapAxis"):
        MapAxes([3])


def test_repr():
    assert "energy      : 3 bins, TeV" in repr(AXES)
