"""Projections in plain array arithmetic, for those that maps use most; wcslib for the others.

A projection takes plane coordinates (x, y) to native angles (phi, theta), and these are turned to the sky by a
rotation. For TAN, CAR and AIT both steps are a few array operations, several times faster than wcslib; the rotation is
taken from wcslib, so that it follows all its rules for poles.

References
----------
.. [1] Calabretta & Greisen (2002), A&A 395, 1077, equations 54 (TAN), 83 (CAR), 104-111 (AIT).
"""

from __future__ import annotations

import numpy as np

from ...numerics.angles import length, sine_cosine, unit_vectors, within_turn
from .projection import has_distortion, period, pix_to_sky, projection_code, sky_to_pix

__all__ = ["SkyProjection"]

# Arrays are worked on in pieces that stay in the processor's cache.
BLOCK = 32768

# How far an angle may be off the sky in rad and still count as its edge.
EDGE = 1e-11


def _rotation(wcs):
    """Return the matrix that takes native unit vectors to the sky."""
    inverse = np.linalg.inv(np.radians(wcs.pixel_scale_matrix))
    plane = np.array([[0.0, 0.0], [0.3, 0.0], [0.0, 0.3]])
    pix = plane @ inverse.T + np.asarray(wcs.wcs.crpix) - 1
    found = wcs.wcs.p2s(pix, 0)
    native = np.array(unit_vectors(np.radians(found["phi"]), np.radians(found["theta"])))
    on_sky = np.array(unit_vectors(*np.radians(found["world"]).T))
    u, _, vt = np.linalg.svd(on_sky @ np.linalg.inv(native))
    return u @ vt


def _in_blocks(function, one, two):
    """Return the two results of a function of two arrays that broadcast, computed piece by piece."""
    one, two = np.asarray(one, float), np.asarray(two, float)
    shape = np.broadcast_shapes(one.shape, two.shape)
    size = int(np.prod(shape, dtype=int))
    if size <= 2 * BLOCK:
        return tuple(np.array(np.broadcast_to(values, shape)) for values in function(one, two))
    first, second = np.empty(shape), np.empty(shape)
    if len(shape) == 2 and one.shape != two.shape:
        # A grid: blocks of rows, which keep one array of rows and one of columns.
        rows = max(1, BLOCK // shape[1])
        one, two = (a.reshape((1,) * (2 - a.ndim) + a.shape) for a in (one, two))
        for start in range(0, shape[0], rows):
            part = slice(start, start + rows)
            pieces = (a[part] if a.shape[0] > 1 else a for a in (one, two))
            first[part], second[part] = function(*pieces)
        return first, second
    one, two = (np.broadcast_to(a, shape).ravel() for a in (one, two))
    flat = first.reshape(-1), second.reshape(-1)
    for start in range(0, size, BLOCK):
        part = slice(start, start + BLOCK)
        flat[0][part], flat[1][part] = function(one[part], two[part])
    return first, second


class SkyProjection:
    """From pixel coordinates to the sky and back.

    Parameters
    ----------
    wcs : `~astropy.wcs.WCS`
        Celestial projection, longitude first; must not be changed afterwards.

    Examples
    --------
    >>> from geminga.maps.wcs.projection import make_wcs
    >>> projection = SkyProjection(make_wcs("icrs", "TAN", (10, 20), (-0.1, 0.1), (1, 1)))
    >>> [round(float(angle), 6) for angle in projection.pix_to_sky(0, 0)]
    [10.0, 20.0]
    """

    def __init__(self, wcs):
        self.wcs = wcs
        self.repeat = period(wcs)
        self._code = None
        plain = not has_distortion(wcs) and not any(value != 0 for _, _, value in wcs.wcs.get_pv())
        if plain and projection_code(wcs) in ("TAN", "CAR", "AIT"):
            self._code = projection_code(wcs)
            self._matrix = np.radians(wcs.pixel_scale_matrix)
            self._inverse = np.linalg.inv(self._matrix)
            self._reference = np.asarray(wcs.wcs.crpix) - 1
            self._rotation = _rotation(wcs)
            self._turns_only = self._rotation[2, 2] > 1 - 1e-15
            self._origin = np.arctan2(self._rotation[1, 0], self._rotation[0, 0])

    # ------------------------------------------------------------------ pixels to sky

    def _plane(self, x, y):
        (xx, xy), (yx, yy) = self._matrix
        x, y = x - self._reference[0], y - self._reference[1]
        return (xx * x + xy * y if xy else xx * x), (yx * x + yy * y if yx else yy * y)

    def pix_to_sky(self, x, y):
        """Return longitude and latitude in degrees; NaN off the sky.

        Parameters
        ----------
        x, y : array_like
            Pixel coordinates, the first pixel is 0; they broadcast against each other.
        """
        if self._code is None:
            return pix_to_sky(self.wcs, x, y)
        return _in_blocks(self._to_sky, x, y)

    def _to_sky(self, x, y):
        lon, lat = getattr(self, f"_{self._code.lower()}_to_sky")(*self._plane(x, y))
        return within_turn(np.degrees(lon)), np.degrees(lat)

    def _turned(self, n0, n1, n2):
        """Return longitude and latitude in rad of native vectors of any length."""
        r = self._rotation
        a, b, c = (row[0] * n0 + row[1] * n1 + row[2] * n2 for row in r)
        return np.arctan2(b, a), np.arctan2(c, length(a, b))

    def _tan_to_sky(self, x, y):
        return self._turned(-y, x, 1.0)

    def _car_to_sky(self, x, y):
        y = np.where(np.abs(y) <= np.pi / 2 + EDGE, np.clip(y, -np.pi / 2, np.pi / 2), np.nan)
        if self._turns_only:
            return x + self._origin, y
        return self._turned(*unit_vectors(x, y))

    def _ait_to_sky(self, x, y):
        squared = 1 - (x / 4) ** 2 - (y / 2) ** 2
        root = np.sqrt(np.where(squared >= 0.5 - EDGE, squared, np.nan))
        phi = 2 * np.arctan2(root * x / 2, 2 * root * root - 1)
        theta = np.arcsin(np.clip(y * root, -1, 1))
        if self._turns_only:
            return phi + self._origin, theta
        return self._turned(*unit_vectors(phi, theta))

    # ------------------------------------------------------------------ sky to pixels

    def sky_to_pix(self, lon, lat, center=None):
        """Return pixel coordinates, the first pixel is 0; NaN where there are none.

        Parameters
        ----------
        lon, lat : array_like
            In degrees; they broadcast against each other.
        center : float, optional
            Middle of the image along x. On projections that repeat themselves, the pixel nearest to it is returned.
        """
        if self._code is None:
            return sky_to_pix(self.wcs, lon, lat, center)
        return _in_blocks(lambda a, b: self._to_pix(a, b, center), lon, lat)

    def _to_pix(self, lon, lat, center):
        x, y = getattr(self, f"_sky_to_{self._code.lower()}")(np.radians(lon), np.radians(lat))
        (xx, xy), (yx, yy) = self._inverse
        pix_x = (xx * x + xy * y if xy else xx * x) + self._reference[0]
        pix_y = (yx * x + yy * y if yx else yy * y) + self._reference[1]
        if self.repeat and center is not None and abs(center - self._reference[0]) > 1e-6 * self.repeat:
            turns = (center - pix_x) / self.repeat
            pix_x = np.where(np.abs(turns) > 0.5 + 1e-12, pix_x + self.repeat * np.rint(turns), pix_x)
        return pix_x, pix_y

    def _native(self, lon, lat):
        """Return native unit vectors."""
        a, b, c = unit_vectors(lon, lat)
        r = self._rotation.T
        return tuple(row[0] * a + row[1] * b + row[2] * c for row in r)

    def _native_angles(self, lon, lat):
        """Return native longitude, from above -pi to pi, and latitude."""
        if self._turns_only:
            phi = lon - self._origin
            # Half a turn may come out as a hair more or less.
            return phi - 2 * np.pi * np.ceil((phi - np.pi) / (2 * np.pi) - 1e-14), lat
        n0, n1, n2 = self._native(lon, lat)
        return np.arctan2(n1, n0), np.arctan2(n2, length(n0, n1))

    def _sky_to_tan(self, lon, lat):
        n0, n1, n2 = self._native(lon, lat)
        n2 = np.where(n2 > EDGE, n2, np.nan)
        return n1 / n2, -n0 / n2

    def _sky_to_car(self, lon, lat):
        phi, theta = self._native_angles(lon, lat)
        return phi, np.where(np.abs(theta) <= np.pi / 2 + EDGE, theta, np.nan)

    def _sky_to_ait(self, lon, lat):
        phi, theta = self._native_angles(lon, lat)
        (sine, cosine), (sine_half, cosine_half) = sine_cosine(theta), sine_cosine(phi / 2)
        gamma = np.sqrt(2 / (1 + cosine * cosine_half))
        return 2 * gamma * cosine * sine_half, gamma * sine
