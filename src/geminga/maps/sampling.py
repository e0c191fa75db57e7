"""Random coordinates distributed as the values of a map."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import SkyCoord

from ..errors import DataError
from ..numerics.random import InverseCDFSampler, get_random_state
from .coord import MapCoord

__all__ = ["Sampling"]


class Sampling:
    """Mix-in: draws from a map and its mask."""

    def sample_coord(self, n_events, random_state=0) -> MapCoord:
        """Draw coordinates with probabilities proportional to the bins; uniform within a bin in pixel coordinates.

        Parameters
        ----------
        n_events : int
            Number of points.
        random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`

        Returns
        -------
        `MapCoord`
            Arrays of shape (n_events,).
        """
        if not np.all(np.isfinite(self.data)) or np.any(self.data < 0):
            raise DataError(
                "a map must be finite and >= 0 to be sampled, got NaN or negative bins. Mask them."
            )
        if n_events == 0:
            pix = np.zeros((self.data.ndim, 0))
        else:
            sampler = InverseCDFSampler(pdf=self.data, random_state=get_random_state(random_state))
            pix = sampler.sample(int(n_events))[::-1]
        coords = dict(zip(self.geom.axes_names, self.geom.pix_to_coord(pix), strict=True))
        return MapCoord.create(coords, frame=self.geom.frame)

    def mask_nearest_position(self, position) -> SkyCoord:
        """Return the centre of the True pixel that is nearest to a position, or the position if it is in one.

        Parameters
        ----------
        position : `~astropy.coordinates.SkyCoord`
        """
        if not self.is_mask:
            raise DataError(f"a map must be a mask (bool) to look for its pixels, got {self.data.dtype}.")
        image = self.reduce_over_axes(func=np.logical_or)
        if not image.data.any():
            raise DataError("a mask must have a True pixel to find the nearest, got none.")
        coords = image.geom.get_coord().apply_mask(image.data).skycoord
        inside = image.get_by_coord(SkyCoord(position).reshape(1), fill_value=0)
        if inside[0]:
            return position
        return coords[int(np.argmin(coords.separation(position)))]
