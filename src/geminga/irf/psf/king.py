"""Point spread function after King."""

from __future__ import annotations

import numpy as np

from ..registry import IRF_REGISTRY
from .parametric import ParametricPSF

__all__ = ["PSFKing"]


@IRF_REGISTRY.register
class PSFKing(ParametricPSF):
    r"""King profile, parameters "gamma" and "sigma" on the axes ("energy_true", "offset").

    .. math:: P(r) = \frac{1}{2 \pi \sigma^2} \left(1 - \frac{1}{\gamma}\right)
              \left(1 + \frac{r^2}{2 \gamma \sigma^2}\right)^{-\gamma}

    Where :math:`\gamma \le 1` or :math:`\sigma = 0` the profile has no integral; there it is 0. Files mark energies
    without data that way; on reading, such bins take the parameters of the nearest energy that has some, so that
    their neighbours can be interpolated.

    Parameters are those of `ParametricPSF`.

    References
    ----------
    .. [1] Data formats for gamma-ray astronomy, PSF_KING.

    Examples
    --------
    >>> PSFKing.evaluate_containment("0.1 deg", gamma=2.0, sigma="0.1 deg")
    <Quantity 0.2>
    """

    tag = "psf_king"
    required_parameters = ["gamma", "sigma"]
    parameter_units = {"gamma": "", "sigma": "deg"}
    default_interp_kwargs = {"bounds_error": False, "fill_value": None}

    @staticmethod
    def repair_parameters(data) -> np.ndarray:
        """Give bins without a profile the parameters of the nearest energy of the same offset."""
        data = data.copy()
        good = (data["gamma"] > 1) & (data["sigma"] > 0)
        energies = np.arange(len(data))
        for offset in range(data.shape[1]):
            known = np.flatnonzero(good[:, offset])
            if 0 < len(known) < len(data):
                nearest = known[np.argmin(np.abs(energies[:, np.newaxis] - known), axis=1)]
                data[:, offset] = data[nearest, offset]
        return data

    @staticmethod
    def density(rad, gamma, sigma) -> np.ndarray:
        """Return the density in deg-2, angles in deg."""
        good, gamma, sigma = _valid(gamma, sigma)
        norm = (1 - 1 / gamma) / (2 * np.pi * sigma**2)
        return np.where(good, norm * (1 + rad**2 / (2 * gamma * sigma**2)) ** -gamma, 0.0)

    @staticmethod
    def contained(rad, gamma, sigma) -> np.ndarray:
        """Return the contained fraction, angles in deg."""
        good, gamma, sigma = _valid(gamma, sigma)
        return np.where(good, 1 - (1 + rad**2 / (2 * gamma * sigma**2)) ** (1 - gamma), 0.0)


def _valid(gamma, sigma):
    """Return where parameters define a profile, and parameters that are harmless elsewhere."""
    good = (np.asarray(gamma) > 1) & (np.asarray(sigma) > 0)
    return good, np.where(good, gamma, 2.0), np.where(good, sigma, 1.0)
