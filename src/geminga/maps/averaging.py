"""Means of a map over the pixels of another geometry, of whatever kind the two are."""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError
from .coord import MapCoord

__all__ = ["mean_over_pixels", "refinement"]

# a million points at a time keep the arrays of a block within tens of megabytes
POINTS_PER_BLOCK = 1_000_000


def refinement(geom_from, geom_to, precision_factor) -> int:
    """Return into how many points along each side a pixel of the new geometry is split."""
    if int(precision_factor) != precision_factor or precision_factor < 1:
        raise GeometryError(f"precision_factor must be a whole number >= 1, got {precision_factor}. Use 10.")
    old, new = (float(np.max(g.pixel_scales.to_value("deg"))) for g in (geom_from, geom_to))
    return int(precision_factor) * max(1, int(np.ceil(new / old - 1e-6)))


def mean_over_pixels(source, geom, factor, zero_outside) -> np.ndarray:
    """Return the mean over each pixel of an image geometry of a map with one counting axis.

    Parameters
    ----------
    source : `Map`
        Images along one axis; taken at the nearest pixel.
    geom : `~geminga.maps.Geom`
        Image geometry.
    factor : int
        Each pixel is split into factor x factor points (HEALPix: at least as many).
    zero_outside : bool
        Take points outside of the source as 0; otherwise they do not count, and pixels without any point are 0.

    Returns
    -------
    ndarray, shape (n_planes, *geom.data_shape)
    """
    image = source.geom.to_image()
    planes = np.ascontiguousarray(np.moveaxis(source.data, 0, -1)).reshape(-1, len(source.data))
    has_nan = bool(np.isnan(planes).any())
    result = np.zeros((int(np.prod(geom.data_shape)), planes.shape[-1]))
    for pixels, idx in _points(image, geom, factor):
        if image.is_hpx:
            idx = image.global_to_local(tuple(idx))
        inside = np.logical_and.reduce([i >= 0 for i in idx])
        flat = np.zeros(inside.shape, dtype=np.intp)
        for number, length in zip(idx[::-1], image.data_shape, strict=True):
            flat = flat * length + np.where(inside, number, 0)
        values = planes[flat]
        if has_nan or not inside.all():
            known = inside[..., np.newaxis] & ~np.isnan(values)
            values = np.where(known, values, 0)
            number = known.sum(axis=1) if not zero_outside else inside.shape[1]
        else:
            number = inside.shape[1]
        total = values.sum(axis=1, dtype=float)
        result[pixels] = np.divide(total, number, out=np.zeros_like(total), where=np.asarray(number) > 0)
    return np.moveaxis(result.reshape(*geom.data_shape, -1), -1, 0)


def _points(image, geom, factor):
    """Iterate over blocks of pixels of `geom`.

    Yields
    ------
    index of the pixels in a flat array
    tuple of ndarray, shape (n_pixels, n_points)
        Indices in `image` of the points in each pixel.
    """
    if geom.is_hpx:
        yield from _points_in_healpix(image, geom, factor)
        return
    step = (np.arange(factor) + 0.5) / factor - 0.5
    dx, dy = (offset.ravel() for offset in np.meshgrid(step, step))
    for part in _in_blocks(int(np.prod(geom.data_shape)), factor**2):
        y, x = np.unravel_index(part, geom.data_shape)
        lon, lat = geom.pix_to_coord((x[:, np.newaxis] + dx, y[:, np.newaxis] + dy))
        yield part, image.coord_to_idx(MapCoord({"lon": lon, "lat": lat}, frame=geom.frame))


def _in_blocks(n_pixels, points_per_pixel):
    size = max(1, POINTS_PER_BLOCK // points_per_pixel)
    for first in range(0, n_pixels, size):
        yield np.arange(first, min(first + size, n_pixels))


def _points_in_healpix(image, geom, factor):
    """Iterate over all pixels of a HEALPix geometry at once; see `_points`."""
    order = int(np.ceil(np.log2(factor)))
    coords = geom.upsample(2**order).get_coord(flat=True)
    own = geom.coord_to_idx(coords)[0]
    sort = np.argsort(own, kind="stable").reshape(-1, 4**order)
    lon, lat = (values[sort] for values in coords._lonlat)
    yield slice(None), image.coord_to_idx(MapCoord({"lon": lon, "lat": lat}, frame=geom.frame))
