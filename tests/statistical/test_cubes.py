"""Toys of a field with a point, a Gaussian and a shell: pulls of all parameters of a cube fit, errors included."""

import numpy as np
import pytest
from astropy import units as u

from geminga.datasets import Datasets, MapDataset
from geminga.irf import EDispKernelMap, PSFMap
from geminga.maps import Map, MapAxis, WcsGeom
from geminga.modeling import Fit
from geminga.modeling.models import (
    FoVBackgroundModel,
    GaussianSpatialModel,
    PointSpatialModel,
    PowerLawSpectralModel,
    ShellSpatialModel,
    SkyModel,
)

WIDTH = 1.6


def make_empty(n_pixels, n_energies):
    """A cube of 1.6 deg with the responses of a small telescope array; the exposure falls off to the edge."""
    energy = MapAxis.from_energy_bounds("0.5 TeV", "20 TeV", n_energies, name="energy")
    energy_true = MapAxis.from_energy_bounds("0.3 TeV", "40 TeV", 2 * n_energies, name="energy_true")
    geom = WcsGeom.create(
        skydir=(0, 0), binsz=WIDTH / n_pixels, npix=n_pixels, frame="galactic", proj="TAN", axes=[energy]
    )
    geom_true = geom.to_image().to_cube([energy_true])
    pixel = (np.arange(n_pixels) - (n_pixels - 1) / 2) * WIDTH / n_pixels
    offset2 = pixel[np.newaxis, :] ** 2 + pixel[:, np.newaxis] ** 2
    area = 1e9 * energy_true.center.to_value("TeV") ** 0.5
    exposure = area[:, np.newaxis, np.newaxis] * np.exp(-offset2 / 3)
    # 20 000 background counts, whatever the binning.
    share = np.diff(energy.edges.to_value("TeV") ** -1.5) / (20**-1.5 - 0.5**-1.5)
    shape = np.exp(-offset2 / 3)
    background = 2e4 * share[:, np.newaxis, np.newaxis] * shape / shape.sum()
    width = 0.08 * energy_true.center.to_value("TeV") ** -0.2
    return MapDataset(
        counts=Map.from_geom(geom),
        exposure=Map.from_geom(geom_true, data=exposure, unit="m2 s"),
        background=Map.from_geom(geom, data=background),
        psf=PSFMap.from_gauss(energy_true, sigma=width * u.deg),
        edisp=EDispKernelMap.from_gauss(energy, energy_true, sigma=0.15, bias=0.0),
        name="toy",
    )


def make_models():
    """The truth: about 2000 counts from each source."""
    places = [
        PointSpatialModel(lon_0="0.403 deg", lat_0="0.298 deg", frame="galactic"),
        GaussianSpatialModel(lon_0="-0.35 deg", lat_0="0.25 deg", sigma="0.12 deg", frame="galactic"),
        ShellSpatialModel(
            lon_0="0.05 deg", lat_0="-0.32 deg", radius="0.24 deg", width="0.14 deg", frame="galactic"
        ),
    ]
    spectra = [
        PowerLawSpectralModel(index=index, amplitude=f"{amplitude} cm-2 s-1 TeV-1", reference="1 TeV")
        for index, amplitude in [(2.2, 1.5e-10), (2.4, 2e-10), (2.1, 4e-10)]
    ]
    sources = [
        SkyModel(spectral_model=spectrum, spatial_model=place, name=name)
        for name, place, spectrum in zip(["point", "gaussian", "shell"], places, spectra, strict=True)
    ]
    return [*sources, FoVBackgroundModel(dataset_name="toy")]


def fit_toys(n_toys, n_pixels, n_energies, seed):
    """Fit fakes and return the pulls of all free parameters, shape (n_toys, n_parameters)."""
    dataset = make_empty(n_pixels, n_energies)
    dataset.models = make_models()
    expected = dataset.npred().data
    random, pulls = np.random.default_rng(seed), []
    for _ in range(n_toys):
        dataset.counts.data = random.poisson(expected).astype(float)
        datasets = Datasets([dataset])
        datasets.models = make_models()
        free = datasets.models.parameters.free_parameters
        truth = np.array([parameter.value for parameter in free])
        for parameter, value in zip(free, truth, strict=True):
            shift = 0.01 if parameter.unit == u.deg else 0.05 * value
            parameter.value = value + shift * random.uniform(-1, 1)
        assert Fit().run(datasets).success
        pulls.append([(p.value - true) / p.error for p, true in zip(free, truth, strict=True)])
    return np.array(pulls)


def names():
    models = make_models()
    return [f"{model.name}.{p.name}" for model in models for p in model.parameters if not p.frozen]


def check_pulls(pulls, mean, width):
    """Compare mean and width of the pulls of each parameter with 0 and 1; the message shows all of them."""
    table = dict(zip(names(), zip(pulls.mean(axis=0), pulls.std(axis=0, ddof=1), strict=True), strict=True))
    table = {name: (round(float(a), 3), round(float(b), 3)) for name, (a, b) in table.items()}
    wrong = {name for name, (a, b) in table.items() if abs(a) > mean or abs(b - 1) > width}
    assert not wrong, (wrong, table)


def test_pulls_of_a_few_fields():
    pulls = fit_toys(20, n_pixels=40, n_energies=4, seed=1)
    # The mean of 20 pulls scatters by 0.22 and their width by 0.16; sixteen parameters: three and a half of those.
    check_pulls(pulls, mean=0.8, width=0.55)
    # All pulls together scatter by 0.06 (in part they measure the same fluctuation) and their width by 0.05.
    assert abs(pulls.mean()) < 0.2
    assert pulls.std() == pytest.approx(1, abs=0.15)


@pytest.mark.long
def test_pulls_of_many_fields():
    pulls = fit_toys(600, n_pixels=80, n_energies=6, seed=2)
    # The mean of 600 pulls scatters by 0.04 and their width by 0.03: three and a half of those.
    check_pulls(pulls, mean=0.15, width=0.1)
