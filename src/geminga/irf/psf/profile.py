"""Profiles of point spread functions at one position: cumulative and radii."""

from __future__ import annotations

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

    def _at(self, nodes, values, energy, rad) -> np.ndarray:
        scale = interpolation_scale(self.energy_axis.interp)
        coordinates = [scale.scale(np.asarray(energy, dtype=float)), rad]
        result = interpolate_on_grid(values, [scale.scale(self.energy_axis.center.value), nodes], coordinates)
        return np.maximum(result, 0.0)

    def density_at(self, energy, rad) -> np.ndarray:
        """Return the density at plain energies (unit of the axis) and distances (deg)."""
        return self._at(self.rad, self.density, energy, rad)

    def contained_at(self, energy, rad) -> np.ndarray:
        """Return the probability within plain distances (deg)."""
        rad = np.clip(rad, self.rad_edges[0], self.rad_edges[-1])
        return self._at(self.rad_edges, self.cumulative(), energy, rad)

    def radius_of(self, fraction, energy, factor=20) -> np.ndarray:
        """Return the distance (deg) that contains a fraction, on a finer axis; see `PSF.containment_radius`."""
        rad = self.rad_axis.upsample(factor).center.to_value("deg")
        fraction, energy = np.broadcast_arrays(
            np.asarray(fraction, dtype=float), np.asarray(energy, dtype=float)
        )
        contained = self.contained_at(energy[..., np.newaxis], rad)
        distance = np.abs(contained - fraction[..., np.newaxis]).round(10)
        return rad[np.argmin(distance, axis=-1)]
