"""Matrices of second differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["second_differences"]


def second_differences(function: Callable[..., float], steps: Sequence[float]) -> np.ndarray:
    """Return the second derivatives of a function by differences that are exact for polynomials of third degree.

    Parameters
    ----------
    function : callable
        Of any number of moves ``(position, sign)``: its value where these coordinates are moved by their steps.
    steps : sequence of float, length n

    Returns
    -------
    ndarray, shape (n, n)

    Examples
    --------
    >>> def product(*moves):
    ...     x, y = 1.0, 2.0
    ...     for position, sign in moves:
    ...         x, y = (x + 0.1 * sign, y) if position == 0 else (x, y + 0.1 * sign)
    ...     return x * x * y
    >>> second_differences(product, [0.1, 0.1]).round(9).tolist()
    [[4.0, 2.0], [2.0, 0.0]]
    """
    n, centre = len(steps), function()
    matrix = np.zeros((n, n))
    up = [function((i, 1)) for i in range(n)]
    down = [function((i, -1)) for i in range(n)]
    for i in range(n):
        matrix[i, i] = (up[i] - 2 * centre + down[i]) / steps[i] ** 2
        for j in range(i):
            both = function((i, 1), (j, 1)) + function((i, -1), (j, -1))
            mixed = both + 2 * centre - up[i] - down[i] - up[j] - down[j]
            matrix[i, j] = matrix[j, i] = mixed / (2 * steps[i] * steps[j])
    return matrix
