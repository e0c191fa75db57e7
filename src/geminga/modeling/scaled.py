"""A value as a minimiser sees it: transformed and divided by a scale."""

from __future__ import annotations

from .attributes import Choice
from .plain_values import plain_number
from .scale import SCALE_METHODS, SCALE_TRANSFORMS

__all__ = ["ScaledValue"]


class ScaledValue:
    """Something with a value, limits, a scale and a transform; the base of `~geminga.modeling.Parameter`."""

    __slots__ = ()

    @property
    def scale(self) -> float:
        """Number by which the transformed value is divided to give the factor."""
        return self._scale

    scale_transform = Choice(tuple(SCALE_TRANSFORMS), doc="Function of the value that the minimiser sees.")
    scale_method = Choice(
        (*SCALE_METHODS, None), doc="How `autoscale` chooses the scale; None leaves it as it is."
    )

    @property
    def factor(self) -> float:
        """Value as the minimiser sees it."""
        return self.transform(self._value)

    @factor.setter
    def factor(self, factor):
        self._value = self.inverse_transform(plain_number(factor, f"factor of {self._name}"))

    def _factor_limits(self) -> tuple[float, float]:
        low, high = self.transform(self._min), self.transform(self._max)
        return (low, high) if self._scale > 0 else (high, low)

    @property
    def factor_min(self) -> float:
        """Lower limit of the factor, NaN for none."""
        return self._factor_limits()[0]

    @property
    def factor_max(self) -> float:
        """Upper limit of the factor, NaN for none."""
        return self._factor_limits()[1]

    def transform(self, value, update_scale=False) -> float:
        """Return the factor that belongs to a value.

        Parameters
        ----------
        value : float
            Value in units of `unit`.
        update_scale : bool
            Choose the scale by this value first.
        """
        if update_scale:
            self.update_scale(value)
        return SCALE_TRANSFORMS[self._scale_transform].forward(value) / self._scale

    def inverse_transform(self, factor) -> float:
        """Return the value that belongs to a factor."""
        return SCALE_TRANSFORMS[self._scale_transform].inverse(factor * self._scale)

    def inverse_transform_derivative(self, factor) -> float:
        """Return d value / d factor, which takes errors of factors to errors of values."""
        return SCALE_TRANSFORMS[self._scale_transform].derivative(factor * self._scale) * self._scale

    def update_scale(self, value) -> None:
        """Choose the scale by `scale_method` for a value; it stays as it is for value 0."""
        if self._scale_method is None:
            return
        scale = SCALE_METHODS[self._scale_method](SCALE_TRANSFORMS[self._scale_transform].forward(value))
        if scale:
            self._scale = scale

    def autoscale(self) -> None:
        """Choose the scale so that the factor is of order one."""
        self.update_scale(self._value)

    def reset_autoscale(self) -> None:
        """Set the scale to one; the value stays."""
        self._scale = 1.0
