"""Integration of functions that are close to power laws."""

from __future__ import annotations

import numpy as np

__all__ = ["trapz_loglog"]


def trapz_loglog(y, x, axis=-1):
    r"""Integrate with the trapezoid rule in log-log space.

    Each segment is a power law through its two ends, integrated analytically. With
    :math:`L = \ln(x_2/x_1)` and :math:`t = \ln(y_2/y_1) + L` the segment is
    :math:`\sqrt{x_1 y_1 x_2 y_2}\, L\, \sinh(t/2)/(t/2)`, which has no special case at index 1. A segment with a
    zero or negative end contributes 0.

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
    y = np.moveaxis(np.asarray(getattr(y, "value", y), dtype=float), axis, -1)
    x = np.asarray(getattr(x, "value", x), dtype=float)
    if x.ndim > 1:
        x = np.moveaxis(x, axis, -1)

    good_x, good_y = x > 0, y > 0
    log_x = np.log(np.where(good_x, x, 1.0))
    log_y = np.log(np.where(good_y, y, 1.0))
    good = good_x & good_y
    step = np.diff(log_x, axis=-1)
    half = 0.5 * (np.diff(log_y, axis=-1) + step)
    root = np.sqrt(np.where(good, x * y, 0.0))
    small = np.abs(half) < 1e-10
    with np.errstate(over="ignore"):
        ratio = np.where(small, 1.0, np.sinh(half) / np.where(small, 1.0, half))
    segments = root[..., :-1] * root[..., 1:] * step * ratio
    segments = np.where(good[..., :-1] & good[..., 1:], segments, 0.0)
    result = segments.sum(axis=-1)
    return result if unit is None else result * unit
