"""Analytic responses against their formulas."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.simulate import ArrayResponse, make_responses

ENERGY = np.array([0.1, 0.5, 2.0, 20.0])


@pytest.fixture(scope="module")
def responses():
    return make_responses()


def test_effective_area(responses):
    x = ENERGY / 0.25
    for offset in (0.3, 1.4):
        expected = 1.2e5 * (1 - np.exp(-(x**1.6))) * x**0.25 * np.exp(-(offset**2) / 2 / 1.7**2)
        area = responses["aeff"].evaluate(energy_true=ENERGY * u.TeV, offset=offset * u.deg).to_value("m2")
        assert_allclose(area.ravel(), expected, rtol=0.01)
    assert responses["aeff"].meta["LO_THRES"] == 0.25


def test_energy_dispersion(responses):
    """Moments of the table, and its integral over migra."""
    edisp = responses["edisp"]
    migra = edisp.axes["migra"]
    density = edisp.evaluate(
        energy_true=ENERGY[:, np.newaxis] * u.TeV, migra=migra.center[np.newaxis], offset=0.5 * u.deg
    ).to_value("")
    mass = density * migra.bin_width.value
    assert_allclose(mass.sum(axis=1), 1, rtol=5e-3)
    mean = (mass * migra.center.value).sum(axis=1)
    width = np.sqrt((mass * (migra.center.value - mean[:, np.newaxis]) ** 2).sum(axis=1))
    assert_allclose(mean, 1 + 0.1 * np.exp(-ENERGY / 0.25), rtol=5e-3)
    assert_allclose(width, 0.09 + 0.05 * ENERGY**-0.5, rtol=0.02)


def test_point_spread_function(responses):
    """85 % in a Gaussian, 15 % in one 2.5 times as wide."""
    for offset in (0.0, 1.0):
        sigma = 0.045 * (1 + np.minimum(ENERGY**-0.5, 3)) * (1 + 0.1 * offset)
        for rad in (0.05, 0.2):
            expected = 0.85 * -np.expm1(-0.5 * (rad / sigma) ** 2) + 0.15 * -np.expm1(
                -0.5 * (rad / 2.5 / sigma) ** 2
            )
            found = responses["psf"].containment(
                rad=rad * u.deg, energy_true=ENERGY * u.TeV, offset=offset * u.deg
            )
            assert_allclose(found.to_value("").ravel(), expected, rtol=0.03)


def test_background(responses):
    for offset in (0.3, 1.6):
        expected = (
            0.12 * ENERGY**-2.7 * (1 - np.exp(-((ENERGY / 0.25) ** 4))) * np.exp(-(offset**2) / 2 / 1.5**2)
        )
        rate = responses["bkg"].evaluate(energy=ENERGY * u.TeV, offset=offset * u.deg)
        assert_allclose(rate.to_value("s-1 TeV-1 deg-2").ravel(), expected, rtol=0.03)


def test_other_arrays():
    weak = make_responses(ArrayResponse(area=1e3))["aeff"]
    assert_allclose(weak.data * 120, make_responses()["aeff"].data)
