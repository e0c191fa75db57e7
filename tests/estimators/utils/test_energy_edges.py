"""Energy bins that hold enough."""

import numpy as np
import pytest

from geminga.datasets import Datasets
from geminga.errors import UnknownNameError
from geminga.estimators.utils import resample_energy_edges
from geminga.stats import wstat


def groups(dataset, edges):
    axis = dataset.counts.geom.axes["energy"]
    borders = [int(np.argmin(np.abs(np.log(axis.edges / edge)))) for edge in edges]
    return [slice(*pair) for pair in zip(borders[:-1], borders[1:], strict=True)]  # noqa: RUF007


@pytest.mark.parametrize("least", [15, 30, 70])
def test_bins_hold_more_counts_than_asked_and_not_more_than_needed(make_dataset, least):
    dataset = make_dataset("cash")
    used = dataset.counts.data[:, 0, 0] * dataset.mask.data[:, 0, 0]
    edges = resample_energy_edges(dataset, {"counts_min": least})
    assert edges[0] == dataset.counts.geom.axes["energy"].edges[2]
    assert edges[-1] == dataset.counts.geom.axes["energy"].edges[-1]
    for group in groups(dataset, edges)[1:]:
        assert used[group].sum() > least
        assert used[group.start + 1 : group.stop].sum() <= least


def test_all_conditions_hold(make_dataset, model):
    dataset = make_dataset("wstat")
    dataset.models = [model]
    conditions = {
        "counts_min": 25,
        "sqrt_ts_min": 2,
        "npred_signal_min": 5,
        "npred_min": 20,
        "background_min": 9,
    }
    edges = resample_energy_edges(dataset, conditions)
    signal = dataset.npred_signal().data[:, 0, 0]
    for group in groups(dataset, edges):
        counts, off = dataset.counts.data[group].sum(), dataset.counts_off.data[group].sum()
        ts = wstat(counts, off, 0.25, 0.0) - wstat(counts, off, 0.25, counts - 0.25 * off)
        assert counts > 25
        assert counts > 0.25 * off
        assert ts > 4
        assert signal[group].sum() > 5


def test_impossible_conditions_end(make_dataset):
    """What cannot be met gives one bin, not a loop without end."""
    dataset = make_dataset("cash")
    assert len(resample_energy_edges(dataset, {"excess_min": 1e9})) == 2
    assert len(resample_energy_edges(Datasets([dataset, make_dataset("cash", "b")]), {"counts_min": 30})) > 2
    with pytest.raises(UnknownNameError, match="counts_min"):
        resample_energy_edges(dataset, {"count_min": 3})


def test_missing_counts_are_none(make_map_dataset):
    dataset, filled = make_map_dataset(), make_map_dataset()
    dataset.counts.data[3:, 10, 10], filled.counts.data[3:, 10, 10] = np.nan, 0.0
    edges = [resample_energy_edges(one, {"counts_min": 50}) for one in (dataset, filled)]
    assert len(edges[0]) > 4
    np.testing.assert_array_equal(edges[0].value, edges[1].value)
