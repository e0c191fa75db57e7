"""From coordinates to pixels of a WCS geometry and back; coordinates and areas of all its pixels."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle

from ...errors import GeometryError
from ...sky.rotation import separation
from ..axes.pixels import rounded_pixels
from ..coord import MapCoord
from .arguments import compressed, sky_position
from .sky_projection import SkyProjection
from .solid_angle import pixel_areas

__all__ = ["WcsPixels"]


class WcsPixels:
    """Mix-in of `WcsGeom`: its pixels on the sky."""

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    @cached_property
    def _projection(self) -> SkyProjection:
        return SkyProjection(self._wcs)

    def _band_index(self, coords) -> tuple:
        """Return the place of coordinates in the table of images."""
        return self._axes.coord_to_idx(coords._matched(self._axes.names), clip=True)[::-1]

    def _scaled_to_band(self, x, y, band):
        """Turn pixel coordinates of the reference image into those of the images at `band`."""
        _, _, cdelt_x, cdelt_y, crpix_x, crpix_y = (row[band] for row in self._bands)
        reference = self._wcs.wcs
        return (
            (x - reference.crpix[0] + 1) * abs(reference.cdelt[0]) / cdelt_x + crpix_x - 1,
            (y - reference.crpix[1] + 1) * abs(reference.cdelt[1]) / cdelt_y + crpix_y - 1,
        )

    def _scaled_from_band(self, x, y, band):
        """Turn pixel coordinates of the images at `band` into those of the reference image, NaN outside."""
        nx, ny, cdelt_x, cdelt_y, crpix_x, crpix_y = (row[band] for row in self._bands)
        reference = self._wcs.wcs
        # Half a pixel belongs to the last pixel; the tolerance is for edges.
        outside = (x > nx - 0.5 + 1e-9) | (y > ny - 0.5 + 1e-9)
        x = (x - crpix_x + 1) * cdelt_x / abs(reference.cdelt[0]) + reference.crpix[0] - 1
        y = (y - crpix_y + 1) * cdelt_y / abs(reference.cdelt[1]) + reference.crpix[1] - 1
        return np.where(outside, np.nan, x), np.where(outside, np.nan, y)

    def _spatial_coord_to_pix(self, coords) -> tuple[np.ndarray, np.ndarray]:
        lon, lat = coords._lonlat
        shape = np.broadcast_shapes(lon.shape, lat.shape)
        # Coordinates of a cube repeat those of an image: each is projected once.
        lon, lat = (compressed(np.broadcast_to(angle, shape)) for angle in (lon, lat))
        x, y = self._projection.sky_to_pix(lon, lat, center=(self._image_shape[1] - 1) / 2)
        x, y = np.broadcast_to(x, shape), np.broadcast_to(y, shape)
        if self._bands is not None:
            x, y = self._scaled_to_band(x, y, self._band_index(coords))
        return x, y

    def _spatial_pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, np.ndarray]:
        ny, nx = self._image_shape
        return rounded_pixels(pix[0], nx, clip), rounded_pixels(pix[1], ny, clip)

    def coord_to_idx(self, coords, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of map coordinates.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        clip : bool
            Give coordinates outside the index of the nearest bin instead of -1.
        """
        if self._bands is None:
            return super().coord_to_idx(coords, clip=clip)
        return self.pix_to_idx(self.coord_to_pix(coords), clip=clip)

    def pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of pixel coordinates, -1 outside along each dimension unless clipped."""
        idx = super().pix_to_idx(pix, clip=clip)
        if self._bands is None:
            return idx
        band = tuple(np.maximum(i, 0) for i in idx[2:])[::-1]
        sizes = (self._bands[0][band].astype(int), self._bands[1][band].astype(int))
        if clip:
            return (*(np.minimum(i, n - 1) for i, n in zip(idx[:2], sizes, strict=True)), *idx[2:])
        return (*(np.where(i < n, i, -1) for i, n in zip(idx[:2], sizes, strict=True)), *idx[2:])

    def pix_to_coord(self, pix) -> tuple:
        """Return ``(lon, lat, axis0, ...)`` as quantities at pixel coordinates; NaN off the sky."""
        x, y = (np.asarray(p, dtype=float) for p in pix[:2])
        if self._bands is not None:
            band = self._axes.pix_to_idx(pix[2:], clip=True)[::-1]
            x, y = self._scaled_from_band(x, y, band)
        lon, lat = self._projection.pix_to_sky(x, y)
        return (lon << u.deg, lat << u.deg, *self._axes.pix_to_coord(pix[2:]))

    def contains(self, coords) -> np.ndarray:
        """Return whether each coordinate is inside the geometry.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`

        Returns
        -------
        ndarray of bool
        """
        idx = self.coord_to_idx(coords)
        return np.logical_and.reduce(np.broadcast_arrays(*[np.asarray(i) >= 0 for i in idx]))

    # ------------------------------------------------------------------ all bins

    def get_idx(self, idx=None, local=False, flat=False) -> tuple[np.ndarray, ...]:
        """Return the indices of the bins.

        Parameters
        ----------
        idx : tuple of int, optional
            One image: an index along each axis.
        local : bool
            Without meaning here: indices start at 0.
        flat : bool
            Return one-dimensional arrays.

        Returns
        -------
        tuple of ndarray
            ``(x, y, axis0, ...)``, each of the shape of the data; views that cannot be written to.
        """
        arrays = np.broadcast_arrays(*self._sparse_pix(idx, "center", None))
        return tuple(a.astype(int).ravel() if flat else a for a in arrays)

    def _sparse_pix(self, idx, mode, axis_name, dtype=int):
        """Return pixel coordinates along each dimension, shaped for broadcasting."""
        ndim = len(self._axes) + 2
        lengths = [self._image_shape[1], self._image_shape[0], *self._axes.shape]
        if idx is not None:
            idx = tuple(np.atleast_1d(idx))
            if len(idx) != len(self._axes):
                raise GeometryError(f"idx must be one index for each axis {self._axes.names}, got {idx}.")
        arrays = []
        for number, (length, name) in enumerate(zip(lengths, self.axes_names, strict=True)):
            if idx is not None and number >= 2:
                values = np.array([idx[number - 2]])
            elif mode == "edges" and axis_name in (None, name):
                values = np.arange(length + 1) - 0.5
            else:
                values = np.arange(length, dtype=dtype)
            arrays.append(values.reshape([-1 if k == ndim - 1 - number else 1 for k in range(ndim)]))
        return arrays

    def get_pix(self, idx=None, mode="center") -> tuple[np.ndarray, ...]:
        """Return the pixel coordinates of the bin centres or edges.

        Parameters
        ----------
        idx : tuple of int, optional
            One image: an index along each axis.
        mode : {"center", "edges"}

        Returns
        -------
        tuple of ndarray
            ``(x, y, axis0, ...)``, each of the full shape.
        """
        return tuple(np.broadcast_arrays(*self._sparse_pix(idx, mode, None, dtype=float)))

    @cached_property
    def _lonlat(self) -> tuple[np.ndarray, np.ndarray]:
        """Longitude and latitude of the pixel centres in degrees; the images of irregular geometries too."""
        return self._compute_lonlat(self._sparse_pix(None, "center", None, dtype=float))

    def _compute_lonlat(self, pix):
        if self._bands is None:
            x, y = pix[0].reshape(1, -1), pix[1].reshape(-1, 1)
        else:
            band = tuple(
                np.clip(np.rint(p).astype(int), 0, n - 1)
                for p, n in zip(pix[2:], self._axes.shape, strict=True)
            )
            x, y = self._scaled_from_band(*np.broadcast_arrays(pix[0], pix[1]), band[::-1])
        lon, lat = self._projection.pix_to_sky(x, y)
        for values in (lon, lat):
            values.flags.writeable = False
        return lon, lat

    def get_coord(self, idx=None, mode="center", frame=None, sparse=False, axis_name=None) -> MapCoord:
        """Return the coordinates of the bin centres or edges.

        Parameters
        ----------
        idx : tuple of int, optional
            One image: an index along each axis.
        mode : {"center", "edges"}
        frame : str, optional
            Frame of the sky positions; by default that of the geometry.
        sparse : bool
            Return arrays that broadcast against each other instead of arrays of the full shape.
        axis_name : str, optional
            Axis to which `mode` applies; by default all.

        Returns
        -------
        `~geminga.maps.MapCoord`
            Its arrays are views that cannot be written to.
        """
        edges = mode == "edges" and axis_name in (None, "lon", "lat")
        pix = self._sparse_pix(idx, mode, axis_name, dtype=float)
        lon, lat = (
            self._compute_lonlat(pix)
            if edges or (idx is not None and self._bands is not None)
            else self._lonlat
        )
        if lon.ndim == 2:
            lon, lat = (values.reshape((1,) * len(self._axes) + values.shape) for values in (lon, lat))
        data = {"lon": lon << u.deg, "lat": lat << u.deg}
        for number, (axis, values) in enumerate(zip(self._axes, pix[2:], strict=True)):
            if idx is None and not (mode == "edges" and axis_name in (None, axis.name)):
                center = axis.time_mid if hasattr(axis, "time_mid") else axis.center
                data[axis.name] = center.reshape(values.shape)
            elif idx is None:
                data[axis.name] = axis.edges.reshape(values.shape)
            else:
                data[axis.name] = axis.pix_to_coord(pix[number + 2])
        coords = MapCoord(data, frame=self._frame)
        if frame is not None and frame != self._frame:
            coords = coords.to_frame(frame)
        return coords if sparse else coords.broadcasted

    # ------------------------------------------------------------------ measures

    def separation(self, center) -> Angle:
        """Return the angular separation of each pixel from a position.

        Parameters
        ----------
        center : `~astropy.coordinates.SkyCoord`

        Returns
        -------
        `~astropy.coordinates.Angle`
            Of the shape of the image, in deg.
        """
        lon, lat = self.to_image()._lonlat if self._bands is not None else self._lonlat
        return Angle(separation(lon, lat, *sky_position(center, self._frame)), "deg", copy=False)

    @cached_property
    def _image_areas(self) -> np.ndarray:
        """Solid angles of the pixels of the image in sr."""
        areas = pixel_areas(self._wcs, *self._image_shape[::-1])
        areas.flags.writeable = False
        return areas

    @cached_property
    def _areas(self) -> np.ndarray:
        if self._bands is None:
            return self._image_areas.reshape(self.data_shape_image)
        areas = np.zeros(self.data_shape)
        for band in np.ndindex(self._bands.shape[1:]):
            image = self._band_image(band)
            ny, nx = image._image_shape
            areas[band][:ny, :nx] = image._image_areas
        areas.flags.writeable = False
        return areas

    def _band_image(self, band):
        """Return the geometry of one image; `band` is its place in data arrays."""
        nx, ny, cdelt_x, cdelt_y, crpix_x, crpix_y = self._bands[(slice(None), *band)]
        return self.__class__(self._wcs, (nx, ny), cdelt=(cdelt_x, cdelt_y), crpix=(crpix_x, crpix_y))

    def solid_angle(self) -> u.Quantity:
        """Return the solid angle of each pixel.

        It is the exact area within the sides of the pixel; pixels off the sky have 0.

        Returns
        -------
        `~astropy.units.Quantity`
            In sr; shape of the data with one bin along each axis (a regular geometry).
        """
        return u.Quantity(self._areas, "sr", copy=False)

    def bin_volume(self) -> u.Quantity:
        """Return solid angle times bin widths of the axes, broadcastable to `data_shape`."""
        return self.solid_angle() * self._axes.bin_volume() if len(self._axes) else self.solid_angle()
