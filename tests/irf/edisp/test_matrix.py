"""Migration to matrix, against a slow twin."""

import numpy as np

from geminga.irf.edisp.matrix import cumulative_of_migra, matrix_of_migra


def slow_matrix(pdf, migra_edges, energy_true, energy_edges):
    """Overlap of each bin of migra with each bin of energy, one by one."""
    matrix = np.zeros((len(energy_true), len(energy_edges) - 1))
    for i, true in enumerate(energy_true):
        for j in range(len(energy_edges) - 1):
            for m in range(len(migra_edges) - 1):
                low = max(migra_edges[m], energy_edges[j] / true)
                high = min(migra_edges[m + 1], energy_edges[j + 1] / true)
                matrix[i, j] += max(high - low, 0) * pdf[i, m]
    return matrix


def test_equals_slow_twin():
    rng = np.random.default_rng(1)
    migra_edges = np.sort(rng.uniform(0.1, 3, 9))
    pdf = rng.uniform(0, 1, (5, 8))
    energy_true = np.geomspace(0.1, 10, 5)
    energy_edges = np.geomspace(0.03, 20, 7)
    cumulative = cumulative_of_migra(pdf, migra_edges)
    actual = matrix_of_migra(cumulative, migra_edges, energy_true, energy_edges, threshold=0)
    np.testing.assert_allclose(actual, slow_matrix(pdf, migra_edges, energy_true, energy_edges), atol=1e-14)


def test_further_dimensions_are_independent():
    rng = np.random.default_rng(2)
    migra_edges = np.linspace(0.2, 3, 9)
    pdf = rng.uniform(0, 1, (5, 8, 2, 3))
    energy_true, energy_edges = np.geomspace(0.1, 10, 5), np.geomspace(0.03, 20, 7)
    actual = matrix_of_migra(cumulative_of_migra(pdf, migra_edges), migra_edges, energy_true, energy_edges)
    assert actual.shape == (5, 6, 2, 3)
    one = matrix_of_migra(
        cumulative_of_migra(pdf[..., 1, 2], migra_edges), migra_edges, energy_true, energy_edges
    )
    np.testing.assert_allclose(actual[..., 1, 2], one)


def test_threshold():
    cumulative = np.array([[0.0, 1e-9, 1.0]])
    matrix = matrix_of_migra(
        cumulative, np.array([0.5, 1.0, 2.0]), np.array([1.0]), np.array([0.5, 1.0, 2.0])
    )
    np.testing.assert_allclose(matrix, [[0.0, 1.0]], atol=1e-8)
    assert matrix[0, 0] == 0
