"""Counts against squared distance from a position, on and off."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.table import Table

from ..errors import GeometryError
from ..stats import WStatCountsStatistic
from ..units import to_quantity
from .pointings import middle_pointing

__all__ = ["ThetaSquaredTable"]


class ThetaSquaredTable:
    """Theta-squared distribution of observations, with off positions turned around the pointing.

    Parameters
    ----------
    observations : `~geminga.data.Observations`
    theta_squared_axis : `~geminga.maps.MapAxis`
        Edges in squared angle.
    position : `~astropy.coordinates.SkyCoord`
        Centre of the on region.
    position_off : `~astropy.coordinates.SkyCoord`, optional
        Centre of the only off region. By default the on position turned around the pointing.
    energy_edges : `~astropy.units.Quantity`, shape (2,), optional
        Energy range of the events.
    off_regions_number : int
        Number of off positions at equal angles.
    """

    def __init__(
        self,
        observations,
        theta_squared_axis,
        position,
        position_off=None,
        energy_edges=None,
        off_regions_number=1,
    ):
        self.observations = observations
        self.axis = theta_squared_axis
        self.position, self.position_off = position, position_off
        self.energy_edges = None if energy_edges is None else to_quantity(energy_edges, "TeV", "energy_edges")
        self.off_regions_number = int(off_regions_number)

    def _off_positions(self, pointing):
        """Return the off positions of one run."""
        if self.position_off is not None:
            return [self.position_off]
        radius = np.sqrt(self.axis.edges[-1].to("deg2")).to("deg")
        offset = self.position.separation(pointing)
        if radius > offset:
            raise GeometryError(
                f"on radius must be smaller than the offset from the pointing, got {radius:.3f} and {offset.deg:.3f}. "
                "Shorten the theta-squared axis or give position_off."
            )
        angle = pointing.position_angle(self.position)
        n = self.off_regions_number
        step = 360 * u.deg / (n + 1)
        return [pointing.directional_offset_by(angle + (i + 1) * step, offset) for i in range(n)]

    def _histogram(self, events, position):
        squared = events.radec.separation(position).to_value("deg") ** 2
        return np.histogram(squared, self.axis.edges.to_value("deg2"))[0]

    def run(self):
        """Return the distribution.

        Returns
        -------
        `~astropy.table.Table`
            Columns theta2_min, theta2_max, counts, counts_off, acceptance, acceptance_off, alpha, excess, sqrt_ts,
            excess_errn, excess_errp. ``alpha`` is the live-time weighted mean over runs.

        Raises
        ------
        GeometryError
            If the on radius exceeds the offset.
        """
        n_bins = self.axis.nbin
        on, off = np.zeros(n_bins), np.zeros(n_bins)
        acceptance = acceptance_off = 0.0
        weighted, livetime = 0.0, 0.0
        for observation in self.observations:
            events = observation.events
            if self.energy_edges is not None:
                events = events.select_energy(self.energy_edges)
            pointing = middle_pointing(observation)
            positions = self._off_positions(pointing)
            on += self._histogram(events, self.position)
            for position in positions:
                off += self._histogram(events, position)
            time = observation.observation_live_time_duration.to_value("s")
            acceptance += 1
            acceptance_off += len(positions)
            weighted += time / len(positions)
            livetime += time
        alpha = weighted / livetime if livetime > 0 else np.nan
        statistic = WStatCountsStatistic(on, off, np.full(n_bins, alpha))
        table = Table()
        table["theta2_min"], table["theta2_max"] = self.axis.edges[:-1], self.axis.edges[1:]
        table["counts"], table["counts_off"] = on, off
        table["acceptance"], table["acceptance_off"] = acceptance, acceptance_off
        table["alpha"] = alpha
        table["excess"], table["sqrt_ts"] = statistic.n_sig, statistic.sqrt_ts
        table["excess_errn"], table["excess_errp"] = statistic.compute_errn(), statistic.compute_errp()
        table.meta.update({"ON_RA": self.position.icrs.ra, "ON_DEC": self.position.icrs.dec})
        return table
