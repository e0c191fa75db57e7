"""Datasets of real files against frozen numbers of the peer."""

import numpy as np
import pytest
from astropy import units as u

from geminga.data import DataStore
from geminga.datasets import create_empty_map_dataset_from_irfs

pytestmark = pytest.mark.realdata


def test_bins_from_responses(gammapy_data):
    observation = DataStore.from_dir(gammapy_data / "hess-dl3-dr1").obs(23523)
    dataset = create_empty_map_dataset_from_irfs(observation, spatial_width=1 * u.deg)
    # oracle: peer 2.1, the same call
    assert dataset.counts.data.shape == (24, 17, 17)
    np.testing.assert_allclose(dataset.counts.geom.pixel_scales.to_value("deg"), 0.0594671168, rtol=1e-6)
    assert dataset.exposure.data.shape == (33, 17, 17)
    np.testing.assert_allclose(
        dataset.counts.geom.axes["energy"].edges.value[[0, 1, -1]], [0.1, 0.13335215, 100]
    )
    assert dataset.psf.psf_map.data.shape == (33, 66, 5, 5)
    assert dataset.edisp.edisp_map.data.shape == (33, 160, 5, 5)
    observation = DataStore.from_dir(gammapy_data / "cta-1dc/index/gps").obs(110380)
    dataset = create_empty_map_dataset_from_irfs(observation, spatial_width=1 * u.deg)
    assert dataset.counts.data.shape == (84, 31, 31)
    np.testing.assert_allclose(dataset.counts.geom.pixel_scales.to_value("deg"), 0.03275, rtol=1e-6)
