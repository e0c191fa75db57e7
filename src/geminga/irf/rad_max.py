"""Radius of the directional cut that went into a point-like response."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..doors import drawn_by
from ..errors import DataError
from ..maps import MapAxis
from .core import IRF
from .registry import IRF_REGISTRY

__all__ = ["RadMax2D"]


@IRF_REGISTRY.register
class RadMax2D(IRF):
    """Radius of the cut around the source, axes ("energy", "offset").

    Parameters are those of `IRF`. With one energy and one offset bin the radius holds everywhere, also beyond the
    edges of the bins.
    """

    tag = "rad_max_2d"
    required_axes = ["energy", "offset"]
    default_unit = u.deg

    plot_rad_max_vs_energy = drawn_by("geminga.visualization.irf:plot_rad_max_vs_energy")

    @property
    def is_fixed_rad_max(self) -> bool:
        """Whether one radius holds for all energies and offsets."""
        return self.data.size == 1

    def evaluate_values(self, coordinates, method=None) -> np.ndarray:
        """Interpolate plain coordinates; a fixed radius holds everywhere."""
        if self.is_fixed_rad_max:
            return np.full(np.broadcast_shapes(*map(np.shape, coordinates)), float(self.data.flat[0]))
        return super().evaluate_values(coordinates, method=method)

    @classmethod
    def from_irf(cls, irf):
        """Create the fixed radius that a point-like response names in its RAD_MAX keyword.

        Parameters
        ----------
        irf : `IRF`
            Point-like response with an offset axis.

        Raises
        ------
        DataError
            If the response is not point-like or has no such keyword.

        Examples
        --------
        >>> from geminga.irf import EffectiveAreaTable2D
        >>> aeff = EffectiveAreaTable2D.from_parametrization()
        >>> aeff.is_pointlike, aeff.meta["RAD_MAX"] = True, 0.1
        >>> RadMax2D.from_irf(aeff).quantity
        <Quantity [[0.1]] deg>
        """
        if not irf.is_pointlike:
            raise DataError(
                "response must be point-like to have a radius of a cut. Use a point-like response."
            )
        if "RAD_MAX" not in irf.meta:
            raise DataError(
                "point-like response must have the keyword RAD_MAX, got none. Give a RAD_MAX_2D table, or set "
                "meta['RAD_MAX'] in deg."
            )
        if not irf.has_offset_axis:
            raise DataError(
                "response must have an offset axis, got none. Use another response of the observation."
            )
        energy = irf.axes["energy" if "energy" in irf.axes.names else "energy_true"].edges
        energy_axis = MapAxis.from_energy_edges(u.Quantity([energy[0], energy[-1]]), name="energy")
        offset = irf.axes["offset"].edges
        offset_axis = MapAxis.from_edges(u.Quantity([offset[0], offset[-1]]), name="offset")
        value = np.array([[float(irf.meta["RAD_MAX"])]])
        return cls(
            [energy_axis, offset_axis],
            data=value,
            unit="deg",
            is_pointlike=True,
            interp_kwargs={"method": "nearest", "fill_value": None},
        )
