"""Interpolation in HEALPix maps: bilinear among four pixels, linear along the axes."""

from __future__ import annotations

import itertools

import numpy as np

from ...errors import UnknownNameError
from ..coord import MapCoord
from ..wcs.arguments import compressed

__all__ = ["interp_by_coord"]

METHODS = {0: "nearest", 1: "linear", None: "linear"}


def interp_by_coord(m, coords, method="linear", fill_value=None) -> np.ndarray:
    """Interpolate a map at coordinates; `HpxNDMap.interp_by_coord`.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
    coords : tuple, dict, `~geminga.maps.MapCoord` or `~astropy.coordinates.SkyCoord`
    method : {"linear", "nearest"}
    fill_value : float, optional
        Value outside the pixels, by default 0, and beyond the ends of the axes, where the map is extrapolated by
        default.

    Returns
    -------
    ndarray
        NaN in the map counts as 0.
    """
    method = METHODS.get(method, method)
    geom = m.geom
    coords = MapCoord.create(coords, frame=geom.frame, axis_names=geom.axes.names)
    if method == "nearest":
        values = m.get_by_coord(coords, fill_value=0 if fill_value is None else fill_value)
        return np.where(np.isnan(values), 0, values) if values.dtype.kind == "f" else values.astype(float)
    if method != "linear":
        raise UnknownNameError("interpolation method of HEALPix maps", method, ("linear", "nearest"))
    nodes = [np.asarray(p, dtype=float) for p in geom.axes.coord_to_pix(coords._matched(geom.axes.names))]
    choices = [_corners(node, axis.nbin) for node, axis in zip(nodes, geom.axes, strict=True)]
    lon, lat = coords._lonlat
    shape = np.broadcast_shapes(lon.shape, lat.shape, *(node.shape for node in nodes))
    image = geom.to_image() if geom.is_regular else None
    if image is not None:
        # positions are looked up once for all bins; those of a cube repeat those of an image
        lon, lat = (compressed(np.broadcast_to(angle, shape)) for angle in (lon, lat))
    position = {"lon": lon, "lat": lat}
    if image is not None:
        (places,), weights = image.interp_weights(MapCoord(position, frame=geom.frame))
    result = np.zeros(shape)
    for corner in itertools.product(*choices):
        bins = [place for place, _ in corner]
        if image is None:
            spread = [np.broadcast_to(b, shape) for b in bins]
            at = MapCoord({n: np.broadcast_to(v, shape) for n, v in position.items()}, frame=geom.frame)
            (places, *_), weights = _irregular_weights(geom, at, spread)
        factor = 1.0
        for _, weight in corner:
            factor = factor * weight
        values = m.data[(*bins[::-1], places)] if bins else m.data[places]
        values = np.where(np.isnan(values), 0, values) if values.dtype.kind == "f" else values
        result = result + factor * np.sum(values * weights, axis=0)
    return np.where(
        _outside(geom, coords, nodes, fill_value), 0 if fill_value is None else fill_value, result
    )


def _irregular_weights(geom, position, bins):
    names = dict(zip(geom.axes.names, geom.axes.pix_to_coord([b.astype(float) for b in bins]), strict=True))
    data = {"lon": position.lon, "lat": position.lat} | names
    return geom.interp_weights(MapCoord(data, frame=position.frame), idxs=tuple(bins))


def _corners(node, length):
    """Return the bins on both sides of pixel coordinates with their weights."""
    if length == 1:
        return [(np.zeros(node.shape, dtype=np.intp), np.where(np.isnan(node), np.nan, 1.0))]
    lower = np.floor(np.where(np.isnan(node), 0, np.clip(node, -1e9, 1e9))).astype(np.intp)
    lower = np.clip(lower, 0, length - 2)
    weight = node - lower
    return [(lower, 1 - weight), (lower + 1, weight)]


def _outside(geom, coords, nodes, fill_value):
    """Return where the pixel that contains a position is not in the geometry, or an axis has ended."""
    outside = (
        np.asarray(geom.global_to_local((geom._spatial_coord_to_pix(coords)[0],))[0] < 0)
        if (geom.is_regular)
        else geom.coord_to_idx(coords, clip=False)[0] < 0
    )
    if fill_value is not None:
        for node, axis in zip(nodes, geom.axes, strict=True):
            if axis.nbin > 1:
                outside = outside | (node < -0.5 - 1e-9) | (node > axis.nbin - 0.5 + 1e-9)
            outside = outside | np.isnan(node)
    return outside
