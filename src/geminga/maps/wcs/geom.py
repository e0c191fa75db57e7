"""Geometries with a FITS projection: pixels of an image, the same or others in each bin of the axes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord
from astropy.wcs.utils import proj_plane_pixel_scales

from ...doors import opens
from ...errors import GeometryError
from ..axes import MapAxes
from ..geom import Geom
from .arguments import angle_pair, number_pair, sky_position
from .pixels import WcsPixels
from .projection import frame_name, make_wcs, projection_code, shifted_wcs, without_cd
from .reshaping import WcsReshaping

__all__ = ["WcsGeom"]

CUTOUT, MASKS, HEADER = "geminga.maps.wcs.cutout", "geminga.maps.wcs.masks", "geminga.maps.wcs.header"


def image_table(values, shape):
    """Return the pixels of the first image, and a table with those of all images if they differ.

    Parameters
    ----------
    values : list of 6 numbers or arrays
        Numbers of pixels along x and y, pixel sizes, reference pixels.
    shape : tuple of int
        Numbers of bins along the axes; arrays have this shape.

    Returns
    -------
    ndarray, shape (6,)
    ndarray, shape (6, ..., axis1, axis0), or None
    """
    arrays = [np.asarray(value, dtype=float) for value in values]
    first = np.array([value.flat[0] for value in arrays])
    if all(value.size == 1 or np.all(value == value.flat[0]) for value in arrays):
        return first, None
    try:
        table = np.array(
            [np.broadcast_to(value if value.size > 1 else value.reshape(()), shape) for value in arrays]
        )
    except ValueError:
        raise GeometryError(
            f"npix, cdelt and crpix must be one number or have the shape of the axes {shape}, "
            f"got shapes {[value.shape for value in arrays]}."
        ) from None
    return first, table.transpose(0, *range(table.ndim - 1, 0, -1))


class WcsGeom(WcsPixels, WcsReshaping, Geom):
    """Pixels of a sky projection times bins along axes.

    The centre of the first pixel is 0 in both directions. A geometry is never changed; what is derived from it is
    computed once.

    Parameters
    ----------
    wcs : `~astropy.wcs.WCS`
        Celestial projection, longitude first.
    npix : (int, int), optional
        Numbers of pixels along longitude and latitude; by default those of `wcs`. Arrays with the shape of the axes
        make the geometry irregular: images of different size and resolution on one sky.
    cdelt : (float, float), optional
        Pixel sizes in deg, positive; arrays for an irregular geometry.
    crpix : (float, float), optional
        Reference pixel, FITS convention (first pixel is 1); arrays for an irregular geometry.
    axes : list of `MapAxis` or `MapAxes`, optional

    Examples
    --------
    >>> geom = WcsGeom.create(skydir=(83.63, 22.01), width=(4, 3), binsz=0.02, proj="TAN")
    >>> geom.data_shape
    (150, 200)
    >>> geom.center_skydir.to_string(precision=2)
    '83.63 22.01'
    """

    is_hpx = False
    is_region = False

    def __init__(self, wcs, npix=None, cdelt=None, crpix=None, axes=None):
        self._axes = MapAxes.from_default(axes, n_spatial_axes=2)
        if npix is None:
            if wcs.array_shape is None:
                raise GeometryError("npix must be given for a WCS without a shape, got None. Give (nx, ny).")
            npix = wcs.array_shape[::-1]
        wcs = without_cd(wcs)
        self._frame = frame_name(wcs)
        own = (np.abs(wcs.wcs.cdelt), np.asarray(wcs.wcs.crpix))
        cdelt = own[0] if cdelt is None else angle_pair(cdelt, "cdelt")
        table = [*number_pair(npix, "npix"), *cdelt, *(own[1] if crpix is None else crpix)]
        first, self._bands = image_table(table, self._axes.shape)
        sizes = table[:2] if self._bands is None else self._bands[:2]
        self._image_shape = (int(np.max(sizes[1])), int(np.max(sizes[0])))
        if not (np.allclose(first[2:4], own[0], rtol=1e-12) and np.allclose(first[4:6], own[1], atol=1e-12)):
            wcs = shifted_wcs(wcs, first[4:6], first[2:4] / own[0])
        if wcs.array_shape != self._image_shape:
            wcs = wcs if wcs.array_shape is None else wcs.deepcopy()
            wcs.array_shape = self._image_shape
        self._wcs = wcs

    def _init_copy(self, **kwargs) -> WcsGeom:
        axes = MapAxes.from_default(kwargs.get("axes", self._axes), n_spatial_axes=2)
        if self._bands is None and not kwargs.keys() - {"axes"}:
            # The same pixels: what is known of them holds for the new geometry too.
            new = object.__new__(type(self))
            new.__dict__ = {name: value for name, value in self.__dict__.items() if name != "_areas"}
            new._axes = axes
            return new
        npix = kwargs.get("npix", self._image_shape[::-1])
        arguments = {"cdelt": kwargs.get("cdelt"), "crpix": kwargs.get("crpix")}
        bands = kwargs.get("bands", self._bands)
        if bands is not None and "npix" not in kwargs:
            if not len(axes):
                # The finest image stands for all.
                bands = bands.reshape(6, -1)[:, np.argmax(bands[0] * bands[1])]
            elif bands.shape[1:] != axes.shape[::-1]:
                raise GeometryError(
                    "axes of an irregular geometry must keep their bins, got other ones. "
                    "Its images have different pixels: interpolate to a regular geometry first."
                )
            bands = bands.transpose(0, *range(bands.ndim - 1, 0, -1))
            npix, arguments = bands[:2], {"cdelt": tuple(bands[2:4]), "crpix": tuple(bands[4:6])}
        return self.__class__(kwargs.get("wcs", self._wcs), tuple(npix), axes=axes, **arguments)

    def _window(self, wcs, image_shape) -> WcsGeom:
        """Return the geometry of other pixels of the same grid; `wcs` is its own with another reference pixel."""
        kept = ("_axes", "_bands", "_frame", "_grid", "_scales")
        new = object.__new__(type(self))
        new.__dict__ = {name: self.__dict__[name] for name in kept if name in self.__dict__}
        wcs.array_shape = image_shape
        new._wcs, new._image_shape = wcs, image_shape
        return new

    @classmethod
    def create(
        cls,
        npix=None,
        binsz=0.5,
        proj="CAR",
        frame="icrs",
        refpix=None,
        axes=None,
        skydir=None,
        width=None,
    ) -> WcsGeom:
        """Make a geometry from sizes and a position.

        Parameters
        ----------
        npix : int or (int, int), optional
            Numbers of pixels along longitude and latitude; goes before `width`.
        binsz : float, str, `~astropy.units.Quantity`, or two of them
            Pixel size; plain numbers are degrees. As the other sizes, it may be a pair of arrays with the shape of
            the axes, or a list with more than two sizes, one for each image.
        proj : str
            FITS projection code: "CAR", "TAN", "AIT", ...
        frame : {"icrs", "galactic"}
        refpix : (float, float), optional
            Pixel of `skydir`, FITS convention (first pixel is 1); by default the centre of the image.
        axes : list of `MapAxis` or `MapAxes`, optional
        skydir : `~astropy.coordinates.SkyCoord` or (lon, lat), optional
            Reference position, by default (0, 0). Plain numbers are degrees in `frame`.
        width : float, str, `~astropy.units.Quantity`, or two of them, optional
            Size of the image; plain numbers are degrees. By default the whole sky.
        """
        center = sky_position((0.0, 0.0) if skydir is None else skydir, frame)
        # A list with a size for each image; two numbers are always longitude and latitude.
        per_image = isinstance(binsz, (list, np.ndarray)) and np.ndim(binsz) == 1 and len(binsz) > 2
        binsz = angle_pair((binsz, binsz) if per_image else binsz, "binsz")
        if npix is None:
            width = (360.0, 180.0) if width is None else angle_pair(width, "width")
            npix = [np.maximum(np.round(total / size), 1) for total, size in zip(width, binsz, strict=True)]
        npix = number_pair(npix, "npix")
        crpix = (
            [(number + 1) / 2.0 for number in npix]
            if refpix is None
            else [np.asarray(p, float) for p in refpix]
        )
        first = [float(np.ravel(value)[0]) for value in (*binsz, *crpix)]
        wcs = make_wcs(frame, proj, center, (-first[0], first[1]), first[2:])
        return cls(wcs, npix, cdelt=binsz, crpix=crpix, axes=axes)

    @classmethod
    def from_aligned(cls, geom, skydir, width) -> WcsGeom:
        """Make a geometry on the pixel grid of another one, anywhere; see `geminga.maps.wcs.cutout.aligned_geom`."""
        from .cutout import aligned_geom

        return aligned_geom(cls, geom, skydir, width)

    @classmethod
    def from_header(cls, header, hdu_bands=None, format="gadf") -> WcsGeom:
        """Read a geometry from a FITS header; see `geminga.maps.wcs.header.geom_from_header`."""
        from .header import geom_from_header

        return geom_from_header(cls, header, hdu_bands, format)

    # ------------------------------------------------------------------ attributes

    @property
    def frame(self) -> str:
        """Name of the celestial frame."""
        return self._frame

    @property
    def wcs(self):
        """The projection, `~astropy.wcs.WCS`; of an irregular geometry that of the first image."""
        return self._wcs

    @property
    def projection(self) -> str:
        """FITS projection code."""
        return projection_code(self._wcs)

    @property
    def is_regular(self) -> bool:
        """Whether all images have the same pixels."""
        return self._bands is None

    @property
    def data_shape(self) -> tuple[int, ...]:
        """Shape of a data array: axes in reverse order, latitude, longitude."""
        return self._axes.shape[::-1] + self._image_shape

    @property
    def data_shape_axes(self) -> tuple[int, ...]:
        """Shape of an array that has the axes but one pixel."""
        return (*self._axes.shape[::-1], 1, 1)

    @property
    def data_shape_image(self) -> tuple[int, ...]:
        """Shape of an array that has the pixels but one bin along each axis."""
        return (1,) * len(self._axes) + self._image_shape

    @property
    def shape_axes(self) -> tuple[int, ...]:
        """Numbers of bins, in the order of the axes."""
        return self._axes.shape

    def _band_values(self, rows, regular):
        """Return two rows of the table of images in the order of the axes."""
        if self._bands is None:
            shape = (1,) * max(len(self._axes), 1)
            return tuple(np.full(shape, value) for value in regular)
        return tuple(self._bands[row].transpose() for row in rows)

    @property
    def npix(self) -> tuple[np.ndarray, np.ndarray]:
        """Numbers of pixels along longitude and latitude, each an array with a number per image."""
        return tuple(n.astype(int) for n in self._band_values((0, 1), self._image_shape[::-1]))

    @cached_property
    def _scales(self) -> tuple[float, float]:
        return tuple(float(scale) for scale in proj_plane_pixel_scales(self._wcs))

    @property
    def pixel_scales(self) -> Angle:
        """Pixel sizes along longitude and latitude at the reference point."""
        return Angle(list(self._scales), "deg")

    @property
    def pixel_area(self) -> np.ndarray:
        """Product of the pixel sizes in deg2, an array with a number per image."""
        sizes = self._band_values((2, 3), self._scales)
        return sizes[0] * sizes[1]

    @property
    def width(self) -> u.Quantity:
        """Size of the image along longitude and latitude, shape (2, number of images)."""
        sizes = self._band_values((2, 3), self._scales)
        return np.array([np.ravel(n * size) for n, size in zip(self.npix, sizes, strict=True)]) << u.deg

    @property
    def is_allsky(self) -> bool:
        """Whether the image is as large as the sky."""
        width = self.width.value[:, 0]
        return bool(width[0] >= 360 * (1 - 1e-9) and width[1] >= 180 * (1 - 1e-9))

    @property
    def center_pix(self) -> tuple[float, ...]:
        """Pixel coordinates of the centre, all axes."""
        ny, nx = self._image_shape
        return ((nx - 1) / 2, (ny - 1) / 2, *((axis.nbin - 1) / 2 for axis in self._axes))

    @cached_property
    def center_skydir(self) -> SkyCoord:
        """Sky position of the centre of the image."""
        ny, nx = self._image_shape
        lon, lat = self._projection.pix_to_sky((nx - 1) / 2, (ny - 1) / 2)
        return SkyCoord(float(lon), float(lat), unit="deg", frame=self._frame)

    @property
    def footprint(self) -> SkyCoord:
        """Sky positions of the centres of the four corner pixels."""
        ny, nx = self._image_shape
        lon, lat = self._projection.pix_to_sky(
            np.array([0, 0, nx - 1, nx - 1]), np.array([0, ny - 1, ny - 1, 0])
        )
        return SkyCoord(lon, lat, unit="deg", frame=self._frame)

    @property
    def footprint_rectangle_sky_region(self):
        """`~regions.RectangleSkyRegion` of the size of the image."""
        from regions import RectangleSkyRegion

        width, height = self.width[:, 0]
        return RectangleSkyRegion(center=self.center_skydir, width=width, height=height)

    # ------------------------------------------------------------------ parts, masks, headers: in files of their own

    cutout = opens(f"{CUTOUT}:cutout_geom")
    cutout_slices = opens(f"{CUTOUT}:cutout_slices")
    to_header = opens(f"{HEADER}:geom_to_header")
    region_mask = opens(f"{MASKS}:region_mask")
    region_weights = opens(f"{MASKS}:region_weights")
    boundary_mask = opens(f"{MASKS}:boundary_mask")
    binary_structure = opens(f"{MASKS}:binary_structure")

    # ------------------------------------------------------------------ comparison, display

    def is_aligned(self, other, tolerance=1e-6) -> bool:
        """Return whether two geometries are on the same grid of pixels.

        Parameters
        ----------
        other : `WcsGeom`
        tolerance : float
            In pixels.
        """
        if not isinstance(other, WcsGeom):
            return False
        if not (self.is_regular and other.is_regular):
            return self is other
        offset = np.asarray(self._wcs.wcs.crpix) - np.asarray(other._wcs.wcs.crpix)
        return bool(np.all(np.abs(offset - np.rint(offset)) <= tolerance)) and self._has_same_grid(
            other, tolerance
        )

    @cached_property
    def _grid(self) -> tuple:
        """What the pixels of the image have in common with those of an infinite plane."""
        own = self._wcs.wcs
        matrix = self._wcs.pixel_scale_matrix
        return (
            tuple(own.ctype),
            self._frame,
            tuple(own.crval),
            (own.lonpole, own.latpole),
            tuple(matrix.flat),
            tuple(own.get_pv()),
        )

    def _has_same_grid(self, other, tolerance) -> bool:
        if self._wcs is other._wcs or self._grid == other._grid:
            return True
        one, two = self._wcs.wcs, other._wcs.wcs
        return (
            list(one.ctype) == list(two.ctype)
            and self._frame == other._frame
            and np.allclose(one.crval, two.crval, rtol=0, atol=tolerance * min(self._scales))
            and np.allclose([one.lonpole, one.latpole], [two.lonpole, two.latpole], rtol=0, atol=1e-6)
            and np.allclose(
                self._wcs.pixel_scale_matrix, other._wcs.pixel_scale_matrix, rtol=tolerance, atol=0
            )
            and one.get_pv() == two.get_pv()
        )

    def is_allclose(self, other, rtol_axes=1e-6, atol_axes=1e-6, rtol_wcs=1e-6) -> bool:
        """Return whether two geometries are the same within tolerances.

        Parameters
        ----------
        other : `WcsGeom`
        rtol_axes, atol_axes : float
            Tolerances of the axes.
        rtol_wcs : float
            Relative tolerance of the projection.

        Raises
        ------
        TypeError
            If `other` is no `WcsGeom`.
        """
        if not isinstance(other, WcsGeom):
            raise TypeError(f"other must be a WcsGeom, got {type(other).__name__}.")
        if self is other:
            return True
        if self.data_shape != other.data_shape or self.is_regular != other.is_regular:
            return False
        if self._bands is not None and not np.allclose(self._bands, other._bands, rtol=rtol_wcs):
            return False
        return self._is_same_image(other, rtol_wcs) and (
            self._axes is other._axes or self._axes.is_allclose(other._axes, rtol=rtol_axes, atol=atol_axes)
        )

    def _is_same_image(self, other, tolerance=1e-6) -> bool:
        """Return whether two geometries have the same pixels, whatever their axes."""
        if self._image_shape != other._image_shape:
            return False
        if self._wcs is other._wcs:
            return True
        return self._has_same_grid(other, tolerance) and np.allclose(
            self._wcs.wcs.crpix, other._wcs.wcs.crpix, rtol=0, atol=max(tolerance, 1e-6)
        )

    def __repr__(self):
        lon, lat = self.center_skydir.spherical.lon.deg, self.center_skydir.spherical.lat.deg
        width = self.width.value[:, 0]
        rows = {
            "axes": self.axes_names,
            "shape": self.data_shape[::-1],
            "ndim": self.ndim,
            "frame": self.frame,
            "projection": self.projection,
            "center": f"{lon:.1f} deg, {lat:.1f} deg",
            "width": f"{width[0]:.1f} deg x {width[1]:.1f} deg",
            "wcs ref": "{:.1f} deg, {:.1f} deg".format(*self._wcs.wcs.crval),
        }
        if self._bands is not None:
            rows["pixels"] = "different in each image"
        lines = [f"\t{name:<11s}: {value}" for name, value in rows.items()]
        return "\n".join([self.__class__.__name__, "", *lines, ""])
