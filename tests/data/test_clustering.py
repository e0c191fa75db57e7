import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from numpy.testing import assert_allclose

from geminga.data import (
    FixedPointingInfo,
    Observation,
    Observations,
    get_irfs_features,
    hierarchical_clustering,
    standard_scaler,
)
from geminga.errors import DataError, UnknownNameError


def test_standard_scaler():
    features = Table({"obs_id": [1, 2, 3], "a": [1.0, 2, 6], "same": [4.0, 4, 4], "r": [1.0, 2, 3] * u.deg})
    scaled = standard_scaler(features)
    for name in ("a", "r"):
        assert_allclose([np.mean(scaled[name]), np.std(scaled[name])], [0, 1], atol=1e-12)
    assert_allclose(scaled["same"], 0)
    assert list(scaled["obs_id"]) == [1, 2, 3]
    assert list(features["a"]) == [1, 2, 6]


def test_hierarchical_clustering():
    rng = np.random.default_rng(0)
    centers = np.repeat([0.0, 10, 20], 5)
    features = Table(
        {"obs_id": np.arange(15), "a": centers + rng.normal(0, 0.1, 15), "b": rng.normal(0, 0.1, 15)}
    )
    labels = np.array(hierarchical_clustering(features)["labels"]).reshape(3, 5)
    assert (labels == labels[:, :1]).all()
    assert len(np.unique(labels)) == 3
    assert len(np.unique(hierarchical_clustering(features, fcluster_kwargs={"t": 2})["labels"])) == 2
    assert "labels" not in features.colnames


class Kernel:
    def get_bias(self, energy):
        return np.atleast_1d(0.1)

    def get_resolution(self, energy):
        return np.atleast_1d(0.2)


class Dispersion:
    """A response that says at which offset it was asked."""

    def __init__(self, offsets):
        self.offsets = offsets

    def to_edisp_kernel(self, offset):
        self.offsets.append(offset.to_value("deg"))
        return Kernel()


class Spread:
    def containment_radius(self, fraction, energy_true, offset):
        return fraction * u.deg


@pytest.fixture
def offsets():
    return []


@pytest.fixture
def observations(offsets):
    pointing = FixedPointingInfo(fixed_icrs=SkyCoord(83, 22, unit="deg"))
    irfs = {"edisp": Dispersion(offsets), "psf": Spread()}
    return Observations([Observation.create(pointing, livetime="1 h", obs_id=i, irfs=irfs) for i in (1, 2)])


def test_features(observations, offsets):
    table = get_irfs_features(observations, "1 TeV", fixed_offset="0.5 deg", containment_fraction=0.95)
    assert table.colnames == ["obs_id", "edisp-bias", "edisp-res", "psf-radius"]
    assert list(table["obs_id"]) == [1, 2]
    assert_allclose(table["edisp-bias"], 0.1)
    assert_allclose(table["psf-radius"].quantity.to_value("deg"), 0.95)
    assert_allclose(offsets, 0.5)
    scaled = get_irfs_features(observations, 1 * u.TeV, fixed_offset=0.5 * u.deg, apply_standard_scaler=True)
    assert_allclose(scaled["edisp-res"], 0)


def test_features_at_a_position(observations, offsets):
    table = get_irfs_features(
        observations, 1 * u.TeV, position=SkyCoord(83, 23.5, unit="deg"), names=["edisp-res"]
    )
    assert table.colnames == ["obs_id", "edisp-res"]
    assert_allclose(offsets, 1.5)


def test_wrong_arguments(observations):
    with pytest.raises(DataError, match="exactly one"):
        get_irfs_features(observations, 1 * u.TeV)
    with pytest.raises(UnknownNameError, match="psf-radius"):
        get_irfs_features(observations, 1 * u.TeV, fixed_offset=0.5 * u.deg, names=["psf"])
