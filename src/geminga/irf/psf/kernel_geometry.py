"""Pixels of a kernel: a square with an odd number of them."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...maps import WcsGeom
from ...sky.rotation import separation

__all__ = ["half_width", "kernel_image", "pixel_size", "separations"]


def half_width(radius, pixel) -> np.ndarray:
    """Return the number of pixels on each side of the middle one, for a square as wide as a circle.

    Examples
    --------
    >>> half_width(np.array([0.04, 0.06, 0.42, 0.46]), pixel=0.1)
    array([0, 1, 4, 5])
    """
    return np.rint(np.asarray(radius) / pixel).astype(int)


def pixel_scales(geom) -> tuple[float, float]:
    """Return the sides of the pixels in deg; of HEALPix pixels, the root of the area."""
    if geom.is_hpx:
        size = float(np.sqrt(np.min(geom.to_image().solid_angle().to_value("deg2"))))
        return size, size
    lon, lat = u.Quantity(geom.pixel_scales).to_value("deg")
    return float(lon), float(lat)


def pixel_size(geom) -> float:
    """Return the larger side of the pixels in deg."""
    return max(pixel_scales(geom))


def kernel_image(geom, half) -> WcsGeom:
    """Return a square image around the centre of a geometry.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
        Gives projection, frame and pixel size; of a HEALPix geometry, the size of the pixels, around the tangent point.
    half : int
        Number of pixels on each side of the middle one.
    """
    return WcsGeom.create(
        npix=2 * int(half) + 1,
        binsz=pixel_scales(geom),
        proj="TAN" if geom.is_hpx else geom.projection,
        frame=geom.frame,
        skydir=geom.center_skydir,
    )


def separations(image, half, factor) -> np.ndarray:
    """Return the separations of points in the middle of a kernel from its centre, in deg.

    Parameters
    ----------
    image : `~geminga.maps.WcsGeom`
        See `kernel_image`.
    half : int
        Number of pixels on each side of the middle one.
    factor : int
        Number of points along each side of a pixel.

    Returns
    -------
    ndarray, shape (n, n), n = (2 * half + 1) * factor
    """
    middle = (image.data_shape[0] - 1) / 2
    steps = (np.arange((2 * half + 1) * factor) + 0.5) / factor - half - 0.5
    points = image.pix_to_coord((middle + steps, middle + steps[:, np.newaxis]))
    center = image.pix_to_coord((middle, middle))
    return separation(*(u.Quantity(angle).to_value("deg") for angle in (*points, *center)))
