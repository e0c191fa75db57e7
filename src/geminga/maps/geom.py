"""Base of all geometries: where the pixels of a map are, on the sky and along its axes.

A geometry kind (WCS, HEALPix, region) subclasses `Geom` and provides the abstract hooks; whatever can be
said in terms of hooks and axes is written once, here.
"""

from __future__ import annotations

import html
from abc import ABC, abstractmethod

import numpy as np
from astropy import units as u

from ..units import to_quantity
from .axes import MapAxes
from .coord import MapCoord

__all__ = ["INVALID_INDEX", "Geom"]

INVALID_INDEX = -1


class Geom(ABC):
    """Pixels on the sky times bins along the axes.

    Subclasses set `_axes` (a `MapAxes`) and `frame`, and provide the abstract hooks below. Pixel and index tuples
    are ordered spatial first: ``(x, y, axis0, axis1, ...)``, or ``(ipix, axis0, ...)`` for HEALPix; arrays are
    ordered the other way round: ``data[..., axis1, axis0, y, x]``.
    """

    is_hpx = False
    is_region = False
    is_regular = True

    # ------------------------------------------------------------------ hooks: every kind provides these

    @abstractmethod
    def _init_copy(self, **kwargs) -> Geom:
        """Return a new geometry of this kind with some constructor arguments replaced (``axes=`` at least).

        Axes given as None mean "no axes".
        """

    @property
    @abstractmethod
    def data_shape(self) -> tuple[int, ...]:
        """Shape of a data array on this geometry, plain integers."""

    @property
    @abstractmethod
    def center_skydir(self):
        """Sky position of the centre."""

    @property
    @abstractmethod
    def center_pix(self) -> tuple[float, ...]:
        """Pixel coordinates of the centre, all axes."""

    @property
    @abstractmethod
    def is_allsky(self) -> bool:
        """Whether the geometry covers the whole sky."""

    @abstractmethod
    def _spatial_coord_to_pix(self, coords) -> tuple[np.ndarray, ...]:
        """Return the spatial pixel coordinates (float; NaN outside the projection) of a `MapCoord` in our frame."""

    @abstractmethod
    def _spatial_pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return the spatial indices of spatial pixel coordinates; -1 outside unless clipped."""

    @abstractmethod
    def pix_to_coord(self, pix) -> tuple[u.Quantity, ...]:
        """Return ``(lon, lat, axis0, ...)`` as quantities at pixel coordinates."""

    @abstractmethod
    def contains(self, coords) -> np.ndarray:
        """Return whether each coordinate is inside the geometry."""

    @abstractmethod
    def get_coord(self, idx=None, flat=False):
        """Return the coordinates of the bin centres as a `MapCoord`."""

    @abstractmethod
    def get_idx(self, idx=None, local=False, flat=False) -> tuple[np.ndarray, ...]:
        """Return the indices of the bins."""

    @abstractmethod
    def solid_angle(self) -> u.Quantity:
        """Return the solid angle of each pixel."""

    @abstractmethod
    def bin_volume(self) -> u.Quantity:
        """Return solid angle times bin widths of the axes, broadcastable to `data_shape`."""

    @abstractmethod
    def is_allclose(self, other, rtol_axes=1e-6, atol_axes=1e-6) -> bool:
        """Return whether two geometries are the same within tolerances."""

    @abstractmethod
    def _pad_spatial(self, pad_width) -> Geom:
        """Return a geometry with `pad_width` more pixels on each side."""

    @abstractmethod
    def crop(self, crop_width) -> Geom:
        """Return a geometry with `crop_width` fewer pixels on each side."""

    @abstractmethod
    def _resize_spatial(self, factor, up) -> Geom:
        """Return a geometry with pixels `factor` times smaller (`up`) or larger; axes unchanged."""

    # ------------------------------------------------------------------ attributes

    @property
    def axes(self) -> MapAxes:
        """Axes other than the spatial ones."""
        return self._axes

    @property
    def axes_names(self) -> list[str]:
        """Names of all axes, "lon" and "lat" included."""
        return ["lon", "lat", *self.axes.names]

    @property
    def ndim(self) -> int:
        """Number of axes, longitude and latitude included."""
        return len(self.axes) + 2

    @property
    def is_image(self) -> bool:
        """Whether there are no axes besides the spatial ones."""
        return len(self.axes) == 0

    @property
    def is_flat(self) -> bool:
        """Whether every axis has one bin."""
        return self.axes.is_flat

    @property
    def has_energy_axis(self) -> bool:
        """Whether there is an axis "energy" or "energy_true", but not both."""
        return ("energy" in self.axes) ^ ("energy_true" in self.axes)

    @property
    def as_energy_true(self) -> Geom:
        """The same geometry with its axis "energy" renamed to "energy_true"."""
        if "energy_true" in self.axes:
            return self
        return self.rename_axes("energy", "energy_true")

    @property
    def center_coord(self) -> tuple:
        """Coordinates of the centre: longitude, latitude, then along each axis."""
        return self.pix_to_coord(self.center_pix)

    def data_nbytes(self, dtype="float32") -> u.Quantity:
        """Return the memory that a data array takes.

        Parameters
        ----------
        dtype : dtype
            Type of the array.
        """
        n_bytes = int(np.prod([int(n) for n in self.data_shape], dtype=object)) * np.dtype(dtype).itemsize
        return (n_bytes * u.byte).to("Mbyte")

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _as_coords(self, coords) -> MapCoord:
        """Return coordinates in the frame of this geometry."""
        return MapCoord.create(coords, frame=self.frame, axis_names=self.axes.names)

    def coord_to_pix(self, coords) -> tuple[np.ndarray, ...]:
        """Return pixel coordinates (float) of map coordinates.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`

        Returns
        -------
        tuple of ndarray
            Spatial pixel coordinates (NaN where the projection is not defined), then along each axis.
        """
        coords = self._as_coords(coords)
        along_axes = self.axes.coord_to_pix(coords._matched(self.axes.names))
        return (*self._spatial_coord_to_pix(coords), *along_axes)

    def coord_to_idx(self, coords, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of map coordinates.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        clip : bool
            Give coordinates outside the index of the nearest bin instead of -1.
        """
        coords = self._as_coords(coords)
        along_axes = self.axes.coord_to_idx(coords._matched(self.axes.names), clip=clip)
        return (*self._spatial_pix_to_idx(self._spatial_coord_to_pix(coords), clip), *along_axes)

    def pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of pixel coordinates, -1 outside along each dimension unless clipped."""
        n_spatial = len(pix) - len(self.axes)
        spatial = self._spatial_pix_to_idx(tuple(np.asarray(p) for p in pix[:n_spatial]), clip)
        return (*spatial, *self.axes.pix_to_idx(pix[n_spatial:], clip))

    def contains_pix(self, pix) -> np.ndarray:
        """Return whether each pixel coordinate is inside the geometry."""
        inside = [np.asarray(i) >= 0 for i in self.pix_to_idx(pix)]
        return np.logical_and.reduce(np.broadcast_arrays(*inside))

    # ------------------------------------------------------------------ new geometries from this one

    def copy(self, **kwargs) -> Geom:
        """Return a copy with some constructor arguments replaced."""
        return self._init_copy(**kwargs)

    def to_image(self) -> Geom:
        """Return the geometry without axes."""
        return self._init_copy(axes=None)

    def to_cube(self, axes) -> Geom:
        """Return the geometry with further axes after its own."""
        return self._init_copy(axes=[*self.axes, *MapAxes.from_default(axes)])

    def drop(self, axis_name) -> Geom:
        """Return the geometry without an axis."""
        return self._init_copy(axes=self.axes.drop(axis_name))

    def squash(self, axis_name) -> Geom:
        """Return the geometry with one axis reduced to a single bin."""
        return self._init_copy(axes=self.axes.squash(axis_name))

    def resample_axis(self, axis) -> Geom:
        """Return the geometry with the bins of one axis grouped to those of another axis of the same name."""
        return self._init_copy(axes=self.axes.resample(axis))

    def replace_axis(self, axis) -> Geom:
        """Return the geometry with the axis of the same name replaced."""
        return self._init_copy(axes=self.axes.replace(axis))

    def rename_axes(self, names, new_names) -> Geom:
        """Return the geometry with some axes renamed.

        Parameters
        ----------
        names, new_names : str or list of str
        """
        return self._init_copy(axes=self.axes.rename_axes(names=names, new_names=new_names))

    def slice_by_idx(self, slices) -> Geom:
        """Return the geometry with some bins of its axes.

        Parameters
        ----------
        slices : dict
            Axis name to slice (the axis stays) or number (the axis is dropped).
        """
        return self._init_copy(axes=self.axes.slice_by_idx(slices))

    def pad(self, pad_width, axis_name=None) -> Geom:
        """Return the geometry with more pixels on each side, or more bins at the ends of an axis.

        Parameters
        ----------
        pad_width : int or tuple of int
        axis_name : str, optional
            Axis to pad; without it the spatial axes.
        """
        if axis_name is None:
            return self._pad_spatial(pad_width)
        return self._init_copy(axes=self.axes.pad(axis_name=axis_name, pad_width=pad_width))

    def upsample(self, factor, axis_name=None) -> Geom:
        """Return the geometry with `factor` times smaller pixels, or bins of one axis."""
        if axis_name is None:
            return self._resize_spatial(factor, up=True)
        return self._init_copy(axes=self.axes.upsample(factor, axis_name))

    def downsample(self, factor, axis_name=None) -> Geom:
        """Return the geometry with `factor` times larger pixels, or bins of one axis."""
        if axis_name is None:
            return self._resize_spatial(factor, up=False)
        return self._init_copy(axes=self.axes.downsample(factor, axis_name))

    # ------------------------------------------------------------------ masks

    def energy_mask(self, energy_min=None, energy_max=None, round_to_edge=False):
        """Return a mask of the bins that lie fully within an energy range.

        Parameters
        ----------
        energy_min, energy_max : `~astropy.units.Quantity` or str, optional
        round_to_edge : bool
            Move the limits to the nearest bin edges first.

        Returns
        -------
        `~geminga.maps.Map`
            Boolean.
        """
        name = "energy_true" if "energy_true" in self.axes and "energy" not in self.axes else "energy"
        return self.create_mask(name, energy_min, energy_max, round_to_edge)

    def create_mask(self, axis_name, edge_min=None, edge_max=None, round_to_edge=False):
        """Return a mask of the bins that lie fully within a range of one axis.

        Parameters
        ----------
        axis_name : str
        edge_min, edge_max : `~astropy.units.Quantity` or str, optional
            Limits; scalar, or arrays that broadcast to the image (a limit per pixel).
        round_to_edge : bool
            Move the limits to the nearest bin edges first.

        Returns
        -------
        `~geminga.maps.Map`
            Boolean.
        """
        from .map import Map

        axis = self.axes[axis_name]
        shape = [1] * len(self.data_shape)
        shape[self.axes.index_data(axis_name)] = -1
        mask = np.ones(self.data_shape, dtype=bool)
        for limit, edges, keeps in (
            (edge_min, axis.edges_min, np.greater_equal),
            (edge_max, axis.edges_max, np.less_equal),
        ):
            if limit is None:
                continue
            limit = to_quantity(limit, axis.unit, f"limit of axis {axis_name!r}")
            if round_to_edge:
                limit = axis.round(limit, clip=True).reshape(limit.shape)
            mask &= keeps(edges.value.reshape(shape), limit.value)
        return Map.from_geom(self, data=mask, dtype=bool)

    # ------------------------------------------------------------------ files

    @classmethod
    def from_hdulist(cls, hdulist, hdu=None, hdu_bands=None) -> Geom:
        """Read a geometry from open FITS data; the kind is told from the header.

        Parameters
        ----------
        hdulist : `~astropy.io.fits.HDUList`
        hdu : str, optional
            HDU with the pixels; by default the first that has any.
        hdu_bands : str, optional
            HDU with the axes.
        """
        from .io.detection import geom_from_hdulist

        return geom_from_hdulist(hdulist, hdu=hdu, hdu_bands=hdu_bands)

    def to_bands_hdu(self, hdu_bands=None, format="gadf"):
        """Return the table of the axes as a FITS table."""
        return self.axes.to_table_hdu(format=format, hdu_bands=hdu_bands)

    # ------------------------------------------------------------------ comparison, display

    def _is_compatible(self, other) -> bool:
        """Return whether maps on the two geometries can be combined bin by bin."""
        return self == other

    def __eq__(self, other):
        if not isinstance(other, type(self)):
            return NotImplemented
        return self.is_allclose(other, rtol_axes=1e-6, atol_axes=1e-6)

    __hash__ = object.__hash__

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
