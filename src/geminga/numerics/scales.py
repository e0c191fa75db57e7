"""Scales on which nodes and values are straight lines: linear, logarithmic, square root, fit-statistic profile."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from geminga.errors import UnknownNameError

__all__ = [
    "InterpolationScale",
    "LinearScale",
    "LogScale",
    "SqrtScale",
    "StatProfileScale",
    "interpolation_scale",
]


class InterpolationScale:
    """A pair of functions: to the scale and back.

    Calling the scale keeps the unit of its argument in mind, so that `inverse` gives it back. The functions
    `scale` and `unscale` are for plain arrays and remember nothing.
    """

    name = ""

    def __init__(self):
        self._unit = None

    @staticmethod
    def scale(values: np.ndarray) -> np.ndarray:
        """Return plain `values` on the scale."""
        raise NotImplementedError

    @staticmethod
    def unscale(values: np.ndarray) -> np.ndarray:
        """Return plain scaled `values` as they were."""
        raise NotImplementedError

    @staticmethod
    def unscale_derivative(values: np.ndarray) -> np.ndarray:
        """Return the derivative of `unscale` at plain scaled `values`."""
        raise NotImplementedError

    def __call__(self, values):
        """Return values, plain or with a unit, on the scale as a plain array."""
        if isinstance(values, u.Quantity):
            self._unit = values.unit
            values = values.value
        else:
            self._unit = None
        return self.scale(_as_floats(values))

    def inverse(self, values):
        """Return scaled values as they were, with the unit of the last call."""
        result = self.unscale(_as_floats(values))
        return result if self._unit is None else u.Quantity(result, self._unit, copy=None)

    def __repr__(self):
        return f"{type(self).__name__}()"


def _as_floats(values) -> np.ndarray:
    """Return a floating array in native byte order; single precision stays single."""
    values = np.asarray(values)
    if values.dtype.kind != "f":
        return values.astype(float)
    return values.astype(values.dtype.newbyteorder("="), copy=False)


class LinearScale(InterpolationScale):
    """Values as they are.

    Examples
    --------
    >>> float(LinearScale.scale(np.array(3.0)))
    3.0
    """

    name = "lin"

    @staticmethod
    def scale(values):
        """Return `values`."""
        return values

    @staticmethod
    def unscale(values):
        """Return `values`."""
        return values

    @staticmethod
    def unscale_derivative(values):
        """Return ones."""
        return np.ones_like(values)


class LogScale(InterpolationScale):
    """Natural logarithm with a floor at the smallest normal number of the array type.

    The floor (-708.4 in double, -87.3 in single precision) stands for zero: `unscale` maps results at the floor to 0.

    Examples
    --------
    >>> scale = LogScale()
    >>> [round(float(x), 4) for x in scale([0.0, 1.0, 2.0])]
    [-708.3964, 0.0, 0.6931]
    >>> scale.inverse(scale([0.0, 1.0])).tolist()
    [0.0, 1.0]
    """

    name = "log"

    @staticmethod
    def scale(values):
        """Return the natural logarithm."""
        return np.log(np.maximum(values, np.finfo(values.dtype).tiny))

    @staticmethod
    def unscale(values):
        """Return the exponential; 0 at and below the floor."""
        info = np.finfo(values.dtype)
        with np.errstate(over="ignore", under="ignore"):
            result = np.exp(values)
        return np.where(values <= np.log(info.tiny) * (1 - 100 * info.eps), 0, result)

    @staticmethod
    def unscale_derivative(values):
        """Return the exponential; 0 at and below the floor."""
        return LogScale.unscale(values)


class SqrtScale(InterpolationScale):
    """Square root that keeps the sign.

    Examples
    --------
    >>> scale = SqrtScale()
    >>> scale([-4.0, 4.0]).tolist(), scale.inverse([-2.0, 2.0]).tolist()
    ([-2.0, 2.0], [-4.0, 4.0])
    """

    name = "sqrt"

    @staticmethod
    def scale(values):
        """Return the square root of the absolute value with the sign of the value."""
        return np.copysign(np.sqrt(np.abs(values)), values)

    @staticmethod
    def unscale(values):
        """Return the square with the sign of the root."""
        return values * np.abs(values)

    @staticmethod
    def unscale_derivative(values):
        """Return twice the absolute root."""
        return 2 * np.abs(values)


class StatProfileScale(InterpolationScale):
    """Square root of a fit-statistic profile, negative before its minimum.

    A parabola becomes a straight line, so a profile above its minimum interpolates well. The profile must be
    >= 0 (give the difference to its minimum).

    Parameters
    ----------
    axis : int
        Axis along which the profile runs.

    Examples
    --------
    >>> scale = StatProfileScale()
    >>> scale([4.0, 1.0, 0.0, 1.0]).tolist(), scale.inverse([-2.0, 1.0]).tolist()
    ([-2.0, -1.0, 0.0, 1.0], [4.0, 1.0])
    """

    name = "stat-profile"

    def __init__(self, axis: int = 0):
        super().__init__()
        self.axis = axis

    def scale(self, values):  # type: ignore[override]
        """Return the signed square root of a profile."""
        if values.shape[self.axis] < 2:
            return np.sqrt(np.abs(values))
        shape = [1] * values.ndim
        shape[self.axis] = -1
        index = np.arange(values.shape[self.axis]).reshape(shape)
        lowest = np.argmin(np.where(np.isnan(values), np.inf, values), axis=self.axis, keepdims=True)
        slope = np.gradient(values, axis=self.axis)
        falling = (index < lowest) | ((index == lowest) & (slope < 0))
        return np.where(falling, -1, 1) * np.sqrt(np.abs(values))

    @staticmethod
    def unscale(values):
        """Return the square."""
        return np.square(values)

    @staticmethod
    def unscale_derivative(values):
        """Return twice the value."""
        return 2 * values

    def __repr__(self):
        return f"StatProfileScale(axis={self.axis})"


_SCALES = {scale.name: scale for scale in (LinearScale, LogScale, SqrtScale, StatProfileScale)}


def interpolation_scale(scale="lin") -> InterpolationScale:
    """Return the scale with this name.

    Parameters
    ----------
    scale : {"lin", "log", "sqrt", "stat-profile"} or InterpolationScale

    Raises
    ------
    UnknownNameError
        If the name is not one of these.

    Examples
    --------
    >>> interpolation_scale("log")
    LogScale()
    """
    if isinstance(scale, InterpolationScale):
        return scale
    try:
        return _SCALES[scale]()
    except (KeyError, TypeError) as error:
        raise UnknownNameError("interpolation scale", scale, _SCALES) from error
