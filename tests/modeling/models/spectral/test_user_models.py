"""Models that users write: quantities inside, no derivatives declared."""

import numpy as np
import pytest
from astropy import units as u

from geminga.modeling import Parameter
from geminga.modeling.models import PowerLawSpectralModel, SpectralModel

ENERGIES = np.geomspace(0.2, 30, 11)


class Bump(SpectralModel):
    tag = "Bump"
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1")
    center = Parameter("center", "2000 GeV")
    width = Parameter("width", 0.4)

    @staticmethod
    def evaluate(energy, amplitude, center, width):
        if not isinstance(energy, u.Quantity) or not isinstance(width, u.Quantity):
            raise TypeError("the formula of a user must get quantities")
        x = np.log((energy / center).to_value("")) / width.value
        return amplitude * np.exp(-0.5 * x**2)


def test_quantities_in_and_out():
    assert u.isclose(Bump()(2 * u.TeV), 1e-12 * u.Unit("cm-2 s-1 TeV-1"))
    bound = Bump().on_points(ENERGIES)
    np.testing.assert_allclose(bound.evaluate(bound.values), Bump()(ENERGIES * u.TeV).value, rtol=1e-13)


def test_derivatives():
    bound = Bump().on_points(ENERGIES)
    values, jacobian = bound.jacobian(bound.values)
    x = np.log(ENERGIES / 2)
    np.testing.assert_allclose(jacobian[0], values / 1e-12, rtol=1e-7)
    np.testing.assert_allclose(jacobian[1], values * x / 0.4**2 / 2000, rtol=1e-7, atol=1e-26)
    np.testing.assert_allclose(jacobian[2], values * x**2 / 0.4**3, rtol=1e-7, atol=1e-26)


def test_bins_and_errors():
    model = Bump()
    model.width.error = 0.02
    bound = model.on_bins(ENERGIES)
    np.testing.assert_allclose(
        bound.evaluate(bound.values),
        model.integral(ENERGIES[:-1] * u.TeV, ENERGIES[1:] * u.TeV).value,
        rtol=1e-12,
    )
    _, low, high = model.evaluate_error([4, 8] * u.TeV)
    slope = model.on_points([4, 8]).jacobian(model.parameters.value)[1][2] * 0.02
    np.testing.assert_allclose((low + high).value / 2, slope, rtol=0.05)


class Looped(Bump):
    """A formula that works on one set of parameters only."""

    @staticmethod
    def evaluate(energy, amplitude, center, width):
        if width.ndim:
            raise ValueError("one width at a time")
        return Bump.evaluate(energy, amplitude, center, width)


def test_formulas_that_do_not_broadcast_are_called_one_by_one():
    one, other = Bump(), Looped()
    draws = np.array([[1e-12, 2000, 0.4], [2e-12, 1000, 0.5]])
    np.testing.assert_allclose(
        other.on_points(ENERGIES).evaluate_many(draws), one.on_points(ENERGIES).evaluate_many(draws)
    )


class Steep(PowerLawSpectralModel):
    """A subclass with a formula of its own does not inherit closed forms of the old one."""

    @staticmethod
    def evaluate(energy, index, amplitude, reference):
        return amplitude * (energy / reference).to_value("") ** (-2 * index.value)


def test_subclass_of_a_built_in_model():
    model = Steep(index=1.5)
    assert model.evaluate_integral is None
    assert not model.array_evaluate
    assert model.linear_parameters == ()
    exact = PowerLawSpectralModel(index=3).integral("1 TeV", "2 TeV")
    assert u.isclose(model.integral("1 TeV", "2 TeV"), exact, rtol=1e-10)


class Instance(SpectralModel):
    """A formula that is a method and knows more than its parameters."""

    norm = Parameter("norm", 1.0)

    def __init__(self, factor, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def evaluate(self, energy, norm):
        return norm * self.factor * (energy / (1 * u.TeV)).to_value("")


def test_method_as_formula():
    model = Instance(3.0)
    assert model.is_norm_spectral_model
    bound = model.on_points([1.0, 2.0])
    np.testing.assert_allclose(bound.evaluate([2.0]), [6.0, 12.0])


def test_wrong_unit_is_refused():
    with pytest.raises(u.UnitConversionError, match="energy"):
        Bump()(3 * u.m)
