"""Power laws, as spectra and as norms, by amplitude and by integral."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.modeling.parameter import Parameter
from geminga.units import to_quantity

from ..arrays import array_namespace, exprel, exprel_slope, number, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel

__all__ = ["PowerLaw2SpectralModel", "PowerLawNormSpectralModel", "PowerLawSpectralModel"]


def power_integral(low, high, reference, exponent):
    r"""Return :math:`\int_{low}^{high} (x / r)^p \, dx`, also for p = -1 and next to it.

    Examples
    --------
    >>> float(power_integral(1.0, 10.0, 1.0, -2.0)), round(float(power_integral(1.0, np.e, 1.0, -1.0)), 9)
    (0.9, 1.0)
    """
    xp = array_namespace(low, high, reference, exponent)
    exponent = number(exponent) + 1
    width = xp.log(ratio(high, low))
    return reference * ratio(low, reference) ** exponent * width * exprel(exponent * width)


def power_integral_and_slope(low, high, reference, exponent):
    """Return `power_integral` and its derivative with respect to the exponent, for plain arrays.

    Examples
    --------
    >>> integral, slope = power_integral_and_slope(1.0, np.e, 1.0, -1.0)
    >>> round(float(integral), 9), round(float(slope), 9)
    (1.0, 0.5)
    """
    xp = array_namespace(low, high, reference, exponent)
    exponent = exponent + 1
    log_low, width = xp.log(low / reference), xp.log(high / low)
    front = reference * width * xp.exp(exponent * log_low)
    shape = exprel(exponent * width)
    return front * shape, front * (log_low * shape + width * exprel_slope(exponent * width))


@SPECTRAL_MODEL_REGISTRY.register
class PowerLawSpectralModel(SpectralModel):
    r"""Power law, :math:`\phi(E) = \phi_0 (E / E_0)^{-\Gamma}`.

    Parameters
    ----------
    index : float
        Spectral index, default 2.
    amplitude : `~astropy.units.Quantity`
        Value at the reference energy, default 1e-12 cm-2 s-1 TeV-1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.

    Examples
    --------
    >>> model = PowerLawSpectralModel(index=2.5, amplitude="3e-12 cm-2 s-1 TeV-1")
    >>> model("4 TeV")
    <Quantity 9.375e-14 1 / (TeV s cm2)>
    >>> model.integral("1 TeV", "10 TeV").round(14)
    <Quantity 1.94e-12 1 / (s cm2)>
    """

    tag = ["PowerLawSpectralModel", "pl"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    index = Parameter("index", 2.0)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1 TeV-1", interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)

    @staticmethod
    def evaluate(energy, index, amplitude, reference):
        """Return the spectrum at energies."""
        return amplitude * ratio(energy, reference) ** (-number(index))

    @staticmethod
    def evaluate_gradient(energy, index, amplitude, reference):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, index, amplitude, reference)
        scaled = energy / reference
        shape = scaled ** (-index)
        return {
            "index": -amplitude * shape * xp.log(scaled),
            "amplitude": shape,
            "reference": amplitude * shape * (index / reference),
        }

    @staticmethod
    def evaluate_integral(energy_min, energy_max, index, amplitude, reference):
        r"""Return the integral in closed form, logarithmic at index 1."""
        return amplitude * power_integral(energy_min, energy_max, reference, -number(index))

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, index, amplitude, reference):
        """Return the derivatives of the integral by parameter, for plain arrays."""
        shape, slope = power_integral_and_slope(energy_min, energy_max, reference, -index)
        return {
            "index": -amplitude * slope,
            "amplitude": shape,
            "reference": amplitude * shape * (index / reference),
        }

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, index, amplitude, reference):
        r"""Return the energy flux in closed form, logarithmic at index 2."""
        return amplitude * reference * power_integral(energy_min, energy_max, reference, 1 - number(index))

    def inverse(self, value, *args):
        """Return the energy at which the spectrum has a value, in closed form.

        Parameters
        ----------
        value : `~astropy.units.Quantity`

        Returns
        -------
        `~astropy.units.Quantity`
            Same shape; NaN for values of the wrong sign.
        """
        return _inverse_power(value, self.amplitude.quantity, self.reference.quantity, self.index.value)

    @property
    def pivot_energy(self):
        r"""Energy at which index and amplitude are not correlated.

        It is :math:`E_0 \exp[c_{\Gamma\phi} / (\phi_0 c_{\Gamma\Gamma})]`, c being the covariance; NaN without errors.
        """
        return _power_law_pivot(self, "index", "amplitude")


def _inverse_power(value, amplitude, reference, index):
    """Return the energy at which a power law has a value."""
    relative = to_quantity(value, amplitude.unit, name="value").value / amplitude.value
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(relative > 0, relative, np.nan) ** (-1 / index if index else np.nan) * reference


def _power_law_pivot(model, index, amplitude):
    """Return the energy at which index and amplitude of a power law are not correlated; NaN without errors."""
    parameters = model.parameters
    i, a = parameters.index(index), parameters.index(amplitude)
    matrix = model.covariance.data
    scale = parameters[a].value * matrix[i, i]
    exponent = matrix[i, a] / scale if scale else np.nan
    return np.exp(exponent) * model.reference.quantity


@SPECTRAL_MODEL_REGISTRY.register
class PowerLawNormSpectralModel(SpectralModel):
    r"""Power law without unit, :math:`\phi(E) = n (E / E_0)^{-t}`, that scales another spectrum.

    Parameters
    ----------
    tilt : float
        Change of the spectral index, default 0, frozen.
    norm : float
        Value at the reference energy, default 1.
    reference : `~astropy.units.Quantity`
        Reference energy, default 1 TeV, frozen.
    """

    tag = ["PowerLawNormSpectralModel", "pl-norm"]
    array_evaluate = True
    linear_parameters = ("norm",)
    tilt = Parameter("tilt", 0.0, frozen=True)
    norm = Parameter("norm", 1.0, interp="log")
    reference = Parameter("reference", "1 TeV", frozen=True)

    @staticmethod
    def evaluate(energy, tilt, norm, reference):
        """Return the norm at energies."""
        return PowerLawSpectralModel.evaluate(energy, tilt, norm, reference)

    @staticmethod
    def evaluate_gradient(energy, tilt, norm, reference):
        """Return the derivatives of the norm by parameter, for plain arrays."""
        return _renamed(PowerLawSpectralModel.evaluate_gradient(energy, tilt, norm, reference))

    @staticmethod
    def evaluate_integral(energy_min, energy_max, tilt, norm, reference):
        """Return the integral in closed form, an energy."""
        return PowerLawSpectralModel.evaluate_integral(energy_min, energy_max, tilt, norm, reference)

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, tilt, norm, reference):
        """Return the derivatives of the integral by parameter, for plain arrays."""
        return _renamed(
            PowerLawSpectralModel.evaluate_integral_gradient(energy_min, energy_max, tilt, norm, reference)
        )

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, tilt, norm, reference):
        """Return the integral of energy times the norm in closed form."""
        return PowerLawSpectralModel.evaluate_energy_flux(energy_min, energy_max, tilt, norm, reference)

    def inverse(self, value, *args):
        """Return the energy at which the norm has a value; see `PowerLawSpectralModel.inverse`."""
        return _inverse_power(value, self.norm.quantity, self.reference.quantity, self.tilt.value)

    @property
    def pivot_energy(self):
        """Energy at which tilt and norm are not correlated; see `PowerLawSpectralModel.pivot_energy`."""
        return _power_law_pivot(self, "tilt", "norm")


def _renamed(gradient):
    """Return the derivatives of a power law under the names of the norm model."""
    return {
        "tilt": gradient["index"],
        "norm": gradient["amplitude"],
        "reference": gradient["reference"],
    }


@SPECTRAL_MODEL_REGISTRY.register
class PowerLaw2SpectralModel(SpectralModel):
    r"""Power law by its integral between two energies.

    .. math:: \phi(E) = F_0 \frac{(1 - \Gamma) E^{-\Gamma}}{E_{max}^{1-\Gamma} - E_{min}^{1-\Gamma}}

    The limit at :math:`\Gamma = 1` is :math:`F_0 E^{-1} / \ln(E_{max} / E_{min})`.

    Parameters
    ----------
    amplitude : `~astropy.units.Quantity`
        Integral between `emin` and `emax`, default 1e-12 cm-2 s-1.
    index : float
        Spectral index, default 2.
    emin, emax : `~astropy.units.Quantity`
        Range of the integral, default 0.1 and 100 TeV, frozen.

    Examples
    --------
    >>> model = PowerLaw2SpectralModel(index=1)
    >>> model.integral("0.1 TeV", "100 TeV").round(18)
    <Quantity 1.e-12 1 / (s cm2)>
    """

    tag = ["PowerLaw2SpectralModel", "pl-2"]
    array_evaluate = True
    linear_parameters = ("amplitude",)
    amplitude = Parameter("amplitude", "1e-12 cm-2 s-1", interp="log")
    index = Parameter("index", 2.0)
    emin = Parameter("emin", "0.1 TeV", frozen=True)
    emax = Parameter("emax", "100 TeV", frozen=True)

    @staticmethod
    def evaluate(energy, amplitude, index, emin, emax):
        """Return the spectrum at energies."""
        index = number(index)
        return amplitude * ratio(energy, emin) ** (-index) / power_integral(emin, emax, emin, -index)

    @staticmethod
    def evaluate_gradient(energy, amplitude, index, emin, emax):
        """Return the derivatives of the spectrum by parameter, for plain arrays."""
        xp = array_namespace(energy, amplitude, index, emin, emax)
        scaled = energy / emin
        shape = scaled ** (-index) / power_integral(emin, emax, emin, -index)
        return {"amplitude": shape} | _integral_slopes(amplitude * shape, xp.log(scaled), index, emin, emax)

    @staticmethod
    def evaluate_integral(energy_min, energy_max, amplitude, index, emin, emax):
        """Return the integral in closed form."""
        index = number(index)
        part = power_integral(energy_min, energy_max, emin, -index)
        return amplitude * ratio(part, power_integral(emin, emax, emin, -index))

    @staticmethod
    def evaluate_integral_gradient(energy_min, energy_max, amplitude, index, emin, emax):
        """Return the derivatives of the integral by parameter, for plain arrays."""
        part, slope = power_integral_and_slope(energy_min, energy_max, emin, -index)
        share = part / power_integral(emin, emax, emin, -index)
        return {"amplitude": share} | _integral_slopes(amplitude * share, slope / part, index, emin, emax)

    @staticmethod
    def evaluate_energy_flux(energy_min, energy_max, amplitude, index, emin, emax):
        """Return the energy flux in closed form."""
        index = number(index)
        part = power_integral(energy_min, energy_max, emin, 1 - index)
        return amplitude * emin * ratio(part, power_integral(emin, emax, emin, -index))

    def inverse(self, value, *args):
        """Return the energy at which the spectrum has a value; see `PowerLawSpectralModel.inverse`."""
        reference = self.emin.quantity
        return _inverse_power(value, self(reference), reference, self.index.value)

    def _pivot_start(self):
        return u.Quantity(np.sqrt(self.emin.quantity * self.emax.quantity)).to(self.emin.unit)


def _integral_slopes(value, log_energy, index, emin, emax):
    """Return the derivatives of a power law with a given integral between emin and emax.

    `log_energy` is the (mean) logarithm of energy / emin.
    """
    total, slope = power_integral_and_slope(emin, emax, emin, -index)
    return {
        "index": value * (slope / total - log_energy),
        "emin": value / total,
        "emax": -value * (emax / emin) ** (-index) / total,
    }
