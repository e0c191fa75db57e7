"""Functions of plain numbers, quantities and other array libraries alike.

Model formulas are written once. They are called with plain float64 arrays by the likelihood, with quantities by
users, and with arrays of other libraries (JAX) by accelerated back ends; these helpers hide the difference.
"""

from __future__ import annotations

from importlib import import_module
from math import factorial

import numpy as np
from astropy import units as u

__all__ = [
    "array_namespace",
    "erf",
    "erf_difference",
    "exprel",
    "exprel2",
    "exprel2_slope",
    "exprel_slope",
    "number",
    "number_in",
    "ratio",
]

# enough terms for double precision below the limits where the closed formulas take over
_SERIES_LENGTH = 9
_LIMIT = 0.05


def array_namespace(*arrays):
    """Return the array library of the arguments: NumPy unless one of them belongs to another.

    Examples
    --------
    >>> array_namespace(1.0, np.ones(3)).__name__
    'numpy'
    """
    for array in arrays:
        if isinstance(array, (np.ndarray, float, int, np.generic)):
            continue
        owner = getattr(array, "__array_namespace__", None)
        if owner is not None:
            return owner()
    return np


def number(value):
    """Return a dimensionless quantity as plain numbers; leave everything else alone.

    Examples
    --------
    >>> float(number(1 * u.Unit("GeV / MeV")))
    1000.0
    """
    if isinstance(value, u.Quantity):
        return value.to_value(u.one)
    return value


def number_in(value, unit, plain_factor=1.0):
    """Return a quantity as plain numbers in `unit`, or plain numbers times `plain_factor`.

    Examples
    --------
    >>> float(number_in(1 * u.GeV, "MeV")), number_in(2.0, "MeV", 1e6)
    (1000.0, 2000000.0)
    """
    if isinstance(value, u.Quantity):
        return value.to_value(unit)
    return value * plain_factor


def ratio(numerator, denominator):
    """Return the plain ratio of two quantities, or of two plain numbers.

    Examples
    --------
    >>> float(ratio(1 * u.TeV, 1 * u.GeV))
    1000.0
    """
    return number(numerator / denominator)


def _series(x, coefficients):
    """Evaluate a polynomial from its coefficients, lowest power first."""
    result = coefficients[-1] + 0.0 * x
    for coefficient in coefficients[-2::-1]:
        result = result * x + coefficient
    return result


def _blend(x, limit, coefficients, formula):
    """Use a power series where abs(x) < limit and the closed formula elsewhere."""
    xp = array_namespace(x)
    x = xp.asarray(x)
    near = xp.abs(x) < limit
    if xp is np:
        if not near.any():
            return formula(x)
        if near.all():
            return _series(x, coefficients)
    safe = xp.where(near, 1.0, x)
    return xp.where(near, _series(xp.where(near, x, 0.0), coefficients), formula(safe))


_EXPREL = [1 / factorial(k + 1) for k in range(5)]
_EXPREL_SLOPE = [(k + 1) / factorial(k + 2) for k in range(_SERIES_LENGTH)]
_EXPREL2 = [1 / factorial(k + 2) for k in range(_SERIES_LENGTH)]
_EXPREL2_SLOPE = [(k + 1) / factorial(k + 3) for k in range(_SERIES_LENGTH)]


def exprel(x):
    r"""Return :math:`(e^x - 1) / x`, which is 1 at zero.

    Examples
    --------
    >>> float(exprel(0.0)), round(float(exprel(1.0)), 6)
    (1.0, 1.718282)
    """
    xp = array_namespace(x)
    return _blend(x, 1e-3, _EXPREL, lambda x: xp.expm1(x) / x)


def exprel_slope(x):
    r"""Return the derivative of `exprel`, :math:`(x e^x - e^x + 1) / x^2`.

    Examples
    --------
    >>> float(exprel_slope(0.0)), round(float(exprel_slope(1.0)), 6)
    (0.5, 1.0)
    """
    xp = array_namespace(x)
    return _blend(x, _LIMIT, _EXPREL_SLOPE, lambda x: (xp.exp(x) - xp.expm1(x) / x) / x)


def exprel2(x):
    r"""Return :math:`(e^x - 1 - x) / x^2`, which is 1/2 at zero.

    Examples
    --------
    >>> float(exprel2(0.0)), round(float(exprel2(1.0)), 6)
    (0.5, 0.718282)
    """
    xp = array_namespace(x)
    return _blend(x, _LIMIT, _EXPREL2, lambda x: (xp.expm1(x) - x) / x**2)


def exprel2_slope(x):
    r"""Return the derivative of `exprel2`, :math:`(e^x (x - 2) + x + 2) / x^3`.

    Examples
    --------
    >>> round(float(exprel2_slope(0.0)), 6), round(float(exprel2_slope(1.0)), 6)
    (0.166667, 0.281718)
    """
    return _blend(x, 2 * _LIMIT, _EXPREL2_SLOPE, lambda x: (exprel_slope(x) - exprel2(x)) / x)


def _special(name, x):
    """Return a special function of the library of x."""
    xp = array_namespace(x)
    library = "scipy" if xp is np else f"{xp.__name__.split('.')[0]}.scipy"
    return getattr(import_module(f"{library}.special"), name)


def erf(x):
    """Return the error function.

    Examples
    --------
    >>> round(float(erf(1.0)), 6)
    0.842701
    """
    return _special("erf", x)(x)


def erf_difference(low, high):
    """Return erf(high) - erf(low) without cancellation in the tails.

    Examples
    --------
    >>> float(erf_difference(10.0, 11.0)) > 0
    True
    """
    xp = array_namespace(low, high)
    erfc = _special("erfc", low if array_namespace(low) is xp else high)
    flip = xp.asarray(low) + high < 0
    first, second = xp.where(flip, -high, low), xp.where(flip, -low, high)
    return erfc(first) - erfc(second)
