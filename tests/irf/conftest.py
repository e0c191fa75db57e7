"""Axes and small responses for the tests of responses."""

import numpy as np
import pytest
from astropy import units as u

from geminga.irf import (
    PSF3D,
    Background2D,
    Background3D,
    EffectiveAreaTable2D,
    EnergyDependentMultiGaussPSF,
    EnergyDispersion2D,
    PSFKing,
    RadMax2D,
)
from geminga.maps import MapAxis


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


@pytest.fixture
def deg():
    return u.deg
