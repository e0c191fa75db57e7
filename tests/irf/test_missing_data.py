"""Filling of holes."""

import numpy as np

from geminga.irf import Background2D, EffectiveAreaTable2D


def test_logarithm_between_good_bins(energy, offset):
    data = np.array([[1e-2, 0.0, 1e-2], [0.0, 0.0, np.nan], [1e-6, 1e-6, 1e-4]])
    background = Background2D([energy, offset], data, "s-1 MeV-1 sr-1")
    background.interp_missing_data("energy")
    # the middle bin is half way in log energy, hence the geometric mean; the column with one good bin stays
    np.testing.assert_allclose(background.data[1], [1e-4, 0.0, 1e-3])


def test_nothing_is_extrapolated(energy_true, offset):
    data = np.array([[0.0] * 3, [1.0] * 3, [0.0] * 3, [3.0] * 3])
    aeff = EffectiveAreaTable2D([energy_true, offset], data, "m2")
    aeff.interp_missing_data("energy_true")
    np.testing.assert_allclose(aeff.data[:, 0], [0, 1, 2, 3])


def test_the_array_of_the_caller_stays(energy, offset):
    data = np.array([[1.0] * 3, [0.0] * 3, [1.0] * 3])
    background = Background2D([energy, offset], data, "s-1 MeV-1 sr-1")
    background.interp_missing_data("energy")
    assert background.data[1, 0] == 1
    assert data[1, 0] == 0
