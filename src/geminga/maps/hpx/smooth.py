"""Smoothing of HEALPix maps with a Gaussian or a disk, in spherical harmonics."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError, UnknownNameError
from ..wcs.arguments import angle_pair
from .fullsky import filtered_map, largest_degree
from .harmonics import legendre_sum

__all__ = ["disk_window", "gauss_window", "smooth"]


def gauss_window(sigma, lmax) -> np.ndarray:
    """Return the window of a Gaussian of standard deviation `sigma` in rad.

    Examples
    --------
    >>> gauss_window(0.1, 2).round(4)
    array([1.    , 0.99  , 0.9704])
    """
    degree = np.arange(lmax + 1)
    return np.exp(-0.5 * degree * (degree + 1) * sigma**2)


def disk_window(radius, lmax) -> np.ndarray:
    r"""Return the window of a disk of some radius in rad.

    :math:`b_l = (P_{l-1}(x) - P_{l+1}(x)) / ((2 l + 1) (1 - x))` with x the cosine of the radius.

    Examples
    --------
    >>> disk_window(np.pi / 2, 2).round(9)
    array([1. , 0.5, 0. ])
    """
    cosine = np.cos(radius)
    polynomials = legendre_sum(np.array([cosine]), np.ones((1, 1)), lmax + 1)[0]
    degree = np.arange(1, lmax + 1)
    # 1 - cos without loss of digits
    depth = 2 * np.sin(radius / 2) ** 2
    return np.concatenate([[1.0], (polynomials[:-2] - polynomials[2:]) / ((2 * degree + 1) * depth)])


def smooth(m, width, kernel="gauss"):
    """Return a map smoothed image by image; `HpxNDMap.smooth`.

    The sum of all-sky maps is conserved. A map of a part of the sky counts as 0 beyond its pixels, so some of its sum
    leaks out. Kernels narrower than the pixels ring, and can give small negative values.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins; NaN counts as 0.
    width : float, str or `~astropy.units.Quantity`
        Standard deviation of the Gaussian, or radius of the disk; plain numbers are degrees.
    kernel : {"gauss", "disk"}

    Returns
    -------
    `~geminga.maps.HpxNDMap`
        In double precision.
    """
    if not m.geom.is_regular:
        raise GeometryError("geometry must have the same pixels in all bins to smooth, got different ones.")
    size, lmax = np.radians(float(angle_pair(width, "width")[0])), largest_degree(m.geom)
    if kernel not in ("gauss", "disk"):
        raise UnknownNameError("kernel of HEALPix smoothing", kernel, ("gauss", "disk"))
    window = gauss_window(size, lmax) if kernel == "gauss" else disk_window(size, lmax)
    return filtered_map(m, window)
