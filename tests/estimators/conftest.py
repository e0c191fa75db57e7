"""Spectral datasets shared with the tests of the engine, and small map datasets with a source in them."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time
from tests.likelihood.conftest import axes, make_dataset, model

from geminga.data import GTI
from geminga.datasets import MapDataset, MapDatasetOnOff
from geminga.irf import EDispKernelMap, PSFMap
from geminga.maps import Map, WcsGeom
from geminga.modeling.models import PointSpatialModel, PowerLawSpectralModel, SkyModel

__all__ = ["axes", "make_dataset", "make_map_dataset", "model", "point_source"]


@pytest.fixture
def point_source():
    """Return a point source off the centre of the map datasets."""
    spectrum = PowerLawSpectralModel(index=2.3, amplitude="8e-12 cm-2 s-1 TeV-1", reference="1 TeV")
    spatial = PointSpatialModel(lon_0="83.72 deg", lat_0="22.13 deg")
    return SkyModel(spectral_model=spectrum, spatial_model=spatial, name="source")


@pytest.fixture
def make_map_dataset(axes, point_source):
    """Return a function that makes a map dataset with Poisson counts of background and the point source."""
    energy, energy_true = axes

    def make(kind="cash", name="map", seed=0, background=0.4, source=True, hour=0, npix=(31, 25)):
        random = np.random.default_rng(seed)
        geom = WcsGeom.create(
            skydir=(83.6, 22.0), binsz=0.05, npix=npix, frame="icrs", proj="TAN", axes=[energy]
        )
        single = WcsGeom.create(skydir=(83.6, 22.0), binsz=2.0, npix=1, frame="icrs", proj="TAN")
        geom_true = geom.to_image().to_cube([energy_true])
        lon, lat = np.meshgrid(np.arange(npix[0]), np.arange(npix[1]))
        slope = 1 + 0.01 * lon + 0.005 * lat
        exposure = 3e9 * energy_true.center.value[:, np.newaxis, np.newaxis] ** 0.3 * slope
        expected = background * slope * np.linspace(2, 0.2, energy.nbin)[:, np.newaxis, np.newaxis]
        mask = np.ones(geom.data_shape, dtype=bool)
        mask[0] = False
        mask[:3, :4] = False
        dataset = MapDataset(
            counts=Map.from_geom(geom),
            background=Map.from_geom(geom, data=expected),
            exposure=Map.from_geom(geom_true, data=exposure, unit="m2 s"),
            psf=PSFMap.from_gauss(energy_true, sigma=np.linspace(0.1, 0.05, energy_true.nbin) * u.deg),
            edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.05, geom=single),
            mask_safe=Map.from_geom(geom, data=mask),
            gti=GTI.create(hour * u.h, (hour + 1) * u.h, reference_time=Time("2026-01-01")),
            name=name,
        )
        dataset.models = [point_source] if source else []
        dataset.counts.data = random.poisson(dataset.npred().data).astype(float)
        dataset.models = None
        if kind == "cash":
            return dataset
        off = random.poisson(4 * expected).astype(float)
        return MapDatasetOnOff.from_map_dataset(
            dataset, acceptance=1.0, acceptance_off=4.0, counts_off=Map.from_geom(geom, data=off), name=name
        )

    return make
