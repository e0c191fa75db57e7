"""Smoothing of WCS maps with a Gaussian, a disk or a box."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...errors import GeometryError
from .arguments import angle_pair

__all__ = ["smooth", "smooth_to_pixels"]


def _kernel_of_disk(radius):
    """Return a normalised disk: pixels whose centres are within the radius."""
    n = int(np.floor(radius + 1e-9))
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    disk = (x * x + y * y <= radius * radius * (1 + 1e-9)).astype(float)
    return disk / disk.sum()


def smooth(m, width, kernel="gauss", **kwargs):
    """Return a map smoothed image by image; `WcsNDMap.smooth`.

    Beyond its border the map goes on mirrored, so that a sum of counts is kept.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    width : float, str or `~astropy.units.Quantity`
        Standard deviation of the Gaussian, radius of the disk, or full width of the box. Plain numbers are degrees;
        angles are turned to pixels with the mean of the two pixel sizes.
    kernel : {"gauss", "disk", "box"}
    **kwargs
        Keyword arguments of `scipy.ndimage.gaussian_filter`, `convolve` or `uniform_filter`: ``mode``, ``cval``,
        ``truncate``, ...

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        In double precision.
    """
    if not m.geom.is_regular:
        raise GeometryError(
            "geometry must have the same pixels in all images to smooth, got an irregular one."
        )
    pixels = float(angle_pair(width, "width")[0]) / np.mean(m.geom._scales)
    if kernel == "gauss":

        def change(image, output):
            ndimage.gaussian_filter(image, pixels, output=output, **kwargs)

    elif kernel == "disk":
        disk = _kernel_of_disk(pixels)

        def change(image, output):
            ndimage.convolve(image, disk, output=output, **kwargs)

    elif kernel == "box":
        # Whole pixels; 0.3 deg are 3 pixels of 0.1 deg in spite of the last digit.
        size = max(1, int(np.floor(pixels + 1e-6)))

        def change(image, output):
            ndimage.uniform_filter(image, size, output=output, **kwargs)

    else:
        raise GeometryError(f"kernel must be 'gauss', 'disk' or 'box', got {kernel!r}.")
    data = np.asarray(m.data, dtype=float)
    result = np.empty_like(data)
    # One image after the other stays in the processor's cache; there is no smoothing along the axes.
    for image in np.ndindex(data.shape[:-2]):
        change(data[image], result[image])
    return m._init_copy(data=result)


def smooth_to_pixels(m, geom):
    """Return a map smeared with the pixel of another geometry; used by `Map.resample`."""
    own, new = np.mean(m.geom._scales), np.mean(geom._scales)
    size = max(1, round(new / own))
    if size == 1:
        return m
    data = np.asarray(m.data, dtype=float)
    result = ndimage.uniform_filter(data, (1,) * (data.ndim - 2) + (size, size), mode="constant")
    return m._init_copy(data=result)
