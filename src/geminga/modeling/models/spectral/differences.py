"""Numeric derivatives of one model, for formulas that declare none."""

from __future__ import annotations

import numpy as np

__all__ = ["central_differences", "partial_derivative"]

_STEP = np.finfo(float).eps ** (1 / 3)
_WANTED_CHANGE = 1e-7
_LARGEST_GROWTH = 1e6


def partial_derivative(function, value, scale):
    """Return the derivative of an array-valued function of one number.

    Central differences; the step grows when the function hardly moves, so that parameters far smaller than
    the scale on which the model changes keep their digits. Beside a limit (where one side is not finite) the
    difference is one-sided.

    Parameters
    ----------
    function : callable
        Takes a float, returns an ndarray.
    value : float
        Where.
    scale : float
        Typical size of the number, > 0, used where `value` is smaller.

    Returns
    -------
    ndarray

    Examples
    --------
    >>> round(float(partial_derivative(np.exp, 1.0, 1.0)), 8)
    2.71828183
    """
    step = _STEP * max(abs(value), scale)
    with np.errstate(all="ignore"):
        above, below = np.asarray(function(value + step)), np.asarray(function(value - step))
        size = np.maximum(np.abs(above), np.abs(below))
        change = np.max(np.abs(above - below) / np.where(size > 0, size, 1.0), initial=0.0)
    if np.isfinite(change) and 0 < change < 0.1 * _WANTED_CHANGE:
        larger = step * min(_WANTED_CHANGE / change, _LARGEST_GROWTH)
        with np.errstate(all="ignore"):
            wide_above, wide_below = (
                np.asarray(function(value + larger)),
                np.asarray(function(value - larger)),
            )
        if np.all(np.isfinite(wide_above)) and np.all(np.isfinite(wide_below)):
            above, below, step = wide_above, wide_below, larger
    good_above, good_below = np.isfinite(above), np.isfinite(below)
    if good_above.all() and good_below.all():
        return (above - below) / (2 * step)
    here = np.asarray(function(value))
    with np.errstate(all="ignore"):
        forward, backward = (above - here) / step, (here - below) / step
        both = (above - below) / (2 * step)
    return np.where(good_above & good_below, both, np.where(good_above, forward, backward))


def central_differences(function, values, scales=None):
    """Return the Jacobian of an array-valued function of a few numbers.

    Parameters
    ----------
    function : callable
        Takes an ndarray of shape (n_par,), returns an ndarray of shape (n,).
    values : ndarray, shape (n_par,)
    scales : ndarray, shape (n_par,), optional
        Typical sizes, used where a value is smaller. Default: the absolute value, or 1 for zero.

    Returns
    -------
    ndarray, shape (n_par, n)
    """
    values = np.array(values, dtype=float)
    if scales is None:
        scales = np.where(values == 0, 1.0, np.abs(values))
    rows = []
    for index, scale in enumerate(scales):

        def moved(number, index=index):
            trial = values.copy()
            trial[index] = number
            return function(trial)

        rows.append(partial_derivative(moved, values[index], scale))
    return np.array(rows)
