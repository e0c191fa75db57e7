"""Test of a constant flux."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from geminga.units import to_value

__all__ = ["compute_chisq"]


def compute_chisq(flux, flux_err=None, axis=0):
    r"""Compare light curves with a constant.

    Parameters
    ----------
    flux : array_like or `~astropy.units.Quantity`
        Fluxes, or counts.
    flux_err : array_like or `~astropy.units.Quantity`, optional
        Errors. Without them the fluxes are taken for counts with a variance equal to their mean.
    axis : int
        Time axis.

    Returns
    -------
    chi2, p_value : ndarray
        :math:`\sum (F - \bar F)^2 / \sigma^2` with the weighted mean, and the probability of a larger value, with n - 1
        degrees of freedom. Points with NaN are left out.

    Examples
    --------
    >>> statistic, p_value = compute_chisq(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    >>> float(statistic), round(float(p_value), 4)
    (2.0, 0.1573)
    """
    unit = getattr(flux, "unit", None)
    if unit is not None:
        flux = flux.value
        flux_err = None if flux_err is None else to_value(flux_err, unit, "flux_err")
    flux = np.asarray(flux, dtype=float)
    flux_err = None if flux_err is None else np.moveaxis(np.broadcast_to(flux_err, flux.shape), axis, -1)
    flux = np.moveaxis(flux, axis, -1)
    if flux_err is None:
        variance = np.broadcast_to(np.nanmean(flux, axis=-1, keepdims=True), flux.shape)
        weights = np.where(np.isfinite(flux), 1.0, 0.0)
    else:
        variance = np.square(flux_err)
        with np.errstate(divide="ignore", invalid="ignore"):
            weights = np.where(np.isfinite(flux) & (variance > 0), 1 / variance, 0.0)
    used = weights > 0
    mean = np.sum(weights * np.where(used, flux, 0.0), axis=-1, keepdims=True)
    mean = mean / np.maximum(weights.sum(axis=-1, keepdims=True), 1e-300)
    terms = np.where(used, np.square(flux - mean) / np.where(used, variance, 1.0), 0.0)
    statistic = terms.sum(axis=-1)
    n = np.count_nonzero(used, axis=-1)
    return statistic[()], chdtrc(np.maximum(n - 1, 1), statistic)[()]
