"""Radial profiles."""

import numpy as np
from astropy import units as u

from geminga.irf.psf.profile import RadialProfiles
from geminga.maps import MapAxis


def gauss(sigma):
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=len(sigma), name="energy_true")
    rad = MapAxis.from_bounds(0, 1, nbin=500, unit="deg", name="rad")
    width = np.array(sigma)[:, np.newaxis]
    density = np.exp(-0.5 * (rad.center.value / width) ** 2) / (2 * np.pi * width**2)
    return RadialProfiles(energy, rad, density)


def test_closed_forms():
    profiles = gauss([0.1, 0.05])
    energy = profiles.energy_axis.center.value
    np.testing.assert_allclose(profiles.contained_at(energy, 0.1), 1 - np.exp([-0.5, -2.0]), rtol=1e-3)
    functions = profiles.radial_functions(energy)
    np.testing.assert_allclose([density(0.101) for density in functions], profiles.density[:, 50], rtol=1e-9)
    assert [density(1.5) for density in functions] == [0, 0]
    # half a bin before the first centre and after the last one the steps go on
    first, second = profiles.density[:, 0], profiles.density[:, 1]
    np.testing.assert_allclose([density(0.0) for density in functions], 1.5 * first - 0.5 * second, rtol=1e-9)
    np.testing.assert_allclose(
        profiles.radius_of(0.68, energy), np.sqrt(-2 * np.log(0.32)) * np.array([0.1, 0.05]), atol=2e-4
    )


def test_ends():
    profiles = gauss([0.1])
    energy = profiles.energy_axis.center.value
    np.testing.assert_allclose(profiles.contained_at(energy, np.array([-1.0, 0.0, 1.0, 7.0]))[[0, 1]], 0)
    np.testing.assert_allclose(profiles.contained_at(energy, 7.0), profiles.contained_at(energy, 1.0))


def test_more_dimensions():
    profiles = gauss([0.1, 0.05])
    cube = RadialProfiles(
        profiles.energy_axis, profiles.rad_axis, profiles.density[..., np.newaxis] * np.array([1.0, 2.0])
    )
    np.testing.assert_allclose(cube.cumulative()[..., 1], 2 * profiles.cumulative())


def test_other_units_of_the_axis():
    profiles = gauss([0.1])
    minutes = MapAxis.from_edges(profiles.rad_axis.edges.to(u.arcmin), name="rad")
    same = RadialProfiles(profiles.energy_axis, minutes, profiles.density)
    np.testing.assert_allclose(same.cumulative(), profiles.cumulative())
