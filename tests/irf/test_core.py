"""The base of responses: evaluation against a slow twin, errors, and what copies keep."""

import numpy as np
import pytest
from astropy import units as u
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, DataError, UnitError, UnknownNameError
from geminga.irf import IRF, Background2D, EffectiveAreaTable2D, FoVAlignment
from geminga.maps import MapAxis
from geminga.simulate import make_responses


def slow_bilinear(irf, energy, offset):
    """Interpolate one point of a table in log energy and offset, written out."""
    axis_e, axis_o = irf.axes
    if not axis_e.edges.value[0] <= energy <= axis_e.edges.value[-1]:
        return 0.0
    if not axis_o.edges.value[0] <= offset <= axis_o.edges.value[-1]:
        return 0.0
    x, y = np.log(axis_e.center.value), axis_o.center.value
    i = min(max(int(np.sum(x <= np.log(energy))) - 1, 0), len(x) - 2)
    j = min(max(int(np.sum(y <= offset)) - 1, 0), len(y) - 2)
    s = (np.log(energy) - x[i]) / (x[i + 1] - x[i])
    t = (offset - y[j]) / (y[j + 1] - y[j])
    d = irf.data
    value = (
        (1 - s) * (1 - t) * d[i, j]
        + s * (1 - t) * d[i + 1, j]
        + (1 - s) * t * d[i, j + 1]
        + s * t * d[i + 1, j + 1]
    )
    return max(value, 0.0)


@settings(max_examples=40, deadline=None)
@given(energy=st.floats(0.05, 20), offset=st.floats(0, 4), seed=st.integers(0, 100))
def test_evaluate_equals_slow_twin(energy, offset, seed):
    energy_axis = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=4, name="energy_true")
    offset_axis = MapAxis.from_edges([0.0, 1.0, 2.0, 3.0], unit="deg", name="offset")
    data = np.random.default_rng(seed).uniform(0, 1, (4, 3))
    aeff = EffectiveAreaTable2D([energy_axis, offset_axis], data, "m2")
    actual = aeff.evaluate(energy_true=energy * u.TeV, offset=offset * u.deg)
    assert actual.unit == "m2"
    np.testing.assert_allclose(actual.value, slow_bilinear(aeff, energy, offset), rtol=1e-10, atol=1e-14)


def test_grid_and_points_agree(responses):
    aeff = responses["aeff"]
    energy, offset = [0.15, 1, 9] * u.TeV, [0.1, 1.4] * u.deg
    grid = aeff.evaluate(energy_true=energy[:, np.newaxis], offset=offset)
    assert grid.shape == (3, 2)
    for i in range(3):
        for j in range(2):
            point = aeff.evaluate(energy_true=energy[i], offset=offset[j])
            assert point.shape == ()
            np.testing.assert_allclose(grid[i, j].value, point.value, rtol=1e-12)


def test_units_and_strings_of_coordinates(responses):
    aeff = responses["aeff"]
    expected = aeff.evaluate(energy_true=1 * u.TeV, offset=0.5 * u.deg)
    assert u.isclose(aeff.evaluate(energy_true="1000 GeV", offset="30 arcmin"), expected)


def test_bin_centres_give_the_data(responses):
    for name in ("aeff", "edisp", "psf", "bkg_2d", "bkg_3d", "rad_max"):
        irf = responses[name]
        np.testing.assert_allclose(irf.evaluate().value, irf.data, rtol=1e-6)


def test_axes_left_out_are_taken_at_their_centres(responses):
    aeff = responses["aeff"]
    assert aeff.evaluate(energy_true=1 * u.TeV).shape == (1, 3)
    expected = aeff.evaluate(energy_true=1 * u.TeV, offset=aeff.axes["offset"].center)
    np.testing.assert_allclose(aeff.evaluate(energy_true=1 * u.TeV)[0].value, expected.value)


def test_outside_of_the_edges(responses):
    aeff = responses["aeff"]
    inside = aeff.evaluate(energy_true=[0.1, 10] * u.TeV, offset=3 * u.deg)
    assert (inside > 0 * u.m**2).all()
    outside = aeff.evaluate(energy_true=[0.099, 10.1, 1, np.nan] * u.TeV, offset=[1, 1, 3.01, 1] * u.deg)
    assert (outside.value == 0).all()


def test_fill_value_none_extrapolates(responses):
    aeff = responses["aeff"]
    aeff.interp_kwargs = {"fill_value": None}
    x = np.log(aeff.axes["energy_true"].center.value)
    slope = (aeff.data[-1, 1] - aeff.data[-2, 1]) / (x[-1] - x[-2])
    expected = max(aeff.data[-1, 1] + slope * (np.log(20.0) - x[-1]), 0)
    actual = aeff.evaluate(energy_true=20 * u.TeV, offset=1.5 * u.deg)
    np.testing.assert_allclose(actual.value, expected)


def test_bounds_error(responses):
    aeff = responses["aeff"]
    aeff.interp_kwargs = {"bounds_error": True}
    with pytest.raises(DataError, match="must lie within the axes"):
        aeff.evaluate(energy_true=20 * u.TeV, offset=1.5 * u.deg)


def test_nearest(responses):
    aeff = responses["aeff"]
    actual = aeff.evaluate(energy_true=0.3 * u.TeV, offset=1.9 * u.deg, method="nearest")
    assert actual.value == aeff.data[0, 1]


@pytest.mark.parametrize("method", ["linear", "nearest", "slinear", "cubic"])
def test_one_place_as_well_as_many(method):
    aeff = make_responses()["aeff"]
    at = {"energy_true": [1, 1] * u.TeV, "offset": [0.5, 9] * u.deg}
    many = aeff.evaluate(**at, method=method)
    assert many[0] > 1e5 * u.m**2
    assert many[1] == 0
    before = aeff.data.copy()
    for k in range(2):
        one = aeff.evaluate(**{name: value[k] for name, value in at.items()}, method=method)
        assert one.shape == ()
        assert_allclose(one.value, many[k].value, rtol=1e-12)
    assert_array_equal(aeff.data, before)


def test_unknown_coordinate_is_named(responses):
    with pytest.raises(UnknownNameError, match="energy_true") as error:
        responses["aeff"].evaluate(energy=1 * u.TeV, offset=1 * u.deg)
    assert isinstance(error.value, ValueError)


def test_wrong_unit_of_coordinate(responses):
    with pytest.raises(UnitError, match="energy_true"):
        responses["aeff"].evaluate(energy_true=1 * u.deg, offset=1 * u.deg)
    with pytest.raises(UnitError, match="offset"):
        responses["aeff"].evaluate(energy_true=1 * u.TeV, offset=1.0)


def test_logarithm_does_not_run_away_beside_a_zero():
    # a zero next to the outermost node: the logarithm falls to -708, half a bin of it is 150 decades
    energy = MapAxis.from_energy_edges([1, 10, 100, 1000] * u.TeV)
    offset = MapAxis.from_edges([0.0, 1.0], unit="deg", name="offset")
    background = Background2D([energy, offset], [[1e-6], [0.0], [1e-6]], "s-1 MeV-1 sr-1")
    values = background.evaluate(energy=[1.1, 900] * u.TeV, offset=0.5 * u.deg).value
    assert (values <= 1e-3 * (1 + 1e-12)).all()
    assert background.evaluate(energy=3.16227766 * u.TeV, offset=0.5 * u.deg).value == pytest.approx(1e-6)


def test_wrong_axes_shape_and_unit(energy_true, energy, offset):
    with pytest.raises(AxisMismatchError, match="energy_true"):
        EffectiveAreaTable2D([energy, offset])
    with pytest.raises(AxisMismatchError, match="energy_true"):
        EffectiveAreaTable2D([offset, energy_true])
    with pytest.raises(AxisMismatchError, match=r"\(4, 3\), got \(3, 4\)"):
        EffectiveAreaTable2D([energy_true, offset], np.ones((3, 4)))
    with pytest.raises(UnitError, match="m2"):
        EffectiveAreaTable2D([energy_true, offset], unit="s")
    with pytest.raises(UnitError, match="quantity"):
        EffectiveAreaTable2D([energy_true, offset]).data = np.ones((4, 3)) * u.m**2


def test_defaults_of_data_and_unit(energy_true, offset):
    aeff = EffectiveAreaTable2D([energy_true, offset])
    assert aeff.unit == "m2"
    assert aeff.data.shape == (4, 3)
    assert not aeff.data.any()
    aeff = EffectiveAreaTable2D([energy_true, offset], data=np.ones((4, 3)) * u.cm**2)
    assert aeff.unit == "cm2"


def test_required_arguments(responses):
    assert responses["aeff"].required_arguments == ["energy_true", "offset"]
    assert responses["king"].required_arguments == ["rad", "energy_true", "offset"]
    assert responses["aeff"].has_offset_axis
    assert not responses["bkg_3d"].has_offset_axis


@pytest.mark.parametrize(
    "change",
    [
        lambda irf: irf.slice_by_idx({"energy": slice(0, 2)}),
        lambda irf: irf.pad(1, axis_name="energy"),
        lambda irf: irf.to_unit("s-1 TeV-1 sr-1"),
        lambda irf: irf.copy(),
    ],
    ids=["slice_by_idx", "pad", "to_unit", "copy"],
)
def test_changed_copies_keep_everything_else(responses, change):
    irf = responses["bkg_3d"]
    irf.is_pointlike = True
    irf.interp_kwargs = {"values_scale": "lin", "fill_value": None}
    other = change(irf)
    assert type(other) is type(irf)
    assert other.is_pointlike
    assert other.fov_alignment is FoVAlignment.ALTAZ
    assert other.interp_kwargs == irf.interp_kwargs
    assert other.meta == irf.meta
    other.meta["TELESCOP"] = "OTHER"
    other.data[...] = 0
    assert irf.meta["TELESCOP"] == "TEST"
    assert irf.data.all()


def test_to_unit(responses):
    aeff = responses["aeff"].to_unit("cm2")
    assert aeff.unit == "cm2"
    np.testing.assert_allclose(aeff.data, responses["aeff"].data * 1e4)
    with pytest.raises(UnitError):
        aeff.to_unit("s")


def test_slice_by_idx(responses):
    part = responses["aeff"].slice_by_idx({"energy_true": slice(1, 3)})
    np.testing.assert_allclose(part.data, responses["aeff"].data[1:3])
    assert part.axes["energy_true"].nbin == 2
    with pytest.raises(UnknownNameError):
        responses["aeff"].slice_by_idx({"energy": slice(1, 3)})
    with pytest.raises(AxisMismatchError, match="slice"):
        responses["aeff"].slice_by_idx({"energy_true": 1})


def test_pad(responses):
    padded = responses["aeff"].pad((1, 2), axis_name="energy_true", mode="edge")
    assert padded.data.shape == (7, 3)
    np.testing.assert_allclose(padded.data[0], responses["aeff"].data[0])
    np.testing.assert_allclose(padded.data[-1], responses["aeff"].data[-1])
    assert not responses["aeff"].pad(1, axis_name="offset").data[:, 0].any()
    king = responses["king"].pad(1, axis_name="offset", mode="edge")
    np.testing.assert_allclose(king.data["gamma"][:, 0], responses["king"].data["gamma"][:, 0])


def test_is_allclose(responses):
    aeff = responses["aeff"]
    assert aeff.is_allclose(aeff.copy())
    assert aeff.is_allclose(aeff.to_unit("cm2"))
    other = aeff.copy()
    other.data[0, 0] *= 1.1
    assert not aeff.is_allclose(other)
    assert aeff.is_allclose(other, rtol=0.2)
    assert not aeff.is_allclose(aeff.slice_by_idx({"energy_true": slice(0, 3)}))
    with pytest.raises(TypeError, match="EffectiveAreaTable2D"):
        aeff.is_allclose(3)


def test_fov_alignment_is_checked(responses):
    aeff = responses["aeff"]
    aeff.fov_alignment = "ALTAZ"
    assert aeff.fov_alignment is FoVAlignment.ALTAZ
    with pytest.raises(UnknownNameError, match="REVERSE_LON_RADEC"):
        aeff.fov_alignment = "GALACTIC"


def test_quantity_can_be_set(responses):
    aeff = responses["aeff"]
    aeff.quantity = np.ones((4, 3)) * u.km**2
    assert aeff.evaluate(energy_true=1 * u.TeV, offset=1 * u.deg) == 1 * u.km**2


def test_text(responses):
    text = str(responses["aeff"])
    assert "EffectiveAreaTable2D" in text
    assert "energy_true, offset" in text
    assert "m2" in text
    assert "<table>" in responses["king"]._repr_html_()


def test_generic_response(energy_true):
    irf = IRF([energy_true], data=[1.0, 2.0, 3.0, 4.0], unit="s")
    assert irf.evaluate(energy_true=energy_true.center[1]) == 2 * u.s
