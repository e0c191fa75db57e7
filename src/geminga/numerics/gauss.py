"""Two-dimensional symmetric Gaussians and their sums."""

from __future__ import annotations

import numpy as np
from astropy import units as u

__all__ = ["Gauss2DPDF", "MultiGauss2D"]


def _plain_ratio(value):
    """Return a dimensionless ratio as a plain array."""
    return value.to_value("") if isinstance(value, u.Quantity) else np.asarray(value, dtype=float)


class Gauss2DPDF:
    r"""A normalised two-dimensional Gaussian, :math:`e^{-\theta^2/(2\sigma^2)}/(2\pi\sigma^2)`.

    Parameters
    ----------
    sigma : float or `~astropy.units.Quantity`
        Width.

    Examples
    --------
    >>> gauss = Gauss2DPDF(sigma=0.5)
    >>> round(float(gauss.containment_radius(0.68)), 4), round(float(gauss.containment_fraction(0.5)), 4)
    (0.7548, 0.3935)
    """

    def __init__(self, sigma=1):
        self.sigma = sigma if isinstance(sigma, u.Quantity) else np.asarray(sigma, dtype=float)[()]

    @property
    def amplitude(self):
        """Density at the centre."""
        return self(0 * self.sigma, 0 * self.sigma)

    def __call__(self, x, y=0):
        """Return the density at a point.

        Parameters
        ----------
        x, y : float, array_like or `~astropy.units.Quantity`
            Coordinates, in the unit of sigma.
        """
        if isinstance(x, u.Quantity) and not isinstance(y, u.Quantity) and np.all(y == 0):
            y = 0 * x
        return np.exp(-0.5 * _plain_ratio((x**2 + y**2) / self.sigma**2)) / (2 * np.pi * self.sigma**2)

    def dpdtheta2(self, theta2):
        """Return the density in squared offset, dP / d(theta^2)."""
        return np.exp(-0.5 * _plain_ratio(theta2 / self.sigma**2)) / (2 * self.sigma**2)

    def containment_fraction(self, rad):
        """Return the fraction within a radius."""
        return -np.expm1(-0.5 * _plain_ratio(rad / self.sigma) ** 2)

    def containment_radius(self, containment_fraction):
        """Return the radius that contains a fraction."""
        return self.sigma * np.sqrt(-2 * np.log1p(-np.asarray(containment_fraction, dtype=float)))

    def gauss_convolve(self, sigma) -> Gauss2DPDF:
        """Return this Gaussian convolved with another of width `sigma`."""
        return Gauss2DPDF(np.sqrt(self.sigma**2 + sigma**2))

    def __repr__(self):
        return f"Gauss2DPDF(sigma={self.sigma})"


class MultiGauss2D:
    """A sum of two-dimensional Gaussians with a common centre.

    Parameters
    ----------
    sigmas : array_like or `~astropy.units.Quantity`, shape (n,)
        Widths.
    norms : array_like, shape (n,), optional
        Integral of each; ones by default.

    Examples
    --------
    >>> psf = MultiGauss2D([0.1, 0.3], norms=[1, 1]).normalize()
    >>> round(float(psf.containment_fraction(psf.containment_radius(0.68))), 9)
    0.68
    """

    def __init__(self, sigmas, norms=None):
        sigmas = u.Quantity(sigmas) if hasattr(sigmas[0], "unit") else np.asarray(sigmas, dtype=float)
        self.components = [Gauss2DPDF(sigma) for sigma in sigmas]
        self.norms = np.ones(len(sigmas)) if norms is None else np.array(norms, dtype=float)
        if len(self.norms) != len(self.components):
            raise ValueError(
                f"norms must have one entry for each sigma, got {len(self.norms)} for {len(self.components)}. "
                "Give as many of both."
            )

    @property
    def n_components(self) -> int:
        """Number of Gaussians."""
        return len(self.components)

    @property
    def sigmas(self):
        """Widths."""
        sigmas = [component.sigma for component in self.components]
        return u.Quantity(sigmas) if isinstance(sigmas[0], u.Quantity) else np.array(sigmas)

    @property
    def integral(self) -> float:
        """Sum of the norms."""
        return float(self.norms.sum())

    @property
    def amplitude(self):
        """Density at the centre."""
        return sum(n * component.amplitude for n, component in zip(self.norms, self.components, strict=True))

    @property
    def max_sigma(self):
        """Largest width."""
        return np.max(self.sigmas)

    @property
    def eff_sigma(self):
        """Root of the norm-weighted sum of squared widths."""
        return np.sqrt(np.sum(self.norms * self.sigmas**2))

    def __call__(self, x, y=0):
        """Return the density at a point."""
        return sum(n * component(x, y) for n, component in zip(self.norms, self.components, strict=True))

    def dpdtheta2(self, theta2):
        """Return the density in squared offset, dP / d(theta^2)."""
        return sum(
            n * component.dpdtheta2(theta2) for n, component in zip(self.norms, self.components, strict=True)
        )

    def normalize(self) -> MultiGauss2D:
        """Scale the norms so that they add up to 1; changes this object and returns it."""
        total = self.norms.sum()
        if total > 0:
            self.norms = self.norms / total
        return self

    def containment_fraction(self, rad):
        """Return what lies within a radius (a fraction when the sum is normalised)."""
        return sum(
            n * component.containment_fraction(rad)
            for n, component in zip(self.norms, self.components, strict=True)
        )

    def containment_radius(self, containment_fraction):
        """Return the radius that contains a fraction; NaN where there is none.

        Parameters
        ----------
        containment_fraction : float or array_like
            Fraction, compared with `containment_fraction` as it is (normalise first).
        """
        unit = getattr(self.sigmas, "unit", None)
        sigmas = np.asarray(getattr(self.sigmas, "value", self.sigmas))
        target = np.asarray(containment_fraction, dtype=float)
        reachable = (target >= 0) & (target < self.integral)
        low = np.zeros(target.shape)
        high = np.full(target.shape, 40 * sigmas.max())
        # the fraction rises monotonically, so halving the bracket 80 times is exact to rounding
        for _ in range(80):
            middle = 0.5 * (low + high)
            parts = -np.expm1(-0.5 * np.square(middle[..., np.newaxis] / sigmas))
            below = (parts * self.norms).sum(axis=-1) < target
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        radius = np.where(reachable, 0.5 * (low + high), np.nan)[()]
        return radius if unit is None else radius * unit

    def match_sigma(self, containment_fraction):
        """Return the width of the single Gaussian with the same containment radius."""
        radius = self.containment_radius(containment_fraction)
        return radius / Gauss2DPDF(sigma=1).containment_radius(containment_fraction)

    def gauss_convolve(self, sigma, norm=1) -> MultiGauss2D:
        """Return this sum convolved with a Gaussian of width `sigma` and integral `norm`."""
        return MultiGauss2D(np.sqrt(self.sigmas**2 + sigma**2), self.norms * norm)

    def __repr__(self):
        return f"MultiGauss2D(sigmas={self.sigmas}, norms={self.norms})"
