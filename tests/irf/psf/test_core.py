"""Containment and its radius, and the summary."""

import numpy as np
import pytest
from astropy import units as u

from geminga.irf import PSF3D
from geminga.maps import MapAxis


@pytest.fixture
def gauss(energy_true, offset):
    rad = MapAxis.from_bounds(0.0, 1.0, nbin=200, unit="deg", name="rad")
    sigma = 0.1 * np.array([1, 2, 1, 1])[:, np.newaxis, np.newaxis]
    values = np.exp(-0.5 * (rad.center.value / sigma) ** 2) / (2 * np.pi * sigma**2)
    return PSF3D([energy_true, offset, rad], np.broadcast_to(values, (4, 3, 200)) * u.Unit("deg-2"))


def test_containment_radius_of_gauss(gauss):
    # 1 - exp(-r^2 / 2 sigma^2) = f
    centers = gauss.axes["energy_true"].center
    actual = gauss.containment_radius(0.68, energy_true=centers, offset=1.5 * u.deg)
    expected = np.sqrt(-2 * np.log(1 - 0.68)) * 0.1 * np.array([1, 2, 1, 1])
    np.testing.assert_allclose(actual.to_value("deg"), expected, atol=0.005 / 20 + 1e-4)


def test_fractions_broadcast(gauss):
    actual = gauss.containment_radius([0.5, 0.9], energy_true=1 * u.TeV, offset=1 * u.deg)
    assert actual.shape == (2,)
    assert actual[1] > actual[0]
    grid = gauss.containment_radius(0.68, energy_true=[[1], [2], [3]] * u.TeV, offset=[1, 2] * u.deg)
    assert grid.shape == (3, 2)


def test_axes_left_out(gauss):
    assert gauss.containment_radius(0.68, energy_true=1 * u.TeV).shape == (3,)


def test_no_function_gives_the_first_bin(gauss):
    radius = gauss.containment_radius(0.68, energy_true=1 * u.TeV, offset=5 * u.deg)
    np.testing.assert_allclose(radius.to_value("deg"), 0.005 / 40)


def test_containment_grows_to_one(gauss):
    rad = np.linspace(0, 2, 50) * u.deg
    contained = gauss.containment(rad, energy_true=1 * u.TeV, offset=1 * u.deg)
    assert contained.unit == ""
    assert (np.diff(contained) >= 0).all()
    np.testing.assert_allclose(contained[-1].value, 1, rtol=1e-3)


def test_info(gauss):
    text = gauss.info(fraction=[0.68], energy_true=1 * u.TeV, offset=1 * u.deg)
    assert "68% containment radius at 1 TeV" in text
    assert "energy_true" in text
    assert len(gauss.info().splitlines()) == 9
