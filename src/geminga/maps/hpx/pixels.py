"""HEALPix pixels: global and local numbers, coordinates and indices, interpolation weights."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle

from ...errors import GeometryError
from ...sky.rotation import separation
from ..coord import MapCoord
from ..wcs.arguments import compressed, sky_position
from .pixelization import bilinear_weights, lonlat_to_pix, pix_to_lonlat

__all__ = ["HpxPixels"]


class HpxPixels:
    """Mix-in of `HpxGeom`: conversions between coordinates, pixels and indices.

    Relies on `_nsides` and `_lists`: resolution, and pixels of a part of the sky, one of each or one for each bin in
    the order of data arrays.
    """

    @property
    def _n_planes(self) -> int:
        return int(np.prod(self._axes.shape, dtype=int))

    @property
    def _numbers(self) -> np.ndarray:
        """Numbers of pixels, one or one for each bin."""
        if self._lists is None:
            return 12 * self._nsides**2
        return np.array([len(pixels) for pixels in self._lists], dtype=np.int64)

    def _per_bin(self, values) -> np.ndarray:
        """Return values in the order of data arrays in the shape of the axes."""
        if len(values) == 1 or not len(self._axes):
            return np.array(values)
        return np.array(values).reshape(self._axes.shape[::-1]).transpose()

    @cached_property
    def _pixel_table(self) -> np.ndarray:
        """Global numbers, shape (1 or bins, pixels); -1 where a bin has fewer pixels than others."""
        numbers = self._numbers
        table = np.full((len(self._nsides), int(numbers.max())), -1, dtype=np.int64)
        for row, number in enumerate(np.broadcast_to(numbers, len(table))):
            table[row, :number] = np.arange(number) if self._lists is None else self._lists[row]
        table.flags.writeable = False
        return table

    @cached_property
    def _keys(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Global numbers of all bins behind each other, where bins begin in these, and in the list of all pixels."""
        offsets = np.concatenate([[0], np.cumsum(12 * self._nsides**2)])
        starts = np.concatenate([[0], np.cumsum(self._numbers)])
        nothing = np.empty(0, dtype=np.int64)
        keys = [pixels + offset for pixels, offset in zip(self._lists or (), offsets[:-1], strict=False)]
        return (np.concatenate(keys) if keys else nothing), offsets, starts

    def _plane_of(self, bins):
        """Return the number of the bin in the order of data arrays, and whether the bins exist."""
        bins = [np.asarray(b) for b in bins]
        valid = np.logical_and.reduce(
            [(b >= 0) & (b < n) for b, n in zip(np.broadcast_arrays(*bins), self._axes.shape, strict=True)]
        )
        clipped = [np.clip(b, 0, n - 1) for b, n in zip(bins, self._axes.shape, strict=True)]
        shape = np.broadcast_shapes(*(b.shape for b in clipped))
        plane = np.ravel_multi_index(
            tuple(np.broadcast_to(b, shape) for b in clipped[::-1]), self._axes.shape[::-1]
        )
        return plane, valid

    def _to_local(self, pixels, plane):
        """Return local numbers of global ones in bins (0 when all bins are the same); -1 outside."""
        pixels = np.asarray(pixels)
        inside = (pixels >= 0) & (pixels < 12 * self._nsides[plane] ** 2)
        if self._lists is None:
            return np.where(inside, pixels, -1)
        keys, offsets, starts = self._keys
        wanted = np.where(inside, pixels, 0) + offsets[plane]
        place = np.searchsorted(keys, wanted)
        found = inside & (place < keys.size)
        found &= keys[np.minimum(place, max(keys.size - 1, 0))] == wanted if keys.size else False
        return np.where(found, place - starts[plane], -1)

    def _split(self, idx):
        """Return pixels, and the bins for lookups: 0 in a regular geometry; bins without pixels give -1."""
        pixels = np.asarray(idx[0])
        if self.is_regular:
            return pixels, 0
        if len(idx) < 1 + len(self._axes):
            raise GeometryError(
                f"index must have a bin for each axis {self._axes.names}, got {len(idx) - 1}. "
                "Bins have other pixels."
            )
        plane, valid = self._plane_of(idx[1 : 1 + len(self._axes)])
        return np.where(valid, pixels, -1), plane

    def global_to_local(self, idx_global, ravel=False):
        """Return the places of pixels in data arrays.

        Parameters
        ----------
        idx_global : tuple of array_like of int
            ``(pixel, axis0, ...)`` with numbers on the full sky.
        ravel : bool
            Return places in the list of all pixels of all bins instead.

        Returns
        -------
        tuple of ndarray, or ndarray
            -1 for what is not in the geometry.
        """
        idx = tuple(np.asarray(i) for i in (idx_global if isinstance(idx_global, tuple) else (idx_global,)))
        local = self._to_local(*self._split(idx))
        if not ravel:
            return (local, *idx[1:])
        if len(idx) == 1:
            return local
        plane, valid = self._plane_of(idx[1:])
        starts = self._keys[2][:-1] if not self.is_regular else np.arange(self._n_planes) * self._numbers[0]
        return np.where((local >= 0) & valid, local + starts[plane], -1)

    def local_to_global(self, idx_local) -> tuple[np.ndarray, ...]:
        """Return the numbers on the full sky of places in data arrays; -1 outside.

        Parameters
        ----------
        idx_local : tuple of array_like of int
            ``(place, axis0, ...)``.
        """
        idx = tuple(np.asarray(i) for i in (idx_local if isinstance(idx_local, tuple) else (idx_local,)))
        place, plane = self._split(idx)
        if self._lists is None:
            return (np.where(place < self._numbers[plane], place, -1), *idx[1:])
        table = self._pixel_table
        inside = (place >= 0) & (place < table.shape[1])
        return (np.where(inside, table[plane, np.where(inside, place, 0)], -1), *idx[1:])

    # ------------------------------------------------------------------ coordinate <-> pixel <-> index

    def _spatial_coord_to_pix(self, coords) -> tuple[np.ndarray]:
        lon, lat = coords._lonlat
        if len(self._nsides) == 1:
            shape = np.broadcast_shapes(lon.shape, lat.shape)
            # coordinates of a cube repeat those of an image: each is looked up once
            lon, lat = (compressed(np.broadcast_to(angle, shape)) for angle in (lon, lat))
            return (np.broadcast_to(lonlat_to_pix(lon, lat, int(self._nsides[0]), self._nest), shape),)
        bins = self._axes.coord_to_idx(coords._matched(self._axes.names), clip=True)
        plane, _ = self._plane_of(bins)
        return (lonlat_to_pix(lon, lat, self._nsides[plane], self._nest),)

    def _spatial_pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray]:
        raise NotImplementedError("HEALPix pixels depend on the bins: see pix_to_idx.")

    def coord_to_idx(self, coords, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of map coordinates.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        clip : bool
            Give coordinates outside the index of the nearest pixel and bin instead of -1.

        Returns
        -------
        tuple of ndarray of int
            ``(pixel, axis0, ...)`` with numbers on the full sky.
        """
        coords = self._as_coords(coords)
        bins = self._axes.coord_to_idx(coords._matched(self._axes.names), clip=clip)
        return self._within((*self._spatial_coord_to_pix(coords), *bins), clip)

    def pix_to_idx(self, pix, clip=False) -> tuple[np.ndarray, ...]:
        """Return bin indices of pixels and pixel coordinates along the axes; -1 outside unless clipped."""
        pixels = np.asarray(pix[0], dtype=float)
        pixels = np.where(np.isfinite(pixels), np.rint(np.where(np.isfinite(pixels), pixels, 0)), -1)
        return self._within((pixels.astype(np.int64), *self._axes.pix_to_idx(pix[1:], clip)), clip)

    def _within(self, idx, clip):
        """Return indices with -1 for pixels that are not in the geometry, or the nearest pixel that is."""
        local = self.global_to_local(idx)[0]
        if not clip:
            return (np.where(local >= 0, idx[0], -1), *idx[1:])
        outside = local < 0
        if self._lists is None or not outside.any():
            return idx
        shape = outside.shape
        plane = np.broadcast_to(self._split(idx)[1], shape)
        pixels = np.array(np.broadcast_to(idx[0], shape))
        for k in np.unique(plane[outside]):
            chosen = outside & (plane == k) & (pixels >= 0)
            pixels[chosen] = self._nearest_pixels(pixels[chosen], k)
        return (pixels, *idx[1:])

    def _nearest_pixels(self, pixels, plane):
        """Return the pixels of a bin whose centres are nearest to those of pixels outside."""
        from scipy.spatial import cKDTree

        own, nside = self._lists[plane], int(self._nsides[plane])
        if not len(own):
            return np.full(pixels.shape, -1)
        vectors = [_unit_vectors(*pix_to_lonlat(p, nside, self._nest)) for p in (own, pixels)]
        return own[cKDTree(vectors[0]).query(vectors[1])[1]]

    def pix_to_coord(self, pix) -> tuple:
        """Return ``(lon, lat, axis0, ...)`` as quantities of pixels, given as ``(pixel, axis0, ...)``.

        Pixels that are not in the geometry give NaN.
        """
        pixels = np.asarray(pix[0], dtype=float)
        idx = self.pix_to_idx(pix)
        nside = self._nsides[self._split(idx)[1]]
        lon, lat = pix_to_lonlat(idx[0], nside, self._nest)
        shape = np.broadcast_shapes(lon.shape, pixels.shape)
        lon, lat = np.broadcast_to(lon, shape), np.broadcast_to(lat, shape)
        return (lon << u.deg, lat << u.deg, *self._axes.pix_to_coord(pix[1:]))

    def contains(self, coords) -> np.ndarray:
        """Return whether each coordinate is inside the geometry.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        """
        return np.logical_and.reduce(np.broadcast_arrays(*[i >= 0 for i in self.coord_to_idx(coords)]))

    # ------------------------------------------------------------------ all bins

    def _sparse_idx(self, idx, local):
        """Return indices along each dimension, shaped for broadcasting."""
        number, shape = len(self._axes), self._axes.shape
        if idx is None:
            bins = [np.arange(n).reshape([-1 if k == number - 1 - i else 1 for k in range(number + 1)])
                    for i, n in enumerate(shape)]  # fmt: skip
        else:
            idx = tuple(np.atleast_1d(idx))
            if len(idx) != number:
                raise GeometryError(f"idx must be one index for each axis {self._axes.names}, got {idx}.")
            bins = [np.full((1,) * (number + 1), int(i)) for i in idx]
        table = self._pixel_table
        if local:
            table = np.where(table < 0, -1, np.arange(table.shape[1]))
        if self.is_regular:
            pixels = table.reshape((1,) * number + (-1,))
        else:
            pixels = table.reshape(*shape[::-1], -1)
            if idx is not None:
                pixels = pixels[tuple(slice(int(i), int(i) + 1) for i in idx[::-1])]
        return [pixels, *bins]

    def get_idx(self, idx=None, local=False, flat=False, sparse=False, mode="center", axis_name=None):
        """Return the indices of the bins.

        Parameters
        ----------
        idx : tuple of int, optional
            One image: an index along each axis.
        local : bool
            Give places in data arrays instead of numbers on the full sky.
        flat : bool
            Return one-dimensional arrays of the pixels there are.
        sparse : bool
            Return arrays that broadcast against each other.
        mode : {"center", "edges"}
            With "edges", the named axis gives its edges, in pixel coordinates.
        axis_name : str, optional

        Returns
        -------
        tuple of ndarray
            ``(pixel, axis0, ...)`` of the shape of the data, with -1 where a bin has fewer pixels than others.
        """
        arrays = self._sparse_idx(idx, local)
        if mode == "edges":
            for k, axis in enumerate(self._axes, start=1):
                if axis_name in (None, axis.name) and idx is None:
                    arrays[k] = (np.arange(axis.nbin + 1) - 0.5).reshape(
                        [-1 if size > 1 or (axis.nbin == 1 and d == arrays[k].ndim - 1 - k) else 1
                         for d, size in enumerate(arrays[k].shape)]
                    )  # fmt: skip
        if sparse and not flat:
            return tuple(arrays)
        arrays = np.broadcast_arrays(*arrays)
        if flat:
            valid = arrays[0] >= 0
            return tuple(a[valid] for a in arrays)
        return tuple(arrays)

    def get_coord(self, idx=None, flat=False, sparse=False, mode="center", axis_name=None) -> MapCoord:
        """Return the coordinates of the pixel centres.

        Parameters
        ----------
        idx : tuple of int, optional
            One image: an index along each axis.
        flat : bool
            Return one-dimensional arrays of the pixels there are.
        sparse : bool
            Return arrays that broadcast against each other instead of arrays of the full shape.
        mode : {"center", "edges"}
            With "edges", the named axis gives its edges; pixels have no edges.
        axis_name : str, optional
            Axis to which `mode` applies; by default all.

        Returns
        -------
        `~geminga.maps.MapCoord`
            NaN positions where a bin has fewer pixels than others.
        """
        pix = self.get_idx(idx=idx, sparse=True, mode=mode, axis_name=axis_name)
        lon, lat = self._lonlat
        if not self.is_regular and idx is not None:
            chosen = tuple(slice(int(i), int(i) + 1) for i in tuple(np.atleast_1d(idx))[::-1])
            lon, lat = (values.reshape(*self._axes.shape[::-1], -1)[chosen] for values in (lon, lat))
        lon, lat = (values.reshape(pix[0].shape) for values in (lon, lat))
        data = {"lon": lon << u.deg, "lat": lat << u.deg}
        for axis, values in zip(self._axes, pix[1:], strict=True):
            if mode == "center" and idx is None:
                center = axis.time_mid if hasattr(axis, "time_mid") else axis.center
                data[axis.name] = center.reshape(values.shape)
            else:
                data[axis.name] = axis.pix_to_coord(values)
        coords = MapCoord(data, frame=self._frame)
        if flat:
            coords = coords.flat
            return coords if self.is_regular else coords.apply_mask(np.isfinite(coords._lonlat[0]))
        return coords if sparse else coords.broadcasted

    # ------------------------------------------------------------------ interpolation, separation

    def interp_weights(self, coords, idxs=None):
        """Return the four pixels around each position and their weights.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        idxs : tuple of array_like of int, optional
            Bins along the axes; by default those of the coordinates.

        Returns
        -------
        tuple of ndarray, shape (4, *shape)
            ``(place, axis0, ...)``, places in data arrays.
        ndarray, shape (4, *shape)
            Weights. Pixels that are not in the geometry have weight 0 and the others share it; all weights are 0
            where none is.
        """
        coords = self._as_coords(coords)
        if idxs is None and len(self._axes):
            idxs = self._axes.coord_to_idx(coords._matched(self._axes.names), clip=True)
        bins = tuple(np.asarray(i) for i in idxs or ())
        lon, lat = coords._lonlat
        shape = np.broadcast_shapes(lon.shape, lat.shape, *(b.shape for b in bins))
        known = np.isfinite(lon) & np.isfinite(lat)
        lon, lat = np.where(known, lon, 0), np.where(known, lat, 0)
        plane = 0 if self.is_regular else self._plane_of(bins)[0]
        nside = np.broadcast_to(self._nsides[plane], shape)
        lon, lat, known = (np.broadcast_to(values, shape) for values in (lon, lat, known))
        pixels, weights = bilinear_weights(lon, lat, nside, self._nest)
        local = self._to_local(pixels, plane)
        weights = np.where((local >= 0) & known, weights, 0)
        if self._lists is not None:
            total = weights.sum(axis=0)
            weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        return (np.maximum(local, 0), *(np.broadcast_to(b, local.shape) for b in bins)), weights

    def separation(self, center) -> Angle:
        """Return the angular separation of each pixel from a position.

        Parameters
        ----------
        center : `~astropy.coordinates.SkyCoord`

        Returns
        -------
        `~astropy.coordinates.Angle`
            Of the pixels of one image, in deg.
        """
        lon, lat = self.to_image()._lonlat if not self.is_regular else self._lonlat
        return Angle(separation(lon, lat, *sky_position(center, self._frame)), "deg", copy=False)


def _unit_vectors(lon, lat) -> np.ndarray:
    lon, lat = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
