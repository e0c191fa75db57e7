"""Datasets that the tests of this folder share.

The frozen numbers of the tests come from the peer, release 2.1, fed with these same arrays.
"""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from regions import CircleSkyRegion

from geminga.data import GTI
from geminga.datasets import Datasets, SpectrumDataset, SpectrumDatasetOnOff
from geminga.maps import MapAxis, RegionGeom, RegionNDMap
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

COUNTS = [5.0, 13.0, 5.0, 10.0]
COUNTS_OFF = [23.0, 18.0, 19.0, 17.0]
#: A Gaussian of 20% with a bias of 5%, rows true energy, as the peer 2.1 makes it.
MATRIX = [
    [7.4958527e-03, 0.0, 0.0, 0.0],
    [7.5997782e-01, 2.4256886e-03, 0.0, 0.0],
    [3.0803090e-01, 6.8642402e-01, 6.4363983e-04, 0.0],
    [7.2264937e-03, 3.9396563e-01, 5.9867132e-01, 1.3655059e-04],
    [0.0, 1.0640507e-02, 4.8901129e-01, 5.0032616e-01],
    [0.0, 5.7633370e-05, 1.5565478e-02, 5.8725488e-01],
    [0.0, 0.0, 1.4530911e-04, 2.2674808e-02],
]


@pytest.fixture
def geom():
    region = CircleSkyRegion(SkyCoord(83.63, 22.01, unit="deg"), 0.1 * u.deg)
    return RegionGeom(region, axes=[MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)])


@pytest.fixture
def energy_axis_true():
    return MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", nbin=7, name="energy_true")


@pytest.fixture
def spectrum(geom, energy_axis_true):
    dataset = SpectrumDataset.create(geom, energy_axis_true=energy_axis_true, name="spec")
    dataset.counts.data = np.array(COUNTS).reshape(4, 1, 1)
    dataset.background.data = np.full((4, 1, 1), 3.5)
    dataset.exposure.data = np.linspace(1e9, 2e10, 7).reshape(7, 1, 1)
    dataset.exposure.meta = {"livetime": 1800 * u.s}
    dataset.edisp.edisp_map.data = np.array(MATRIX).reshape(7, 4, 1, 1)
    dataset.edisp.exposure_map.data = dataset.exposure.data[:, None].copy()
    dataset.mask_safe.data = np.array([False, True, True, True]).reshape(4, 1, 1)
    dataset.mask_fit = geom.energy_mask(2 * u.TeV)
    dataset.gti = GTI.create([0, 2000] * u.s, [1000, 2800] * u.s)
    dataset.meta_table = Table({"TELESCOP": ["HESS"], "OBS_ID": [123]})
    return dataset


@pytest.fixture
def on_off(spectrum, geom):
    return SpectrumDatasetOnOff.from_spectrum_dataset(
        dataset=spectrum.copy(name="spec"),
        acceptance=1.0,
        acceptance_off=RegionNDMap.from_geom(geom, data=np.full((4, 1, 1), 6.0)),
        counts_off=RegionNDMap.from_geom(geom, data=np.array(COUNTS_OFF).reshape(4, 1, 1)),
        name="onoff",
    )


@pytest.fixture
def model():
    return SkyModel(PowerLawSpectralModel(amplitude="3e-11 TeV-1 s-1 cm-2"), name="crab")


@pytest.fixture
def datasets(spectrum, on_off, model):
    datasets = Datasets([spectrum, on_off])
    datasets.models = [model]
    return datasets
