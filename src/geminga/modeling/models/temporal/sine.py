"""A factor that oscillates around one."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.modeling.parameter import Parameter

from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["SineTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class SineTemporalModel(TemporalModel):
    r"""Sine around one, :math:`F(t) = 1 + A \sin[\omega (t - t_{ref})]`.

    Parameters
    ----------
    amp : float
        Amplitude, default 1.
    omega : `~astropy.units.Quantity`
        Angular frequency, default 1 rad / d.
    t_ref : `~astropy.units.Quantity`
        Reference time, MJD, default 51544 d.
    """

    tag = ["SineTemporalModel", "sinus"]
    amp = Parameter("amp", 1.0)
    omega = Parameter("omega", 1.0, unit="rad / d")
    t_ref = Parameter("t_ref", 51544.0, unit="d")

    @staticmethod
    def evaluate(time, amp, omega, t_ref):
        """Return the factor at times."""
        angle = omega * (time - t_ref)
        angle = angle.to_value("rad") if isinstance(angle, u.Quantity) else angle
        return 1 + amp * np.sin(angle)

    @staticmethod
    def integrate_days(low, high, amp, omega):
        r"""Return the integral between days since the reference time.

        The difference of cosines is written as :math:`2 \sin\frac{a+b}{2} \sin\frac{b-a}{2}`, exact for slow
        oscillations.
        """
        length, middle = high - low, 0.5 * (low + high)
        half = 0.5 * omega * length
        return length * (1 + amp * np.sin(omega * middle) * np.sinc(half / np.pi))
