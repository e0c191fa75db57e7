"""Fractional variability amplitudes."""

from __future__ import annotations

import numpy as np

from geminga.units import to_value

__all__ = ["compute_fpp", "compute_fvar"]


def _plain(flux, flux_err, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return fluxes and errors as plain numbers, time last, NaN in both where either is."""
    unit = getattr(flux, "unit", None)
    if unit is not None:
        flux, flux_err = flux.value, to_value(flux_err, unit, "flux_err")
    flux, flux_err = np.asarray(flux, dtype=float), np.asarray(flux_err, dtype=float)
    flux, flux_err = np.broadcast_arrays(flux, flux_err)
    good = np.isfinite(flux) & np.isfinite(flux_err)
    flux, flux_err = np.where(good, flux, np.nan), np.where(good, flux_err, np.nan)
    return np.moveaxis(flux, axis, -1), np.moveaxis(flux_err, axis, -1)


def _amplitude(variance, flux, flux_err):
    """Turn a variance into an amplitude and its error."""
    n = np.count_nonzero(np.isfinite(flux), axis=-1)
    enough = n > 1
    safe_n = np.where(enough, n, 1)
    mean = np.nansum(flux, axis=-1) / safe_n
    noise = np.nansum(np.square(flux_err), axis=-1) / safe_n
    excess = variance - noise
    with np.errstate(divide="ignore", invalid="ignore"):
        amplitude = np.sign(excess) * np.sqrt(np.abs(excess)) / mean
        first = np.sqrt(1 / (2 * safe_n)) * noise / (mean**2 * amplitude)
        second = np.sqrt(noise / safe_n) / mean
        error = np.hypot(first, second)
    return np.where(enough, amplitude, np.nan)[()], np.where(enough, error, np.nan)[()]


def compute_fvar(flux, flux_err, axis=0):
    r"""Compute the fractional excess variance of light curves.

    Parameters
    ----------
    flux, flux_err : array_like or `~astropy.units.Quantity`
        Fluxes and their errors; points with NaN are left out.
    axis : int
        Time axis.

    Returns
    -------
    fvar, fvar_err : ndarray
        :math:`\sqrt{S^2 - \langle\sigma^2\rangle} / \bar F` with the sample variance :math:`S^2`, and its error.
        When the variance is smaller than the errors explain, the root of the absolute value is returned with a minus
        sign.

    References
    ----------
    .. [1] Vaughan et al. (2003), MNRAS 345, 1271, eqs. 10 and B2.

    Examples
    --------
    >>> fvar, fvar_err = compute_fvar(np.array([1.0, 2, 1.5, 4, 3, 2.5]), np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2]))
    >>> round(float(fvar), 4), round(float(fvar_err), 4)
    (0.4552, 0.0345)
    """
    flux, flux_err = _plain(flux, flux_err, axis)
    n = np.count_nonzero(np.isfinite(flux), axis=-1)
    mean = np.nansum(flux, axis=-1, keepdims=True) / np.maximum(n, 1)[..., np.newaxis]
    variance = np.nansum(np.square(flux - mean), axis=-1) / np.maximum(n - 1, 1)
    return _amplitude(variance, flux, flux_err)


def compute_fpp(flux, flux_err, axis=0):
    r"""Compute the point-to-point fractional variability of light curves.

    Parameters
    ----------
    flux, flux_err : array_like or `~astropy.units.Quantity`
        Fluxes and their errors; points with NaN are left out.
    axis : int
        Time axis.

    Returns
    -------
    fpp, fpp_err : ndarray
        As for `compute_fvar`, with the mean squared difference of neighbouring points in place of the variance.

    References
    ----------
    .. [1] Edelson et al. (2002), ApJ 568, 610, section 3.1.

    Examples
    --------
    >>> fpp, fpp_err = compute_fpp(np.array([1.0, 2, 1.5, 4, 3, 2.5]), np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2]))
    >>> round(float(fpp), 4), round(float(fpp_err), 4)
    (0.5607, 0.0344)
    """
    flux, flux_err = _plain(flux, flux_err, axis)
    # sorting by "is missing" closes the gaps and keeps the order in time
    order = np.argsort(np.isnan(flux), axis=-1, kind="stable")
    difference = np.diff(np.take_along_axis(flux, order, axis=-1), axis=-1)
    n = np.count_nonzero(np.isfinite(difference), axis=-1)
    variance = np.nansum(np.square(difference), axis=-1) / np.maximum(n, 1)
    return _amplitude(variance, flux, flux_err)
