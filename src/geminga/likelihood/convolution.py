"""Convolution of images with one kernel for each energy, and its adjoint.

Both are products of Fourier transforms. The transforms of the kernels are computed once; an image that is the same at
all energies is transformed once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft

__all__ = ["Convolution", "HpxConvolution", "NoConvolution", "convolution"]

#: Numbers transformed at once; bounds the memory of a fold.
CHUNK = 200_000


class Convolution:
    """Convolve an image with one kernel for each energy and keep a part of the result.

    Parameters
    ----------
    kernels : ndarray, shape (n_energy, k_lat, k_lon)
        With odd numbers of pixels.
    shape : tuple of int
        Pixels of the image, (n_lat, n_lon).
    first : tuple of int
        First pixel of the part that is kept, counted from the first pixel of the image; may be negative.
    kept : tuple of int
        Number of pixels of that part.
    dtype : numpy dtype
        Precision of the transforms.

    Attributes
    ----------
    kernels : ndarray
        Transforms of the kernels.
    """

    def __init__(self, kernels, shape, first, kept, dtype=np.float64):
        self.n_energy = len(kernels)
        self.shape, self.kept = tuple(shape), tuple(kept)
        halves = [(k - 1) // 2 for k in kernels.shape[-2:]]
        self._first = tuple(f + half for f, half in zip(first, halves, strict=True))
        # What wraps around may only reach pixels that are not kept.
        self._padded = tuple(
            fft.next_fast_len(max(low + n_kept, n + 2 * half - low, 2 * half + 1), real=True)
            for low, n_kept, n, half in zip(self._first, kept, shape, halves, strict=True)
        )
        self.dtype = np.dtype(dtype)
        self.kernels = self.transform(np.asarray(kernels, dtype=self.dtype))
        size = int(np.prod(self._padded))
        step = max(1, CHUNK // size)
        self._chunks = [slice(i, min(i + step, self.n_energy)) for i in range(0, self.n_energy, step)]

    def transform(self, images):
        """Return Fourier transforms of images."""
        return fft.rfft2(images, s=self._padded, axes=(-2, -1), workers=-1)

    def inverse(self, transforms):
        """Return the images of Fourier transforms, which are overwritten."""
        return fft.irfft2(transforms, s=self._padded, axes=(-2, -1), workers=-1, overwrite_x=True)

    def kept_part(self, images):
        """Return the part of full images that is kept."""
        low_lat, low_lon = self._first
        return images[..., low_lat : low_lat + self.kept[0], low_lon : low_lon + self.kept[1]]

    def planes(self, image) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the convolved image, some energies at a time.

        Parameters
        ----------
        image : ndarray, shape (n_lat, n_lon) or (n_energy, n_lat, n_lon)

        Yields
        ------
        energies : slice
        planes : ndarray, shape (n, *kept)
        """
        single = image.ndim == 2
        transform = self.transform(image.astype(self.dtype, copy=False)) if single else None
        for energies in self._chunks:
            part = transform if single else self.transform(image[energies].astype(self.dtype, copy=False))
            yield energies, self.kept_part(self.inverse(self.kernels[energies] * part))

    def plane(self, image, index) -> np.ndarray:
        """Return the part kept of one image convolved with one kernel."""
        return self.kept_part(self.inverse(self.kernels[index] * self.transform(image.astype(self.dtype))))

    def adjoint(self, planes) -> np.ndarray:
        """Return what each pixel of an image contributes to the weighted sum of its convolution.

        Parameters
        ----------
        planes : ndarray, shape (n_energy, *kept)
            Weights.

        Returns
        -------
        ndarray, shape (n_energy, n_lat, n_lon)
        """
        result = np.empty((self.n_energy, *self.shape))
        for energies in self._chunks:
            transforms = self.transform(self._placed(planes[energies]))
            transforms *= self.kernels[energies].conj()
            result[energies] = self.inverse(transforms)[:, : self.shape[0], : self.shape[1]]
        return result

    def adjoint_sum(self, planes, weights) -> np.ndarray:
        """Return the sum of `adjoint` over energies with weights, shape (n_lat, n_lon)."""
        total = np.zeros(self.kernels.shape[1:], dtype=self.kernels.dtype)
        weights = np.asarray(weights, dtype=self.dtype)
        for energies in self._chunks:
            transforms = self.transform(self._placed(planes[energies]))
            transforms *= weights[energies, np.newaxis, np.newaxis]
            total += np.einsum("eij,eij->ij", transforms, self.kernels[energies].conj())
        return self.inverse(total)[: self.shape[0], : self.shape[1]].astype(float)

    def _placed(self, planes):
        full = np.zeros((len(planes), *self._padded), dtype=self.dtype)
        self.kept_part(full)[...] = planes
        return full


class NoConvolution:
    """What stands for `Convolution` where there is no point spread function: the part kept is the image."""

    def __init__(self, n_energy, shape):
        self.n_energy, self.shape, self.kept = n_energy, tuple(shape), tuple(shape)

    def planes(self, image):
        """Yield the image for all energies."""
        yield slice(0, self.n_energy), np.broadcast_to(image, (self.n_energy, *self.shape))

    def adjoint(self, planes) -> np.ndarray:
        """Return the weights."""
        return np.asarray(planes, dtype=float)

    def adjoint_sum(self, planes, weights) -> np.ndarray:
        """Return the weighted sum of the weights."""
        return np.tensordot(np.asarray(weights, dtype=float), planes, axes=1)


class HpxConvolution:
    """Convolve HEALPix images with round kernels, in spherical harmonics.

    The operator is its own adjoint, but for the rounding of the harmonics at the resolution of the pixels.

    Parameters
    ----------
    geom : `~geminga.maps.HpxGeom`
        With the energies as only axis.
    windows : ndarray, shape (n_energy, n_degrees)
        Kernels in spherical harmonics.
    """

    def __init__(self, geom, windows):
        self.geom, self._windows = geom, windows
        self.n_energy = len(windows)
        self.shape = self.kept = (1, geom.data_shape[-1])

    def _filtered(self, images):
        from ..maps import Map
        from ..maps.hpx.fullsky import filtered_map

        geom = self.geom.to_image() if images.ndim == 2 else self.geom
        image_map = Map.from_geom(geom, data=images.reshape(geom.data_shape))
        return filtered_map(image_map, self._windows, geom=self.geom).data.reshape(-1, *self.shape)

    def planes(self, image):
        """Yield the convolved image for all energies."""
        yield slice(0, self.n_energy), self._filtered(image)

    def adjoint(self, planes) -> np.ndarray:
        """Return what each pixel adds to the weighted sum of the convolved images."""
        return self._filtered(planes)

    def adjoint_sum(self, planes, weights) -> np.ndarray:
        """Return the sum of `adjoint` over energies with weights."""
        return np.tensordot(np.asarray(weights, dtype=float), self._filtered(planes), axes=1)


def convolution(kernels, n_energy, shape, first, kept, dtype):
    """Return the convolution with kernels, or that which does nothing without any.

    `kernels` may be a `HpxConvolution` already, which has one part only: all pixels.
    """
    if kernels is None:
        return NoConvolution(n_energy, shape)
    if isinstance(kernels, HpxConvolution):
        return kernels
    return Convolution(kernels, shape, first, kept, dtype)
