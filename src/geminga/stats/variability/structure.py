"""Structure function of light curves."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.units import to_value

__all__ = ["structure_function"]


def structure_function(flux, flux_err, time, tdelta_precision=5):
    """Compute the structure function: the mean squared flux difference for each time lag.

    Pairs are weighted with the product of their signal-to-noise ratios.

    Parameters
    ----------
    flux, flux_err : array_like or `~astropy.units.Quantity`, shape (n_times, ...)
        Fluxes and errors; points with NaN are left out.
    time : `~astropy.units.Quantity`, shape (n_times,)
        Times.
    tdelta_precision : int
        Decimals to which lags are rounded, in the unit of `time`.

    Returns
    -------
    sf : ndarray or `~astropy.units.Quantity`, shape (n_lags, ...)
        Structure function, in squared flux units; NaN where no pair has a weight.
    distances : `~astropy.units.Quantity`, shape (n_lags,)
        Time lags.

    References
    ----------
    .. [1] Emmanoulopoulos et al. (2010), MNRAS 404, 931.

    Examples
    --------
    >>> sf, lags = structure_function(np.array([1.0, 2.0, 4.0]), np.ones(3), [0, 1, 2] * u.d)
    >>> sf.round(3).tolist(), lags.value.tolist()
    ([3.4, 9.0], [1.0, 2.0])
    """
    unit = getattr(flux, "unit", None)
    if unit is not None:
        flux, flux_err = flux.value, to_value(flux_err, unit, "flux_err")
    flux = np.asarray(flux, dtype=float)
    flux_err = np.broadcast_to(np.asarray(flux_err, dtype=float), flux.shape)
    time = u.Quantity(time)
    shape = flux.shape[1:]
    flux, flux_err = flux.reshape(len(flux), -1), flux_err.reshape(len(flux), -1)

    first, second = np.triu_indices(len(flux), k=1)
    lags = np.round(np.abs(time.value[second] - time.value[first]), tdelta_precision)
    distances, group = np.unique(lags, return_inverse=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        quality = flux / flux_err
    quality = np.where(np.isfinite(quality), quality, 0.0)
    known = np.where(np.isfinite(flux), flux, 0.0)

    sf = np.empty((len(distances), flux.shape[1]))
    for column in range(flux.shape[1]):
        weight = quality[first, column] * quality[second, column]
        squared = np.square(known[second, column] - known[first, column])
        total = np.bincount(group, weight, minlength=len(distances))
        summed = np.bincount(group, weight * squared, minlength=len(distances))
        sf[:, column] = np.divide(summed, total, out=np.full(len(distances), np.nan), where=total != 0)
    sf = sf.reshape(len(distances), *shape)
    return (sf if unit is None else sf * unit**2), distances * time.unit
