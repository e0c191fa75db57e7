"""Interpolation on grids, against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import RegularGridInterpolator

from geminga.irf.grid import interpolate_on_grid


def slow(table, nodes, coordinates, method="linear"):
    """Interpolate every point by itself."""
    kept = [k for k, x in enumerate(nodes) if len(x) > 1]
    points = np.broadcast_arrays(*coordinates)
    grid = RegularGridInterpolator(
        [nodes[k] for k in kept], np.squeeze(table), method=method, bounds_error=False, fill_value=None
    )
    return grid(np.stack([points[k] for k in kept], axis=-1))


SHAPES = [
    [(), (), ()],
    [(4,), (4,), (4,)],
    [(3, 1, 1), (1, 4, 1), (1, 1, 2)],
    [(3, 1, 1), (1, 4, 2), (1, 4, 2)],
    [(1, 4, 2), (3, 1, 1), (1, 4, 2)],
    [(3, 1, 1), (4, 1), (2,)],
    [(2, 3), (3,), (2, 1)],
    [(), (5,), ()],
    [(1,), (1, 1), (3, 1)],
    [(200,), (1,), (100, 1)],
]


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("sizes", [(4, 5, 6), (1, 5, 6), (4, 1, 6), (80, 3, 2)], ids=str)
def test_equals_scipy(shapes, sizes):
    rng = np.random.default_rng(1)
    nodes = [np.sort(rng.uniform(0, 1, n)) for n in sizes]
    table = rng.uniform(0, 1, sizes)
    coordinates = [rng.uniform(-0.2, 1.2, shape) for shape in shapes]
    actual = interpolate_on_grid(table, nodes, coordinates)
    assert actual.shape == np.broadcast_shapes(*shapes)
    np.testing.assert_allclose(
        actual, slow(table, nodes, coordinates).reshape(actual.shape), rtol=1e-8, atol=1e-8
    )
    nearest = interpolate_on_grid(table, nodes, coordinates, nearest=True)
    inside = [np.clip(x, n.min(), n.max()) for x, n in zip(coordinates, nodes, strict=True)]
    np.testing.assert_allclose(nearest, slow(table, nodes, inside, "nearest").reshape(actual.shape))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000))
def test_straight_lines_are_exact(seed):
    rng = np.random.default_rng(seed)
    nodes = [np.sort(rng.uniform(0, 1, 4)), np.sort(rng.uniform(0, 1, 3))]
    a, b, c = rng.uniform(-1, 1, 3)
    table = a + b * nodes[0][:, np.newaxis] + c * nodes[1]
    x, y = rng.uniform(-1, 2, 7), rng.uniform(-1, 2, 7)
    np.testing.assert_allclose(interpolate_on_grid(table, nodes, [x, y]), a + b * x + c * y, atol=1e-9)


def test_descending_nodes():
    table, nodes = np.array([3.0, 2.0, 0.0]), np.array([3.0, 2.0, 0.0])
    np.testing.assert_allclose(interpolate_on_grid(table, [nodes], [[-1, 0.5, 2.2, 4]]), [-1, 0.5, 2.2, 4])


def test_dimensions_before_the_axes_stay():
    rng = np.random.default_rng(2)
    table = rng.uniform(size=(3, 4, 5))
    nodes = [np.arange(4.0), np.arange(5.0)]
    for shapes in ([(6, 1), (7,)], [(6,), (6,)], [(), ()]):
        coordinates = [rng.uniform(0, 3, shape) for shape in shapes]
        actual = interpolate_on_grid(table, nodes, coordinates)
        for k in range(3):
            np.testing.assert_allclose(actual[k], interpolate_on_grid(table[k], nodes, coordinates))


def test_steep_ends_are_not_followed():
    table = np.array([0.0, -100.0, -101.0])
    x = [-1.0, 0.0, 0.5, 2.0, 3.0]
    free = interpolate_on_grid(table, [np.arange(3.0)], [x])
    np.testing.assert_allclose(free, [100, 0, -50, -101, -102])
    limited = interpolate_on_grid(table, [np.arange(3.0)], [x], steepest=5.0)
    np.testing.assert_allclose(limited, [5, 0, -50, -101, -102])
    both = interpolate_on_grid(
        np.array([table, table]), [np.arange(2.0), np.arange(3.0)], [[0.5], [-1.0]], steepest=5.0
    )
    np.testing.assert_allclose(both, [5])


def test_the_table_is_not_changed():
    table = np.arange(12.0).reshape(3, 4)
    before = table.copy()
    interpolate_on_grid(table, [np.arange(3.0), np.arange(4.0)], [[-1.0, 0.5], [7.0, 0.5]], steepest=1.0)
    assert (table == before).all()
