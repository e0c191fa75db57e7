"""A clean pyplot for each test, and small objects to draw."""

import numpy as np
import pytest

from geminga.irf import EDispKernelMap
from geminga.maps import Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom
from geminga.modeling.models import PowerLawSpectralModel, SkyModel


@pytest.fixture(autouse=True)
def fresh_pyplot():
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")


@pytest.fixture
def energy_axis():
    return MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", nbin=6)


@pytest.fixture
def energy_axis_true():
    return MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", nbin=12, name="energy_true")


@pytest.fixture
def image():
    geom = WcsGeom.create(skydir=(0, 0), width=(4, 2), binsz=0.1, frame="galactic")
    return Map.from_geom(geom, data=np.arange(800.0).reshape(20, 40), unit="cm-2 s-1")


@pytest.fixture
def cube(energy_axis):
    geom = WcsGeom.create(skydir=(0, 0), width=(4, 2), binsz=0.2, frame="galactic", axes=[energy_axis])
    return Map.from_geom(geom, data=np.arange(1200.0).reshape(geom.data_shape))


@pytest.fixture
def spectrum_dataset(energy_axis, energy_axis_true):
    from geminga.datasets import SpectrumDataset

    geom = RegionGeom.create("icrs;circle(83.63, 22.01, 0.2)", axes=[energy_axis])
    geom_true = geom.to_image().to_cube([energy_axis_true])
    safe = RegionNDMap.from_geom(geom, data=np.arange(6).reshape(-1, 1, 1) > 0, dtype=bool)
    return SpectrumDataset(
        name="spectrum",
        counts=RegionNDMap.from_geom(geom, data=np.array([90.0, 60, 30, 10, 4, 1]).reshape(-1, 1, 1)),
        background=RegionNDMap.from_geom(geom, data=np.array([50.0, 20, 8, 3, 1, 0.5]).reshape(-1, 1, 1)),
        exposure=RegionNDMap.from_geom(geom_true, data=np.full((12, 1, 1), 1e14), unit="cm2 s"),
        edisp=EDispKernelMap.from_diagonal_response(energy_axis, energy_axis_true, geom=geom.to_image()),
        mask_safe=safe,
        models=[SkyModel(spectral_model=PowerLawSpectralModel(), name="source")],
    )
