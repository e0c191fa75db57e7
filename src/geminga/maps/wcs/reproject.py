"""WCS maps on another image geometry: each new pixel gathers from the old ones under it."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord
from scipy import sparse

from ...errors import GeometryError
from ..coord import skycoord_to_lonlat

__all__ = ["overlap_matrix", "reproject_by_image"]

# Sub-pixels that are worked on at a time.
BLOCK = 500_000

# Smallest number of sub-pixels along a new pixel when they are shared among the old ones.
SHARED_FACTOR = 5

# Largest error in old pixels of places that are interpolated between corners.
BENT = 0.02


def _factor(source, target, precision_factor) -> int:
    """Return the number of sub-pixels along a new pixel: so many along the smaller of both kinds of pixels."""
    if precision_factor < 1:
        raise GeometryError(f"precision_factor must be at least 1, got {precision_factor}.")
    ratio = max(target._scales) / max(source._scales)
    return int(precision_factor) * max(1, int(np.ceil(np.round(ratio, 6))))


def overlap_matrix(source, target, factor, by_area=True):
    """Return how much of each old pixel lies in each new one.

    Where the sub-pixels of a new pixel lie on the old image is interpolated between the corners of the new pixel,
    unless its middle shows that this is not good enough (large pixels, seams, limbs).

    Parameters
    ----------
    source, target : `WcsGeom`
        Their images are used.
    factor : int
        Number of sub-pixels along a new pixel. Each belongs to the old pixel that contains its centre, or, by area, to
        the up to four old pixels that it overlaps, in proportion.
    by_area : bool
        Give solid angles in sr instead of numbers of sub-pixels.

    Returns
    -------
    `scipy.sparse.csr_array`, shape (number of new pixels, number of old pixels)
    """
    (ny, nx), (old_ny, old_nx) = target._image_shape, source._image_shape
    total = sparse.csr_array((ny * nx, old_ny * old_nx))
    corners = _carried_over(target, source, np.arange(nx + 1) - 0.5, (np.arange(ny + 1) - 0.5)[:, np.newaxis])
    middle = _carried_over(target, source, np.arange(nx), np.arange(ny)[:, np.newaxis])
    bent = np.zeros((ny, nx), dtype=bool)
    for exact, corner in zip(middle, corners, strict=True):
        mean = (corner[1:, 1:] + corner[1:, :-1] + corner[:-1, 1:] + corner[:-1, :-1]) / 4
        with np.errstate(invalid="ignore"):
            bent |= ~(np.abs(mean - exact) < BENT)
    if by_area:
        # Shared sub-pixels need not be as small as those that belong to one pixel.
        factor = max(SHARED_FACTOR, factor // 4)
    entries = _shared_entries if by_area else _entries
    per_block = max(1, BLOCK // factor**2)
    straight, crooked = np.flatnonzero(~bent), np.flatnonzero(bent)
    for start in range(0, len(straight), per_block):
        new = straight[start : start + per_block]
        total = total + entries(source, target, new, _between_corners(corners, *divmod(new, nx), factor))
    parts = (np.arange(factor) + 0.5) / factor - 0.5
    for start in range(0, len(crooked), per_block):
        new = crooked[start : start + per_block]
        rows, columns = np.divmod(new, nx)
        x = columns[:, np.newaxis, np.newaxis] + parts
        y = rows[:, np.newaxis, np.newaxis] + parts[:, np.newaxis]
        total = total + entries(source, target, new, _carried_over(target, source, x, y))
    if not by_area:
        return total
    areas = target.solid_angle().value.reshape(-1, 1) / factor**2
    total = (total * areas).tocsr()
    return (total * _completion(source, target, total)).tocsr()


def _between_corners(corners, rows, columns, factor):
    """Return coordinates on the old image of the sub-pixels of new pixels, shape (n, factor, factor)."""
    part = (np.arange(factor) + 0.5) / factor
    found = []
    for grid in corners:
        lower_left, lower_right = grid[rows, columns], grid[rows, columns + 1]
        upper_left, upper_right = grid[rows + 1, columns], grid[rows + 1, columns + 1]
        left = lower_left[:, np.newaxis] + (upper_left - lower_left)[:, np.newaxis] * part
        right = lower_right[:, np.newaxis] + (upper_right - lower_right)[:, np.newaxis] * part
        found.append(left[:, :, np.newaxis] + (right - left)[:, :, np.newaxis] * part)
    return found


def _entries(source, target, new, pix):
    """Return the matrix of numbers of sub-pixels; `pix` has the shape (len(new), factor, factor)."""
    old_ny, old_nx = source._image_shape
    shape = (int(np.prod(target._image_shape)), old_ny * old_nx)
    with np.errstate(invalid="ignore"):
        inside = (pix[0] >= -0.5) & (pix[0] <= old_nx - 0.5) & (pix[1] >= -0.5) & (pix[1] <= old_ny - 0.5)
    x, y = (np.where(inside, p, 0) for p in pix)
    old_x = np.minimum((x + 0.5).astype(np.intp), old_nx - 1)
    old_y = np.minimum((y + 0.5).astype(np.intp), old_ny - 1)
    old = np.where(inside, old_y * old_nx + old_x, -1)
    # Neighbours mostly belong to the same pair of pixels: count runs, not sub-pixels.
    key = (np.arange(len(new))[:, np.newaxis, np.newaxis] * (shape[1] + 1) + old + 1).ravel()
    first = np.flatnonzero(np.append(True, key[1:] != key[:-1]))
    length = np.diff(np.append(first, key.size))
    local, old = np.divmod(key[first], shape[1] + 1)
    kept = old > 0
    entries = (length[kept].astype(float), (new[local[kept]], old[kept] - 1))
    return sparse.coo_array(entries, shape=shape).tocsr()


def _shared_entries(source, target, new, pix):
    """Return the matrix of sub-pixels, each shared among the old pixels that it overlaps; arguments as `_entries`."""
    old_ny, old_nx = source._image_shape
    shape = (int(np.prod(target._image_shape)), old_ny * old_nx)
    factor = pix[0].shape[-1]
    sizes = np.broadcast_to(target._scales, (2,)) / np.broadcast_to(source._scales, (2,)) / factor
    lows, shares = [], []
    for position, size in zip(pix, sizes, strict=True):
        low = position - 0.5 * min(size, 1.0)
        with np.errstate(invalid="ignore"):
            index = np.floor(low + 0.5)
            share = np.clip((index + 0.5 - low) / min(size, 1.0), 0, 1)
        lows.append(index)
        shares.append(share)
    rows = np.broadcast_to(new[:, np.newaxis, np.newaxis], pix[0].shape)
    total = sparse.csr_array(shape)
    for step_y, weight_y in ((0, shares[1]), (1, 1 - shares[1])):
        for step_x, weight_x in ((0, shares[0]), (1, 1 - shares[0])):
            x, y, weight = lows[0] + step_x, lows[1] + step_y, weight_x * weight_y
            with np.errstate(invalid="ignore"):
                inside = (x >= 0) & (x < old_nx) & (y >= 0) & (y < old_ny) & (weight > 0)
            old = y[inside].astype(np.intp) * old_nx + x[inside].astype(np.intp)
            total = total + sparse.coo_array((weight[inside], (rows[inside], old)), shape=shape).tocsr()
    return total


def _carried_over(geom, other, x, y):
    """Return pixel coordinates on another geometry of pixel coordinates on one."""
    lon, lat = geom._projection.pix_to_sky(x, y)
    if geom.frame != other.frame:
        lon, lat, _ = skycoord_to_lonlat(SkyCoord(lon, lat, unit="deg", frame=geom.frame), other.frame)
    return other._projection.sky_to_pix(lon, lat, center=other.center_pix[0])


def _completion(source, target, areas):
    """Return factors that give old pixels that lie wholly in the new image all of their area."""
    (ny, nx), (old_ny, old_nx) = target._image_shape, source._image_shape
    x, y = _carried_over(
        source, target, np.arange(old_nx + 1) - 0.5, (np.arange(old_ny + 1) - 0.5)[:, np.newaxis]
    )
    edge = 0.5 + 1e-6
    with np.errstate(invalid="ignore"):
        inside = (x >= -edge) & (x <= nx - 1 + edge) & (y >= -edge) & (y <= ny - 1 + edge)
    whole = inside[1:, 1:] & inside[1:, :-1] & inside[:-1, 1:] & inside[:-1, :-1]
    found = areas.sum(axis=0)
    factors = np.divide(source._areas.ravel(), found, out=np.ones(len(found)), where=found > 0)
    # Farther off, the pixel is torn by a seam and not what its corners say.
    return np.where(whole.ravel() & (factors > 0.5) & (factors < 2), factors, 1.0)


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
        from .irregular import images_of

        images = [reproject_by_image(one, geom, preserve_counts, precision_factor) for _, one in images_of(m)]
        data = np.stack([one.data for one in images])
        target = geom.to_cube(m.geom.axes)
        return m._init_copy(geom=target, data=data.reshape(target.data_shape))
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
