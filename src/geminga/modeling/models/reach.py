"""Whether a source reaches the pixels that are looked at."""

from __future__ import annotations

import numpy as np
from astropy import units as u

__all__ = ["CUTOUT_MARGIN", "reaches"]

CUTOUT_MARGIN = 0.1 * u.deg


def reaches(mask, position, radius) -> bool:
    """Tell whether a circle, and the margin of a cutout, contains a pixel where the mask is True."""
    if not mask.geom.is_image:
        mask = mask.reduce_over_axes(func=np.logical_or)
    geom = mask.geom
    if geom.is_region:
        if geom.region is None or not np.any(mask.data):
            return bool(np.any(mask.data))
        separation = geom.center_skydir.separation(position)
        return bool(separation <= radius + 0.5 * np.max(geom.width) * np.sqrt(2) + CUTOUT_MARGIN)
    from astropy.nddata.utils import NoOverlapError

    try:
        return bool(np.any(mask.cutout(position=position, width=2 * radius + CUTOUT_MARGIN).data))
    except (NoOverlapError, ValueError):
        return False
