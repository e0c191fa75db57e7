"""Arithmetic, comparison and logic of maps: unit aware, bin by bin."""

from __future__ import annotations

import operator

import numpy as np
from astropy import units as u

from ..errors import AxisMismatchError, UnitError
from ..units import conversion_factor
from .differing import what_differs

__all__ = ["Arithmetic"]


def _is_free_of_unit(values) -> bool:
    """Return whether values are the same number in every unit: zero, infinity, NaN."""
    return bool(np.all((values == 0) | ~np.isfinite(values)))


class Arithmetic:
    """Mix-in: operators of maps.

    The other side may be a map on the same geometry, a quantity, an array that broadcasts to the data, or a number.
    """

    # numpy arrays and quantities on the left leave the operation to the map
    __array_priority__ = 100_000

    def _other_side(self, other):
        """Return the numbers and the unit of the other side of an operator, None when it is no such thing."""
        if isinstance(other, Arithmetic):
            if other.geom is not self.geom and not self.geom._is_compatible(other.geom):
                raise AxisMismatchError(
                    f"maps must have the same geometry to be combined, got {what_differs(self.geom, other.geom)}. "
                    "Use interp_to_geom() first."
                )
            return other.data, other.unit
        if isinstance(other, u.Quantity):
            return other.value, other.unit
        if isinstance(other, u.UnitBase):
            return 1.0, other
        if isinstance(other, (str, bytes, type(None), dict)):
            return None, None
        values = np.asarray(other)
        return (values, u.dimensionless_unscaled) if values.dtype.kind in "biuf" else (None, None)

    def _in_own_unit(self, values, unit):
        if unit is self.unit or unit == self.unit:
            return values
        if unit == u.dimensionless_unscaled and values.dtype.kind in "biuf" and _is_free_of_unit(values):
            return values
        return values * conversion_factor(unit, self.unit, "second map or quantity")

    def _linear(self, function, other, swap=False):
        values, unit = self._other_side(other)
        if values is None:
            return NotImplemented
        values = self._in_own_unit(np.asarray(values), unit)
        # sums and differences of masks are counts
        mine = self.data.astype(float) if self.is_mask and values.dtype == bool else self.data
        return self._init_copy(data=function(values, mine) if swap else function(mine, values))

    def _scaled(self, function, other, swap=False):
        values, unit = self._other_side(other)
        if values is None:
            return NotImplemented
        with np.errstate(divide="ignore", invalid="ignore"):
            data = function(values, self.data) if swap else function(self.data, values)
        unit = function(unit, self.unit) if swap else function(self.unit, unit)
        return self._init_copy(data=data, unit=unit)

    def _compared(self, function, other):
        values, unit = self._other_side(other)
        if values is None:
            return NotImplemented
        values = self._in_own_unit(np.asarray(values), unit)
        return self._init_copy(data=function(self.data, values), unit="")

    def _logical(self, function, other):
        values, _ = self._other_side(other)
        if values is None:
            return NotImplemented
        values = np.asarray(values)
        if not self.is_mask or values.dtype != bool:
            raise TypeError(
                f"logic of maps must be between masks (bool), got {self.data.dtype} and {values.dtype}. Compare first."
            )
        return self._init_copy(data=function(self.data, values))

    def _replaced_by(self, result):
        """Take over data and unit of the result of an operator that works in place."""
        if result is NotImplemented:
            return result
        self._data, self._unit = result._data, result._unit
        return self

    def __array__(self, dtype=None, copy=None):
        return np.array(self.data, dtype=dtype, copy=True) if copy else np.asarray(self.data, dtype=dtype)

    def __add__(self, other):
        return self._linear(operator.add, other)

    def __radd__(self, other):
        return self._linear(operator.add, other, swap=True)

    def __iadd__(self, other):
        return self._replaced_by(self + other)

    def __sub__(self, other):
        return self._linear(operator.sub, other)

    def __rsub__(self, other):
        return self._linear(operator.sub, other, swap=True)

    def __isub__(self, other):
        return self._replaced_by(self - other)

    def __mul__(self, other):
        return self._scaled(operator.mul, other)

    def __rmul__(self, other):
        return self._scaled(operator.mul, other, swap=True)

    def __imul__(self, other):
        return self._replaced_by(self * other)

    def __truediv__(self, other):
        return self._scaled(operator.truediv, other)

    def __rtruediv__(self, other):
        return self._scaled(operator.truediv, other, swap=True)

    def __itruediv__(self, other):
        return self._replaced_by(self / other)

    def __pow__(self, power):
        if not np.isscalar(power):
            raise UnitError(f"power of a map must be a number, got {power!r}. Use numpy on its data.")
        return self._init_copy(data=self.data**power, unit=self.unit**power)

    def __neg__(self):
        return self._init_copy(data=-self.data)

    def __pos__(self):
        return self._init_copy(data=+self.data)

    def __abs__(self):
        return self._init_copy(data=np.abs(self.data))

    def __lt__(self, other):
        return self._compared(operator.lt, other)

    def __le__(self, other):
        return self._compared(operator.le, other)

    def __gt__(self, other):
        return self._compared(operator.gt, other)

    def __ge__(self, other):
        return self._compared(operator.ge, other)

    def __eq__(self, other):
        return self._compared(operator.eq, other)

    def __ne__(self, other):
        return self._compared(operator.ne, other)

    __hash__ = object.__hash__

    def __and__(self, other):
        return self._logical(operator.and_, other)

    def __or__(self, other):
        return self._logical(operator.or_, other)

    def __xor__(self, other):
        return self._logical(operator.xor, other)

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __iand__(self, other):
        return self._replaced_by(self & other)

    def __ior__(self, other):
        return self._replaced_by(self | other)

    def __ixor__(self, other):
        return self._replaced_by(self ^ other)

    def __invert__(self):
        if not self.is_mask:
            raise TypeError(
                f"a map must be a mask (bool) to be inverted, got {self.data.dtype}. Compare first."
            )
        return self._init_copy(data=~self.data)
