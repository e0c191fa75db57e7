"""Excess, significance, errors and limits."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from geminga.stats import CashCountsStatistic, WStatCountsStatistic
from geminga.stats.on_off import wstat
from geminga.stats.poisson import cash


@pytest.fixture
def known():
    return CashCountsStatistic(n_on=[1, 3, 0, 10], mu_bkg=[1.0, 1, 2, 30])


@pytest.fixture
def measured():
    return WStatCountsStatistic(
        n_on=[1, 3, 0, 10, 30], n_off=[1.0, 0, 2, 30, 11], alpha=[0.1, 0.2, 0.3, 1, 2]
    )


def test_known_background(known):
    """oracle: peer 2.1, CashCountsStatistic([1, 3, 0, 10], [1, 1, 2, 30])."""
    assert_allclose(known.n_sig, [0, 2, -2, -20])
    assert_allclose(known.error, [1, 1.73205081, 0, 3.16227766])
    assert_allclose(known.stat_null, [2, 2, 4, -8.02394763])
    assert_allclose(known.stat_max, [2, -0.591673732, 2e-25, -26.0517019])
    assert_allclose(known.ts, [0, 2.59167373, 4, 18.02775423])
    assert_allclose(known.sqrt_ts, [0, 1.60986761, -2, -4.24591029])
    assert_allclose(known.p_value, [0.5, 5.37133803e-02, 2.27501319e-02, 1.08853863e-05])
    assert_allclose(known.compute_errn(), [0.69829044, 1.41602574, 0, 2.83810545])
    assert_allclose(known.compute_errp(), [1.35767667, 2.0802367, 0.5, 3.50403256])
    assert_allclose(known.compute_errn(2), [0.9475309, 2.27957381, 0, 5.06760576])
    assert_allclose(known.compute_upper_limit(), [6.51719277, 10.54219025, 4.5, -7.30393556])
    assert_allclose(known.compute_upper_limit(1), [1.35767667, 4.0802367, 0.5, -16.49596744])
    assert_allclose(known.n_sig_matching_significance(5), [8.32727611, 8.32727611, 10.55054599, 31.2945351])
    assert_allclose(
        known.n_sig_matching_significance(-1), [-0.81331769, -0.81331769, -1.23519286, -5.30789092]
    )


def test_measured_background(measured):
    """oracle: peer 2.1, WStatCountsStatistic of the same numbers."""
    assert_allclose(measured.n_bkg, [0.1, 0, 0.6, 30, 22])
    assert_allclose(measured.error, [1.00498756, 1.73205081, 0.42426407, 6.32455532, 8.60232527])
    assert_allclose(measured.stat_max, 0, atol=1e-12)
    assert_allclose(measured.sqrt_ts, [1.48789186, 3.27880417, -1.02443011, -3.23495949, 0.90000348])
    assert_allclose(measured.p_value, [0.06838971, 0.00052124, 0.15281608, 0.0006083, 0.1840592], rtol=1e-4)
    assert_allclose(measured.compute_errn(), [0.71146927, 1.41602574, 0.52962885, 6.51922965, 8.9267897])
    assert_allclose(measured.compute_errp(), [1.36044886, 2.0802367, 0.57527147, 6.19143941, 8.40626338])
    assert_allclose(measured.compute_errn(2), [1.05918287, 2.27957381, 1.28771593, 13.52016331, 18.7317165])
    assert_allclose(
        measured.compute_upper_limit(), [7.42129216, 11.54219025, 3.97527147, -1.50872198, 33.10431022]
    )
    matched = [6.29503029, 6.97638283, 11.49206382, 51.87535447, 63.44339059]
    assert_allclose(measured.n_sig_matching_significance(5), matched)


def test_null_hypothesis_with_signal():
    """oracle: peer 2.1, mu_sig = [1, 2, 3, 4, 5]."""
    stat = WStatCountsStatistic(
        [1, 3, 0, 10, 30], [1.0, 0, 2, 30, 11], [0.1, 0.2, 0.3, 1, 2], mu_sig=[1, 2, 3, 4, 5.0]
    )
    assert_allclose(stat.n_sig, [-0.1, 1, -3.6, -24, 3])
    assert_allclose(stat.sqrt_ts, [-0.09642696, 0.65786826, -2.65508137, -3.83998244, 0.34482394], rtol=1e-7)
    assert_allclose(stat.compute_errn(), [0.71146927, 1.41602574, 0.52962885, 6.51922965, 8.9267897])
    assert_allclose(
        stat.compute_upper_limit(), [6.42129216, 9.54219025, 0.97527147, -5.50872198, 28.10431022]
    )


def test_sum_and_index_keep_the_null_hypothesis():
    """The peer drops mu_sig (its fault 22)."""
    stat = WStatCountsStatistic([[1, 3], [4, 5]], [[1, 2], [3, 4]], 0.5, mu_sig=[[1.0, 2], [3, 4]])
    assert stat[1].mu_sig.tolist() == [3, 4]
    assert stat[0, 1].mu_sig == 2
    assert stat.sum().mu_sig == 10
    assert stat.sum(axis=0).mu_sig.tolist() == [4, 6]
    assert_allclose(stat.sum().n_sig, stat.n_sig.sum())


def test_scalar_alpha_goes_with_arrays():
    """The peer raises IndexError (its fault 22)."""
    stat = WStatCountsStatistic([1, 3, 7], [4, 5, 6], 0.2)
    one_by_one = [WStatCountsStatistic(n, m, 0.2).compute_upper_limit() for n, m in ((1, 4), (3, 5), (7, 6))]
    assert_allclose(stat.compute_upper_limit(), one_by_one)


def test_sum(measured, known):
    """oracle: peer 2.1, sum().sqrt_ts."""
    assert_allclose(measured.sum().sqrt_ts, -0.8456992262657801)
    assert_allclose(measured.sum().alpha, 1.19772727)
    assert_allclose(known.sum().sqrt_ts, -3.8930079039188596)
    assert_allclose(WStatCountsStatistic([1, 2], [0, 0], [0.1, 0.3]).sum().alpha, 0.2)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 40), st.integers(0, 40), st.floats(0.05, 2), st.floats(0.3, 5))
def test_errors_against_a_root_search(n_on, n_off, alpha, n_sigma):
    stat = WStatCountsStatistic(n_on, n_off, alpha)
    best = float(stat.n_sig)

    def rise(x):
        return wstat(n_on, n_off, alpha, x) - n_sigma**2

    width = 10 * n_sigma**2 * (1 + alpha) + 10 * n_sigma * (stat.error + 1)
    assert_allclose(
        stat.compute_errp(n_sigma), brentq(rise, best, best + width, xtol=1e-13) - best, rtol=1e-7
    )
    assert_allclose(
        stat.compute_errn(n_sigma), best - brentq(rise, best - width, best, xtol=1e-13), rtol=1e-7
    )


@settings(max_examples=50, deadline=None)
@given(st.floats(0.01, 1e9), st.floats(0.2, 8))
def test_known_background_errors_raise_the_statistic(n_on, n_sigma):
    stat = CashCountsStatistic(n_on, 0.0)
    for mu in (n_on - stat.compute_errn(n_sigma), n_on + stat.compute_errp(n_sigma)):
        if mu > 1e-12:
            t = mu - n_on
            assert_allclose(2 * (t - n_on * np.log1p(t / n_on)), n_sigma**2, rtol=1e-5)


@settings(max_examples=50, deadline=None)
@given(st.floats(1e-6, 1e6), st.floats(-8, 8))
def test_matching_excess_has_the_significance(background, significance):
    excess = CashCountsStatistic(0, background).n_sig_matching_significance(significance)
    if np.isnan(excess):
        assert cash(0, background) - cash(0, 0) < significance**2 * (1 + 1e-9)
        return
    found = CashCountsStatistic(background + excess, background).sqrt_ts
    assert_allclose(found, significance, rtol=1e-4, atol=1e-3)


def test_matching_excess_broadcasts():
    stat = WStatCountsStatistic([0, 0], [4, 9], 0.1)
    both = stat.n_sig_matching_significance(np.array([[3.0], [5.0]]))
    assert both.shape == (2, 2)
    assert_allclose(both[1], stat.n_sig_matching_significance(5))
    excess = both[0, 1]
    assert_allclose(WStatCountsStatistic(0.9 + excess, 9, 0.1).sqrt_ts, 3, rtol=1e-7)


def test_bins_without_off_exposure_have_no_errors():
    stat = WStatCountsStatistic([3, 3], [2, 2], [0.0, 0.5])
    assert np.isnan(stat.compute_errp()[0])
    assert np.isfinite(stat.compute_errp()[1])


def test_info_and_text(known, measured):
    assert list(known.info_dict()) == ["n_on", "background", "excess", "significance", "p_value", "mu_bkg"]
    assert list(measured.info_dict())[-3:] == ["n_off", "alpha", "mu_sig"]
    assert "Total significance              : -3.89" in str(known)
    assert "Off counts                      : 44.00" in repr(measured)
    assert len(measured) == 5


def test_ten_thousand_pixels_take_milliseconds():
    """The peer needs 5 to 12 s for each of these (its fault 53)."""
    rng = np.random.default_rng(0)
    stat = WStatCountsStatistic(rng.poisson(3, 10_000), rng.poisson(20, 10_000), 0.1)
    start = time.process_time()
    stat.compute_upper_limit()
    stat.compute_errn()
    stat.n_sig_matching_significance(5)
    assert time.process_time() - start < 1.0
