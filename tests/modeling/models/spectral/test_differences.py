import numpy as np
import pytest

from geminga.modeling.models.spectral.differences import central_differences, partial_derivative


def test_scales_far_apart():
    # derivative with respect to a cutoff of 1e-9 where the function changes over 1
    energies = np.array([0.5, 1.0, 3.0])
    slope = partial_derivative(lambda rate: np.exp(-rate * energies), 1e-9, 1e-9)
    np.testing.assert_allclose(slope, -energies, rtol=1e-7)


def test_zero_derivative():
    assert partial_derivative(lambda value: np.array([3.0]), 1.0, 1.0) == 0


def test_beside_a_limit():
    with np.errstate(invalid="ignore"):
        slope = partial_derivative(lambda value: np.sqrt(value) ** 3 + value, 0.0, 1.0)
    assert slope == pytest.approx(1.0, abs=1e-2)


def test_jacobian():
    matrix = np.array([[1.0, 2.0, -1.0], [0.5, 0.0, 4.0]])
    result = central_differences(lambda values: values @ matrix, np.array([3.0, 0.0]))
    np.testing.assert_allclose(result, matrix, atol=1e-9)
