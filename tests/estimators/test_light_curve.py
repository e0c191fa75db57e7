"""Light curves: one spectrum for each interval of time."""

import numpy as np
import pytest
from astropy import units as u
from astropy.time import Time

from geminga.data import GTI
from geminga.datasets import Datasets
from geminga.errors import DataError
from geminga.estimators import FluxPointsEstimator, LightCurveEstimator

START = Time("2026-01-01T00:00:00", scale="tt")


@pytest.fixture
def nights(make_dataset, model):
    datasets = Datasets()
    for number in range(4):
        dataset = make_dataset("wstat", f"run-{number}", seed=number)
        dataset.gti = GTI.create(0 * u.h, 1 * u.h, reference_time=START + number * u.day)
        datasets.append(dataset)
    datasets.models = [model]
    return datasets


ENERGY = [1, 20] * u.TeV


def test_default_is_one_bin_for_each_interval(nights):
    curve = LightCurveEstimator(energy_edges=ENERGY, source="source", selection_optional=["ul"]).run(nights)
    assert curve.geom.axes.names == ["energy", "time"]
    assert curve.geom.axes["time"].nbin == 4
    single = FluxPointsEstimator(energy_edges=ENERGY, source="source").run(nights[2:3])
    np.testing.assert_allclose(curve.norm.data[2].ravel(), single.norm.data.ravel(), rtol=1e-10)
    assert curve.counts.geom.axes["dataset"].nbin == 4
    assert np.isfinite(curve.counts.data[2]).sum() == 1


def test_runs_with_gaps_and_overlaps(nights):
    """A run with a gap is one bin; runs at the same time share one."""
    gap = GTI.create([0, 2] * u.h, [1, 3] * u.h, reference_time=START)
    nights[0].gti, nights[1].gti = gap, GTI.create(2.5 * u.h, 4 * u.h, reference_time=START)
    curve = LightCurveEstimator(energy_edges=ENERGY, source="source").run(nights)
    axis = curve.geom.axes["time"]
    assert axis.nbin == 3
    assert (axis.time_max[0] - axis.time_min[0]).to_value("h") == pytest.approx(4)


def test_intervals_join_runs(nights):
    intervals = [Time([START - 1 * u.h, START + 1.5 * u.day]), Time([START + 1.9 * u.day, START + 5 * u.day])]
    curve = LightCurveEstimator(time_intervals=intervals, energy_edges=ENERGY, source="source").run(nights)
    both = FluxPointsEstimator(energy_edges=ENERGY, source="source").run(nights[:2])
    np.testing.assert_allclose(curve.norm.data[0].ravel(), both.norm.data.ravel(), rtol=1e-10)


def test_stacked_intervals(nights):
    intervals = [Time([START - 1 * u.h, START + 5 * u.day])]
    kwargs = {"time_intervals": intervals, "energy_edges": ENERGY, "source": "source"}
    stacked = LightCurveEstimator(stack_over_time_interval=True, **kwargs).run(nights)
    joint = LightCurveEstimator(**kwargs).run(nights)
    assert stacked.norm.data.item() == pytest.approx(joint.norm.data.item(), rel=0.05)


def test_straddling_runs_are_named(nights, caplog):
    intervals = [Time([START - 1 * u.h, START + 0.5 * u.h]), Time([START + 0.9 * u.day, START + 5 * u.day])]
    curve = LightCurveEstimator(time_intervals=intervals, energy_edges=ENERGY, source="source").run(nights)
    assert curve.geom.axes["time"].nbin == 1
    assert "run-0" in caplog.text


def test_no_data_at_all(nights):
    intervals = [Time([START - 9 * u.day, START - 8 * u.day])]
    with pytest.raises(DataError, match="must contain at least one dataset"):
        LightCurveEstimator(time_intervals=intervals, energy_edges=ENERGY, source="source").run(nights)


def test_light_curve_tables_round_trip(nights, tmp_path):
    curve = LightCurveEstimator(energy_edges=ENERGY, source="source", selection_optional="all").run(nights)
    curve.write(tmp_path / "lc.fits", format="lightcurve", sed_type="likelihood")
    from geminga.estimators import FluxPoints

    again = FluxPoints.read(tmp_path / "lc.fits", format="lightcurve")
    np.testing.assert_allclose(again.norm.data, curve.norm.data)
    np.testing.assert_allclose(again.stat_scan.data, curve.stat_scan.data)
    assert (
        abs((again.geom.axes["time"].time_min - curve.geom.axes["time"].time_min).to_value("s")).max() < 1e-3
    )
    assert again.gti.time_sum.to_value("h") == pytest.approx(4)
