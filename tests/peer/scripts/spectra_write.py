"""Write spectral datasets in all formats."""

import astropy.units as u
import numpy as np
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion
from summary import item, report

from geminga.data import GTI
from geminga.datasets import Datasets, SpectrumDataset, SpectrumDatasetOnOff
from geminga.irf import EDispKernelMap
from geminga.maps import MapAxis, RegionGeom, RegionNDMap
from geminga.modeling.models import (
    FoVBackgroundModel,
    PowerLawNormSpectralModel,
    PowerLawSpectralModel,
    SkyModel,
)

energy = MapAxis.from_energy_bounds("0.5 TeV", "50 TeV", 5, name="energy")
energy_true = MapAxis.from_energy_bounds("0.2 TeV", "100 TeV", 8, name="energy_true")
region = CircleSkyRegion(SkyCoord(83.63, 22.01, unit="deg"), 0.11 * u.deg)
geom = RegionGeom.create(region, axes=[energy])
random = np.random.default_rng(0)


def parts(name):
    exposure = RegionNDMap.create(region, axes=[energy_true], unit="m2 s")
    exposure.data = np.linspace(1e9, 2e10, 8).reshape(8, 1, 1)
    exposure.meta = {"livetime": 1800 * u.s}
    edisp = EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05)
    return {
        "counts": RegionNDMap(geom, data=random.poisson(20, geom.data_shape)),
        "exposure": exposure,
        "edisp": edisp,
        "mask_safe": RegionNDMap(geom, data=np.arange(5).reshape(5, 1, 1) > 0),
        "gti": GTI.create([0, 1000] * u.s, [900, 1900] * u.s, "2020-01-01T00:00:00"),
        "name": name,
    }


def spectrum(name="spec"):
    return SpectrumDataset(background=RegionNDMap(geom, data=np.full(geom.data_shape, 3.5)), **parts(name))


def on_off(name="onoff"):
    return SpectrumDatasetOnOff(
        counts_off=RegionNDMap(geom, data=random.poisson(50, geom.data_shape)),
        acceptance=RegionNDMap(geom, data=np.ones(geom.data_shape)),
        acceptance_off=RegionNDMap(geom, data=np.full(geom.data_shape, 5.0)),
        **parts(name),
    )


item("gadf")(lambda: spectrum().write("gadf_spectrum.fits"))
item("gadf on off")(lambda: on_off().write("gadf_onoff.fits", format="gadf"))
item("ogip")(lambda: on_off("ogipset").write("ogip_onoff.fits", format="ogip"))
item("ogip sherpa")(lambda: on_off("sherpaset").write("sherpa_onoff.fits", format="ogip-sherpa"))


@item("list")
def _():
    datasets = Datasets([on_off("first"), on_off("second")])
    datasets.models = [SkyModel(PowerLawSpectralModel(), name="crab")]
    datasets.write("list.yaml", filename_models="list_models.yaml")


@item("mixed list")
def _():
    datasets = Datasets([spectrum("third"), spectrum("fourth")])
    background = FoVBackgroundModel(spectral_model=PowerLawNormSpectralModel(norm=1.1), dataset_name="third")
    datasets.models = [SkyModel(PowerLawSpectralModel(), name="crab"), background]
    datasets.write("mixed.yaml", filename_models="mixed_models.yaml")


report()
