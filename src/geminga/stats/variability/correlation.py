"""Correlation of two light curves that are sampled at different times."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from geminga.units import to_value

__all__ = ["discrete_correlation"]


def _plain(flux, flux_err, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return fluxes and errors as plain arrays of shape (n_times, n_curves)."""
    unit = getattr(flux, "unit", None)
    if unit is not None:
        flux, flux_err = flux.value, to_value(flux_err, unit, "flux_err")
    flux, flux_err = np.asarray(flux, dtype=float), np.asarray(flux_err, dtype=float)
    return np.moveaxis(flux, axis, 0), np.moveaxis(flux_err, axis, 0)


def discrete_correlation(flux1, flux_err1, flux2, flux_err2, time1, time2, tau, axis=0):
    r"""Compute the discrete correlation function of two light curves.

    Each pair of points contributes
    :math:`(a_i - \bar a)(b_j - \bar b) / \sqrt{(\sigma_a^2 - e_a^2)(\sigma_b^2 - e_b^2)}`
    to the bin of its lag :math:`t_{1,i} - t_{2,j}`, with the mean errors e.

    Parameters
    ----------
    flux1, flux_err1, flux2, flux_err2 : array_like or `~astropy.units.Quantity`
        Fluxes and errors of both curves.
    time1, time2 : `~astropy.units.Quantity` or `~astropy.time.Time`, shapes (n1,) and (n2,)
        Times.
    tau : `~astropy.units.Quantity`
        Width of the lag bins, whose edges are multiples of it.
    axis : int
        Time axis.

    Returns
    -------
    bincenters : `~astropy.units.Quantity`, shape (n_lags,)
        Lags.
    discrete_correlation : ndarray, shape (n_lags, ...), (n_lags, 1) for single curves
        Mean of the pairs in each bin; NaN in empty ones.
    discrete_correlation_err : ndarray, shape (n_lags, ...)
        Error of the mean, NaN for fewer than two pairs.

    References
    ----------
    .. [1] Edelson & Krolik (1988), ApJ 333, 646, eqs. 2-5.

    Examples
    --------
    >>> t = [0, 1, 2, 3] * u.d
    >>> f = np.array([1.0, 4.0, 2.0, 3.0])
    >>> lags, dcf, _ = discrete_correlation(f, 0 * f, f, 0 * f, t, t, tau=1 * u.d)
    >>> float(lags.value[np.argmax(dcf)]), float(dcf.max())
    (0.5, 1.0)
    """
    a, error_a = _plain(flux1, flux_err1, axis)
    b, error_b = _plain(flux2, flux_err2, axis)
    tau = u.Quantity(tau)
    if isinstance(time1, Time):
        origin = time1[0]
        time1, time2 = (time1 - origin).to(tau.unit), (time2 - origin).to(tau.unit)
    lag = np.subtract.outer(to_value(time1, tau.unit, "time1"), to_value(time2, tau.unit, "time2"))

    step = np.floor(lag / tau.value).astype(int)
    first = step.min()
    n_lags = int(step.max() - first) + 1
    group = (step - first).ravel()
    centers = (first + np.arange(n_lags) + 0.5) * tau

    shape = np.broadcast_shapes(a.shape[1:], b.shape[1:]) or (1,)
    a, error_a, b, error_b = (
        np.broadcast_to(x.reshape(len(x), *(x.shape[1:] or (1,))), (len(x), *shape)).reshape(len(x), -1)
        for x in (a, error_a, b, error_b)
    )
    spread = (np.nanvar(a, axis=0) - np.nanmean(error_a, axis=0) ** 2) * (
        np.nanvar(b, axis=0) - np.nanmean(error_b, axis=0) ** 2
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1 / np.sqrt(spread)
    n_curves = a.shape[1]
    value, error = np.full((n_lags, n_curves), np.nan), np.full((n_lags, n_curves), np.nan)
    for k in range(n_curves):
        pairs = np.multiply.outer(a[:, k] - np.nanmean(a[:, k]), b[:, k] - np.nanmean(b[:, k])).ravel()
        pairs = pairs * scale[k]
        good = np.isfinite(pairs)
        n = np.bincount(group[good], minlength=n_lags)
        mean = np.bincount(group[good], pairs[good], minlength=n_lags) / np.maximum(n, 1)
        scatter = np.bincount(group[good], np.square(pairs[good] - mean[group[good]]), minlength=n_lags)
        value[:, k] = np.where(n > 0, mean, np.nan)
        error[:, k] = np.where(n > 1, np.sqrt(scatter) / np.maximum(n - 1, 1), np.nan)
    return centers, value.reshape(n_lags, *shape), error.reshape(n_lags, *shape)
