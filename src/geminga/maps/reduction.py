"""Maps with fewer bins along their axes: sums, cumulative sums, integrals, groups."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import AxisMismatchError
from .axes import MapAxis

__all__ = ["Reduction"]


class Reduction:
    """Mix-in: reductions of a map along its axes."""

    def _weighted(self, weights):
        if weights is None:
            return self.data
        return self.data * (weights.data if hasattr(weights, "geom") else np.asarray(weights))

    def reduce(self, axis_name, func=np.add, keepdims=False, weights=None):
        """Return the map reduced along one axis.

        Parameters
        ----------
        axis_name : str
        func : `numpy.ufunc`
            For example `numpy.add`, `numpy.maximum`, `numpy.logical_or`.
        keepdims : bool
            Keep the axis, with one bin.
        weights : `Map`, optional
            The data are multiplied by these first.
        """
        geom = self.geom.squash(axis_name) if keepdims else self.geom.drop(axis_name)
        dimension = self.geom.axes.index_data(axis_name)
        data = func.reduce(self._weighted(weights), axis=dimension, keepdims=keepdims)
        return self._init_copy(geom=geom, data=data)

    def reduce_over_axes(self, func=np.add, keepdims=False, axes_names=None, weights=None):
        """Return the map reduced along several axes.

        Parameters
        ----------
        func : `numpy.ufunc`
        keepdims : bool
            Keep the axes, with one bin each.
        axes_names : list of str, optional
            By default all.
        weights : `Map`, optional
            The data are multiplied by these first.
        """
        reduced = self if weights is None else self._init_copy(data=self._weighted(weights))
        for name in self.geom.axes.names if axes_names is None else np.atleast_1d(axes_names).tolist():
            reduced = reduced.reduce(name, func=func, keepdims=keepdims)
        return reduced

    def sum_over_axes(self, axes_names=None, keepdims=True, weights=None):
        """Return the map summed along several axes; parameters are those of `reduce_over_axes`."""
        return self.reduce_over_axes(func=np.add, axes_names=axes_names, keepdims=keepdims, weights=weights)

    def cumsum(self, axis_name):
        r"""Return the cumulative integral along one axis.

        The result lives on the edges of the axis and begins with zero:
        :math:`c_k = \sum_{j < k} v_j\,\Delta x_j`, for the axis "rad" with the weight :math:`2 \pi x_j`.

        Parameters
        ----------
        axis_name : str
        """
        axis = self.geom.axes[axis_name]
        dimension = self.geom.axes.index_data(axis_name)
        shape = [1] * self.data.ndim
        shape[dimension] = -1
        weight, unit = axis.bin_width.value, self.unit * axis.bin_width.unit
        if axis_name == "rad":
            weight, unit = weight * 2 * np.pi * axis.center.value, unit * axis.unit
        summed = np.cumsum(self.data * weight.reshape(shape), axis=dimension)
        data = np.insert(summed, 0, 0, axis=dimension)
        nodes = MapAxis.from_nodes(axis.edges, name=axis.name, interp=axis.interp)
        return self._init_copy(geom=self.geom.replace_axis(nodes), data=data, unit=unit)

    def integral(self, axis_name, coords, **kwargs) -> u.Quantity:
        """Return the integral along one axis up to given coordinates.

        The cumulative integral is interpolated; beyond the upper edge it stays at its last value.

        Parameters
        ----------
        axis_name : str
        coords : dict or `~geminga.maps.MapCoord`
            Upper limits along `axis_name`, positions along the others.
        **kwargs
            Keyword arguments of `interp_by_coord`.
        """
        cumulative = self.cumsum(axis_name).pad(pad_width=1, axis_name=axis_name, mode="edge")
        return cumulative.interp_by_coord(coords, **kwargs) << cumulative.unit

    def normalize(self, axis_name=None) -> None:
        """Divide the map, in place, by its integral along one axis; where that is zero the result is zero.

        Parameters
        ----------
        axis_name : str, optional
            Without it the sum over all bins is made 1.
        """
        if axis_name is None:
            total, unit = np.nansum(self.data), self.unit
        else:
            cumulative = self.cumsum(axis_name)
            dimension = self.geom.axes.index_data(axis_name)
            total, unit = np.nanmax(cumulative.data, axis=dimension, keepdims=True), cumulative.unit
        with np.errstate(divide="ignore", invalid="ignore"):
            data = self.data / total
        self.data = np.nan_to_num(data, nan=0.0, posinf=0.0, neginf=0.0)
        self._unit = self.unit / unit

    def resample_axis(self, axis, weights=None, ufunc=np.add):
        """Return the map with the bins of one axis grouped to those of another axis of the same name.

        Edges move to the nearest edges of the map's axis; bins outside are left out.

        Parameters
        ----------
        axis : `MapAxis`
        weights : `Map`, optional
            The data are multiplied by these first.
        ufunc : `numpy.ufunc`
            How the bins of a group are combined.
        """
        geom = self.geom.resample_axis(axis)
        dimension = self.geom.axes.index_data(axis.name)
        borders = self.geom.axes[axis.name]._group_borders(axis.edges)
        window = [slice(None)] * self.data.ndim
        window[dimension] = slice(borders[0], borders[-1])
        starts = borders[:-1] - borders[0]
        data = ufunc.reduceat(self._weighted(weights)[tuple(window)], starts, axis=dimension)
        return self._init_copy(geom=geom, data=data)

    def dot(self, other):
        """Return the sum over the one axis that this map shares with another one, of their product.

        Parameters
        ----------
        other : `~geminga.maps.RegionNDMap`
            Without extent on the sky, for example a redistribution from one energy axis to another. Its other axes
            take the place of the shared one.
        """
        if not getattr(other, "geom", None) or not other.geom.is_region:
            raise TypeError(
                f"other must be a RegionNDMap, got {type(other).__name__}. Reduce it to a region first."
            )
        shared = set(self.geom.axes.names) & set(other.geom.axes.names)
        if len(shared) != 1:
            raise AxisMismatchError(
                f"maps must share exactly one axis, got {sorted(shared)} of {self.geom.axes.names} and "
                f"{other.geom.axes.names}. Rename or sum the others."
            )
        (name,) = shared
        if self.geom.axes[name] != other.geom.axes[name]:
            raise AxisMismatchError(
                f"axes {name!r} must be equal to be contracted, got different ones. Resample one."
            )
        mine = self.geom.axes.index_data(name)
        theirs = other.geom.axes.index_data(name)
        kernel = np.moveaxis(other.data[..., 0, 0], theirs, -1)
        product = np.tensordot(kernel, np.moveaxis(self.data, mine, 0), axes=1)
        n_new = kernel.ndim - 1
        data = np.moveaxis(product, range(n_new), range(mine, mine + n_new))
        axes = []
        for axis in self.geom.axes:
            axes += [axis] if axis.name != name else [a for a in other.geom.axes if a.name != name]
        return self._init_copy(
            geom=self.geom.to_image().to_cube(axes), data=data, unit=self.unit * other.unit
        )
