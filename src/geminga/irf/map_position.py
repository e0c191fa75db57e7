"""Positions on response maps: the nearest pixel with exposure, and weights between pixels."""

from __future__ import annotations

import numpy as np

__all__ = ["interpolated_profile", "nearest_pixel"]


def _image(irf_map):
    """Return the image of a response; it is kept with its geometry, so that the projection is set up only once."""
    geom = irf_map._irf_map.geom
    kept = irf_map.__dict__.get("_image")
    if kept is None or kept[0] is not geom:
        kept = irf_map.__dict__["_image"] = (geom, geom.to_image())
    return kept[1]


def _position(irf_map, position):
    return _image(irf_map).center_skydir if position is None else position


def nearest_pixel(irf_map, position=None) -> tuple[int, ...]:
    """Return the data index of the pixel of a position, or of the nearest pixel with exposure.

    Parameters
    ----------
    irf_map : `IRFMap`
    position : `~astropy.coordinates.SkyCoord`, optional
        By default the centre of the map.

    Returns
    -------
    tuple of int
        ``(row, column)``, for HEALPix maps ``(pixel,)``.
    """
    image = _image(irf_map)
    shape = tuple(image.data_shape)
    if irf_map.has_single_spatial_bin:
        return (0,) * len(shape)
    position = _position(irf_map, position)
    good = irf_map.mask_safe_image.data
    if not image.is_hpx:
        idx = tuple(int(np.ravel(i)[0]) for i in image.coord_to_idx(position)[::-1])
        if min(idx) >= 0 and (good[idx] or not good.any()):
            return idx
    separation = np.asarray(image.separation(position).value).reshape(shape)
    if good.any():
        separation = np.where(good, separation, np.inf)
    return tuple(int(i) for i in np.unravel_index(np.nanargmin(separation), shape))


def interpolated_profile(irf_map, position=None) -> np.ndarray:
    """Return the response at a position, interpolated between the centres of pixels with exposure.

    Outside of the centres, and without exposure around, the nearest pixel with exposure counts.

    Parameters
    ----------
    irf_map : `IRFMap`
    position : `~astropy.coordinates.SkyCoord`, optional
        By default the centre of the map.

    Returns
    -------
    ndarray, shape of the axes
    """
    data = irf_map._irf_map.data
    image = _image(irf_map)
    if irf_map.has_single_spatial_bin or image.is_hpx:
        return np.asarray(data[(..., *nearest_pixel(irf_map, position))], dtype=float)
    position = _position(irf_map, position)
    good = irf_map.mask_safe_image.data
    idx = tuple(int(np.ravel(i)[0]) for i in image.coord_to_idx(position)[::-1])
    if min(idx) < 0 or not good[idx]:
        return np.asarray(data[(..., *nearest_pixel(irf_map, position))], dtype=float)
    result, total = 0.0, 0.0
    pix = (float(np.ravel(p)[0]) for p in image.coord_to_pix(position)[::-1])
    corners = [_neighbours(p, n) for p, n in zip(pix, good.shape, strict=True)]
    for row, weight_row in corners[0]:
        for column, weight_column in corners[1]:
            weight = weight_row * weight_column * good[row, column]
            if weight > 0:
                result = result + weight * np.asarray(data[..., row, column], dtype=float)
                total += weight
    return result / total


def _neighbours(pix, size) -> list[tuple[int, float]]:
    """Return the two pixels around a coordinate and their weights; one pixel beyond the outer centres."""
    pix = min(max(pix, 0.0), size - 1.0)
    low = min(int(pix), max(size - 2, 0))
    weight = pix - low
    return [(low, 1 - weight), (low + 1, weight)] if weight > 0 else [(low, 1.0)]
