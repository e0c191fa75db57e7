"""Convolution of WCS maps with a kernel: Fourier transforms of a few images at a time."""

from __future__ import annotations

import numpy as np
from scipy import fft

from ...errors import AxisMismatchError, GeometryError, UnknownNameError
from ..threads import for_each, n_threads

__all__ = ["convolve", "convolve_images"]

# Images are transformed in batches of about so many numbers, which stay in the processor's cache.
BATCH = 1 << 19


def _kernel_array(kernel):
    """Return the array of a kernel and its map, None if it has none."""
    if hasattr(kernel, "psf_kernel_map"):
        kernel = kernel.psf_kernel_map
    if hasattr(kernel, "geom"):
        return np.asarray(kernel.data), kernel
    array = getattr(kernel, "array", kernel)
    return np.asarray(array), None


def convolve(m, kernel, method="fft", mode="same"):
    """Return a map convolved with a kernel; `WcsNDMap.convolve`.

    Beyond its border the map counts as 0. NaN in the map spreads over the size of the kernel, not farther.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    kernel : `~geminga.irf.PSFKernel`, `~geminga.maps.WcsNDMap`, `~astropy.convolution.Kernel2D` or ndarray
        One image for all images of the map, or one for each. A kernel with axes makes a cube of an image.
    method : {"fft", "direct", "auto"}
        Fourier transforms or sums; "auto" takes sums for small kernels.
    mode : {"same", "full"}
        Size of the result: that of the map, or enlarged by the kernel.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        Floating point, in single precision if the map is.
    """
    if mode not in ("same", "full"):
        raise UnknownNameError("mode of convolution", mode, ("same", "full"))
    array, kernel_map = _kernel_array(kernel)
    geom = m.geom
    if not geom.is_regular:
        return _convolve_each(m, array, kernel_map, method, mode)
    if geom.is_image and array.ndim > 2:
        if kernel_map is None:
            raise GeometryError(
                f"kernel of an image must be an image or have axes, got an array of shape {array.shape}. "
                "Give a PSFKernel or a map."
            )
        geom = geom.to_cube(kernel_map.geom.axes)
    if array.ndim > 2:
        planes = geom.data_shape[:-2]
        if array.ndim != len(planes) + 2 or any(
            k not in (1, n) for k, n in zip(array.shape, planes, strict=False)
        ):
            raise AxisMismatchError(
                f"kernel must have one image, or one for each of {planes} of the map, got shape {array.shape}."
            )
    data = convolve_images(m.data, array, method=method, mode=mode)
    if mode == "full":
        grow = np.array(array.shape[-2:]) - 1
        if np.any(grow % 2):
            raise GeometryError(
                f"kernel must have odd numbers of pixels for mode 'full', got {array.shape[-2:]}."
            )
        geom = geom.pad((int(grow[1] // 2), int(grow[0] // 2)), axis_name=None)
    return m._init_copy(geom=geom, data=np.broadcast_to(data, geom.data_shape))


def _convolve_each(m, array, kernel_map, method, mode):
    """Return an irregular map convolved image by image, with kernels in the pixels of each image."""
    from .irregular import image_by_image

    if kernel_map is not None and kernel_map.geom.is_regular:
        raise GeometryError(
            "kernel of a map with different pixels in each image must be an array, or have such pixels too, "
            "got a map with the same pixels in all images. Convolve the images of iter_by_image() one by one."
        )
    kernels = np.broadcast_to(array, (*m.geom.axes.shape[::-1], *array.shape[-2:]))
    return image_by_image(m, lambda place, image: image.convolve(kernels[place], method=method, mode=mode))


def convolve_images(data, kernel, method="fft", mode="same") -> np.ndarray:
    """Convolve the images of an array with those of a kernel.

    Parameters
    ----------
    data : ndarray, shape (..., ny, nx)
    kernel : ndarray, shape (..., ky, kx)
        Leading dimensions broadcast against those of the data.
    method : {"fft", "direct", "auto"}
    mode : {"same", "full"}

    Returns
    -------
    ndarray
        Single precision if the data are, else double.

    Examples
    --------
    >>> convolve_images(np.eye(3), np.ones((1, 3)))
    array([[1., 1., 0.],
           [1., 1., 1.],
           [0., 1., 1.]])
    """
    dtype = np.float32 if data.dtype in (np.float32, np.float16) else np.float64
    data, kernel = np.asarray(data, dtype), np.asarray(kernel, dtype)
    missing = ~np.isfinite(data)
    if missing.any():
        result = convolve_images(np.where(missing, 0, data), kernel, method, mode)
        reach = (
            convolve_images(missing.astype(np.float32), (kernel != 0).astype(np.float32), method, mode) > 0.5
        )
        return np.where(reach, np.nan, result).astype(dtype)
    if method == "auto":
        method = "direct" if kernel.shape[-1] * kernel.shape[-2] <= 25 else "fft"
    if method not in ("fft", "direct"):
        raise UnknownNameError("method of convolution", method, ("fft", "direct", "auto"))
    (ny, nx), (ky, kx) = data.shape[-2:], kernel.shape[-2:]
    if mode == "full":
        window = (0, ny + ky - 1, 0, nx + kx - 1)
    else:
        y, x = (ky - 1) // 2, (kx - 1) // 2
        window = (y, y + ny, x, x + nx)
    return (_direct if method == "direct" else _by_fourier)(data, kernel, window)


def _direct(data, kernel, window):
    """Return a window of the full convolution, as the sum of shifted images."""
    (ny, nx), (ky, kx) = data.shape[-2:], kernel.shape[-2:]
    shape = np.broadcast_shapes(data.shape[:-2], kernel.shape[:-2])
    full = np.zeros((*shape, ny + ky - 1, nx + kx - 1), dtype=data.dtype)
    for y in range(ky):
        for x in range(kx):
            full[..., y : y + ny, x : x + nx] += data * kernel[..., y : y + 1, x : x + 1]
    y0, y1, x0, x1 = window
    return np.ascontiguousarray(full[..., y0:y1, x0:x1])


def _by_fourier(data, kernel, window):
    """Return a window of the full convolution by real Fourier transforms, a few images at a time."""
    y0, y1, x0, x1 = window
    # What is beyond the window may be overwritten by what wraps around: that lies before the window.
    needed = [
        max(last, n + k - 1 - first, n, k)
        for first, last, n, k in zip((y0, x0), (y1, x1), data.shape[-2:], kernel.shape[-2:], strict=True)
    ]
    padded = [fft.next_fast_len(n, real=True) for n in needed]
    planes = np.broadcast_shapes(data.shape[:-2], kernel.shape[:-2])
    number = int(np.prod(planes, dtype=int))
    result = np.empty((number, y1 - y0, x1 - x0), dtype=data.dtype)
    per_batch = max(1, BATCH // (padded[0] * padded[1]))
    workers = n_threads() if number <= per_batch and data.size > 1 << 17 else 1
    data_part, kernel_part = (_transforms(array, planes, padded, workers) for array in (data, kernel))

    def convolve_batch(k):
        part = slice(k * per_batch, (k + 1) * per_batch)
        product, other = data_part(part), kernel_part(part)
        own = product.flags.writeable and product.shape == other.shape
        product = np.multiply(product, other, out=product if own else None)
        along_x = fft.ifft(product, axis=-2, workers=workers, overwrite_x=True)
        images = fft.irfft(along_x[:, y0:y1], padded[1], axis=-1, workers=workers, overwrite_x=True)
        result[part] = images[:, :, x0:x1]

    for_each(convolve_batch, -(-number // per_batch))
    return result.reshape(*planes, y1 - y0, x1 - x0)


def _transforms(images, planes, padded, workers):
    """Return a function that transforms a slice of the images; one image for all is transformed once."""
    ny, nx = padded

    def transformed(part):
        # Rows of padding need no transform.
        along_x = fft.rfft(part, nx, axis=-1, workers=workers)
        return fft.fft(along_x, ny, axis=-2, workers=workers, overwrite_x=True)

    shape = images.shape[-2:]
    if images.size == shape[0] * shape[1]:
        single = transformed(images.reshape(1, *shape))
        single.flags.writeable = False
        return lambda part: single
    images = np.broadcast_to(images, (*planes, *shape)).reshape(-1, *shape)
    return lambda part: transformed(images[part])
