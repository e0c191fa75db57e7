r"""Poisson statistic for counts with a background measured in an Off region.

On counts follow :math:`\mu_s + \alpha \mu_b`, Off counts :math:`\mu_b`. The statistic is profiled: for each signal
expectation :math:`\mu_s` the background :math:`\mu_b` takes its most likely value. Both expectations solve a quadratic
equation; of the two ways to write its root, the one without cancellation is used. As a minimum over one variable of a
jointly convex function, the profiled statistic is convex in :math:`\mu_s`.
"""

from __future__ import annotations

import numpy as np

__all__ = [
    "get_wstat_gof_terms",
    "get_wstat_mu_bkg",
    "wstat",
    "wstat_curvature",
    "wstat_expectations",
    "wstat_kernel",
    "wstat_slope",
]


def _deviance(n, mu):
    """Return mu - n + n ln(n / mu) of each bin, which is mu for n = 0."""
    seen = n > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(seen, n / mu, 1.0)
        return mu - n + np.where(seen, n * np.log(ratio), 0.0)


def _x_log_x(n):
    """Return n ln n - n, 0 for n = 0."""
    seen = n > 0
    return np.where(seen, n * np.log(np.where(seen, n, 1.0)) - n, 0.0)


def _roots(n_on, n_off, alpha, mu_sig):
    """Return the On expectation and alpha times the Off expectation, whose difference is the signal."""
    total = alpha * (n_on + n_off)
    twice = 2 * (1 + alpha)
    size = np.abs((0.5 * twice) * mu_sig)
    positive = mu_sig >= 0
    product = 4 * alpha * size * np.where(positive, n_off, n_on)
    gap = total - size
    root = np.sqrt(gap * gap + product)
    # the smaller of the two is (gap + root) / twice; for negative gap the conjugate form does not cancel
    far = np.abs(gap) + root
    with np.errstate(divide="ignore", invalid="ignore"):
        small = np.where(gap >= 0, far, np.where(far > 0, product / far, 0.0)) / twice
    big = (total + size + root) / twice
    return np.where(positive, big, small), np.where(positive, small, big)


def wstat_expectations(n_on, n_off, alpha, mu_sig):
    r"""Compute the most likely On and Off expectations for a given signal.

    Parameters
    ----------
    n_on, n_off : array_like, shape (*bins)
        Counts.
    alpha : array_like, shape (*bins)
        Exposure ratio On / Off, > 0.
    mu_sig : array_like, shape (*bins)
        Expected signal counts; may be negative.

    Returns
    -------
    mu_on, mu_off : ndarray, shape (*bins)
        :math:`\mu_s + \alpha \mu_b` and :math:`\mu_b`, both >= 0; NaN where `alpha` is 0.

    Examples
    --------
    >>> mu_on, mu_off = wstat_expectations(5.0, 10.0, 0.5, 0.0)
    >>> float(mu_on), float(mu_off)
    (5.0, 10.0)
    """
    n_on, n_off, alpha, mu_sig = (np.asarray(_, dtype=float) for _ in (n_on, n_off, alpha, mu_sig))
    alpha = np.where(alpha > 0, alpha, np.nan)
    mu_on, scaled_off = _roots(n_on, n_off, alpha, mu_sig)
    return mu_on, scaled_off / alpha


def wstat_kernel(n_on, n_off, alpha, mu_sig, with_stat=True):
    r"""Compute the profiled statistic of each bin with its first and second derivative in the signal.

    By the envelope theorem the slope is :math:`2(1 - n_{on}/\mu_{on})`, which equals
    :math:`(2/\alpha)(n_{off}/\mu_b - 1)`; the second form also holds where :math:`\mu_{on}` is pinned at 0. The
    curvature is :math:`2 / (\mu_{on}^2/n_{on} + \alpha^2 \mu_b^2/n_{off})`.

    Parameters
    ----------
    n_on, n_off, alpha, mu_sig : ndarray of float, shape (*bins)
        As for `wstat_expectations`, but `alpha` must be > 0.
    with_stat : bool
        Compute the statistic, which takes most of the time; otherwise None is returned for it.

    Returns
    -------
    stat, slope, curvature : ndarray, shape (*bins)
        With goodness-of-fit terms, so `stat` >= 0.
    """
    mu_on, scaled_off = _roots(n_on, n_off, alpha, mu_sig)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 2 * (1 - n_on / mu_on)
        spread = n_off * mu_on * mu_on + n_on * scaled_off * scaled_off
        curvature = 2 * n_on * n_off / spread
        odd = (spread == 0) | (mu_on <= 0)
        if np.any(odd):
            pinned_on = (mu_on <= 0) & (scaled_off > 0)
            slope = np.where(pinned_on, 2 * (n_off / scaled_off - 1 / alpha), slope)
            curvature = np.where(pinned_on, 2 * n_off / (scaled_off * scaled_off), curvature)
            pinned_off = (scaled_off <= 0) & (mu_on > 0)
            curvature = np.where(pinned_off, 2 * n_on / (mu_on * mu_on), curvature)
            # no counts at all and no signal: the statistic has a kink, this is its right side
            empty = (scaled_off <= 0) & (mu_on <= 0)
            slope = np.where(empty, 2.0, slope)
            curvature = np.where(empty, 0.0, curvature)
    if not with_stat:
        return None, slope, curvature
    return 2 * (_deviance(n_on, mu_on) + _deviance(n_off, scaled_off / alpha)), slope, curvature


def wstat(n_on, n_off, alpha, mu_sig, mu_bkg=None, extra_terms=True):
    r"""Compute the profiled Poisson statistic of each bin with a measured background.

    Parameters
    ----------
    n_on, n_off : array_like, shape (*bins)
        Counts in the On and Off region.
    alpha : array_like, shape (*bins)
        Exposure ratio On / Off.
    mu_sig : array_like, shape (*bins)
        Expected signal counts in the On region.
    mu_bkg : array_like, shape (*bins), optional
        Expected background counts in the **Off** region. By default the most likely value.
    extra_terms : bool
        Add the terms in the data alone that make the statistic a measure of goodness of fit.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`2 (\mu_s + (1 + \alpha) \mu_b - n_{on} \ln(\mu_s + \alpha \mu_b) - n_{off} \ln \mu_b)` plus, with
        `extra_terms`, :math:`2 (n \ln n - n)` for both counts. NaN where `alpha` is 0.

    References
    ----------
    .. [1] XSPEC manual, appendix B, "Poisson data with Poisson background (cstat)".

    Examples
    --------
    >>> round(float(wstat(5, 0, 0.5, 1)), 6)
    6.986123
    """
    n_on, n_off, alpha = (np.asarray(_, dtype=float) for _ in (n_on, n_off, alpha))
    if mu_bkg is None:
        mu_on, mu_off = wstat_expectations(n_on, n_off, alpha, mu_sig)
    else:
        mu_off = np.asarray(mu_bkg, dtype=float)
        mu_on = np.asarray(mu_sig, dtype=float) + alpha * mu_off
    stat = 2 * (_deviance(n_on, mu_on) + _deviance(n_off, mu_off))
    if not extra_terms:
        stat = stat - get_wstat_gof_terms(n_on, n_off)
    return stat[()]


def _kernel_with_nan(n_on, n_off, alpha, mu_sig):
    """Call the kernel with anything; NaN where `alpha` is not positive."""
    n_on, n_off, alpha, mu_sig = (np.asarray(_, dtype=float) for _ in (n_on, n_off, alpha, mu_sig))
    alpha = np.where(alpha > 0, alpha, np.nan)
    return [np.asarray(part)[()] for part in wstat_kernel(n_on, n_off, alpha, mu_sig)]


def wstat_slope(n_on, n_off, alpha, mu_sig):
    """Compute the derivative of `wstat` with respect to the signal; see `wstat_kernel`.

    Examples
    --------
    >>> float(wstat_slope(5, 10, 0.5, 0.0))
    0.0
    """
    return _kernel_with_nan(n_on, n_off, alpha, mu_sig)[1]


def wstat_curvature(n_on, n_off, alpha, mu_sig):
    """Compute the second derivative of `wstat` with respect to the signal; see `wstat_kernel`.

    Examples
    --------
    >>> round(float(wstat_curvature(5, 10, 0.5, 0.0)), 6)
    0.266667
    """
    return _kernel_with_nan(n_on, n_off, alpha, mu_sig)[2]


def get_wstat_mu_bkg(n_on, n_off, alpha, mu_sig):
    r"""Compute the most likely background in the Off region for a given signal.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`(C + \sqrt{C^2 + 4 \alpha (1 + \alpha) n_{off} \mu_s}) / (2 \alpha (1 + \alpha))` with
        :math:`C = \alpha (n_{on} + n_{off}) - (1 + \alpha) \mu_s`.

    Examples
    --------
    >>> round(float(get_wstat_mu_bkg(1, 2, 0.1, 2)), 6)
    1.896937
    """
    return wstat_expectations(n_on, n_off, alpha, mu_sig)[1][()]


def get_wstat_gof_terms(n_on, n_off):
    r"""Compute the terms of `wstat` in the data alone, :math:`2 \sum (n \ln n - n)`.

    Examples
    --------
    >>> float(get_wstat_gof_terms(1, 0))
    -2.0
    """
    return (2 * (_x_log_x(np.asarray(n_on, dtype=float)) + _x_log_x(np.asarray(n_off, dtype=float))))[()]
