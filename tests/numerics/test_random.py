"""Random draws: reproducible, and with the right distribution."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose
from scipy.stats import kstest

from geminga.errors import StatisticError
from geminga.numerics.random import (
    InverseCDFSampler,
    draw,
    get_random_state,
    normalize,
    pdf,
    sample_powerlaw,
    sample_sphere,
    sample_sphere_distance,
    sample_times,
)


def test_states():
    assert get_random_state(0).uniform() == np.random.RandomState(0).uniform()
    state = np.random.RandomState(1)
    assert get_random_state(state) is state
    assert get_random_state("global-rng") is np.random.mtrand._rand
    assert get_random_state("random-seed").uniform() != get_random_state("random-seed").uniform()
    generator = np.random.default_rng(3)
    first = get_random_state(generator).uniform()
    assert get_random_state(generator).uniform() != first, "the generator must advance"
    assert get_random_state(np.random.default_rng(3)).uniform() == first
    get_random_state(np.random.SeedSequence(1))
    for bad in ("seed", -1, 1.5, None.__class__):
        with pytest.raises(StatisticError, match="random_state must be"):
            get_random_state(bad)


def test_sampler_reproduces_the_density():
    density = np.array([[1, 2, 3.0], [4, 0, 6.0]])
    positions = InverseCDFSampler(density, random_state=0).sample(40_000)
    index = np.round(positions).astype(int)
    counts = np.zeros(density.shape)
    np.add.at(counts, tuple(index), 1)
    assert counts[1, 1] == 0
    expected = density / density.sum() * 40_000
    assert_allclose(counts, expected, atol=5 * np.sqrt(expected.max()))
    # uniform within a pixel
    assert kstest(positions[0] - index[0] + 0.5, "uniform").pvalue > 1e-3


def test_sampler_along_an_axis():
    """oracle: peer 2.1, InverseCDFSampler([[1, 2, 3], [4, 5, 6]], axis=1, random_state=0).sample_axis()."""
    density = np.array([[1, 2, 3.0], [4, 5, 6.0]])
    assert_allclose(
        InverseCDFSampler(density, axis=1, random_state=0).sample_axis(), [1.59762701, 1.78797342]
    )


def test_sampler_along_an_axis_against_a_loop():
    rng = np.random.default_rng(0)
    density = rng.uniform(0, 1, (50, 20)) * (rng.uniform(size=(50, 20)) > 0.5)
    sampled = InverseCDFSampler(density, axis=1, random_state=5).sample_axis()
    uniform = np.random.RandomState(5).uniform(size=50)
    for row, u_row, value in zip(density, uniform, sampled, strict=True):
        edges = np.concatenate([[0], np.cumsum(row)]) / row.sum()
        # interp picks one of several places where the cumulative is flat, so compare cumulatives
        assert_allclose(np.interp(value, np.arange(21) - 0.5, edges), u_row, atol=1e-12)
        assert row[int(np.round(value))] > 0


def test_sampler_axis_of_nothing_is_nan():
    assert np.isnan(InverseCDFSampler(np.zeros((2, 3)), axis=1).sample_axis()).all()
    with pytest.raises(StatisticError, match="positive sum"):
        InverseCDFSampler(np.zeros((2, 3)))
    with pytest.raises(StatisticError, match=">= 0"):
        InverseCDFSampler([1.0, -1.0])
    with pytest.raises(StatisticError, match="axis"):
        InverseCDFSampler([1.0, 1.0]).sample_axis()
    with pytest.raises(StatisticError, match="sample_axis"):
        InverseCDFSampler([1.0, 1.0], axis=0).sample(2)


def test_sphere():
    """oracle: peer 2.1, sample_sphere(2, random_state=0) and with ranges."""
    lon, lat = sample_sphere(2, random_state=0)
    assert_allclose(lon.deg, [197.57286141, 257.46817189])
    assert_allclose(lat.rad, [0.20700192, 0.08988736], rtol=1e-6)
    lon, lat = sample_sphere(2, [0, 1] * u.deg, [-1, 2] * u.deg, random_state=0)
    assert_allclose(lon.deg, [0.5488135, 0.71518937])
    assert_allclose(lat.rad, [0.01410387, 0.01107349], rtol=1e-6)


def test_sphere_distance():
    """oracle: peer 2.1, sample_sphere_distance(1, 2, size=2, random_state=0)."""
    assert_allclose(sample_sphere_distance(1, 2, size=2, random_state=0), [1.6917355, 1.81775894])
    distance = sample_sphere_distance(0, 3 * u.kpc, size=1000, random_state=0)
    assert distance.unit == u.kpc
    assert kstest((distance.value / 3) ** 3, "uniform").pvalue > 1e-3


@pytest.mark.parametrize("gamma", [0.5, 1, 2, 3.3])
def test_powerlaw_has_the_differential_index_that_was_asked_for(gamma):
    """The peer draws an index steeper by one."""
    x = sample_powerlaw(1.0, 20.0, gamma, size=5000, random_state=1)

    def cumulative(x):
        if gamma == 1:
            return np.log(x) / np.log(20)
        return (x ** (1 - gamma) - 1) / (20 ** (1 - gamma) - 1)

    assert kstest(x, cumulative).pvalue > 1e-3


def test_times():
    """oracle: peer 2.1, sample_times(3, 10 / s, random_state=0), and with dead time and differences."""
    assert_allclose(
        sample_times(3, 10 / u.s, random_state=0).sec, [0.07958745, 0.20518053, 0.29750284], rtol=1e-6
    )
    difference = sample_times(3, 10 / u.s, dead_time=0.1 * u.s, random_state=0, return_diff=True)
    assert_allclose(difference.sec, [0.17958745, 0.22559308, 0.19232231], rtol=1e-6)


def test_draw_follows_the_function():
    x = draw(0, 4, 5000, lambda x, k: np.exp(-k * x), random_state=0, k=2.0)
    assert kstest(x, lambda x: (1 - np.exp(-2 * x)) / (1 - np.exp(-8))).pvalue > 1e-3
    with pytest.raises(StatisticError, match="dist must be"):
        draw(0, 1, 1, lambda x: x - 0.5)


def test_function_helpers():
    assert pdf(lambda x: x**2)(2.0) == 8
    assert_allclose(normalize(lambda x: x, 0, 2)(1.0), 0.5)
