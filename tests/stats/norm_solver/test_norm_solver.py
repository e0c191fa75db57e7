"""The batched solver against its slow twin, closed forms, and properties."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.special import lambertw

from geminga.errors import StatisticError, UnknownNameError
from geminga.stats.norm_solver import (
    NormProblems,
    NormStatus,
    asymmetric_errors,
    best_fit,
    errors,
    null,
    positivity_limits,
    scan,
    solve,
    stat,
    upper_limit,
)

_spec = importlib.util.spec_from_file_location("slow_twin", Path(__file__).with_name("slow_twin.py"))
slow = importlib.util.module_from_spec(_spec)
sys.modules["slow_twin"] = slow
_spec.loader.exec_module(slow)

KINDS = ["cash", "wstat", "chi2", "mixed"]


def random_problems(kind, m, seed, background):
    """Ragged problems with few counts; the hard case."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 7, m)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    n = offsets[-1]
    s = rng.exponential(1, n) * 10 ** rng.uniform(-1, 1, n)
    b = rng.exponential(background, n)
    counts = rng.poisson(np.maximum(b + np.repeat(rng.uniform(-0.2, 2, m), lengths) * s, 0))
    alpha = rng.uniform(0.05, 2, n)
    off = rng.poisson(b / alpha)
    if kind == "cash":
        return NormProblems(counts, b, s, offsets)
    if kind == "wstat":
        return NormProblems(counts, 0 * b, s, offsets, counts_off=off, alpha=alpha)
    if kind == "chi2":
        return NormProblems(counts, b, s, offsets, error=1 + alpha)
    codes = rng.integers(0, 3, n)
    return NormProblems(
        counts,
        np.where(codes == 1, 0.1 * b, b),
        s,
        offsets,
        counts_off=off,
        alpha=alpha,
        error=1 + alpha,
        statistic=codes,
    )


@pytest.mark.parametrize("background", [0.3, 5])
@pytest.mark.parametrize("kind", KINDS)
def test_agrees_with_the_slow_twin(kind, background):
    problems = random_problems(kind, 20, 1, background)
    solution = solve(problems, selection="all")
    assert solution.success.all()
    for k in range(len(solution)):
        norm, lowest = solution.norm[k], solution.stat[k]
        assert_allclose(lowest, slow.slow_stat(problems, k, norm), rtol=1e-11, atol=1e-11)
        assert_allclose(solution.stat_null[k], slow.slow_stat(problems, k, 0.0), rtol=1e-11, atol=1e-11)
        assert_allclose(solution.ts[k], max(solution.stat_null[k] - lowest, 0), rtol=1e-9, atol=1e-9)
        for norm_value, value in zip(solution.norm_scan[k], solution.stat_scan[k], strict=True):
            assert_allclose(value, slow.slow_stat(problems, k, norm_value), rtol=1e-11, atol=1e-11)
        if solution.status[k] == NormStatus.AT_LIMIT:
            continue
        width = 3 * (1 + abs(norm))
        other = slow.slow_minimum(problems, k, norm - width, norm + width)
        assert lowest <= slow.slow_stat(problems, k, other) + 1e-12 * (1 + abs(lowest))
        lowest_norm = problem_limit(problems, k)
        for side, n_sigma, distance in (
            (-1, 1, solution.norm_errn[k]),
            (1, 1, solution.norm_errp[k]),
            (1, 2, solution.norm_ul[k] - norm),
        ):
            expected = slow.slow_crossing(problems, k, norm, side, n_sigma)
            if side < 0:
                expected = min(expected, norm - lowest_norm)
            assert_allclose(distance, expected, rtol=1e-8)


def problem_limit(problems, k):
    """Return where the total prediction of a pure Cash problem vanishes."""
    bins = slice(problems.offsets[k], problems.offsets[k + 1])
    codes = np.broadcast_to(problems.statistic, problems.n_bins)[bins]
    if np.any(codes != 0):
        return -np.inf
    return -problems.background[bins].sum() / problems.signal[bins].sum()


@pytest.mark.parametrize("kind", KINDS)
def test_each_verb_gives_what_solve_gives(kind):
    problems = random_problems(kind, 40, 2, 2.0)
    solution = solve(problems, n_sigma=1.5, n_sigma_ul=3, selection="all", norm_values=[0.5, 1, 2])
    fit = best_fit(problems)
    assert_allclose(fit.norm, solution.norm)
    assert_allclose(fit.stat, solution.stat)
    assert_allclose(errors(problems, 1.5), solution.norm_err)
    assert_allclose(errors(problems, 1.5, norm=fit.norm), solution.norm_err)
    both = asymmetric_errors(problems, 1.5)
    assert_allclose(both.errn, solution.norm_errn)
    assert_allclose(both.errp, solution.norm_errp)
    assert_allclose(upper_limit(problems, 3, norm=fit.norm), solution.norm_ul)
    assert_allclose(scan(problems, [0.5, 1, 2]), solution.stat_scan)
    assert_allclose(stat(problems, fit.norm), solution.stat, rtol=1e-12, atol=1e-12)
    assert_allclose(null(problems).sqrt_ts, solution.sqrt_ts)
    assert_allclose(null(problems, norm=fit.norm, null_value=1.0).stat_null, solution.stat_scan[:, 1])


@pytest.mark.parametrize("kind", KINDS)
def test_pieces_and_order_do_not_matter(kind, monkeypatch):
    problems = random_problems(kind, 60, 3, 1.0)
    whole = solve(problems, selection="all")
    monkeypatch.setattr("geminga.stats.norm_solver.chunks.BINS_PER_CHUNK", 20)
    monkeypatch.setattr("geminga.stats.norm_solver.crossings.BINS_AT_ONCE", 0)
    monkeypatch.setattr("geminga.stats.norm_solver.profile.BINS_AT_ONCE", 0)
    pieces = solve(problems, selection="all")
    order = np.random.default_rng(0).permutation(60)
    monkeypatch.undo()
    shuffled = solve(problems.select(order), selection="all")
    for name in (
        "norm",
        "norm_err",
        "norm_errn",
        "norm_errp",
        "norm_ul",
        "ts",
        "stat_scan",
        "norm_sensitivity",
    ):
        expected = getattr(whole, name)
        assert_allclose(getattr(pieces, name), expected, rtol=1e-9, atol=1e-12, err_msg=name)
        assert_allclose(getattr(shuffled, name), expected[order], rtol=1e-9, atol=1e-12, err_msg=name)


positive = st.floats(1e-3, 1e3)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 1000), positive, positive)
def test_one_cash_bin_has_closed_forms(n, b, s):
    solution = solve(NormProblems([n], [b], [s]), selection="all")
    assert_allclose(solution.norm, (n - b) / s, rtol=1e-12, atol=1e-12 / s)
    assert_allclose(solution.norm_err, np.sqrt(n) / s, rtol=1e-9)
    low, high = (-n * lambertw(-np.exp(-1 - 0.5 / n), branch).real for branch in (0, -1))
    assert_allclose(solution.norm_errn, (n - low) / s, rtol=1e-6)
    assert_allclose(solution.norm_errp, (high - n) / s, rtol=1e-6)
    assert_allclose(solution.ts, 2 * (b - n + n * np.log(n / b)), rtol=1e-9, atol=1e-9 * n)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.floats(0.05, 2), positive)
def test_one_on_off_bin_has_its_minimum_at_the_excess(n_on, n_off, alpha, s):
    solution = solve(NormProblems([n_on], [0.0], [s], counts_off=[n_off], alpha=[alpha]))
    assert solution.success[0]
    assert_allclose(solution.norm, (n_on - alpha * n_off) / s, rtol=1e-7, atol=1e-11 / s)
    assert_allclose(solution.stat, 0, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(KINDS), st.floats(0.01, 100))
def test_norm_scales_inversely_with_the_signal(seed, kind, factor):
    problems = random_problems(kind, 3, seed, 1.0)
    scaled = NormProblems(
        **{**vars(problems), "signal": problems.signal * factor},
    )
    one, two = solve(problems, selection=["errn-errp", "ul"]), solve(scaled, selection=["errn-errp", "ul"])
    for name in ("norm", "norm_errn", "norm_errp", "norm_ul", "norm_err"):
        assert_allclose(getattr(two, name) * factor, getattr(one, name), rtol=1e-6, atol=1e-9, err_msg=name)
    assert_allclose(one.ts, two.ts, rtol=1e-7, atol=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(KINDS))
def test_limits_rise_with_their_confidence_and_enclose_the_norm(seed, kind):
    problems = random_problems(kind, 5, seed, 1.0)
    solution = solve(problems, n_sigma=1, n_sigma_ul=3, selection=["errn-errp", "ul"])
    assert (solution.norm_errn >= 0).all()
    assert (solution.norm_errp > 0).all()
    assert (solution.norm_ul > solution.norm + solution.norm_errp).all()
    assert (solution.ts >= 0).all()
    good = solution.success
    raised = stat(problems, np.where(good, solution.norm + solution.norm_errp, 0))
    assert_allclose((raised - solution.stat)[good], 1, rtol=1e-7, atol=1e-7)


def test_weights_multiply_the_statistic():
    counts, background, signal = [3.0, 0.0, 2.0], [1.0, 0.5, 1.0], [1.0, 1.0, 2.0]
    doubled = NormProblems(counts, background, signal, weights=[2.0, 2.0, 2.0])
    plain = NormProblems(counts, background, signal)
    assert_allclose(best_fit(doubled).norm, best_fit(plain).norm)
    for norm in (0.0, 0.7):
        assert_allclose(stat(doubled, norm), 2 * stat(plain, norm))
    masked = NormProblems(counts, background, signal, weights=[1.0, 1.0, 0.0])
    assert_allclose(
        best_fit(masked).norm, best_fit(NormProblems(counts[:2], background[:2], signal[:2])).norm
    )


def test_without_counts_the_norm_is_at_its_limit():
    """The smallest norm with positive predictions; the limit from there is n^2 / (2 sum s)."""
    problems = NormProblems([0.0, 0.0], [1.0, 4.0], [2.0, 1.0])
    solution = solve(problems, n_sigma=1, n_sigma_ul=2, selection=["errn-errp", "ul"])
    assert solution.status[0] == NormStatus.AT_LIMIT
    assert solution.success[0]
    assert_allclose(solution.norm, -0.5)
    assert_allclose(solution.stat, 2 * (4 - 0.5))
    assert_allclose(solution.norm_errp, 1 / 6)
    assert_allclose(solution.norm_ul, -0.5 + 4 / 6)
    assert np.isnan(solution.norm_err[0])


def test_predictions_below_zero_without_counts_count_as_zero():
    """Bin 2 would forbid norms below -0.001; unlimited the norm goes on to the minimum of bin 1."""
    problems = NormProblems([55.0, 0.0], [60.0, 0.01], [1.0, 10.0])
    assert_allclose(best_fit(problems).norm, -5)
    low, high = positivity_limits(problems)
    assert_allclose(low, -0.001)
    assert np.isinf(high[0])
    limited = solve(problems, norm_min=low, selection=["errn-errp"])
    assert_allclose(limited.norm, -0.001)
    assert limited.status[0] == NormStatus.AT_LIMIT
    assert_allclose(limited.norm_errn, 0, atol=1e-12)


def test_limits_of_the_norm():
    problems = NormProblems([10.0, 10.0], [1.0, 1.0], [1.0, 1.0], offsets=[0, 1, 2])
    fit = best_fit(problems, norm_max=[5.0, 20.0])
    assert_allclose(fit.norm, [5, 9])
    assert fit.status.tolist() == [NormStatus.AT_LIMIT, NormStatus.CONVERGED]
    bounded = asymmetric_errors(problems, n_sigma=3, norm_min=8.0, norm_max=10.0)
    assert_allclose(bounded.errn, [1, 1])
    assert_allclose(bounded.errp, [1, 1])


def test_every_status_is_told():
    problems = NormProblems(
        counts=[1.0, 1.0, np.nan, 2.0, -1.0, 2.0, 3.0],
        background=[1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0],
        signal=[1.0, 0.0, 1.0, 1.0, 1.0, 1.0, -1.0],
        offsets=[0, 1, 1, 2, 3, 4, 5, 7],
    )
    solution = solve(problems, selection="all")
    assert solution.status.tolist() == [
        NormStatus.CONVERGED,
        NormStatus.NO_BINS,
        NormStatus.NO_SIGNAL,
        NormStatus.NOT_FINITE,
        NormStatus.CONVERGED,
        NormStatus.NOT_FINITE,
        NormStatus.IMPOSSIBLE,
    ]
    assert solution.success.tolist() == [True, False, False, False, True, False, False]
    assert np.isnan(solution.norm[~solution.success]).all()
    assert np.isnan(solution.norm_ul[~solution.success]).all()
    assert "no signal" in solution.messages[2]
    assert "no signal" in repr(solution)


def test_null_hypothesis_without_background_uses_the_floor():
    """oracle: peer 2.1, CashCountsStatistic(3, 0).sqrt_ts = 18.60052251097037."""
    assert_allclose(null(NormProblems([3.0], [0.0], [1.0])).sqrt_ts, 18.60052251097037, rtol=1e-9)


def test_on_off_bins_without_alpha_do_not_count():
    arrays = {"counts": [5.0, 3.0], "background": [0.0, 0.0], "signal": [1.0, 1.0], "counts_off": [4.0, 2.0]}
    with_broken = NormProblems(**arrays, alpha=[0.5, 0.0])
    assert_allclose(best_fit(with_broken).norm, 3)
    assert_allclose(
        stat(with_broken, 1.0), stat(NormProblems([5.0], [0.0], [1.0], counts_off=[4.0], alpha=[0.5]), 1.0)
    )


def test_kink_at_zero_of_bins_without_counts():
    """Many empty On/Off bins: the minimum sits on the kink at norm 0."""
    problems = NormProblems([1.0, 0, 0], [0.0] * 3, [0.1, 5, 5], counts_off=[1.0, 0, 0], alpha=[0.5] * 3)
    fit = best_fit(problems)
    assert fit.norm[0] == 0
    assert fit.niter[0] <= 2


@pytest.mark.parametrize("scale", [1e-30, 1e-12, 1e12])
def test_extreme_signals(scale):
    """Point-spread tails next to peaks, and fluxes in absolute units."""
    problems = NormProblems([30.0, 2, 0], [5.0, 1e-3, 1e-8], np.array([10.0, 1e-6, 1e-20]) * scale)
    reference = NormProblems([30.0, 2, 0], [5.0, 1e-3, 1e-8], [10.0, 1e-6, 1e-20])
    fit, expected = best_fit(problems), best_fit(reference)
    assert fit.success[0]
    assert_allclose(fit.norm * scale, expected.norm, rtol=1e-9)


def test_many_counts_keep_their_precision():
    """Differences are summed bin by bin: n = 1e12 leaves errors exact to 1e-6."""
    solution = solve(NormProblems([1e12], [0.0], [1.0]), selection=["errn-errp"])
    assert_allclose(solution.norm_errp, 1e6, rtol=1e-5)
    assert_allclose(solution.norm_errn, 1e6, rtol=1e-5)


def test_join_and_stack():
    one = NormProblems([5.0, 1, 2], [1.0] * 3, [1.0] * 3, offsets=[0, 2, 3])
    two = NormProblems(
        [7.0, 4], [0.0] * 2, [2.0] * 2, offsets=[0, 1, 2], counts_off=[3.0, 6], alpha=[0.5] * 2
    )
    joint = NormProblems.join([one, two])
    assert joint.offsets.tolist() == [0, 3, 5]
    assert joint.counts.tolist() == [5, 1, 7, 2, 4]
    assert_allclose(stat(joint, 0.5), stat(one, 0.5) + stat(two, 0.5))
    stacked = NormProblems.stack([one, two])
    assert_allclose(stat(stacked, 0.5), np.concatenate([stat(one, 0.5), stat(two, 0.5)]))
    picked = stacked.select([3, 0])
    assert_allclose(stat(picked, 0.5), stat(stacked, 0.5)[[3, 0]])
    assert "cash + wstat" in repr(joint)
    with pytest.raises(StatisticError, match="same number of problems"):
        NormProblems.join([one, one.select([0])])


def test_from_arrays_broadcasts():
    problems = NormProblems.from_arrays(np.arange(6.0).reshape(2, 3), 1.0, [1.0, 2.0, 3.0])
    assert problems.offsets.tolist() == [0, 3, 6]
    assert problems.signal.tolist() == [1, 2, 3, 1, 2, 3]


def test_no_problems_at_all():
    empty = solve(NormProblems([], [], [], offsets=[0]), selection="all")
    assert len(empty) == 0
    assert empty.stat_scan.shape == (0, 11)


def test_arrays_that_do_not_fit_are_refused():
    with pytest.raises(
        StatisticError, match=r"signal must have one value for each bin, expected shape \(2,\)"
    ):
        NormProblems([1.0, 2.0], [1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(StatisticError, match="offsets must rise"):
        NormProblems([1.0], [1.0], [1.0], offsets=[0, 2])
    with pytest.raises(StatisticError, match="counts_off and alpha"):
        NormProblems([1.0], [1.0], [1.0], statistic="wstat")
    with pytest.raises(StatisticError, match="errors"):
        NormProblems([1.0], [1.0], [1.0], statistic="chi2")
    with pytest.raises(StatisticError, match="statistic must be one of"):
        NormProblems([1.0], [1.0], [1.0], statistic="huber")
    with pytest.raises(UnknownNameError, match="errn-errp"):
        solve(NormProblems([1.0], [1.0], [1.0]), selection=["everything"])
    with pytest.raises(StatisticError, match="norm_values"):
        scan(NormProblems([1.0], [1.0], [1.0]), np.ones((2, 3)))


def test_inputs_are_not_modified():
    arrays = [np.array([0.0, 3.0]), np.array([1.0, 1.0]), np.array([1.0, 2.0])]
    before = [a.copy() for a in arrays]
    solve(NormProblems(*arrays), selection="all")
    for a, b in zip(arrays, before, strict=True):
        assert_allclose(a, b)


def test_bins_without_counts_may_be_given_by_their_sums():
    """The sparse form of a map, against all of its bins."""
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.2, (50, 40)).astype(float)
    counts[3] = 0
    background, signal = rng.uniform(0.1, 0.3, (50, 40)), rng.exponential(1, (50, 40))
    full = NormProblems.from_arrays(counts, background, signal)
    seen = counts > 0
    sparse = NormProblems(
        counts[seen],
        background[seen],
        signal[seen],
        offsets=np.concatenate([[0], np.cumsum(seen.sum(axis=1))]),
        empty_background=(background * ~seen).sum(axis=1),
        empty_signal=(signal * ~seen).sum(axis=1),
    )
    low, _ = positivity_limits(full)
    one = solve(full, norm_min=low, selection=["errn-errp", "ul", "scan"])
    two = solve(sparse, norm_min=low, selection=["errn-errp", "ul", "scan"])
    assert two.success.all()
    assert two.status[3] == NormStatus.AT_LIMIT
    for name in (
        "norm",
        "norm_err",
        "stat",
        "stat_null",
        "ts",
        "norm_errn",
        "norm_errp",
        "norm_ul",
        "stat_scan",
    ):
        assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-9, atol=1e-9, err_msg=name)
    joined = NormProblems.join([sparse, sparse])
    assert_allclose(stat(joined, 0.3), 2 * stat(full, 0.3))
    assert_allclose(stat(sparse.select([5, 2]), 0.3), stat(full, 0.3)[[5, 2]])
    assert_allclose(solve(sparse).norm[3], -background[3].sum() / signal[3].sum())
    with pytest.raises(StatisticError, match="list all bins"):
        solve(sparse, selection=["sensitivity"])


def test_sums_together_with_on_off_bins():
    """The bracket then has no end below."""
    kwargs = {"counts_off": [9.0, np.nan], "alpha": [0.5, np.nan], "statistic": ["wstat", "cash"]}
    full = NormProblems([3.0, 0.0], [0.0, 50.0], [1.0, 0.5], **kwargs)
    sparse = NormProblems(
        [3.0], [0.0], [1.0], counts_off=[9.0], alpha=[0.5], empty_background=[50.0], empty_signal=[0.5]
    )
    assert_allclose(best_fit(sparse).norm, best_fit(full).norm, rtol=1e-9)
    assert_allclose(upper_limit(sparse), upper_limit(full), rtol=1e-9)


def test_a_source_cannot_take_away_more_than_there_is():
    """A count far from the source: without a limit the norm would go to -99 900, where its bin alone is happy."""
    problems = NormProblems([1.0, 0.0], [1.999, 0.5], [1e-5, 10.0])
    solution = solve(problems, selection=["errn-errp"])
    assert_allclose(solution.norm, -2.499 / 10.00001)
    assert solution.status[0] == NormStatus.AT_LIMIT
    assert_allclose(solution.norm_errn, 0, atol=1e-12)
    assert solution.norm_errp[0] > 0


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(KINDS), st.floats(-5, 5))
def test_limits_of_the_norm_are_those_of_a_convex_function(seed, kind, limit):
    """The minimum above a limit is the free minimum or the limit itself."""
    problems = random_problems(kind, 4, seed, 1.0)
    free = best_fit(problems)
    for keyword, expected in (
        ("norm_min", np.maximum(free.norm, limit)),
        ("norm_max", np.minimum(free.norm, limit)),
    ):
        bounded = best_fit(problems, **{keyword: limit})
        ok = bounded.success & free.success
        # a limit beyond the border where predictions vanish is not reached
        assert_allclose(bounded.norm[ok], expected[ok], rtol=1e-7, atol=1e-7)
