"""Smoothing of WCS maps with a Gaussian, a disk or a box."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...errors import GeometryError
from ..threads import for_each
from .arguments import angle_pair

__all__ = ["smooth", "smooth_to_pixels"]

STRIP = 64

# names of what is beyond the border, of scipy.ndimage and of numpy.pad
MODES = {
    "reflect": "symmetric",
    "constant": "constant",
    "nearest": "edge",
    "mirror": "reflect",
    "wrap": "wrap",
}


def _smooth_by_disk(image, radius, output, mode="reflect", cval=0.0, **kwargs):
    """Average an image over the pixels whose centres are within the radius.

    A disk is a pile of rows of pixels: rows of growing length are summed along x once, and each is used wherever the
    disk has its length. That takes four additions for each pixel of the radius.
    """
    n = int(np.floor(radius + 1e-9))
    y, x = np.mgrid[-n : n + 1, -n : n + 1]
    disk = x * x + y * y <= radius * radius * (1 + 1e-9)
    if kwargs or mode not in MODES:
        ndimage.convolve(image, disk / disk.sum(), output=output, mode=mode, cval=cval, **kwargs)
        return
    options = {"constant_values": cval} if mode == "constant" else {}
    padded = np.pad(image, n, mode=MODES[mode], **options)
    reach = disk.sum(axis=1) // 2
    ny, nx = image.shape
    # Strips of the image stay in the processor's cache.
    for start in range(0, ny, STRIP):
        rows = min(STRIP, ny - start)
        strip, total = padded[start : start + rows + 2 * n], output[start : start + rows]
        along_x = strip[:, n : n + nx].copy()
        total[...] = 0
        for width in range(n + 1):
            if width:
                along_x += strip[:, n - width : n - width + nx]
                along_x += strip[:, n + width : n + width + nx]
            for row in np.flatnonzero(reach == width):
                total += along_x[row : row + rows]
        total /= disk.sum()


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
        from .irregular import image_by_image

        return image_by_image(m, lambda place, image: image.smooth(width, kernel, **kwargs))
    pixels = float(angle_pair(width, "width")[0]) / np.mean(m.geom._scales)
    if kernel == "gauss":

        def change(image, output):
            ndimage.gaussian_filter(image, pixels, output=output, **kwargs)

    elif kernel == "disk":

        def change(image, output):
            _smooth_by_disk(image, pixels, output, **kwargs)

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
    images, smoothed = (array.reshape(-1, *array.shape[-2:]) for array in (data, result))
    for_each(lambda k: change(images[k], smoothed[k]), len(images))
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
