import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.maps import MapAxis
from geminga.maps.axes.pixels import unevenness

AXES = [
    MapAxis.from_energy_bounds("0.1 TeV", "100 TeV", nbin=24),
    MapAxis.from_edges(np.geomspace(0.1, 100, 25).astype("f4"), unit="TeV", interp="log", name="energy"),
    MapAxis.from_edges([0.1, 0.2, 3, 100], unit="TeV", interp="log", name="energy"),
    MapAxis.from_bounds(0.1, 100, nbin=1000, unit="TeV"),
    MapAxis.from_bounds(0.1, 100, nbin=7, unit="TeV", interp="sqrt"),
    MapAxis.from_nodes(np.geomspace(0.1, 100, 9), unit="TeV", interp="log"),
    MapAxis.from_edges(np.geomspace(0.1, 100, 25)[::-1], unit="TeV", interp="log"),
    MapAxis.from_edges([0.1, 100], unit="TeV", interp="log"),
]


@pytest.mark.parametrize("axis", AXES, ids=range(len(AXES)))
@pytest.mark.parametrize("clip", [False, True])
def test_many_values_fall_where_each_would(axis, clip):
    edges = axis.edges.to_value("TeV")
    special = [np.nan, 0, -1, np.inf, -np.inf]
    values = np.concatenate(
        [
            10 ** np.random.default_rng(0).uniform(-1.2, 2.2, 80_000),
            edges,
            np.nextafter(edges, 0),
            np.nextafter(edges, 1e9),
            special,
        ]
    )
    found = axis.coord_to_idx(values * u.TeV, clip=clip)
    part = np.r_[:2000, len(values) - 900 : len(values)] if axis.nbin < 200 else np.r_[:2000, -5:0]
    slow = [int(axis.coord_to_idx(value * u.TeV, clip=clip)[0]) for value in values[part]]
    assert_array_equal(found[part], slow)


@pytest.mark.parametrize("axis", AXES, ids=range(len(AXES)))
def test_pixels_of_many_values_are_those_of_each(axis):
    edges = axis.edges.to_value("TeV")
    values = np.concatenate([10 ** np.random.default_rng(0).uniform(-1.2, 2.2, 80_000), edges, [np.nan]])
    found = axis.coord_to_pix(values * u.TeV)
    slow = np.concatenate([axis.coord_to_pix(part * u.TeV) for part in np.array_split(values, 200)])
    assert_allclose(found, slow, rtol=0, atol=2e-9)
    assert_array_equal(
        axis.pix_to_idx(found[-1 - len(edges) : -2]), axis.coord_to_idx(values[-1 - len(edges) : -2])
    )


def test_unevenness():
    assert unevenness(np.array([1.0, 2, 3])) == 0
    assert_allclose(unevenness(np.array([0, 1.2, 2])), 0.2)
    assert unevenness(np.array([1.0])) == np.inf
