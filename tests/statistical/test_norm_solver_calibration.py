"""Toys: are the errors, limits and significances of the norm solver what they say they are?

Seeds are fixed; tolerances are four standard deviations of the number of toys, plus what small counts allow.
"""

import numpy as np
import pytest
from scipy.stats import chi2, norm

from geminga.stats.norm_solver import NormProblems, NormStatus, sensitivity, solve

SHAPE = np.array([3.0, 2.0, 1.0, 0.5, 0.2])
BACKGROUND = np.array([20.0, 12.0, 8.0, 5.0, 3.0])


def toys(kind, true_norm, n, seed, scale=1.0):
    """Return n problems of five bins, drawn from a source of the true norm."""
    rng = np.random.default_rng(seed)
    background, alpha = BACKGROUND * scale, np.full(5, 0.2)
    counts = rng.poisson(background + true_norm * SHAPE, (n, 5))
    if kind == "cash":
        return NormProblems.from_arrays(counts, background, SHAPE)
    off = rng.poisson(background / alpha, (n, 5))
    return NormProblems.from_arrays(counts, 0.0, SHAPE, counts_off=off, alpha=alpha)


def tolerance(probability, n):
    return 4 * np.sqrt(probability * (1 - probability) / n) + 0.01


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_upper_limits_cover_a_source_that_is_not_there(kind):
    """A rise of n^2 above the best norm is a one-sided limit at the normal probability of n: 95 % for 1.645."""
    n = 4000
    for n_sigma in (1.645, 2.0):
        solution = solve(toys(kind, 0.0, n, 1), n_sigma_ul=n_sigma, selection=["ul"])
        expected = norm.cdf(n_sigma)
        assert abs(np.mean(solution.norm_ul > 0) - expected) < tolerance(expected, n)


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_ts_without_a_source_follows_chi_square(kind):
    n = 4000
    solution = solve(toys(kind, 0.0, n, 2))
    assert solution.success.all()
    for ts in (0.5, 1.0, 4.0, 9.0):
        expected = chi2.sf(ts, 1)
        assert abs(np.mean(solution.ts > ts) - expected) < tolerance(expected, n)
    assert abs(np.mean(solution.norm > 0) - 0.5) < 0.05


@pytest.mark.parametrize("kind", ["cash", "wstat"])
@pytest.mark.parametrize("true_norm", [0.0, 3.0, 20.0])
def test_errors_cover_the_truth(kind, true_norm):
    n = 3000
    solution = solve(toys(kind, true_norm, n, 3), selection=["errn-errp"])
    inside = (solution.norm - solution.norm_errn < true_norm) & (
        true_norm < solution.norm + solution.norm_errp
    )
    assert abs(inside.mean() - 0.6827) < tolerance(0.6827, n)
    pull = (solution.norm - true_norm) / solution.norm_err
    assert abs(pull.mean()) < 0.12
    assert abs(pull.std() - 1) < 0.06


@pytest.mark.parametrize("kind", ["cash", "wstat"])
def test_a_source_at_the_sensitivity_is_seen_half_of_the_time(kind):
    n = 2000
    background, alpha = BACKGROUND, np.full(5, 0.2)
    if kind == "cash":
        asimov = NormProblems.from_arrays(np.zeros((1, 5)), background, SHAPE)
    else:
        asimov = NormProblems.from_arrays(
            np.zeros((1, 5)), 0.0, SHAPE, counts_off=background / alpha, alpha=alpha
        )
    faintest = sensitivity(asimov, 5.0)[0]
    solution = solve(toys(kind, faintest, n, 4))
    assert abs(np.mean(solution.sqrt_ts > 5) - 0.5) < 0.06


@pytest.mark.long
@pytest.mark.parametrize("kind", ["cash", "wstat"])
@pytest.mark.parametrize("scale", [0.02, 0.1, 1.0, 30.0])
@pytest.mark.parametrize("true_norm", [0.0, 0.5, 5.0, 50.0])
def test_coverage_from_few_to_many_counts(kind, scale, true_norm):
    """With less than a count in all, discreteness makes limits too strict or too loose by some percent."""
    n = 40_000
    problems = toys(kind, true_norm, n, 5, scale)
    solution = solve(problems, n_sigma_ul=2, selection=["errn-errp", "ul"])
    assert (solution.status <= NormStatus.AT_LIMIT).all()
    covered = np.mean(solution.norm_ul > true_norm)
    expected_counts = (BACKGROUND * scale + true_norm * SHAPE).sum()
    allowed = 0.012 if expected_counts > 20 else 0.15
    assert abs(covered - norm.cdf(2)) < allowed
