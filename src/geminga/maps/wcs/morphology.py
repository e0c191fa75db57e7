"""Masks made larger or smaller."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ...errors import GeometryError
from .masks import _odd_sizes

__all__ = ["binary_dilate", "binary_erode"]


def _near_true(image, sizes, kernel):
    """Return where a True pixel is within the shape around each pixel of an image."""
    nx, ny = sizes
    if kernel == "box":
        for number, size in ((0, ny), (1, nx)):
            image = ndimage.maximum_filter1d(image.astype(np.uint8), size, axis=number, mode="constant") > 0
        return image
    if not image.any():
        return image.copy()
    # Distances in units of the half axes: exact, and as fast for large disks as for small ones.
    distance = ndimage.distance_transform_edt(~image, sampling=(1 / ny, 1 / nx))
    return distance <= 1 + 1e-9


def _each(m, width, kernel, change):
    if not m.is_mask:
        raise GeometryError(f"map must be a mask (bool), got {m.data.dtype}. Compare it first.")
    if kernel not in ("disk", "box"):
        raise GeometryError(f"kernel must be 'disk' or 'box', got {kernel!r}.")
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
