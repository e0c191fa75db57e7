"""Point spread function that depends on the position and on the reconstructed energy."""

from __future__ import annotations

from astropy import units as u

from ...doors import drawn_by
from ..registry import IRF_REGISTRY
from .map import PSFMap

__all__ = ["RecoPSFMap"]


@IRF_REGISTRY.register
class RecoPSFMap(PSFMap):
    """Density of events as a function of the distance, axes ("rad", "energy"), in sr-1.

    It is applied after the energy dispersion.

    Parameters
    ----------
    psf_map : `~geminga.maps.Map`
    exposure_map : `~geminga.maps.Map`, optional
        With one bin of "rad".
    """

    tag = "psf_map_reco"
    required_axes = ["rad", "energy"]
    energy_name = "energy"

    plot_psf_vs_rad = drawn_by("geminga.visualization.irf:plot_reco_psf_map_vs_rad")

    @classmethod
    def from_gauss(cls, energy_axis, rad_axis=None, sigma="0.1 deg", geom=None):
        """Create a Gaussian point spread function; see `PSFMap.from_gauss`."""
        return cls._from_gauss(energy_axis, rad_axis, sigma, geom)

    def containment(self, rad, energy, position=None) -> u.Quantity:
        """Return the fraction of events within a distance; see `PSFMap.containment`."""
        return super().containment(rad, energy, position)

    def containment_radius(self, fraction, energy, position=None) -> u.Quantity:
        """Return the distance within which a fraction of the events lies; see `PSFMap.containment_radius`."""
        return super().containment_radius(fraction, energy, position)

    def containment_radius_map(self, energy, fraction=0.68):
        """Return the image of containment radii; see `PSFMap.containment_radius_map`."""
        return super().containment_radius_map(energy, fraction)
