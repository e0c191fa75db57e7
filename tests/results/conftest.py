"""Flux points of known numbers, along energy, time and position."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from geminga.data import GTI
from geminga.estimators import FluxPoints
from geminga.maps import LabelMapAxis, MapAxis, RegionGeom, RegionNDMap, TimeMapAxis
from geminga.modeling.models import PowerLawSpectralModel, SkyModel

ENERGY = MapAxis.from_energy_edges([1, 3, 10, 30] * u.TeV, name="energy")
TIME = TimeMapAxis(
    edges_min=[0, 2] * u.d, edges_max=[1, 3.5] * u.d, reference_time=Time("2026-01-01", scale="tt")
)
DISTANCE = MapAxis.from_edges([0, 0.5, 1] * u.deg, name="projected-distance", interp="lin")
AXES = {"gadf-sed": [ENERGY], "lightcurve": [ENERGY, TIME], "profile": [ENERGY, DISTANCE]}
SCAN = MapAxis.from_nodes(np.linspace(0.2, 5, 41), interp="lin", name="norm")


def region_map(axes, data, unit=""):
    geom = RegionGeom.create(None, axes=axes)
    return RegionNDMap.from_geom(geom, data=np.reshape(data, geom.data_shape), unit=unit)


@pytest.fixture
def reference():
    spectrum = PowerLawSpectralModel(index=2.3, amplitude="3e-12 cm-2 s-1 TeV-1", reference="2 TeV")
    return SkyModel(spectrum, name="source")


@pytest.fixture
def make_points(reference):
    """Return a function that makes flux points; norms f from 1 to 2, parabolic profiles of width 0.1 f."""

    def make(axes=(ENERGY,), **replaced):
        axes = list(axes)
        size = int(np.prod([axis.nbin for axis in axes]))
        f = np.linspace(1, 2, size)
        label = LabelMapAxis(labels=["one"], name="dataset")
        scan = ((SCAN.center.value - f[:, np.newaxis]) / (0.1 * f[:, np.newaxis])) ** 2 + 3 * f[:, np.newaxis]
        data = {
            "norm": region_map(axes, f),
            "norm_err": region_map(axes, 0.1 * f),
            "norm_errn": region_map(axes, 0.09 * f),
            "norm_errp": region_map(axes, 0.11 * f),
            "norm_ul": region_map(axes, 1.2 * f),
            "ts": region_map(axes, 25 * (f - 1)),
            "stat": region_map(axes, 3 * f),
            "stat_null": region_map(axes, 3 * f + 25 * (f - 1)),
            "npred": region_map([label, *axes], 10 * f),
            "npred_excess": region_map([label, *axes], 8 * f),
            "success": region_map(axes, np.ones(size, dtype=bool)),
            "stat_scan": region_map([SCAN, *axes], scan),
            **replaced,
        }
        meta = {"n_sigma": 1, "n_sigma_ul": 2, "sqrt_ts_threshold_ul": 2, "sed_type_init": "likelihood"}
        gti = GTI.create([0, 2000] * u.s, [1000, 3000] * u.s, reference_time=Time("2026-01-01", scale="tt"))
        data = {name: map_ for name, map_ in data.items() if map_ is not None}
        return FluxPoints(data, reference, meta=meta, gti=gti)

    return make


@pytest.fixture
def points(make_points):
    return make_points()
