"""Shapes and small array helpers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.errors import GeometryError
from geminga.numerics import array

numbers = st.integers(1, 500)


@given(st.lists(numbers, min_size=1, max_size=3), st.integers(1, 16))
def test_shape_divisible_by(shape, factor):
    """The peer's result is not always divisible (its fault 30)."""
    for old, new in zip(shape, array.shape_divisible_by(shape, factor), strict=True):
        assert new % factor == 0
        assert 0 <= new - old < factor


@given(numbers)
def test_power2(n):
    assert array.is_power2(n) == (bin(n).count("1") == 1)


@given(st.floats(0.01, 1000))
def test_rounding_up(f):
    odd, even = array.round_up_to_odd(f), array.round_up_to_even(f)
    assert odd % 2 == 1
    assert 0 <= odd - f <= 2
    assert even % 2 == 0
    assert 0 <= even - f <= 2


def test_shapes():
    assert array.shape_2N((5, 9), 3) == (8, 16)
    assert array.symmetric_crop_pad_width((4, 4), (8, 8)) == ((2, 2), (2, 2))
    assert array.symmetric_crop_pad_width((8, 8), (4, 6)) == ((2, 2), (1, 1))
    with pytest.raises(GeometryError, match="even"):
        array.symmetric_crop_pad_width((4, 4), (7, 8))


def test_scale_cube_convolves_with_each_kernel():
    image = np.zeros((5, 5))
    image[2, 2] = 1
    kernels = [np.ones((3, 3)), np.ones((1, 1))]
    cube = array.scale_cube(image, kernels)
    assert cube.shape == (5, 5, 2)
    assert_allclose(cube.sum(axis=(0, 1)), [9, 1])
    assert_allclose(cube[1:4, 1:4, 0], 1, atol=1e-12)


def test_stats_string():
    assert array.array_stats_str([]) == "size =     0, min =    nan, max =    nan\n"
