"""Axes and small responses for the tests of responses."""

import numpy as np
import pytest

from geminga.irf import (
    PSF3D,
    Background2D,
    Background3D,
    EDispMap,
    EffectiveAreaTable2D,
    EnergyDependentMultiGaussPSF,
    EnergyDispersion2D,
    PSFKing,
    PSFMap,
    RadMax2D,
)
from geminga.maps import Map, MapAxis, RegionGeom, WcsGeom


@pytest.fixture
def energy_true():
    return MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=4, name="energy_true")


@pytest.fixture
def energy():
    return MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=3, name="energy")


@pytest.fixture
def offset():
    return MapAxis.from_edges([0.0, 1.0, 2.0, 3.0], unit="deg", name="offset")


@pytest.fixture
def responses(energy_true, energy, offset):
    """One of each class, with values that differ in every bin."""
    rng = np.random.default_rng(42)
    migra = MapAxis.from_bounds(0.2, 3.0, nbin=6, name="migra")
    rad = MapAxis.from_bounds(0.0, 0.5, nbin=5, unit="deg", name="rad")
    lon = MapAxis.from_bounds(-2.0, 2.0, nbin=4, unit="deg", name="fov_lon")
    lat = MapAxis.from_bounds(-1.0, 1.0, nbin=2, unit="deg", name="fov_lat")
    grid = [energy_true, offset]
    king = np.zeros((4, 3), dtype=[("gamma", float), ("sigma", float)])
    king["gamma"], king["sigma"] = rng.uniform(1.5, 3, (4, 3)), rng.uniform(0.05, 0.1, (4, 3))
    names = EnergyDependentMultiGaussPSF.required_parameters
    gauss = np.zeros((4, 3), dtype=[(name, float) for name in names])
    for name in names:
        gauss[name] = rng.uniform(0.1, 0.3, (4, 3))
    meta = {"TELESCOP": "TEST", "LO_THRES": 0.2}
    return {
        "aeff": EffectiveAreaTable2D(grid, rng.uniform(1, 2, (4, 3)) * 1e5, "m2", meta=meta),
        "edisp": EnergyDispersion2D([energy_true, migra, offset], rng.uniform(0, 1, (4, 6, 3)), meta=meta),
        "psf": PSF3D([energy_true, offset, rad], rng.uniform(1, 2, (4, 3, 5)) * 1e4, "sr-1", meta=meta),
        "king": PSFKing(grid, king, meta=meta),
        "gauss": EnergyDependentMultiGaussPSF(grid, gauss, meta=meta),
        "bkg_2d": Background2D([energy, offset], rng.uniform(1, 2, (3, 3)), "s-1 MeV-1 sr-1", meta=meta),
        "bkg_3d": Background3D(
            [energy, lon, lat],
            rng.uniform(1, 2, (3, 4, 2)),
            "s-1 MeV-1 sr-1",
            fov_alignment="ALTAZ",
            meta=meta,
        ),
        "rad_max": RadMax2D([energy, offset], rng.uniform(0.1, 0.3, (3, 3)), "deg", is_pointlike=True),
    }


def small_psf_map(rng, npix=(5, 4), region=False):
    """Return a point spread function that differs from pixel to pixel, with exposure except in the first column."""
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=3, name="energy_true")
    rad = MapAxis.from_bounds(0, 0.6, nbin=60, unit="deg", name="rad")
    if region:
        geom = RegionGeom.create("icrs;circle(83, 22, 0.5)", axes=[rad, energy])
        sigma = rng.uniform(0.05, 0.15, (3, 1, 1, 1))
    else:
        geom = WcsGeom.create(npix=npix, binsz=0.5, skydir=(83, 22), axes=[rad, energy])
        sigma = rng.uniform(0.05, 0.15, (3, 1, npix[1], npix[0]))
    radius = rad.center.value.reshape(-1, 1, 1)
    density = np.exp(-0.5 * (radius / sigma) ** 2) / (2 * np.pi * sigma**2) * (180 / np.pi) ** 2
    one = geom.squash("rad")
    exposure = rng.uniform(1, 2, one.data_shape)
    if not region:
        exposure[..., 0] = 0
    psf = PSFMap(
        Map.from_geom(geom, data=density, unit="sr-1"), Map.from_geom(one, data=exposure, unit="m2 s")
    )
    psf.sigma = sigma
    return psf


@pytest.fixture
def psf_map():
    return small_psf_map(np.random.default_rng(1))


@pytest.fixture
def region_psf_map():
    return small_psf_map(np.random.default_rng(2), region=True)


@pytest.fixture
def edisp_map(energy_true):
    """Gaussian migration that differs from pixel to pixel, with exposure except in the first column."""
    rng = np.random.default_rng(3)
    migra = MapAxis.from_bounds(0, 3, nbin=300, name="migra")
    geom = WcsGeom.create(npix=(4, 3), binsz=0.5, skydir=(83, 22), axes=[migra, energy_true])
    sigma = rng.uniform(0.1, 0.3, (4, 1, 3, 4))
    bias = rng.uniform(-0.1, 0.1, (4, 1, 3, 4))
    x = migra.center.value.reshape(-1, 1, 1)
    density = np.exp(-0.5 * ((x - 1 - bias) / sigma) ** 2) / np.sqrt(2 * np.pi) / sigma
    one = geom.squash("migra")
    exposure = rng.uniform(1, 2, one.data_shape)
    exposure[..., 0] = 0
    edisp = EDispMap(Map.from_geom(geom, data=density), Map.from_geom(one, data=exposure, unit="m2 s"))
    edisp.sigma, edisp.bias = sigma, bias
    return edisp
