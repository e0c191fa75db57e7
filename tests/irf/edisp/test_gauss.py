"""Content of Gaussian bins."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad

from geminga.errors import DataError
from geminga.irf.edisp.gauss import gauss_content


def test_equals_quadrature():
    edges = np.array([0.1, 0.9, 1.4])
    mean, sigma = 1.1, 0.3

    def density(x):
        return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))

    expected = [quad(density, low, high)[0] for low, high in pairwise(edges)]
    np.testing.assert_allclose(gauss_content(edges, mean, sigma), expected)


def test_width_must_be_positive():
    with pytest.raises(DataError, match="> 0"):
        gauss_content(np.array([0.0, 1.0]), 0.0, np.array([[0.1], [0.0]]))
