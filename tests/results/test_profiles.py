"""Limits and bins from likelihood profiles."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose
from tests.likelihood.conftest import axes, make_dataset, model  # noqa: F401

from geminga.datasets import Datasets
from geminga.errors import AxisMismatchError, DataError
from geminga.estimators import FluxPointsEstimator
from geminga.maps import MapAxis
from geminga.results.profiles import profile_crossings

from .conftest import AXES


def test_crossings_of_a_parabola():
    norms = np.linspace(0.2, 5, 41)
    best, low, high, minimum = profile_crossings(norms, ((norms - 1.3) / 0.4)[np.newaxis] ** 2 + 7, 4.0)
    assert_allclose([best[0], low[0], high[0], minimum[0]], [1.3, 0.5, 2.1, 7], rtol=5e-3)


def test_crossings_beyond_the_scan_follow_the_last_parabola():
    norms = np.linspace(1, 3, 21)
    _, _, high, _ = profile_crossings(norms, ((norms - 2.5) / 0.4)[np.newaxis] ** 2, 4.0)
    assert_allclose(high, 3.3, rtol=5e-3)


def test_profiles_without_minimum_have_no_crossings():
    norms = np.linspace(0.2, 5, 41)
    assert np.isnan(profile_crossings(norms, np.full((1, 41), np.nan), 1.0)).all()


@pytest.mark.parametrize("n_sigma", [1, 2, 3])
def test_other_limits(n_sigma, points):
    new = points.recompute_ul(n_sigma_ul=n_sigma)
    f = np.array([1, 1.5, 2])
    assert_allclose(new.norm_ul.data.ravel(), f * (1 + 0.1 * n_sigma), rtol=5e-3)
    assert new.n_sigma_ul == n_sigma
    assert points.n_sigma_ul == 2


def test_joined_times(make_points):
    """Parabolas of best f and width 0.1 f add to the weighted mean."""
    points = make_points(AXES["lightcurve"])
    time = points.geom.axes["time"]
    wide = type(time)(
        edges_min=time.edges_min[:1], edges_max=time.edges_max[1:], reference_time=time.reference_time
    )
    joined = points.resample_axis(axis_new=wide)
    f = points.norm.data.reshape(2, 3)
    weight = 1 / (0.1 * f) ** 2
    assert_allclose(joined.norm.data.ravel(), (f * weight).sum(axis=0) / weight.sum(axis=0), rtol=2e-3)
    error = weight.sum(axis=0) ** -0.5
    assert_allclose(joined.norm_err.data.ravel(), error, rtol=0.02)
    assert_allclose(joined.norm_ul.data.ravel() - joined.norm.data.ravel(), 2 * error, rtol=0.02)
    assert_allclose(joined.stat_null.data.ravel(), points.stat_null.data.reshape(2, 3).sum(axis=0))


def test_joined_energies_agree_with_a_direct_estimate(make_dataset, model):  # noqa: F811
    """Oracle: the estimator itself on the wider bins."""
    datasets = Datasets(
        [make_dataset("wstat", "a", scale=0.3), make_dataset("wstat", "b", scale=0.4, seed=5)]
    )
    datasets.models = [model]
    fine = u.Quantity([0.75, 1.1, 1.6, 2.3, 3.4], "TeV")
    norms = MapAxis.from_nodes(np.linspace(0.1, 6, 60), interp="lin", name="norm")
    estimator = FluxPointsEstimator(
        energy_edges=fine, source="source", selection_optional="all", norm={"scan_values": norms.center.value}
    )
    points = estimator.run(datasets)
    edges = points.energy_axis.edges[[0, 2, 4]]
    direct = FluxPointsEstimator(energy_edges=edges, source="source", selection_optional="all").run(datasets)
    joined = points.resample_axis(axis_new=direct.energy_axis)
    for name, tolerance in (("norm", 0.01), ("norm_err", 0.02), ("norm_ul", 0.01), ("ts", 0.01)):
        assert_allclose(getattr(joined, name).data, getattr(direct, name).data, rtol=tolerance)


def test_without_profiles(make_points):
    with pytest.raises(DataError, match="must have likelihood profiles"):
        make_points(stat_scan=None).recompute_ul()


def test_new_bins_without_data(points):
    beyond = MapAxis.from_energy_edges([1, 3, 10, 30, 100] * u.TeV, name="energy")
    with pytest.raises(AxisMismatchError, match="must hold a present bin"):
        points.resample_axis(axis_new=beyond)
