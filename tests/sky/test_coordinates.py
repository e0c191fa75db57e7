import astropy.units as u
import numpy as np
from numpy.testing import assert_allclose

from geminga.sky import cartesian, galactic, motion_since_birth, polar, velocity_glon_glat


def test_polar_and_cartesian_are_inverse():
    r, theta = polar(*cartesian(2 * u.kpc, 0.3 * u.rad))
    assert_allclose(r.to_value("kpc"), 2)
    assert_allclose(theta.to_value("rad"), 0.3)


def test_galactic_from_the_sun():
    # oracle: peer 2.1, utils.coordinates.galactic(1 kpc, 2 kpc, 0.3 kpc)
    distance, glon, glat = galactic(1 * u.kpc, 2 * u.kpc, 0.3 * u.kpc)
    assert_allclose(distance.to_value("kpc"), 10.5517771, rtol=1e-8)
    assert_allclose(glon.to_value("deg"), 5.44033203, rtol=1e-8)
    assert_allclose(glat.to_value("deg"), 1.62920902, rtol=1e-8)


def test_galactic_uses_the_observer():
    """The peer ignores `obs_pos`."""
    distance, glon, glat = galactic(
        1 * u.kpc, 2 * u.kpc, 0.3 * u.kpc, obs_pos=(1 * u.kpc, 0 * u.kpc, 0.3 * u.kpc)
    )
    assert_allclose([distance.value, glon.value, glat.value], [2, 0, 0], atol=1e-12)


def test_velocity_is_the_derivative_of_position():
    """Finite differences of `galactic`; the peer has another sign and another latitude."""
    position = np.array([1.0, 2.0, 0.3]) * u.kpc
    velocity = np.array([100.0, 20.0, -30.0]) * u.km / u.s
    step = 1e4 * u.yr
    after, before = (galactic(*(position + sign * velocity * step)) for sign in (0.5, -0.5))
    expected = [((a - b) / step).to_value("rad/Myr") for a, b in zip(after[1:], before[1:], strict=True)]
    found = [v.to_value("rad/Myr") for v in velocity_glon_glat(*position, *velocity)]
    assert_allclose(found, expected, rtol=1e-6)


def test_motion_since_birth():
    *displacement, vx, vy, vz = motion_since_birth(100 * u.km / u.s, 1e4 * u.yr, 0.3 * u.rad, 0.2 * u.rad)
    # oracle: peer 2.1, utils.coordinates.motion_since_birth, same arguments
    assert_allclose([v.to_value("km/s") for v in (vx, vy, vz)], [28.96294776, 5.87108017, 95.53364891])
    assert_allclose(
        [d.to_value("pc") for d in displacement],
        [(v * 1e4 * u.yr).to_value("pc") for v in (vx, vy, vz)],
    )
