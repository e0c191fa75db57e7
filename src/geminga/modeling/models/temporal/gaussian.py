"""Flares: a Gaussian and its generalisation with different rise and decay."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import erf_difference, number, ratio
from ..registries import TEMPORAL_MODEL_REGISTRY
from .base import TemporalModel

__all__ = ["GaussianTemporalModel", "GeneralizedGaussianTemporalModel"]


@TEMPORAL_MODEL_REGISTRY.register
class GaussianTemporalModel(TemporalModel):
    r"""Gaussian flare, :math:`F(t) = \exp[-(t - t_{ref})^2 / (2 \sigma^2)]`.

    Parameters
    ----------
    t_ref : `~astropy.units.Quantity`
        Time of the peak, MJD, default 51544 d.
    sigma : `~astropy.units.Quantity`
        Width, default 1 d.
    """

    tag = ["GaussianTemporalModel", "gauss"]
    t_ref = Parameter("t_ref", 51544.0, unit="d")
    sigma = Parameter("sigma", 1.0, unit="d")

    @staticmethod
    def evaluate(time, t_ref, sigma):
        """Return the factor at times."""
        return np.exp(-0.5 * ratio(time - t_ref, sigma) ** 2)

    @staticmethod
    def integrate_days(low, high, sigma):
        """Return the integral between days since the reference time."""
        width = sqrt(2) * sigma
        return sigma * sqrt(pi / 2) * erf_difference(low / width, high / width)


@TEMPORAL_MODEL_REGISTRY.register
class GeneralizedGaussianTemporalModel(TemporalModel):
    r"""Flare with a rise and a decay, :math:`F(t) = \exp[-\frac{1}{2} (|t - t_{ref}| / \tau)^{1/\eta}]`.

    :math:`\tau` is `t_rise` before the peak and `t_decay` after it.

    Parameters
    ----------
    t_ref : `~astropy.units.Quantity`
        Time of the peak, MJD, default 51544 d.
    t_rise, t_decay : `~astropy.units.Quantity`
        Rise and decay time, default 1 d.
    eta : float
        Inverse of the exponent, default 0.5, a Gaussian.
    """

    tag = ["GeneralizedGaussianTemporalModel", "gengauss"]
    t_ref = Parameter("t_ref", 51544.0, unit="d")
    t_rise = Parameter("t_rise", 1.0, unit="d")
    t_decay = Parameter("t_decay", 1.0, unit="d")
    eta = Parameter("eta", 0.5)

    @staticmethod
    def evaluate(time, t_ref, t_rise, t_decay, eta):
        """Return the factor at times."""
        delta = time - t_ref
        pull = np.where(delta < 0 * delta, -ratio(delta, t_rise), ratio(delta, t_decay))
        return np.exp(-0.5 * pull ** (1 / number(eta)))

    @staticmethod
    def integrate_days(low, high, t_rise, t_decay, eta):
        r"""Return the integral between days since the reference time.

        From the peak outwards it is :math:`\tau \eta 2^\eta \gamma(\eta, \frac{1}{2} (t / \tau)^{1/\eta})`.
        """
        from scipy.special import gamma, gammainc, gammaincc

        def between(near, far, scale):
            """Integrate one side, from a distance to the peak to a larger one."""
            front = scale * eta * 2**eta * gamma(eta)
            inner, outer = 0.5 * (near / scale) ** (1 / eta), 0.5 * (far / scale) ** (1 / eta)
            by_tail = gammaincc(eta, inner) - gammaincc(eta, outer)
            return front * np.where(inner > eta, by_tail, gammainc(eta, outer) - gammainc(eta, inner))

        rise = between(np.maximum(-high, 0.0), np.maximum(-low, 0.0), t_rise)
        return rise + between(np.maximum(low, 0.0), np.maximum(high, 0.0), t_decay)
