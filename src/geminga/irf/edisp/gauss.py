"""Gaussian distributions of the migration."""

from __future__ import annotations

import numpy as np

from ...errors import DataError

__all__ = ["gauss_content"]


def gauss_content(edges, mean, sigma) -> np.ndarray:
    """Return the probability of a normal distribution between neighbouring edges.

    Parameters
    ----------
    edges : ndarray, shape (..., n + 1)
        Edges in the last dimension.
    mean, sigma : array_like
        Broadcast against `edges`.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> gauss_content(np.array([-1.0, 0.0, 1.0]), mean=0.0, sigma=1.0).round(6)
    array([0.341345, 0.341345])
    """
    from scipy.special import ndtr  # scipy takes longer to load than all of this package

    if not np.all(np.asarray(sigma) > 0):
        raise DataError(
            f"sigma of the migration must be > 0, got {np.min(sigma):g}. Use from_diagonal_response."
        )
    return np.diff(ndtr((edges - mean) / sigma), axis=-1)
