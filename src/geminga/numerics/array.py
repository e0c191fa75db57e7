"""Shapes and small helpers for arrays."""

from __future__ import annotations

import numpy as np

from geminga.errors import GeometryError

__all__ = [
    "array_stats_str",
    "is_power2",
    "round_up_to_even",
    "round_up_to_odd",
    "scale_cube",
    "shape_2N",
    "shape_divisible_by",
    "symmetric_crop_pad_width",
]


def is_power2(n: int) -> bool:
    """Tell whether an integer is a power of 2.

    Examples
    --------
    >>> is_power2(8), is_power2(6), is_power2(0)
    (True, False, False)
    """
    return n > 0 and n & (n - 1) == 0


def shape_divisible_by(shape, factor: int) -> tuple[int, ...]:
    """Round a shape up to multiples of a factor.

    Examples
    --------
    >>> shape_divisible_by((5, 8), 4)
    (8, 8)
    """
    return tuple(-(-int(n) // int(factor)) * int(factor) for n in shape)


def shape_2N(shape, N: int = 3) -> tuple[int, ...]:
    """Round a shape up to multiples of ``2 ** N``.

    Examples
    --------
    >>> shape_2N((5, 9), N=3)
    (8, 16)
    """
    return shape_divisible_by(shape, 2**N)


def round_up_to_odd(f: float) -> int:
    """Round up to an odd integer.

    Examples
    --------
    >>> round_up_to_odd(3.0), round_up_to_odd(3.1)
    (3, 5)
    """
    return int(np.ceil((f - 1) / 2)) * 2 + 1


def round_up_to_even(f: float) -> int:
    """Round up to an even integer.

    Examples
    --------
    >>> round_up_to_even(3.2), round_up_to_even(4)
    (4, 4)
    """
    return int(np.ceil(f / 2)) * 2


def symmetric_crop_pad_width(shape, new_shape) -> tuple[tuple[int, int], ...]:
    """Return how much to pad or crop at each side to get from one shape to the other.

    Parameters
    ----------
    shape, new_shape : tuple of int

    Returns
    -------
    tuple of (int, int)
        Absolute width before and after, for each axis.

    Raises
    ------
    GeometryError
        If a difference is odd.

    Examples
    --------
    >>> symmetric_crop_pad_width((4, 8), (8, 4))
    ((2, 2), (2, 2))
    """
    difference = [abs(int(new) - int(old)) for old, new in zip(shape, new_shape, strict=True)]
    if any(d % 2 for d in difference):
        raise GeometryError(
            f"differences between shapes must be even, got {tuple(shape)} and {tuple(new_shape)}. "
            "Choose a new shape that leaves the same width on both sides."
        )
    return tuple((d // 2, d // 2) for d in difference)


def scale_cube(data, kernels) -> np.ndarray:
    """Convolve an image with several kernels.

    Parameters
    ----------
    data : ndarray, shape (ny, nx)
        Image.
    kernels : list of ndarray or of `~astropy.convolution.Kernel2D`

    Returns
    -------
    ndarray, shape (ny, nx, n_kernels)

    Examples
    --------
    >>> scale_cube(np.ones((4, 4)), [np.array([[1.0]]), np.array([[2.0]])])[0, 0].tolist()
    [1.0, 2.0]
    """
    from scipy.signal import fftconvolve

    images = [fftconvolve(data, np.asarray(getattr(k, "array", k)), mode="same") for k in kernels]
    return np.stack(images, axis=-1)


def array_stats_str(x, label: str = "") -> str:
    """Describe an array in one line.

    Examples
    --------
    >>> array_stats_str([1.0, 2.0], "energy").strip()
    'energy         : size =     2, min =  1.000, max =  2.000'
    """
    x = np.asarray(x)
    low, high = (np.min(x), np.max(x)) if x.size else (np.nan, np.nan)
    name = f"{label:15s}: " if label else ""
    return f"{name}size = {x.size:5d}, min = {low:6.3f}, max = {high:6.3f}\n"
