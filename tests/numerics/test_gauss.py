"""Gaussians against quadrature and frozen numbers."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose
from scipy.integrate import quad

from geminga.numerics.gauss import Gauss2DPDF, MultiGauss2D


def test_single_gaussian():
    """oracle: peer 2.1, Gauss2DPDF(0.5)."""
    gauss = Gauss2DPDF(0.5)
    assert_allclose(gauss(0.1, 0.2), 0.5760373910997226)
    assert_allclose(gauss.dpdtheta2(0.2), 1.3406400920712787)
    assert_allclose(gauss.containment_fraction(0.5), 0.3934693402873666)
    assert_allclose(gauss.containment_radius(0.8), 0.8970612889970507)
    assert_allclose(gauss.gauss_convolve(0.3).sigma, 0.58309518948453)
    assert_allclose(gauss.amplitude, 1 / (2 * np.pi * 0.25))


def test_density_is_normalised():
    gauss = Gauss2DPDF(0.5)
    assert_allclose(quad(lambda r: 2 * np.pi * r * gauss(r), 0, 10)[0], 1)
    assert_allclose(quad(gauss.dpdtheta2, 0, 100)[0], 1)


@pytest.mark.parametrize("unit", [1, u.deg])
def test_sum_of_gaussians(unit):
    psf = MultiGauss2D(np.array([0.1, 0.3]) * unit, [1, 2])
    assert psf.n_components == 2
    assert psf.integral == 3
    inner = psf.containment_fraction(0.2 * unit)
    assert_allclose(inner, (1 - np.exp(-2)) + 2 * (1 - np.exp(-0.5 * 4 / 9)))
    radius = psf.containment_radius(inner)
    assert_allclose(radius / unit, 0.2)
    assert_allclose(psf.eff_sigma / unit, np.sqrt(0.01 + 2 * 0.09))
    assert_allclose(psf.max_sigma / unit, 0.3)
    assert psf.normalize() is psf
    assert psf.integral == 1
    assert_allclose(psf.match_sigma(0.5) / unit, psf.containment_radius(0.5) / unit / np.sqrt(2 * np.log(2)))
    wider = psf.gauss_convolve(0.2 * unit, norm=2)
    assert_allclose(wider.sigmas / unit, np.hypot([0.1, 0.3], 0.2))
    assert_allclose(wider.integral, 2)


def test_containment_radius_of_arrays_and_of_too_much():
    psf = MultiGauss2D([0.1, 0.3]).normalize()
    radii = psf.containment_radius([0.3, 0.9, 1.2])
    assert_allclose(psf.containment_fraction(radii[:2]), [0.3, 0.9])
    assert np.isnan(radii[2])


def test_lengths_must_match():
    with pytest.raises(ValueError, match="norms must have"):
        MultiGauss2D([0.1, 0.3], norms=[1])
