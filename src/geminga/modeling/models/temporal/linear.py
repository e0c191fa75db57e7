"""A factor that changes linearly."""

from __future__ import annotations

from geminga.modeling.parameter import Parameter

from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["LinearTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class LinearTemporalModel(TemporalModel):
    r"""Straight line, :math:`F(t) = \alpha + \beta (t - t_{ref})`.

    Parameters
    ----------
    alpha : float
        Factor at the reference time, default 1.
    beta : `~astropy.units.Quantity`
        Change per time, default 0 d-1.
    t_ref : `~astropy.units.Quantity`
        Reference time, MJD, default 51544 d, frozen.
    """

    tag = ["LinearTemporalModel", "linear"]
    alpha = Parameter("alpha", 1.0)
    beta = Parameter("beta", 0.0, unit="d-1")
    t_ref = Parameter("t_ref", 51544.0, unit="d", frozen=True)

    @staticmethod
    def evaluate(time, alpha, beta, t_ref):
        """Return the factor at times."""
        return alpha + beta * (time - t_ref)

    @staticmethod
    def integrate_days(low, high, alpha, beta):
        """Return the integral between days since the reference time."""
        return (high - low) * (alpha + 0.5 * beta * (low + high))
