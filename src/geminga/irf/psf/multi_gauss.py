"""Point spread function as a sum of three Gaussians."""

from __future__ import annotations

import numpy as np

from ..registry import IRF_REGISTRY
from .parametric import ParametricPSF

__all__ = ["EnergyDependentMultiGaussPSF"]


@IRF_REGISTRY.register
class EnergyDependentMultiGaussPSF(ParametricPSF):
    r"""Sum of three Gaussians, parameters on the axes ("energy_true", "offset").

    .. math:: P(r) \propto \sum_i A_i \exp\left(-\frac{r^2}{2 \sigma_i^2}\right), \quad A_1 = 1

    normalised to 1 in the plane, whatever "scale" is; where "scale" is 0, there is no function and the result is 0.

    Parameters are those of `ParametricPSF`, with "sigma_1", "sigma_2", "sigma_3", "scale", "ampl_2", "ampl_3".

    References
    ----------
    .. [1] Data formats for gamma-ray astronomy, PSF_3GAUSS.

    Examples
    --------
    >>> one = {"sigma_1": "0.1 deg", "sigma_2": "1 deg", "sigma_3": "1 deg", "scale": 1, "ampl_2": 0, "ampl_3": 0}
    >>> EnergyDependentMultiGaussPSF.evaluate_containment("0.1 deg", **one).round(6)
    <Quantity 0.393469>
    """

    tag = "psf_3gauss"
    required_parameters = ["sigma_1", "sigma_2", "sigma_3", "scale", "ampl_2", "ampl_3"]
    parameter_units = {
        "sigma_1": "deg",
        "sigma_2": "deg",
        "sigma_3": "deg",
        "scale": "",
        "ampl_2": "",
        "ampl_3": "",
    }

    @staticmethod
    def repair_parameters(data) -> np.ndarray:
        """Give Gaussians of width 0 a width of 1 and no weight, so that their neighbours can be interpolated."""
        data = data.copy()
        for number, weight in ((1, "scale"), (2, "ampl_2"), (3, "ampl_3")):
            empty = data[f"sigma_{number}"] <= 0
            data[f"sigma_{number}"][empty] = 1.0
            data[weight][empty] = 0.0
        return data

    @staticmethod
    def density(rad, sigma_1, sigma_2, sigma_3, scale, ampl_2, ampl_3) -> np.ndarray:
        """Return the density in deg-2, angles in deg."""
        return _sum(
            lambda variance: np.exp(-0.5 * rad**2 / variance) / (2 * np.pi * variance),
            *((sigma_1, sigma_2, sigma_3), scale, (ampl_2, ampl_3)),
        )

    @staticmethod
    def contained(rad, sigma_1, sigma_2, sigma_3, scale, ampl_2, ampl_3) -> np.ndarray:
        """Return the contained fraction, angles in deg."""
        return _sum(
            lambda variance: -np.expm1(-0.5 * rad**2 / variance),
            *((sigma_1, sigma_2, sigma_3), scale, (ampl_2, ampl_3)),
        )


def _sum(profile, sigmas, scale, amplitudes) -> np.ndarray:
    """Return the weighted mean of a profile of the variance over the Gaussians."""
    variances = [np.square(sigma) for sigma in sigmas]
    weights = [
        variance * amplitude for variance, amplitude in zip(variances, (1.0, *amplitudes), strict=True)
    ]
    total = sum(weights)
    good = (np.asarray(scale) > 0) & (total > 0)
    result = 0.0
    for weight, variance in zip(weights, variances, strict=True):
        if np.any(weight):
            result = result + weight * profile(np.where(variance > 0, variance, 1.0))
    return np.where(good, result / np.where(good, total, 1.0), 0.0)
