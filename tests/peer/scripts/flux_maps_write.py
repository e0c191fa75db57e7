"""Estimate and write TS and excess maps."""

import astropy.units as u
import numpy as np
from summary import item, report

from geminga.data import GTI
from geminga.datasets import MapDataset
from geminga.estimators import ExcessMapEstimator, TSMapEstimator
from geminga.irf import EDispKernelMap, PSFMap
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling.models import PointSpatialModel, PowerLawSpectralModel, SkyModel

energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
energy_true = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", 5, name="energy_true")
rad = MapAxis.from_bounds(0, 1, 40, unit="deg", name="rad")
geom = WcsGeom.create(npix=(21, 21), binsz=0.1, skydir=(83.63, 22.01), proj="TAN", axes=[energy])
random = np.random.default_rng(0)
exposure = Map.from_geom(geom.to_image().to_cube([energy_true]), unit="m2 s")
exposure.data += np.linspace(1e9, 2e10, 5).reshape(5, 1, 1)
dataset = MapDataset(
    counts=Map.from_geom(geom, data=random.poisson(2, geom.data_shape).astype("float32")),
    background=Map.from_geom(geom, data=np.full(geom.data_shape, 1.7, dtype="float32")),
    exposure=exposure,
    psf=PSFMap.from_gauss(energy_true, rad_axis=rad, sigma="0.1 deg"),
    edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05),
    mask_safe=Map.from_geom(geom, data=random.uniform(size=geom.data_shape) > 0.1),
    gti=GTI.create([0, 1000] * u.s, [900, 1900] * u.s, "2020-01-01T00:00:00"),
    name="map",
)
source = SkyModel(
    spectral_model=PowerLawSpectralModel(index=2.3), spatial_model=PointSpatialModel(), name="seed"
)
edges = [1, 3, 10] * u.TeV


@item("ts")
def _():
    estimator = TSMapEstimator(
        kernel_model=source,
        kernel_width="0.5 deg",
        energy_edges=edges,
        selection_optional=["errn-errp", "ul"],
    )
    maps = estimator.run(dataset)
    maps.write("ts_likelihood.fits", filename_model="model_ts_likelihood.yaml", sed_type="likelihood")
    maps.write("ts_dnde.fits", filename_model="model_ts_dnde.yaml", sed_type="dnde")


@item("excess")
def _():
    estimator = ExcessMapEstimator("0.2 deg", energy_edges=edges, selection_optional=["errn-errp", "ul"])
    maps = estimator.run(dataset)
    maps.write("excess_flux.fits", filename_model="model_excess_flux.yaml", sed_type="flux")


report()
