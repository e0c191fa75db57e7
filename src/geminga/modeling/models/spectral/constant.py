"""A spectrum that does not depend on energy."""

from __future__ import annotations

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = ["ConstantSpectralModel"]


@SPECTRAL_MODEL_REGISTRY.register
class ConstantSpectralModel(SpectralModel):
    r"""Constant, :math:`\phi(E) = k`.

    Parameters
    ----------
    const : `~astropy.units.Quantity`
        The value, default 1e-12 cm-2 s-1 TeV-1. Dimensionless values make a norm.
    """

    tag = ["ConstantSpectralModel", "const"]
    array_evaluate = True
    linear_parameters = ("const",)
    const = Parameter("const", "1e-12 cm-2 s-1 TeV-1")

    @staticmethod
    def evaluate(energy, const):
        """Return the constant for each energy."""
        xp = array_namespace(energy, const)
        return const * xp.ones(getattr(energy, "shape", ()))

    @staticmethod
    def evaluate_gradient(energy, const):
        """Return the derivative of the spectrum, for plain arrays."""
        return {"const": array_namespace(energy, const).ones(energy.shape)}

    @staticmethod
    def evaluate_integral(energy_min, energy_max, const):
        """Return the integral in closed form."""
        return const * (energy_max - energy_min)

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, const):
        """Return the derivative of the integral, for plain arrays."""
        return {"const": energy_max - energy_min}

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, const):
        """Return the energy flux in closed form."""
        return const * (energy_max**2 - energy_min**2) / 2

    def _check_unit_of(self, parameter, default):
        """Any unit is fine: the constant can be a flux or a norm."""

    def _parameter_with_value(self, default, value):
        parameter = default.copy()
        parameter._set_value(value, "")
        return parameter
