"""A factor that decays exponentially."""

from __future__ import annotations

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import exprel, ratio
from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["ExpDecayTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class ExpDecayTemporalModel(TemporalModel):
    r"""Exponential decay, :math:`F(t) = \exp[-(t - t_{ref}) / t_0]`.

    Parameters
    ----------
    t0 : `~astropy.units.Quantity`
        Decay time, default 1 d.
    t_ref : `~astropy.units.Quantity`
        Reference time, MJD, default 51544 d, frozen.
    """

    tag = ["ExpDecayTemporalModel", "exp-decay"]
    t0 = Parameter("t0", 1.0, unit="d")
    t_ref = Parameter("t_ref", 51544.0, unit="d", frozen=True)

    @staticmethod
    def evaluate(time, t0, t_ref):
        """Return the factor at times."""
        return np.exp(-ratio(time - t_ref, t0))

    @staticmethod
    def integrate_days(low, high, t0):
        """Return the integral between days since the reference time."""
        return np.exp(-low / t0) * (high - low) * exprel(-(high - low) / t0)
