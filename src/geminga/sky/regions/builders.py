"""Lists of regions: rings around a position, boxes along a line, tiles."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from astropy import units as u
from regions import CircleAnnulusSkyRegion, RectangleSkyRegion

from ...errors import GeometryError
from ...units import to_quantity
from .transform import pixel_scale_angle_at_skycoord

__all__ = [
    "make_concentric_annulus_sky_regions",
    "make_grid_rectangle_sky_regions",
    "make_orthogonal_rectangle_sky_regions",
]


def _sky_angle(pixel_angle, position, wcs):
    """Return the angle of a sky region whose width points along an angle in pixels."""
    _, _, north = pixel_scale_angle_at_skycoord(position, wcs)
    return pixel_angle - north + 90 * u.deg


def make_concentric_annulus_sky_regions(center, radius_max, radius_min=1e-5 * u.deg, nbin=11):
    """Make rings of equal width around a position.

    Parameters
    ----------
    center : `~astropy.coordinates.SkyCoord`
    radius_max, radius_min : `~astropy.units.Quantity` or str
        Outermost and innermost radius.
    nbin : int
        Number of ring *edges*, one more than rings.

    Returns
    -------
    list of `~regions.CircleAnnulusSkyRegion`
        From the inside to the outside.

    Examples
    --------
    >>> from astropy.coordinates import SkyCoord
    >>> rings = make_concentric_annulus_sky_regions(SkyCoord("0d 0d"), "1 deg", "0 deg", nbin=5)
    >>> [round(float(ring.outer_radius.value), 2) for ring in rings]
    [0.25, 0.5, 0.75, 1.0]
    """
    radius_max = to_quantity(radius_max, "deg", "radius_max")
    radius_min = to_quantity(radius_min, "deg", "radius_min")
    if nbin < 2 or radius_min < 0 or radius_max <= radius_min:
        raise GeometryError(
            f"rings must have 0 <= radius_min < radius_max and nbin >= 2, got {radius_min}, {radius_max}, {nbin}. "
            "nbin counts the edges of the rings."
        )
    edges = np.linspace(radius_min, radius_max, nbin)
    # The regions package knows no ring without a hole.
    edges[0] = max(edges[0], 1e-10 * u.deg)
    return [
        CircleAnnulusSkyRegion(center=center, inner_radius=inner, outer_radius=outer)
        for inner, outer in pairwise(edges)
    ]


def make_orthogonal_rectangle_sky_regions(start_pos, end_pos, wcs, height, nbin=1):
    """Make a row of rectangles along a line, each standing across it.

    Parameters
    ----------
    start_pos, end_pos : `~astropy.coordinates.SkyCoord`
        Ends of the line, which is straight in the pixels of `wcs`.
    wcs : `~astropy.wcs.WCS`
    height : `~astropy.units.Quantity` or str
        Full size of the rectangles across the line.
    nbin : int
        Number of rectangles.

    Returns
    -------
    list of `~regions.RectangleSkyRegion`
        Width along the line, height across; from start to end, in the frame of `wcs`.
    """
    height = to_quantity(height, name="height")
    length = start_pos.separation(end_pos)
    if nbin < 1 or length == 0 * u.deg:
        raise GeometryError(
            f"the line must have a length and nbin >= 1, got {length.to('deg')} and nbin {nbin}. Give both ends."
        )
    start, end = np.array(wcs.world_to_pixel(start_pos)), np.array(wcs.world_to_pixel(end_pos))
    fraction = (np.arange(nbin) + 0.5) / nbin
    direction = np.degrees(np.arctan2(*(end - start)[::-1])) * u.deg
    centers = wcs.pixel_to_world(*(start[:, None] + fraction * (end - start)[:, None]))
    width = (length / nbin).to("deg")
    return [
        RectangleSkyRegion(center, width, height, angle=_sky_angle(direction, center, wcs))
        for center in centers
    ]


def make_grid_rectangle_sky_regions(center, width, height, wcs, nbinx=1, nbiny=1, angle=0.0 * u.deg):
    """Cut a rectangle into equal tiles.

    Parameters
    ----------
    center : `~astropy.coordinates.SkyCoord`
        Centre of the whole rectangle.
    width, height : `~astropy.units.Quantity` or str
        Full size of the whole rectangle.
    wcs : `~astropy.wcs.WCS`
        Projection in which the tiles touch.
    nbinx, nbiny : int
        Number of tiles along the width and the height.
    angle : `~astropy.units.Quantity`
        Rotation of the rectangle, as in `~regions.RectangleSkyRegion`.

    Returns
    -------
    list of `~regions.RectangleSkyRegion`
        ``nbinx * nbiny`` tiles, row by row.
    """
    width, height = to_quantity(width, "deg", "width"), to_quantity(height, "deg", "height")
    angle = to_quantity(angle, "deg", "angle")
    pix, scale, north = pixel_scale_angle_at_skycoord(center, wcs)
    turn = angle + north - 90 * u.deg
    wide, high = width / nbinx, height / nbiny
    x = ((np.arange(nbinx) + 0.5) / nbinx - 0.5) * (width / scale).to_value("pix")
    y = ((np.arange(nbiny) + 0.5) / nbiny - 0.5) * (height / scale).to_value("pix")
    y, x = (axis.ravel() for axis in np.meshgrid(y, x, indexing="ij"))
    cosine, sine = np.cos(turn).value, np.sin(turn).value
    centers = wcs.pixel_to_world(pix.x + cosine * x - sine * y, pix.y + sine * x + cosine * y)
    return [
        RectangleSkyRegion(position, wide, high, angle=_sky_angle(turn, position, wcs))
        for position in centers
    ]
