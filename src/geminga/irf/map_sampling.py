"""Random draws from response maps, one for each event."""

from __future__ import annotations

import numpy as np

from ..errors import DataError

__all__ = ["draw_from_rows", "rows_of_events"]


def rows_of_events(irf_map, skycoord, energy, energy_name, random) -> tuple[np.ndarray, tuple]:
    """Return for each event the bin of true energy and the pixel whose distribution it follows.

    Between bin centres of the energy an event follows one of the two neighbours, at random with the weights of linear
    interpolation; as a whole the events then follow the interpolated distribution exactly.

    Parameters
    ----------
    irf_map : `IRFMap`
    skycoord : `~astropy.coordinates.SkyCoord`, shape (n,)
    energy : `~astropy.units.Quantity`, shape (n,)
    energy_name : str
        Axis of the energy.
    random : `~numpy.random.RandomState`

    Returns
    -------
    ndarray of int, shape (n,)
        Bin of the energy.
    tuple of ndarray of int, shape (n,)
        Spatial index into the data.
    """
    geom = irf_map._irf_map.geom
    axis = geom.axes[energy_name]
    pix = np.clip(axis.coord_to_pix(energy), 0, axis.nbin - 1)
    low = np.floor(pix).astype(int)
    bins = np.minimum(low + (random.uniform(size=len(pix)) < pix - low), axis.nbin - 1)
    image = geom.to_image()
    shape = tuple(image.data_shape)
    if irf_map.has_single_spatial_bin:
        return bins, (np.zeros(len(bins), dtype=int),) * len(shape)
    if image.is_hpx:
        flat = np.asarray(image.global_to_local(image.coord_to_idx(skycoord), ravel=True), dtype=int)
        outside = flat < 0
        flat = np.where(outside, 0, flat)
    else:
        columns, rows = (np.asarray(i, dtype=int) for i in image.coord_to_idx(skycoord))
        outside = (columns < 0) | (rows < 0)
        flat = np.where(outside, 0, rows * shape[1] + columns)
    good = irf_map.mask_safe_image.data.ravel()
    bad = outside | ~good[np.where(outside, 0, flat)]
    if bad.any() and good.any():
        flat = flat.copy()
        flat[bad] = _nearest_good(image, good, skycoord[bad])
    return bins, np.unravel_index(flat, shape)


def _nearest_good(image, good, skycoord) -> np.ndarray:
    """Return the flat index of the nearest pixel with exposure for each position."""
    centers = image.get_coord().skycoord.cartesian.xyz.value.reshape(3, -1)
    known = np.flatnonzero(good & np.isfinite(centers).all(axis=0))
    directions = skycoord.transform_to(image.frame).cartesian.xyz.value.reshape(3, -1)
    nearest = [known[np.argmax(direction @ centers[:, known])] for direction in directions.T]
    return np.array(nearest, dtype=int)


def draw_from_rows(content_of, rows, uniform, chunk_size=10000) -> np.ndarray:
    """Draw a bin for each event.

    Parameters
    ----------
    content_of : callable
        Returns the probabilities of the bins, shape (n_rows, n_bins), not normalised, of given rows.
    rows : ndarray of int, shape (n,)
        Row of each event.
    uniform : ndarray, shape (n,)
        Random numbers between 0 and 1.
    chunk_size : int
        Events treated at once; the result does not depend on it.

    Returns
    -------
    ndarray of int, shape (n,)
        Bin; -1 where the row is empty.
    """
    if chunk_size < 1:
        raise DataError(f"chunk_size must be at least 1, got {chunk_size}.")
    bins = np.full(len(rows), -1)
    for start in range(0, len(rows), int(chunk_size)):
        part = slice(start, start + int(chunk_size))
        used, which = np.unique(rows[part], return_inverse=True)
        cumulative = np.cumsum(np.clip(content_of(used), 0, None), axis=1)
        total = cumulative[:, -1]
        empty = ~(total > 0)
        cumulative /= np.where(empty, 1.0, total)[:, np.newaxis]
        # rows lie one after the other on a line, so that one search serves all events
        line = (cumulative + np.arange(len(used))[:, np.newaxis]).ravel()
        index = np.searchsorted(line, uniform[part] + which, side="right")
        n_bins = cumulative.shape[1]
        bins[part] = np.where(empty[which], -1, np.clip(index - which * n_bins, 0, n_bins - 1))
    return bins
