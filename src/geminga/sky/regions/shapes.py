"""Shapes that the regions package lacks: circles tested on the sphere, polygons with a centre."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord, UnitSphericalRepresentation
from regions import CircleSkyRegion, PixCoord, PolygonPixelRegion, PolygonSkyRegion

from ...errors import GeometryError

__all__ = ["PolygonPointsPixelRegion", "PolygonPointsSkyRegion", "SphericalCircleSkyRegion", "get_centroid"]


class SphericalCircleSkyRegion(CircleSkyRegion):
    """Circle whose points are found by angular separation, in every projection.

    Parameters
    ----------
    center : `~astropy.coordinates.SkyCoord`
    radius : `~astropy.units.Quantity`
        Angle on the sphere.
    meta, visual : dict, optional

    Examples
    --------
    >>> import astropy.units as u
    >>> circle = SphericalCircleSkyRegion(SkyCoord("0d 89d"), 2 * u.deg)
    >>> bool(circle.contains(SkyCoord("180d 89.5d")))
    True
    """

    def contains(self, skycoord, wcs=None):
        """Return whether positions are inside.

        Parameters
        ----------
        skycoord : `~astropy.coordinates.SkyCoord`
        wcs : `~astropy.wcs.WCS`, optional
            Not needed; accepted for the sake of the other sky regions.

        Returns
        -------
        ndarray of bool
        """
        return self.center.separation(skycoord) < self.radius


def _polygon_centroid(x, y):
    """Return the centroid of the area of a plane polygon, or the mean of its vertices if it has no area."""
    x0, y0 = x.mean(), y.mean()
    x, y = x - x0, y - y0
    following_x, following_y = np.roll(x, -1), np.roll(y, -1)
    cross = x * following_y - following_x * y
    area = cross.sum() / 2
    extent = max(np.ptp(x), np.ptp(y), 1e-300)
    if abs(area) < 1e-12 * extent**2:
        return x0, y0
    return (
        x0 + ((x + following_x) * cross).sum() / (6 * area),
        y0 + ((y + following_y) * cross).sum() / (6 * area),
    )


def get_centroid(vertices):
    """Return the centroid of the area of a polygon on the sky.

    The sides are great circles; the polygon is laid on the plane that touches the sphere at the mean of the vertices.

    Parameters
    ----------
    vertices : `~astropy.coordinates.SkyCoord`, shape (n,)

    Returns
    -------
    `~astropy.coordinates.SkyCoord`
        In the frame of the vertices.

    Examples
    --------
    >>> corner = SkyCoord([359, 1, 1, 359], [-1, -1, 1, 1], unit="deg")
    >>> bool(get_centroid(corner).separation(SkyCoord("0d 0d")).deg < 1e-9)
    True
    """
    points = vertices.represent_as(UnitSphericalRepresentation).to_cartesian().xyz.value
    mean = points.mean(axis=1)
    if np.linalg.norm(mean) < 1e-9:
        raise GeometryError(
            "polygon vertices must have a mean direction, got vertices spread evenly over the sphere. "
            "Split the polygon."
        )
    mean /= np.linalg.norm(mean)
    east = np.cross([0.0, 0.0, 1.0], mean)
    east = np.array([1.0, 0.0, 0.0]) if np.linalg.norm(east) < 1e-12 else east / np.linalg.norm(east)
    north = np.cross(mean, east)
    depth = mean @ points
    centre = mean
    if np.all(depth > 1e-3):
        x, y = _polygon_centroid(east @ points / depth, north @ points / depth)
        centre = mean + x * east + y * north
    lon = np.degrees(np.arctan2(centre[1], centre[0])) % 360
    lat = np.degrees(np.arctan2(centre[2], np.hypot(centre[0], centre[1])))
    return SkyCoord(lon, lat, unit="deg", frame=vertices.frame.replicate_without_data())


class PolygonPointsPixelRegion(PolygonPixelRegion):
    """Polygon in pixels that knows its centre.

    Parameters
    ----------
    vertices : `~regions.PixCoord`
    meta, visual : dict, optional
    origin : `~regions.PixCoord`, optional
        Added to the vertices.
    """

    @property
    def center(self):
        """Centroid of the area, `~regions.PixCoord`."""
        return PixCoord(
            *_polygon_centroid(np.asarray(self.vertices.x, float), np.asarray(self.vertices.y, float))
        )

    def to_sky(self, wcs):
        """Return the polygon on the sky."""
        return PolygonPointsSkyRegion(
            super().to_sky(wcs).vertices, meta=self.meta.copy(), visual=self.visual.copy()
        )


class PolygonPointsSkyRegion(PolygonSkyRegion):
    """Polygon on the sky that knows its centre.

    Parameters
    ----------
    vertices : `~astropy.coordinates.SkyCoord`, shape (n,)
    meta, visual : dict, optional
    """

    @property
    def center(self):
        """Centroid of the area, `~astropy.coordinates.SkyCoord`."""
        return get_centroid(self.vertices)

    def to_pixel(self, wcs):
        """Return the polygon in pixels of a WCS."""
        vertices = super().to_pixel(wcs).vertices
        return PolygonPointsPixelRegion(vertices, meta=self.meta.copy(), visual=self.visual.copy())
