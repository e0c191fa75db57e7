"""Closed forms for one bin with a known background, accurate from one count to billions."""

from __future__ import annotations

import numpy as np
from scipy.special import lambertw

__all__ = ["change_for_rise", "change_for_significance"]

# Below this the series is more accurate than Lambert's function next to its branch point.
_SERIES = 1e-5


def change_for_rise(rise, upward: bool) -> np.ndarray:
    r"""Solve :math:`t - \ln(1 + t) = \epsilon` for t.

    With n counts the Cash statistic rises by :math:`2 n \epsilon` when the expectation goes from n to
    :math:`n (1 + t)`.

    Parameters
    ----------
    rise : array_like
        :math:`\epsilon \geq 0`.
    upward : bool
        Return the root t > 0, otherwise that between -1 and 0.

    Examples
    --------
    >>> round(float(change_for_rise(1 / 6, upward=True)), 6), round(float(change_for_rise(1 / 6, upward=False)), 6)
    (0.693412, -0.472009)
    """
    rise = np.asarray(rise, dtype=float)
    u = np.sqrt(2 * rise) * (1 if upward else -1)
    series = u * (1 + u * (1 / 3 + u * (1 / 36 - u * (1 / 270 - u / 4320))))
    near = np.where((rise > _SERIES) & (rise < 600), rise, 1.0)
    t = -1 - lambertw(-np.exp(-1 - near), -1 if upward else 0).real
    far = rise + 1
    if upward:
        for _ in range(6):
            far = np.where(rise >= 600, rise + np.log1p(far), far)
    else:
        far = np.full_like(rise, -1.0)
    return np.where(rise <= _SERIES, series, np.where(rise >= 600, far, t))


def change_for_significance(ratio, upward: bool) -> np.ndarray:
    r"""Solve :math:`(1 + t) \ln(1 + t) - t = c` for t.

    With b background counts an excess of :math:`b t` has a test statistic of :math:`2 b c`.

    Parameters
    ----------
    ratio : array_like
        :math:`c \geq 0`.
    upward : bool
        Return the root t > 0, otherwise that between -1 and 0, NaN for c > 1.

    Examples
    --------
    >>> round(float(change_for_significance(12.5, upward=True)), 5)
    8.32728
    """
    ratio = np.asarray(ratio, dtype=float)
    v = np.sqrt(2 * ratio) * (1 if upward else -1)
    series = v * (1 + v * (1 / 6 - v * (1 / 72 - v / 270)))
    near = np.where(ratio > _SERIES, ratio, 1.0)
    with np.errstate(invalid="ignore"):
        t = np.expm1(1 + lambertw((near - 1) / np.e, 0 if upward else -1).real)
    if not upward:
        t = np.where(ratio == 1, -1.0, np.where(ratio > 1, np.nan, t))
    return np.where(ratio <= _SERIES, series, t)
