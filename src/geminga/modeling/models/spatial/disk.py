"""A disk of uniform brightness."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, erf, number
from ..registries import SPATIAL_MODEL_REGISTRY
from .base import SpatialModel
from .position import declare_eccentricity, declare_lat_0, declare_lon_0, declare_phi
from .shapes import ellipse_from_region, ellipse_region
from .sphere import effective_radius, mean_over_ellipse, per_steradian, separation

__all__ = ["DiskSpatialModel"]

# the edge falls from 99% to 1% of the brightness within the edge width
_EDGE = 2.326
# standard deviation of a square of width one along any direction, which blurs an edge seen through pixels
_PIXEL_BLUR = 1 / sqrt(12)


@SPATIAL_MODEL_REGISTRY.register
class DiskSpatialModel(SpatialModel):
    r"""Disk with a soft edge.

    .. math:: \frac{N}{2} \left[1 - \mathrm{erf}\left(2.326 \frac{\theta - r}{w r}\right)\right]

    :math:`r` is the radius of the ellipse in the direction of the point and :math:`w` the width of the edge
    in units of the radius. The norm takes the spherical area of the ellipse and the softness of its edge
    into account.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    r_0 : `~astropy.units.Quantity`
        Radius along the major axis, default 1 deg.
    e : float
        Eccentricity, default 0, frozen.
    phi : `~astropy.units.Quantity`
        Position angle of the major axis, from north through east, default 0 deg, frozen.
    edge_width : float
        Width of the edge, default 0.01, frozen.
    frame : {"icrs", "galactic"}
    """

    tag = ["DiskSpatialModel", "disk"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()
    r_0 = Parameter("r_0", "1 deg", min=0)
    e = declare_eccentricity()
    phi = declare_phi()
    edge_width = Parameter("edge_width", 0.01, min=0, max=1, frozen=True)

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, r_0, e, phi, edge_width):
        """Return the density at positions."""
        xp = array_namespace(lon, lat, lon_0, lat_0, r_0, e, phi, edge_width)
        edge_width = number(edge_width)

        def area(radius):
            return 4 * pi * xp.sin(radius / 2) ** 2

        # a blurred edge adds its variance to the mean square radius
        softness = 1 + 0.5 * (edge_width / _EDGE) ** 2
        norm = 1 / (mean_over_ellipse(area, r_0, e) * softness)
        radius = effective_radius(lon, lat, lon_0, lat_0, r_0, e, phi)
        distance = separation(lon, lat, lon_0, lat_0)
        width = xp.maximum(radius * edge_width, 1e-12)
        return per_steradian(norm * 0.5 * (1 - erf(_EDGE * (distance - radius) / width)), lon)

    def _arguments_on(self, geom, factor) -> dict:
        """Return parameters; the size of sub-pixels blurs the edge, which conserves the flux on coarse grids."""
        arguments = self._plain_arguments()
        if factor is not None and arguments["r_0"] > 0:
            pixel = float(np.max(geom.pixel_scales.to_value("deg")))
            blur = sqrt(2) * _EDGE * _PIXEL_BLUR * pixel / arguments["r_0"]
            arguments["edge_width"] = float(np.hypot(arguments["edge_width"], blur))
        return arguments

    @property
    def evaluation_radius(self):
        """1.1 times the radius, and the width of the edge."""
        return (1.1 * self.r_0.quantity * (1 + self.edge_width.value)).to("deg")

    @property
    def evaluation_bin_size_min(self):
        """A tenth of the radius inside of the edge."""
        return (self.r_0.quantity * (1 - self.edge_width.value) / 10).to("deg")

    @property
    def _sampling_size(self):
        # a slender disk is as narrow as its minor axis
        return 0.6 * self.evaluation_bin_size_min * sqrt(1 - min(self.e.value, 0.999) ** 2)

    @classmethod
    def from_region(cls, region, **kwargs):
        """Create with the position and size of a region.

        Parameters
        ----------
        region : `~regions.CircleSkyRegion` or `~regions.EllipseSkyRegion`
        **kwargs : dict
            Further parameters; they override those of the region.
        """
        sizes = ellipse_from_region(region)
        return cls.from_position(region.center, **{**sizes, **kwargs})

    def to_region(self, size_factor=1.0, **kwargs):
        """Return the ellipse, times `size_factor`.

        Parameters
        ----------
        size_factor : float
        **kwargs : dict
            Arguments of `~regions.EllipseSkyRegion`.
        """
        return ellipse_region(self, self.r_0.quantity * size_factor, **kwargs)
