"""Small spectral datasets with all kinds of statistics."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from geminga.data import GTI
from geminga.datasets import SpectrumDataset, SpectrumDatasetOnOff
from geminga.irf import EDispKernelMap
from geminga.maps import MapAxis, RegionGeom, RegionNDMap
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

REGION = "icrs;circle(83.63, 22.01, 0.2)"


@pytest.fixture
def axes():
    energy = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", 12, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.2 TeV", "100 TeV", 24, name="energy_true")
    return energy, energy_true


@pytest.fixture
def make_dataset(axes):
    energy, energy_true = axes

    def make(kind="wstat", name="one", scale=1.0, seed=0, masked=True):
        random = np.random.default_rng(seed)
        geom = RegionGeom.create(REGION, axes=[energy])
        shape = geom.data_shape
        exposure = RegionNDMap.create(REGION, axes=[energy_true], unit="m2 s")
        exposure.data = (scale * 1e9 * energy_true.center.to_value("TeV") ** 0.4).reshape(exposure.data.shape)
        mask = np.ones(shape, dtype=bool)
        mask[:2] = not masked
        gti = GTI.create(0 * u.h, 1 * u.h, reference_time=Time("2026-01-01"))
        common = {
            "counts": RegionNDMap(geom, data=random.poisson(20, size=shape).astype(float)),
            "exposure": exposure,
            "edisp": EDispKernelMap.from_gauss(
                energy, energy_true, sigma=0.2, bias=0.05, geom=RegionGeom.create(REGION)
            ),
            "mask_safe": RegionNDMap(geom, data=mask),
            "gti": gti,
            "name": name,
        }
        if kind == "wstat":
            return SpectrumDatasetOnOff(
                counts_off=RegionNDMap(geom, data=random.poisson(40, size=shape).astype(float)),
                acceptance=RegionNDMap(geom, data=np.ones(shape)),
                acceptance_off=RegionNDMap(geom, data=np.full(shape, 4.0)),
                **common,
            )
        background = RegionNDMap(geom, data=np.full(shape, 9.0))
        return SpectrumDataset(background=background, stat_type=kind, **common)

    return make


@pytest.fixture
def model():
    spectrum = PowerLawSpectralModel(index=2.2, amplitude="1e-11 cm-2 s-1 TeV-1", reference="1 TeV")
    return SkyModel(spectral_model=spectrum, name="source")
