"""Which pixels are in regions: each region is looked at within its own bounding box."""

from __future__ import annotations

import logging

import numpy as np
from regions import CircleAnnulusSkyRegion, CircleSkyRegion, PixCoord, PixelRegion, PointSkyRegion

from ...sky.regions import compound_region_to_regions
from ...sky.regions.transform import north_in_frame, region_to_pixel
from ..axes.pixels import EDGE
from ..coord import skycoord_to_lonlat
from .linear_shapes import LINEAR, linear_boxes
from .projection import projection_code

__all__ = ["RegionPixels"]

log = logging.getLogger(__name__)

# Points on the rim of a circle from which its bounding box is found.
RIM = 64
ZENITHAL = frozenset({"AZP", "SZP", "TAN", "STG", "SIN", "ARC", "ZPN", "ZEA", "AIR"})


def _flatten(regions):
    """Return regions with unions taken apart; other combinations stay as they are."""
    flat = []
    for region in regions:
        try:
            flat += list(compound_region_to_regions(region))
        except ValueError:
            flat.append(region)
    return flat


def _great_circle_points(lon, lat, radius, n_points):
    """Return longitude and latitude of points on the rims of circles, shape (n_circles, n_points), all in rad."""
    angle = np.linspace(0, 2 * np.pi, n_points, endpoint=False)
    lon, lat, radius = (values[:, np.newaxis] for values in (lon, lat, radius))
    sin_lat = np.sin(lat) * np.cos(radius) + np.cos(lat) * np.sin(radius) * np.cos(angle)
    east = np.sin(angle) * np.sin(radius)
    north = np.cos(lat) * np.cos(radius) - np.sin(lat) * np.sin(radius) * np.cos(angle)
    return lon + np.arctan2(east, north), np.arcsin(np.clip(sin_lat, -1, 1))


def _radii(circle) -> tuple[float, float]:
    """Return outer and inner radius in rad; a full circle has the inner radius -1."""
    if isinstance(circle, CircleAnnulusSkyRegion):
        return circle.outer_radius.to_value("rad"), circle.inner_radius.to_value("rad")
    return circle.radius.to_value("rad"), -1.0


class RegionPixels:
    """Regions on one image.

    Parameters
    ----------
    geom : `WcsGeom`
        Its image is used.
    regions : list of `~regions.Region`
    oversampling : int
        Number of sub-pixels along each side, which a point region must hit one of.
    """

    def __init__(self, geom, regions, oversampling=1):
        self.geom, self.wcs, self.oversampling = geom, geom.wcs, oversampling
        self.boxes = []  # (x0, x1, y0, y1, test), limits as pixel coordinates
        circles, points, linear = [], [], []
        for region in _flatten(regions):
            if isinstance(region, PointSkyRegion):
                points.append(region)
            elif isinstance(region, (CircleSkyRegion, CircleAnnulusSkyRegion)):
                circles.append(region)
            elif type(region) in LINEAR:
                linear.append(region)
            else:
                self._add_shape(region)
        self._add_points(points)
        self._add_circles(circles)
        self._add_linear(linear)

    # ------------------------------------------------------------------ boxes

    def _positions(self, regions):
        """Return longitudes and latitudes of centres in the frame of the image, in rad; one conversion per frame."""
        lon, lat = np.empty(len(regions)), np.empty(len(regions))
        by_frame = {}
        for k, region in enumerate(regions):
            by_frame.setdefault(region.center.frame.name, []).append(k)
        for members in by_frame.values():
            centers = regions[members[0]].center
            if len(members) > 1:
                spherical = [regions[k].center.spherical for k in members]
                centers = centers.__class__(
                    [s.lon.deg for s in spherical],
                    [s.lat.deg for s in spherical],
                    unit="deg",
                    frame=centers.frame.replicate_without_data(),
                )
            found_lon, found_lat, _ = skycoord_to_lonlat(centers, self.geom.frame)
            lon[members], lat[members] = np.radians(found_lon), np.radians(found_lat)
        return lon, lat

    def _add_points(self, points):
        if not points:
            return
        x, y = self.geom._projection.sky_to_pix(
            *np.degrees(self._positions(points)), center=self.geom.center_pix[0]
        )
        half = 0.5 / self.oversampling
        for x0, y0 in zip(x + EDGE, y + EDGE, strict=True):
            if np.isfinite(x0) and np.isfinite(y0):

                def near(x, y, x0=x0, y0=y0):
                    # Half open, so that a point on the edge is in one pixel.
                    return (x - half <= x0) & (x0 < x + half) & (y - half <= y0) & (y0 < y + half)

                self.boxes.append((x0 - half, x0 + half, y0 - half, y0 + half, near))

    def _add_circles(self, circles):
        if not circles:
            return
        outer = np.array(
            [float((c.radius if hasattr(c, "radius") else c.outer_radius).to_value("rad")) for c in circles]
        )
        inner = np.array(
            [-1.0 if hasattr(c, "radius") else float(c.inner_radius.to_value("rad")) for c in circles]
        )
        lon, lat = self._positions(circles)
        rim = _great_circle_points(lon, lat, outer, RIM)
        x, y = self.geom._projection.sky_to_pix(*np.degrees(rim), center=self.geom.center_pix[0])
        steps = np.hypot(np.diff(x, axis=1, append=x[:, :1]), np.diff(y, axis=1, append=y[:, :1]))
        with np.errstate(invalid="ignore"):
            torn = ~(steps.max(axis=1) < 5 * np.median(steps, axis=1) + 1e-9)
        torn |= self._contains_pole(lon, lat, outer)
        # The rim bulges out between its points, by a part of the radius.
        margin = 0.01 * np.maximum(np.ptp(x, axis=1), np.ptp(y, axis=1)) + 1
        for k in range(len(circles)):
            if torn[k]:
                box = (-np.inf, np.inf, -np.inf, np.inf)
            else:
                box = (
                    x[k].min() - margin[k],
                    x[k].max() + margin[k],
                    y[k].min() - margin[k],
                    y[k].max() + margin[k],
                )
            self.boxes.append((*box, self._circle_test(lon[k], lat[k], outer[k], inner[k])))

    def _add_linear(self, shapes):
        """Add ellipses and rectangles."""
        if not shapes:
            return
        lon, lat = self._positions(shapes)
        norths = np.zeros(len(shapes))
        for k, region in enumerate(shapes):
            if region.center.frame.name != self.geom.frame:
                norths[k] = north_in_frame(region.center, self.geom.center_skydir.frame).to_value("rad")
        projection, center = self.geom._projection, self.geom.center_pix[0]
        for *box, test in linear_boxes(shapes, projection, lon, lat, norths, center):
            self._add_repeated((box[0] - 1, box[1] + 1, box[2] - 1, box[3] + 1), test, projection.repeat)

    def _contains_pole(self, lon, lat, radius):
        """Return which circles contain a native pole of the projection, where its rim does not enclose its inside."""
        theta = np.radians(self.wcs.wcs.s2p(np.degrees(np.stack([lon, lat], axis=1)), 0)["theta"])
        # Zenithal projections have their pole in the middle, and the one opposite all around.
        return (-theta if projection_code(self.wcs) in ZENITHAL else np.abs(theta)) + radius >= np.pi / 2

    def _circle_test(self, lon0, lat0, outer, inner):
        def separation_within(x, y):
            lon, lat = (np.radians(angle) for angle in self._sky(x, y))
            haversine = (
                np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
            )
            with np.errstate(invalid="ignore"):
                # A pixel on the rim is inside, whatever the last digit of its position.
                within = haversine <= np.sin(min(outer, np.pi) / 2) ** 2 * (1 + 1e-9)
                if inner >= 0:
                    within &= ~(haversine <= np.sin(min(inner, np.pi) / 2) ** 2 * (1 + 1e-9))
            return within

        return separation_within

    def _sky(self, x, y):
        """Return positions of pixels; those of the whole image are known already."""
        ny, nx = self.geom._image_shape
        shape = np.broadcast_shapes(x.shape, y.shape)
        if shape == (ny, nx) and x.flat[0] == 0 and y.flat[0] == 0 and x.flat[-1] == nx - 1:
            return self.geom._lonlat
        return self.geom._projection.pix_to_sky(x, y)

    def _add_shape(self, region):
        """Add an ellipse, rectangle, polygon, ... in the pixels of the projection."""
        try:
            with np.errstate(invalid="ignore"):
                pixels = region_to_pixel(region, self.wcs)
            box = self._bounding_box(pixels)
        except ValueError as error:
            log.debug("%s is not on the projection and left out: %s", type(region).__name__, error)
            return

        def contains(x, y):
            x, y = np.broadcast_arrays(x, y)
            return pixels.contains(PixCoord(x, y))

        self._add_repeated(
            box, contains, 0.0 if isinstance(region, PixelRegion) else self.geom._projection.repeat
        )

    def _add_repeated(self, box, test, repeat):
        """Add a box, and the same one a turn to the left and to the right on projections that repeat themselves."""
        for shift in (0.0, -repeat, repeat) if repeat else (0.0,):

            def shifted(x, y, shift=shift):
                return test(x - shift, y)

            self.boxes.append((box[0] + shift, box[1] + shift, box[2], box[3], shifted))

    @staticmethod
    def _bounding_box(pixels):
        if isinstance(pixels, PixelRegion) and hasattr(pixels, "region1"):
            return (-np.inf, np.inf, -np.inf, np.inf)
        box = pixels.bounding_box
        return (box.ixmin - 1.0, box.ixmax + 1.0, box.iymin - 1.0, box.iymax + 1.0)

    def window(self, nx, ny):
        """Return the ranges of pixels ``((x0, x1), (y0, y1))`` outside which there is no region."""
        if not self.boxes:
            return (0, 0), (0, 0)
        limits = np.array([box[:4] for box in self.boxes])
        size = np.array([nx, nx, ny, ny])
        limits = np.clip(np.nan_to_num(limits, posinf=1e9, neginf=-1e9), -1, size + 1)
        overlap = (
            (limits[:, 0] < nx - 0.5)
            & (limits[:, 1] > -0.5)
            & (limits[:, 2] < ny - 0.5)
            & (limits[:, 3] > -0.5)
        )
        if not overlap.any():
            return (0, 0), (0, 0)
        limits = limits[overlap]
        low = np.clip(np.floor(limits[:, ::2].min(axis=0) + 0.5), 0, [nx, ny]).astype(int)
        high = np.clip(np.floor(limits[:, 1::2].max(axis=0) + 0.5) + 1, 0, [nx, ny]).astype(int)
        return (low[0], high[0]), (low[1], high[1])

    def add_to(self, mask, x, y) -> None:
        """Set a mask where pixels are in a region, in place.

        Parameters
        ----------
        mask : ndarray of bool, shape (len(y), len(x))
        x, y : ndarray
            Increasing pixel coordinates of columns and rows.
        """
        for x0, x1, y0, y1, test in self.boxes:
            columns = slice(*np.searchsorted(x, [x0, x1 + 1e-9]))
            rows = slice(*np.searchsorted(y, [y0, y1 + 1e-9]))
            if columns.start < columns.stop and rows.start < rows.stop:
                mask[rows, columns] |= test(x[np.newaxis, columns], y[rows, np.newaxis])
