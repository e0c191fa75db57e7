"""Rings around each pixel: kernels, and sums over them by Fourier transforms."""

from __future__ import annotations

import numpy as np
from scipy import fft

__all__ = ["RingSums", "disk_kernel", "ring_kernel"]

_ROUNDING = 1e-9  # a pixel centre on the rim belongs to the ring


def ring_kernel(geom, r_in, r_out) -> np.ndarray:
    """Return 1 in the pixels whose centres lie between two radii around that of the middle, else 0.

    Parameters
    ----------
    geom : `~geminga.maps.WcsGeom`
        Gives the size of the pixels at its centre.
    r_in, r_out : float
        Radii in deg, rims included.

    Returns
    -------
    ndarray
        With odd numbers of pixels.
    """
    scale_x, scale_y = geom.pixel_scales.to_value("deg")
    n_x, n_y = (int(np.ceil(r_out / scale - _ROUNDING)) for scale in (scale_x, scale_y))
    radius = np.hypot(scale_x * np.arange(-n_x, n_x + 1), scale_y * np.arange(-n_y, n_y + 1)[:, np.newaxis])
    slack = _ROUNDING * min(scale_x, scale_y)
    return ((radius >= r_in - slack) & (radius <= r_out + slack)).astype(float)


def disk_kernel(geom, radius) -> np.ndarray:
    """Return 1 in the pixels whose centres lie within a radius in deg of that of the middle, else 0."""
    return ring_kernel(geom, 0.0, radius)


class RingSums:
    """Sums of images over kernels around each pixel; the images are transformed once for all kernels.

    Parameters
    ----------
    images : ndarray, shape (n, ny, nx)
    reach : int or pair of int
        Largest half size of a kernel in pixels, along y and x.
    """

    def __init__(self, images, reach):
        self._shape = images.shape[-2:]
        reach = np.broadcast_to(reach, 2)
        self._padded = [
            fft.next_fast_len(int(n + r), real=True) for n, r in zip(self._shape, reach, strict=True)
        ]
        self._transforms = fft.rfft2(np.asarray(images, dtype=float), self._padded)

    def over(self, kernel, which=slice(None)) -> np.ndarray:
        """Return the sums of the images over a symmetric kernel; beyond their border the images are 0.

        Parameters
        ----------
        kernel : ndarray, shape (odd, odd)
        which : index, optional
            Of the images.

        Returns
        -------
        ndarray, shape (n, ny, nx)
        """
        (ny, nx), (ky, kx) = self._shape, kernel.shape
        # Centred on the first pixel; what wraps around meets padding.
        centred = np.zeros(self._padded)
        rows = (np.arange(ky) - ky // 2) % self._padded[0]
        columns = (np.arange(kx) - kx // 2) % self._padded[1]
        np.add.at(centred, np.ix_(rows, columns), kernel)
        sums = fft.irfft2(self._transforms[which] * fft.rfft2(centred), self._padded)
        return sums[..., :ny, :nx]
