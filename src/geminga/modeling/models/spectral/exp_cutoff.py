"""Power laws with an exponential cutoff."""

from __future__ import annotations

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = [
    "ExpCutoffPowerLaw3FGLSpectralModel",
    "ExpCutoffPowerLawNormSpectralModel",
    "ExpCutoffPowerLawSpectralModel",
]


@SPECTRAL_MODEL_REGISTRY.register
class ExpCutoffPowerLawSpectralModel(SpectralModel):
    r"""Power law with exponential cutoff, :math:`\phi_0 (E/E_0)^{-\Gamma} \exp[-(\lambda E)^\alpha]`.

    Parameters
    ----------
    index : float
        Spectral index, default 1.5.
    amplitude : `~astropy.units.Quantity`
        Default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    lambda_ : `~astropy.units.Quantity`
        Inverse of the cutoff energy, default 0.1 TeV-1.
    alpha : float
        Steepness of the cutoff, default 1, frozen.
    """

    tag = ["ExpCutoffPowerLawSpectralModel", "ecpl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    index = Parameter("index", 1.5)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    lambda_ = Parameter("lambda_", "0.1 TeV-1")
    alpha = Parameter("alpha", 1.0, frozen=True)

    @staticmethod
    def evaluate(energy, index, amplitude, reference, lambda_, alpha):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, index, amplitude, reference, lambda_, alpha)
        cutoff = xp.exp(-(number(energy * lambda_) ** number(alpha)))
        return amplitude * (ratio(energy, reference) ** (-number(index)) * cutoff)

    @staticmethod
    def evaluate_gradient(energy, index, amplitude, reference, lambda_, alpha):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, index, amplitude, reference, lambda_, alpha)
        scaled, depth = energy / reference, energy * lambda_
        power = depth**alpha
        shape = scaled ** (-index) * xp.exp(-power)
        value = amplitude * shape
        positive = depth > 0
        # for a cutoff at infinity only the usual alpha = 1 has a finite slope
        slope = xp.where(positive, depth, 1.0) ** (alpha - 1)
        return {
            "index": -value * xp.log(scaled),
            "amplitude": shape,
            "reference": value * index / reference,
            "lambda_": -value * alpha * energy * xp.where(positive | (alpha == 1), slope, 0.0),
            "alpha": -value * power * xp.log(xp.where(positive, depth, 1.0)),
        }

    @property
    def e_peak(self):
        r"""Energy of the peak of :math:`E^2 \phi`, NaN when there is none."""
        index, alpha = self.index.value, self.alpha.value
        scale = self.lambda_.quantity
        if index >= 2 or alpha <= 0 or scale.value <= 0:
            return np.nan * self.reference.unit
        return (((2 - index) / alpha) ** (1 / alpha) / scale).to(self.reference.unit)


@SPECTRAL_MODEL_REGISTRY.register
class ExpCutoffPowerLawNormSpectralModel(SpectralModel):
    r"""Norm with exponential cutoff, :math:`n (E/E_0)^{-\Gamma} \exp[-(\lambda E)^\alpha]`.

    It scales another spectrum.

    Parameters
    ----------
    index : float
        Change of the spectral index, default 0.
    norm : float
        Default 1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    lambda_ : `~astropy.units.Quantity`
        Inverse of the cutoff energy, default 0.1 TeV-1.
    alpha : float
        Steepness of the cutoff, default 1, frozen.
    """

    tag = ["ExpCutoffPowerLawNormSpectralModel", "ecpl-norm"]
    array_evaluate = True
    linear_parameters = ("norm",)
    index = Parameter("index", 0.0)
    norm = Parameter("norm", 1.0, interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    lambda_ = Parameter("lambda_", "0.1 TeV-1")
    alpha = Parameter("alpha", 1.0, frozen=True)

    def __init__(self, index=None, norm=None, reference=None, lambda_=None, alpha=None, **kwargs):
        super().__init__(index=index, norm=norm, reference=reference, lambda_=lambda_, alpha=alpha, **kwargs)

    @staticmethod
    def evaluate(energy, index, norm, reference, lambda_, alpha):
        """Return the norm at energies."""
        return ExpCutoffPowerLawSpectralModel.evaluate(energy, index, norm, reference, lambda_, alpha)

    @staticmethod
    def evaluate_gradient(energy, index, norm, reference, lambda_, alpha):
        """Return the derivatives of the norm by parameter, for plain arrays."""
        gradient = ExpCutoffPowerLawSpectralModel.evaluate_gradient(
            energy, index, norm, reference, lambda_, alpha
        )
        return gradient | {"norm": gradient["amplitude"]}


@SPECTRAL_MODEL_REGISTRY.register
class ExpCutoffPowerLaw3FGLSpectralModel(SpectralModel):
    r"""Power law with exponential cutoff as in 3FGL, :math:`\phi_0 (E/E_0)^{-\Gamma} \exp[(E_0 - E) / E_c]`.

    Parameters
    ----------
    index : float
        Spectral index, default 1.5.
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    ecut : `~astropy.units.Quantity`
        Cutoff energy, default 10 TeV.
    """

    tag = ["ExpCutoffPowerLaw3FGLSpectralModel", "ecpl-3fgl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    index = Parameter("index", 1.5)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    ecut = Parameter("ecut", "10 TeV")

    @staticmethod
    def evaluate(energy, index, amplitude, reference, ecut):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, index, amplitude, reference, ecut)
        cutoff = xp.exp(ratio(reference - energy, ecut))
        return amplitude * (ratio(energy, reference) ** (-number(index)) * cutoff)

    @staticmethod
    def evaluate_gradient(energy, index, amplitude, reference, ecut):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, index, amplitude, reference, ecut)
        scaled = energy / reference
        depth = (reference - energy) / ecut
        shape = scaled ** (-index) * xp.exp(depth)
        value = amplitude * shape
        return {
            "index": -value * xp.log(scaled),
            "amplitude": shape,
            "reference": value * (index / reference + 1 / ecut),
            "ecut": -value * depth / ecut,
        }
