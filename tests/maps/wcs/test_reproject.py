"""Counts carried to another image."""

import numpy as np
import pytest

from geminga.maps import Map, WcsGeom


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
@pytest.mark.parametrize("binsz", [0.3, 0.7, 1.1])
def test_uniform_counts_stay_uniform(binsz, frame):
    """No moire: a uniform density keeps its value in each pixel, whatever the ratio of the pixels."""
    geom = WcsGeom.create(skydir=(0, 0), binsz=0.5, width=20, proj="TAN", frame="icrs")
    counts = Map.from_geom(geom)
    counts.data += 1
    target = WcsGeom.create(skydir=geom.center_skydir, binsz=binsz, width=12, proj="TAN", frame=frame)
    result = counts.reproject_to_geom(target, preserve_counts=True)
    n = result.data.shape[-1]
    inner = result.data[n // 4 : 3 * n // 4, n // 4 : 3 * n // 4]
    np.testing.assert_allclose(inner, (binsz / 0.5) ** 2, rtol=0.005)
