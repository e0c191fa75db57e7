"""Energy dispersion that depends on the position, as density of the migration."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...maps import Map, MapAxis, MapCoord
from ...numerics.random import get_random_state
from ..irf_map import IRFMap, map_on
from ..map_sampling import draw_from_rows, rows_of_events
from ..registry import IRF_REGISTRY
from .kernel import EDispKernel
from .kernel_map import EDispKernelMap
from .matrix import cumulative_of_migra, matrix_of_migra

__all__ = ["EDispMap"]


@IRF_REGISTRY.register
class EDispMap(IRFMap):
    """Density of the migration (reconstructed / true energy), axes ("migra", "energy_true").

    Parameters
    ----------
    edisp_map : `~geminga.maps.Map`
    exposure_map : `~geminga.maps.Map`, optional
        With one bin of "migra".

    Examples
    --------
    >>> energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=4, name="energy_true")
    >>> energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2)
    >>> EDispMap.from_diagonal_response(energy_true).get_edisp_kernel(energy).pdf_matrix
    array([[1., 0.],
           [1., 0.],
           [0., 1.],
           [0., 1.]])
    """

    tag = "edisp_map"
    required_axes = ["migra", "energy_true"]
    _hdu_name = "EDISP"

    peek = drawn_by("geminga.visualization.irf:peek_edisp_map")

    @property
    def edisp_map(self) -> Map:
        """Density of the migration."""
        return self._irf_map

    @edisp_map.setter
    def edisp_map(self, value):
        self._irf_map = self._checked(value)

    @classmethod
    def from_diagonal_response(cls, energy_axis_true, migra_axis=None):
        """Create a map without dispersion, the same everywhere on the sky.

        Parameters
        ----------
        energy_axis_true : `~geminga.maps.MapAxis`
        migra_axis : `~geminga.maps.MapAxis`, optional
            Three bins within 1e-5 of 1 by default. The bin that holds 1 gets everything; two bins that meet there share
            it.
        """
        if migra_axis is None:
            migra_axis = MapAxis.from_bounds(1 - 1e-5, 1 + 1e-5, nbin=3, name="migra")
        edges = migra_axis.edges.value
        inside = (edges[:-1] <= 1 + 1e-12) & (edges[1:] >= 1 - 1e-12)
        density = inside / np.diff(edges) / max(inside.sum(), 1)
        data = np.zeros((energy_axis_true.nbin, migra_axis.nbin, 1, 2)) + density.reshape(-1, 1, 1)
        return cls._of(map_on(None, [migra_axis, energy_axis_true], data=data))

    def normalize(self):
        """Divide by the integral over migra, in place; where it is 0, the density stays 0."""
        self._normalize_first_axis(self._irf_map.geom.axes["migra"].bin_width.to_value(""), "")

    def _cumulative(self, density) -> np.ndarray:
        """Return the integral over migra up to each edge; migra is the second dimension."""
        axis = self._irf_map.geom.axes["migra"]
        return cumulative_of_migra(np.asarray(density, dtype=float), axis.edges.value, axis=1)

    def _matrix(self, density, energy_axis, threshold) -> np.ndarray:
        axes = self._irf_map.geom.axes
        energy_axis.assert_name("energy")
        return matrix_of_migra(
            self._cumulative(density),
            axes["migra"].edges.value,
            axes["energy_true"].center.to_value("TeV"),
            energy_axis.edges.to_value("TeV"),
            threshold,
        )

    def get_edisp_kernel(self, energy_axis, position=None) -> EDispKernel:
        """Return the kernel at a position.

        Parameters
        ----------
        energy_axis : `~geminga.maps.MapAxis`
            Reconstructed energy.
        position : `~astropy.coordinates.SkyCoord`, optional
            Position, or the nearest one with exposure; by default the centre of the map.
        """
        matrix = self._matrix(self._at(position), energy_axis, threshold=0.0)
        return EDispKernel([self._irf_map.geom.axes["energy_true"], energy_axis], data=matrix)

    def to_edisp_kernel_map(self, energy_axis, threshold=1e-8) -> EDispKernelMap:
        """Return the kernels of all pixels.

        Parameters
        ----------
        energy_axis : `~geminga.maps.MapAxis`
            Reconstructed energy.
        threshold : float
            Smaller elements are set to 0.
        """
        geom = self._irf_map.geom
        energy_true = geom.axes["energy_true"]
        data = self._matrix(self._irf_map.data, energy_axis, threshold)
        kernels = Map.from_geom(geom.to_image().to_cube([energy_axis, energy_true]), data=data, dtype=float)
        exposure = None
        if self.exposure_map is not None:
            exposure = Map.from_geom(
                kernels.geom.squash("energy"), data=self.exposure_map.data.copy(), unit=self.exposure_map.unit
            )
        return EDispKernelMap(kernels, exposure)

    def sample_coord(self, map_coord, random_state=0, chunk_size=10000) -> MapCoord:
        """Draw a reconstructed energy for each event.

        Parameters
        ----------
        map_coord : `~geminga.maps.MapCoord`
            Positions and true energies of the events.
        random_state : int or `~numpy.random.RandomState`
        chunk_size : int
            Events treated at once; the result does not depend on it.

        Returns
        -------
        `~geminga.maps.MapCoord`
            Positions and reconstructed energies, NaN where the map has no response.
        """
        random = get_random_state(random_state)
        energy = np.atleast_1d(map_coord["energy_true"])
        migra = self._irf_map.geom.axes["migra"]
        width = migra.bin_width.value
        bins, pixel = rows_of_events(self, map_coord.skycoord, energy, "energy_true", random)
        n_pixels = int(np.prod(self._irf_map.geom.to_image().data_shape))
        density = self._irf_map.data.reshape((*self._irf_map.data.shape[:2], n_pixels))
        flat = np.ravel_multi_index(pixel, self._irf_map.geom.to_image().data_shape)

        def content_of(rows):
            return density[rows // n_pixels, :, rows % n_pixels] * width

        drawn = draw_from_rows(
            content_of, bins * n_pixels + flat, random.uniform(size=len(bins)), chunk_size=chunk_size
        )
        edges = migra.edges.value
        value = edges[drawn] + width[drawn] * random.uniform(size=len(bins))
        reco = energy * np.where(drawn < 0, np.nan, value)
        return MapCoord(
            {"lon": map_coord.lon, "lat": map_coord.lat, "energy": u.Quantity(reco)}, map_coord.frame
        )
