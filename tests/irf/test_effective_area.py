"""Effective area: the formula behind the parametrisation."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import UnknownNameError
from geminga.irf import EffectiveAreaTable2D
from geminga.maps import MapAxis


@pytest.mark.parametrize(
    ("instrument", "expected"),
    # oracle: peer 2.1, EffectiveAreaTable2D.from_parametrization(instrument=...).data[48, 0], in cm2
    [("HESS", 8.2687720936e08), ("HESS2", 5.2475010367e08), ("CTAO", 4.3771837916e10)],
)
def test_from_parametrization(instrument, expected):
    aeff = EffectiveAreaTable2D.from_parametrization(instrument=instrument)
    assert aeff.axes["energy_true"].nbin == 100
    assert aeff.unit == "cm2"
    assert aeff.meta["TELESCOP"] == instrument
    np.testing.assert_allclose(aeff.data[48, 0], expected, rtol=1e-9)


def test_own_energies():
    energy = MapAxis.from_energy_bounds("0.1 TeV", "10 TeV", nbin=3, name="energy_true")
    aeff = EffectiveAreaTable2D.from_parametrization(energy)
    # oracle: peer 2.1, the same call
    np.testing.assert_allclose(
        aeff.data[:, 0], [2.2520724750e08, 1.2132305302e09, 1.5664178253e09], rtol=1e-9
    )
    assert aeff.evaluate(energy_true=1 * u.TeV, offset=4.9 * u.deg).to_value("cm2") == pytest.approx(
        1.2132305302e09
    )
    assert aeff.evaluate(energy_true=1 * u.TeV, offset=5.1 * u.deg) == 0


def test_unknown_instrument():
    with pytest.raises(UnknownNameError, match="CTAO"):
        EffectiveAreaTable2D.from_parametrization(instrument="CTA")
