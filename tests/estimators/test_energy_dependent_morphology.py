"""Shapes that do, and do not, change with energy."""

import numpy as np
import pytest
from astropy import units as u

from geminga.datasets import Datasets
from geminga.errors import DataError, ModelError
from geminga.estimators import EnergyDependentMorphologyEstimator, weighted_chi2_parameter
from geminga.modeling.models import FoVBackgroundModel, GaussianSpatialModel, PowerLawSpectralModel, SkyModel

EDGES = [0.7, 3, 50] * u.TeV


def extended(sigma):
    spectrum = PowerLawSpectralModel(index=2.0, amplitude="6e-11 cm-2 s-1 TeV-1")
    spectrum.index.frozen = True
    spatial = GaussianSpatialModel(lon_0="83.62 deg", lat_0="22.02 deg", sigma=sigma * u.deg)
    spatial.lon_0.frozen = spatial.lat_0.frozen = True
    return SkyModel(spectrum, spatial, name="extended")


def sky(make_map_dataset, low, high, seed=1):
    """Return datasets with a source of one width below and another above 3 TeV."""
    dataset = make_map_dataset(source=False)
    dataset.mask_safe = None
    cubes = []
    for sigma in (low, high):
        dataset.models = [extended(sigma)]
        cubes.append(dataset.npred().data)
    energy = dataset.counts.geom.axes["energy"].center.to_value("TeV")
    expected = np.where((energy < 3.1)[:, np.newaxis, np.newaxis], *cubes)
    dataset.counts.data = np.random.default_rng(seed).poisson(expected).astype(float)
    datasets = Datasets([dataset])
    datasets.models = [extended(0.2), FoVBackgroundModel(dataset_name="map")]
    return datasets


def test_a_shrinking_source_is_seen(make_map_dataset):
    datasets = sky(make_map_dataset, 0.3, 0.1)
    before = [p.value for p in datasets.parameters]
    result = EnergyDependentMorphologyEstimator(EDGES).run(datasets)
    test = result["energy_dependence"]
    assert test["df"] == 1
    assert test["delta_ts"] > 25
    table = test["result"]
    assert table["Hypothesis"].tolist() == ["H0", "H1", "H1"]
    for row, sigma in ((1, 0.3), (2, 0.1)):
        assert abs(table["sigma"][row] - sigma) < 4 * table["sigma_err"][row]
        assert table["sigma_err"][row] < 0.05
    above = result["src_above_bkg"]
    assert min(above["significance"]) > 8
    assert above["df"] == [2, 2]
    assert [p.value for p in datasets.parameters] == before
    assert weighted_chi2_parameter(table)["chi2"][0] > 25


def test_a_constant_source_is_not(make_map_dataset):
    ts = [
        EnergyDependentMorphologyEstimator(EDGES, source="extended").estimate_energy_dependence(
            sky(make_map_dataset, 0.2, 0.2, seed)
        )["delta_ts"]
        for seed in range(3)
    ]
    assert min(ts) > -1e-2
    assert np.mean(ts) < 6


def test_bad_input(make_map_dataset):
    datasets = sky(make_map_dataset, 0.2, 0.2)
    with pytest.raises(DataError, match="two bands"):
        EnergyDependentMorphologyEstimator([1, 10] * u.TeV)
    with pytest.raises(ModelError, match="must be one of"):
        EnergyDependentMorphologyEstimator(EDGES, source="nobody").run(datasets)
    datasets.models["extended"].spatial_model.sigma.frozen = True
    with pytest.raises(ModelError, match="free spatial parameter"):
        EnergyDependentMorphologyEstimator(EDGES).run(datasets)
