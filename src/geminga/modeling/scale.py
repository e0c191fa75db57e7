"""How the value of a parameter becomes the number that a minimiser sees."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["SCALE_METHODS", "SCALE_TRANSFORMS", "ScaleTransform"]


class ScaleTransform(NamedTuple):
    """A monotonic function of the value, its inverse, and the derivative of the inverse."""

    forward: Callable[[float], float]
    inverse: Callable[[float], float]
    derivative: Callable[[float], float]


def _same(value):
    return value


def _one(value):
    return 1.0


def _log(value):
    if value > 0:
        return math.log(value)
    return -math.inf if value == 0 else math.nan


def _exp(value):
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _sqrt(value):
    return math.sqrt(value) if value >= 0 else math.nan


def _square(value):
    return value * value


def _twice(value):
    return 2.0 * value


def _power_of_ten(value):
    if value == 0 or not math.isfinite(value):
        return 0.0
    return float(10.0 ** math.floor(math.log10(abs(value))))


def _value_itself(value):
    return float(value) if math.isfinite(value) else 0.0


SCALE_TRANSFORMS = {
    "lin": ScaleTransform(_same, _same, _one),
    "log": ScaleTransform(_log, _exp, _exp),
    "sqrt": ScaleTransform(_sqrt, _square, _twice),
}
"""Transforms by name."""

SCALE_METHODS = {"scale10": _power_of_ten, "factor1": _value_itself}
"""Choice of the scale by name; 0 means that the scale stays as it is."""
