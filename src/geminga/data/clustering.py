"""Groups of observations that are alike in a table of features."""

from __future__ import annotations

import numpy as np

__all__ = ["hierarchical_clustering", "standard_scaler"]

LABELS = ("obs_id", "dataset_name", "labels")


def _feature_names(features) -> list[str]:
    """Return the columns that hold features."""
    return [name for name in features.colnames if name not in LABELS]


def standard_scaler(features):
    """Subtract from each feature its mean and divide by its standard deviation.

    Parameters
    ----------
    features : `~astropy.table.Table`
        Features; the columns obs_id, dataset_name and labels are left as they are.

    Returns
    -------
    `~astropy.table.Table`
        Dimensionless features; one that is the same everywhere becomes 0.

    Examples
    --------
    >>> from astropy.table import Table
    >>> [float(x) for x in standard_scaler(Table({"obs_id": [1, 2], "a": [1.0, 3.0]}))["a"]]
    [-1.0, 1.0]
    """
    scaled = features.copy()
    for name in _feature_names(features):
        values = np.asarray(features[name], dtype=float)
        spread = values.std()
        scaled[name] = (values - values.mean()) / (spread if spread > 0 else 1.0)
    return scaled


def hierarchical_clustering(features, linkage_kwargs=None, fcluster_kwargs=None):
    """Group rows of a table by hierarchical clustering.

    Parameters
    ----------
    features : `~astropy.table.Table`
        Features; the columns obs_id, dataset_name and labels are left out.
    linkage_kwargs : dict, optional
        Arguments of `scipy.cluster.hierarchy.linkage`. Default is the method "ward".
    fcluster_kwargs : dict, optional
        Arguments of `scipy.cluster.hierarchy.fcluster`. Default is at most 3 groups.

    Returns
    -------
    `~astropy.table.Table`
        Copy with the column ``labels``.

    References
    ----------
    .. [1] Ward (1963), Journal of the American Statistical Association 58, 236.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    linkage_kwargs = {"method": "ward"} | (linkage_kwargs or {})
    fcluster_kwargs = {"criterion": "maxclust", "t": 3} | (fcluster_kwargs or {})
    matrix = np.column_stack([np.asarray(features[name], dtype=float) for name in _feature_names(features)])
    grouped = features.copy()
    grouped["labels"] = fcluster(linkage(matrix, **linkage_kwargs), **fcluster_kwargs)
    return grouped
