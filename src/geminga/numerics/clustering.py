"""Group things by their features."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["hierarchical_clustering", "standard_scaler"]


def standard_scaler(features):
    """Shift and scale each column to mean 0 and standard deviation 1.

    Parameters
    ----------
    features : `~astropy.table.Table`
        One column for each feature; constant columns become 0.

    Returns
    -------
    `~astropy.table.Table`

    Examples
    --------
    >>> from astropy.table import Table
    >>> standard_scaler(Table({"offset": [1.0, 3.0]}))["offset"].tolist()
    [-1.0, 1.0]
    """
    scaled = features.copy()
    for name in features.colnames:
        values = np.asarray(features[name], dtype=float)
        spread = values.std()
        scaled[name] = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return scaled


def hierarchical_clustering(
    features, linkage_kwargs: dict[str, Any] | None = None, fcluster_kwargs: dict[str, Any] | None = None
):
    """Cluster rows of a table hierarchically.

    Parameters
    ----------
    features : `~astropy.table.Table`
        One column for each feature.
    linkage_kwargs, fcluster_kwargs : dict, optional
        For `scipy.cluster.hierarchy.linkage` (default: Ward's method) and `fcluster` (default: at most three clusters).

    Returns
    -------
    `~astropy.table.Table`
        Copy of the table with a column ``labels``: cluster numbers from 1 on.

    Examples
    --------
    >>> from astropy.table import Table
    >>> table = Table({"zenith": [20.0, 21.0, 50.0]})
    >>> hierarchical_clustering(table, fcluster_kwargs={"t": 2, "criterion": "maxclust"})["labels"].tolist()
    [1, 1, 2]
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    linkage_kwargs = {"method": "ward", **(linkage_kwargs or {})}
    fcluster_kwargs = {"criterion": "maxclust", "t": 3, **(fcluster_kwargs or {})}
    matrix = np.array([np.asarray(features[name], dtype=float) for name in features.colnames]).T
    clustered = features.copy()
    clustered["labels"] = fcluster(linkage(matrix, **linkage_kwargs), **fcluster_kwargs)
    return clustered
