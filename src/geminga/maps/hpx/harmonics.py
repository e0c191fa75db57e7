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

# Legendre functions are tabled in blocks of orders, of about so many numbers, at least so many orders.
BLOCK, LEAST = 1 << 22, 8


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


def _northern_rings(pixels, nside) -> np.ndarray:
    """Return which rings of the northern hemisphere have some of the pixels, or their mirror images do."""
    ring = np.searchsorted(_rings(nside)[0], pixels, side="right") - 1
    result = np.zeros(2 * nside, dtype=bool)
    result[np.minimum(ring, 4 * nside - 2 - ring)] = True
    return result


def _ring_groups(nside):
    """Iterate over the groups of rings with equal numbers of pixels."""
    first, number, phi, _ = _rings(nside)
    for n in np.unique(number):
        rings = np.flatnonzero(number == n)
        yield rings, first[rings][:, np.newaxis] + np.arange(n), phi[rings], int(n)


def _fold(values, m, nside):
    """Return the Fourier components of orders m of each ring, shape (maps, rings, orders)."""
    result = np.empty((len(values), 4 * nside - 1, len(m)), dtype=complex)
    for rings, pixels, phi, n in _ring_groups(nside):
        spectrum = np.fft.fft(values[:, pixels], axis=-1)
        result[:, rings] = spectrum[..., m % n] * np.exp(-1j * m * phi[:, np.newaxis])
    return result


def _unfold(components, m, nside):
    """Return the values on the pixels from the Fourier components of orders m of each ring."""
    values = np.empty((len(components), 12 * nside**2))
    weight = np.where(m == 0, 1, 2)
    for rings, pixels, phi, n in _ring_groups(nside):
        turned = components[:, rings] * (weight * np.exp(1j * m * phi[:, np.newaxis]))
        # frequencies above those of a short ring fall onto lower ones
        spectrum = np.zeros((*turned.shape[:-1], n), dtype=complex)
        for turn in range(int(m[-1]) // n + 1):
            own = (m >= turn * n) & (m < (turn + 1) * n)
            spectrum[..., m[own] - turn * n] += turned[..., own]
        values[:, pixels] = np.fft.ifft(spectrum, axis=-1).real * n
    return values


def _legendre(orders, lmax, z, memory=None):
    """Return the normalised Legendre functions of some orders, shape (orders, degrees, rings).

    Degrees go from the lowest order to lmax; the functions are 0 for l < m. With `memory`, a flat array, the table
    is a view of it, in which l < m means nothing: new memory for each table would take as long as to fill it.

    They start with l = m and go up in l, which is stable; where they would underflow a power of two is kept apart.
    """
    sine = np.sqrt(1 - z * z)
    k = np.arange(1, lmax + 1)
    # log2 of lambda_mm: the product of sqrt((2 k + 1) / (2 k)) sin(theta) over k, over sqrt(4 pi)
    steps = np.concatenate([[0.0], np.cumsum(0.5 * np.log2((2 * k + 1) / (2 * k)))])
    m = np.asarray(orders)[:, np.newaxis]
    log_start = steps[m] + m * np.log2(sine) - 0.5 * np.log2(4 * np.pi)
    exponent = np.minimum(np.ceil(log_start / SCALE_BITS + 0.5), 0).astype(int)
    start = np.exp2(log_start - exponent * SCALE_BITS) * np.where(m % 2, -1.0, 1.0)
    is_scaled = bool(np.any(exponent < 0))
    lowest = int(orders[0])
    shape = (len(orders), lmax + 1 - lowest, len(z))
    table = np.zeros(shape) if memory is None else memory[: np.prod(shape)].reshape(shape)
    current, previous, scratch = (np.zeros_like(start) for _ in range(3))
    up, down = _recursion(np.asarray(orders), np.arange(lowest, lmax + 1))
    began, plain = 0, 0
    for row, degree in enumerate(range(lowest, lmax + 1)):
        part = slice(0, began)
        following = table[part, row]
        # Rows of the table serve once they hold the functions themselves.
        one, two = (
            (table[part, row - 1], table[part, row - 2]) if plain > 1 else (current[part], previous[part])
        )
        np.multiply(z, one, out=following)
        following *= up[row, part]
        np.multiply(two, down[row, part], out=scratch[part])
        following -= scratch[part]
        while began < len(orders) and orders[began] == degree:
            following = table[: began + 1, row]
            following[began] = start[began]
            began += 1
        if not is_scaled:
            plain += 1
        if plain > 1:
            continue
        previous[part], current[:began] = current[part], following
        if is_scaled and degree % STEPS_PER_LOOK == 0:
            grown = (exponent < 0) & (np.abs(current) > SCALE)
            grown[began:] = False
            current[grown] /= SCALE
            previous[grown] /= SCALE
            exponent[grown] += 1
        if is_scaled:
            following[...] = np.where(exponent[:began] < 0, 0, current[:began])
            is_scaled = began < len(orders) or bool(np.any(exponent < 0))
    return table


def _recursion(orders, degrees):
    """Return the factors of z and of the function two degrees below, shape (degrees, orders, 1) each.

    They are 0 up to the degree of the order, where the functions begin.
    """
    m2 = (orders * orders).astype(float)
    degree = degrees[:, np.newaxis].astype(float)
    below = degree - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        up = np.sqrt((4 * degree * degree - 1) / (degree * degree - m2))
        down = up * np.sqrt((below * below - m2) / (4 * below * below - 1))
    begun = degree > orders
    up, down = np.where(begun, up, 0), np.where(begun & (degree > orders + 1), down, 0)
    return up[..., np.newaxis], down[..., np.newaxis]


def _filter_rings(components, windows, orders, z, nside, wanted) -> None:
    """Apply windows to Fourier components of the rings, in place.

    Parameters
    ----------
    components : ndarray, shape (len(orders), rings, maps)
    windows : ndarray, shape (maps, lmax + 1)
    orders : ndarray of int
        Rising.
    z : ndarray, shape (rings,)
        Cosine of the polar angle of the rings of the northern hemisphere, the equator last.
    nside : int
    wanted : ndarray of bool, shape (rings,)
        Rings of `z` on which the result is needed, there or in the south; it is 0 elsewhere.
    """
    lmax, equator = windows.shape[1] - 1, len(z) - 1
    area = 4 * np.pi / (12 * nside**2)
    sine = np.sqrt(1 - z * z)
    start, memory = 0, np.empty(max(BLOCK, LEAST * (lmax + 1) * len(z)))
    while start < len(orders):
        per_block = max(LEAST, BLOCK // ((lmax + 1 - int(orders[start])) * len(z)))
        part = slice(start, start + per_block)
        start += per_block
        m = orders[part]
        # near the poles functions of high order vanish
        first = int(np.argmax(sine * lmax + max(100, 0.01 * lmax) >= m[0]))
        north, south = components[part, : equator + 1], components[part, equator:][:, ::-1]
        used = wanted | np.any(north, axis=(0, 2)) | np.any(south, axis=(0, 2))
        rings = first + np.flatnonzero(used[first:])
        table = _legendre(m, lmax, z[rings], memory)
        north, south = north[:, rings], south[:, rings]
        # lambda_lm has the parity of l + m: rings of both hemispheres are joined, to work on half of them
        joined = [north + south, north - south]
        for both in joined:
            both[:, rings == equator] /= 2
        filtered_pair = []
        for parity in (0, 1):
            result = np.empty_like(joined[parity])
            for i, order in enumerate(m):
                # l of both parities are in the table; half of them see the even sum, half the odd one
                seen = slice(int(order - m[0] + parity), None, 2)
                rows, pair = table[i, seen], joined[parity][i].view(float)
                spectrum = rows @ pair
                spectrum *= np.repeat(windows[:, m[0] :][:, seen].T * area, 2, axis=1)
                result[i] = (rows.T @ spectrum).view(complex)
            filtered_pair.append(result)
        even, odd = filtered_pair
        components[part] = 0
        components[part, 2 * equator - rings] = even - odd
        components[part, rings] = even + odd


def filtered(values, nside, windows, step=1, wanted=None) -> np.ndarray:
    r"""Convolve maps on the full sky with axially symmetric kernels.

    Parameters
    ----------
    values : ndarray, shape (maps, 12 nside^2)
        In ring order.
    nside : int
    windows : ndarray, shape (1 or maps, lmax + 1)
        :math:`b_l = 2\pi \int k(\gamma)\,P_l(\cos\gamma)\,d\cos\gamma`: factor of each degree.
    step : int
        Orders m that are no multiple of this are known to vanish.
    wanted : ndarray of int, optional
        Pixels whose values are needed; those of other rings may be 0 instead. By default all.

    Returns
    -------
    ndarray, shape (maps, 12 nside^2)
    """
    windows = np.broadcast_to(windows, (len(values), np.shape(windows)[-1]))
    size = np.abs(windows) > NEGLIGIBLE * np.max(np.abs(windows), initial=0.0)
    lmax = int(np.max(np.flatnonzero(size.any(axis=0)), initial=0))
    orders = np.arange(0, lmax + 1, step)
    components = np.ascontiguousarray(
        _fold(np.asarray(values, dtype=float), orders, nside).transpose(2, 1, 0)
    )
    z = _rings(nside)[3][: 2 * nside]
    rings = np.ones(2 * nside, dtype=bool) if wanted is None else _northern_rings(wanted, nside)
    _filter_rings(components, windows[:, : lmax + 1], orders, z, nside, rings)
    return _unfold(components.transpose(2, 1, 0), orders, nside)


def filtered_keeping_sum(values, nside, windows, wanted=None) -> np.ndarray:
    """Convolve maps on the full sky so that their sums change by the window of degree 0, to the last digit.

    The kernel as seen by the pixels differs a little from pixel to pixel; each pixel is divided by the sum of its own
    kernel first. Outside the rings of the `wanted` pixels, and where the map is 0, the result may be 0.
    """
    windows = np.atleast_2d(np.asarray(windows, dtype=float))
    norm = windows[:, :1]
    # the pixels repeat in each quarter of a ring
    pixels = None if wanted is None else np.union1d(wanted, np.flatnonzero(np.any(values, axis=0)))
    spread = filtered(np.ones((len(windows), 12 * nside**2)), nside, windows, step=4, wanted=pixels)
    share = np.divide(norm, spread, out=np.ones_like(spread), where=np.abs(spread) > 0.5 * np.abs(norm))
    return filtered(values * share, nside, windows, wanted=wanted)


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
