"""Theta-squared distributions."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import GeometryError
from geminga.makers.utils import ThetaSquaredTable
from geminga.maps import MapAxis
from geminga.stats import WStatCountsStatistic

from .conftest import SOURCE


@pytest.fixture
def axis():
    return MapAxis.from_bounds(0, 0.04, nbin=4, unit="deg2", interp="lin", name="theta_squared")


@pytest.fixture
def observations(make_observation):
    return [
        make_observation(SOURCE.directional_offset_by(a * u.deg, 0.5 * u.deg), obs_id=i + 1, seed=i, n_events=4000,
                         livetime=(i + 1) * 1000 * u.s)
        for i, a in enumerate((0, 180))
    ]  # fmt: skip


def histogram(observation, center, axis):
    squared = observation.events.radec.separation(center).deg ** 2
    return np.histogram(squared, axis.edges.to_value("deg2"))[0]


@pytest.mark.parametrize("number", [1, 3])
def test_counts_around_on_and_off_positions(number, observations, axis):
    table = ThetaSquaredTable(observations, axis, SOURCE, off_regions_number=number).run()
    on = sum(histogram(o, SOURCE, axis) for o in observations)
    off = 0
    for observation, start in zip(observations, (180, 0), strict=True):
        pointing = observation.get_pointing_icrs(observation.tmid)
        for k in range(1, number + 1):
            center = pointing.directional_offset_by((start + 360 * k / (number + 1)) * u.deg, 0.5 * u.deg)
            off = off + histogram(observation, center, axis)
    assert_array_equal(table["counts"], on)
    assert_array_equal(table["counts_off"], off)
    assert_allclose(table["acceptance"], 2)
    assert_allclose(table["acceptance_off"], 2 * number)
    assert_allclose(table["alpha"], 1 / number)
    stat = WStatCountsStatistic(on, off, 1 / number)
    assert_allclose(table["excess"], on - off / number)
    assert_allclose(table["sqrt_ts"], stat.sqrt_ts)
    assert_allclose(table["excess_errp"], stat.compute_errp())


def test_one_given_off_position(observations, axis):
    off = SOURCE.directional_offset_by(90 * u.deg, 0.7 * u.deg)
    table = ThetaSquaredTable(observations, axis, SOURCE, position_off=off).run()
    assert_array_equal(table["counts_off"], sum(histogram(o, off, axis) for o in observations))


def test_energies(observations, axis):
    table = ThetaSquaredTable(observations, axis, SOURCE, energy_edges=[1, 10] * u.TeV).run()
    whole = ThetaSquaredTable(observations, axis, SOURCE).run()
    assert 0 < table["counts"].sum() < whole["counts"].sum()


def test_on_region_reaches_the_pointing(observations):
    wide = MapAxis.from_bounds(0, 0.4, nbin=4, unit="deg2", interp="lin", name="theta_squared")
    with pytest.raises(GeometryError, match="must be smaller than the offset"):
        ThetaSquaredTable(observations, wide, SOURCE).run()
