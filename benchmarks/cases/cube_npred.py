"""Counts of ten Gaussians on 500 x 500 pixels and 15 energies, all parameters moved before each call."""

import astropy.units as u
import numpy as np
from harness import Case

case = Case()
datasets, maps, irf = case.module("datasets"), case.module("maps"), case.module("irf")
models = case.module("modeling.models")

energy = maps.MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", 15, name="energy")
energy_true = maps.MapAxis.from_energy_bounds("0.05 TeV", "20 TeV", 20, name="energy_true")
geom = maps.WcsGeom.create(
    skydir=(0, 0), binsz=0.02, npix=(500, 500), frame="galactic", proj="CAR", axes=[energy]
)
exposure = maps.Map.from_geom(geom.to_image().to_cube([energy_true]), unit="m2 s")
exposure.data += (1e10 * energy_true.center.to_value("TeV") ** 0.5).reshape(-1, 1, 1)
dataset = datasets.MapDataset(
    counts=maps.Map.from_geom(geom),
    background=maps.Map.from_geom(geom, data=np.ones(geom.data_shape)),
    exposure=exposure,
    psf=irf.PSFMap.from_gauss(energy_true, sigma=np.linspace(0.12, 0.03, 20) * u.deg),
    edisp=irf.EDispKernelMap.from_gauss(energy, energy_true, sigma=0.12, bias=0.0),
    name="wide",
)
sources = []
for number in range(10):
    spectrum = models.PowerLawSpectralModel(index=2.2, amplitude="3e-12 cm-2 s-1 TeV-1", reference="1 TeV")
    place = models.GaussianSpatialModel(
        lon_0=f"{-3.6 + 0.8 * number} deg",
        lat_0=f"{0.2 * (number % 3)} deg",
        sigma="0.25 deg",
        frame="galactic",
    )
    sources.append(models.SkyModel(spectral_model=spectrum, spatial_model=place, name=f"source-{number}"))
dataset.models = sources
steps = iter(range(1000))


def predict():
    # Both packages may keep what has not moved.
    move = next(steps)
    for source in sources:
        source.spatial_model.lon_0.value += 0.01
        source.spatial_model.sigma.value *= 1.001
        source.spectral_model.index.value = 2.2 + 0.001 * move
    return dataset.npred()


case.timed("npred of 10 Gaussians", predict, repeat=5)
case.timed("npred, nothing moved", dataset.npred, repeat=5)
npred = dataset.npred().data
case.answer("counts in each energy", npred.sum(axis=(1, 2)), rtol=1e-4)
row = npred[:, 250, 150:350].sum(axis=0)
case.answer("along the row of the sources", row, rtol=2e-3)
case.report()
