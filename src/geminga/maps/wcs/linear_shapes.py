"""Ellipses, rectangles and their annuli in the pixels of a projection, many at once.

The projection is taken as linear around the centre of each region, with the slopes that it has there.
"""

from __future__ import annotations

import numpy as np
from regions import (
    EllipseAnnulusSkyRegion,
    EllipseSkyRegion,
    RectangleAnnulusSkyRegion,
    RectangleSkyRegion,
)

__all__ = ["LINEAR", "linear_boxes"]

LINEAR = (EllipseSkyRegion, RectangleSkyRegion, EllipseAnnulusSkyRegion, RectangleAnnulusSkyRegion)
ANNULI = (EllipseAnnulusSkyRegion, RectangleAnnulusSkyRegion)
ELLIPSES = (EllipseSkyRegion, EllipseAnnulusSkyRegion)


def _half_sizes(region) -> np.ndarray:
    """Return outer and inner half sizes along width and height in rad, shape (1 or 2, 2)."""
    if isinstance(region, ANNULI):
        sizes = (
            (region.outer_width, region.outer_height),
            (region.inner_width, region.inner_height),
        )
    else:
        sizes = ((region.width, region.height),)
    return np.array([[size.to_value("rad") / 2 for size in pair] for pair in sizes])


def _slopes(projection, x, y, lon0, lat0):
    """Return how positions east and north of the centres, in rad, change with pixels; shape (n, 2, 2)."""
    columns = []
    for dx, dy in ((0.5, 0.0), (0.0, 0.5)):
        ends = []
        for sign in (1, -1):
            lon, lat = (np.radians(angle) for angle in projection.pix_to_sky(x + sign * dx, y + sign * dy))
            delta = lon - lon0
            east = np.cos(lat) * np.sin(delta)
            north = np.cos(lat0) * np.sin(lat) - np.sin(lat0) * np.cos(lat) * np.cos(delta)
            along = np.sin(lat0) * np.sin(lat) + np.cos(lat0) * np.cos(lat) * np.cos(delta)
            distance = np.arctan2(np.hypot(east, north), along)
            stretch = distance / np.maximum(np.hypot(east, north), 1e-300)
            ends.append(np.stack([east * stretch, north * stretch], axis=-1))
        columns.append(ends[0] - ends[1])
    return np.stack(columns, axis=-1)


def linear_boxes(regions, projection, lon, lat, norths, center) -> list:
    """Return bounding boxes and membership tests of regions.

    Parameters
    ----------
    regions : list of `~regions.SkyRegion`
        Of the classes in `LINEAR`.
    projection : `SkyProjection`
    lon, lat : ndarray, shape (n,)
        Centres in the frame of the projection, rad.
    norths : ndarray, shape (n,)
        Position angle of the north of each region's frame in that of the projection, rad.
    center : float
        Middle of the image along x.

    Returns
    -------
    list of tuple
        ``(x0, x1, y0, y1, test)`` for each region whose centre is on the projection; ``test(x, y)`` returns whether
        pixel coordinates are inside.
    """
    x, y = projection.sky_to_pix(np.degrees(lon), np.degrees(lat), center=center)
    slopes = _slopes(projection, x, y, lon, lat)
    boxes = []
    for k, region in enumerate(regions):
        if not (np.isfinite(slopes[k]).all() and np.isfinite(x[k])):
            continue
        # Sky regions measure their angle from the west, anticlockwise as seen on the sky.
        position_angle = region.angle.to_value("rad") - np.pi / 2 + norths[k]
        sine, cosine = np.sin(position_angle), np.cos(position_angle)
        turn = np.array([[sine, cosine], [cosine, -sine]])
        to_axes = turn @ slopes[k]
        sizes = _half_sizes(region)
        try:
            corners = np.abs(np.linalg.inv(to_axes)) @ sizes[0]
        except np.linalg.LinAlgError:
            continue
        test = _test(x[k], y[k], to_axes, sizes, isinstance(region, ELLIPSES))
        boxes.append((x[k] - corners[0], x[k] + corners[0], y[k] - corners[1], y[k] + corners[1], test))
    return boxes


def _test(x0, y0, to_axes, sizes, is_ellipse):
    def contains(x, y):
        dx, dy = x - x0, y - y0
        along = to_axes[0, 0] * dx + to_axes[0, 1] * dy
        across = to_axes[1, 0] * dx + to_axes[1, 1] * dy
        inside = None
        for width, height in sizes:
            if is_ellipse:
                within = (along / width) ** 2 + (across / height) ** 2 <= 1 + 1e-9
            else:
                within = (np.abs(along) <= width * (1 + 1e-9)) & (np.abs(across) <= height * (1 + 1e-9))
            inside = within if inside is None else inside & ~within
        return inside

    return contains
