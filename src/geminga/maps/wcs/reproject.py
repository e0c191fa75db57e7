"""WCS maps on another image geometry: each new pixel gathers from the old ones under it."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord
from scipy import sparse

from ...errors import GeometryError
from ..coord import skycoord_to_lonlat
from .projection import pix_to_sky, sky_to_pix
from .solid_angle import pixel_areas

__all__ = ["overlap_matrix", "reproject_by_image"]

# Sub-pixels that are worked on at a time.
BLOCK = 2_000_000


def _factor(source, target, precision_factor) -> int:
    """Return the number of sub-pixels along a new pixel: so many along the smaller of both kinds of pixels."""
    if precision_factor < 1:
        raise GeometryError(f"precision_factor must be at least 1, got {precision_factor}.")
    ratio = max(target._scales) / max(source._scales)
    return int(precision_factor) * max(1, int(np.ceil(np.round(ratio, 6))))


def overlap_matrix(source, target, factor, by_area=True):
    """Return how much of each old pixel lies in each new one.

    Parameters
    ----------
    source, target : `WcsGeom`
        Their images are used.
    factor : int
        Number of sub-pixels along a new pixel. Each belongs to the old pixel that contains its centre.
    by_area : bool
        Give solid angles in sr instead of numbers of sub-pixels.

    Returns
    -------
    `scipy.sparse.csr_array`, shape (number of new pixels, number of old pixels)
    """
    (ny, nx), (old_ny, old_nx) = target._image_shape, source._image_shape
    total = sparse.csr_array((ny * nx, old_ny * old_nx))
    parts = (np.arange(nx * factor) + 0.5) / factor - 0.5
    areas = _fine_areas(target, factor) if by_area else None
    rows = max(1, BLOCK // (nx * factor * factor))
    for start in range(0, ny, rows):
        stop = min(start + rows, ny)
        y = start + (np.arange((stop - start) * factor) + 0.5) / factor - 0.5
        pix = _carried_over(target, source, parts, y[:, np.newaxis])
        old_x, old_y = source._spatial_pix_to_idx(pix)
        new_x = np.floor(parts + 0.5).astype(np.intp)
        new = np.floor(y + 0.5).astype(np.intp)[:, np.newaxis] * nx + new_x
        inside = (old_x >= 0) & (old_y >= 0)
        weights = np.ones(inside.shape) if areas is None else areas[start * factor : stop * factor]
        entries = (weights[inside], (new[inside], (old_y * old_nx + old_x)[inside]))
        total = total + sparse.coo_array(entries, shape=total.shape).tocsr()
    return total * _completion(source, target, total) if by_area else total


def _carried_over(geom, other, x, y):
    """Return pixel coordinates on another geometry of pixel coordinates on one."""
    lon, lat = pix_to_sky(geom.wcs, x, y)
    if geom.frame != other.frame:
        lon, lat, _ = skycoord_to_lonlat(SkyCoord(lon, lat, unit="deg", frame=geom.frame), other.frame)
    return sky_to_pix(other.wcs, lon, lat, center=other.center_pix[0])


def _completion(source, target, areas):
    """Return factors that give old pixels that lie wholly in the new image all of their area."""
    (ny, nx), (old_ny, old_nx) = target._image_shape, source._image_shape
    x, y = _carried_over(
        source, target, np.arange(old_nx + 1) - 0.5, (np.arange(old_ny + 1) - 0.5)[:, np.newaxis]
    )
    inside = (x >= -0.5) & (x <= nx - 0.5) & (y >= -0.5) & (y <= ny - 0.5)
    whole = inside[1:, 1:] & inside[1:, :-1] & inside[:-1, 1:] & inside[:-1, :-1]
    found = areas.sum(axis=0)
    factors = np.divide(source._areas.ravel(), found, out=np.ones(len(found)), where=found > 0)
    # Farther off, the pixel is torn by a seam and not what its corners say.
    return np.where(whole.ravel() & (factors > 0.5) & (factors < 2), factors, 1.0)


def _fine_areas(geom, factor):
    fine = geom.upsample(factor, axis_name=None)
    return pixel_areas(fine.wcs, *fine._image_shape[::-1])


def reproject_by_image(m, geom, preserve_counts=False, precision_factor=10):
    """Return a map on another image geometry, all its images at once; `WcsNDMap.reproject_by_image`.

    Parameters
    ----------
    m : `~geminga.maps.WcsNDMap`
    geom : `~geminga.maps.WcsGeom`
        Without axes.
    preserve_counts : bool
        Share the values of the old pixels out by solid angle, so that the counts of each pixel within the new image are
        kept; otherwise average the values over the part of the new pixel that is on the map.
    precision_factor : int
        Number of sub-pixels along the smaller of old and new pixels.

    Returns
    -------
    `~geminga.maps.WcsNDMap`
        0 in pixels off the map; NaN counts as missing.
    """
    if not geom.is_image:
        raise GeometryError(f"geom must be without axes, got {geom.axes.names}. Use geom.to_image().")
    image = m.geom.to_image()
    if not m.geom.is_regular:
        raise GeometryError(
            "geometry must have the same pixels in all images to reproject, got an irregular one."
        )
    matrix = overlap_matrix(image, geom, _factor(image, geom, precision_factor), by_area=preserve_counts)
    planes = m.data.reshape(-1, image.data_shape[0] * image.data_shape[1]).astype(float)
    known = np.isfinite(planes)
    all_known = bool(known.all())
    if not all_known:
        planes = np.where(known, planes, 0)
    if preserve_counts:
        area = image.solid_angle().value.ravel()
        planes = np.divide(planes, area, out=np.zeros_like(planes), where=area > 0)
        data = (matrix @ planes.T).T
    else:
        data = (matrix @ planes.T).T
        weight = matrix.sum(axis=1) if all_known else (matrix @ known.T.astype(float)).T
        data = np.divide(data, weight, out=np.zeros_like(data), where=np.broadcast_to(weight > 0, data.shape))
    target = geom.to_cube(m.geom.axes)
    dtype = np.result_type(m.data.dtype, np.float32)
    return m._init_copy(geom=target, data=data.reshape(target.data_shape).astype(dtype))
