"""A Gaussian line."""

from __future__ import annotations

from math import pi, sqrt

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, erf_difference, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = ["GaussianSpectralModel"]


@SPECTRAL_MODEL_REGISTRY.register
class GaussianSpectralModel(SpectralModel):
    r"""Gaussian line, :math:`\phi(E) = \frac{N_0}{\sigma\sqrt{2\pi}} \exp[-(E - \bar E)^2 / (2\sigma^2)]`.

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Integral over all energies, default 1e-12 cm-2 s-1.
    mean : `~astropy.units.Quantity`
        Energy of the line, default 1 TeV.
    sigma : `~astropy.units.Quantity`
        Width, default 2 TeV.
    """

    tag = ["GaussianSpectralModel", "gauss"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1", interp="log")
    mean = Parameter("mean", "1 TeV")
    sigma = Parameter("sigma", "2 TeV")

    @staticmethod
    def evaluate(energy, amplitude, mean, sigma):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, mean, sigma)
        pull = ratio(energy - mean, sigma)
        return amplitude / (sigma * sqrt(2 * pi)) * xp.exp(-0.5 * pull**2)

    @staticmethod
    def evaluate_gradient(energy, amplitude, mean, sigma):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, mean, sigma)
        pull = (energy - mean) / sigma
        shape = xp.exp(-0.5 * pull**2) / (sigma * sqrt(2 * pi))
        value = amplitude * shape
        return {
            "amplitude": shape,
            "mean": value * pull / sigma,
            "sigma": value * (pull**2 - 1) / sigma,
        }

    @staticmethod
    def evaluate_integral(energy_min, energy_max, amplitude, mean, sigma):
        """Return the integral in closed form."""
        low, high = ratio(energy_min - mean, sigma), ratio(energy_max - mean, sigma)
        return 0.5 * amplitude * erf_difference(low / sqrt(2), high / sqrt(2))

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, amplitude, mean, sigma):
        """Return the derivatives of the integral by parameter, for plain arrays."""
        xp = array_namespace(energy_min, amplitude, mean, sigma)
        low, high = (energy_min - mean) / sigma, (energy_max - mean) / sigma
        at_low = xp.exp(-0.5 * low**2) / (sigma * sqrt(2 * pi))
        at_high = xp.exp(-0.5 * high**2) / (sigma * sqrt(2 * pi))
        return {
            "amplitude": 0.5 * erf_difference(low / sqrt(2), high / sqrt(2)),
            "mean": amplitude * (at_low - at_high),
            "sigma": amplitude * (low * at_low - high * at_high),
        }

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, amplitude, mean, sigma):
        """Return the energy flux in closed form."""
        xp = array_namespace(energy_min, energy_max, amplitude, mean, sigma)
        low, high = ratio(energy_min - mean, sigma), ratio(energy_max - mean, sigma)
        mass = 0.5 * erf_difference(low / sqrt(2), high / sqrt(2))
        wings = xp.exp(-0.5 * low**2) - xp.exp(-0.5 * high**2)
        return amplitude * (mean * mass + sigma / sqrt(2 * pi) * wings)
