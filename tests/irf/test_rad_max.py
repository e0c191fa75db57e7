"""Radius of the directional cut."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import DataError
from geminga.irf import EffectiveAreaTable2D, RadMax2D


def test_table(responses):
    rad_max = responses["rad_max"]
    assert not rad_max.is_fixed_rad_max
    center = rad_max.axes["energy"].center
    actual = rad_max.evaluate(energy=center, offset=1.4 * u.deg, method="nearest")
    np.testing.assert_allclose(actual.to_value("deg"), rad_max.data[:, 1])


def test_from_irf(energy_true, offset):
    aeff = EffectiveAreaTable2D([energy_true, offset], is_pointlike=True, meta={"RAD_MAX": 0.2})
    rad_max = RadMax2D.from_irf(aeff)
    assert rad_max.is_fixed_rad_max
    assert rad_max.is_pointlike
    assert rad_max.axes["energy"].nbin == 1
    for method in ("linear", "nearest"):
        actual = rad_max.evaluate(energy=[0.001, 1, 500] * u.TeV, offset=7 * u.deg, method=method)
        np.testing.assert_allclose(actual.to_value("deg"), 0.2)


def test_from_irf_without_a_cut(energy_true, offset):
    with pytest.raises(DataError, match="point-like"):
        RadMax2D.from_irf(EffectiveAreaTable2D([energy_true, offset]))
    with pytest.raises(DataError, match="RAD_MAX"):
        RadMax2D.from_irf(EffectiveAreaTable2D([energy_true, offset], is_pointlike=True))
