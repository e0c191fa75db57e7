"""Windows of images against their bins listed one by one, and against a scalar root finder."""

import numpy as np
import pytest
from scipy.optimize import brentq

from geminga.errors import StatisticError
from geminga.stats.norm_solver import NormProblems, WindowPlane, WindowProblems, solve, window_terms
from geminga.stats.norm_solver.window_plane import correlate

OPTIONAL = ["errn-errp", "ul", "scan", "sensitivity"]


def gauss(width, shape=(5, 7)):
    y, x = np.mgrid[: shape[0], : shape[1]]
    kernel = np.exp(-0.5 * ((y - shape[0] // 2) ** 2 + (x - shape[1] // 2 - 0.3) ** 2) / width**2)
    return kernel / kernel.sum()


def make_planes(rate, seed=0, shape=(13, 17)):
    """Two energies with a slope of exposure, a strong source in the middle, and a corner without exposure."""
    random = np.random.default_rng(seed)
    planes = []
    for scale, width in ((1.0, 1.5), (0.3, 0.9)):
        exposure = scale * (50 + np.arange(shape[1]) + np.arange(shape[0])[:, np.newaxis])
        exposure[:3, :4] = 0.0
        background = np.full(shape, rate * scale)
        kernel = gauss(width)
        counts = random.poisson(background).astype(float)
        counts[5:10, 5:12] += random.poisson(exposure[5:10, 5:12] * kernel)
        planes.append((counts, background, exposure, kernel))
    return planes


def listed(planes, pixels):
    """Return the bins of all windows, pixel by pixel."""
    rows = []
    for pixel in pixels:
        y0, x0 = divmod(int(pixel), planes[0][0].shape[1])
        bins = []
        for counts, background, exposure, kernel in planes:
            for i in range(kernel.shape[0]):
                for j in range(kernel.shape[1]):
                    y, x = y0 + i - kernel.shape[0] // 2, x0 + j - kernel.shape[1] // 2
                    if 0 <= y < counts.shape[0] and 0 <= x < counts.shape[1] and exposure[y, x] > 0:
                        bins.append((counts[y, x], background[y, x], exposure[y, x] * kernel[i, j]))
        rows.append(np.array(bins).reshape(-1, 3))
    return rows


@pytest.mark.parametrize("small", [0, window_terms.SMALL])
@pytest.mark.parametrize("rate", [0.05, 0.6, 8.0])
def test_windows_are_their_bins(monkeypatch, rate, small):
    """Sparse, full and small images give what the ordinary problems give, with no bin below zero."""
    monkeypatch.setattr(window_terms, "SMALL", small)
    planes = make_planes(rate)
    pixels = np.arange(planes[0][0].size)
    found = solve(
        WindowProblems([WindowPlane(*plane) for plane in planes], pixels), n_sigma=1.5, selection=OPTIONAL
    )
    rows = listed(planes, pixels)
    has = np.array([len(row) > 0 for row in rows])
    assert not found.success[~has].any()
    rows = [row for row in rows if len(row)]
    columns = np.concatenate(rows).T
    offsets = np.concatenate([[0], np.cumsum([len(row) for row in rows])])
    limits = np.array([-(row[:, 1] / row[:, 2]).min() for row in rows])
    twin = solve(NormProblems(*columns, offsets=offsets), n_sigma=1.5, selection=OPTIONAL, norm_min=limits)
    np.testing.assert_array_equal(found.success[has], twin.success)
    error = np.nan_to_num(twin.norm_err, nan=1.0)
    for name in ("norm", "norm_err", "norm_ul", "norm_errn", "norm_errp"):
        difference = np.abs(getattr(found, name)[has] - getattr(twin, name))
        np.testing.assert_array_equal(np.isnan(getattr(found, name)[has]), np.isnan(getattr(twin, name)))
        # the curvature is that of one Newton step before the minimum
        assert np.nanmax(difference / error) < (3e-5 if name == "norm_err" else 1e-6), name
    for name in ("stat", "stat_null", "ts", "sqrt_ts", "stat_scan"):
        np.testing.assert_allclose(getattr(found, name)[has], getattr(twin, name), rtol=1e-8, atol=1e-7)
    np.testing.assert_allclose(found.norm_sensitivity[has], twin.norm_sensitivity, rtol=1e-6)


def test_a_pixel_by_a_scalar_root_finder():
    planes = make_planes(0.6, seed=3)
    pixel = 7 * 17 + 8
    found = solve(WindowProblems([WindowPlane(*plane) for plane in planes], np.array([pixel])))
    n, b, m = listed(planes, [pixel])[0].T
    norm = brentq(lambda x: np.sum(m - n * m / (b + x * m)), 0.0, 10.0, xtol=1e-12)
    ts = 2 * np.sum(-norm * m + n * np.log1p(norm * m / b))
    assert found.norm.item() == pytest.approx(norm, rel=1e-7)
    assert found.ts.item() == pytest.approx(ts, rel=1e-8)
    curvature = np.sum(n * (m / (b + norm * m)) ** 2)
    assert found.norm_err.item() == pytest.approx(curvature**-0.5, rel=3e-5)


def test_chosen_pixels_do_not_depend_on_the_others():
    planes = [WindowPlane(*plane) for plane in make_planes(0.6)]
    everything = solve(WindowProblems(planes, np.arange(13 * 17)))
    some = np.array([40, 111, 112, 200])
    part = solve(WindowProblems(planes, some))
    np.testing.assert_allclose(part.norm, everything.norm[some], rtol=1e-6)
    np.testing.assert_allclose(part.ts, everything.ts[some], rtol=1e-6, atol=1e-9)


def test_norms_stay_in_given_limits():
    problems = WindowProblems([WindowPlane(*plane) for plane in make_planes(0.6)], np.arange(100, 180))
    norm = solve(problems, norm_min=0.0, norm_max=0.5).norm
    assert norm.min() == 0.0
    assert norm.max() == 0.5


def test_correlation_is_a_loop():
    random = np.random.default_rng(0)
    image, kernel = random.normal(size=(6, 8)), random.normal(size=(3, 5))
    padded = np.pad(image, ((1, 1), (2, 2)))
    slow = [[np.sum(padded[y : y + 3, x : x + 5] * kernel) for x in range(8)] for y in range(6)]
    np.testing.assert_allclose(correlate(image, kernel), slow, atol=1e-12)


def test_even_kernels_are_refused():
    image = np.ones((5, 5))
    with pytest.raises(StatisticError, match="odd numbers of pixels"):
        WindowPlane(image, image, image, np.ones((2, 3)))


def test_windows_that_see_nothing_of_a_source():
    """A kernel of zeros, as that of a source in an energy that it does not reach, leaves nothing to solve."""
    counts, background, exposure, kernel = make_planes(0.6)[0]
    nothing = WindowPlane(counts, background, exposure, np.zeros_like(kernel))
    pixels = np.arange(30, 60)
    found = solve(WindowProblems([nothing], pixels), selection=OPTIONAL)
    assert np.isnan(found.norm).all()
    assert not found.success.any()
    seen = WindowPlane(counts, background, exposure, kernel)
    both, alone = (solve(WindowProblems(planes, pixels)) for planes in ([seen, nothing], [seen]))
    np.testing.assert_allclose(both.norm, alone.norm, rtol=1e-9)
    np.testing.assert_allclose(both.ts, alone.ts, rtol=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), (31, 29)])
def test_windows_of_one_pixel_and_windows_larger_than_the_image(shape):
    counts, background, exposure, _ = make_planes(2.0, seed=5)[0]
    plane = counts, background, exposure, gauss(2.0, shape)
    pixels = np.flatnonzero(exposure > 0)[::7]
    found = solve(WindowProblems([WindowPlane(*plane)], pixels))
    for row, pixel in enumerate(pixels):
        n, b, m = listed([plane], [pixel])[0].T
        limit = -(b / m).min()
        norm = (n[0] - b[0]) / m[0] if shape == (1, 1) else found.norm[row]
        assert found.norm[row] == pytest.approx(max(norm, limit), rel=1e-6, abs=1e-9)
        slope = np.sum(m - n * m / np.maximum(b + norm * m, 1e-30)) * found.norm_err[row]
        assert norm <= limit * (1 - 1e-9) or abs(slope) < 1e-4
        logs = np.log1p(np.maximum(found.norm[row] * m / b, -1 + 1e-15))
        ts = 2 * np.sum(np.where(n > 0, n * logs, 0) - found.norm[row] * m)
        assert found.ts[row] == pytest.approx(ts, rel=1e-6, abs=1e-8)
