"""Sum of three Gaussians."""

import numpy as np
from astropy import units as u
from scipy.integrate import quad

from geminga.irf import EnergyDependentMultiGaussPSF

THREE = {
    "sigma_1": 0.1 * u.deg,
    "sigma_2": 0.2 * u.deg,
    "sigma_3": 0.3 * u.deg,
    "scale": 1 / u.sr,
    "ampl_2": 0.1,
    "ampl_3": 0.1,
}


def test_against_the_peer():
    # oracle: peer 2.1, evaluate_direct and evaluate_containment of these parameters at 0.1 deg
    density = EnergyDependentMultiGaussPSF.evaluate_direct(0.1 * u.deg, **THREE)
    np.testing.assert_allclose(density.to_value("deg-2"), 5.4623104176, rtol=1e-9)
    contained = EnergyDependentMultiGaussPSF.evaluate_containment(0.1 * u.deg, **THREE)
    np.testing.assert_allclose(contained.value, 0.21265524227714766, rtol=1e-12)


def test_normalised():
    def ring(r):
        value = EnergyDependentMultiGaussPSF.evaluate_direct(r * u.deg, **THREE).to_value("deg-2")
        return 2 * np.pi * r * value

    np.testing.assert_allclose(quad(ring, 0, 3)[0], 1)


def test_scale_does_not_matter_unless_zero():
    one = EnergyDependentMultiGaussPSF.evaluate_direct(0.1 * u.deg, **THREE)
    assert EnergyDependentMultiGaussPSF.evaluate_direct(0.1 * u.deg, **{**THREE, "scale": 5.0}) == one
    assert EnergyDependentMultiGaussPSF.evaluate_direct(0.1 * u.deg, **{**THREE, "scale": 0.0}).value == 0


def test_repair_of_widths_of_zero():
    names = EnergyDependentMultiGaussPSF.required_parameters
    data = np.zeros((1, 2), dtype=[(name, float) for name in names])
    data["scale"], data["sigma_1"], data["ampl_2"] = 1, [[0.1, 0.0]], 0.5
    repaired = EnergyDependentMultiGaussPSF.repair_parameters(data)
    assert repaired["sigma_2"].tolist() == [[1, 1]]
    assert not repaired["ampl_2"].any()
    assert repaired["scale"].tolist() == [[1, 0]]
