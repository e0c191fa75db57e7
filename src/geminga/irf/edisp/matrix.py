"""From the probability density of the migration to the matrix of a kernel."""

from __future__ import annotations

import numpy as np

__all__ = ["cumulative_of_migra", "matrix_of_migra"]


def cumulative_of_migra(pdf, migra_edges, axis=1) -> np.ndarray:
    """Return the integral of the density from the first edge to each edge, along an axis.

    Parameters
    ----------
    pdf : ndarray
        Density in bins of migra along `axis`.
    migra_edges : ndarray, shape (n_migra + 1,)
    """
    moved = np.moveaxis(pdf, axis, -1)
    cumulative = np.zeros((*moved.shape[:-1], len(migra_edges)))
    np.cumsum(moved * np.diff(migra_edges), axis=-1, out=cumulative[..., 1:])
    return np.moveaxis(cumulative, -1, axis)


def matrix_of_migra(cumulative, migra_edges, energy_true, energy_edges, threshold=1e-8) -> np.ndarray:
    r"""Return the probability of each reconstructed energy bin.

    With the cumulative :math:`C` of the migration, element (i, j) is
    :math:`C(E_{j+1} / E^\mathrm{true}_i) - C(E_j / E^\mathrm{true}_i)`.

    Parameters
    ----------
    cumulative : ndarray, shape (n_true, n_migra + 1, ...)
        Integral of the density up to each edge, see `cumulative_of_migra`.
    migra_edges : ndarray, shape (n_migra + 1,)
    energy_true : ndarray, shape (n_true,)
        Bin centres.
    energy_edges : ndarray, shape (n_energy + 1,)
        Edges in the unit of `energy_true`.
    threshold : float
        Smaller elements are set to 0.

    Returns
    -------
    ndarray, shape (n_true, n_energy, ...)
    """
    migra = np.clip(energy_edges / energy_true[:, np.newaxis], migra_edges[0], migra_edges[-1])
    left = np.clip(np.searchsorted(migra_edges, migra, side="right") - 1, 0, len(migra_edges) - 2)
    weight = (migra - migra_edges[left]) / np.diff(migra_edges)[left]
    rows = np.arange(len(energy_true))[:, np.newaxis]
    weight = weight.reshape(weight.shape + (1,) * (cumulative.ndim - 2))
    at_edges = cumulative[rows, left] * (1 - weight) + cumulative[rows, left + 1] * weight
    matrix = np.diff(at_edges, axis=1)
    matrix[matrix < threshold] = 0.0
    return matrix
