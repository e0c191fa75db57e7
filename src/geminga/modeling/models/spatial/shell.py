"""Projected spherical shells."""

from __future__ import annotations

from math import pi

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number
from ..registries import SPATIAL_MODEL_REGISTRY
from .base import SpatialModel
from .position import declare_lat_0, declare_lon_0
from .sphere import per_steradian, radians, separation

__all__ = ["Shell2SpatialModel", "ShellSpatialModel"]


def _projected_shell(distance, inner, outer):
    r"""Return the surface brightness of a homogeneous shell.

    .. math:: \frac{3}{2\pi} \frac{\sqrt{R^2-\theta^2} - \sqrt{r^2-\theta^2}}{R^3 - r^3}

    All in radians; a root is 0 outside of its circle.
    """
    xp = array_namespace(distance, inner, outer)
    chord = xp.sqrt(xp.maximum(outer**2 - distance**2, 0.0)) - xp.sqrt(
        xp.maximum(inner**2 - distance**2, 0.0)
    )
    return 3 / (2 * pi) * chord / (outer**3 - inner**3)


def _annulus(model, inner, outer, **kwargs):
    from regions import CircleAnnulusSkyRegion

    return CircleAnnulusSkyRegion(
        center=model.position, inner_radius=inner.to("deg"), outer_radius=outer.to("deg"), **kwargs
    )


class _Shell(SpatialModel):
    """What both shells have."""

    has_edges = True

    @property
    def _sampling_size(self):
        # the brightness has an infinite slope at the outer radius
        return np.minimum(self.evaluation_bin_size_min / 5, self.evaluation_radius / 30)


@SPATIAL_MODEL_REGISTRY.register
class ShellSpatialModel(_Shell):
    r"""Homogeneous shell, projected on the sky, by its inner radius and width.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    radius : `~astropy.units.Quantity`
        Inner radius, default 1 deg.
    width : `~astropy.units.Quantity`
        Width of the shell, default 0.2 deg.
    frame : {"icrs", "galactic"}
    """

    tag = ["ShellSpatialModel", "shell"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()
    radius = Parameter("radius", "1 deg")
    width = Parameter("width", "0.2 deg")

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, radius, width):
        """Return the density at positions."""
        inner = radians(radius)
        value = _projected_shell(separation(lon, lat, lon_0, lat_0), inner, inner + radians(width))
        return per_steradian(value, lon)

    @property
    def evaluation_radius(self):
        """Outer radius."""
        return (self.radius.quantity + self.width.quantity).to("deg")

    @property
    def evaluation_bin_size_min(self):
        """Width of the shell."""
        return self.width.quantity.to("deg")

    def to_region(self, size_factor=1.0, **kwargs):
        """Return the annulus between inner and outer radius, times `size_factor`.

        Parameters
        ----------
        size_factor : float
        **kwargs : dict
            Arguments of `~regions.CircleAnnulusSkyRegion`.
        """
        inner = self.radius.quantity
        return _annulus(self, size_factor * inner, size_factor * (inner + self.width.quantity), **kwargs)


@SPATIAL_MODEL_REGISTRY.register
class Shell2SpatialModel(_Shell):
    r"""Homogeneous shell, projected on the sky, by its outer radius and relative width.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    r_0 : `~astropy.units.Quantity`
        Outer radius, default 1 deg.
    eta : float
        Width of the shell in units of the outer radius, default 0.2.
    frame : {"icrs", "galactic"}
    """

    tag = ["Shell2SpatialModel", "shell2"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()
    r_0 = Parameter("r_0", "1 deg")
    eta = Parameter("eta", 0.2, min=0.02, max=1)

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, r_0, eta):
        """Return the density at positions."""
        outer = radians(r_0)
        value = _projected_shell(separation(lon, lat, lon_0, lat_0), outer * (1 - number(eta)), outer)
        return per_steradian(value, lon)

    @property
    def r_in(self):
        """Inner radius."""
        return (1 - self.eta.value) * self.r_0.quantity

    @property
    def evaluation_radius(self):
        """Outer radius."""
        return self.r_0.quantity.to("deg")

    @property
    def evaluation_bin_size_min(self):
        """Width of the shell."""
        return (self.eta.value * self.r_0.quantity).to("deg")

    def to_region(self, size_factor=1.0, **kwargs):
        """Return the annulus between inner and outer radius, times `size_factor`.

        Parameters
        ----------
        size_factor : float
        **kwargs : dict
            Arguments of `~regions.CircleAnnulusSkyRegion`.
        """
        return _annulus(self, size_factor * self.r_in, size_factor * self.r_0.quantity, **kwargs)
