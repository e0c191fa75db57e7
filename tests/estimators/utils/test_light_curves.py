"""Variability and rebinning of light curves, against the numbers of one energy at a time."""

import numpy as np
import pytest
from astropy import units as u

from geminga.datasets import Datasets
from geminga.errors import DataError, UnknownNameError
from geminga.estimators import FluxPointsEstimator, LightCurveEstimator
from geminga.estimators.utils import (
    compute_lightcurve_discrete_correlation,
    compute_lightcurve_doublingtime,
    compute_lightcurve_fpp,
    compute_lightcurve_fvar,
    get_rebinned_axis,
)
from geminga.maps import MapAxis, RegionGeom, RegionNDMap
from geminga.modeling.models import PowerLawSpectralModel, SkyModel
from geminga.results import FluxPoints
from geminga.stats import compute_fpp, compute_fvar


@pytest.fixture
def curve(make_map_dataset, point_source):
    datasets = Datasets([make_map_dataset(name=f"run-{h}", seed=h, hour=2 * h) for h in range(5)])
    for index, dataset in enumerate(datasets):
        dataset.counts.data *= 1 + index
    datasets.models = [point_source]
    return LightCurveEstimator(
        energy_edges=[0.7, 2, 50] * u.TeV, source="source", selection_optional=["scan"]
    ).run(datasets)


def test_amplitudes_of_each_energy(curve):
    for function, numbers, name in (
        (compute_lightcurve_fvar, compute_fvar, "fvar"),
        (compute_lightcurve_fpp, compute_fpp, "fpp"),
    ):
        table = function(curve)
        assert len(table) == 2
        for row in range(2):
            value, error = numbers(curve.flux.data[:, row, 0, 0], curve.flux_err.data[:, row, 0, 0])
            assert table[name][row] == pytest.approx(value)
            assert table[f"{name}_err"][row] == pytest.approx(error)
            assert table["significance"][row] == pytest.approx(value / error)
        assert table["min_energy"].unit == "TeV"


def test_doubling_times(curve):
    table = compute_lightcurve_doublingtime(curve)
    flux = curve.flux.data[:, 0, 0, 0]
    rising = np.diff(flux) > 0
    slow = (2 * np.log(2) / np.log(flux[1:] / flux[:-1]))[rising].min() * u.h
    assert table["doublingtime"].quantity[0].to("h").value == pytest.approx(slow.value)
    assert {"halvingtime", "halving_err", "doubling_coord"} <= set(table.colnames)


def test_correlation_of_a_curve_with_itself(curve):
    result = compute_lightcurve_discrete_correlation(curve, tau=2 * u.h)
    lags, value = result["bins"], result["discrete_correlation"]
    assert value.shape == (len(lags), 2)
    zero = np.argmin(np.abs(lags.to_value("h") - 1))
    assert np.nanargmax(value[:, 0]) == zero
    default = compute_lightcurve_discrete_correlation(curve, curve)
    assert np.isfinite(default["discrete_correlation"]).any()


def test_wider_bins(curve):
    axis = get_rebinned_axis(curve, "time", method="fixed-bins", group_size=2)
    assert axis.nbin == 3
    assert axis.time_min[1] == curve.geom.axes["time"].time_min[2]
    ts = np.nansum(curve.ts.data, axis=(1, 2, 3))
    axis = get_rebinned_axis(curve, "time", method="min-ts", ts_threshold=1.5 * ts[0])
    first = int(np.argmax(np.cumsum(ts) >= 1.5 * ts[0]))
    assert axis.time_max[0] == curve.geom.axes["time"].time_max[first]
    rebinned = curve.resample_axis(axis)
    assert rebinned.norm.data.shape[0] == axis.nbin
    energy = get_rebinned_axis(curve, method="fixed-bins", group_size=2)
    assert energy.nbin == 1
    assert energy.edges[-1] == curve.energy_axis.edges[-1]


@pytest.mark.parametrize(
    ("ts", "starts"),
    [
        ([10, 0, 0], [0]),
        ([10, 5, 1], [0, 1]),
        ([5, 5, 5], [0, 1, 2]),
        ([10, -1, 0], [0]),
        ([1, 5, 3], [0]),
        ([np.nan] * 3, [0]),
    ],
)
def test_bins_left_at_the_end_join_the_last(ts, starts):
    axis = MapAxis.from_energy_bounds("1 TeV", "1000 TeV", nbin=3)
    geom = RegionGeom.create(None, axes=[axis])
    data = {name: RegionNDMap(geom, data=np.reshape(ts, geom.data_shape)) for name in ("norm", "ts")}
    points = FluxPoints(data, SkyModel(PowerLawSpectralModel(), name="source"))
    found = get_rebinned_axis(points, method="min-ts", ts_threshold=4)
    np.testing.assert_allclose(found.edges[:-1], axis.edges[starts])
    assert found.edges[-1] == axis.edges[-1]


def test_bad_input(curve, make_dataset, model):
    with pytest.raises(UnknownNameError, match="fixed-bins"):
        get_rebinned_axis(curve, "time", method="fixed")
    with pytest.raises(UnknownNameError, match="group_size"):
        get_rebinned_axis(curve, "time", method="fixed-bins", group=3)
    with pytest.raises(UnknownNameError, match="Known: group_size"):
        get_rebinned_axis(curve, "time", method="fixed-bins", ts_threshold=3)
    with pytest.raises(DataError, match="same energy bins"):
        compute_lightcurve_discrete_correlation(curve, curve.slice_by_idx({"energy": slice(0, 1)}))
    datasets = Datasets([make_dataset()])
    datasets.models = [model]
    with pytest.raises(DataError, match="axis 'time'"):
        compute_lightcurve_fvar(
            FluxPointsEstimator(energy_edges=[1, 10] * u.TeV, source="source").run(datasets)
        )
