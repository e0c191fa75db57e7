"""Background of pulsars, measured at other phases."""

from __future__ import annotations

import numpy as np

from ...errors import DataError
from ...maps import Map, RegionNDMap
from ..core import MAKER_REGISTRY, Maker

__all__ = ["PhaseBackgroundMaker"]


def _intervals(phase, name):
    """Return phase intervals inside [0, 1], those that wrap split in two."""
    pairs = np.atleast_2d(np.asarray(phase, dtype=float))
    if pairs.shape[1] != 2 or not np.all((pairs >= 0) & (pairs <= 1)) or np.any(pairs[:, 0] == pairs[:, 1]):
        raise DataError(
            f"{name} must be pairs of different phases between 0 and 1, got {phase}. Give for example (0.9, 0.1)."
        )
    result = []
    for low, high in pairs.tolist():
        result += [(low, high)] if low < high else [(low, 1.0), (0.0, high)]
    return [(low, high) for low, high in result if high > low]


@MAKER_REGISTRY.register
class PhaseBackgroundMaker(Maker):
    """Take on and off counts of one region from different phases.

    Parameters
    ----------
    on_phase, off_phase : pair, or list of pairs, of float
        Intervals of phase in [0, 1]; a pair whose first value is the larger wraps around.
    phase_column_name : str
        Column of the event list with the phases.
    """

    tag = "PhaseBackgroundMaker"

    def __init__(self, on_phase, off_phase, phase_column_name="PHASE"):
        self.on_phase = _intervals(on_phase, "on_phase")
        self.off_phase = _intervals(off_phase, "off_phase")
        self.phase_column_name = phase_column_name

    def _counts(self, dataset, observation, intervals):
        events = observation.events
        if self.phase_column_name not in events.table.colnames:
            raise DataError(
                f"events of observation {observation.obs_id} must have the column {self.phase_column_name!r}, "
                f"got {', '.join(events.table.colnames)}. Add phases, or name their column."
            )
        counts = Map.from_geom(dataset.counts.geom)
        for interval in intervals:
            counts.fill_events(events.select_parameter(self.phase_column_name, interval))
        return counts

    def make_counts(self, dataset, observation):
        """Return the counts in the on phases, a map."""
        return self._counts(dataset, observation, self.on_phase)

    def make_counts_off(self, dataset, observation):
        """Return the counts in the off phases, a map."""
        return self._counts(dataset, observation, self.off_phase)

    def run(self, dataset, observation):
        """Return an on-off dataset whose acceptances are the widths of the phases.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDataset` or `~geminga.datasets.MapDataset`
        observation : `~geminga.data.Observation`
        """
        from ...datasets import MapDatasetOnOff, SpectrumDatasetOnOff

        geom = dataset.counts.geom
        widths = [sum(high - low for low, high in phases) for phases in (self.on_phase, self.off_phase)]
        make_map = RegionNDMap.from_geom if geom.is_region else Map.from_geom
        acceptance, acceptance_off = (
            make_map(geom, data=np.full(geom.data_shape, width, dtype=float)) for width in widths
        )
        counts_off = self.make_counts_off(dataset, observation)
        if geom.is_region:
            result = SpectrumDatasetOnOff.from_spectrum_dataset(
                dataset=dataset,
                acceptance=acceptance,
                acceptance_off=acceptance_off,
                counts_off=counts_off,
                name=dataset.name,
            )
        else:
            result = MapDatasetOnOff.from_map_dataset(
                dataset,
                acceptance=acceptance,
                acceptance_off=acceptance_off,
                counts_off=counts_off,
                name=dataset.name,
            )
        result.counts = self.make_counts(dataset, observation)
        return result
