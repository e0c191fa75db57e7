"""The base of point spread functions: containment and its radius."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...doors import drawn_by
from ...maps import MapAxis
from ...units import to_quantity
from ..core import IRF

__all__ = ["PSF", "default_rad_axis"]


def default_rad_axis() -> MapAxis:
    """Return the axis of distances that point spread functions are tabulated on: 66 bins up to 0.66 deg."""
    return MapAxis.from_bounds(0.0, 0.66, nbin=66, unit="deg", name="rad")


class PSF(IRF):
    """Base of point spread functions.

    Parameters are those of `IRF`.
    """

    default_unit = u.Unit("sr-1")

    plot_containment_radius = drawn_by("geminga.visualization.irf:plot_containment_radius")
    plot_containment_radius_vs_energy = drawn_by(
        "geminga.visualization.irf:plot_containment_radius_vs_energy"
    )
    plot_psf_vs_rad = drawn_by("geminga.visualization.irf:plot_psf_vs_rad")
    peek = drawn_by("geminga.visualization.irf:peek_psf")

    def _rad_axis(self) -> MapAxis:
        return self.axes["rad"] if "rad" in self.axes.names else default_rad_axis()

    def containment(self, rad, **kwargs) -> u.Quantity:
        """Return the fraction of events within a distance.

        Parameters
        ----------
        rad : `~astropy.units.Quantity`
            Distance from the true position.
        **kwargs : `~astropy.units.Quantity`
            The other coordinates, "energy_true" and "offset", broadcast against `rad`.

        Returns
        -------
        `~astropy.units.Quantity`, dimensionless
        """
        return self.integral(axis_name="rad", rad=rad, **kwargs).to("")

    def containment_radius(self, fraction, factor=20, **kwargs) -> u.Quantity:
        """Return the distance within which a fraction of the events lies.

        It is the centre of the bin, on the axis of distances with `factor` times its bins, whose containment is nearest
        to `fraction`; where there is no point spread function, the centre of the first bin.

        Parameters
        ----------
        fraction : float or array_like
            Fraction of the events, broadcast against the coordinates.
        factor : int
            How many times finer the result is than the axis.
        **kwargs : `~astropy.units.Quantity`
            The other coordinates, "energy_true" and "offset".

        Returns
        -------
        `~astropy.units.Quantity`
        """
        coords = {name: to_quantity(value, name=name) for name, value in kwargs.items()}
        shape = np.broadcast_shapes(np.shape(fraction), *(value.shape for value in coords.values()))
        missing = [axis for axis in self.axes if axis.name != "rad" and axis.name not in coords]
        for axis in missing:
            shape = (*shape, 1)
            coords = {name: value[..., np.newaxis] for name, value in coords.items()}
            coords[axis.name] = axis.center
            fraction = np.asarray(fraction)[..., np.newaxis]
        rad = self._rad_axis().upsample(factor).center
        contained = self.containment(
            rad=rad, **{name: value[..., np.newaxis] for name, value in coords.items()}
        )
        distance = np.abs(contained.value - np.asarray(fraction, dtype=float)[..., np.newaxis])
        # on a plateau of the containment the first distance counts, whatever the rounding
        distance = distance.round(10)
        return rad[np.argmin(distance, axis=-1)]

    def info(self, fraction=(0.68, 0.95), energy_true=None, offset=None) -> str:
        """Return a summary: range of the axes and containment radii.

        Parameters
        ----------
        fraction : sequence of float
        energy_true, offset : `~astropy.units.Quantity`, optional
            Where to evaluate; 1 and 10 TeV on axis by default.
        """
        energies = np.atleast_1d(
            to_quantity([1.0, 10.0] * u.TeV if energy_true is None else energy_true, "TeV")
        )
        offsets = np.atleast_1d(to_quantity([0.0] * u.deg if offset is None else offset, "deg"))
        lines = [f"{type(self).__name__}", ""]
        for axis in self.axes:
            low, high = axis.edges[0], axis.edges[-1]
            lines.append(f"{axis.name:12s}: {axis.nbin:4d} bins from {low:.3f} to {high:.3f}")
        for energy in energies:
            for where in offsets:
                for part in np.atleast_1d(fraction):
                    radius = self.containment_radius(part, energy_true=energy, offset=where)
                    lines.append(
                        f"{100 * part:.0f}% containment radius at {energy:.3g}, offset {where:.2g}: {radius:.3f}"
                    )
        return "\n".join(lines) + "\n"
