"""Energy dispersion of maps."""

import numpy as np
from numpy.testing import assert_allclose

from geminga.datasets import apply_edisp
from geminga.irf import EDispKernel
from geminga.maps import Map, MapAxis, WcsGeom


def test_apply_edisp_is_a_sum_over_true_energy():
    true = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true")
    energy = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    geom = WcsGeom.create(npix=(4, 3), axes=[true])
    counts = Map.from_geom(geom, data=np.random.default_rng(0).random(geom.data_shape), unit="")
    matrix = np.random.default_rng(1).random((3, 2))
    folded = apply_edisp(counts, EDispKernel(axes=[true, energy], data=matrix))
    expected = np.zeros((2, 3, 4))
    for i in range(3):
        for j in range(2):
            expected[j] += counts.data[i] * matrix[i, j]
    assert folded.geom.axes.names == ["energy"]
    assert_allclose(folded.data, expected, rtol=1e-6)


def test_no_edisp_renames_the_axis():
    true = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true")
    counts = Map.from_geom(WcsGeom.create(npix=2, axes=[true]))
    assert apply_edisp(counts, None).geom.axes.names == ["energy"]
