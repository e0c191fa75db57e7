"""From what users and files give to plain numbers, flags and units."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from astropy import units as u

from ..errors import ModelError, UnitError

__all__ = ["boolean", "number_in_text", "plain_number", "unit_from_text", "unit_to_text"]


def plain_number(value, name: str) -> float:
    """Return a scalar as a Python float."""
    if type(value) is float:  # the common case, in every step of a fit
        return value
    if isinstance(value, float | int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str | bool) or value is None:
        raise ModelError(
            f"{name} must be a number, got {value!r}. Use parameter.quantity for values with a unit."
        )
    if isinstance(value, u.Quantity) and value.unit != u.one:
        raise UnitError(
            f"{name} must be a plain number, got {value}. Use parameter.quantity for values with a unit."
        )
    array = np.asarray(value)
    if array.size != 1 or array.dtype.kind not in "fiu":
        raise ModelError(f"{name} must be one real number, got {value!r}. Give a scalar.")
    return float(array.reshape(())[()])


def boolean(value, name: str) -> bool:
    """Return a flag; strings and numbers are refused, because ``bool("False")`` is true."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    raise ModelError(f"{name} must be True or False, got {value!r}. Give a boolean.")


def number_in_text(value):
    """Return text such as "1e-12", which YAML does not take for a number, as a number; anything else as it is."""
    if isinstance(value, str) and value[:1] in "+-.0123456789" and value:
        try:
            return float(value)
        except ValueError:
            return value
    return value


@lru_cache(maxsize=1024)
def unit_from_text(text: str) -> u.UnitBase:
    """Return the unit that a text names."""
    return u.Unit(text)


@lru_cache(maxsize=1024)
def unit_to_text(unit) -> str:
    """Return a unit as files hold it: the FITS spelling where there is one."""
    if unit == u.one:
        return ""
    try:
        return unit.to_string("fits")
    except (ValueError, TypeError):
        return unit.to_string()
