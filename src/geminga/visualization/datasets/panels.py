"""Panels above each other, and what spectra of counts share."""

from __future__ import annotations

import numpy as np

from ..figure import energy_label, new_figure

__all__ = ["dress", "energies", "shade_masks", "spectrum_of", "two_axes", "used_energies"]


def spectrum_of(map_):
    """Return the values of a map, summed over its pixels, for each energy."""
    return np.asarray(map_.data, dtype=float).reshape(map_.geom.axes["energy"].nbin, -1).sum(axis=1)


def energies(dataset):
    """Return edges, centres and unit of the energy axis of a dataset."""
    axis = dataset._geom.axes["energy"]
    return axis.edges.value, axis.center.value, axis.unit


def dress(ax, dataset, ylabel="Counts"):
    """Set scale, limits and labels of a plot against energy."""
    edges, _, unit = energies(dataset)
    ax.set_xscale("log")
    ax.set_xlim(edges[0], edges[-1])
    ax.set_xlabel(energy_label(unit))
    ax.set_ylabel(ylabel)


def used_energies(dataset):
    """Return which energies are used anywhere, shape (n_energy,)."""
    n_energy = len(energies(dataset)[1])
    if dataset.mask is None:
        return np.ones(n_energy, dtype=bool)
    return np.asarray(dataset.mask.data, dtype=bool).reshape(n_energy, -1).any(axis=1)


def shade_masks(ax, dataset):
    """Shade the energies that are not used."""
    used = used_energies(dataset)
    edges, _, _ = energies(dataset)
    for low, high in zip(edges[:-1][~used], edges[1:][~used], strict=True):
        ax.axvspan(low, high, color="0.92", linewidth=0, zorder=0)


def two_axes(upper=None, lower=None):
    """Return the given axes, or two above each other, the lower one for residuals."""
    if upper is not None and lower is not None:
        return upper, lower
    figure = new_figure((8, 6))
    grid = figure.add_gridspec(2, 1, height_ratios=[3, 1.2])
    upper = figure.add_subplot(grid[0]) if upper is None else upper
    lower = figure.add_subplot(grid[1], sharex=upper) if lower is None else lower
    return upper, lower
