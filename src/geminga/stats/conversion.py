"""From test statistics to standard deviations and back."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, chdtri, gammaln, log_ndtr, ndtri_exp

__all__ = ["sigma_to_ts", "ts_to_sigma"]

# Tail probabilities below this are handled through their logarithm.
_SMALLEST = 1e-290


def _log_tail(ts: np.ndarray, df) -> np.ndarray:
    """Return the log of the chi-square tail far out, from the asymptotic series of the incomplete gamma function."""
    a, x = 0.5 * np.asarray(df, dtype=float), 0.5 * ts
    series, term = np.ones_like(x), np.ones_like(x)
    for k in range(1, 12):
        term = term * (a - k) / x
        series = series + term
    return (a - 1) * np.log(x) - x - gammaln(a) + np.log(series)


def ts_to_sigma(ts, df=1, ts_asimov=0):
    r"""Convert a difference of the fit statistic into standard deviations.

    The tail probability of :math:`\chi^2` with `df` degrees of freedom is the two-sided one of a normal
    distribution; for one degree this is :math:`\sqrt{TS}`. Large values go through the logarithm of the probability
    and never overflow.

    Parameters
    ----------
    ts : array_like
        Difference of -2 ln L between nested models; negative ones count as 0.
    df : int
        Number of parameters that the models differ in.
    ts_asimov : float
        TS of Asimov data of the alternative hypothesis: then both distributions are non-central chi-squares.

    Returns
    -------
    ndarray
        Standard deviations, >= 0.

    References
    ----------
    .. [1] Wilks (1938), Ann. Math. Stat. 9, 60.
    .. [2] Cowan et al. (2011), EPJC 71, 1554.

    Examples
    --------
    >>> float(ts_to_sigma(9)), round(float(ts_to_sigma(9, df=2)), 4), round(float(ts_to_sigma(3000, df=2)), 4)
    (3.0, 2.5393, 54.695)
    """
    ts = np.maximum(np.asarray(ts, dtype=float), 0.0)
    if np.all(np.asarray(df) == 1):
        return np.sqrt(ts)[()]
    if np.any(np.asarray(ts_asimov) != 0):
        from scipy.stats import ncx2

        p_value = ncx2.sf(ts, df=df, nc=ts_asimov)
        return np.sqrt(ncx2.isf(p_value, df=1, nc=ts_asimov))[()]
    p_value = chdtrc(df, ts)
    far = p_value < _SMALLEST
    with np.errstate(divide="ignore"):
        log_p = np.where(
            far, _log_tail(np.where(far, ts, 1500.0), df), np.log(np.maximum(p_value, _SMALLEST))
        )
    near = np.sqrt(chdtri(1, np.where(far, 0.5, p_value)))
    return np.where(far, -ndtri_exp(log_p - np.log(2)), near)[()]


def sigma_to_ts(n_sigma, df=1, n_sigma_asimov=0):
    r"""Convert standard deviations into a difference of the fit statistic; the inverse of `ts_to_sigma`.

    Parameters
    ----------
    n_sigma : array_like
        Standard deviations, two-sided; the sign does not matter.
    df : int
        Number of parameters that the models differ in.
    n_sigma_asimov : float
        Standard deviations of Asimov data of the alternative hypothesis.

    Returns
    -------
    ndarray
        TS.

    Examples
    --------
    >>> float(sigma_to_ts(3)), round(float(sigma_to_ts(3, df=2)), 4)
    (9.0, 11.8292)
    """
    n_sigma = np.abs(np.asarray(n_sigma, dtype=float))
    if np.all(np.asarray(df) == 1):
        return np.square(n_sigma)[()]
    if np.any(np.asarray(n_sigma_asimov) != 0):
        from scipy.stats import ncx2

        nc = np.square(np.asarray(n_sigma_asimov, dtype=float))
        return ncx2.isf(ncx2.sf(np.square(n_sigma), df=1, nc=nc), df=df, nc=nc)[()]
    p_value = chdtrc(1, np.square(n_sigma))
    far = p_value < _SMALLEST
    near = chdtri(df, np.where(far, 0.5, p_value))
    if not np.any(far):
        return near[()]
    log_p = np.log(2) + log_ndtr(-np.where(far, n_sigma, 40.0))
    ts = np.square(np.where(far, n_sigma, 40.0))
    for _ in range(30):
        # far out the log of the tail falls with slope -1/2
        ts = np.maximum(ts + 2 * (_log_tail(ts, df) - log_p), 1.0)
    return np.where(far, ts, near)[()]
