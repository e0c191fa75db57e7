"""Pixels of a kernel: a square with an odd number of them."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...maps import WcsGeom

__all__ = ["half_width", "kernel_image", "pixel_size"]


def half_width(radius, pixel) -> np.ndarray:
    """Return the number of pixels on each side of the middle one, for a square as wide as a circle.

    Examples
    --------
    >>> half_width(np.array([0.04, 0.06, 0.42, 0.46]), pixel=0.1)
    array([0, 1, 4, 5])
    """
    return np.rint(np.asarray(radius) / pixel).astype(int)


def pixel_size(image) -> float:
    """Return the larger side of the pixels in deg."""
    return float(np.max(u.Quantity(image.pixel_scales).to_value("deg")))


def kernel_image(geom, half) -> WcsGeom:
    """Return a square image around the centre of a geometry.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
        Gives projection, frame and pixel size; of a HEALPix geometry, the size of the pixels, around the tangent point.
    half : int
        Number of pixels on each side of the middle one.
    """
    if geom.is_hpx:
        size = float(np.sqrt(np.min(geom.to_image().solid_angle().to_value("deg2"))))
        scales, projection = (size, size), "TAN"
    else:
        scales, projection = tuple(u.Quantity(geom.pixel_scales).to_value("deg")), geom.projection
    return WcsGeom.create(
        npix=2 * int(half) + 1, binsz=scales, proj=projection, frame=geom.frame, skydir=geom.center_skydir
    )
