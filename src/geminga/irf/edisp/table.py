"""Energy dispersion as a function of true energy, migration and offset."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...units import to_quantity
from ..core import IRF
from ..integrals import normalize
from ..registry import IRF_REGISTRY
from .gauss import gauss_content
from .kernel import EDispKernel
from .matrix import cumulative_of_migra, matrix_of_migra

__all__ = ["EnergyDispersion2D"]


@IRF_REGISTRY.register
class EnergyDispersion2D(IRF):
    """Density of the migration (reconstructed / true energy), axes ("energy_true", "migra", "offset").

    Beyond the outer edges in true energy the density stays as it is at the edge; beyond those in migration and offset
    it is 0.

    Parameters are those of `~geminga.irf.IRF`.
    """

    tag = "edisp_2d"
    required_axes = ["energy_true", "migra", "offset"]
    default_unit = u.one

    plot_migration = drawn_by("geminga.visualization.irf:plot_migration")
    plot_bias = drawn_by("geminga.visualization.irf:plot_edisp_bias")
    peek = drawn_by("geminga.visualization.irf:peek_edisp")

    def evaluate_values(self, coordinates, method=None) -> np.ndarray:
        """Interpolate plain coordinates; true energies outside are moved to the edge."""
        energy, *others = coordinates
        edges = self.axes["energy_true"].edges.value
        return super().evaluate_values([np.clip(energy, edges.min(), edges.max()), *others], method=method)

    def normalize(self):
        """Divide by the integral over migra, in place; where it is 0, the density stays 0."""
        normalize(self, "migra")

    @classmethod
    def from_gauss(cls, energy_axis_true, migra_axis, offset_axis, bias, sigma, pdf_threshold=1e-6):
        """Create a Gaussian energy dispersion.

        Parameters
        ----------
        energy_axis_true, migra_axis, offset_axis : `~geminga.maps.MapAxis`
        bias : float or array_like, shape (n_energy_true,) or (n_energy_true, n_offset)
            Mean of migra - 1.
        sigma : float or array_like, shape (n_energy_true,) or (n_energy_true, n_offset)
            Width in migra.
        pdf_threshold : float
            Smaller densities are set to 0.

        Examples
        --------
        >>> from geminga.maps import MapAxis
        >>> energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=2, name="energy_true")
        >>> migra = MapAxis.from_bounds(0, 2, nbin=100, name="migra")
        >>> offset = MapAxis.from_edges([0, 1, 2], unit="deg", name="offset")
        >>> edisp = EnergyDispersion2D.from_gauss(energy, migra, offset, bias=0.0, sigma=0.1)
        >>> edisp.evaluate(energy_true="1 TeV", migra=1.0, offset="1 deg").round(2)
        <Quantity 3.96>
        """
        grid = (energy_axis_true.nbin, offset_axis.nbin)
        mean = _on_grid(1 + np.asarray(bias, dtype=float), grid)
        width = _on_grid(np.asarray(sigma, dtype=float), grid)
        edges = migra_axis.edges.value
        density = gauss_content(edges, mean, width) / np.diff(edges)
        density[density < pdf_threshold] = 0.0
        data = np.moveaxis(density, -1, 1)
        return cls([energy_axis_true, migra_axis, offset_axis], data=data)

    def to_edisp_kernel(self, offset, energy_axis_true=None, energy_axis=None, threshold=1e-8) -> EDispKernel:
        """Return the matrix of true and reconstructed energy bins at an offset.

        Rows are normalised over the whole range of migra; what falls outside `energy_axis` is lost.

        Parameters
        ----------
        offset : `~astropy.units.Quantity`
            One offset.
        energy_axis_true, energy_axis : `~geminga.maps.MapAxis`, optional
            Those of the table by default.
        threshold : float
            Smaller elements are set to 0.
        """
        own = self.axes["energy_true"]
        energy_axis_true = own if energy_axis_true is None else energy_axis_true
        energy_axis = own.rename("energy") if energy_axis is None else energy_axis
        energy_axis_true.assert_name("energy_true")
        energy_axis.assert_name("energy")
        migra = self.axes["migra"]
        offset = to_quantity(offset, "deg", "offset").reshape(())
        pdf = self.evaluate(
            energy_true=energy_axis_true.center[:, np.newaxis], migra=migra.center, offset=offset
        ).value
        cumulative = cumulative_of_migra(pdf, migra.edges.value)
        total = cumulative[:, -1:]
        cumulative = np.where(total > 0, cumulative / np.where(total > 0, total, 1.0), 0.0)
        matrix = matrix_of_migra(
            cumulative,
            migra.edges.value,
            energy_axis_true.center.to_value("TeV"),
            energy_axis.edges.to_value("TeV"),
            threshold,
        )
        return EDispKernel([energy_axis_true, energy_axis], data=matrix)


def _on_grid(values, grid) -> np.ndarray:
    """Return values by energy, or by energy and offset, on a grid of both, ready to meet an axis of migra."""
    values = values[:, np.newaxis] if values.ndim == 1 else np.squeeze(values)
    return np.broadcast_to(values, grid)[..., np.newaxis]
