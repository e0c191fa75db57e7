"""Maps whose images have different pixels: what is done image by image, each in its own pixels."""

from __future__ import annotations

import numpy as np

from ...errors import UnknownNameError
from ...numerics.scales import interpolation_scale
from ..geom import Geom
from .interpolation import interpolate

__all__ = [
    "image_by_image",
    "image_geoms",
    "images_of",
    "interp_by_coord",
    "to_region_nd_map",
    "with_image_geoms",
]


def image_geoms(geom) -> list:
    """Return place in data arrays and geometry of each image."""
    return [(place, geom._band_image(place)) for place in np.ndindex(geom._bands.shape[1:])]


def images_of(m) -> list:
    """Return place in data arrays and image of each bin of the axes; data are views."""
    return [
        (place, m._init_copy(geom=image, data=m.data[(*place, *map(slice, image.data_shape))]))
        for place, image in image_geoms(m.geom)
    ]


def with_image_geoms(geom, images) -> Geom:
    """Return a geometry with the pixels of images, in the order of `image_geoms`, and the axes of `geom`."""
    rows = [
        (*image._image_shape[::-1], *np.abs(image.wcs.wcs.cdelt), *image.wcs.wcs.crpix) for image in images
    ]
    return geom._init_copy(bands=np.transpose(rows).reshape(geom._bands.shape))


def image_by_image(m, function):
    """Return the map of what a function of place and image makes of each image.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    function : callable
        Of the place in data arrays and the image; returns an image on the sky grid of its own.
    """
    results = [(place, function(place, image)) for place, image in images_of(m)]
    geom = with_image_geoms(m.geom, [image.geom for _, image in results])
    data = np.zeros(geom.data_shape, dtype=np.result_type(*(image.data.dtype for _, image in results)))
    for place, image in results:
        data[(*place, *map(slice, image.data.shape))] = image.data
    return m._init_copy(geom=geom, data=data)


def interp_by_coord(m, coords, method="linear", fill_value=None, values_scale="lin") -> np.ndarray:
    """Interpolate on the sky in each image, then along the axes; see `WcsNDMap.interp_by_coord`.

    Outside is what no pixel of the image of its bin contains.
    """
    name = {0: "nearest", 1: "linear", None: "linear"}.get(method, method)
    if name not in ("linear", "nearest"):
        raise UnknownNameError(
            "interpolation between images with different pixels", method, ("linear", "nearest")
        )
    coords, axes = m.geom._as_coords(coords), m.geom.axes
    along = np.broadcast_arrays(*axes.coord_to_pix(coords._matched(axes.names)), *coords._lonlat)
    shape = along[0].shape
    *along, lon, lat = (values.ravel() for values in along)
    values = np.empty((*m.geom._bands.shape[1:], lon.size))
    for place, image in images_of(m):
        values[place] = image.interp_by_coord((lon, lat), method=name, values_scale=values_scale)
    nodes = [*along[::-1], np.arange(lon.size, dtype=float)]
    found = interpolate(values, nodes, name, interpolation_scale(values_scale)).reshape(shape)
    return found if fill_value is None else np.where(m.geom.contains(coords), found, fill_value)


def to_region_nd_map(m, region, func, weights, method):
    """Return the map reduced to a region, each image by itself; see `WcsNDMap.to_region_nd_map`."""
    shares = None if weights is None else np.broadcast_to(weights.data, m.data.shape)
    reduced = np.empty(m.geom._bands.shape[1:])
    for place, image in images_of(m):
        share = None
        if shares is not None:
            share = image._init_copy(data=shares[(*place, *map(slice, image.data.shape))], unit="")
        found = image.to_region_nd_map(region, func=func, weights=share, method=method)
        reduced[place] = found.data.item()
    return found._init_copy(geom=found.geom.to_cube(m.geom.axes), data=reduced[..., np.newaxis, np.newaxis])
