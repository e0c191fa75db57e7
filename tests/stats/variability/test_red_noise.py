"""Simulated light curves."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.errors import StatisticError, UnitError
from geminga.stats import TimmerKonig_lightcurve_simulator as simulate


def power_law(frequency, index=2.0):
    return frequency**-index


@pytest.mark.parametrize(("npoints", "nchunks"), [(20, 10), (21, 3), (20, 1), (7, 1)])
def test_times_mean_and_spread(npoints, nchunks):
    """The peer's times are spaced by n / (n - 1) times what was asked for (its fault 15)."""
    flux, time = simulate(power_law, npoints, 2 * u.h, nchunks, random_state=0, mean=5, std=2)
    assert_allclose(time.to_value("h"), 2 * np.arange(npoints))
    assert_allclose([flux.mean(), flux.std()], [5, 2])


@pytest.mark.parametrize("index", [1.0, 2.0])
def test_power_spectrum_is_the_one_asked_for(index):
    power = np.zeros(128)
    for seed in range(200):
        flux, _ = simulate(
            power_law, 256, 1 * u.s, nchunks=1, random_state=seed, power_spectrum_params={"index": index}
        )
        power += np.abs(np.fft.rfft(flux))[1:] ** 2
    slope = np.polyfit(np.log(np.arange(1, 128)), np.log(power[:-1]), 1)[0]
    assert_allclose(slope, -index, atol=0.05)


def test_seed_units_and_poisson():
    one, _ = simulate(power_law, 10, 1 * u.h, random_state=3)
    two, _ = simulate(power_law, 10, 1 * u.h, random_state=3)
    assert_allclose(one, two)
    flux, _ = simulate(power_law, 10, 1 * u.h, random_state=3, mean=5 * u.m, std=200 * u.cm)
    assert flux.unit == u.m
    assert_allclose(flux.std().value, 2)
    counts, _ = simulate(power_law, 10, 1 * u.h, random_state=3, mean=5, std=2, poisson=True)
    assert (counts == np.round(counts)).all()
    assert (counts >= 0).all()


def test_bad_input():
    with pytest.raises(StatisticError, match="npoints"):
        simulate(power_law, 1, 1 * u.h)
    with pytest.raises((UnitError, u.UnitConversionError)):
        simulate(power_law, 10, 1 * u.h, mean=5, std=2 * u.m)
