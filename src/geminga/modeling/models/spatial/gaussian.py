"""Gaussians on the sky, and their generalisation with other exponents."""

from __future__ import annotations

from math import pi

import numpy as np

from geminga.modeling.parameter import Parameter

from ..arrays import array_namespace, number
from ..registries import SPATIAL_MODEL_REGISTRY
from .base import SpatialModel
from .position import declare_eccentricity, declare_lat_0, declare_lon_0, declare_phi
from .shapes import ellipse_region
from .sphere import effective_radius, haversine, mean_over_ellipse, per_steradian, radians, separation

__all__ = ["GaussianSpatialModel", "GeneralizedGaussianSpatialModel"]


#: 1 - cos of the smallest width, 1e-15 rad.
SMALLEST_DEPTH = 1e-30


@SPATIAL_MODEL_REGISTRY.register
class GaussianSpatialModel(SpatialModel):
    r"""Gaussian on the sphere, :math:`N \exp\left[-\frac{1}{2} \frac{1 - \cos\theta}{1 - \cos\sigma(\varphi)}\right]`.

    :math:`\theta` is the distance to the position, :math:`\sigma(\varphi)` the radius of the ellipse in that
    direction. The integral over the sphere is exactly 1, also for large and elongated sources.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    sigma : `~astropy.units.Quantity`
        Width along the major axis, default 1 deg.
    e : float
        Eccentricity, default 0, frozen.
    phi : `~astropy.units.Quantity`
        Position angle of the major axis, from north through east, default 0 deg, frozen.
    frame : {"icrs", "galactic"}

    Examples
    --------
    >>> from astropy import units as u
    >>> model = GaussianSpatialModel(sigma="0.1 deg")
    >>> print(f"{model(0 * u.deg, 0 * u.deg):.1f}")
    52247.5 1 / sr
    """

    tag = ["GaussianSpatialModel", "gauss"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()
    sigma = Parameter("sigma", "1 deg", min=0)
    e = declare_eccentricity()
    phi = declare_phi()

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, sigma, e, phi):
        """Return the density at positions."""
        xp = array_namespace(lon, lat, lon_0, lat_0, sigma, e, phi)

        def depth(radius):
            # 1 - cos without cancellation; a fit may try a width of 0
            return xp.maximum(2 * xp.sin(radius / 2) ** 2, SMALLEST_DEPTH)

        def solid_angle(radius):
            """Return the integral of the profile of a circular Gaussian over the sphere."""
            return -4 * pi * depth(radius) * xp.expm1(-1 / depth(radius))

        width = effective_radius(lon, lat, lon_0, lat_0, sigma, e, phi)
        norm = 1 / mean_over_ellipse(solid_angle, sigma, e)
        # 1 - cos of the distance is twice the haversine
        exponent = haversine(lon, lat, lon_0, lat_0) * (-1 / depth(width))
        return per_steradian(norm * xp.exp(exponent), lon)

    @property
    def evaluation_radius(self):
        """Five times the width."""
        return (5 * self.sigma.quantity).to("deg")

    @property
    def evaluation_bin_size_min(self):
        """A third of the width."""
        return (self.sigma.quantity / 3).to("deg")

    def to_region(self, size_factor=1.0, **kwargs):
        """Return the ellipse of one width, times `size_factor`.

        Parameters
        ----------
        size_factor : float
            1 contains 39% of a circular Gaussian, 1.5 contains 68%.
        **kwargs : dict
            Arguments of `~regions.EllipseSkyRegion`.
        """
        return ellipse_region(self, self.sigma.quantity * size_factor, **kwargs)

    @property
    def evaluation_region(self):
        """Ellipse of five widths."""
        return self.to_region(size_factor=5)


@SPATIAL_MODEL_REGISTRY.register
class GeneralizedGaussianSpatialModel(SpatialModel):
    r"""Generalised Gaussian, :math:`N \exp[-(\theta / r(\varphi))^{1/\eta}]`.

    From a peaked profile (:math:`\eta = 1`, exponential) over a Gaussian (1/2) to a disk (small
    :math:`\eta`). The norm is that of the plane, :math:`N = [2 \pi r_0 r_{minor} \eta \Gamma(2\eta)]^{-1}`:
    for sources of several degrees the integral is not exactly 1.

    Parameters
    ----------
    lon_0, lat_0 : `~astropy.units.Quantity`
        Position, default 0 deg.
    r_0 : `~astropy.units.Quantity`
        Radius along the major axis, default 1 deg.
    eta : float
        Inverse of the exponent, default 0.5.
    e : float
        Eccentricity, default 0, frozen.
    phi : `~astropy.units.Quantity`
        Position angle of the major axis, default 0 deg, frozen.
    frame : {"icrs", "galactic"}
    """

    tag = ["GeneralizedGaussianSpatialModel", "gauss-general"]
    array_evaluate = True
    lon_0 = declare_lon_0()
    lat_0 = declare_lat_0()
    r_0 = Parameter("r_0", "1 deg")
    eta = Parameter("eta", 0.5, min=0.01, max=1)
    e = declare_eccentricity()
    phi = declare_phi()

    @staticmethod
    def evaluate(lon, lat, lon_0, lat_0, r_0, eta, e, phi):
        """Return the density at positions."""
        from scipy.special import gamma

        xp = array_namespace(lon, lat, lon_0, lat_0, r_0, eta, e, phi)
        eta, e, major = number(eta), number(e), radians(r_0)
        minor = major * xp.sqrt(1 - e**2)
        norm = 1 / (2 * pi * minor * major * eta * gamma(2 * eta))
        radius = effective_radius(lon, lat, lon_0, lat_0, r_0, e, phi)
        distance = separation(lon, lat, lon_0, lat_0)
        return per_steradian(norm * xp.exp(-((distance / radius) ** (1 / eta))), lon)

    @property
    def evaluation_radius(self):
        r"""Radius times :math:`1 + 8 \eta`."""
        return (self.r_0.quantity * (1 + 8 * self.eta.value)).to("deg")

    @property
    def evaluation_bin_size_min(self):
        """Size below which the profile changes little, finer for peaked and elongated sources."""
        return (self.r_0.quantity / ((3 + 8 * self.eta.value) * (1 + self.e.value))).to("deg")

    @property
    def _sampling_size(self):
        # for small eta the profile is a disk whose edge is eta wide
        edge = max(self.eta.value, 0.03) * (1 - min(self.e.value, 0.999) ** 2) ** 0.5
        return np.minimum(self.evaluation_bin_size_min, self.r_0.quantity * edge)

    def to_region(self, size_factor=1.0, **kwargs):
        """Return the ellipse of radius `r_0`, times `size_factor`.

        Parameters
        ----------
        size_factor : float
        **kwargs : dict
            Arguments of `~regions.EllipseSkyRegion`.
        """
        return ellipse_region(self, self.r_0.quantity * size_factor, **kwargs)

    @property
    def evaluation_region(self):
        """Ellipse of the evaluation radius."""
        return ellipse_region(self, self.evaluation_radius)
