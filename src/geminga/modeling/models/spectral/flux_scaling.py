"""Fluxes multiplied by powers of energy, for plots."""

from __future__ import annotations

import numpy as np
from astropy import units as u

__all__ = ["scale_plot_flux"]


def scale_plot_flux(flux, energy_power=0):
    """Multiply fluxes by a power of energy.

    Parameters
    ----------
    flux : `~geminga.maps.Map`
        With an axis ``energy`` or ``energy_true``.
    energy_power : float
        Power of the energies at the centres of the bins.

    Returns
    -------
    `~geminga.maps.Map`
        In the unit of the flux times that power of the energy unit that the flux has.
    """
    axes = flux.geom.axes
    axis = next(axes[name] for name in ("energy", "energy_true") if name in axes.names)
    own = [base for base in flux.unit.bases if base.is_equivalent(u.TeV)]
    unit = own[0] if own else axis.unit
    shape = [1] * flux.data.ndim
    shape[axes.names[::-1].index(axis.name)] = -1
    factor = np.power(axis.center.to_value(unit), energy_power).reshape(shape)
    return flux.copy(data=flux.data * factor, unit=flux.unit * unit**energy_power)
