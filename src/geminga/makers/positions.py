"""Where the pixels of a geometry are in the field of view of an observation."""

from __future__ import annotations

import numpy as np
from astropy import units as u

__all__ = ["along", "average_over_region", "data_on", "pixel_offsets", "pixel_positions"]


def pixel_positions(geom, use_region_center=True):
    """Return sky positions at which a response is evaluated, and their weights.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    use_region_center : bool
        For a region, take its centre instead of an average over its area.

    Returns
    -------
    positions : `~astropy.coordinates.SkyCoord`
        Pixel centres of an image, shape (n_lat, n_lon), or (1, n) for HEALPix; one position, shape (1, 1), for a
        region and its centre; positions inside the region, shape (1, n), for an average.
    weights : ndarray or None
        Weights of the average.
    """
    image = geom.to_image()
    if not geom.is_region:
        return np.atleast_2d(image.get_coord().skycoord), None
    if use_region_center or image.is_all_point_sky_regions:
        return image.center_skydir.reshape(1, 1), None
    coords, weights = image.get_wcs_coord_and_weights()
    return coords.skycoord.reshape(1, -1), np.asarray(weights, dtype=float).reshape(1, -1)


def pixel_offsets(geom, pointing, use_region_center=True):
    """Return offsets from a pointing at which a response is evaluated, and their weights.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    pointing : `~astropy.coordinates.SkyCoord`
    use_region_center : bool
        For a region, take its centre instead of an average over its area.

    Returns
    -------
    offsets : `~astropy.units.Quantity`
        At the positions of `pixel_positions`.
    weights : ndarray or None
        Weights of the average.
    """
    if not geom.is_region:
        return np.atleast_2d(geom.to_image().separation(pointing)), None
    positions, weights = pixel_positions(geom, use_region_center)
    return positions.separation(pointing), weights


def average_over_region(values, weights):
    """Return the weighted average over the positions of a region, keeping one pixel."""
    if weights is None:
        return values
    unit = getattr(values, "unit", None)
    mean = np.average(
        getattr(values, "value", values), axis=-1, weights=np.broadcast_to(weights, values.shape)
    )
    mean = mean[..., np.newaxis]
    return mean if unit is None else u.Quantity(mean, unit)


def along(axis, geom):
    """Return the centres of an axis of a geometry along its dimension of the data, with two dimensions of positions."""
    shape = [1] * (len(geom.axes) + 2)
    shape[geom.axes.index_data(axis.name)] = -1
    return axis.center.reshape(shape)


def data_on(geom, values) -> np.ndarray:
    """Return values at positions, broadcast along the axes of a geometry, as new data for it.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
    values : ndarray, shape (..., *positions)
        With two dimensions of positions, as those of `pixel_positions`.
    """
    axes = geom.data_shape[: len(geom.axes)]
    return np.broadcast_to(values, (*axes, *values.shape[-2:])).reshape(geom.data_shape).copy()
