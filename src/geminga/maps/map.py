"""Base of all maps: an array of values on a geometry, with a unit.

A map kind (WCS, HEALPix, region) subclasses `Map` and provides the abstract hooks. What can be said in terms of hooks,
axes and arrays is written once, in the mix-ins: arithmetic, access, reduction, structure, regridding, sampling.
"""

from __future__ import annotations

import copy
import html
from abc import ABC, abstractmethod

import numpy as np
from astropy import units as u

from ..doors import drawn_by
from ..errors import GeometryError, UnitError, UnknownNameError
from ..files import write_fits
from ..units import conversion_factor, to_quantity
from .access import Access
from .arithmetic import Arithmetic
from .axes.nodes import as_unit
from .reduction import Reduction
from .regridding import Regridding
from .sampling import Sampling
from .structure import Structure

__all__ = ["Map"]


class Map(Arithmetic, Access, Reduction, Structure, Regridding, Sampling, ABC):
    """Values on a geometry.

    Use `Map.create`, `Map.from_geom` or `Map.read` to make one.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    data : array_like
        Shape `geom.data_shape`, or one that broadcasts to it.
    meta : dict, optional
        Anything worth keeping.
    unit : unit-like
        Unit of the data.
    """

    tag = "map"

    def __init__(self, geom, data, meta=None, unit=""):
        self._geom = geom
        self._unit = as_unit(unit)
        self.data = data
        self.meta = {} if meta is None else meta

    # ------------------------------------------------------------------ hooks: every kind provides these

    @abstractmethod
    def interp_by_coord(self, coords, method="linear", fill_value=None) -> np.ndarray:
        """Interpolate at coordinates; plain array."""

    @abstractmethod
    def interp_by_pix(self, pix, method="linear", fill_value=None) -> np.ndarray:
        """Interpolate at pixel coordinates; plain array."""

    @abstractmethod
    def _pad_spatial(self, pad_width, mode="constant", cval=0, method="linear") -> Map:
        """Return a map with more pixels on each side."""

    @abstractmethod
    def crop(self, crop_width) -> Map:
        """Return a map without the outermost pixels."""

    @abstractmethod
    def downsample(self, factor, preserve_counts=True, axis_name=None, weights=None) -> Map:
        """Return a map with larger pixels, or bins of one axis."""

    @abstractmethod
    def upsample(self, factor, order=0, preserve_counts=True, axis_name=None) -> Map:
        """Return a map with smaller pixels, or bins of one axis."""

    @abstractmethod
    def stack(self, other, weights=None, nan_to_num=True) -> None:
        """Add another map to this one, in place."""

    @abstractmethod
    def to_region_nd_map(self, region=None, func=np.nansum, weights=None, method="nearest"):
        """Return the map reduced to one region."""

    @abstractmethod
    def cutout(self, position, width, **kwargs) -> Map:
        """Return the part of the map around a position."""

    # ------------------------------------------------------------------ attributes

    @property
    def geom(self):
        """The geometry."""
        return self._geom

    @property
    def unit(self) -> u.UnitBase:
        """Unit of the data."""
        return self._unit

    @property
    def data(self) -> np.ndarray:
        """The values, plain numbers in `unit`."""
        return self._data

    @data.setter
    def data(self, values):
        self._data = self._fitting(values)

    def _fitting(self, values) -> np.ndarray:
        """Return values as an array of the shape of the geometry."""
        if isinstance(values, u.Quantity):
            raise UnitError(
                "data of a map must be plain numbers, got a quantity. Give data=x.value, unit=x.unit."
            )
        values, shape = np.asarray(values), tuple(self.geom.data_shape)
        if values.shape == shape:
            return values
        try:
            return np.broadcast_to(values, shape).copy()
        except ValueError:
            pass
        if self.geom.is_region and values.size == np.prod(shape):
            return values.reshape(shape)
        raise GeometryError(
            f"data of a map must have or broadcast to the shape {shape} of its geometry, got {values.shape}. "
            "Reshape the data or choose another geometry."
        )

    @property
    def quantity(self) -> u.Quantity:
        """The values with their unit; shares memory with `data` (integers and masks are converted to float)."""
        return u.Quantity(self.data, self.unit, copy=False)

    @quantity.setter
    def quantity(self, values):
        values = to_quantity(values, name="quantity of a map")
        self.data = values.value
        self._unit = values.unit

    @property
    def meta(self) -> dict:
        """Anything worth keeping with the map."""
        return self._meta

    @meta.setter
    def meta(self, value):
        self._meta = value

    @property
    def is_mask(self) -> bool:
        """Whether the data are boolean."""
        return self.data.dtype == bool

    # ------------------------------------------------------------------ constructors

    @staticmethod
    def from_geom(geom, meta=None, data=None, unit="", dtype="float32") -> Map:
        """Make a map on a geometry.

        Parameters
        ----------
        geom : `~geminga.maps.Geom`
        meta : dict, optional
        data : array_like, optional
            Values; by default zeros of type `dtype`.
        unit : unit-like
        dtype : dtype
            Type of the zeros.

        Returns
        -------
        `~geminga.maps.WcsNDMap`, `~geminga.maps.HpxNDMap` or `~geminga.maps.RegionNDMap`

        Raises
        ------
        GeometryError
            If the zeros cannot fit in memory.
        """
        return _class_for(geom)(geom, data=data, meta=meta, unit=unit, dtype=dtype)

    @staticmethod
    def create(**kwargs) -> Map:
        """Make an empty map.

        Parameters
        ----------
        map_type : {"wcs", "hpx", "region"}
            Kind of the map; the other arguments are those of ``create`` of `~geminga.maps.WcsNDMap`,
            `~geminga.maps.HpxNDMap` or `~geminga.maps.RegionNDMap`.
        """
        return _class_named(kwargs.pop("map_type", "wcs")).create(**kwargs)

    def _init_copy(self, **kwargs) -> Map:
        """Return a map of this kind that shares what is not replaced."""
        geom = kwargs.pop("geom", self._geom)
        arguments = {"data": self._data, "meta": self.meta, "unit": self._unit} | kwargs
        arguments["meta"] = copy.copy(arguments["meta"])
        cls = type(self) if type(geom) is type(self._geom) else _class_for(geom)
        return cls(geom, **arguments)

    def copy(self, **kwargs) -> Map:
        """Return a copy with some constructor arguments replaced.

        A new `unit` relabels the numbers, it does not convert them (`to_unit` does).

        Parameters
        ----------
        **kwargs
            ``geom``, ``data``, ``meta``, ``unit``.
        """
        if "data" not in kwargs:
            kwargs["data"] = self._data.copy()
        if "meta" not in kwargs:
            kwargs["meta"] = copy.deepcopy(self.meta)
        return self._init_copy(**kwargs)

    def to_unit(self, unit) -> Map:
        """Return the map in another unit."""
        factor = conversion_factor(self.unit, unit, "unit of the map")
        # a Python number keeps the type of float32 data
        return self._init_copy(data=self.data * factor, unit=unit)

    def get_spectrum(self, region=None, func=np.nansum, weights=None):
        """Return the map reduced to a region, along its axes.

        Parameters
        ----------
        region : `~regions.SkyRegion`, optional
            By default the whole map.
        func : callable
            Reduction with an ``axis`` argument, for example `numpy.nansum`.
        weights : `Map`, optional
            The data are multiplied by these first.

        Returns
        -------
        `~geminga.maps.RegionNDMap`
        """
        return self.to_region_nd_map(region=region, func=func, weights=weights)

    # ------------------------------------------------------------------ comparison

    def is_allclose(self, other, rtol_axes=1e-3, atol_axes=1e-6, **kwargs) -> bool:
        """Return whether two maps have the same geometry, type of unit and values within tolerances.

        Parameters
        ----------
        other : `Map`
        rtol_axes, atol_axes : float
            Tolerances of the axes.
        **kwargs
            ``rtol``, ``atol`` and ``equal_nan`` of `numpy.allclose` for the data.

        Raises
        ------
        TypeError
            If `other` is another kind of object.
        """
        if not isinstance(other, type(self)):
            raise TypeError(
                f"other must be a {type(self).__name__}, got {type(other).__name__}. Convert one of them."
            )
        if self.data.shape != other.data.shape or not self.unit.is_equivalent(other.unit):
            return False
        if not self.geom.is_allclose(other.geom, rtol_axes=rtol_axes, atol_axes=atol_axes):
            return False
        factor = 1.0 if self.unit == other.unit else conversion_factor(other.unit, self.unit)
        data = other.data if factor == 1.0 else other.data * factor
        return bool(np.allclose(self.data, data, **kwargs))

    # ------------------------------------------------------------------ files, plots

    @staticmethod
    def read(
        filename,
        hdu=None,
        hdu_bands=None,
        map_type="auto",
        format=None,
        colname=None,
        checksum=False,
        memmap=False,
    ) -> Map:
        """Read a map from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int, optional
            HDU with the data; by default the first that holds a map.
        hdu_bands : str, optional
            HDU with the axes; by default the one that the data name.
        map_type : {"auto", "wcs", "hpx", "region"}
            Kind of the map; "auto" tells it from the header.
        format : str, optional
            Format of the axes: "gadf", "fgst-ccube", "fgst-template", "ogip", ...; by default told from the header.
        colname : str, optional
            Column of a HEALPix table with the values.
        checksum : bool
            Verify the checksums in the file, and warn if they fail.
        memmap : bool
            Leave the image of a WCS map in the file until it is used: slices and cutouts read what they need, for
            maps larger than the memory. The data have the byte order of the file, so computing is slower; changes
            to them stay in memory.
        """
        from .io.reading import read_map

        return read_map(filename, hdu, hdu_bands, map_type, format, colname, checksum, memmap)

    @staticmethod
    def from_hdulist(hdulist, hdu=None, hdu_bands=None, map_type="auto", format=None, colname=None) -> Map:
        """Read a map from open FITS data; parameters are those of `read`."""
        from .io.reading import map_from_hdulist

        return map_from_hdulist(hdulist, hdu, hdu_bands, map_type, format, colname)

    def write(self, filename, overwrite=False, **kwargs) -> None:
        """Write the map to a FITS file.

        Parameters
        ----------
        filename : str or path-like
        overwrite : bool
            Replace an existing file.
        **kwargs
            ``checksum`` (bool), and the arguments of ``to_hdulist`` of the kind of map: ``hdu``, ``hdu_bands``,
            ``format``, ``sparse``.
        """
        checksum = kwargs.pop("checksum", False)
        write_fits(self.to_hdulist(**kwargs), filename, overwrite=overwrite, checksum=checksum)

    plot_grid = drawn_by("geminga.visualization.maps:plot_grid")
    plot_interactive = drawn_by("geminga.visualization.maps:plot_interactive")

    def __repr__(self):
        shape = tuple(int(n) for n in self.data.shape[::-1])
        return (
            f"{type(self).__name__}\n{'-' * len(type(self).__name__)}\n\n"
            f"  geom  : {type(self.geom).__name__}\n"
            f"  axes  : {self.geom.axes_names}\n"
            f"  shape : {shape}\n"
            f"  ndim  : {self.geom.ndim}\n"
            f"  unit  : {self.unit.to_string()}\n"
            f"  dtype : {self.data.dtype}\n"
        )

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _class_for(geom) -> type[Map]:
    """Return the class of maps on a geometry."""
    if getattr(geom, "is_hpx", False):
        return _class_named("hpx")
    if getattr(geom, "is_region", False):
        return _class_named("region")
    if hasattr(geom, "wcs"):
        return _class_named("wcs")
    raise GeometryError(f"geom must be a WcsGeom, HpxGeom or RegionGeom, got {type(geom).__name__}.")


def _class_named(map_type) -> type[Map]:
    """Return the class of maps of a kind."""
    if map_type == "wcs":
        from .wcs.map import WcsNDMap

        return WcsNDMap
    if map_type == "hpx":
        from .hpx.map import HpxNDMap

        return HpxNDMap
    if map_type == "region":
        from .region.map import RegionNDMap

        return RegionNDMap
    raise UnknownNameError("map type", map_type, ("wcs", "hpx", "region"))
