"""How the image of a point is shared among pixels, and how smooth it is.

Bilinear weights, as in the field's tools, have a kink at each pixel centre. The kinks are rounded off, so that the
likelihood has derivatives. The statistic of a bright point still has a local minimum between the kinks of each pixel:
searches before the last use a smoother image.
"""

from __future__ import annotations

import numpy as np

__all__ = ["POINT_ROUNDING", "SEARCH_ROUNDINGS", "shares"]

#: Half width in pixels over which kinks are rounded off: for the statistic, and for the searches before the last.
POINT_ROUNDING = 0.01
SEARCH_ROUNDINGS = (0.5, 0.1)


def shares(distance, half) -> np.ndarray:
    """Return the share of a point in pixels at distances in pixels, as if the point were a line of a given half length.

    Examples
    --------
    >>> shares(np.array([-0.75, 0.25]), 0.1).tolist()
    [0.25, 0.75]
    """
    d = np.abs(distance)
    near = 1 - (d**2 + half**2) / (2 * half)
    far = np.clip(1 + half - d, 0, None) ** 2 / (4 * half)
    return np.where(d < half, near, np.where(d > 1 - half, far, 1 - d))
