"""Profiles of point spread functions at one position: cumulative and radii."""

from __future__ import annotations

from functools import partial

import numpy as np

from ...maps import MapAxis
from ...numerics.interpolation import interpolation_scale
from ..grid import interpolate_on_grid

__all__ = ["RadialProfiles"]


class RadialProfiles:
    """Densities as a function of distance, for several energies.

    Parameters
    ----------
    energy_axis, rad_axis : `~geminga.maps.MapAxis`
    density : ndarray, shape (n_energy, n_rad, ...)
        In deg-2.
    """

    def __init__(self, energy_axis: MapAxis, rad_axis: MapAxis, density: np.ndarray):
        self.energy_axis, self.rad_axis = energy_axis, rad_axis
        self.density = density
        self.rad = rad_axis.center.to_value("deg")
        self.rad_edges = rad_axis.edges.to_value("deg")

    def contents(self) -> np.ndarray:
        """Return the probability of each ring, shape of the density."""
        area = 2 * np.pi * self.rad * np.diff(self.rad_edges)
        return self.density * area.reshape((-1,) + (1,) * (self.density.ndim - 2))

    def cumulative(self) -> np.ndarray:
        """Return the probability up to each edge, shape (n_energy, n_rad + 1, ...)."""
        contents = self.contents()
        shape = list(contents.shape)
        shape[1] += 1
        result = np.zeros(shape)
        np.cumsum(contents, axis=1, out=result[:, 1:])
        return result

    def _rows(self, values, energy) -> np.ndarray:
        """Return a table at plain energies, shape (n_energy, ...)."""
        scale = interpolation_scale(self.energy_axis.interp)
        nodes = scale.scale(self.energy_axis.center.value)
        rows = interpolate_on_grid(
            np.moveaxis(values, 0, -1), [nodes], [scale.scale(np.asarray(energy, dtype=float))]
        )
        return np.moveaxis(rows, -1, 0)

    def radial_functions(self, energy) -> list:
        """Return, for each plain energy, the density as a function of the distance (deg); 0 beyond the last edge."""
        # beyond the outer centres the outer steps go on to the edges
        nodes = np.concatenate([self.rad_edges[:1], self.rad, self.rad_edges[-1:]])
        rows = self._rows(self.density, energy)
        ends = interpolate_on_grid(rows, [self.rad], [self.rad_edges[[0, -1]]])
        rows = np.maximum(np.concatenate([ends[:, :1], rows, ends[:, 1:]], axis=1), 0.0)
        return [partial(np.interp, xp=nodes, fp=row, right=0.0) for row in rows]

    def contained_at(self, energy, rad) -> np.ndarray:
        """Return the probability within plain distances (deg)."""
        scale = interpolation_scale(self.energy_axis.interp)
        nodes = [scale.scale(self.energy_axis.center.value), self.rad_edges]
        rad = np.clip(rad, self.rad_edges[0], self.rad_edges[-1])
        energy = scale.scale(np.asarray(energy, dtype=float))
        return np.maximum(interpolate_on_grid(self.cumulative(), nodes, [energy, rad]), 0.0)

    def radius_of(self, fraction, energy, factor=20) -> np.ndarray:
        """Return the distance (deg) that contains a fraction, on a finer axis; see `PSF.containment_radius`."""
        rad = self.rad_axis.upsample(factor).center.to_value("deg")
        fraction, energy = np.broadcast_arrays(
            np.asarray(fraction, dtype=float), np.asarray(energy, dtype=float)
        )
        contained = np.maximum(self._rows(self._fine(rad), energy.ravel()), 0.0)
        distance = np.abs(contained - fraction.reshape(-1, 1)).round(10)
        return rad[np.argmin(distance, axis=1)].reshape(energy.shape)

    def _fine(self, rad) -> np.ndarray:
        """Return the probability within distances (deg) for each energy of the table, shape (n_energy, n)."""
        return np.stack([np.interp(rad, self.rad_edges, row) for row in self.cumulative()])
