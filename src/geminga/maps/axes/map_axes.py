"""Collections of axes: the non-spatial dimensions of a map or a response."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np
from astropy import units as u

from ...errors import AxisMismatchError, GeometryError, UnknownNameError
from .io.formats import AXES_HEADERS, AXES_TABLES, HDU_NAMES
from .label_map_axis import LabelMapAxis
from .map_axis import MapAxis
from .time_map_axis import TimeMapAxis

__all__ = ["MapAxes"]


class MapAxes(Sequence):
    """Ordered axes, addressable by number or by name.

    Parameters
    ----------
    axes : sequence of `MapAxis`, `TimeMapAxis` or `LabelMapAxis`
        Axes with different names.
    n_spatial_axes : int, optional
        For the axes of a geometry: number of spatial dimensions that follow in data arrays. Array dimensions are
        then in reverse order of the axes; without it they are in the order of the axes (responses).

    Examples
    --------
    >>> energy = MapAxis([1, 2, 4], name="energy", unit="TeV")
    >>> axes = MapAxes([energy, MapAxis([0, 1, 2, 3], name="offset", unit="deg")])
    >>> axes.names, axes.shape
    (['energy', 'offset'], (2, 3))
    >>> axes["offset"].nbin
    3
    """

    def __init__(self, axes, n_spatial_axes=None):
        axes = tuple(axes)
        names = []
        for axis in axes:
            if not isinstance(axis, (MapAxis, TimeMapAxis, LabelMapAxis)):
                raise TypeError(f"axes must be MapAxis, TimeMapAxis or LabelMapAxis, got {axis!r}.")
            if axis.name in names:
                raise GeometryError(
                    f"axis names must be unique, got {axis.name!r} twice. Rename one of them."
                )
            names.append(axis.name)
        self._axes, self._names, self._n_spatial_axes = axes, names, n_spatial_axes

    @classmethod
    def from_default(cls, axes, n_spatial_axes=None) -> MapAxes:
        """Make axes from axes, arrays of edges, or nothing.

        Arrays get the names "axis0", "axis1", ...; axes without a name too.
        """
        if axes is None:
            return cls([], n_spatial_axes=n_spatial_axes)
        if isinstance(axes, MapAxes):
            return axes if axes._n_spatial_axes == n_spatial_axes else cls(axes._axes, n_spatial_axes)
        if isinstance(axes, (MapAxis, TimeMapAxis, LabelMapAxis)):
            axes = [axes]
        made = []
        for number, axis in enumerate(axes):
            if isinstance(axis, (np.ndarray, list, tuple)):
                axis = MapAxis.from_edges(axis, name=f"axis{number}")
            elif getattr(axis, "name", None) == "":
                axis = axis.copy(name=f"axis{number}")
            made.append(axis)
        return cls(made, n_spatial_axes=n_spatial_axes)

    def _like(self, axes) -> MapAxes:
        return self.__class__(axes, n_spatial_axes=self._n_spatial_axes)

    # ------------------------------------------------------------------ attributes

    @property
    def names(self) -> list[str]:
        """Names of the axes."""
        return list(self._names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of bins, in the order of the axes."""
        return tuple(axis.nbin for axis in self._axes)

    @property
    def is_flat(self) -> bool:
        """Whether every axis has one bin."""
        return all(axis.nbin == 1 for axis in self._axes)

    @property
    def is_unidimensional(self) -> bool:
        """Whether exactly one axis has more than one bin."""
        return sum(axis.nbin > 1 for axis in self._axes) == 1

    @property
    def primary_axis(self):
        """The axis with the most bins (the first of those)."""
        if not self._axes:
            raise GeometryError("axes must not be empty to have a primary axis, got none. Add an axis.")
        return self._axes[int(np.argmax(self.shape))]

    @property
    def reverse(self) -> MapAxes:
        """The axes in reverse order."""
        return self._like(self._axes[::-1])

    @property
    def iter_with_reshape(self):
        """Iterate over ``(shape, axis)``, the shape that makes an array along the axis fit a data array."""
        for number, axis in enumerate(self._axes):
            yield self._array_shape(number), axis

    def _array_shape(self, number) -> tuple[int, ...]:
        if self._n_spatial_axes is None:
            shape = [1] * len(self._axes)
            shape[number] = -1
        else:
            shape = [1] * (len(self._axes) + self._n_spatial_axes)
            shape[len(self._axes) - 1 - number] = -1
        return tuple(shape)

    @property
    def center_coord(self) -> tuple:
        """Coordinate of the middle of each axis."""
        return tuple(axis.pix_to_coord((axis.nbin - 1) / 2) for axis in self._axes)

    def bin_volume(self) -> u.Quantity:
        """Return the product of the bin widths, shaped as a data array (without spatial dimensions of their own)."""
        volume = np.array(1.0) << u.dimensionless_unscaled
        for shape, axis in self.iter_with_reshape:
            volume = volume * axis.bin_width.reshape(shape)
        return volume

    def get_coord(self, mode="center", axis_name=None) -> dict:
        """Return coordinates along each axis, shaped for broadcasting.

        Parameters
        ----------
        mode : {"center", "edges"}
            With "edges", the named axis gives its edges and the others their centres.
        axis_name : str, optional
            Axis to which `mode` applies.

        Returns
        -------
        dict of `~astropy.units.Quantity`
        """
        coords = {}
        for shape, axis in self.iter_with_reshape:
            values = axis.edges if mode == "edges" and axis.name == axis_name else _center_of(axis)
            coords[axis.name] = values.reshape(shape)
        return coords

    # ------------------------------------------------------------------ access

    def index(self, axis_name) -> int:
        """Return the number of an axis."""
        try:
            return self._names.index(axis_name)
        except ValueError:
            raise UnknownNameError("axis name", axis_name, self._names) from None

    def index_data(self, axis_name) -> int:
        """Return the dimension of data arrays that belongs to an axis (they are in reverse order)."""
        return len(self._axes) - self.index(axis_name) - 1

    def __getitem__(self, key):
        if isinstance(key, str):
            return self._axes[self.index(key)]
        if isinstance(key, (int, np.integer)):
            return self._axes[key]
        if isinstance(key, slice):
            return self._like(self._axes[key])
        if isinstance(key, (list, tuple)):
            return self._like([self[item] for item in key])
        raise TypeError(f"key of axes must be a name, number, slice or a list of them, got {key!r}.")

    def __len__(self):
        return len(self._axes)

    def __iter__(self):
        return iter(self._axes)

    def __contains__(self, item):
        return (
            item in self._names
            if isinstance(item, str)
            else any(item is axis or item == axis for axis in self._axes)
        )

    def __add__(self, other):
        return self._like([*self._axes, *other])

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _coords_in_order(self, coord) -> list:
        if isinstance(coord, (tuple, list)):
            if len(coord) != len(self._axes):
                raise GeometryError(f"coordinates must be one for each axis {self._names}, got {len(coord)}.")
            return list(coord)
        try:
            return [coord[name] for name in self._names]
        except KeyError as error:
            raise GeometryError(
                f"coordinates must contain the axes {self._names}, got none named {error.args[0]!r}. Add it."
            ) from None

    def coord_to_idx(self, coord, clip=True) -> tuple[np.ndarray, ...]:
        """Return bin indices along each axis.

        Parameters
        ----------
        coord : dict, `~geminga.maps.MapCoord` or tuple
            Coordinates by axis name, or in the order of the axes.
        clip : bool
            Give coordinates outside the index of the nearest bin instead of -1.
        """
        pairs = zip(self._axes, self._coords_in_order(coord), strict=True)
        return tuple(axis.coord_to_idx(values, clip=clip) for axis, values in pairs)

    def coord_to_pix(self, coord) -> tuple[np.ndarray, ...]:
        """Return pixel coordinates along each axis; parameters are those of `coord_to_idx`."""
        pairs = zip(self._axes, self._coords_in_order(coord), strict=True)
        return tuple(axis.coord_to_pix(values) for axis, values in pairs)

    def pix_to_coord(self, pix) -> tuple:
        """Return coordinates along each axis at pixel coordinates, given in the order of the axes."""
        return tuple(axis.pix_to_coord(values) for axis, values in zip(self._axes, pix, strict=True))

    def pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices along each axis at pixel coordinates; -1 outside unless clipped."""
        return tuple(axis.pix_to_idx(values, clip=clip) for axis, values in zip(self._axes, pix, strict=True))

    # ------------------------------------------------------------------ new axes from these

    def copy(self) -> MapAxes:
        """Return a collection of copies."""
        return self._like([axis.copy() for axis in self._axes])

    def _with(self, axis_name, change) -> MapAxes:
        number = self.index(axis_name)
        return self._like([change(axis) if k == number else axis for k, axis in enumerate(self._axes)])

    def upsample(self, factor, axis_name) -> MapAxes:
        """Return axes of which one has finer bins."""
        return self._with(axis_name, lambda axis: axis.upsample(factor))

    def downsample(self, factor, axis_name) -> MapAxes:
        """Return axes of which one has wider bins."""
        return self._with(axis_name, lambda axis: axis.downsample(factor))

    def squash(self, axis_name) -> MapAxes:
        """Return axes of which one has a single bin."""
        return self._with(axis_name, lambda axis: axis.squash())

    def pad(self, axis_name, pad_width) -> MapAxes:
        """Return axes of which one is longer."""
        return self._with(axis_name, lambda axis: axis.pad(pad_width))

    def resample(self, axis) -> MapAxes:
        """Return axes of which the one named as `axis` has its bins grouped to those of `axis`."""
        return self._with(axis.name, lambda own: own.resample(axis))

    def replace(self, axis) -> MapAxes:
        """Return axes of which the one named as `axis` is `axis`."""
        return self._with(axis.name, lambda own: axis)

    def drop(self, axis_name) -> MapAxes:
        """Return axes without one."""
        number = self.index(axis_name)
        return self._like([axis for k, axis in enumerate(self._axes) if k != number])

    def rename_axes(self, names, new_names) -> MapAxes:
        """Return axes with other names.

        Parameters
        ----------
        names, new_names : str or list of str
        """
        names, new_names = np.atleast_1d(names).tolist(), np.atleast_1d(new_names).tolist()
        renamed = dict(zip([self._names[self.index(name)] for name in names], new_names, strict=True))
        return self._like(
            [axis.rename(renamed[axis.name]) if axis.name in renamed else axis for axis in self._axes]
        )

    def slice_by_idx(self, slices) -> MapAxes:
        """Return axes with some of their bins.

        Parameters
        ----------
        slices : dict
            Axis name to slice (the axis stays) or number (the axis is dropped). Other names are ignored.
        """
        axes = []
        for axis in self._axes:
            idx = slices.get(axis.name, slice(None))
            if isinstance(idx, (int, np.integer)):
                continue
            axes.append(axis if idx == slice(None) else axis.slice(idx))
        return self._like(axes)

    # ------------------------------------------------------------------ comparison

    def assert_names(self, required_names, allow_extra=False) -> None:
        """Raise an error unless the axes have these names in this order.

        Parameters
        ----------
        required_names : list of str
        allow_extra : bool
            Allow further axes after the required ones.
        """
        required = list(required_names)
        names = self._names[: len(required)] if allow_extra else self._names
        if names != required:
            raise AxisMismatchError(
                f"axes must be {required} in this order, got {self._names}. Reorder or rename them."
            )

    def is_allclose(self, other, **kwargs) -> bool:
        """Return whether two collections have the same axes within tolerances.

        Parameters
        ----------
        other : `MapAxes`
        **kwargs
            ``rtol`` and ``atol``, see `MapAxis.is_allclose`.

        Raises
        ------
        TypeError
            If `other` is no `MapAxes`.
        """
        if not isinstance(other, MapAxes):
            raise TypeError(f"other must be MapAxes, got {type(other).__name__}.")
        if len(self) != len(other):
            return False
        pairs = zip(self, other, strict=True)
        return all(type(one) is type(two) and one.is_allclose(two, **kwargs) for one, two in pairs)

    def __eq__(self, other):
        if not isinstance(other, MapAxes):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = object.__hash__

    # ------------------------------------------------------------------ tables

    def to_header(self, format="gadf"):
        """Return the keywords that describe the axes in a table header."""
        return AXES_HEADERS.write(self, format=format)

    def to_table(self, format="gadf"):
        """Return a table with one row for each combination of bins.

        Parameters
        ----------
        format : str
            "gadf", "fgst-ccube", "fgst-template", "gadf-dl3" (one row), "gadf-sed", or, for a single energy axis,
            "ogip", "ogip-sherpa", "ogip-arf", "ogip-arf-sherpa".
        """
        return AXES_TABLES.write(self, format=format)

    def to_table_hdu(self, format="gadf", hdu_bands=None):
        """Return the table of `to_table` as a FITS table named `hdu_bands`."""
        from astropy.io.fits import BinTableHDU

        table, header = self.to_table(format), self.to_header(format)
        return BinTableHDU(table, header=header, name=hdu_bands or HDU_NAMES[format])

    @classmethod
    def from_table(cls, table, format="gadf") -> MapAxes:
        """Read axes from a table.

        Parameters
        ----------
        table : `~astropy.table.Table` or `~astropy.io.fits.BinTableHDU`
            The ``meta`` of a table holds the header keywords.
        format : str
            One of the formats of `to_table`, "lightcurve" or "profile".
        """
        return cls(AXES_TABLES.read(table, format=format))

    @classmethod
    def from_table_hdu(cls, hdu, format="gadf") -> MapAxes:
        """Read axes from a FITS table; None gives no axes."""
        if hdu is None:
            return cls([])
        return cls.from_table(hdu, format=format)

    def __repr__(self):
        lines = ["MapAxes", "-------"]
        for axis in self._axes:
            lines.append(
                f"  {axis.name:12s}: {axis.nbin} bins" + (f", {axis.unit}" if str(axis.unit) else "")
            )
        return "\n".join(lines) + "\n"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _center_of(axis):
    return axis.time_mid if isinstance(axis, TimeMapAxis) else axis.center
