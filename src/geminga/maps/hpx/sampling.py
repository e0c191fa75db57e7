"""Random coordinates distributed as the values of a HEALPix map."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import DataError
from ...numerics.random import get_random_state
from ..coord import MapCoord
from .pixelization import pix_to_lonlat

__all__ = ["sample_coord"]


def sample_coord(m, n_events, random_state=0) -> MapCoord:
    """Draw coordinates with probabilities proportional to the bins; `HpxNDMap.sample_coord`.

    Positions are uniform on the sky within a pixel, other coordinates uniform in pixel coordinates within a bin.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        Finite and >= 0.
    n_events : int
        Number of points.
    random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`

    Returns
    -------
    `~geminga.maps.MapCoord`
        Arrays of shape (n_events,).
    """
    geom, state, number = m.geom, get_random_state(random_state), int(n_events)
    idx = geom.get_idx(sparse=True)
    weights = np.where(np.broadcast_to(idx[0] >= 0, m.data.shape), m.data, 0).astype(float).ravel()
    if not np.all(np.isfinite(weights)) or np.any(weights < 0):
        raise DataError("a map must be finite and >= 0 to be sampled, got NaN or negative bins. Mask them.")
    cumulative = np.cumsum(weights)
    if number and not cumulative[-1] > 0:
        raise DataError("a map must have a positive sum to be sampled, got zero. Fill it first.")
    draws = state.uniform(size=number) * (cumulative[-1] if number else 0.0)
    flat = np.searchsorted(cumulative, draws, side="right")
    # rounding must not lead beyond the last bin that has a weight
    flat = np.minimum(flat, np.flatnonzero(weights)[-1] if number else 0)
    *bins, _ = np.unravel_index(flat, m.data.shape)
    bins = bins[::-1]
    pixels = np.broadcast_to(idx[0], m.data.shape).reshape(-1)[flat]
    nside = geom._nsides[geom._split((pixels, *bins))[1]]
    within = (state.uniform(size=number), state.uniform(size=number))
    lon, lat = pix_to_lonlat(pixels, nside, geom.nest, within)
    data = {"lon": lon << u.deg, "lat": lat << u.deg}
    for axis, k in zip(geom.axes, bins, strict=True):
        data[axis.name] = axis.pix_to_coord(k + state.uniform(-0.5, 0.5, size=number))
    return MapCoord(data, frame=geom.frame)
