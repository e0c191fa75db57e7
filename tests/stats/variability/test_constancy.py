"""Chi-square of a constant flux."""

import numpy as np
from numpy.testing import assert_allclose
from scipy.stats import kstest

from geminga.stats import compute_chisq

FLUX = np.array([1.0, 2, 1.5, 4, 3, 2.5])


def test_without_errors():
    """oracle: peer 2.1, compute_chisq(flux)."""
    assert_allclose(compute_chisq(FLUX), (2.5, 0.7764950711233227))


def test_errors_count():
    """The peer ignores them (its fault 15)."""
    error = np.array([0.1, 0.2, 0.1, 0.3, 0.2, 0.2])
    weights = 1 / error**2
    mean = (weights * FLUX).sum() / weights.sum()
    assert_allclose(compute_chisq(FLUX, error)[0], (weights * (FLUX - mean) ** 2).sum())
    assert compute_chisq(FLUX, error)[1] < 1e-10 < compute_chisq(FLUX, 10 * error)[1]


def test_p_values_of_constant_fluxes_are_uniform():
    rng = np.random.default_rng(0)
    error = rng.uniform(0.5, 2, (10, 2000))
    _, p_value = compute_chisq(5 + error * rng.normal(size=error.shape), error)
    assert kstest(p_value, "uniform").pvalue > 1e-3


def test_axis_and_missing_points():
    both = np.stack([FLUX, np.where(FLUX == 4, np.nan, FLUX)])
    statistic, _ = compute_chisq(both, np.ones_like(both), axis=1)
    rest = FLUX[FLUX != 4]
    assert_allclose(statistic, [((FLUX - FLUX.mean()) ** 2).sum(), ((rest - rest.mean()) ** 2).sum()])
