"""Sensitivities against root searches on Asimov data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import brentq

from geminga.stats.norm_solver import NormProblems, asimov_ts, sensitivity
from geminga.stats.on_off import wstat
from geminga.stats.poisson import cash


def cash_ts(x, b, s):
    n = b + x * s
    return float(np.sum(cash(n, b) - cash(n, n)))


def wstat_ts(x, n_off, alpha, s):
    n = x * s + alpha * n_off
    return float(np.sum(wstat(n, n_off, alpha, 0 * s) - wstat(n, n_off, alpha, x * s)))


@pytest.mark.parametrize("n_sigma", [2.0, 5.0])
def test_joint_sensitivity_agrees_with_a_root_search(n_sigma):
    rng = np.random.default_rng(0)
    b, s, alpha = rng.uniform(0.01, 5, 12), rng.uniform(0.1, 3, 12), rng.uniform(0.1, 1, 12)
    n_off = rng.poisson(b / alpha).astype(float)
    offsets = [0, 4, 9, 12]
    found = sensitivity(NormProblems(0 * b, b, s, offsets), n_sigma)
    found_off = sensitivity(NormProblems(0 * b, 0 * b, s, offsets, counts_off=n_off, alpha=alpha), n_sigma)
    for k in range(3):
        part = slice(offsets[k], offsets[k + 1])
        root = brentq(lambda x, p=part: cash_ts(x, b[p], s[p]) - n_sigma**2, 1e-6, 1e4, xtol=1e-13)
        assert_allclose(found[k], root, rtol=1e-8)
        root = brentq(
            lambda x, p=part: wstat_ts(x, n_off[p], alpha[p], s[p]) - n_sigma**2, 1e-6, 1e4, xtol=1e-13
        )
        assert_allclose(found_off[k], root, rtol=1e-8)


def test_the_found_norm_has_the_wanted_ts():
    problems = NormProblems([0.0, 0], [1.0, 0], [1.0, 2.0], offsets=[0, 1, 2])
    assert_allclose(asimov_ts(problems, sensitivity(problems, 3.0)), 9)


def test_chi2_is_linear():
    problems = NormProblems([0.0], [3.0], [2.0], error=[0.5])
    assert_allclose(sensitivity(problems, 4.0), 1.0)


def test_deficits():
    problems = NormProblems([0.0], [30.0], [1.0])
    down = sensitivity(problems, -3.0)[0]
    assert -30 < down < 0
    assert_allclose(cash_ts(down, 30.0, 1.0), 9, rtol=1e-8)
    assert np.isnan(sensitivity(NormProblems([0.0], [1.0], [1.0]), -3.0)[0])


def test_problems_without_an_answer():
    assert np.isnan(sensitivity(NormProblems([0.0], [1.0], [0.0]))[0])
    assert sensitivity(NormProblems([0.0], [1.0], [1.0]), 0.0)[0] == 0
    assert len(sensitivity(NormProblems([], [], [], offsets=[0]))) == 0
