r"""Spherical harmonics on HEALPix pixels: analysis, synthesis, and filters that depend on the separation only.

Pixels lie on rings of equal latitude, so a transform is a Fourier transform along each ring and a sum over rings with
normalised Legendre functions :math:`\lambda_{lm}(\cos\theta)`, from the recursion in l. All pixels have equal weights:
a map is not fitted but projected, which conserves its sum.

References
----------
.. [1] Gorski et al. (2005), ApJ 622, 759, section 5.
.. [2] Driscoll & Healy (1994), Adv. Appl. Math. 15, 202.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from .pixelization import pix_to_lonlat

__all__ = ["filtered", "filtered_keeping_sum", "legendre_sum"]

# Legendre functions below this power of two are kept apart, lest they underflow.
SCALE_BITS = 512
SCALE = 2.0**SCALE_BITS
# Steps of the recursion between looks at the scale; the functions grow by far less than SCALE in so many.
STEPS_PER_LOOK = 16

# Windows smaller than this part of that of l = 0 are left out.
NEGLIGIBLE = 1e-13


@lru_cache(maxsize=4)
def _rings(nside):
    """Return first pixel, number of pixels, azimuth of the first pixel and cosine of the polar angle of each ring."""
    ring = np.arange(1, 4 * nside)
    north = np.minimum(ring, 4 * nside - ring)
    number = np.where(north < nside, 4 * north, 4 * nside)
    first = np.concatenate([[0], np.cumsum(number)[:-1]])
    lon, _ = pix_to_lonlat(first, nside, False)
    cap = 1 - north**2 / (3.0 * nside**2)
    belt = (4 * nside - 2 * ring) / (3.0 * nside)
    z = np.where(north < nside, np.where(ring < 2 * nside, cap, -cap), belt)
    return first, number, np.radians(lon), z


def _ring_groups(nside):
    """Iterate over the groups of rings with equal numbers of pixels."""
    first, number, phi, _ = _rings(nside)
    for n in np.unique(number):
        rings = np.flatnonzero(number == n)
        yield rings, first[rings][:, np.newaxis] + np.arange(n), phi[rings], int(n)


def _fold(values, mmax, nside):
    """Return the Fourier components of each ring, shape (maps, rings, mmax + 1)."""
    m = np.arange(mmax + 1)
    result = np.empty((len(values), 4 * nside - 1, mmax + 1), dtype=complex)
    for rings, pixels, phi, n in _ring_groups(nside):
        spectrum = np.fft.fft(values[:, pixels], axis=-1)
        result[:, rings] = spectrum[..., m % n] * np.exp(-1j * m * phi[:, np.newaxis])
    return result


def _unfold(components, mmax, nside):
    """Return the values on the pixels from the Fourier components of each ring."""
    m = np.arange(mmax + 1)
    values = np.empty((len(components), 12 * nside**2))
    for rings, pixels, phi, n in _ring_groups(nside):
        turned = components[:, rings] * np.exp(1j * m * phi[:, np.newaxis])
        turned[..., 1:] *= 2
        # Frequencies above those of a short ring fall onto lower ones.
        spectrum = np.zeros((*turned.shape[:-1], n), dtype=complex)
        for start in range(0, mmax + 1, n):
            part = turned[..., start : start + n]
            spectrum[..., : part.shape[-1]] += part
        values[:, pixels] = np.fft.ifft(spectrum, axis=-1).real * n
    return values


def _legendre(lmax, z):
    """Iterate over l; yield l and the normalised Legendre functions of all m up to l, shape (l + 1, rings)."""
    sine = np.sqrt(1 - z * z)
    m = np.arange(lmax + 1)
    # log2 of lambda_mm: the product of sqrt((2 k + 1) / (2 k)) sin(theta) over k, over sqrt(4 pi)
    steps = np.concatenate([[0.0], 0.5 * np.log2((2 * m[1:] + 1) / (2 * m[1:]))])
    log_start = np.cumsum(steps)[:, np.newaxis] + m[:, np.newaxis] * np.log2(sine) - 0.5 * np.log2(4 * np.pi)
    exponent = np.ceil(np.minimum(log_start, 0) / SCALE_BITS + 0.5 - 1e-9).astype(int)
    exponent = np.minimum(exponent, 0)
    start = np.exp2(log_start - exponent * SCALE_BITS) * np.where(m % 2, -1.0, 1.0)[:, np.newaxis]
    current, previous = start.copy(), np.zeros_like(start)
    is_scaled = bool(np.any(exponent < 0))
    m2 = (m * m).astype(float)[:, np.newaxis]
    for degree in range(lmax + 1):
        if degree:
            # all m < l go one step; m = l starts
            part = slice(0, degree)
            a = np.sqrt((4.0 * degree * degree - 1) / (degree * degree - m2[part]))
            below = degree - 1.0
            b = np.sqrt(
                np.maximum(below * below - m2[part], 0) / (4 * below * below - 1)
                if degree > 1
                else 0 * m2[part]
            )
            following = a * (z * current[part] - b * previous[part])
            previous[part] = current[part]
            current[part] = following
            if is_scaled and degree % STEPS_PER_LOOK == 0:
                grown = (exponent[part] < 0) & (np.abs(current[part]) > SCALE)
                if grown.any():
                    for values in (current[part], previous[part]):
                        values[grown] /= SCALE
                    exponent[part][grown] += 1
        values = current[: degree + 1]
        yield degree, (np.where(exponent[: degree + 1] == 0, values, 0.0) if is_scaled else values)


def filtered(values, nside, windows) -> np.ndarray:
    r"""Convolve maps on the full sky with axially symmetric kernels.

    Parameters
    ----------
    values : ndarray, shape (maps, 12 nside^2)
        In ring order.
    nside : int
    windows : ndarray, shape (1 or maps, lmax + 1)
        :math:`b_l = 2\pi \int k(\gamma)\,P_l(\cos\gamma)\,d\cos\gamma`: factor of each degree.

    Returns
    -------
    ndarray, shape (maps, 12 nside^2)
    """
    windows = np.broadcast_to(windows, (len(values), np.shape(windows)[-1]))
    size = np.abs(windows) > NEGLIGIBLE * np.max(np.abs(windows), initial=0.0)
    lmax = int(np.max(np.flatnonzero(size.any(axis=0)), initial=0))
    z = _rings(nside)[3]
    northern = 2 * nside
    components = np.ascontiguousarray(_fold(np.asarray(values, dtype=float), lmax, nside).transpose(2, 0, 1))
    # lambda_lm has the parity of l + m: rings of both hemispheres are joined, to work on half of them
    mirrored = components[..., northern - 1 :: 1][..., ::-1].copy()
    mirrored[..., northern - 1] = 0
    north = components[..., :northern]
    even, odd = north + mirrored, north - mirrored
    sums = [even, odd]
    results = [np.zeros_like(even), np.zeros_like(odd)]
    area = 4 * np.pi / (12 * nside**2)
    for degree, functions in _legendre(lmax, z[:northern]):
        window = windows[:, degree] * area
        for parity in (0, 1):
            # those m for which l + m is even see the even sum
            chosen = slice((degree + parity) % 2, degree + 1, 2)
            rows = functions[chosen]
            if not len(rows):
                continue
            a = np.einsum("mr,mkr->mk", rows, sums[parity][chosen])
            results[parity][chosen] += (a * window)[..., np.newaxis] * rows[:, np.newaxis]
    even, odd = results
    joined = np.concatenate([even + odd, (even - odd)[..., northern - 2 :: -1]], axis=-1)
    return _unfold(joined.transpose(1, 2, 0), lmax, nside)


def filtered_keeping_sum(values, nside, windows) -> np.ndarray:
    """Convolve maps on the full sky so that their sums change by the window of degree 0, to the last digit.

    The kernel as seen by the pixels differs a little from pixel to pixel; each pixel is divided by the sum of its own
    kernel first.
    """
    windows = np.atleast_2d(np.asarray(windows, dtype=float))
    ones = np.ones((len(windows), 12 * nside**2))
    norm = windows[:, :1]
    spread = filtered(ones, nside, windows)
    share = np.divide(norm, spread, out=np.ones_like(spread), where=np.abs(spread) > 0.5 * np.abs(norm))
    return filtered(values * share, nside, windows)


def legendre_sum(cosines, weights, lmax) -> np.ndarray:
    """Return the sum of weights times Legendre polynomials P_l of cosines, for l up to lmax.

    Parameters
    ----------
    cosines : ndarray, shape (n,)
    weights : ndarray, shape (maps, n)
    lmax : int

    Returns
    -------
    ndarray, shape (maps, lmax + 1)

    Examples
    --------
    >>> legendre_sum(np.array([1.0, 0.0]), np.array([[1.0, 2.0]]), 2)
    array([[3., 1., 0.]])
    """
    result = np.empty((len(weights), lmax + 1))
    previous, current = np.zeros_like(cosines), np.ones_like(cosines)
    for degree in range(lmax + 1):
        result[:, degree] = weights @ current
        following = ((2 * degree + 1) * cosines * current - degree * previous) / (degree + 1)
        previous, current = current, following
    return result
