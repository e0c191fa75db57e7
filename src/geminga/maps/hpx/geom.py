"""Geometries in HEALPix pixels: all of the sky or part of it, the same or other pixels in each bin of the axes."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from ...doors import opens
from ...errors import GeometryError
from ...sky.rotation import separation
from ..axes import MapAxes
from ..geom import Geom
from ..wcs.arguments import angle_pair, sky_position
from .pixelization import as_nside, is_power_of_two, nside_of_size, pix_to_lonlat, pixel_size, reordered
from .pixels import HpxPixels
from .regions import center_of_region, pixels_of_region, radius_of_region
from .reshaping import HpxReshaping

__all__ = ["HpxGeom"]

HERE = "geminga.maps.hpx"


def _plane_values(values, shape):
    """Return numbers per bin in the order of data arrays; one number if they are all the same."""
    if values.size > 1 and values.shape != shape:
        raise GeometryError(
            f"nside must be one number or have the shape of the axes {shape}, got shape {values.shape}."
        )
    values = values.transpose().ravel()
    return values[:1] if np.all(values == values[0]) else values


def _same(lists):
    return all(np.array_equal(item, lists[0]) for item in lists[1:])


def _checked_list(pixels, nside) -> np.ndarray:
    pixels = np.unique(np.asarray(pixels, dtype=np.int64).ravel())
    if pixels.size and (pixels[0] < 0 or pixels[-1] >= 12 * nside**2):
        raise GeometryError(
            f"pixels must be between 0 and {12 * nside**2 - 1} for nside {nside}, "
            f"got {pixels[0]} to {pixels[-1]}. Check nside."
        )
    return pixels


class HpxGeom(HpxPixels, HpxReshaping, Geom):
    """HEALPix pixels times bins along axes.

    Indices are tuples ``(pixel, axis0, ...)`` with the number of the pixel on the full sky ("global"); data arrays of
    a part of the sky hold its pixels in rising order ("local"). A geometry is never changed.

    Parameters
    ----------
    nside : int or array_like of int
        Resolution: there are 12 nside^2 pixels. An array with the shape of the axes gives each bin its own.
    nest : bool
        Number the pixels hierarchically instead of along rings; `nside` must then be a power of two.
    frame : {"icrs", "galactic"}
    region : str, array_like of int, or tuple of these, optional
        Part of the sky: "DISK(lon,lat,radius)", "DISK_INC(lon,lat,radius,factor)", "HPX_PIXEL(NESTED,nside,pixel)", or
        pixel numbers. A tuple ``(pixels, axis0, ...)`` gives the bin of each pixel, so that bins differ in theirs.
    axes : list of `MapAxis` or `MapAxes`, optional

    Examples
    --------
    >>> HpxGeom(nside=4).data_shape
    (192,)
    >>> HpxGeom(nside=64, frame="galactic", region="DISK(0,0,5)").data_shape
    (88,)
    """

    is_hpx = True
    is_region = False
    projection = "HPX"

    def __init__(self, nside, nest=True, frame="icrs", region=None, axes=None):
        self._axes = MapAxes.from_default(axes, n_spatial_axes=1)
        self._nest, self._frame = bool(nest), str(frame)
        nsides = _plane_values(as_nside(nside, nest), self._axes.shape)
        name, lists = None, None
        if isinstance(region, str):
            name, lists = region, [pixels_of_region(n, self._nest, region) for n in nsides]
        elif region is not None:
            name, lists = "explicit", self._lists_of(region, nsides)
        self._set(nsides, lists, name)

    def _set(self, nsides, lists, name):
        """Set resolution and pixels of each bin; one of each where all bins are the same."""
        if lists is not None and len(nsides) == 1 and _same(lists):
            lists = lists[:1]
        number = max(len(nsides), 1 if lists is None else len(lists))
        if number > 1:
            nsides = np.broadcast_to(nsides, number)
            lists = None if lists is None else (lists if len(lists) == number else lists * number)
        self._nsides, self._lists, self._region = nsides, lists, name

    def _lists_of(self, region, nsides):
        """Return the pixels of each bin from arrays of pixels and bins."""
        region = tuple(np.asarray(part) for part in region) if isinstance(region, tuple) else (region,)
        if len(region) == 1:
            return [_checked_list(region[0], nside) for nside in nsides]
        if len(region) != 1 + len(self._axes):
            raise GeometryError(
                f"region must be pixels, or pixels and a bin for each axis {self._axes.names}, "
                f"got {len(region)} arrays."
            )
        pixels, *bins = (part.ravel() for part in np.broadcast_arrays(*region))
        shape = self._axes.shape[::-1]
        kept = pixels >= 0
        plane = np.ravel_multi_index(tuple(part[kept] for part in bins[::-1]), shape)
        number = int(np.prod(shape))
        nsides = np.broadcast_to(nsides, number)
        return [_checked_list(pixels[kept][plane == k], nsides[k]) for k in range(number)]

    @classmethod
    def _from_parts(cls, nsides, lists, name, nest, frame, axes) -> HpxGeom:
        new = object.__new__(cls)
        new._axes, new._nest, new._frame = MapAxes.from_default(axes, n_spatial_axes=1), nest, frame
        new._set(nsides, lists, name if lists is not None else None)
        return new

    def _init_copy(self, **kwargs) -> HpxGeom:
        axes = MapAxes.from_default(kwargs.get("axes", self._axes), n_spatial_axes=1)
        if kwargs.keys() & {"nside", "nest", "frame", "region"}:
            arguments = {
                "nside": self.nside,
                "nest": self._nest,
                "frame": self._frame,
                "region": self._region_argument,
            }
            return self.__class__(**(arguments | kwargs | {"axes": axes}))
        nsides, lists = self._nsides, self._lists
        if not self.is_regular and axes.shape != self._axes.shape:
            if len(axes):
                raise GeometryError(
                    "axes of a geometry with other pixels in each bin must keep their bins, got other ones. "
                    "Bring the map to one nside first (to_nside)."
                )
            # the image with the most pixels stands for all
            largest = int(np.argmax(self._numbers))
            nsides, lists = nsides[largest : largest + 1], None if lists is None else [lists[largest]]
        return self._from_parts(nsides, lists, self._region, self._nest, self._frame, axes)

    @property
    def _region_argument(self):
        if self._region != "explicit":
            return self._region
        return self._lists[0] if self.is_regular else self.get_idx(flat=True)

    @classmethod
    def create(
        cls,
        nside=None,
        binsz=None,
        nest=True,
        frame="icrs",
        region=None,
        axes=None,
        skydir=None,
        width=None,
    ) -> HpxGeom:
        """Make a geometry from a pixel size and a position.

        Parameters
        ----------
        nside : int or array_like of int, optional
            Goes before `binsz`.
        binsz : float, str or `~astropy.units.Quantity`, optional
            Wanted pixel size; the power of two nearest to it is taken. Plain numbers are degrees.
        nest : bool
        frame : {"icrs", "galactic"}
        region : str or array_like of int, optional
            See `HpxGeom`; goes before `skydir` and `width`.
        axes : list of `MapAxis` or `MapAxes`, optional
        skydir : `~astropy.coordinates.SkyCoord` or (lon, lat), optional
            Centre of the part of the sky, by default (0, 0). Plain numbers are degrees in `frame`.
        width : float, str or `~astropy.units.Quantity`, optional
            Diameter of the part of the sky; by default all of it. Plain numbers are degrees.

        Examples
        --------
        >>> HpxGeom.create(binsz="0.5 deg", skydir=(83.6, 22.0), width="10 deg").region
        'DISK(83.6,22.0,5.0)'
        """
        if nside is None:
            if binsz is None:
                raise GeometryError("nside or binsz must be given, got neither. Pass binsz in deg.")
            sizes = np.asarray([float(angle_pair(size, "binsz")[0]) for size in np.ravel(binsz)])
            nside = nside_of_size(sizes if np.ndim(binsz) else sizes[0])
        if region is None and width is not None:
            lon, lat = sky_position((0.0, 0.0) if skydir is None else skydir, frame)
            region = f"DISK({lon},{lat},{float(angle_pair(width, 'width')[0]) / 2})"
        return cls(nside, nest=nest, frame=frame, region=region, axes=axes)

    @classmethod
    def from_header(cls, header, hdu_bands=None, format=None) -> HpxGeom:
        """Read a geometry from a FITS header; see `geminga.maps.hpx.header.geom_from_header`."""
        from .header import geom_from_header

        return geom_from_header(cls, header, hdu_bands, format)

    @classmethod
    def from_hdu(cls, hdu, hdu_bands=None) -> HpxGeom:
        """Read a geometry from an HDU with a map; the pixels of a part of the sky are those in its table.

        Parameters
        ----------
        hdu : `~astropy.io.fits.BinTableHDU`
        hdu_bands : `~astropy.io.fits.BinTableHDU`, optional
            Table of the axes.
        """
        from .header import geom_from_hdu

        return geom_from_hdu(cls, hdu, hdu_bands)

    @staticmethod
    def get_index_list(nside, nest, region) -> np.ndarray:
        """Return the numbers of the pixels in a region given as text; see `geminga.maps.hpx.regions`."""
        return pixels_of_region(nside, nest, region)

    # ------------------------------------------------------------------ attributes

    @property
    def axes_names(self) -> list[str]:
        """Names of all axes; "skycoord" stands for the pixels."""
        return ["skycoord", *self._axes.names]

    @property
    def frame(self) -> str:
        """Name of the celestial frame."""
        return self._frame

    @property
    def nest(self) -> bool:
        """Whether pixels are numbered hierarchically."""
        return self._nest

    @property
    def ordering(self) -> str:
        """Numbering of the pixels, "NESTED" or "RING"."""
        return "NESTED" if self._nest else "RING"

    @property
    def nside(self) -> np.ndarray:
        """Resolutions: one number, or one for each bin in the shape of the axes."""
        return self._per_bin(self._nsides)

    @property
    def order(self) -> np.ndarray:
        """Binary logarithms of `nside`; -1 where that is no power of two."""
        nside = self.nside
        return np.where(is_power_of_two(nside), np.rint(np.log2(nside)).astype(int), -1)

    @property
    def npix(self) -> np.ndarray:
        """Numbers of pixels, one for each bin."""
        return self._per_bin(np.broadcast_to(self._numbers, max(self._n_planes, len(self._numbers))))

    @property
    def npix_max(self) -> np.ndarray:
        """Numbers of pixels on the full sky, one for each bin."""
        return self._per_bin(np.broadcast_to(12 * self._nsides**2, max(self._n_planes, len(self._nsides))))

    @property
    def region(self) -> str | None:
        """Part of the sky as text, "explicit" for a list of pixels, None for the full sky."""
        return self._region

    @property
    def ipix(self) -> tuple[np.ndarray, ...]:
        """Indices of the bins, see `get_idx`."""
        return self.get_idx()

    @property
    def is_regular(self) -> bool:
        """Whether all bins have the same pixels."""
        return len(self._nsides) == 1 and (self._lists is None or len(self._lists) == 1)

    @property
    def is_allsky(self) -> bool:
        """Whether the geometry covers the whole sky."""
        return self._lists is None

    @property
    def data_shape(self) -> tuple[int, ...]:
        """Shape of a data array: axes in reverse order, pixels."""
        return (*self._axes.shape[::-1], int(self._numbers.max()))

    @property
    def data_shape_axes(self) -> tuple[int, ...]:
        """Shape of an array that has the axes but one pixel."""
        return (*self._axes.shape[::-1], 1)

    @property
    def shape_axes(self) -> tuple[int, ...]:
        """Numbers of bins, in the order of the axes."""
        return self._axes.shape

    @property
    def pixel_scales(self) -> u.Quantity:
        """Square roots of the pixel areas, one or one for each bin."""
        return pixel_size(self.nside) << u.deg

    @property
    def width(self) -> u.Quantity:
        """Largest separation from the centre: 180 deg for the full sky, the radius of a disk."""
        if self.is_allsky:
            return 180.0 << u.deg
        radius = None if self._region == "explicit" else radius_of_region(self._region)
        if radius is None:
            center = self.center_skydir.spherical
            distances = separation(*self.to_image()._lonlat, center.lon.deg, center.lat.deg)
            radius = float(np.max(distances, initial=0.0))
        return radius << u.deg

    @cached_property
    def center_skydir(self) -> SkyCoord:
        """Sky position of the centre: of the region, or the mean direction of the pixels; (0, 0) for the full sky."""
        if self.is_allsky:
            lon, lat = 0.0, 0.0
        elif self._region != "explicit":
            lon, lat = center_of_region(self._region)
        else:
            lon, lat = (np.radians(angle) for angle in self.to_image()._lonlat)
            x, y, z = np.mean([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
            lon, lat = np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))
        return SkyCoord(float(lon), float(lat), unit="deg", frame=self._frame)

    @property
    def center_pix(self) -> tuple:
        """Pixel that contains the centre, and the middle of each axis."""
        image = self.to_image()
        (pixel,) = image.coord_to_pix(image.center_skydir)
        return (pixel, *((axis.nbin - 1) / 2 for axis in self._axes))

    @property
    def center_coord(self) -> tuple:
        """Coordinates of the centre: longitude and latitude, then along each axis."""
        center = self.center_skydir.spherical
        return (center.lon.deg << u.deg, center.lat.deg << u.deg, *self._axes.center_coord)

    # ------------------------------------------------------------------ measures

    def solid_angle(self) -> u.Quantity:
        """Return the solid angle of the pixels, all of one nside being equal.

        Returns
        -------
        `~astropy.units.Quantity`
            In sr; shape (1,), or with other pixels in each bin that of the data with one pixel.
        """
        area = np.pi / (3 * self._nsides.astype(float) ** 2)
        return (area if self.is_regular else area.reshape(self.data_shape_axes)) << u.sr

    def bin_volume(self) -> u.Quantity:
        """Return solid angle times bin widths of the axes, broadcastable to `data_shape`."""
        return self.solid_angle() * self._axes.bin_volume() if len(self._axes) else self.solid_angle()

    # ------------------------------------------------------------------ in files of their own

    cutout = opens(f"{HERE}.resizing:cutout_geom")
    region_mask = opens(f"{HERE}.membership:region_mask")
    to_header = opens(f"{HERE}.header:geom_to_header")
    to_wcs_geom = opens(f"{HERE}.to_wcs:to_wcs_geom")
    to_wcs_tiles = opens(f"{HERE}.tiles:to_wcs_tiles")

    # ------------------------------------------------------------------ comparison, display

    def _has_same_pixels(self, other) -> bool:
        if self._nest != other._nest or self._frame != other._frame:
            return False
        if not np.array_equal(self._nsides, other._nsides) or (self._lists is None) != (other._lists is None):
            return False
        return self._lists is None or (
            len(self._lists) == len(other._lists)
            and all(np.array_equal(one, two) for one, two in zip(self._lists, other._lists, strict=True))
        )

    def is_aligned(self, other) -> bool:
        """Return whether two geometries number the same pixels, whatever parts of the sky they cover."""
        if not isinstance(other, HpxGeom):
            return False
        return (
            self._nest == other._nest
            and self._frame == other._frame
            and np.array_equal(np.unique(self._nsides), np.unique(other._nsides))
        )

    def is_allclose(self, other, rtol_axes=1e-6, atol_axes=1e-6) -> bool:
        """Return whether two geometries have the same pixels, and the same axes within tolerances.

        Parameters
        ----------
        other : `HpxGeom`
        rtol_axes, atol_axes : float

        Raises
        ------
        TypeError
            If `other` is no `HpxGeom`.
        """
        if not isinstance(other, HpxGeom):
            raise TypeError(f"other must be a HpxGeom, got {type(other).__name__}.")
        if self is other:
            return True
        if self.data_shape != other.data_shape or not self._has_same_pixels(other):
            return False
        return self._axes.is_allclose(other._axes, rtol=rtol_axes, atol=atol_axes)

    def __repr__(self):
        lon, lat = self.center_skydir.spherical.lon.deg, self.center_skydir.spherical.lat.deg
        nside = int(self._nsides[0]) if len(self._nsides) == 1 else self.nside.tolist()
        rows = {
            "axes": self.axes_names,
            "shape": self.data_shape[::-1],
            "ndim": self.ndim,
            "nside": nside,
            "nested": self._nest,
            "frame": self._frame,
            "projection": self.projection,
            "center": f"{lon:.1f} deg, {lat:.1f} deg",
            "region": self._region or "all sky",
        }
        lines = [f"\t{name:<11s}: {value}" for name, value in rows.items()]
        return "\n".join([self.__class__.__name__, "", *lines, ""])

    # kept beside the constructor arguments it serves
    def to_swapped(self) -> HpxGeom:
        """Return the geometry with its pixels numbered in the other order, nested or along rings."""
        as_nside(self._nsides, True)
        lists = self._lists
        if lists is not None:
            nsides = np.broadcast_to(self._nsides, len(lists))
            lists = [
                np.sort(reordered(pixels, nside, self._nest, not self._nest))
                for pixels, nside in zip(lists, nsides, strict=True)
            ]
        return self._from_parts(self._nsides, lists, self._region, not self._nest, self._frame, self._axes)

    @cached_property
    def _lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the pixels in degrees, shape (pixels,) or (bins, pixels) when irregular."""
        lon, lat = pix_to_lonlat(self._pixel_table, self._nsides[:, np.newaxis], self._nest)
        lon, lat = (values[0] if self.is_regular else values for values in (lon, lat))
        for values in (lon, lat):
            values.flags.writeable = False
        return lon, lat
