"""Power laws with a break, sharp or smooth."""

from __future__ import annotations

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .power_law import power_integral, power_integral_and_slope

__all__ = ["BrokenPowerLawSpectralModel", "SmoothBrokenPowerLawSpectralModel"]


@SPECTRAL_MODEL_REGISTRY.register
class BrokenPowerLawSpectralModel(SpectralModel):
    r"""Broken power law, :math:`\phi_0 (E / E_b)^{-\Gamma}`.

    :math:`\Gamma` is :math:`\Gamma_1` below the break and :math:`\Gamma_2` from it on.

    Parameters
    ----------
    index1, index2 : float
        Indices below and above the break, default 2.
    amplitude : `~astropy.units.Quantity`
        Value at the break, default 1e-12 cm-2 s-1 TeV-1.
    ebreak : `~astropy.units.Quantity`
        Break energy, default 1 TeV.
    """

    tag = ["BrokenPowerLawSpectralModel", "bpl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    index1 = Parameter("index1", 2.0)
    index2 = Parameter("index2", 2.0)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    ebreak = Parameter("ebreak", "1 TeV")

    @staticmethod
    def evaluate(energy, index1, index2, amplitude, ebreak):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, index1, index2, amplitude, ebreak)
        scaled = ratio(energy, ebreak)
        return amplitude * scaled ** (-xp.where(scaled < 1, number(index1), number(index2)))

    @staticmethod
    def evaluate_gradient(energy, index1, index2, amplitude, ebreak):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, index1, index2, amplitude, ebreak)
        scaled = energy / ebreak
        below = scaled < 1
        index = xp.where(below, index1, index2)
        shape = scaled ** (-index)
        slope = -amplitude * shape * xp.log(scaled)
        return {
            "index1": xp.where(below, slope, 0.0),
            "index2": xp.where(below, 0.0, slope),
            "amplitude": shape,
            "ebreak": amplitude * shape * index / ebreak,
        }

    @staticmethod
    def evaluate_integral(energy_min, energy_max, index1, index2, amplitude, ebreak):
        """Return the integral in closed form, the part below the break and the part above."""
        return amplitude * _two_sides(power_integral, energy_min, energy_max, ebreak, -index1, -index2)

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, index1, index2, amplitude, ebreak):
        """Return the derivatives of the integral by parameter, for plain arrays."""
        low, middle, high = _split(energy_min, energy_max, ebreak)
        below, below_slope = power_integral_and_slope(low, middle, ebreak, -index1)
        above, above_slope = power_integral_and_slope(middle, high, ebreak, -index2)
        return {
            "index1": -amplitude * below_slope,
            "index2": -amplitude * above_slope,
            "amplitude": below + above,
            "ebreak": amplitude * (index1 * below + index2 * above) / ebreak,
        }

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, index1, index2, amplitude, ebreak):
        """Return the energy flux in closed form."""
        return (
            amplitude
            * ebreak
            * _two_sides(power_integral, energy_min, energy_max, ebreak, 1 - index1, 1 - index2)
        )


def _split(energy_min, energy_max, ebreak):
    """Return the ends of the parts below and above the break; a part that is not there has no width."""
    xp = array_namespace(energy_min, energy_max, ebreak)
    return energy_min, xp.minimum(xp.maximum(energy_min, ebreak), energy_max), energy_max


def _two_sides(function, energy_min, energy_max, ebreak, exponent1, exponent2):
    low, middle, high = _split(energy_min, energy_max, ebreak)
    return function(low, middle, ebreak, number(exponent1)) + function(
        middle, high, ebreak, number(exponent2)
    )


@SPECTRAL_MODEL_REGISTRY.register
class SmoothBrokenPowerLawSpectralModel(SpectralModel):
    r"""Smoothly broken power law.

    .. math:: \phi(E) = \phi_0 (E/E_0)^{-\Gamma_1} [1 + (E/E_b)^{(\Gamma_2 - \Gamma_1)/\beta}]^{-\beta}

    :math:`\beta` is taken with the sign of :math:`\Gamma_2 - \Gamma_1`; when the indices are equal the model
    is a power law.

    Parameters
    ----------
    index1, index2 : float
        Indices far below and far above the break, default 2.
    amplitude : `~astropy.units.Quantity`
        Default 1e-12 cm-2 s-1 TeV-1.
    ebreak : `~astropy.units.Quantity`
        Break energy, default 1 TeV.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    beta : float
        Smoothness of the break, default 1, frozen.
    """

    tag = ["SmoothBrokenPowerLawSpectralModel", "sbpl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    index1 = Parameter("index1", 2.0)
    index2 = Parameter("index2", 2.0)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    ebreak = Parameter("ebreak", "1 TeV")
    reference = Parameter("reference", "1 TeV", frozen=True)
    beta = Parameter("beta", 1.0, frozen=True)

    @staticmethod
    def evaluate(energy, index1, index2, amplitude, ebreak, reference, beta):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, index1, index2, amplitude, ebreak, reference, beta)
        index1 = number(index1)
        signed, exponent = _signed_beta(xp, index1, number(index2), number(beta), ratio(energy, ebreak))
        shape = ratio(energy, reference) ** (-index1)
        return amplitude * (shape * xp.exp(-signed * xp.logaddexp(0.0 * exponent, exponent)))

    @staticmethod
    def evaluate_gradient(energy, index1, index2, amplitude, ebreak, reference, beta):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, index1, index2, amplitude, ebreak, reference, beta)
        log_energy, log_break = xp.log(energy / reference), xp.log(energy / ebreak)
        signed, exponent = _signed_beta(xp, index1, index2, beta, energy / ebreak)
        softplus = xp.logaddexp(0.0 * exponent, exponent)
        shape = xp.exp(-index1 * log_energy - signed * softplus)
        value = amplitude * shape
        # share of the second power law: 0 far below the break, 1 far above
        share = xp.where(signed == 0, 0.0, 1 / (1 + xp.exp(-xp.clip(exponent, -700.0, 700.0))))
        sign = xp.where(signed * beta < 0, -1.0, xp.where(signed == 0, 0.0, 1.0))
        return {
            "index1": value * (share * log_break - log_energy),
            "index2": -value * share * log_break,
            "amplitude": shape,
            "ebreak": value * share * (index2 - index1) / ebreak,
            "reference": value * index1 / reference,
            "beta": value * sign * (share * exponent - softplus),
        }


def _signed_beta(xp, index1, index2, beta, scaled):
    """Return beta with the sign of the step in index (0 without a step), and the exponent of the break term."""
    step = index2 - index1
    signed = beta * xp.where(step > 0, 1.0, xp.where(step < 0, -1.0, 0.0))
    return signed, step / xp.where(step == 0, 1.0, signed) * xp.log(scaled)
