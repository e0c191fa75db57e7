r"""Poisson statistics for counts with a known expectation.

All are :math:`-2 \ln L` up to terms in the data alone.
"""

from __future__ import annotations

import numpy as np

from geminga.errors import StatisticError

__all__ = ["FLOOR", "cash", "cash_curvature", "cash_slope", "cash_sum", "cstat"]

FLOOR = 1e-25
"""Expectations at or below this are replaced by it, so that the logarithm exists."""


def _floor(truncation_value) -> np.ndarray | float:
    """Return the floor; it must be positive everywhere."""
    if truncation_value is None:
        return FLOOR
    if not np.all(np.asarray(truncation_value) > 0):
        raise StatisticError(
            f"truncation_value must be positive, got {truncation_value}. Leave it out to use {FLOOR}."
        )
    return truncation_value


def _floored(values, floor):
    """Return values, those at or below the floor replaced by it; NaN stays."""
    values = np.asarray(values, dtype=float)
    return np.where(values <= floor, floor, values)


def cash(n_on, mu_on, truncation_value=None):
    r"""Compute the Cash statistic of each bin.

    Parameters
    ----------
    n_on : array_like, shape (*bins)
        Observed counts; non-integer values (Asimov data) are fine.
    mu_on : array_like, shape (*bins)
        Expected counts. Values at or below the floor are replaced by it.
    truncation_value : float, optional
        The floor, 1e-25 by default.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`2 (\mu - n \ln \mu)`, dimensionless.

    Raises
    ------
    StatisticError
        If `truncation_value` is not positive.

    References
    ----------
    .. [1] Cash (1979), ApJ 228, 939, eq. 5.

    Examples
    --------
    >>> round(float(cash(3.0, 2.0)), 6)
    -0.158883
    """
    n_on = np.asarray(n_on, dtype=float)
    mu = _floored(mu_on, _floor(truncation_value))
    return (2 * (mu - n_on * np.log(mu)))[()]


def cash_sum(n_on, mu_on, truncation_value=None) -> float:
    """Sum the Cash statistic over bins; only bins with counts need a logarithm.

    Parameters
    ----------
    n_on, mu_on, truncation_value
        As for `cash`.

    Returns
    -------
    float

    Examples
    --------
    >>> round(cash_sum([3.0, 0.0], [2.0, 1.0]), 6)
    1.841117
    """
    floor = _floor(truncation_value)
    n_on, mu_on = np.asarray(n_on, dtype=float), np.asarray(mu_on, dtype=float)
    if n_on.shape != mu_on.shape or np.ndim(floor):
        return float(np.sum(cash(n_on, mu_on, truncation_value)))
    mu = np.maximum(mu_on, floor).ravel()
    seen = np.flatnonzero(n_on)
    return float(2 * (mu.sum() - np.dot(n_on.ravel()[seen], np.log(mu[seen]))))


def cash_slope(n_on, mu_on, truncation_value=None):
    r"""Compute the derivative of `cash` with respect to the expectation.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`2 (1 - n / \mu)`.

    Examples
    --------
    >>> float(cash_slope(3.0, 2.0))
    -1.0
    """
    mu = _floored(mu_on, _floor(truncation_value))
    return (2 * (1 - np.asarray(n_on, dtype=float) / mu))[()]


def cash_curvature(n_on, mu_on, truncation_value=None):
    r"""Compute the second derivative of `cash` with respect to the expectation.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`2 n / \mu^2`.

    Examples
    --------
    >>> float(cash_curvature(4.0, 2.0))
    2.0
    """
    mu = _floored(mu_on, _floor(truncation_value))
    return (2 * np.asarray(n_on, dtype=float) / mu / mu)[()]


def cstat(n_on, mu_on, truncation_value=None):
    r"""Compute the C statistic of each bin: Cash plus the terms that make it 0 for a perfect model.

    Parameters
    ----------
    n_on, mu_on : array_like, shape (*bins)
        Observed and expected counts. Both are replaced by the floor where they are at or below it.
    truncation_value : float, optional
        The floor, 1e-25 by default.

    Returns
    -------
    ndarray, shape (*bins)
        :math:`2 (\mu - n + n \ln(n / \mu))`.

    References
    ----------
    .. [1] XSPEC manual, appendix B, "Poisson data (cstat)".

    Examples
    --------
    >>> float(cstat(3.0, 3.0)), round(float(cstat(1.0, 2.0)), 6)
    (0.0, 0.613706)
    """
    floor = _floor(truncation_value)
    n, mu = _floored(n_on, floor), _floored(mu_on, floor)
    return (2 * (mu - n + n * (np.log(n) - np.log(mu))))[()]
