"""Exclusion masks: where the sky may serve to measure background. Sky outside of a mask may."""

from __future__ import annotations

import numpy as np

from ...errors import DataError, GeometryError

__all__ = ["allowed_at", "allowed_bins", "check_exclusion_mask"]


def check_exclusion_mask(mask):
    """Return an exclusion mask, or None, as it is; raise DataError unless it holds booleans."""
    if mask is not None and not mask.is_mask:
        raise DataError(
            f"exclusion_mask must hold booleans, got {mask.data.dtype}. Compare the map with a number."
        )
    return mask


def allowed_at(mask, coords):
    """Return at which positions a mask is True; outside of it everything is allowed.

    Parameters
    ----------
    mask : `~geminga.maps.WcsNDMap` of bool
        With axes, a position is allowed where it is so in any bin.
    coords : `~astropy.coordinates.SkyCoord`

    Returns
    -------
    ndarray of bool
    """
    image = mask if mask.geom.is_image else mask.reduce_over_axes(func=np.logical_or, keepdims=False)
    position = coords.transform_to(image.geom.frame)
    return _looked_up(image, {"lon": position.data.lon, "lat": position.data.lat})


def allowed_bins(mask, geom):
    """Return in which bins of a geometry a mask is True; outside of it everything is allowed.

    Parameters
    ----------
    mask : `~geminga.maps.WcsNDMap` of bool, or None
        An image, or with an axis of the geometry. None allows everything.
    geom : `~geminga.maps.Geom`

    Returns
    -------
    ndarray of bool
        Broadcasts to the data of the geometry.
    """
    if mask is None:
        return np.ones((1,) * len(geom.data_shape), dtype=bool)
    unknown = [name for name in mask.geom.axes.names if name not in geom.axes.names]
    if unknown:
        raise GeometryError(
            f"axes of exclusion_mask must be among {geom.axes.names}, got {unknown}. Reduce the mask to an image."
        )
    coords = (geom.to_image() if mask.geom.is_image else geom).get_coord(frame=mask.geom.frame, sparse=True)
    values = _looked_up(mask, {name: coords[name] for name in ("lon", "lat", *mask.geom.axes.names)})
    return values.reshape((1,) * (len(geom.data_shape) - values.ndim) + values.shape)


def _looked_up(mask, coords):
    values = np.asarray(mask.get_by_coord(coords, fill_value=1.0), dtype=float)
    return np.isnan(values) | (values > 0)
