"""Images on larger pixels, and back."""

from __future__ import annotations

import numpy as np

__all__ = ["block_sum", "on_fine_pixels"]


def block_sum(values, factor: int) -> np.ndarray:
    """Return sums over blocks of pixels; blocks that reach over the border are filled with 0.

    Parameters
    ----------
    values : ndarray, shape (..., ny, nx)
    factor : int
        Side of a block.

    Examples
    --------
    >>> block_sum(np.ones((3, 4)), 2).tolist()
    [[4.0, 4.0], [2.0, 2.0]]
    """
    if factor == 1:
        return values
    ny, nx = values.shape[-2:]
    margin = [(0, 0)] * (values.ndim - 2) + [(0, -ny % factor), (0, -nx % factor)]
    padded = np.pad(values, margin)
    rows, columns = padded.shape[-2] // factor, padded.shape[-1] // factor
    return padded.reshape(*values.shape[:-2], rows, factor, columns, factor).sum(axis=(-3, -1))


def on_fine_pixels(values, factor: int, shape, nearest=False) -> np.ndarray:
    """Return images on smaller pixels, by linear interpolation between the centres of the blocks.

    Parameters
    ----------
    values : ndarray, shape (..., ny, nx)
    factor : int
        Side of a block.
    shape : tuple of int
        Shape of the fine image; what is beyond is cut off.
    nearest : bool
        Give each pixel the value of its block. Pixels beside a block without value always get that.
    """
    block = np.repeat(np.repeat(values, factor, axis=-2), factor, axis=-1)[..., : shape[0], : shape[1]]
    if nearest:
        return block
    result = values
    for axis, n in ((-2, shape[0]), (-1, shape[1])):
        position = np.clip((np.arange(n) + 0.5) / factor - 0.5, 0, values.shape[axis] - 1)
        below = np.minimum(position.astype(int), max(values.shape[axis] - 2, 0))
        above = np.minimum(below + 1, values.shape[axis] - 1)
        weight = position - below
        weight = weight[:, np.newaxis] if axis == -2 else weight
        result = np.take(result, below, axis) * (1 - weight) + np.take(result, above, axis) * weight
    return np.where(np.isfinite(result), result, block)
