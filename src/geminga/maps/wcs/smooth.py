"""Smoothing of WCS maps with a Gaussian, a disk or a box."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...errors import GeometryError
from ..threads import for_each
from .arguments import angle_pair

__all__ = ["smooth", "smooth_to_pixels"]

STRIP = 64

# Gaussians of so many pixels are wide; images are smoothed in bands of so many pixels.
WIDE, BAND = 4, 32

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


def _smooth_by_gauss(image, sigma, output, **kwargs):
    """Smooth an image with a Gaussian; wide ones by matrix products, which add several times as fast.

    A band of the result depends on a wider band of the image by the same matrix everywhere.
    """
    if kwargs or sigma < WIDE or not np.isfinite(image.sum()):
        ndimage.gaussian_filter(image, sigma, output=output, **kwargs)
        return
    # as far as scipy's
    reach = int(4 * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    band = np.zeros((BAND + 2 * reach, BAND))
    for column in range(BAND):
        band[column : column + 2 * reach + 1, column] = weights
    padded = np.pad(image, reach, mode="symmetric")
    ny, nx = image.shape
    along_y = np.empty((ny, nx + 2 * reach))
    for start in range(0, ny, BAND):
        n = min(BAND, ny - start)
        m, stop = band[: n + 2 * reach, :n], start + n
        np.matmul(m.T, padded[start : stop + 2 * reach], out=along_y[start:stop])
    for start in range(0, nx, BAND):
        n = min(BAND, nx - start)
        m, stop = band[: n + 2 * reach, :n], start + n
        np.matmul(along_y[:, start : stop + 2 * reach], m, out=output[:, start:stop])


def _smooth_by_box(image, size, output, **kwargs):
    """Average an image over boxes; scipy's running sums alone would carry NaN on to the border of the image."""
    missing = ~np.isfinite(image)
    if not missing.any():
        ndimage.uniform_filter(image, size, output=output, **kwargs)
        return
    ndimage.uniform_filter(np.where(missing, 0, image), size, output=output, **kwargs)
    near = {name: value for name, value in kwargs.items() if name in ("mode", "origin")}
    output[ndimage.maximum_filter(missing, size, **near)] = np.nan


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
            _smooth_by_gauss(image, pixels, output, **kwargs)

    elif kernel == "disk":

        def change(image, output):
            _smooth_by_disk(image, pixels, output, **kwargs)

    elif kernel == "box":
        # Whole pixels; 0.3 deg are 3 pixels of 0.1 deg in spite of the last digit.
        size = max(1, int(np.floor(pixels + 1e-6)))

        def change(image, output):
            _smooth_by_box(image, size, output, **kwargs)

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
