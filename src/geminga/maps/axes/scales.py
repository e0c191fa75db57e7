"""Scales of axes: the function of the coordinate in which pixels are equally dealt with."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ...errors import UnknownNameError

__all__ = ["SCALES", "Scale", "scale_named"]

_TINY = np.finfo(float).tiny
_LOG_FLOOR = np.log(_TINY)


class Scale(NamedTuple):
    """A monotonic function and its inverse, both of plain float arrays."""

    forward: Callable
    inverse: Callable


def _same(values):
    return np.asarray(values, dtype=float)


def _log(values):
    """Natural logarithm; zero and negative values lie on a floor far below every physical value."""
    return np.log(np.maximum(values, _TINY))


def _exp(values):
    with np.errstate(over="ignore"):
        result = np.exp(values)
    return np.where(np.asarray(values) <= _LOG_FLOOR, 0.0, result)


def _sqrt(values):
    """Square root that keeps the sign, so that it has an inverse below zero too."""
    return np.sign(values) * np.sqrt(np.abs(values))


def _square(values):
    return np.sign(values) * np.square(values)


SCALES = {"lin": Scale(_same, _same), "log": Scale(_log, _exp), "sqrt": Scale(_sqrt, _square)}


def scale_named(name) -> Scale:
    """Return the scale of this name: "lin", "log" or "sqrt".

    Examples
    --------
    >>> float(scale_named("sqrt").inverse(-2.0))
    -4.0
    """
    try:
        return SCALES[name]
    except (KeyError, TypeError):
        raise UnknownNameError("axis interpolation", name, SCALES) from None
