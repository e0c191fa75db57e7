"""How far a region reaches on the sky, and what it contains."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.wcs.utils import wcs_to_celestial_frame
from regions import PointSkyRegion

from ...units import to_quantity
from ..coord import MapCoord
from .helper_wcs import enclosing_wcs, is_point
from .membership import contains_pixels, membership_weights, region_solid_angle

__all__ = ["RegionExtent"]


class RegionExtent:
    """Mix-in: size, area and membership of a region geometry (`RegionGeom`), on the projection around its region."""

    @property
    def width(self) -> u.Quantity:
        """Width and height of the box around the region, on the projection, shape (2,)."""
        if self.is_all_point_sky_regions and isinstance(self._known_region, PointSkyRegion):
            return self.binsz_wcs
        wcs = enclosing_wcs(self._known_region, self._binsz, self.frame)
        return np.array(wcs.array_shape[::-1]) * self.binsz_wcs

    def solid_angle(self) -> u.Quantity:
        """Return the solid angle of the region; zero for points.

        All shapes are flat: pi r**2 for a circle. Unions of parts that overlap are integrated on points ten times finer
        than the pixels of the tangential projection.
        """
        solid_angle = region_solid_angle(self._known_region, self._binsz, self.frame, self._given_wcs)
        return solid_angle << u.sr

    def bin_volume(self) -> u.Quantity:
        """Return the solid angle times the bin widths of the axes, shape `data_shape`."""
        return np.broadcast_to(
            self.solid_angle() * self._axes.bin_volume(), self.data_shape, subok=True
        ).copy()

    def separation(self, position) -> u.Quantity:
        """Return the angle between the centre of the region and a position."""
        return self.center_skydir.separation(position)

    def contains(self, coords) -> np.ndarray:
        """Return whether the region contains each coordinate, whatever their values along the axes.

        Point regions contain everything.
        """
        region = self._known_region
        coords = MapCoord.create(coords, frame=self._wcs_frame, axis_names=self._axes.names)
        shape = np.broadcast_shapes(coords.lon.shape, coords.lat.shape)
        if is_point(region):
            return np.ones(shape, dtype=bool)
        lon, lat = np.broadcast_arrays(*coords._lonlat)
        x, y = self.wcs.wcs_world2pix(lon.ravel(), lat.ravel(), 0)
        return contains_pixels(region, self.wcs, x, y).reshape(shape)

    def contains_wcs_pix(self, pix) -> np.ndarray:
        """Return whether the region contains pixel coordinates (x, y) of the projection."""
        return contains_pixels(self._known_region, self.wcs, *pix[:2])

    def get_wcs_coord_and_weights(self, factor=10):
        """Return the pixels of the projection that overlap with the region.

        Parameters
        ----------
        factor : int
            Each pixel is tested at factor x factor points.

        Returns
        -------
        coords : `MapCoord`
            Pixel centres, shape (n,), and bin centres along the axes, shape (..., 1).
        weights : ndarray, shape (n,)
            Part of each pixel that is in the region; 1 for points.
        """
        weights = membership_weights(self._known_region, self.wcs, factor)
        y, x = np.nonzero(weights)
        lon, lat = self.wcs.wcs_pix2world(x, y, 0)
        along = self._axes.get_coord()
        coords = {name: value.reshape(value.shape[:-1]) for name, value in along.items()}
        coords = {"lon": (lon % 360) << u.deg, "lat": lat << u.deg} | coords
        return MapCoord(coords, frame=self._wcs_frame), weights[y, x]

    @property
    def _wcs_frame(self) -> str:
        return self.frame if self._given_wcs is None else wcs_to_celestial_frame(self.wcs).name

    def to_wcs_geom(self, width_min=None):
        """Return a WCS geometry around the region.

        Parameters
        ----------
        width_min : `~astropy.units.Quantity` or str, optional
            Least width, or widths along longitude and latitude.

        Returns
        -------
        `~geminga.maps.WcsGeom`
        """
        from ..wcs.geom import WcsGeom

        wcs = enclosing_wcs(self._known_region, self._binsz, self.frame)
        n_pix = np.array(wcs.array_shape[::-1])
        if width_min is not None:
            least = np.broadcast_to(to_quantity(width_min, "deg", "width_min").value, (2,))
            n_least = np.ceil(least / self._binsz - 1e-9).astype(int)
            # pixels are added in pairs, so that the region keeps its place on them
            n_pix = n_pix + 2 * np.maximum(0, np.ceil((n_least - n_pix) / 2).astype(int))
        center = SkyCoord(*wcs.wcs.crval, unit="deg", frame=self.frame)
        return WcsGeom.create(
            npix=tuple(int(n) for n in n_pix),
            binsz=self._binsz,
            skydir=center,
            proj=self.projection,
            frame=self.frame,
            axes=self._axes,
        )
