"""How matplotlib understands quantities."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
from astropy import units as u
from matplotlib import units as mpl_units

__all__ = ["QuantityConverter", "with_quantities"]


class QuantityConverter(mpl_units.ConversionInterface):
    """Convert quantities to the unit of a matplotlib axis.

    The only instance serves all plots, so that drawing twice on one axis does not change its converter. It equals
    the converters that `astropy.visualization.quantity_support` makes: both mean the same by a unit.
    """

    @staticmethod
    def default_units(x, axis):
        """Return the unit of the first values that are drawn."""
        if isinstance(x, u.Quantity):
            return x.unit
        first = next(iter(np.atleast_1d(np.asarray(x, dtype=object)).flat), None)
        return getattr(first, "unit", None)

    @staticmethod
    def convert(value, unit, axis):
        """Return plain numbers in the unit of the axis."""
        if isinstance(value, u.Quantity):
            return value.value if unit is None else value.to_value(unit)
        if isinstance(value, (list, tuple)):
            return [QuantityConverter.convert(item, unit, axis) for item in value]
        return value

    @staticmethod
    def axisinfo(unit, axis):
        """Leave ticks and labels to the plot."""
        return

    def __eq__(self, other):
        return isinstance(other, QuantityConverter) or type(other).__name__.startswith("MplQuantityConverter")

    __hash__ = object.__hash__


_CONVERTER = QuantityConverter()


@contextmanager
def with_quantities():
    """Let matplotlib draw quantities; what somebody else registered before stays in use."""
    registry = mpl_units.registry
    missing = [kind for kind in _kinds(u.Quantity) if kind not in registry]
    registry.update(dict.fromkeys(missing, _CONVERTER))
    try:
        yield _CONVERTER
    finally:
        for kind in missing:
            registry.pop(kind, None)


def _kinds(kind):
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)
