"""King profile: closed forms and bins without a profile."""

import numpy as np
import pytest
from astropy import units as u
from scipy.integrate import quad

from geminga.irf import PSFKing


def test_density_integrates_to_containment():
    def ring(r):
        value = PSFKing.evaluate_direct(r * u.deg, gamma=1.7, sigma=0.1 * u.deg).to_value("deg-2")
        return 2 * np.pi * r * value

    expected = quad(ring, 0, 0.3)[0]
    actual = PSFKing.evaluate_containment(0.3 * u.deg, gamma=1.7, sigma=0.1 * u.deg)
    np.testing.assert_allclose(actual.value, expected)
    # 1 - (1 + r^2 / (2 gamma sigma^2))^(1 - gamma)
    np.testing.assert_allclose(actual.value, 1 - (1 + 0.09 / (2 * 1.7 * 0.01)) ** -0.7)


@pytest.mark.parametrize(("gamma", "sigma"), [(1.0, 0.1), (0.0, 0.0), (0.5, 0.1), (2.0, 0.0)])
def test_no_profile_is_zero(gamma, sigma):
    assert PSFKing.evaluate_direct("0.1 deg", gamma=gamma, sigma=sigma * u.deg) == 0 * u.Unit("deg-2")
    assert PSFKing.evaluate_containment("0.1 deg", gamma=gamma, sigma=sigma * u.deg) == 0


def test_repair_takes_the_nearest_energy():
    data = np.zeros((4, 2), dtype=[("gamma", float), ("sigma", float)])
    data["gamma"][2, 0], data["sigma"][2, 0] = 2.0, 0.1
    data["gamma"][3, 0], data["sigma"][3, 0] = 3.0, 0.2
    repaired = PSFKing.repair_parameters(data)
    np.testing.assert_allclose(repaired["gamma"][:, 0], [2, 2, 2, 3])
    np.testing.assert_allclose(repaired["sigma"][:, 0], [0.1, 0.1, 0.1, 0.2])
    assert not repaired["gamma"][:, 1].any()
    assert data["gamma"][0, 0] == 0


def test_containment_radius_inverts_containment(responses):
    king = responses["king"]
    radius = king.containment_radius(0.5, energy_true=1 * u.TeV, offset=1 * u.deg)
    contained = king.containment(radius, energy_true=1 * u.TeV, offset=1 * u.deg)
    assert abs(contained.value - 0.5) < 0.005
