"""Background of pulsars from other phases."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from geminga.datasets import MapDataset, MapDatasetOnOff, SpectrumDataset, SpectrumDatasetOnOff
from geminga.errors import DataError
from geminga.makers import MapDatasetMaker, PhaseBackgroundMaker, SpectrumDatasetMaker
from geminga.maps import RegionGeom, WcsGeom

from ..conftest import SOURCE

PHASES = np.linspace(0.0005, 0.9995, 1000)


@pytest.fixture
def observation(make_observation):
    return make_observation(n_events=1000, PHASE=np.random.default_rng(0).permutation(PHASES))


@pytest.fixture
def spectrum(observation, energy, energy_true):
    geom = RegionGeom.create("icrs;circle(83.63, 22.51, 5)", axes=[energy])
    empty = SpectrumDataset.create(geom, energy_axis_true=energy_true, name="pulsar")
    return SpectrumDatasetMaker(selection=["counts", "exposure"]).run(empty, observation)


@pytest.mark.parametrize(
    ("on", "off", "widths"),
    [
        ((0.1, 0.3), (0.5, 0.9), (0.2, 0.4)),
        ([(0.1, 0.2), (0.4, 0.5)], [(0.6, 0.7)], (0.2, 0.1)),
        ((0.9, 0.1), (0.4, 0.7), (0.2, 0.3)),
    ],
    ids=["pair", "pairs", "wraps"],
)
def test_counts_and_acceptances(on, off, widths, spectrum, observation):
    result = PhaseBackgroundMaker(on_phase=on, off_phase=off).run(spectrum, observation)
    assert isinstance(result, SpectrumDatasetOnOff)
    assert_allclose(result.acceptance.data, widths[0])
    assert_allclose(result.acceptance_off.data, widths[1])

    def wanted(intervals):
        phase, energy = observation.events.table["PHASE"], observation.events.energy.value
        inside = np.zeros(phase.size, dtype=bool)
        for low, high in np.atleast_2d(intervals):
            inside |= ((phase >= low) & (phase < high)) if low < high else ((phase >= low) | (phase < high))
        return np.histogram(energy[inside], spectrum.counts.geom.axes["energy"].edges.value)[0]

    assert_array_equal(result.counts.data[:, 0, 0], wanted(on))
    assert_array_equal(result.counts_off.data[:, 0, 0], wanted(off))
    assert result.name == "pulsar"


def test_maps(observation, energy, energy_true):
    geom = WcsGeom.create(skydir=SOURCE, width=2, binsz=0.5, axes=[energy])
    empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf="1 deg", name="map")
    dataset = MapDatasetMaker(selection=["counts", "exposure"]).run(empty, observation)
    whole = dataset.counts.data.sum()
    result = PhaseBackgroundMaker(on_phase=(0, 0.5), off_phase=(0.5, 1)).run(dataset, observation)
    assert isinstance(result, MapDatasetOnOff)
    assert result.counts.data.sum() + result.counts_off.data.sum() == whole


@pytest.mark.parametrize("phase", [(0.2, 0.2), (-0.1, 0.2), (0.5, 1.2), (0.1, 0.2, 0.3), (np.nan, 0.2)])
def test_impossible_phases(phase):
    with pytest.raises(DataError, match="on_phase must be pairs"):
        PhaseBackgroundMaker(on_phase=phase, off_phase=(0.5, 0.6))


def test_missing_column(spectrum, observation):
    maker = PhaseBackgroundMaker((0, 0.1), (0.5, 0.6), phase_column_name="PULSE_PHASE")
    with pytest.raises(DataError, match="must have the column 'PULSE_PHASE'"):
        maker.run(spectrum, observation)
