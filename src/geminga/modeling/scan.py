"""Where to scan a parameter, and where to search for the ends of its confidence interval."""

from __future__ import annotations

import math

import numpy as np

from ..errors import ModelError

__all__ = ["INTERPOLATIONS", "confidence_range", "scan_range", "scan_values"]

INTERPOLATIONS = ("lin", "log", "sqrt")
"""Spacings of the values to scan."""

_REACH = 1e5  # of a confidence search, in values


def _step(parameter) -> float:
    """Return the error, or else the size of the value."""
    return parameter.error if parameter.error > 0 else abs(parameter.value) or 1.0


def scan_range(parameter) -> tuple[float, float]:
    """Return the usual ends of a scan: the value -/+ ``scan_n_sigma`` steps."""
    value, width = parameter.value, parameter.scan_n_sigma * _step(parameter)
    low, high = value - width, value + width
    if parameter.interp != "lin" and low <= 0 < value:
        # a logarithmic scan cannot start below zero: mirror the upper end
        low = value**2 / high
    return low, high


def scan_values(parameter) -> np.ndarray:
    """Return ``scan_n_values`` values between the ends of the scan, spaced as ``interp`` says.

    Raises
    ------
    ModelError
        If a logarithmic scan starts at or below zero.
    """
    low, high, n, spacing = parameter.scan_min, parameter.scan_max, parameter.scan_n_values, parameter.interp
    if spacing != "lin" and (low < 0 or (low == 0 and spacing == "log")):
        raise ModelError(
            f"scan of {parameter.name} must start above 0 with interp={spacing!r}, got {low}. "
            "Set scan_min, or interp='lin'."
        )
    if spacing == "log":
        return np.geomspace(low, high, n)
    if spacing == "sqrt":
        return np.linspace(math.sqrt(low), math.sqrt(high), n) ** 2
    return np.linspace(low, high, n)


def confidence_range(parameter) -> tuple[float, float]:
    """Return the ends of a confidence search: the limits, or else far beyond the value."""
    value, step = parameter.value, _step(parameter)
    width, reach = parameter.scan_n_sigma * step, _REACH * max(step, abs(value))
    low = min(value - width, -reach) if math.isnan(parameter.min) else parameter.min
    high = max(value + width, reach) if math.isnan(parameter.max) else parameter.max
    return low, high
