"""Maps of regions."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, GeometryError, UnitError
from geminga.maps import LabelMapAxis, MapAxis, RegionGeom, RegionNDMap

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
CIRCLE = "icrs;circle(83,22,0.5)"


@pytest.fixture
def ramp():
    return RegionNDMap.create(CIRCLE, axes=[ENERGY], data=[0.0, 1, 2], unit="m")


def test_create():
    empty = RegionNDMap.create(
        CIRCLE, axes=[ENERGY, RAD], dtype="int32", unit="m", meta={"a": 1}, binsz_wcs="0.2 deg"
    )
    assert empty.data.shape == (4, 3, 1, 1)
    assert empty.data.dtype == np.int32
    assert empty.meta == {"a": 1}
    assert empty.geom.binsz_wcs[0] == 0.2 * u.deg
    assert RegionNDMap(RegionGeom(None)).data.shape == (1, 1)
    with pytest.raises(GeometryError, match=r"\(3, 1, 1\)"):
        RegionNDMap.create(CIRCLE, axes=[ENERGY], data=[1, 2])


def test_interpolation(ramp):
    # oracle: peer 2.1, interp_by_coord
    energies = {"energy": [2, 20, 1] * u.TeV}
    assert_allclose(ramp.interp_by_coord(energies), [0.40308999, 3.40308999, -0.5])
    assert_allclose(ramp.interp_by_coord(energies, fill_value=0), [0.40308999, 0, 0])
    assert_allclose(ramp.interp_by_coord(energies, method="nearest"), [0, 2, 0])
    anywhere = {**energies, "lon": 10 * u.deg, "lat": 0 * u.deg}
    assert_allclose(ramp.interp_by_coord(anywhere), ramp.interp_by_coord(energies))
    assert_allclose(ramp.interp_by_coord((83 * u.deg, 22 * u.deg, 2 * u.TeV)), [0.40308999])
    assert_allclose(ramp.interp_by_pix((0, 0, np.array([1, 5]))), [1, 5])


def test_interpolation_on_a_scale():
    power_law = RegionNDMap.create(None, axes=[ENERGY], data=ENERGY.center.value**-3)
    energies = np.geomspace(1, 10, 7)
    values = power_law.interp_by_coord({"energy": energies * u.TeV}, values_scale="log")
    assert_allclose(values, energies**-3)


def test_nan_counts_as_zero():
    # oracle: peer 2.1
    m = RegionNDMap.create(CIRCLE, axes=[ENERGY], data=[1, np.nan, 3])
    assert_allclose(m.interp_by_coord({"energy": [2, 3.0] * u.TeV}), [0.59691001, 0.06863624], atol=1e-8)


def test_one_bin_is_constant():
    """The peer raises an error."""
    m = RegionNDMap.create(CIRCLE, axes=[ENERGY.squash()], data=[7.0])
    assert_allclose(m.interp_by_coord({"energy": [2, 3] * u.TeV}), [7, 7])
    assert_allclose(RegionNDMap.create(CIRCLE, data=3).interp_by_coord((83 * u.deg, 22 * u.deg)), [3])


def test_labels():
    runs = LabelMapAxis(["b", "a"], name="run")
    m = RegionNDMap.create(CIRCLE, axes=[ENERGY, runs], data=np.arange(6))
    coords = {"energy": [2, 3] * u.TeV, "run": ["b", "a"]}
    # oracle: peer 2.1
    assert_allclose(m.interp_by_coord(coords), [0.40308999, 3.93136376])
    assert_array_equal(m.get_by_coord(coords), [0, 4])


def test_downsample(ramp):
    # oracle: peer 2.1, downsample(3)
    assert ramp.downsample(3).data.ravel() == [3]
    assert ramp.downsample(3, preserve_counts=False).data.ravel() == [1]
    weights = RegionNDMap.create(CIRCLE, axes=[ENERGY], data=[1.0, 0, 1])
    assert ramp.downsample(3, weights=weights, axis_name="energy").data.ravel() == [2]
    assert (ramp > 1 * u.m).downsample(3).is_mask
    ramp.data[0] = np.nan
    assert ramp.downsample(3).data.ravel() == [3]
    assert ramp.downsample(3, preserve_counts=False).data.ravel() == [1.5]
    with pytest.raises(GeometryError, match="multiple"):
        ramp.downsample(2)


def test_upsample(ramp):
    # oracle: peer 2.1, upsample(2, order=1)
    linear = ramp.upsample(2, order=1, preserve_counts=False).data.ravel()
    assert_allclose(linear, [-0.25, 0.25, 0.75, 1.25, 1.75, 2.25], atol=1e-9)
    steps = ramp.upsample(2).data.ravel()
    assert_allclose(steps, [0, 0, 0.5, 0.5, 1, 1])
    assert (ramp > 0).upsample(2).is_mask


def test_stack(ramp):
    other = RegionNDMap.create("icrs;circle(80,22,0.1)", axes=[ENERGY], data=[1, np.nan, 3], unit="km")
    ramp.stack(other)
    assert ramp.data.ravel().tolist() == [1000, 1, 3002]
    weights = RegionNDMap.create(None, axes=[ENERGY], data=[True, True, False])
    ramp.stack(other, weights=weights)
    assert ramp.data.ravel().tolist() == [2000, 1, 3002]
    ramp.stack(other, nan_to_num=False)
    assert np.isnan(ramp.data[1])
    with pytest.raises(AxisMismatchError):
        ramp.stack(RegionNDMap.create(None, axes=[RAD]))
    with pytest.raises(UnitError):
        ramp.stack(other.copy(unit="s"))


def test_stack_masks(ramp):
    one, two = ramp > 1.5 * u.m, ramp < 0.5 * u.m
    one.stack(two)
    assert one.data.ravel().tolist() == [True, False, True]


def test_a_region_is_already_reduced(ramp):
    assert ramp.cutout(position=None, width="1 deg") is ramp
    assert ramp.to_region_nd_map() is ramp
    assert ramp.get_spectrum() is ramp


def test_iteration_over_spectra():
    m = RegionNDMap.create(CIRCLE, axes=[ENERGY, RAD], data=np.arange(12.0), unit="m")
    idx, values = list(m.iter_by_axis_data("energy"))[1]
    assert idx == (1, slice(None), 0, 0)
    assert_array_equal(values, [3, 4, 5] * u.m)
    assert len(list(m.iter_by_axis_data("rad"))) == 3


def test_index_access(ramp):
    assert ramp.get_by_idx(idxs=(0, 0, 1)) == 1
    ramp.set_by_idx((0, 0, 1), value=5)
    assert ramp.data[1] == 5


def test_positions_may_be_left_out_of_any_region():
    """The centre of an annulus is not in it."""
    m = RegionNDMap.create("icrs;annulus(83,22,0.3,0.5)", axes=[ENERGY], data=[1, 2, 3])
    assert m.get_by_coord({"energy": [2] * u.TeV}) == [1]
    m.fill_by_coord({"energy": [2, 2] * u.TeV})
    assert m.data.sum() == 8
    assert np.isnan(m.get_by_coord((83 * u.deg, 22 * u.deg, 2 * u.TeV)))
