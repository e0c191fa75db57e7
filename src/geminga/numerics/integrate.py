"""Integration of functions that are close to power laws."""

from __future__ import annotations

import numpy as np

__all__ = ["loglog_segments", "trapz_loglog"]


def loglog_segments(y, x, axis=-1):
    r"""Integrate between neighbouring nodes, each step a power law.

    With :math:`f_i = x_i y_i` and :math:`t = \ln(f_2/f_1)` a step is
    :math:`\ln(x_2/x_1)\, (f_1 + f_2)/2\, \tanh(t/2)/(t/2)`, which has no special case at index 1. A step with a zero
    or negative end contributes 0.

    Parameters
    ----------
    y : array_like, shape (..., n, ...)
        Values at the nodes.
    x : array_like
        Nodes, broadcastable to `y` and with the same number of dimensions, or of shape (n,).
    axis : int
        Axis along which to integrate.

    Returns
    -------
    ndarray, shape (..., n - 1, ...)

    Examples
    --------
    >>> x = np.array([1.0, 10.0, 100.0])
    >>> loglog_segments(x**-2, x).round(12)
    array([0.9 , 0.09])
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    if x.ndim == 1:
        x = np.moveaxis(x.reshape((1,) * (y.ndim - 1) + (-1,)), -1, axis)
    product = x * y
    good = (x > 0) & (y > 0)
    everywhere = good.all()
    if not everywhere:
        product = np.where(good, product, 1.0)

    def ends(values):
        values = np.moveaxis(values, axis, 0)
        return values[:-1], values[1:]

    log_x = np.log(np.where(x > 0, x, 1.0))
    half = 0.5 * np.diff(np.log(product), axis=axis)
    first, second = ends(product)
    steps = np.moveaxis(0.5 * (first + second), 0, axis) * np.diff(log_x, axis=axis)
    steps *= np.divide(np.tanh(half), half, out=np.ones_like(half), where=half != 0)
    if not everywhere:
        first, second = ends(good)
        steps[~np.moveaxis(first & second, 0, axis)] = 0.0
    return steps


def trapz_loglog(y, x, axis=-1):
    r"""Integrate with the trapezoid rule in log-log space, see `loglog_segments`.

    Parameters
    ----------
    y : array_like or `~astropy.units.Quantity`, shape (..., n, ...)
        Values at the nodes.
    x : array_like or `~astropy.units.Quantity`
        Nodes, of shape (n,) or broadcastable to `y`.
    axis : int
        Axis along which to integrate.

    Returns
    -------
    ndarray or `~astropy.units.Quantity`
        Shape of `y` without the axis, unit of ``y * x``.

    Examples
    --------
    >>> x = np.array([1.0, 10.0])
    >>> round(float(trapz_loglog(x**-2, x)), 12)
    0.9
    """
    unit_y, unit_x = getattr(y, "unit", None), getattr(x, "unit", None)
    unit = None
    if unit_y is not None or unit_x is not None:
        unit = (1 if unit_y is None else unit_y) * (1 if unit_x is None else unit_x)
    result = loglog_segments(getattr(y, "value", y), getattr(x, "value", x), axis).sum(axis=axis)
    return result if unit is None else result * unit
