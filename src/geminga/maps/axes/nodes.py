"""Nodes of axes: numbers and unit apart."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from astropy import units as u

from ...errors import GeometryError, UnitError
from ...units import conversion_factor, to_quantity

__all__ = ["as_quantity", "as_unit", "energy_ends", "energy_unit", "nodes_and_unit", "whole_number"]


@lru_cache(maxsize=512)
def _parsed_unit(text: str) -> u.UnitBase:
    return u.Unit(text)


def as_unit(unit) -> u.UnitBase:
    """Return a unit; texts are parsed once."""
    if isinstance(unit, u.UnitBase):
        return unit
    try:
        return _parsed_unit(unit) if isinstance(unit, str) else u.Unit(unit)
    except (ValueError, TypeError) as error:
        raise UnitError(
            f"unit of an axis must be readable, got {unit!r}. Use a name that astropy knows."
        ) from error


def as_quantity(values, unit) -> u.Quantity:
    """Return a fresh float array as a quantity.

    Axes hand out thousands of these; a view is made in a fifth of the time of ``values << unit``.
    """
    quantity = values.view(u.Quantity)
    quantity._set_unit(unit)
    return quantity


@lru_cache(maxsize=512)
def quantity_from_text(text) -> u.Quantity:
    """Return the quantity in a text; texts are parsed once."""
    return to_quantity(text)


def nodes_and_unit(nodes, unit) -> tuple[np.ndarray, u.UnitBase]:
    """Split nodes into plain numbers and their unit; a unit asked for besides converts them."""
    asked = as_unit(unit) if unit is not None else u.dimensionless_unscaled
    if not isinstance(nodes, u.Quantity) and np.size(nodes) and not np.isscalar(nodes):
        first = nodes[0]
        if isinstance(first, (str, u.Quantity)):
            nodes = to_quantity(
                [to_quantity(node, name="axis node") for node in nodes], name="nodes of an axis"
            )
    elif isinstance(nodes, str):
        nodes = to_quantity(nodes, name="nodes of an axis")
    if not isinstance(nodes, u.Quantity):
        return np.array(nodes, dtype=float).reshape(-1), asked
    own = nodes.unit
    if asked is own or asked == u.dimensionless_unscaled:
        return np.array(nodes.value, dtype=float).reshape(-1), own
    factor = conversion_factor(own, asked, "nodes of an axis")
    return np.array(nodes.value, dtype=float).reshape(-1) * factor, asked


def whole_number(value, name) -> int:
    if not np.isscalar(value) or int(value) != value or value < 1:
        raise GeometryError(f"{name} must be a whole number >= 1, got {value!r}.")
    return int(value)


def energy_unit(unit) -> u.UnitBase:
    if not unit.is_equivalent(u.eV):
        raise UnitError(
            f"unit of an energy axis must be an energy, got {unit.to_string()!r}. Use for example 'TeV'."
        )
    return unit


def energy_ends(energy_min, energy_max, unit) -> tuple[np.ndarray, u.UnitBase]:
    """Return both ends as plain numbers in the unit of the axis."""
    ends = [
        quantity_from_text(end) if isinstance(end, str) else to_quantity(end, name=name)
        for end, name in ((energy_min, "energy_min"), (energy_max, "energy_max"))
    ]
    given = None if unit is None else as_unit(unit)
    if given is not None:
        ends = [u.Quantity(end.value, given) if end.unit == u.one else end for end in ends]
    given = energy_unit(ends[1].unit if given is None else given)
    return np.array([float(to_quantity(end, given, "energy").value) for end in ends]), given
