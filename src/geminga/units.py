"""The airlock between quantities outside and plain float64 arrays inside.

Public functions take `~astropy.units.Quantity` or strings such as ``"1 TeV"``; the engine computes with plain
numbers in the units below. Conversions happen here and nowhere else.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from astropy import units as u

from .errors import UnitError

__all__ = [
    "ANGLE",
    "ENERGY",
    "LENGTH",
    "SOLID_ANGLE",
    "TIME",
    "TRANSIT",
    "conversion_factor",
    "internal_unit",
    "to_quantity",
    "to_value",
]

ENERGY = u.TeV
LENGTH = u.cm
TIME = u.s
ANGLE = u.deg
SOLID_ANGLE = u.sr

#: Drift scans are counted in passages of the sky, a unit that astropy lacks: a sidereal day. Only files know its name.
TRANSIT = u.def_unit("transit", u.sday, format={"latex": r"\mathrm{transit}"})


def to_quantity(value, unit=None, name="value", equivalencies=()):
    """Return a quantity, converted to `unit` when one is given.

    Parameters
    ----------
    value : `~astropy.units.Quantity`, str, float or array_like
        What the caller handed over. Plain numbers are accepted for dimensionless units only.
    unit : unit-like, optional
        Unit of the result. Without it the value keeps its own.
    name : str
        Name of the argument, for the message.
    equivalencies : list
        Astropy unit equivalencies.

    Returns
    -------
    `~astropy.units.Quantity`

    Raises
    ------
    UnitError
        If the value cannot be read as a quantity or has another dimension.

    Examples
    --------
    >>> to_quantity("1 TeV", "GeV")
    <Quantity 1000. GeV>
    """
    try:
        texts = isinstance(value, (list, tuple)) and any(isinstance(item, str) for item in value)
        quantity = u.Quantity([u.Quantity(item) for item in value] if texts else value)
    except (TypeError, ValueError, u.UnitConversionError) as error:
        raise UnitError(f"{name} must be a quantity, got {value!r}. Give a number with a unit.") from error
    if unit is None:
        return quantity
    try:
        return quantity.to(unit, equivalencies=list(equivalencies))
    except u.UnitConversionError as error:
        got = f"unit {quantity.unit.to_string()!r}" if quantity.unit != u.one else "a number without a unit"
        raise UnitError(
            f"{name} must have a unit convertible to {u.Unit(unit).to_string()!r}, got {got}. "
            f"Give for example '1 {u.Unit(unit).to_string()}'."
        ) from error


def to_value(value, unit, name="value", equivalencies=()):
    """Return plain float64 numbers in `unit`.

    Parameters are those of `to_quantity`.

    Examples
    --------
    >>> float(to_value("1 TeV", "GeV"))
    1000.0
    """
    return np.asarray(to_quantity(value, unit, name, equivalencies).value, dtype=float)


@lru_cache(maxsize=4096)
def _factor(unit: u.UnitBase, target: u.UnitBase) -> float:
    return float(unit.to(target))


def conversion_factor(unit, target, name="value") -> float:
    """Return the number by which values in `unit` are multiplied to be in `target`.

    Examples
    --------
    >>> conversion_factor("m2", "cm2")
    10000.0
    """
    unit, target = u.Unit(unit), u.Unit(target)
    try:
        return _factor(unit, target)
    except u.UnitConversionError as error:
        raise UnitError(
            f"{name} must have a unit convertible to {target.to_string()!r}, got {unit.to_string()!r}. "
            "Convert it before use."
        ) from error


@lru_cache(maxsize=1024)
def _internal_unit(unit: u.UnitBase) -> u.UnitBase:
    for simple in (ENERGY, LENGTH, TIME, ANGLE, SOLID_ANGLE):
        if unit.is_equivalent(simple):
            return simple
    plain = unit.decompose()
    powers = dict(zip(plain.bases, plain.powers, strict=True))
    mass, length, time, angle = (powers.pop(base, 0) for base in (u.kg, u.m, u.s, u.rad))
    if powers:
        return unit
    # One energy is kg m2 s-2.
    trial = ENERGY**mass * LENGTH ** (length - 2 * mass) * TIME ** (time + 2 * mass)
    return trial * (SOLID_ANGLE ** (angle / 2) if angle % 2 == 0 else ANGLE**angle)


def internal_unit(unit) -> u.UnitBase:
    """Return the unit in which the engine holds values given in `unit`.

    Examples
    --------
    >>> internal_unit("m-2 s-1 MeV-1") == u.Unit("cm-2 s-1 TeV-1")
    True
    """
    return _internal_unit(u.Unit(unit))
