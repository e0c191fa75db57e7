"""Spectra of cosmic rays at Earth."""

from __future__ import annotations

from math import pi, sqrt

from astropy import units as u

from geminga.errors import UnknownNameError
from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number, ratio
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .power_law import PowerLawSpectralModel

__all__ = ["LogGaussianSpectralModel", "create_cosmic_ray_spectral_model"]


@SPECTRAL_MODEL_REGISTRY.register
class LogGaussianSpectralModel(SpectralModel):
    r"""Log-normal bump, :math:`\phi(E) = \frac{L}{E w \sqrt{2\pi}} \exp[-\ln^2(E / E_p) / (2 w^2)]`.

    Parameters
    ----------
    L : `~astropy.units.Quantity`
        Integral over all energies, default 1e-12 cm-2 s-1.
    Ep : `~astropy.units.Quantity`
        Energy of the bump, default 0.107 TeV.
    w : float
        Width in the natural logarithm, default 0.776.
    """

    tag = ["LogGaussianSpectralModel"]
    array_evaluate = True
    linear_parameters = ("L",)
    L = Parameter("L", "1e-12 cm-2 s-1")
    Ep = Parameter("Ep", "0.107 TeV")
    w = Parameter("w", 0.776)

    @staticmethod
    def evaluate(energy, L, Ep, w):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, L, Ep, w)
        w = number(w)
        pull = xp.log(ratio(energy, Ep)) / w
        return L / energy * (xp.exp(-0.5 * pull**2) / (w * sqrt(2 * pi)))


def create_cosmic_ray_spectral_model(particle="proton"):
    """Create the spectrum of cosmic rays at Earth, integrated over the whole sky of 4 pi sr.

    Parameters
    ----------
    particle : {"proton", "electron"}
        Electrons stand for electrons and positrons.

    Returns
    -------
    `SpectralModel`

    References
    ----------
    .. [1] Bernlöhr et al. (2013), Astroparticle Physics 43, 171, eq. 1 and table 3.

    Examples
    --------
    >>> create_cosmic_ray_spectral_model("proton")("1 TeV").round(4)
    <Quantity 1.2064 1 / (TeV s m2)>
    """
    full_sky = 4 * pi
    if particle == "proton":
        return PowerLawSpectralModel(
            amplitude=u.Quantity(0.096 * full_sky, "m-2 s-1 TeV-1"), index=2.70, reference="1 TeV"
        )
    if particle == "electron":
        smooth = PowerLawSpectralModel(
            amplitude=u.Quantity(6.85e-5 * full_sky, "m-2 s-1 TeV-1"), index=3.21, reference="1 TeV"
        )
        bump = LogGaussianSpectralModel(L=u.Quantity(3.19e-3 * full_sky, "m-2 s-1"), Ep="0.107 TeV", w=0.776)
        return smooth + bump
    raise UnknownNameError("cosmic-ray particle", particle, ("proton", "electron"))
