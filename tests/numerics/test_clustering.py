"""Clusters of table rows."""

import numpy as np
from astropy.table import Table
from numpy.testing import assert_allclose

from geminga.numerics.clustering import hierarchical_clustering, standard_scaler


def test_clusters():
    """oracle: peer 2.1, the same table."""
    table = Table({"a": [1, 1.1, 5, 5.2], "b": [2.0, 2, 9, 9.1]})
    scaled = standard_scaler(table)
    assert_allclose(scaled["a"], [-1.0239113538, -0.9745662283, 0.9498936656, 1.0485839165])
    labels = hierarchical_clustering(table, fcluster_kwargs={"criterion": "maxclust", "t": 2})["labels"]
    assert list(labels) == [1, 1, 2, 2]
    assert "labels" not in table.colnames


def test_constant_column_becomes_zero():
    assert_allclose(np.asarray(standard_scaler(Table({"a": [2.0, 2.0]}))["a"]), 0)
