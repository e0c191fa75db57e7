"""Regions in another frame or another shape, and the local scale of a projection."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.wcs.utils import wcs_to_celestial_frame
from regions import CircleSkyRegion, CompoundSkyRegion, EllipseSkyRegion, PixCoord, PixelRegion

from ...errors import GeometryError

__all__ = ["pixel_scale_angle_at_skycoord", "region_circle_to_ellipse", "region_to_frame", "region_to_pixel"]


def north_in_frame(position, frame):
    """Return the position angle, in `frame`, of the north of the frame of `position`."""
    step = 1 * u.arcmin
    # Towards north, or away from south: whichever does not run over the pole.
    sign = 1 if position.spherical.lat < 89 * u.deg else -1
    beside = SkyCoord(
        position.spherical.lon,
        position.spherical.lat + sign * step,
        frame=position.frame.replicate_without_data(),
    )
    angle = position.transform_to(frame).position_angle(beside.transform_to(frame))
    return (angle if sign > 0 else angle + 180 * u.deg).wrap_at("180d")


def region_to_frame(region, frame):
    """Return the same region with its position and orientation in another frame.

    Parameters
    ----------
    region : `~regions.SkyRegion`
        Any shape; unions part by part.
    frame : str or `~astropy.coordinates.BaseCoordinateFrame`
        "icrs", "galactic", ...

    Returns
    -------
    `~regions.SkyRegion`
        Of the same class.

    Examples
    --------
    >>> circle = CircleSkyRegion(SkyCoord("83.63d 22.01d"), 1 * u.deg)
    >>> round(float(region_to_frame(circle, "galactic").center.l.deg), 3)
    184.56
    """
    if isinstance(region, CompoundSkyRegion):
        return CompoundSkyRegion(
            region_to_frame(region.region1, frame),
            region_to_frame(region.region2, frame),
            region.operator,
            meta=region.meta.copy(),
            visual=region.visual.copy(),
        )
    changes = {}
    for name in region._params:
        value = getattr(region, name)
        if isinstance(value, SkyCoord):
            changes[name] = value.transform_to(frame)
    if hasattr(region, "angle") and hasattr(region, "center"):
        turned = (region.angle + north_in_frame(region.center, frame)).to("deg")
        changes["angle"] = (turned + 180 * u.deg) % (360 * u.deg) - 180 * u.deg
    return region.copy(**changes)


def region_to_pixel(region, wcs):
    """Return a region in the pixels of a WCS.

    The region is first brought to the frame of the WCS: ``region.to_pixel(wcs)`` of regions 0.12 measures angles
    from the north of the WCS, whatever the frame of the region, and turns an ICRS ellipse on a Galactic map by
    60 degrees.

    Parameters
    ----------
    region : `~regions.SkyRegion` or `~regions.PixelRegion`
        A pixel region is returned as it is.
    wcs : `~astropy.wcs.WCS`

    Returns
    -------
    `~regions.PixelRegion`
    """
    if isinstance(region, PixelRegion):
        return region
    if hasattr(region, "angle") or isinstance(region, CompoundSkyRegion):
        region = region_to_frame(region, wcs_to_celestial_frame(wcs))
    return region.to_pixel(wcs)


def region_circle_to_ellipse(region):
    """Return the ellipse with the same points as a circle.

    Parameters
    ----------
    region : `~regions.CircleSkyRegion`

    Returns
    -------
    `~regions.EllipseSkyRegion`
        Full width and full height are the diameter of the circle.

    Examples
    --------
    >>> circle = CircleSkyRegion(SkyCoord("83.63d 22.01d"), 0.5 * u.deg)
    >>> region_circle_to_ellipse(circle).width
    <Quantity 1. deg>
    """
    if not isinstance(region, CircleSkyRegion):
        raise GeometryError(
            f"region must be a CircleSkyRegion, got {type(region).__name__}. Give a centre and one radius."
        )
    diameter = 2 * region.radius
    return EllipseSkyRegion(
        region.center, width=diameter, height=diameter, meta=region.meta.copy(), visual=region.visual.copy()
    )


def pixel_scale_angle_at_skycoord(skycoord, wcs, offset=1 * u.arcsec):
    """Return pixel position, pixel scale and direction of north at a sky position.

    Parameters
    ----------
    skycoord : `~astropy.coordinates.SkyCoord`
        Scalar.
    wcs : `~astropy.wcs.WCS`
    offset : `~astropy.units.Quantity`
        Length of the step to the north of `skycoord`'s frame from which scale and angle are found.

    Returns
    -------
    center : `~regions.PixCoord`
    scale : `~astropy.units.Quantity`
        In arcsec per pixel.
    angle : `~astropy.units.Quantity`
        From the x axis to north, anticlockwise, in deg.

    Examples
    --------
    >>> from astropy.wcs import WCS
    >>> wcs = WCS(naxis=2)
    >>> wcs.wcs.ctype, wcs.wcs.cdelt = ["RA---TAN", "DEC--TAN"], [-0.02, 0.02]
    >>> _, scale, angle = pixel_scale_angle_at_skycoord(SkyCoord("0d 0d"), wcs)
    >>> round(float(scale.value), 4), round(float(angle.value), 4)
    (72.0, 90.0)
    """
    offset = u.Quantity(offset)
    x, y = wcs.world_to_pixel(skycoord)
    x_north, y_north = wcs.world_to_pixel(skycoord.directional_offset_by(0 * u.deg, offset))
    length = np.hypot(x_north - x, y_north - y) * u.pix
    angle = np.degrees(np.arctan2(y_north - y, x_north - x)) * u.deg
    return PixCoord(float(x), float(y)), (offset / length).to("arcsec / pix"), angle
