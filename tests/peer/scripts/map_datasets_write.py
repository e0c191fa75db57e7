"""Write map datasets with all their parts."""

import astropy.units as u
import numpy as np
from summary import item, report

from geminga.data import GTI
from geminga.datasets import Datasets, MapDataset, MapDatasetOnOff
from geminga.irf import EDispKernelMap, EDispMap, PSFMap
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import FoVBackgroundModel, GaussianSpatialModel, PowerLawSpectralModel, SkyModel

energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
energy_true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 5, name="energy_true")
rad = MapAxis.from_bounds(0, 1, 40, unit="deg", name="rad")
geom = WcsGeom.create(npix=(20, 20), binsz=0.1, skydir=(83.63, 22.01), proj="TAN", axes=[energy])
random = np.random.default_rng(0)


def dataset(name="map", reco=True):
    exposure = Map.from_geom(geom.to_image().to_cube([energy_true]), unit="m2 s")
    exposure.data += np.linspace(1e9, 2e10, 5).reshape(5, 1, 1)
    if reco:
        edisp = EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05)
    else:
        edisp = EDispMap.from_diagonal_response(energy_true)
    return MapDataset(
        counts=Map.from_geom(geom, data=random.poisson(2, geom.data_shape).astype("float32")),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 1.7, dtype="float32")),
        exposure=exposure,
        psf=PSFMap.from_gauss(energy_true, rad_axis=rad, sigma="0.1 deg"),
        edisp=edisp,
        mask_safe=Map.from_geom(geom, data=random.uniform(size=geom.data_shape) > 0.1),
        mask_fit=Map.from_geom(geom, data=random.uniform(size=geom.data_shape) > 0.1),
        gti=GTI.create([0, 1000] * u.s, [900, 1900] * u.s, "2020-01-01T00:00:00"),
        name=name,
    )


item("map")(lambda: dataset().write("one_map.fits"))
item("migra")(lambda: dataset(reco=False).write("one_migra.fits"))


@item("onoff")
def _():
    d = dataset()
    off = Map.from_geom(geom, data=random.poisson(8, geom.data_shape).astype("float32"))
    MapDatasetOnOff.from_map_dataset(
        d,
        acceptance=Map.from_geom(geom, data=np.ones(geom.data_shape)),
        acceptance_off=off * 0 + 5,
        counts_off=off,
    ).write("onoff_map.fits")


@item("list")
def _():
    datasets = Datasets([dataset("first"), dataset("second", reco=False)])
    datasets.models = [
        SkyModel(
            PowerLawSpectralModel(),
            GaussianSpatialModel(lon_0="83.63 deg", lat_0="22.01 deg", sigma="0.2 deg"),
            name="crab",
        ),
        FoVBackgroundModel(dataset_name="first"),
    ]
    datasets.write("list.yaml", filename_models="list_models.yaml")


report()
