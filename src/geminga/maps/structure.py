"""Maps with their axes sliced, split, stacked, renamed, reordered and padded."""

from __future__ import annotations

import numpy as np

from ..errors import AxisMismatchError, GeometryError
from .axes import MapAxes

__all__ = ["Structure"]


class Structure:
    """Mix-in: maps that hold the same values in another arrangement."""

    def slice_by_idx(self, slices):
        """Return the map with some bins of its axes.

        The data are a view: changing them changes this map.

        Parameters
        ----------
        slices : dict
            Axis name to slice (the axis stays) or number (the axis is dropped).

        Examples
        --------
        >>> from geminga.maps import MapAxis, RegionNDMap
        >>> spectrum = RegionNDMap.create(None, axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)])
        >>> spectrum.slice_by_idx({"energy": slice(0, 2)}).data.shape
        (2, 1, 1)
        """
        axes = self.geom.axes
        window = [slice(None)] * self.data.ndim
        for name, idx in slices.items():
            if name in axes.names:
                window[axes.index_data(name)] = idx
        geom = self.geom.slice_by_idx(slices)
        # Where images have different numbers of pixels, those that are left may be smaller.
        pixels = map(slice, geom.data_shape[len(geom.axes) :])
        return self._init_copy(geom=geom, data=self.data[tuple(window)][(..., *pixels)])

    def iter_by_axis(self, axis_name, keepdims=False):
        """Iterate over the bins of one axis.

        Parameters
        ----------
        axis_name : str
        keepdims : bool
            Keep the axis, with one bin.

        Yields
        ------
        `Map`
            Its data are a view.
        """
        for k in range(self.geom.axes[axis_name].nbin):
            yield self.slice_by_idx({axis_name: slice(k, k + 1) if keepdims else k})

    def split_by_axis(self, axis_name) -> list:
        """Return a list of maps, one for each bin of an axis, without that axis."""
        return list(self.iter_by_axis(axis_name))

    def iter_by_image(self, keepdims=False):
        """Iterate over the images of the map.

        Parameters
        ----------
        keepdims : bool
            Keep the axes, with one bin each.

        Yields
        ------
        `Map`
            Its data are a view.
        """
        for idx in np.ndindex(self.geom.axes.shape[::-1]):
            pairs = zip(self.geom.axes.names, idx[::-1], strict=True)
            yield self.slice_by_idx({name: slice(k, k + 1) if keepdims else k for name, k in pairs})

    def iter_by_image_data(self):
        """Iterate over the images of the map as arrays.

        Yields
        ------
        ndarray
            A view of the data.
        tuple of int
            Where it is in the data array.
        """
        for idx in self.iter_by_image_index():
            yield self.data[idx], idx

    def iter_by_image_index(self):
        """Iterate over the places of the images in the data array; the first dimension runs fastest."""
        for idx in np.ndindex(self.geom.axes.shape):
            yield idx[::-1]

    @classmethod
    def from_stack(cls, maps, axis=None, axis_name=None):
        """Make a map from maps on equal geometries, side by side along an axis.

        Parameters
        ----------
        maps : list of `Map`
        axis : `MapAxis`, `TimeMapAxis` or `LabelMapAxis`, optional
            New axis with one bin for each map; it becomes the last one.
        axis_name : str, optional
            Without `axis`: name of an axis of the maps along which they follow each other.

        Returns
        -------
        `Map`
            In the unit of the first map.
        """
        maps = list(maps)
        if not maps:
            raise GeometryError("maps to stack must be at least one, got none.")
        first = maps[0]
        if axis is None and axis_name is None:
            raise GeometryError(
                "from_stack must have an axis or an axis_name, got neither. Give one of them."
            )
        data = [m.data if m.unit == first.unit else m.to_unit(first.unit).data for m in maps]
        if axis is not None:
            if axis.nbin != len(maps):
                raise AxisMismatchError(
                    f"axis {axis.name!r} must have {len(maps)} bins, one a map, got {axis.nbin}."
                )
            if any(m.geom != first.geom for m in maps[1:]):
                raise AxisMismatchError("maps to stack must have equal geometries, got different ones.")
            return first._init_copy(geom=first.geom.to_cube([axis]), data=np.stack(data))
        axes = [m.geom.axes[axis_name] for m in maps]
        bare = first.geom.drop(axis_name)
        if any(m.geom.drop(axis_name) != bare for m in maps[1:]):
            raise AxisMismatchError(
                f"maps to stack must agree besides axis {axis_name!r}, got different geometries."
            )
        joined = type(axes[0]).from_stack(axes)
        data = np.concatenate(data, axis=first.geom.axes.index_data(axis_name))
        return first._init_copy(geom=first.geom.replace_axis(joined), data=data)

    def to_cube(self, axes):
        """Return the map with further axes of one bin each after its own."""
        axes = MapAxes.from_default(axes)
        for axis in axes:
            if axis.nbin != 1:
                raise GeometryError(
                    f"axis {axis.name!r} must have one bin to be added, got {axis.nbin}. Squash it."
                )
        data = self.data.reshape((1,) * len(axes) + self.data.shape)
        return self._init_copy(geom=self.geom.to_cube(axes), data=data)

    def reorder_axes(self, axes_names):
        """Return the map with its axes in another order.

        Parameters
        ----------
        axes_names : list of str
            All names, in the new order.
        """
        names = self.geom.axes.names
        if sorted(axes_names) != sorted(names):
            raise AxisMismatchError(f"axes_names must contain each of {names} once, got {list(axes_names)}.")
        n_axes = len(names)
        order = [self.geom.axes.index_data(name) for name in axes_names[::-1]]
        data = self.data.transpose(*order, *range(n_axes, self.data.ndim))
        return self._init_copy(geom=self.geom.to_image().to_cube(self.geom.axes[list(axes_names)]), data=data)

    def rename_axes(self, names, new_names):
        """Return the map with some axes renamed.

        Parameters
        ----------
        names, new_names : str or list of str
        """
        return self._init_copy(geom=self.geom.rename_axes(names=names, new_names=new_names))

    def pad(self, pad_width, axis_name=None, mode="constant", cval=0, method="linear"):
        """Return the map with more pixels on each side, or more bins at the ends of an axis.

        Parameters
        ----------
        pad_width : int, tuple of int
            Pixels to add on all sides, or along x and y; along an axis: at both ends, or before and after.
        axis_name : str, optional
            Axis to pad; without it the spatial axes.
        mode : {"constant", "edge", "interp"}
            Fill with `cval`, with the outermost value, or extrapolate.
        cval : float
            Value for "constant".
        method : {"linear", "nearest"}
            Method for "interp".
        """
        if mode not in ("constant", "edge", "interp"):
            raise GeometryError(f"mode of padding must be 'constant', 'edge' or 'interp', got {mode!r}.")
        if axis_name is None:
            return self._pad_spatial(pad_width, mode=mode, cval=cval, method=method)
        geom = self.geom.pad(pad_width=pad_width, axis_name=axis_name)
        if mode == "interp":
            pix = list(geom.get_idx())
            before = pad_width if np.isscalar(pad_width) else pad_width[0]
            position = len(pix) - len(geom.axes) + geom.axes.index(axis_name)
            pix[position] = pix[position] - before
            return self._init_copy(geom=geom, data=self.interp_by_pix(tuple(pix), method=method))
        dimension = self.geom.axes.index_data(axis_name)
        width = [(0, 0)] * self.data.ndim
        width[dimension] = (pad_width, pad_width) if np.isscalar(pad_width) else tuple(pad_width)
        filling = {"constant_values": cval} if mode == "constant" else {}
        return self._init_copy(geom=geom, data=np.pad(self.data, width, mode=mode, **filling))
