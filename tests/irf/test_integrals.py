"""Sums and integrals along axes, against closed forms."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import DataError
from geminga.irf import PSF3D, EffectiveAreaTable2D
from geminga.maps import MapAxis


@pytest.fixture
def power_law():
    energy = MapAxis.from_energy_bounds("0.01 TeV", "100 TeV", nbin=40, name="energy_true")
    offset = MapAxis.from_edges([0.0, 1.0, 2.0], unit="deg", name="offset")
    data = np.broadcast_to(energy.center.value[:, np.newaxis] ** -1.5, (40, 2))
    return EffectiveAreaTable2D([energy, offset], data, "m2")


def gauss_psf(sigma, nbin=1000):
    rad = MapAxis.from_bounds(0.0, 1.0, nbin=nbin, unit="deg", name="rad")
    energy = MapAxis.from_energy_edges([1, 10] * u.TeV, name="energy_true")
    offset = MapAxis.from_edges([0.0, 1.0], unit="deg", name="offset")
    values = np.exp(-0.5 * (rad.center.value / sigma) ** 2) / (2 * np.pi * sigma**2)
    return PSF3D([energy, offset, rad], values[np.newaxis, np.newaxis] * u.Unit("deg-2"))


def test_cumsum_by_hand(responses):
    psf = responses["psf"]
    rad = psf.axes["rad"]
    total = psf.cumsum("rad")
    area = 2 * np.pi * rad.center.value * rad.bin_width.value
    np.testing.assert_allclose(total.data[1, 2], np.cumsum(psf.data[1, 2] * area))
    assert total.unit == u.Unit("sr-1 deg2")
    assert u.allclose(total.axes["rad"].center, rad.edges[1:])
    energy = responses["aeff"].cumsum("energy_true")
    width = responses["aeff"].axes["energy_true"].bin_width.value
    np.testing.assert_allclose(energy.data[:, 0], np.cumsum(responses["aeff"].data[:, 0] * width))


def test_integral_of_gauss():
    # closed form: 1 - exp(-r^2 / (2 sigma^2))
    psf = gauss_psf(0.1)
    rad = [0.05, 0.1, 0.3] * u.deg
    actual = psf.integral("rad", rad=rad, energy_true=2 * u.TeV, offset=0.5 * u.deg).to_value("")
    np.testing.assert_allclose(actual, 1 - np.exp(-0.5 * (rad.value / 0.1) ** 2), rtol=1e-4)


def test_integral_beyond_the_ends():
    psf = gauss_psf(0.1)
    actual = psf.integral("rad", rad=[-1, 5] * u.deg, energy_true=2 * u.TeV, offset=0.5 * u.deg).to_value("")
    np.testing.assert_allclose(actual, [0, 1], rtol=1e-4)


def test_integral_needs_its_coordinate(responses):
    with pytest.raises(DataError, match="rad"):
        responses["psf"].integral("rad", energy_true=1 * u.TeV)


def test_integrate_log_log_of_power_law(power_law):
    # integral of E^-1.5 is -2 E^-0.5; the table is interpolated linearly in log E, hence not exactly a power law
    edges = power_law.axes["energy_true"].center[4:36:8]
    actual = power_law.integrate_log_log("energy_true", energy_true=edges, offset=1 * u.deg)
    expected = -2 * np.diff(edges.value**-0.5)
    assert actual.unit == u.Unit("m2 TeV")
    np.testing.assert_allclose(actual.value, expected, rtol=1e-6)


def test_integrate_log_log_in_any_dimension(power_law):
    edges = [0.1, 1, 10] * u.TeV
    one = power_law.integrate_log_log("energy_true", energy_true=edges, offset=1 * u.deg)
    grid = power_law.integrate_log_log(
        "energy_true", energy_true=edges[:, np.newaxis], offset=[0.5, 1, 1.5] * u.deg
    )
    assert grid.shape == (2, 3)
    np.testing.assert_allclose(grid[:, 1].value, one.value)
    with pytest.raises(DataError, match="one dimension"):
        power_law.integrate_log_log("energy_true", energy_true=1 * u.TeV, offset=1 * u.deg)


def test_normalize(responses):
    psf = responses["psf"]
    psf.data[0, 0] = 0.0
    psf.normalize()
    assert psf.unit == "sr-1"
    total = psf.containment(rad=0.5 * u.deg).to_value("")
    assert total[0, 0, 0] == 0
    np.testing.assert_allclose(total.ravel()[1:], 1, rtol=1e-12)
    edisp = responses["edisp"]
    edisp.normalize()
    np.testing.assert_allclose(
        (edisp.data * edisp.axes["migra"].bin_width.value[:, np.newaxis]).sum(axis=1), 1
    )
    assert edisp.unit == ""
