"""Energy dispersion kernels that depend on the position."""

from __future__ import annotations

import numpy as np

from ...doors import drawn_by
from ...errors import AxisMismatchError
from ...maps import Map, MapCoord
from ...numerics.random import get_random_state
from ..irf_map import IRFMap, map_on
from ..map_sampling import draw_from_rows, rows_of_events
from ..registry import IRF_REGISTRY
from .kernel import EDispKernel

__all__ = ["EDispKernelMap"]


@IRF_REGISTRY.register
class EDispKernelMap(IRFMap):
    """Energy dispersion kernels, axes ("energy", "energy_true").

    Parameters
    ----------
    edisp_kernel_map : `~geminga.maps.Map`
        Probability of each bin of reconstructed energy.
    exposure_map : `~geminga.maps.Map`, optional
        With one bin of "energy".
    """

    tag = "edisp_kernel_map"
    required_axes = ["energy", "energy_true"]
    _hdu_name = "EDISP"

    peek = drawn_by("geminga.visualization.irf:peek_edisp_kernel_map")

    def __init__(self, edisp_kernel_map, exposure_map=None):
        super().__init__(edisp_kernel_map, exposure_map)

    @property
    def edisp_map(self) -> Map:
        """Probability of each bin of reconstructed energy."""
        return self._irf_map

    @edisp_map.setter
    def edisp_map(self, value):
        self._irf_map = self._checked(value)

    # ------------------------------------------------------------------ constructors

    @classmethod
    def from_edisp_kernel(cls, edisp, geom=None):
        """Create a map with the same kernel everywhere.

        Parameters
        ----------
        edisp : `EDispKernel`
        geom : `~geminga.maps.Geom`, optional
            Its image is used; by default the whole sky.
        """
        axes = [edisp.axes["energy"], edisp.axes["energy_true"]]
        kernels = map_on(geom, axes)
        n_spatial = kernels.data.ndim - 2
        kernels.data = np.broadcast_to(
            edisp.pdf_matrix.reshape(edisp.pdf_matrix.shape + (1,) * n_spatial), kernels.data.shape
        ).copy()
        return cls._of(kernels)

    @classmethod
    def from_diagonal_response(cls, energy_axis, energy_axis_true, geom=None):
        """Create a map without dispersion; see `EDispKernel.from_diagonal_response`.

        Parameters
        ----------
        energy_axis, energy_axis_true : `~geminga.maps.MapAxis`
        geom : `~geminga.maps.Geom`, optional
            Its image is used; by default the whole sky.
        """
        return cls.from_edisp_kernel(EDispKernel.from_diagonal_response(energy_axis_true, energy_axis), geom)

    @classmethod
    def from_gauss(cls, energy_axis, energy_axis_true, sigma, bias, pdf_threshold=1e-6, geom=None):
        """Create a map with a Gaussian kernel; see `EDispKernel.from_gauss`.

        Parameters
        ----------
        energy_axis, energy_axis_true : `~geminga.maps.MapAxis`
        sigma, bias : float or array_like, shape (n_energy_true,)
        pdf_threshold : float
        geom : `~geminga.maps.Geom`, optional
            Its image is used; by default the whole sky.

        Examples
        --------
        >>> from geminga.maps import MapAxis
        >>> energy_true = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=20, name="energy_true")
        >>> energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=20)
        >>> edisp = EDispKernelMap.from_gauss(energy, energy_true, sigma=0.2, bias=0.0)
        >>> edisp.get_edisp_kernel().get_bias("1 TeV").round(2)
        array([0.])
        """
        kernel = EDispKernel.from_gauss(energy_axis_true, energy_axis, sigma, bias, pdf_threshold)
        return cls.from_edisp_kernel(kernel, geom)

    # ------------------------------------------------------------------ kernels

    def get_edisp_kernel(self, position=None, energy_axis=None) -> EDispKernel:
        """Return the kernel at a position.

        Parameters
        ----------
        position : `~astropy.coordinates.SkyCoord`, optional
            Position, or the nearest one with exposure; by default the centre of the map.
        energy_axis : `~geminga.maps.MapAxis`, optional
            Wider bins of reconstructed energy; by default those of the map.
        """
        axes = self._irf_map.geom.axes
        if energy_axis is not None and energy_axis != axes["energy"]:
            return self.resample_energy_axis(energy_axis).get_edisp_kernel(position)
        data = np.asarray(self._at(position), dtype=float)
        return EDispKernel([axes["energy_true"], axes["energy"]], data=data)

    def sample_coord(self, map_coord, random_state=0, chunk_size=10000) -> MapCoord:
        """Draw a reconstructed energy for each event, from the kernel of its bin of true energy.

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
            Positions and reconstructed energies, NaN for events that are lost: kernels may sum to less than 1.
        """
        random = get_random_state(random_state)
        energy_true = np.atleast_1d(map_coord["energy_true"])
        axes = self._irf_map.geom.axes
        _, pixel = rows_of_events(self, map_coord.skycoord, energy_true, "energy_true", random)
        bins = axes["energy_true"].coord_to_idx(energy_true, clip=True)
        image_shape = self._irf_map.geom.to_image().data_shape
        n_pixels = int(np.prod(image_shape))
        matrix = self._irf_map.data.reshape((*self._irf_map.data.shape[:2], n_pixels))

        def content_of(rows):
            kernels = np.clip(np.asarray(matrix[rows // n_pixels, :, rows % n_pixels], dtype=float), 0, None)
            lost = np.clip(1 - kernels.sum(axis=1, keepdims=True), 0, None)
            return np.concatenate([kernels, lost], axis=1)

        rows = bins * n_pixels + np.ravel_multi_index(pixel, image_shape)
        drawn = draw_from_rows(content_of, rows, random.uniform(size=len(rows)), chunk_size=chunk_size)
        energy = axes["energy"]
        kept = (drawn >= 0) & (drawn < energy.nbin)
        place = np.where(kept, drawn, 0) + random.uniform(-0.5, 0.5, size=len(rows))
        reco = np.where(kept, energy.pix_to_coord(place).to_value(energy.unit), np.nan) * energy.unit
        return MapCoord({"lon": map_coord.lon, "lat": map_coord.lat, "energy": reco}, map_coord.frame)

    def resample_energy_axis(self, energy_axis, weights=None) -> EDispKernelMap:
        """Return the kernels with wider bins of reconstructed energy.

        Parameters
        ----------
        energy_axis : `~geminga.maps.MapAxis`
            Its edges are moved to the nearest edges of the map.
        weights : `~geminga.maps.Map`, optional
            Weights, or mask, of the bins of reconstructed energy.
        """
        energy_axis.assert_name("energy")
        kernels = self._irf_map
        if weights is not None:
            kernels = kernels._init_copy(data=kernels.data * self._weights_by_energy(weights))
        kernels = kernels.resample_axis(energy_axis)
        exposure = self.exposure_map
        if exposure is not None:
            exposure = Map.from_geom(
                kernels.geom.squash("energy"), data=exposure.data.copy(), unit=exposure.unit
            )
        return EDispKernelMap(kernels, exposure)

    def _weights_by_energy(self, weights) -> np.ndarray:
        """Return weights with dimensions of true energy, energy and position."""
        axes = weights.geom.axes
        others = [axis for axis in axes if axis.name != "energy"]
        if "energy" not in axes.names or any(axis.nbin > 1 for axis in others):
            raise AxisMismatchError(
                f"weights must have the axis 'energy' alone, got {axes.names}. Squash the others."
            )
        n_spatial = len(weights.geom.to_image().data_shape)
        return np.asarray(weights.data).reshape(1, axes["energy"].nbin, *weights.data.shape[-n_spatial:])

    def to_image(self, weights=None) -> EDispKernelMap:
        """Return the kernels with one bin of reconstructed energy.

        Parameters
        ----------
        weights : `~geminga.maps.Map`, optional
            Weights, or mask, of the bins of reconstructed energy.
        """
        return self.resample_energy_axis(self._irf_map.geom.axes["energy"].squash(), weights=weights)
