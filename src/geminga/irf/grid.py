"""Linear interpolation on a grid of axes, one group of axes after the other.

Coordinates of a response often vary along dimensions of their own: energies along one, offsets along two others.
Axes whose coordinates share no dimension are interpolated one after the other, the ones that shrink the table most
first, so that a cube of a million points costs two look-ups a point instead of eight.
"""

from __future__ import annotations

import numpy as np

__all__ = ["interpolate_on_grid"]

# Along axes this short a product with a matrix of weights beats picking neighbours.
SHORT_AXIS = 64


def interpolate_on_grid(table, nodes, coordinates, nearest=False, steepest=None) -> np.ndarray:
    """Interpolate a table at plain coordinates; beyond the outer nodes, the outer steps go on.

    Parameters
    ----------
    table : ndarray, shape (..., n_1, ..., n_d)
        Values at the nodes, all finite. Dimensions before the first axis stay.
    nodes : list of ndarray, shapes (n_1,), ..., (n_d,)
        Strictly monotonic; axes with one node do not matter.
    coordinates : list of array_like
        One for each axis, broadcast against each other, on the scale of the nodes.
    nearest : bool
        Take the nearest node (of two equally near ones the lower).
    steepest : float, optional
        Largest step between neighbouring nodes with which values are extrapolated.

    Returns
    -------
    ndarray, shape (..., *broadcast)

    Examples
    --------
    >>> table = np.array([[0.0, 1.0], [2.0, 3.0]])
    >>> interpolate_on_grid(table, [np.array([0.0, 1.0])] * 2, [[[0.0], [0.5]], [0.0, 2.0]])
    array([[0., 2.],
           [1., 3.]])
    """
    coordinates = [np.asarray(x, dtype=float) for x in coordinates]
    shape = np.broadcast_shapes(*(x.shape for x in coordinates))
    coordinates = [x.reshape((1,) * (len(shape) - x.ndim) + x.shape) for x in coordinates]
    n_extra = table.ndim - len(nodes)
    labels: list = [("extra", k) for k in range(n_extra)] + [("axis", k) for k in range(len(nodes))]
    for axes, dims in _groups(coordinates, nodes, shape):
        places = [labels.index(("axis", k)) for k in axes]
        table = np.moveaxis(table, places, range(-len(axes), 0))
        labels = [label for place, label in enumerate(labels) if place not in places]
        group_shape = tuple(shape[d] for d in dims)
        located = []
        for k in axes:
            x = np.broadcast_to(coordinates[k], [shape[d] if d in dims else 1 for d in range(len(shape))])
            located.append(_locate(nodes[k], x.ravel(), nearest))
        table = _contract(table, located, steepest)
        table = table.reshape(table.shape[:-1] + group_shape)
        labels += [("dim", d) for d in dims]
    order = [labels.index(("extra", k)) for k in range(n_extra)]
    order += [labels.index(("dim", d)) for d in range(len(shape)) if ("dim", d) in labels]
    table = table.transpose(order)
    return table.reshape(table.shape[:n_extra] + shape)


def _groups(coordinates, nodes, shape):
    """Return groups of axes that share dimensions, those that shrink the table most first."""
    groups: list[tuple[list[int], set[int]]] = []
    for k, x in enumerate(coordinates):
        axes, dims = [k], {d for d, n in enumerate(x.shape) if n != 1}
        for other in [group for group in groups if group[1] & dims]:
            groups.remove(other)
            axes, dims = other[0] + axes, other[1] | dims
        groups.append((axes, dims))
    sized = []
    for axes, dims in groups:
        growth = np.prod([shape[d] for d in dims], dtype=float) / np.prod(
            [len(nodes[k]) for k in axes], dtype=float
        )
        sized.append((growth, sorted(axes), sorted(dims)))
    return [(axes, dims) for _, axes, dims in sorted(sized)]


def _locate(nodes, x, nearest) -> tuple[np.ndarray, np.ndarray | None, int]:
    """Return lower node, distance from it in steps (None to take the node itself), and the number of nodes."""
    n = len(nodes)
    if n == 1:
        return np.zeros(x.shape, dtype=np.intp), None, 1
    flip = nodes[0] > nodes[-1]
    ascending = nodes[::-1] if flip else nodes
    low = np.clip(np.searchsorted(ascending, x, side="right") - 1, 0, n - 2)
    weight = (x - ascending[low]) / (ascending[low + 1] - ascending[low])
    if flip:
        low, weight = n - 2 - low, 1 - weight
    if nearest:
        return low + (weight > 0.5), None, n
    return low, weight, n


def _contract(table, located, steepest) -> np.ndarray:
    """Replace the last axes of a table, one for each entry, by one dimension of points."""
    if len(located) == 1:
        low, weight, n = located[0]
        if weight is None:
            return table.take(low, axis=-1)
        extrapolates = steepest is not None and ((weight < 0) | (weight > 1)).any()
        if n <= SHORT_AXIS and len(low) > n and not extrapolates:
            return table @ _weights(low, weight, n)
        return _between(table.take(low, axis=-1), table.take(low + 1, axis=-1), weight, steepest)
    flat = table.reshape((*table.shape[: -len(located)], -1))
    corners = [np.zeros(len(located[0][0]), dtype=np.intp)]
    for low, weight, n in located:
        steps = (0,) if weight is None else (0, 1)
        corners = [index * n + low + step for index in corners for step in steps]
    values = [flat.take(index, axis=-1) for index in corners]
    for _, weight, _ in reversed(located):
        if weight is not None:
            values = [
                _between(first, second, weight, steepest)
                for first, second in zip(values[::2], values[1::2], strict=True)
            ]
    return values[0]


def _between(first, second, weight, steepest) -> np.ndarray:
    """Return values on the straight lines through pairs; beyond them, no steeper than allowed."""
    step = second - first
    result = first + weight * step
    if steepest is None:
        return result
    for outside, near, distance in ((weight < 0, first, weight), (weight > 1, second, weight - 1)):
        if outside.any():
            gentle = np.clip(step[..., outside], -steepest, steepest)
            result[..., outside] = near[..., outside] + distance[outside] * gentle
    return result


def _weights(low, weight, n) -> np.ndarray:
    """Return the matrix (nodes, points) of linear interpolation."""
    matrix = np.zeros((n, len(low)))
    points = np.arange(len(low))
    matrix[low, points] = 1 - weight
    matrix[low + 1, points] = weight
    return matrix
