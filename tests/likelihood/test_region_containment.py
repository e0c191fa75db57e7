"""Sources in regions as the PSF shows them, against integrals over the PSF."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion
from scipy.integrate import dblquad

from geminga.datasets import Datasets, MapDataset
from geminga.errors import DataError
from geminga.irf import EDispKernelMap, PSFMap, RecoPSFMap
from geminga.likelihood import bind
from geminga.maps import Map, MapAxis, RegionGeom
from geminga.modeling import Fit
from geminga.modeling.models import GaussianSpatialModel, PointSpatialModel, PowerLawSpectralModel, SkyModel

RADIUS = 0.2
SIGMA = np.array([0.12, 0.08, 0.05])


@pytest.fixture
def dataset():
    center = SkyCoord(83.6, 22.0, unit="deg")
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy")
    energy_true = MapAxis.from_energy_bounds("1 TeV", "10 TeV", 3, name="energy_true")
    geom = RegionGeom.create(CircleSkyRegion(center, RADIUS * u.deg), axes=[energy])
    geom_true = geom.to_image().to_cube([energy_true])
    return MapDataset(
        counts=Map.from_geom(geom, data=np.full(geom.data_shape, 20.0)),
        background=Map.from_geom(geom, data=np.full(geom.data_shape, 5.0)),
        exposure=Map.from_geom(geom_true, data=np.full(geom_true.data_shape, 1e9), unit="m2 s"),
        psf=PSFMap.from_gauss(
            energy_true,
            rad_axis=MapAxis.from_bounds(0, 0.8, 400, unit="deg", name="rad"),
            sigma=SIGMA * u.deg,
        ),
        edisp=EDispKernelMap.from_diagonal_response(energy, energy_true),
        name="region",
    )


def source(spatial):
    return SkyModel(
        spectral_model=PowerLawSpectralModel(amplitude="1e-12 cm-2 s-1 TeV-1"), spatial_model=spatial
    )


def inside(offset, sigma, radius=RADIUS):
    """Integrate a round Gaussian at a distance from the centre of a circle over the circle."""

    def density(r, angle):
        square = r**2 + offset**2 - 2 * r * offset * np.cos(angle)
        return r * np.exp(-0.5 * square / sigma**2) / (2 * np.pi * sigma**2)

    return dblquad(density, 0, 2 * np.pi, 0, radius)[0]


@pytest.mark.parametrize("offset", [0.0, 0.15, 0.3], ids=["centred", "off-centre", "outside"])
def test_point_source_leaks_as_the_psf_says(dataset, offset):
    dataset.models = [source(PointSpatialModel(lon_0="83.6 deg", lat_0=(22.0 + offset) * u.deg))]
    got = dataset.npred_signal().data.ravel()
    dataset.psf = None
    dataset.models[0].spatial_model.lat_0.value = 22.0
    full = dataset.npred_signal().data.ravel()
    expected = [inside(offset, sigma) for sigma in SIGMA]
    np.testing.assert_allclose(got / full, expected, rtol=0.02, atol=2e-3)


def test_extended_source_is_convolved(dataset):
    dataset.models = [source(GaussianSpatialModel(lon_0="83.6 deg", lat_0="22.1 deg", sigma="0.1 deg"))]
    got = dataset.npred_signal().data.ravel()
    dataset.models = [source(PointSpatialModel(lon_0="83.6 deg", lat_0="22.0 deg"))]
    dataset.psf = None
    full = dataset.npred_signal().data.ravel()
    expected = [inside(0.1, np.hypot(sigma, 0.1)) for sigma in SIGMA]
    np.testing.assert_allclose(got / full, expected, rtol=0.01)


def test_derivatives_are_differences(dataset):
    model = source(GaussianSpatialModel(lon_0="83.65 deg", lat_0="22.1 deg", sigma="0.1 deg"))
    datasets = Datasets([dataset])
    datasets.models = [model]
    likelihood = bind(datasets)
    values = likelihood.values
    gradient = likelihood.gradient(values)
    for index in range(len(values)):
        step = 1e-4 * abs(values[index])
        up, down = values.copy(), values.copy()
        up[index] += step
        down[index] -= step
        numeric = (likelihood.stat(up) - likelihood.stat(down)) / (2 * step)
        assert gradient[index] == pytest.approx(numeric, rel=5e-3)


def test_free_position_is_that_of_the_fixed_one(dataset):
    model = source(PointSpatialModel(lon_0="83.65 deg", lat_0="22.1 deg"))
    dataset.models = [model]
    free = dataset.stat_sum()
    model.spatial_model.freeze()
    assert dataset.stat_sum() == pytest.approx(free, rel=1e-12)
    Fit().run(Datasets([dataset]))
    assert model.spectral_model.amplitude.value > 0


def test_reconstructed_energy_is_refused(dataset):
    dataset.psf = RecoPSFMap.from_gauss(dataset.counts.geom.axes["energy"])
    dataset.models = [source(PointSpatialModel(lon_0="83.6 deg", lat_0="22 deg"))]
    with pytest.raises(DataError, match="true energy"):
        dataset.stat_sum()
