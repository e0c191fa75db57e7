"""Energy dispersion kernels that depend on the position."""

from __future__ import annotations

import numpy as np

from ...doors import drawn_by
from ...errors import AxisMismatchError
from ...maps import Map
from ..irf_map import IRFMap, map_on
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
