"""HEALPix maps filtered on the full sky, with 0 beyond the pixels of a part of it."""

from __future__ import annotations

import numpy as np

from ...errors import GeometryError
from ..allocation import allocate
from .harmonics import filtered_keeping_sum
from .pixelization import reordered

__all__ = ["filtered_map", "largest_degree"]


def largest_degree(geom) -> int:
    """Return the degree up to which the pixels resolve, 3 nside - 1."""
    return 3 * int(geom._nsides[0]) - 1


def filtered_map(m, windows, geom=None):
    """Return a map convolved with axially symmetric kernels.

    NaN counts as 0.

    Parameters
    ----------
    m : `~geminga.maps.HpxNDMap`
        With the same pixels in all bins.
    windows : ndarray, shape (1 or bins, degrees)
        Factor of each degree, for all bins or for each.
    geom : `HpxGeom`, optional
        Geometry of the result, if it has more bins than the map.
    """
    geom = m.geom if geom is None else geom
    if not geom.is_regular:
        raise GeometryError("geometry must have the same pixels in all bins to convolve, got different ones.")
    nside, number = int(geom._nsides[0]), geom._n_planes
    places = reordered(geom._pixel_table[0], nside, geom.nest, False)
    planes = np.nan_to_num(m.data.reshape(m.geom._n_planes, -1), nan=0.0, posinf=np.inf, neginf=-np.inf)
    sky = allocate((len(planes), 12 * nside**2), "float64")
    sky[:, places] = planes
    sky = np.broadcast_to(sky, (number, sky.shape[1]))
    wanted = None if m.geom.is_allsky else places
    data = filtered_keeping_sum(sky, nside, windows, wanted)[:, places]
    return m._init_copy(geom=geom, data=data.reshape(geom.data_shape))
