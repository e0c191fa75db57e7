"""Reading, setting and filling the bins of maps by coordinate, pixel coordinate and index."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import GeometryError
from ..units import conversion_factor

__all__ = ["Access", "add_at_index"]


def add_at_index(data, idx, weights=None) -> None:
    """Add weights (1 by default) to elements of an array, in place; elements named twice get both.

    Parameters
    ----------
    data : ndarray
        C-contiguous or not, any number of dimensions.
    idx : tuple of array_like of int
        Indices along each dimension, all within the array; they broadcast against each other.
    weights : array_like, optional
        Broadcasts to the shape of the indices.
    """
    idx = tuple(np.asarray(i) for i in idx)
    shape = np.broadcast_shapes(*(i.shape for i in idx))
    flat = np.zeros(shape, dtype=np.intp)
    for number, length in zip(idx, data.shape, strict=True):
        flat = flat * length + number
    flat = flat.ravel()
    if weights is None:
        weights = 1 if data.dtype != bool else True
    weights = np.asarray(weights)
    if data.dtype == bool:
        target = data.reshape(-1) if data.flags.c_contiguous else data.ravel()
        np.logical_or.at(target, flat, np.broadcast_to(weights, shape).ravel().astype(bool))
    elif flat.size < data.size:
        target = data.reshape(-1) if data.flags.c_contiguous else data.ravel()
        added = weights if weights.ndim == 0 else np.broadcast_to(weights, shape).ravel()
        np.add.at(target, flat, added.astype(data.dtype))
    else:
        spread = None if weights.ndim == 0 else np.broadcast_to(weights, shape).ravel()
        added = np.bincount(flat, weights=spread, minlength=data.size)
        data += (added if spread is not None else added * weights).reshape(data.shape).astype(data.dtype)
        return
    if not data.flags.c_contiguous:
        data[...] = target.reshape(data.shape)


class Access:
    """Mix-in: values of a map by coordinate, pixel coordinate and index.

    Indices and pixel coordinates are tuples ``(x, y, axis0, ...)``; geometries of another kind override the three
    methods by index.
    """

    # ------------------------------------------------------------------ by index

    def get_by_idx(self, idx) -> np.ndarray:
        """Return the values at indices.

        Parameters
        ----------
        idx : tuple of array_like of int
            Indices along each dimension, spatial ones first; they broadcast against each other.

        Returns
        -------
        ndarray
            Plain numbers in the unit of the map.
        """
        idx = tuple(np.asarray(i) if not isinstance(i, slice) else i for i in idx)[::-1]
        plain = len(idx) == self.data.ndim and self.data.flags.c_contiguous
        if not plain or not all(isinstance(i, np.ndarray) and i.dtype.kind in "iu" and i.ndim for i in idx):
            return self.data[idx]
        # One index into the flat array is twice as fast as one for each dimension.
        flat = 0
        for number, length in zip(idx, self.data.shape, strict=True):
            least = number.min() if number.size else 0
            if number.size and not -length <= least <= number.max() < length:
                return self.data[idx]
            flat = flat * length + (number % length if least < 0 else number)
        return self.data.reshape(-1).take(flat)

    def set_by_idx(self, idx, vals) -> None:
        """Set the values at indices; plain numbers are in the unit of the map."""
        self.data[tuple(idx)[::-1]] = self._plain_values(vals)

    def fill_by_idx(self, idx, weights=None) -> None:
        """Add weights at indices.

        Parameters
        ----------
        idx : tuple of array_like of int
            Bins named twice get both weights.
        weights : array_like or `~astropy.units.Quantity`, optional
            By default 1.
        """
        idx = tuple(np.asarray(i) for i in idx)[::-1]
        add_at_index(self.data, idx, self._plain_values(weights))

    def _plain_values(self, values):
        """Return values as plain numbers in the unit of the map."""
        if isinstance(values, u.Quantity):
            return values.value * conversion_factor(values.unit, self.unit, "values for the map")
        return values

    # ------------------------------------------------------------------ by pixel coordinate and coordinate

    def _get_valid(self, idx, fill_value):
        """Return values at indices of which those with -1 are outside."""
        inside = _inside(idx)
        if inside is None:
            return self.get_by_idx(idx)
        values = self.get_by_idx(tuple(np.maximum(i, 0) for i in idx))
        if fill_value is None:
            fill_value = np.nan
        return np.where(inside, values, np.asarray(fill_value)[()])

    def _at_valid(self, idx, values):
        """Return indices and values without those outside."""
        inside = _inside(idx)
        values = self._plain_values(values)
        if inside is None:
            return idx, values
        kept = np.flatnonzero(inside)
        idx = tuple(np.broadcast_to(i, inside.shape).ravel().take(kept) for i in idx)
        if values is not None and np.ndim(values):
            values = np.broadcast_to(values, inside.shape)[inside]
        return idx, values

    def get_by_pix(self, pix, fill_value=np.nan) -> np.ndarray:
        """Return the value of the bin at each pixel coordinate.

        Parameters
        ----------
        pix : tuple of array_like
            Pixel coordinates along each dimension, spatial ones first.
        fill_value : float
            Value outside.
        """
        pix = tuple(np.atleast_1d(np.asarray(p, dtype=float)) for p in pix)
        return self._get_valid(self.geom.pix_to_idx(pix), fill_value)

    def get_by_coord(self, coords, fill_value=np.nan) -> np.ndarray:
        """Return the value of the bin at each coordinate.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        fill_value : float
            Value outside.

        Returns
        -------
        ndarray
            Plain numbers in the unit of the map.
        """
        return self._get_valid(self.geom.coord_to_idx(coords), fill_value)

    def set_by_pix(self, pix, vals) -> None:
        """Set the bins at pixel coordinates; pixel coordinates outside are left out."""
        self.set_by_idx(*self._at_valid(self.geom.pix_to_idx(tuple(np.asarray(p) for p in pix)), vals))

    def set_by_coord(self, coords, vals) -> None:
        """Set the bins at coordinates; coordinates outside are left out."""
        self.set_by_idx(*self._at_valid(self.geom.coord_to_idx(coords), vals))

    def fill_by_pix(self, pix, weights=None) -> None:
        """Add weights to the bins at pixel coordinates; pixel coordinates outside are left out."""
        self.fill_by_idx(*self._at_valid(self.geom.pix_to_idx(tuple(np.asarray(p) for p in pix)), weights))

    def fill_by_coord(self, coords, weights=None) -> None:
        """Add weights to the bins at coordinates; coordinates outside are left out.

        Parameters
        ----------
        coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
        weights : array_like or `~astropy.units.Quantity`, optional
            By default 1.
        """
        self.fill_by_idx(*self._at_valid(self.geom.coord_to_idx(coords), weights))

    def fill_events(self, events, weights=None) -> None:
        """Add events to the map.

        Parameters
        ----------
        events : `~geminga.data.EventList`
        weights : array_like, shape (n_events,), optional
            By default 1 for each event.
        """
        self.fill_by_coord(events.map_coord(self.geom), weights=weights)

    # ------------------------------------------------------------------ one image

    def get_image_by_idx(self, idx):
        """Return the image at an index along each axis.

        Parameters
        ----------
        idx : tuple of int
            In the order of the axes.
        """
        if len(idx) != len(self.geom.axes):
            raise GeometryError(f"index must be one for each axis {self.geom.axes.names}, got {idx!r}.")
        return self.slice_by_idx(
            {name: int(np.squeeze(i)) for name, i in zip(self.geom.axes.names, idx, strict=True)}
        )

    def get_image_by_pix(self, pix):
        """Return the image at a pixel coordinate along each axis; outside, the nearest image."""
        return self.get_image_by_idx(self.geom.axes.pix_to_idx(pix, clip=True))

    def get_image_by_coord(self, coords):
        """Return the image at a coordinate along each axis; outside, the nearest image.

        Parameters
        ----------
        coords : tuple or dict
            Coordinates in the order of the axes, or by name.
        """
        if isinstance(coords, tuple):
            coords = dict(zip(self.geom.axes.names, coords, strict=True))
        return self.get_image_by_idx(self.geom.axes.coord_to_idx(coords, clip=True))


def _inside(idx):
    """Return where no index is -1, None when that is everywhere."""
    outside = [i < 0 for i in idx if np.size(i) and np.min(i) < 0]
    if not outside:
        return None
    shape = np.broadcast_shapes(*(np.shape(i) for i in idx))
    inside = ~outside[0]
    for one in outside[1:]:
        inside = inside & ~one
    return np.broadcast_to(inside, shape)
