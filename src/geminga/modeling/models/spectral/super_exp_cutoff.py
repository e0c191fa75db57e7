"""Power laws with a super-exponential cutoff, in the parametrisations of the Fermi-LAT catalogues."""

from __future__ import annotations

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, exprel2, exprel2_slope, number, number_in, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = [
    "SuperExpCutoffPowerLaw3FGLSpectralModel",
    "SuperExpCutoffPowerLaw4FGLDR3SpectralModel",
    "SuperExpCutoffPowerLaw4FGLSpectralModel",
]

_MEV_PER_TEV = 1e6


@SPECTRAL_MODEL_REGISTRY.register
class SuperExpCutoffPowerLaw3FGLSpectralModel(SpectralModel):
    r"""Super-exponential cutoff as in 3FGL.

    .. math:: \phi(E) = \phi_0 (E/E_0)^{-\Gamma_1} \exp[(E_0/E_c)^{\Gamma_2} - (E/E_c)^{\Gamma_2}]

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    ecut : `~astropy.units.Quantity`
        Cutoff energy, default 10 TeV.
    index_1, index_2 : float
        Index of the power law and of the cutoff, default 1.5 and 2.

    References
    ----------
    .. [1] Acero et al. (2015), ApJS 218, 23, eq. 5.
    """

    tag = ["SuperExpCutoffPowerLaw3FGLSpectralModel", "secpl-3fgl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    ecut = Parameter("ecut", "10 TeV")
    index_1 = Parameter("index_1", 1.5)
    index_2 = Parameter("index_2", 2.0)

    @staticmethod
    def evaluate(energy, amplitude, reference, ecut, index_1, index_2):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, reference, ecut, index_1, index_2)
        index_2 = number(index_2)
        depth = ratio(reference, ecut) ** index_2 - ratio(energy, ecut) ** index_2
        return amplitude * (ratio(energy, reference) ** (-number(index_1)) * xp.exp(depth))

    @staticmethod
    def evaluate_gradient(energy, amplitude, reference, ecut, index_1, index_2):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, reference, ecut, index_1, index_2)
        scaled = energy / reference
        at_reference, at_energy = (reference / ecut) ** index_2, (energy / ecut) ** index_2
        depth = at_reference - at_energy
        shape = scaled ** (-index_1) * xp.exp(depth)
        value = amplitude * shape
        logs = at_reference * xp.log(reference / ecut) - at_energy * xp.log(energy / ecut)
        return {
            "amplitude": shape,
            "reference": value * (index_1 + index_2 * at_reference) / reference,
            "ecut": -value * index_2 * depth / ecut,
            "index_1": -value * xp.log(scaled),
            "index_2": value * logs,
        }


@SPECTRAL_MODEL_REGISTRY.register
class SuperExpCutoffPowerLaw4FGLSpectralModel(SpectralModel):
    r"""Super-exponential cutoff as in 4FGL.

    .. math:: \phi(E) = \phi_0 (E/E_0)^{-\Gamma_1} \exp[a (E_0^{\Gamma_2} - E^{\Gamma_2})]

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    expfactor : float
        The factor a for energies in MeV, default 1e-14.
    index_1, index_2 : float
        Index of the power law and of the cutoff, default 1.5 and 2.

    References
    ----------
    .. [1] Abdollahi et al. (2020), ApJS 247, 33, eq. 4.
    """

    tag = ["SuperExpCutoffPowerLaw4FGLSpectralModel", "secpl-4fgl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    expfactor = Parameter("expfactor", 1e-14)
    index_1 = Parameter("index_1", 1.5)
    index_2 = Parameter("index_2", 2.0)

    @staticmethod
    def evaluate(energy, amplitude, reference, expfactor, index_1, index_2):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, reference, expfactor, index_1, index_2)
        index_2 = number(index_2)
        at_reference = number_in(reference, "MeV", _MEV_PER_TEV) ** index_2
        at_energy = number_in(energy, "MeV", _MEV_PER_TEV) ** index_2
        cutoff = xp.exp(number(expfactor) * (at_reference - at_energy))
        return amplitude * (ratio(energy, reference) ** (-number(index_1)) * cutoff)

    @staticmethod
    def evaluate_gradient(energy, amplitude, reference, expfactor, index_1, index_2):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, reference, expfactor, index_1, index_2)
        scaled = energy / reference
        at_reference, at_energy = (reference * _MEV_PER_TEV) ** index_2, (energy * _MEV_PER_TEV) ** index_2
        shape = scaled ** (-index_1) * xp.exp(expfactor * (at_reference - at_energy))
        value = amplitude * shape
        logs = at_reference * xp.log(reference * _MEV_PER_TEV) - at_energy * xp.log(energy * _MEV_PER_TEV)
        return {
            "amplitude": shape,
            "reference": value * (index_1 + expfactor * index_2 * at_reference) / reference,
            "expfactor": value * (at_reference - at_energy),
            "index_1": -value * xp.log(scaled),
            "index_2": value * expfactor * logs,
        }


@SPECTRAL_MODEL_REGISTRY.register
class SuperExpCutoffPowerLaw4FGLDR3SpectralModel(SpectralModel):
    r"""Super-exponential cutoff as in 4FGL-DR3.

    .. math:: \phi(E) = \phi_0 x^{-\Gamma_1 + d/b} \exp[\frac{d}{b^2}(1 - x^b)], \qquad x = E/E_0

    Its logarithm is :math:`-\Gamma_1 \ln x - d \ln^2 x \; (e^z - 1 - z) / z^2` with :math:`z = b \ln x`,
    which has no special case at
    :math:`b = 0`.

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    expfactor : float
        Curvature d at the reference energy, default 0.01.
    index_1, index_2 : float
        Local index at the reference energy and index b of the cutoff, default 1.5 and 2.

    References
    ----------
    .. [1] Abdollahi et al. (2022), ApJS 260, 53, eqs. 2 and 3.
    """

    tag = ["SuperExpCutoffPowerLaw4FGLDR3SpectralModel", "secpl-4fgl-dr3"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)
    expfactor = Parameter("expfactor", 1e-2)
    index_1 = Parameter("index_1", 1.5)
    index_2 = Parameter("index_2", 2.0)

    @staticmethod
    def evaluate(energy, amplitude, reference, expfactor, index_1, index_2):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, amplitude, reference, expfactor, index_1, index_2)
        log_energy = xp.log(ratio(energy, reference))
        curvature = number(expfactor) * log_energy**2 * exprel2(number(index_2) * log_energy)
        return amplitude * xp.exp(-number(index_1) * log_energy - curvature)

    @staticmethod
    def evaluate_gradient(energy, amplitude, reference, expfactor, index_1, index_2):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, reference, expfactor, index_1, index_2)
        log_energy = xp.log(energy / reference)
        z = index_2 * log_energy
        bend, bend_slope = exprel2(z), exprel2_slope(z)
        shape = xp.exp(-index_1 * log_energy - expfactor * log_energy**2 * bend)
        value = amplitude * shape
        # the curvature term has the derivative d ln x (e^z - 1) / z with respect to ln x
        local = log_energy * (1 + z * bend)
        return {
            "amplitude": shape,
            "reference": value * (index_1 + expfactor * local) / reference,
            "expfactor": -value * log_energy**2 * bend,
            "index_1": -value * log_energy,
            "index_2": -value * expfactor * log_energy**3 * bend_slope,
        }

    @property
    def e_peak(self):
        r"""Energy of the peak of :math:`E^2 \phi`, NaN when there is none."""
        index, curvature, cutoff = self.index_1.value, self.expfactor.value, self.index_2.value
        unknown = np.nan * self.reference.unit
        if curvature <= 0:
            return unknown
        step = (2 - index) / curvature
        if abs(cutoff * step) < 1e-8:
            return np.exp(step) * self.reference.quantity
        if 1 + cutoff * step <= 0:
            return unknown
        return (1 + cutoff * step) ** (1 / cutoff) * self.reference.quantity
