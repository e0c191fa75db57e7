"""Log-parabolas: power laws whose index changes with the logarithm of energy."""

from __future__ import annotations

import math

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = ["LogParabola2SpectralModel", "LogParabolaNormSpectralModel", "LogParabolaSpectralModel"]


def _from_log10(beta):
    """Return the curvature for natural logarithms from that for decimal ones."""
    return beta / math.log(10)


@SPECTRAL_MODEL_REGISTRY.register
class LogParabolaSpectralModel(SpectralModel):
    r"""Log-parabola, :math:`\phi_0 (E/E_0)^{-\alpha - \beta \ln(E/E_0)}`.

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 10 TeV, frozen.
    alpha : float
        Index at the reference energy, default 2.
    beta : float
        Curvature, default 1.

    Examples
    --------
    >>> model = LogParabolaSpectralModel(reference="1 TeV", alpha=1.5, beta=0.25)
    >>> model.e_peak.round(6)
    <Quantity 2.718282 TeV>
    """

    tag = ["LogParabolaSpectralModel", "lp"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "10 TeV", frozen=True)
    alpha = Parameter("alpha", 2.0)
    beta = Parameter("beta", 1.0)

    @classmethod
    def from_log10(cls, amplitude, reference, alpha, beta):
        r"""Create from a curvature for decimal logarithms, :math:`E^{-\alpha - \beta \log_{10} E}`.

        Parameters are those of the class.
        """
        return cls(amplitude=amplitude, reference=reference, alpha=alpha, beta=_from_log10(beta))

    @staticmethod
    def evaluate(energy, amplitude, reference, alpha, beta):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, reference, alpha, beta)
        log_energy = xp.log(ratio(energy, reference))
        return amplitude * xp.exp(-log_energy * (number(alpha) + number(beta) * log_energy))

    @staticmethod
    def evaluate_gradient(energy, amplitude, reference, alpha, beta):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, reference, alpha, beta)
        log_energy = xp.log(energy / reference)
        shape = xp.exp(-log_energy * (alpha + beta * log_energy))
        value = amplitude * shape
        return {
            "amplitude": shape,
            "reference": value * (alpha + 2 * beta * log_energy) / reference,
            "alpha": -value * log_energy,
            "beta": -value * log_energy**2,
        }

    @property
    def e_peak(self):
        r"""Energy of the peak of :math:`E^2 \phi`; NaN unless the curvature is positive."""
        return _peak(self.alpha.value, self.beta.value, self.reference.quantity)


def _peak(alpha, beta, reference):
    """Return the peak of E^2 times a log-parabola; there is a valley instead when beta < 0."""
    exponent = (2 - alpha) / (2 * beta) if beta > 0 else np.nan
    return np.exp(exponent) * reference


@SPECTRAL_MODEL_REGISTRY.register
class LogParabola2SpectralModel(SpectralModel):
    r"""Log-parabola with a separate scale, :math:`\phi_0 (E/E_0)^{-\alpha - \beta \ln(E/E_s)}`.

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 10 TeV, frozen.
    alpha : float
        Index, default 2.
    beta : float
        Curvature, default 1.
    escale : `~astropy.units.Quantity`
        Energy in the logarithm of the curvature term, default 1 TeV, frozen.
    """

    tag = ["LogParabola2SpectralModel", "lp2"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "10 TeV", frozen=True)
    alpha = Parameter("alpha", 2.0)
    beta = Parameter("beta", 1.0)
    escale = Parameter("escale", "1 TeV", frozen=True)

    @classmethod
    def from_log10(cls, amplitude, reference, alpha, beta, escale):
        r"""Create from a curvature for decimal logarithms; parameters are those of the class."""
        return cls(
            amplitude=amplitude, reference=reference, alpha=alpha, beta=_from_log10(beta), escale=escale
        )

    @staticmethod
    def evaluate(energy, amplitude, reference, alpha, beta, escale):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, reference, alpha, beta, escale)
        log_energy, log_scale = xp.log(ratio(energy, reference)), xp.log(ratio(energy, escale))
        return amplitude * xp.exp(-log_energy * (number(alpha) + number(beta) * log_scale))

    @staticmethod
    def evaluate_gradient(energy, amplitude, reference, alpha, beta, escale):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, reference, alpha, beta, escale)
        log_energy, log_scale = xp.log(energy / reference), xp.log(energy / escale)
        shape = xp.exp(-log_energy * (alpha + beta * log_scale))
        value = amplitude * shape
        return {
            "amplitude": shape,
            "reference": value * (alpha + beta * log_scale) / reference,
            "alpha": -value * log_energy,
            "beta": -value * log_energy * log_scale,
            "escale": value * beta * log_energy / escale,
        }

    @property
    def e_peak(self):
        r"""Energy of the peak of :math:`E^2 \phi`; NaN unless the curvature is positive.

        It is :math:`\sqrt{E_0 E_s} \exp[(2-\alpha)/(2\beta)]`.
        """
        middle = np.sqrt(self.reference.quantity * self.escale.quantity).to(self.reference.unit)
        return _peak(self.alpha.value, self.beta.value, middle)


@SPECTRAL_MODEL_REGISTRY.register
class LogParabolaNormSpectralModel(SpectralModel):
    r"""Log-parabola without unit, :math:`n (E/E_0)^{-\alpha - \beta \ln(E/E_0)}`, that scales another spectrum.

    Parameters
    ----------
    norm : float
        Value at the reference energy, default 1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 10 TeV, frozen.
    alpha : float
        Change of the index at the reference energy, default 0.
    beta : float
        Curvature, default 0.
    """

    tag = ["LogParabolaNormSpectralModel", "lp-norm"]
    array_evaluate = True
    linear_parameters = ("norm",)
    norm = Parameter("norm", 1.0, interp="log")
    reference = Parameter("reference", "10 TeV", frozen=True)
    alpha = Parameter("alpha", 0.0)
    beta = Parameter("beta", 0.0)

    @classmethod
    def from_log10(cls, norm, reference, alpha, beta):
        r"""Create from a curvature for decimal logarithms; parameters are those of the class."""
        return cls(norm=norm, reference=reference, alpha=alpha, beta=_from_log10(beta))

    @staticmethod
    def evaluate(energy, norm, reference, alpha, beta):
        """Return the norm at energies."""
        return LogParabolaSpectralModel.evaluate(energy, norm, reference, alpha, beta)

    @staticmethod
    def evaluate_gradient(energy, norm, reference, alpha, beta):
        """Return the derivatives of the norm by parameter, for plain arrays."""
        gradient = LogParabolaSpectralModel.evaluate_gradient(energy, norm, reference, alpha, beta)
        return gradient | {"norm": gradient["amplitude"]}
