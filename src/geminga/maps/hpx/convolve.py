"""Convolution of HEALPix maps with a kernel: on the full sky, or on a tangential projection."""

from __future__ import annotations

import numpy as np

from ...errors import AxisMismatchError, GeometryError, UnknownNameError
from ...sky.rotation import separation
from ..wcs.convolve import convolve_images
from ..wcs.geom import WcsGeom
from .fullsky import filtered_map, largest_degree
from .harmonics import legendre_sum

__all__ = ["convolve", "convolve_full", "convolve_wcs", "kernel_windows"]

METHODS = ("wcs-tan", "full")

# A tangential projection reaches so far from its centre, deg, without stretching pixels by more than a fourth.
LARGEST_RADIUS = 25.0


def _kernel_map(kernel):
    """Return the map of a kernel."""
    kernel = getattr(kernel, "psf_kernel_map", kernel)
    if not hasattr(kernel, "geom"):
        raise TypeError(
            f"kernel must be a PSFKernel or a map, got {type(kernel).__name__}. Give its pixels a size."
        )
    return kernel


def _axes_of_kernel(kernel):
    return [axis for axis in kernel.geom.axes if axis.name != "rad"]


def _target(m, kernel):
    """Return the geometry of the result: that of the map, or an image with the axes of the kernel."""
    axes = _axes_of_kernel(kernel)
    if m.geom.is_image and axes:
        return m.geom.to_cube(axes)
    shape = m.geom.axes.shape
    if axes and tuple(axis.nbin for axis in axes) != shape and any(axis.nbin > 1 for axis in axes):
        raise AxisMismatchError(
            f"kernel must have one image, or one for each of {shape} bins of the map, "
            f"got {tuple(axis.nbin for axis in axes)}."
        )
    return m.geom


def kernel_windows(kernel, lmax) -> np.ndarray:
    """Return the windows of kernels: their mean around the centre, in spherical harmonics.

    Parameters
    ----------
    kernel : `~geminga.irf.PSFKernel` or `~geminga.maps.Map`
        An image around its centre, with the fraction in each pixel; or a region map with an axis "rad" of separations
        from the centre and the density, per solid angle, in its bins.
    lmax : int

    Returns
    -------
    ndarray, shape (images, lmax + 1)
        Of degree 0: the sum of the kernel.
    """
    kernel = _kernel_map(kernel)
    if kernel.geom.is_region:
        return _windows_of_profile(kernel, lmax)
    image = kernel.geom.to_image()
    coords = image.get_coord(sparse=True)
    center = image.center_skydir.spherical
    lon, lat = np.broadcast_arrays(*coords._lonlat)
    distance = separation(lon, lat, center.lon.deg, center.lat.deg).ravel()
    weights = np.asarray(kernel.data, dtype=float).reshape(-1, distance.size)
    used = np.isfinite(distance) & np.any(weights != 0, axis=0)
    return legendre_sum(np.cos(np.radians(distance[used])), weights[:, used], lmax)


def _windows_of_profile(kernel, lmax):
    axes = kernel.geom.axes
    if "rad" not in axes.names:
        raise AxisMismatchError(
            f"kernel of a region must have the axis 'rad', got {axes.names}. Give a radial profile."
        )
    data = np.moveaxis(np.asarray(kernel.data, dtype=float)[..., 0, 0], axes.index_data("rad"), -1)
    data = data.reshape(-1, data.shape[-1])
    if kernel.unit.is_equivalent("sr-1"):
        data = data * kernel.unit.to("sr-1")
    edges = np.radians(np.clip(axes["rad"].edges.to_value("deg"), 0, 180))
    # the integral of P_l over a bin is that of its antiderivative, (P_(l+1) - P_(l-1)) / (2 l + 1)
    polynomials = legendre_sum_each(np.cos(edges), lmax + 1)
    degree = np.arange(1, lmax + 1)[:, np.newaxis]
    antiderivative = np.concatenate(
        [polynomials[1:2], (polynomials[2:] - polynomials[:-2]) / (2 * degree + 1)]
    )
    return 2 * np.pi * data @ (antiderivative[:, :-1] - antiderivative[:, 1:]).T


def legendre_sum_each(cosines, lmax) -> np.ndarray:
    """Return Legendre polynomials up to degree lmax, shape (lmax + 1, n)."""
    return legendre_sum(cosines, np.eye(len(cosines)), lmax).T


def convolve(m, kernel, convolution_method="wcs-tan", **kwargs):
    """Return a map convolved with a kernel; `HpxNDMap.convolve`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins.
    kernel : `~geminga.irf.PSFKernel` or `~geminga.maps.Map`
        One image for all bins of the map, or one for each. A kernel with axes makes a cube of an image.
    convolution_method : {"wcs-tan", "full"}
        On a tangential projection around the map, or in spherical harmonics. Maps of all sky, or of more than a
        projection can hold, are convolved in spherical harmonics always. "" stands for "full".
    **kwargs
        Keyword arguments of `~geminga.maps.WcsNDMap.convolve` (``method``).

    Returns
    -------
    `~geminga.maps.HpxNDMap`
    """
    if convolution_method not in (*METHODS, ""):
        raise UnknownNameError("method of HEALPix convolution", convolution_method, METHODS)
    if convolution_method == "wcs-tan" and m.geom.width.to_value("deg") <= LARGEST_RADIUS:
        kernel_map = _kernel_map(kernel)
        if not kernel_map.geom.is_region:
            return convolve_wcs(m, kernel_map, **kwargs)
    return convolve_full(m, kernel)


def convolve_full(m, kernel):
    """Return a map convolved with a kernel in spherical harmonics; `HpxNDMap.convolve_full`.

    The kernel is taken as round: its mean at each separation from its centre. Sums of all-sky maps are conserved up to
    the sum of the kernel; beyond the pixels of a part of the sky the map counts as 0.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins; NaN counts as 0.
    kernel : `~geminga.irf.PSFKernel` or `~geminga.maps.Map`
        An image around its centre, or a region map with an axis "rad" (a density).

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        In double precision.
    """
    kernel = _kernel_map(kernel)
    return filtered_map(m, kernel_windows(kernel, largest_degree(m.geom)), geom=_target(m, kernel))


def convolve_wcs(m, kernel, **kwargs):
    """Return a map convolved with a kernel on a tangential projection; `HpxNDMap.convolve_wcs`.

    The map is spread over the projection in pixels of the size of those of the kernel, convolved, and summed over each
    pixel of the map. Beyond its pixels it counts as 0.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        Of a part of the sky with a radius of at most 60 deg.
    kernel : `~geminga.irf.PSFKernel` or `~geminga.maps.WcsNDMap`
        In pixels of at most half the size of those of the map.
    **kwargs
        ``method`` of `~geminga.maps.WcsNDMap.convolve`.

    Raises
    ------
    GeometryError
        If the map is too large or the pixels of the kernel are.
    """
    kernel = _kernel_map(kernel)
    geom = m.geom
    if not geom.is_regular:
        raise GeometryError("geometry must have the same pixels in all bins to convolve, got different ones.")
    radius, own = geom.width.to_value("deg"), float(geom.to_image().pixel_scales.value[0])
    if radius > 60:
        raise GeometryError(
            f"map must have a radius below 60 deg for a projection, got {radius}. Use convolve_full()."
        )
    binsz = float(np.mean(kernel.geom.pixel_scales.to_value("deg")))
    if binsz > own / 2 * (1 + 1e-6):
        raise GeometryError(
            f"kernel must have pixels of at most half the size of those of the map, {own / 2:.4g} deg, "
            f"got {binsz:.4g}. "
            "Use a finer kernel or convolve_full()."
        )
    target = _target(m, kernel)
    reach = np.degrees(np.tan(np.radians(radius))) + own
    plane = WcsGeom.create(
        skydir=geom.center_skydir, width=2 * reach, binsz=binsz, proj="TAN", frame=geom.frame
    )
    coords = plane.get_coord()
    local = geom.to_image().global_to_local(geom.to_image().coord_to_idx(coords))[0]
    inside = local >= 0
    places = local[inside]
    share = 1.0 / np.maximum(np.bincount(places, minlength=geom.data_shape[-1]), 1)[places]
    planes = np.asarray(m.data, dtype=float).reshape(geom._n_planes, -1)
    images = np.zeros((len(planes), *local.shape))
    images[:, inside] = planes[:, places] * share
    kernels = np.asarray(kernel.data, dtype=float)
    kernels = kernels.reshape(-1, *kernels.shape[-2:])
    convolved = convolve_images(images, kernels, method=kwargs.get("method", "fft"))
    data = np.stack(
        [np.bincount(places, weights=image[inside], minlength=geom.data_shape[-1]) for image in convolved]
    )
    return m._init_copy(geom=target, data=data.reshape(target.data_shape))
