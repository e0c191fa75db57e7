"""Masks made larger or smaller."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...errors import GeometryError
from .irregular import image_by_image
from .masks import _odd_sizes

__all__ = ["binary_dilate", "binary_erode"]


# Above this half height in pixels, distances are faster than rows.
MANY_ROWS = 20


def _near_true_by_rows(image, nx, ny):
    """Return where a True pixel is within an ellipse around each pixel: the union of the rows of the ellipse."""
    height, width = image.shape
    result = np.zeros(image.shape, dtype=bool)
    # Number of True pixels to the left of each place, with the row continued beyond both ends.
    left = np.zeros((height, width + 2 * nx + 1), dtype=np.int32)
    np.cumsum(image, axis=1, out=left[:, nx + 1 : nx + 1 + width])
    left[:, nx + 1 + width :] = left[:, nx + width, np.newaxis]
    for dy in range(min(ny, height - 1) + 1):
        half = int(np.floor(nx * np.sqrt(1 - (dy / ny) ** 2) + 1e-9))
        near = left[:, nx + half + 1 : nx + half + 1 + width] > left[:, nx - half : nx - half + width]
        if dy == 0:
            result |= near
            continue
        result[dy:] |= near[:-dy]
        result[:-dy] |= near[dy:]
    return result


def _near_true(image, sizes, kernel):
    """Return where a True pixel is within the shape around each pixel of an image."""
    nx, ny = sizes
    if kernel == "box":
        for number, size in ((0, ny), (1, nx)):
            image = ndimage.maximum_filter1d(image.astype(np.uint8), size, axis=number, mode="constant") > 0
        return image
    if not image.any():
        return image.copy()
    if ny <= MANY_ROWS:
        return _near_true_by_rows(image, nx, ny)
    # Distances in units of the half axes: exact, and as fast for large disks as for small ones.
    distance = ndimage.distance_transform_edt(~image, sampling=(1 / ny, 1 / nx))
    return distance <= 1 + 1e-9


def _each(m, width, kernel, change):
    if not m.is_mask:
        raise GeometryError(f"map must be a mask (bool), got {m.data.dtype}. Compare it first.")
    if kernel not in ("disk", "box"):
        raise GeometryError(f"kernel must be 'disk' or 'box', got {kernel!r}.")
    if not m.geom.is_regular:
        return image_by_image(m, lambda place, image: _each(image, width, kernel, change))
    sizes = _odd_sizes(m.geom, width)
    images = m.data.reshape(-1, *m.data.shape[-2:])
    data = np.stack([change(image, sizes, kernel) for image in images])
    return m._init_copy(data=data.reshape(m.data.shape))


def binary_dilate(m, width, kernel="disk", use_fft=True):
    """Return a mask that is True wherever a True pixel is near; `WcsNDMap.binary_dilate`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
        Boolean.
    width : float, str, `~astropy.units.Quantity`, or two of them
        Radius of the disk, or full width of the box, along longitude and latitude. Both are rounded up to an odd
        number of pixels, see `WcsGeom.binary_structure`. Plain numbers are degrees.
    kernel : {"disk", "box"}
    use_fft : bool
        Without effect: distances are used, which are exact and faster.
    """
    return _each(m, width, kernel, _near_true)


def binary_erode(m, width, kernel="disk", use_fft=True):
    """Return a mask that is False wherever a False pixel, or the border, is near; `WcsNDMap.binary_erode`.

    Parameters are those of `binary_dilate`.
    """

    def far_from_false(image, sizes, kernel):
        x, y = sizes
        border = ((y, y), (x, x))
        near = _near_true(np.pad(~image, border, constant_values=True), sizes, kernel)
        return ~near[y:-y, x:-x]

    return _each(m, width, kernel, far_from_false)
