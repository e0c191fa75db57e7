"""Energy bins that hold enough: grouped from high to low energies."""

from __future__ import annotations

import numpy as np

from ...datasets import Datasets
from ...errors import UnknownNameError
from ...likelihood.map_binding import finite
from ...stats import CashCountsStatistic, WStatCountsStatistic
from ..map_bands import dataset_mask

__all__ = ["resample_energy_edges"]

CONDITIONS = ("counts", "background", "excess", "sqrt_ts", "npred", "npred_background", "npred_signal")


def _by_energy(dataset) -> dict:
    """Return sums over the used pixels of each energy bin."""
    mask = dataset_mask(dataset)

    def total(map_):
        if map_ is None:
            return np.zeros(len(mask))
        # as in the likelihood, counts that are not numbers are no counts
        values = finite(np.asarray(map_.data, dtype=float))
        return np.where(mask, values, 0.0).reshape(len(mask), -1).sum(axis=1)

    has_models = dataset.models is not None and len(dataset.models) > 0
    sums = {"counts": total(dataset.counts), "background": total(dataset.background)}
    sums["npred_signal"] = total(dataset.npred_signal()) if has_models else np.zeros(len(mask))
    sums["npred_background"] = total(dataset.npred_background()) if has_models else sums["background"]
    if dataset.stat_type == "wstat":
        sums["counts_off"] = total(dataset.counts_off)
    return sums


def _value(condition, sums, group):
    """Return what a group of energy bins has of one condition."""
    found = {name: values[group].sum() for name, values in sums.items()}
    found["excess"] = found["counts"] - found["background"]
    found["npred"] = found["npred_signal"] + found["npred_background"]
    if condition != "sqrt_ts":
        return found[condition]
    if "counts_off" in found:
        off = found["counts_off"]
        alpha = found["background"] / off if off > 0 else 0.0
        return WStatCountsStatistic(found["counts"], off, alpha).sqrt_ts
    return CashCountsStatistic(found["counts"], found["background"]).sqrt_ts


def resample_energy_edges(dataset, conditions=None):
    """Return edges of wider energy bins, each of which meets all conditions.

    Bins are joined from high to low energies until the conditions are met. What is left at low energies is joined to
    the last bin.

    Parameters
    ----------
    dataset : `~geminga.datasets.Dataset` or `~geminga.datasets.Datasets`
        Binned; only used bins count. Several datasets are stacked.
    conditions : dict of str to float
        Values that each bin must exceed: ``counts_min``, ``background_min``, ``excess_min``, ``sqrt_ts_min``,
        ``npred_min``, ``npred_background_min``, ``npred_signal_min``.

    Returns
    -------
    `~astropy.units.Quantity`

    Raises
    ------
    UnknownNameError
        If a condition is unknown.

    Examples
    --------
    >>> from geminga.datasets import SpectrumDataset
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "16 TeV", nbin=4)
    >>> dataset = SpectrumDataset.create(RegionGeom.create(None, axes=[axis]))
    >>> dataset.mask_safe.data[...], dataset.counts.data[...] = True, 6
    >>> resample_energy_edges(dataset, {"counts_min": 10}).value.round(1).tolist()
    [1.0, 4.0, 16.0]
    """
    conditions = conditions or {}
    for name in conditions:
        if name.removesuffix("_min") not in CONDITIONS or not name.endswith("_min"):
            raise UnknownNameError("condition", name, [f"{condition}_min" for condition in CONDITIONS])
    if isinstance(dataset, (list, tuple, Datasets)):
        datasets = dataset if isinstance(dataset, Datasets) else Datasets(dataset)
        dataset = datasets[0] if len(datasets) == 1 else datasets.stack_reduce(name="stacked")
    edges = dataset._geom.axes["energy"].edges
    sums = _by_energy(dataset)
    used = np.flatnonzero(dataset_mask(dataset).reshape(len(edges) - 1, -1).any(axis=1))
    if not used.size:
        return edges[[0, -1]]
    first, stop = int(used[0]), int(used[-1]) + 1
    borders = [stop]
    for start in range(stop - 1, first - 1, -1):
        group = slice(start, borders[-1])
        if all(_value(name.removesuffix("_min"), sums, group) > least for name, least in conditions.items()):
            borders.append(start)
    if borders[-1] != first:
        if len(borders) > 1:
            borders.pop()
        borders.append(first)
    return edges[np.array(borders[::-1])]
