r"""Solid angle of pixels: the area on the sphere of what lies within straight pixel sides.

With plane coordinates :math:`(x, y)` in rad and the area element :math:`J(x, y)` of the projection, a pixel has

.. math:: \Omega = \int J(x, y) \, dx \, dy .

On equal-area projections J is constant; for the common cylindrical and zenithal ones it is a short formula, integrated
exactly or by Gauss-Legendre quadrature. All others go through spherical polygons, refined at the middle of each side.

References
----------
.. [1] Calabretta & Greisen (2002), A&A 395, 1077, section 5: the projections.
.. [2] Van Oosterom & Strackee (1983), IEEE Trans. Biomed. Eng. 30, 125: solid angle of a triangle.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .projection import has_distortion, pix_to_sky, projection_code

__all__ = ["pixel_areas"]

# Along the limb a pixel is cut into so many squared parts.
LIMB_PARTS = 32
ROOT8, ROOT2 = np.sqrt(8.0), np.sqrt(2.0)


@dataclass(frozen=True)
class AreaElement:
    """Area element of a projection and where the projection is defined; arguments are plane coordinates in rad."""

    density: Callable
    inside: Callable | None = None
    # Antiderivative of the density along y, for projections on which it depends on y alone.
    along_y: Callable | None = None


def _one(x, y):
    return np.ones(np.broadcast(x, y).shape)


def _radius2(x, y):
    return x * x + y * y


def _tan_density(x, y):
    cosine2 = 1 / (1 + _radius2(x, y))
    return cosine2 * np.sqrt(cosine2)


def _arc_density(x, y):
    return np.sinc(np.sqrt(_radius2(x, y)) / np.pi)


def _sin_density(x, y):
    return 1 / np.sqrt(np.maximum(1 - _radius2(x, y), 1e-12))


def _aitoff_ellipse(x, y):
    return (x / ROOT8) ** 2 + (y / ROOT2) ** 2 <= 1


ELEMENTS = {
    "CAR": AreaElement(
        lambda x, y: np.cos(np.clip(y, -np.pi / 2, np.pi / 2)) + 0 * x,
        lambda x, y: np.abs(y) <= np.pi / 2,
        lambda y: np.sin(np.clip(y, -np.pi / 2, np.pi / 2)),
    ),
    "MER": AreaElement(lambda x, y: np.cosh(np.clip(y, -300, 300)) ** -2 + 0 * x, None, np.tanh),
    "CEA": AreaElement(_one, lambda x, y: np.abs(y) <= 1, lambda y: np.clip(y, -1, 1)),
    "TAN": AreaElement(_tan_density),
    "STG": AreaElement(lambda x, y: (1 + _radius2(x, y) / 4) ** -2.0),
    "SIN": AreaElement(_sin_density, lambda x, y: _radius2(x, y) <= 1),
    "ARC": AreaElement(_arc_density, lambda x, y: _radius2(x, y) <= np.pi**2),
    "ZEA": AreaElement(_one, lambda x, y: _radius2(x, y) <= 4),
    "AIT": AreaElement(_one, _aitoff_ellipse),
    "MOL": AreaElement(_one, _aitoff_ellipse),
    "SFL": AreaElement(_one, lambda x, y: (np.abs(y) <= np.pi / 2) & (np.abs(x) <= np.pi * np.cos(y))),
    "PAR": AreaElement(
        lambda x, y: _one(x, y) * (3 / np.pi),
        lambda x, y: (np.abs(y) <= np.pi / 2) & (np.abs(x) <= np.pi - 4 * y * y / np.pi),
    ),
}


def _element(wcs) -> AreaElement | None:
    """Return the formulas of a projection, None if it is bent or has parameters that change them."""
    if has_distortion(wcs) or any(value != 0 for index, number, value in wcs.wcs.get_pv() if index == 2):
        return None
    return ELEMENTS.get(projection_code(wcs))


def _plane(wcs, x, y):
    """Return plane coordinates in rad of pixel coordinates (first pixel is 0)."""
    (xx, xy), (yx, yy) = np.radians(wcs.pixel_scale_matrix)
    x, y = x - (wcs.wcs.crpix[0] - 1), y - (wcs.wcs.crpix[1] - 1)
    return (xx * x + xy * y if xy else xx * x), (yx * x + yy * y if yx else yy * y)


def pixel_areas(wcs, nx, ny) -> np.ndarray:
    """Return the solid angle of each pixel of an image.

    Parameters
    ----------
    wcs : `~astropy.wcs.WCS`
        Celestial projection.
    nx, ny : int
        Numbers of pixels.

    Returns
    -------
    ndarray, shape (ny, nx)
        In sr. Pixels beyond the limb of the projection have 0, those on it the area of their part on the sky.

    Examples
    --------
    >>> from geminga.maps.wcs.projection import make_wcs
    >>> wcs = make_wcs("icrs", "CAR", (0, 0), (-10, 10), (18.5, 9.5))
    >>> round(float(pixel_areas(wcs, 36, 18).sum() / (4 * np.pi)), 12)
    1.0
    """
    element = _element(wcs)
    if element is None:
        return _areas_by_polygons(wcs, nx, ny)
    matrix = np.radians(wcs.pixel_scale_matrix)
    if element.along_y is not None and matrix[0, 1] == 0 and matrix[1, 0] == 0:
        _, edges = _plane(wcs, 0.0, np.arange(ny + 1) - 0.5)
        rows = np.abs(np.diff(element.along_y(edges))) * abs(matrix[0, 0])
        return np.repeat(rows[:, np.newaxis], nx, axis=1)
    area = abs(np.linalg.det(matrix))
    size = np.abs(matrix).max()
    # One point is enough where the density is the same everywhere.
    nodes, weights = np.polynomial.legendre.leggauss(
        1 if element.density is _one else 2 if size < 0.01 else 5
    )
    x, y = np.arange(nx), np.arange(ny)[:, np.newaxis]
    result = np.zeros((ny, nx))
    for node_y, weight_y in zip(nodes / 2, weights / 2, strict=True):
        for node_x, weight_x in zip(nodes / 2, weights / 2, strict=True):
            result += weight_x * weight_y * element.density(*_plane(wcs, x + node_x, y + node_y))
    result *= area
    if element.inside is not None:
        _cut_at_limb(result, element, wcs, area)
    return result


def _cut_at_limb(result, element, wcs, area):
    """Replace, in place, the areas of pixels that are not wholly on the sky."""
    ny, nx = result.shape
    corner_x, corner_y = np.arange(nx + 1) - 0.5, (np.arange(ny + 1) - 0.5)[:, np.newaxis]
    inside = element.inside(*_plane(wcs, corner_x, corner_y))
    corners = np.stack([inside[:-1, :-1], inside[1:, :-1], inside[:-1, 1:], inside[1:, 1:]])
    # The sky is convex on all these projections: four corners inside mean the whole pixel is.
    whole = corners.all(axis=0)
    if whole.all():
        return
    touched = corners.any(axis=0)
    near = np.zeros_like(touched)
    padded = np.pad(touched, 1)
    for shift_y in range(3):
        for shift_x in range(3):
            near |= padded[shift_y : shift_y + ny, shift_x : shift_x + nx]
    # An image that is smaller than the sky's limb curvature, or one pixel for the sky, has no corner inside.
    near |= ~touched.any()
    result[~whole] = 0
    rows, columns = np.nonzero(near & ~whole)
    parts = (np.arange(LIMB_PARTS) + 0.5) / LIMB_PARTS - 0.5
    for start in range(0, len(rows), 1024):
        row, column = rows[start : start + 1024], columns[start : start + 1024]
        x, y = _plane(
            wcs,
            column[:, np.newaxis, np.newaxis] + parts,
            row[:, np.newaxis, np.newaxis] + parts[:, np.newaxis],
        )
        values = np.where(element.inside(x, y), element.density(x, y), 0)
        result[row, column] = values.mean(axis=(1, 2)) * area


def _unit_vectors(wcs, x, y):
    # wcslib has no answer exactly on the axis of the polyconic projection.
    lon, lat = (np.radians(angle) for angle in pix_to_sky(wcs, x + 1e-10, y))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def _triangle(a, b, c):
    """Return the signed solid angle of spherical triangles."""
    triple = np.einsum("...i,...i", a, np.cross(b - a, c - a))
    dots = (np.einsum("...i,...i", p, q) for p, q in ((a, b), (b, c), (c, a)))
    return 2 * np.arctan2(triple, 1 + sum(dots))


def _fan(centre, ring):
    """Return the solid angle of the polygons with corners `ring` around `centre`."""
    return np.abs(sum(_triangle(centre, ring[k - 1], ring[k]) for k in range(len(ring))))


def _polygon_areas(wcs, x, y, half=0.5):
    """Return the solid angle of square cells; polygons of 4 and 8 corners, extrapolated to curved sides."""
    steps = [(-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0)]
    ring = [_unit_vectors(wcs, x + half * dx, y + half * dy) for dx, dy in steps]
    centre = _unit_vectors(wcs, x, y)
    coarse, fine = _fan(centre, ring[::2]), _fan(centre, ring)
    return fine + (fine - coarse) / 3


def _areas_by_polygons(wcs, nx, ny):
    y, x = np.mgrid[0:ny, 0:nx].astype(float)
    result = _polygon_areas(wcs, x, y)
    missing = ~np.isfinite(result)
    if missing.any():
        # Cut pixels at the limb into parts and keep those that are wholly on the sky.
        parts = (np.arange(8) + 0.5) / 8 - 0.5
        part_y, part_x = np.meshgrid(parts, parts, indexing="ij")
        rows, columns = np.nonzero(missing)
        x, y = columns[:, np.newaxis] + part_x.ravel(), rows[:, np.newaxis] + part_y.ravel()
        result[missing] = np.nansum(_polygon_areas(wcs, x, y, half=0.5 / 8), axis=1)
    return result
