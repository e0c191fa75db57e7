"""Parametric point spread functions: data model, interpolation of parameters, conversion."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import AxisMismatchError, DataError, UnitError, UnknownNameError
from geminga.irf import PSF3D, EnergyDependentMultiGaussPSF, PSFKing


def test_parameters_at_bin_centres(responses):
    gauss = responses["gauss"]
    axis_e, axis_o = gauss.axes
    values = gauss.evaluate_parameters(axis_e.center[:, np.newaxis], axis_o.center)
    for name in gauss.required_parameters:
        np.testing.assert_allclose(values[name].value, gauss.data[name])
        assert values[name].unit == gauss.unit[name]


def test_parameters_between_centres(responses):
    king = responses["king"]
    axis_e, axis_o = king.axes
    energy = np.sqrt(axis_e.center[0] * axis_e.center[1])
    values = king.evaluate_parameters(energy, axis_o.center[1])
    np.testing.assert_allclose(values["gamma"].value, king.data["gamma"][:2, 1].mean())


def test_parameters_stay_beyond_the_edges(responses):
    king = responses["king"]
    inside = king.evaluate_parameters(10 * u.TeV, 3 * u.deg)
    outside = king.evaluate_parameters(100 * u.TeV, 9 * u.deg)
    assert inside["sigma"] == outside["sigma"]
    assert inside["gamma"] == outside["gamma"]


def test_points_and_grid_agree(responses):
    gauss = responses["gauss"]
    energy, offset, rad = [0.3, 2] * u.TeV, [0.2, 1.1] * u.deg, [0.0, 0.1, 0.2] * u.deg
    grid = gauss.evaluate(
        rad=rad, energy_true=energy[:, np.newaxis, np.newaxis], offset=offset[:, np.newaxis]
    )
    assert grid.shape == (2, 2, 3)
    for i in range(2):
        points = gauss.evaluate(rad=rad, energy_true=energy[i], offset=offset[i])
        np.testing.assert_allclose(grid[i, i].value, points.value)


def test_other_unit_of_angles(responses):
    king = responses["king"]
    data = king.data.copy()
    data["sigma"] *= 60
    minutes = PSFKing(king.axes, data, unit={"sigma": "arcmin"})
    coords = {"rad": 0.1 * u.deg, "energy_true": 1 * u.TeV, "offset": 1 * u.deg}
    np.testing.assert_allclose(minutes.evaluate(**coords).value, king.evaluate(**coords).value)
    assert minutes.is_allclose(king)


@pytest.mark.parametrize("name", ["king", "gauss"])
def test_to_psf3d(responses, name):
    psf = responses[name]
    table = psf.to_psf3d()
    assert isinstance(table, PSF3D)
    assert table.axes["rad"].nbin == 66
    energy, offset = psf.axes["energy_true"].center[1], psf.axes["offset"].center[2]
    rad = table.axes["rad"].center
    expected = psf.evaluate(rad=rad, energy_true=energy, offset=offset)
    np.testing.assert_allclose(table.quantity[1, 2].to_value("deg-2"), expected.to_value("deg-2"))
    contained = table.containment(0.3 * u.deg, energy_true=energy, offset=offset)
    np.testing.assert_allclose(
        contained, psf.containment(0.3 * u.deg, energy_true=energy, offset=offset), atol=0.01
    )
    own = psf.to_psf3d(rad=[0, 0.1, 0.3] * u.deg)
    np.testing.assert_allclose(own.axes["rad"].edges.value, [0, 0.1, 0.3])


def test_wrong_data(responses, energy_true, offset):
    with pytest.raises(DataError, match="gamma"):
        PSFKing([energy_true, offset], np.ones((4, 3)))
    with pytest.raises(AxisMismatchError, match="shape"):
        PSFKing([energy_true, offset], responses["king"].data[:2])
    with pytest.raises(UnknownNameError, match="gamma"):
        PSFKing([energy_true, offset], responses["king"].data, unit={"gama": ""})
    with pytest.raises(DataError, match="each parameter"):
        responses["king"].to_unit("sr-1")
    with pytest.raises(DataError, match="sigma"):
        PSFKing.evaluate_direct(0.1 * u.deg, gamma=2)


def test_wrong_coordinates(responses):
    with pytest.raises(UnknownNameError, match="energy_true"):
        responses["king"].evaluate(rad=0.1 * u.deg, energy=1 * u.TeV, offset=1 * u.deg)
    with pytest.raises(UnitError, match="rad"):
        responses["king"].evaluate(rad=0.1, energy_true=1 * u.TeV, offset=1 * u.deg)


def test_quantities(responses, energy_true, offset):
    king = responses["king"]
    assert king.quantity["sigma"].unit == "deg"
    other = PSFKing([energy_true, offset])
    other.quantity = king.quantity
    assert other.is_allclose(king)
    other.data["gamma"][0, 0] += 1
    assert not other.is_allclose(king)
    with pytest.raises(TypeError):
        king.is_allclose(responses["gauss"])


def test_normalize_changes_nothing(responses):
    before = responses["gauss"].data.copy()
    responses["gauss"].normalize()
    assert (responses["gauss"].data == before).all()
    assert EnergyDependentMultiGaussPSF.required_axes == ["energy_true", "offset"]
