"""Spectra of the Crab nebula that experiments published."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import UnknownNameError
from geminga.modeling.parameter import Parameter
from geminga.units import conversion_factor

from ..arrays import array_namespace, number_in
from ..registries import SPECTRAL_MODEL_REGISTRY
from .base import SpectralModel
from .exp_cutoff import ExpCutoffPowerLawSpectralModel
from .log_parabola import LogParabolaSpectralModel
from .power_law import PowerLawSpectralModel

__all__ = ["MeyerCrabSpectralModel", "create_crab_spectral_model"]

_TEV_PER_ERG = conversion_factor("erg", "TeV")


@SPECTRAL_MODEL_REGISTRY.register
class MeyerCrabSpectralModel(SpectralModel):
    r"""Crab nebula from 10 GeV to 100 TeV, a polynomial of degree 5 in :math:`\log_{10} E`.

    Parameters
    ----------
    norm : float
        Factor, default 1, frozen.

    References
    ----------
    .. [1] Meyer, Horns & Zechlin (2010), A&A 523, A2.
    """

    tag = ["MeyerCrabSpectralModel"]
    array_evaluate = True
    linear_parameters = ("norm",)
    norm = Parameter("norm", 1.0, frozen=True)
    coefficients = [-0.00449161, 0, 0.0473174, -0.179475, -0.53616, -10.2708]
    """Coefficients of :math:`\\log_{10} (E^2 \\phi / (erg cm-2 s-1))`, highest power first."""

    @staticmethod
    def evaluate(energy, norm):
        """Return the spectrum at energies."""
        xp = array_namespace(energy, norm)
        plain = number_in(energy, "TeV")
        log_energy = xp.log10(plain)
        exponent = 0.0
        for coefficient in MeyerCrabSpectralModel.coefficients:
            exponent = exponent * log_energy + coefficient
        value = norm * (10.0**exponent * _TEV_PER_ERG / plain**2)
        return value * u.Unit("cm-2 s-1 TeV-1") if isinstance(energy, u.Quantity) else value

    @staticmethod
    def evaluate_gradient(energy, norm):
        """Return the derivative of the spectrum, for plain arrays."""
        return {"norm": MeyerCrabSpectralModel.evaluate(energy, 1.0)}


_PUBLISHED = {
    "meyer": lambda: MeyerCrabSpectralModel(),
    "hegra": lambda: PowerLawSpectralModel(amplitude="2.83e-11 cm-2 s-1 TeV-1", index=2.62),
    "hess_pl": lambda: PowerLawSpectralModel(amplitude="3.45e-11 cm-2 s-1 TeV-1", index=2.63),
    "hess_ecpl": lambda: ExpCutoffPowerLawSpectralModel(
        amplitude="3.76e-11 cm-2 s-1 TeV-1", index=2.39, lambda_=u.Quantity(1 / 14.3, "TeV-1")
    ),
    "magic_lp": lambda: LogParabolaSpectralModel(
        amplitude="3.23e-11 cm-2 s-1 TeV-1", reference="1 TeV", alpha=2.47, beta=0.24 / np.log(10)
    ),
    "magic_ecpl": lambda: ExpCutoffPowerLawSpectralModel(
        amplitude="3.80e-11 cm-2 s-1 TeV-1", index=2.21, lambda_=u.Quantity(1 / 6.0, "TeV-1")
    ),
}


def create_crab_spectral_model(reference="meyer"):
    """Create a published spectrum of the Crab nebula.

    Parameters
    ----------
    reference : {"meyer", "hegra", "hess_pl", "hess_ecpl", "magic_lp", "magic_ecpl"}

    Returns
    -------
    `SpectralModel`

    References
    ----------
    .. [1] Meyer, Horns & Zechlin (2010), A&A 523, A2 ("meyer").
    .. [2] Aharonian et al. (2004), ApJ 614, 897 ("hegra").
    .. [3] Aharonian et al. (2006), A&A 457, 899 ("hess_pl", "hess_ecpl").
    .. [4] Aleksić et al. (2015), JHEAp 5, 30 ("magic_lp", "magic_ecpl").

    Examples
    --------
    >>> create_crab_spectral_model("hess_pl")("1 TeV")
    <Quantity 3.45e-11 1 / (TeV s cm2)>
    """
    if reference not in _PUBLISHED:
        raise UnknownNameError("Crab spectrum", reference, _PUBLISHED)
    return _PUBLISHED[reference]()
