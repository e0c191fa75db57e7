"""Finders of off regions: copies of the on region at the same offset from the pointing."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod

import numpy as np
from astropy import units as u
from astropy.coordinates import Angle
from regions import CirclePixelRegion, CircleSkyRegion, PixCoord, PointPixelRegion, PointSkyRegion

from ...errors import GeometryError
from ...maps import RegionGeom, WcsGeom
from ...sky.regions.transform import region_to_pixel
from ...units import to_quantity
from ..core import described
from .exclusion import allowed_at

__all__ = ["ReflectedRegionsFinder", "RegionsFinder", "WobbleRegionsFinder"]

log = logging.getLogger(__name__)

FULL_TURN = 2 * np.pi


class RegionsFinder(ABC):
    """Find regions in which the background is measured.

    Parameters
    ----------
    binsz : `~astropy.units.Quantity` or str
        Pixel size of the image on which regions are turned and compared.
    """

    def __init__(self, binsz="0.01 deg"):
        self.binsz = to_quantity(binsz, "deg", "binsz")

    @abstractmethod
    def run(self, region, center, exclusion_mask=None):
        """Find off regions.

        Parameters
        ----------
        region : `~regions.SkyRegion`
            The on region.
        center : `~astropy.coordinates.SkyCoord`
            Around which it is turned, the pointing.
        exclusion_mask : `~geminga.maps.WcsNDMap`, optional
            False where the sky shall not be used. The sky outside the mask may be used.

        Returns
        -------
        regions : list of `~regions.SkyRegion`
        wcs : `~astropy.wcs.WCS`
            Tangential projection around the centre.
        """

    def __repr__(self):
        return described(self)

    def _reference_geom(self, region, center):
        """Return a tangential image around the centre that holds the on region and all its copies."""
        frame = "galactic" if region_center(region).frame.name == "galactic" else "icrs"
        separation = center.separation(region_center(region))
        width = np.round(4 * separation + 0.3 * u.deg, 2)
        return WcsGeom.create(skydir=center, binsz=self.binsz, width=width, frame=frame, proj="TAN")

    def _excluded_pixels(self, geom, center_pix, region_pix, exclusion_mask):
        """Return the excluded pixel centres within the ring that the region sweeps."""
        if exclusion_mask is None:
            return None
        n_lat, n_lon = geom.data_shape[-2:]
        x, y = np.meshgrid(np.arange(n_lon, dtype=float), np.arange(n_lat, dtype=float))
        radius = np.hypot(x - center_pix.x, y - center_pix.y)
        low, high = _extent(region_pix, center_pix)
        ring = (radius >= low - 1) & (radius <= high + 1)
        x, y = x[ring], y[ring]
        allowed = allowed_at(exclusion_mask, geom.wcs.pixel_to_world(x, y))
        return PixCoord(x[~allowed], y[~allowed])


def region_center(region):
    """Return the centre of a region."""
    return RegionGeom.create(region).center_skydir if not hasattr(region, "center") else region.center


def _extent(region_pix, center):
    """Return the smallest and largest distance of a region from a point, in pixels, generously."""
    if not hasattr(region_pix, "bounding_box"):
        distance = np.hypot(region_pix.center.x - center.x, region_pix.center.y - center.y)
        return distance - 1, distance + 1
    box = region_pix.bounding_box
    middle = np.array([0.5 * (box.ixmin + box.ixmax), 0.5 * (box.iymin + box.iymax)])
    half = 0.5 * np.hypot(box.ixmax - box.ixmin, box.iymax - box.iymin)
    distance = np.hypot(middle[0] - center.x, middle[1] - center.y)
    return max(distance - half, 0.0), distance + half


def _angular_size(region_pix, center):
    """Return the angle under which a region appears from a point, measured on pixels, in rad."""
    mask = region_pix.to_mask()
    inside = np.argwhere(mask.data > 0)
    box = mask.bbox
    x, y = inside[:, 1] + box.ixmin, inside[:, 0] + box.iymin
    anchor = np.arctan2(
        0.5 * (box.iymin + box.iymax - 1) - center.y, 0.5 * (box.ixmin + box.ixmax - 1) - center.x
    )
    angle = np.arctan2(y - center.y, x - center.x) - anchor
    angle = (angle + np.pi) % FULL_TURN - np.pi
    return float(angle.max() - angle.min())


def _is_free(region_pix, center, angle, excluded):
    """Return whether a region, turned by an angle, holds no excluded pixel; the pixels are turned back instead."""
    if excluded is None or excluded.x.size == 0:
        return True
    dx, dy = excluded.x - center.x, excluded.y - center.y
    cosine, sine = np.cos(angle), np.sin(angle)
    if isinstance(region_pix, PointPixelRegion):
        x, y = region_pix.center.x - center.x, region_pix.center.y - center.y
        x, y = cosine * x - sine * y, sine * x + cosine * y
        return not np.any((np.abs(dx - x) <= 0.5) & (np.abs(dy - y) <= 0.5))
    x, y = center.x + cosine * dx + sine * dy, center.y - sine * dx + cosine * dy
    if isinstance(region_pix, CirclePixelRegion):
        squared = (x - region_pix.center.x) ** 2 + (y - region_pix.center.y) ** 2
        return not np.any(squared < region_pix.radius**2)
    return not np.any(region_pix.contains(PixCoord(x, y)))


def _turned(region, region_pix, center, angles, wcs):
    """Return copies of a region, turned around a pixel, on the sky."""
    if not len(angles):
        return []
    if not isinstance(region, (CircleSkyRegion, PointSkyRegion)):
        return [region_pix.rotate(center, Angle(angle, "rad")).to_sky(wcs) for angle in angles]
    cosine, sine = np.cos(angles), np.sin(angles)
    dx, dy = region_pix.center.x - center.x, region_pix.center.y - center.y
    positions = wcs.pixel_to_world(center.x + cosine * dx - sine * dy, center.y + sine * dx + cosine * dy)
    if isinstance(region, PointSkyRegion):
        return [PointSkyRegion(position) for position in positions]
    return [CircleSkyRegion(position, region.radius) for position in positions]


class ReflectedRegionsFinder(RegionsFinder):
    """Turn the on region around the pointing, step by step, wherever it is free.

    Parameters
    ----------
    angle_increment : `~astropy.units.Quantity` or str
        Step after a position that is not free.
    min_distance : `~astropy.units.Quantity` or str
        Smallest gap between two off regions.
    min_distance_input : `~astropy.units.Quantity` or str
        Smallest gap between the on region and an off region.
    max_region_number : int
        Largest number of off regions.
    binsz : `~astropy.units.Quantity` or str
        Pixel size of the image on which regions are turned and compared.

    References
    ----------
    .. [1] Berge, Funk & Hinton (2007), A&A 466, 1219, section 4.3.
    """

    def __init__(
        self,
        angle_increment="0.1 rad",
        min_distance="0 rad",
        min_distance_input="0.1 rad",
        max_region_number=10000,
        binsz="0.01 deg",
    ):
        super().__init__(binsz=binsz)
        self.angle_increment = to_quantity(angle_increment, "rad", "angle_increment")
        self.min_distance = to_quantity(min_distance, "rad", "min_distance")
        self.min_distance_input = to_quantity(min_distance_input, "rad", "min_distance_input")
        self.max_region_number = max_region_number
        if self.angle_increment <= 0:
            raise GeometryError(
                f"angle_increment must be positive, got {angle_increment}. Give for example '0.1 rad'."
            )

    def run(self, region, center, exclusion_mask=None):
        """Find off regions, see `RegionsFinder.run`.

        Raises
        ------
        GeometryError
            If the region is a point.
        """
        if isinstance(region, PointSkyRegion):
            raise GeometryError(
                "region must have an area for reflected regions, got a point. Use WobbleRegionsFinder for points."
            )
        geom = self._reference_geom(region, center)
        region_pix = region_to_pixel(region, geom.wcs)
        center_pix = PixCoord.from_sky(center, geom.wcs)
        if center_pix in region_pix:
            log.warning("The pointing lies inside the on region: there are no off regions at its offset.")
            return [], geom.wcs
        excluded = self._excluded_pixels(geom, center_pix, region_pix, exclusion_mask)
        size = _angular_size(region_pix, center_pix)
        gap = size + self.min_distance.value
        margin = gap + self.min_distance_input.value
        angles, angle = [], margin
        while angle < FULL_TURN - margin and len(angles) < self.max_region_number:
            if _is_free(region_pix, center_pix, angle, excluded):
                angles.append(angle)
                angle += gap
            else:
                angle += self.angle_increment.value
        return _turned(region, region_pix, center_pix, angles, geom.wcs), geom.wcs


class WobbleRegionsFinder(RegionsFinder):
    """Place off regions at equal angles around the pointing, on regions included.

    Parameters
    ----------
    n_off_regions : int
        Number of off regions; the angle between two neighbours is a full turn over ``n_off_regions + 1``.
    binsz : `~astropy.units.Quantity` or str
        Pixel size of the image on which regions are compared.
    """

    def __init__(self, n_off_regions, binsz="0.01 deg"):
        super().__init__(binsz=binsz)
        if int(n_off_regions) != n_off_regions or n_off_regions < 1:
            raise GeometryError(
                f"n_off_regions must be a positive integer, got {n_off_regions}. Give 1 or more."
            )
        self.n_off_regions = int(n_off_regions)

    def run(self, region, center, exclusion_mask=None):
        """Find off regions, see `RegionsFinder.run`. None are returned when any two regions overlap."""
        geom = self._reference_geom(region, center)
        is_point = isinstance(region, PointSkyRegion)
        region_pix = region_to_pixel(region, geom.wcs)
        center_pix = PixCoord.from_sky(center, geom.wcs)
        excluded = self._excluded_pixels(geom, center_pix, region_pix, exclusion_mask)
        step = FULL_TURN / (self.n_off_regions + 1)
        found = []
        for number in range(1, self.n_off_regions + 1):
            trial = region_pix.rotate(center_pix, Angle(number * step, "rad"))
            if excluded is not None and excluded.x.size and self._hits(trial, excluded, is_point):
                continue
            found.append(trial)
        if not is_point and _any_overlap([region_pix, *found], geom):
            log.warning(
                "Off regions overlap each other or the on region: none is used. Ask for fewer off regions."
            )
            return [], geom.wcs
        return [trial.to_sky(geom.wcs) for trial in found], geom.wcs

    @staticmethod
    def _hits(trial, excluded, is_point):
        if is_point:
            return bool(
                np.any(
                    (np.abs(excluded.x - trial.center.x) <= 0.5)
                    & (np.abs(excluded.y - trial.center.y) <= 0.5)
                )
            )
        return bool(np.any(trial.contains(excluded)))


def _any_overlap(regions_pix, geom):
    shape = geom.data_shape[-2:]
    total = np.zeros(shape, dtype=int)
    for region in regions_pix:
        image = region.to_mask().to_image(shape)
        if image is not None:
            total += image > 0
    return bool(np.any(total > 1))
