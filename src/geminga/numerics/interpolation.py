"""Interpolation on a regular grid whose axes and values have scales."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from astropy import units as u

from geminga.errors import GeometryError, UnitError, UnknownNameError
from geminga.units import conversion_factor

from .scales import (
    InterpolationScale,
    LinearScale,
    LogScale,
    SqrtScale,
    StatProfileScale,
    interpolation_scale,
)

__all__ = [
    "InterpolationScale",
    "LinearScale",
    "LogScale",
    "ScaledRegularGridInterpolator",
    "SqrtScale",
    "StatProfileScale",
    "interpolate_profile",
    "interpolation_scale",
]

# Larger grids are scaled where they are looked at only, so that a template cube is not copied.
_SCALE_AT_ONCE = 1_000_000
# Along axes this short a product with a matrix of weights beats picking neighbours.
_SMALL_AXIS = 32
_SCIPY_METHODS = ("slinear", "cubic", "quintic", "pchip")


class _Axis:
    """Nodes of one axis on its scale, and how to find a coordinate among them."""

    def __init__(self, nodes, scale):
        self.unit = nodes.unit if isinstance(nodes, u.Quantity) else None
        self.scale = interpolation_scale(scale)
        plain = np.atleast_1d(np.asarray(getattr(nodes, "value", nodes), dtype=float))
        if plain.ndim != 1:
            raise GeometryError(
                f"points of an interpolation axis must be one-dimensional, got shape {plain.shape}. "
                "Give one array of nodes for each axis."
            )
        self.nodes = self.scale.scale(plain)
        step = np.diff(self.nodes)
        self.reverse = bool(len(step) and step[0] < 0)
        if self.reverse:
            self.nodes, step = self.nodes[::-1], -step[::-1]
        if not (step >= 0).all():
            raise GeometryError(
                f"points of an interpolation axis must be sorted, got {plain}. Sort points and values together."
            )
        self.n = len(plain)
        with np.errstate(divide="ignore"):
            self.inverse_step = np.where(step > 0, 1 / step, 0.0)
        self.uniform = self.n > 3 and np.allclose(step, step[0], rtol=1e-12, atol=0)

    def plain(self, coordinate) -> np.ndarray:
        """Return the coordinate as plain numbers in the unit of the nodes."""
        unit = getattr(coordinate, "unit", None)
        if unit is not None:
            factor = conversion_factor(unit, self.unit or u.one, "coordinate of an interpolation")
            value = np.asarray(coordinate.value, dtype=float)
            return value if factor == 1 else value * factor
        if self.unit is not None and self.unit != u.one:
            raise UnitError(
                f"coordinate of an interpolation must have a unit convertible to {self.unit.to_string()!r}, "
                "got a number without a unit. Give a quantity."
            )
        return np.asarray(coordinate, dtype=float)

    def locate(self, coordinate: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return index of the left node and distance from it in steps; outside, the outer steps go on."""
        x = self.scale.scale(coordinate)
        last = self.n - 2
        if self.uniform:
            distance = (x - self.nodes[0]) * self.inverse_step[0]
            with np.errstate(invalid="ignore"):
                index = np.clip(distance, 0, last).astype(np.intp)
            np.clip(index, 0, last, out=index if index.ndim else None)
            return index, distance - index
        index = np.clip(np.searchsorted(self.nodes, x, side="right") - 1, 0, last)
        return index, (x - self.nodes[index]) * self.inverse_step[index]

    def outside(self, coordinate: np.ndarray) -> np.ndarray:
        """Return where the coordinate is beyond the first or last node."""
        x = self.scale.scale(coordinate)
        return (x < self.nodes[0]) | (x > self.nodes[-1])


class ScaledRegularGridInterpolator:
    """Interpolate linearly between nodes after putting axes and values on scales.

    Parameters
    ----------
    points : tuple of array_like or `~astropy.units.Quantity`, shapes (n_1,), ..., (n_d,)
        Nodes of each axis, sorted.
    values : array_like or `~astropy.units.Quantity`, shape (n_1, ..., n_d)
        Values at the nodes. With `axis`, an array of any shape with n_1 entries along that axis.
    points_scale : tuple of str, optional
        Scale of each axis: "lin" (default), "log", "sqrt".
    values_scale : {"lin", "log", "sqrt", "stat-profile"}
        Scale of the values.
    extrapolate : bool
        Go on beyond the outer nodes along the outer steps. Otherwise `fill_value` (NaN) is returned there.
    axis : int, optional
        Interpolate a one-axis grid along this axis of many-dimensional values.
    method : {"linear", "nearest", "slinear", "cubic", "quintic", "pchip"}
        Interpolation between nodes; all but the first three are scipy's.
    clip : bool
        Replace negative results by 0.
    fill_value : float, optional
        Result outside of the nodes, in the unit of `values` (not on the scale). Overrides `extrapolate`.
    bounds_error : bool
        Raise for points outside.

    Notes
    -----
    Axes with one node are dropped: the result does not depend on that coordinate. The values are not copied
    when they need no scale, so change them only before the interpolator is made.

    Examples
    --------
    >>> import astropy.units as u
    >>> energy = [1, 10, 100] * u.TeV
    >>> flux = [1e-11, 1e-13, 1e-15] * u.Unit("cm-2 s-1 TeV-1")
    >>> interpolate = ScaledRegularGridInterpolator((energy,), flux, points_scale=("log",), values_scale="log")
    >>> print(f"{interpolate((2 * u.TeV,)):.3e}")
    2.500e-12 1 / (TeV s cm2)
    """

    def __init__(
        self,
        points,
        values,
        points_scale: Sequence[str | InterpolationScale] | None = None,
        values_scale: str | InterpolationScale = "lin",
        extrapolate: bool = True,
        axis: int | None = None,
        method: str = "linear",
        clip: bool = True,
        fill_value: float | None = None,
        bounds_error: bool = False,
    ):
        self.points = tuple(points)
        self.values = values
        self.axis = axis
        self.method = _check_method(method)
        self.clip = clip
        self.bounds_error = bounds_error
        if fill_value is None and not extrapolate:
            fill_value = np.nan
        self.fill_value = fill_value
        self.scale = interpolation_scale(values_scale)

        if points_scale is None:
            points_scale = ["lin"] * len(self.points)
        if len(points_scale) != len(self.points):
            raise GeometryError(
                f"points_scale must have {len(self.points)} entries, got {len(points_scale)}. Name one for each axis."
            )
        self._axes = [_Axis(nodes, scale) for nodes, scale in zip(self.points, points_scale, strict=True)]
        self.unit = values.unit if isinstance(values, u.Quantity) else None
        self._prepare(np.asarray(getattr(values, "value", values)))

    @property
    def scale_points(self) -> list[InterpolationScale]:
        """Scale of each axis."""
        return [axis.scale for axis in self._axes]

    def _prepare(self, values: np.ndarray) -> None:
        """Bring the values into the shape (nodes of each kept axis..., trailing)."""
        if values.dtype.kind != "f" or values.dtype.byteorder not in "=|":
            values = values.astype(values.dtype.newbyteorder("=") if values.dtype.kind == "f" else float)
        if self.axis is not None and len(self._axes) == 1:
            values = np.moveaxis(values, self.axis, 0)
        shape = tuple(axis.n for axis in self._axes)
        if values.shape[: len(shape)] != shape or (self.axis is None and values.ndim != len(shape)):
            raise GeometryError(
                f"values must have one entry for each node, expected shape {shape}, got {values.shape}. "
                "Give points and values of the same grid."
            )
        self._trailing = values.shape[len(shape) :]
        values = values[tuple(slice(None, None, -1 if axis.reverse else 1) for axis in self._axes)]
        self._kept = [i for i, axis in enumerate(self._axes) if axis.n > 1]
        values = values.reshape([self._axes[i].n for i in self._kept] + list(self._trailing))
        profile = isinstance(self.scale, StatProfileScale)
        self._scaled = values.size <= _SCALE_AT_ONCE or profile
        if self._scaled:
            # the floor of the logarithm follows the type of the array, the arithmetic is double
            values = np.asarray(self.scale.scale(values), dtype=float)
        self._values = values
        self._finite = self._scaled and bool(np.isfinite(values).all())

    def __call__(self, points, method: str | None = None, clip: bool | None = None):
        """Interpolate.

        Parameters
        ----------
        points : tuple of array_like or `~astropy.units.Quantity`
            Coordinates on each axis, broadcast against each other.
        method, clip : optional
            Replace those given at construction.

        Returns
        -------
        ndarray or `~astropy.units.Quantity`, shape (*broadcast)
            With the unit of the values. With `axis`, the coordinates take the place of that axis.
        """
        coordinates = [axis.plain(point) for axis, point in zip(self._axes, points, strict=True)]
        result = self.evaluate(coordinates, method=method, clip=clip)
        return result if self.unit is None else u.Quantity(result, self.unit, copy=None)

    def evaluate(self, coordinates, method: str | None = None, clip: bool | None = None) -> np.ndarray:
        """Interpolate plain coordinates, in the units of the nodes; the result is in the unit of the values."""
        method = self.method if method is None else _check_method(method)
        clip = self.clip if clip is None else clip
        coordinates = [np.asarray(coordinate, dtype=float) for coordinate in coordinates]
        shape = np.broadcast_shapes(*(c.shape for c in coordinates))
        if method in ("linear", "slinear"):
            result = self._linear(coordinates, shape)
        elif method == "nearest":
            result = self._nearest(coordinates, shape)
        else:
            result = self._scipy(coordinates, shape, method)
        result = self.scale.unscale(result)
        if clip:
            result = np.maximum(result, 0, out=result if result.flags.writeable and result.ndim else None)
        return self._fill(result, coordinates, shape)

    def _corner(self, flat_index) -> np.ndarray:
        picked = self._values.reshape(-1, *self._trailing).take(flat_index, axis=0)
        return picked if self._scaled else np.asarray(self.scale.scale(picked), dtype=float)

    def _linear(self, coordinates, shape) -> np.ndarray:
        kept = [(coordinates[i], self._axes[i]) for i in self._kept]
        if not kept:
            return _spread(self._corner(0), (*shape, *self._trailing))
        if self._scaled and not self._trailing and len(kept) > 1 and _is_open_grid([c for c, _ in kept]):
            return self._linear_open(kept, shape)
        corners: list[tuple[Any, Any]] = [(0, None)]
        stride = int(np.prod([axis.n for _, axis in kept], dtype=int))
        for coordinate, axis in kept:
            stride //= axis.n
            left, weight = axis.locate(coordinate)
            left = left * stride
            below = 1 - weight
            corners = [
                (index + left + shift, part if known is None else known * part)
                for index, known in corners
                for shift, part in ((0, below), (stride, weight))
            ]
        result: Any = 0.0
        for index, weight in corners:
            values = self._corner(index)
            if self._trailing:
                weight = np.reshape(weight, np.shape(weight) + (1,) * len(self._trailing))
            result = result + np.multiply(values, weight)
        return _spread(result, (*shape, *self._trailing))

    def _linear_open(self, kept, shape) -> np.ndarray:
        """Interpolate one axis after the other; each coordinate varies along dimensions of its own."""
        values = self._values
        # the axes that shrink most go first
        for position in sorted(range(len(kept)), key=lambda k: kept[k][0].size / kept[k][1].n):
            coordinate, axis = kept[position]
            left, weight = axis.locate(coordinate.ravel())
            if self._finite and axis.n <= _SMALL_AXIS and len(left) > axis.n:
                values = np.moveaxis(
                    np.moveaxis(values, position, -1) @ _weights(left, weight, axis.n), -1, position
                )
                continue
            weight = weight.reshape([-1 if k == position else 1 for k in range(len(kept))])
            values = (
                values.take(left, axis=position) * (1 - weight)
                + values.take(left + 1, axis=position) * weight
            )
        full = []
        for position, (coordinate, _) in enumerate(kept):
            padded = (1,) * (len(shape) - coordinate.ndim) + coordinate.shape
            own = [d for d, n in enumerate(padded) if n > 1]
            full += [(d, padded[d], position) for d in own]
        values = values.reshape([n for _, n, _ in full] or [1] * 0)
        order = list(np.argsort([d for d, _, _ in full], kind="stable"))
        values = values.transpose(order)
        present = {d for d, _, _ in full}
        values = values.reshape([shape[d] if d in present else 1 for d in range(len(shape))])
        return _spread(values, shape)

    def _nearest(self, coordinates, shape) -> np.ndarray:
        index: Any = 0
        for i in self._kept:
            axis = self._axes[i]
            left, weight = axis.locate(coordinates[i])
            index = index * axis.n + left + (weight > 0.5)
        result = self._corner(index)
        return _spread(result, (*shape, *self._trailing))

    def _scipy(self, coordinates, shape, method) -> np.ndarray:
        from scipy.interpolate import RegularGridInterpolator

        if not self._kept:
            return self._linear(coordinates, shape)
        axes = [self._axes[i] for i in self._kept]
        values = self._values if self._scaled else np.asarray(self.scale.scale(self._values), dtype=float)
        grid = RegularGridInterpolator(
            [axis.nodes for axis in axes], values, method=method, bounds_error=False, fill_value=None
        )
        scaled = [axis.scale.scale(coordinates[i]) for axis, i in zip(axes, self._kept, strict=True)]
        stacked = np.stack([np.broadcast_to(x, shape) for x in scaled], axis=-1)
        return grid(stacked.reshape(-1, len(axes))).reshape((*shape, *self._trailing))

    def _fill(self, result, coordinates, shape) -> np.ndarray:
        """Put the fill value outside, and the coordinates where the axis was."""
        if self.fill_value is not None or self.bounds_error:
            outside = np.zeros(shape, dtype=bool)
            for i in self._kept:
                outside = outside | self._axes[i].outside(coordinates[i])
            if self.bounds_error and outside.any():
                raise GeometryError(
                    "coordinates must lie within the points of the interpolation, "
                    f"got {np.count_nonzero(outside)} outside. Allow extrapolation or give a fill_value."
                )
            if self.fill_value is not None:
                outside = outside.reshape(outside.shape + (1,) * len(self._trailing))
                result = np.where(outside, self.fill_value, result) if outside.any() else result
        if self._trailing and self.axis:
            axis = self.axis % (1 + len(self._trailing))
            destination = list(range(axis, axis + len(shape)))
            result = np.moveaxis(result, list(range(len(shape))), destination)
        return result

    def __repr__(self):
        shape = " x ".join(str(axis.n) for axis in self._axes)
        scales = ", ".join(axis.scale.name for axis in self._axes)
        return f"{type(self).__name__}({shape} nodes, axes {scales}, values {self.scale.name}, {self.method})"


def _is_open_grid(coordinates) -> bool:
    """Return whether no two coordinates vary along the same dimension."""
    ndim = max(c.ndim for c in coordinates)
    taken = np.zeros(ndim, dtype=int)
    for c in coordinates:
        taken[ndim - c.ndim :] += np.array(c.shape, dtype=int) != 1
    return bool((taken <= 1).all())


def _spread(values, shape) -> np.ndarray:
    """Broadcast when there is need; what comes back writeable belongs to the caller."""
    values = np.asarray(values)
    return values if values.shape == shape else np.broadcast_to(values, shape)


def _weights(left: np.ndarray, weight: np.ndarray, n: int) -> np.ndarray:
    """Return the matrix (n nodes, points) of linear interpolation."""
    matrix = np.zeros((n, len(left)))
    points = np.arange(len(left))
    matrix[left, points] = 1 - weight
    matrix[left + 1, points] = weight
    return matrix


def _check_method(method: str) -> str:
    known = ("linear", "nearest", *_SCIPY_METHODS)
    if method not in known:
        raise UnknownNameError("interpolation method", method, known)
    return method


def interpolate_profile(x, y, interp_scale: str = "sqrt", extrapolate: bool = False):
    """Return a function that interpolates a one-dimensional fit-statistic profile.

    Parameters
    ----------
    x : array_like, shape (n,)
        Parameter values.
    y : array_like, shape (n,)
        Fit statistic at them.
    interp_scale : {"sqrt", "lin"}
        "sqrt" joins parabolas through three neighbouring points (a spline of second order, the shape of a profile
        near its minimum), "lin" joins straight lines.
    extrapolate : bool
        Continue the outer pieces; otherwise values outside raise a ValueError.

    Returns
    -------
    `~scipy.interpolate.interp1d`

    Examples
    --------
    >>> profile = interpolate_profile([1.0, 2.0, 3.0], [5.0, 1.0, 3.0])
    >>> float(profile(1.5))
    2.25
    """
    from scipy.interpolate import interp1d

    kinds = {"sqrt": "quadratic", "lin": "linear"}
    if interp_scale not in kinds:
        raise UnknownNameError("interpolation scale of a profile", interp_scale, kinds)
    kwargs: dict[str, Any] = {"kind": kinds[interp_scale]}
    if extrapolate:
        kwargs |= {"bounds_error": False, "fill_value": "extrapolate"}
    return interp1d(x, y, **kwargs)
