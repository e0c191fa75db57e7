"""A factor that follows a power law in time."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.modeling.parameter import Parameter

from ..arrays import exprel, number, ratio
from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["PowerLawTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class PowerLawTemporalModel(TemporalModel):
    r"""Power law in time, :math:`F(t) = [(t - t_{ref}) / t_0]^\alpha`.

    It is NaN before the reference time unless alpha is whole.

    Parameters
    ----------
    alpha : float
        Exponent, default 1.
    t_ref : `~astropy.units.Quantity`
        Reference time, MJD, default 51544 d, frozen.
    t0 : `~astropy.units.Quantity`
        Time after the reference at which the factor is 1, default 1 d, frozen.
    """

    tag = ["PowerLawTemporalModel", "powerlaw"]
    alpha = Parameter("alpha", 1.0)
    t_ref = Parameter("t_ref", 51544.0, unit="d", frozen=True)
    t0 = Parameter("t0", 1.0, unit="d", frozen=True)

    @staticmethod
    def evaluate(time, alpha, t_ref, t0=1 * u.d):
        """Return the factor at times."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return ratio(time - t_ref, t0) ** number(alpha)

    @staticmethod
    def integrate_days(low, high, alpha, t0):
        """Return the integral between days since the reference time, logarithmic at exponent -1."""
        with np.errstate(invalid="ignore", divide="ignore"):
            width = np.log(high / low)
            power = (low / t0) ** (alpha + 1) * t0
            return np.where(
                low == 0,
                t0 * (high / t0) ** (alpha + 1) / (alpha + 1) if alpha > -1 else np.inf,
                power * width * exprel((alpha + 1) * np.where(low == 0, 1.0, width)),
            )
