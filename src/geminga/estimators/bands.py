"""Energy bands of datasets, as problems of one norm each.

What a source predicts for norm 1, what the others predict, and what was observed: once for each dataset, cut
into bands by indices. Nothing is copied or sliced but flat arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from ..likelihood.map_binding import finite
from ..likelihood.statistics import WStatStatistic
from ..stats.norm_solver import NormProblems
from .map_bands import dataset_mask

__all__ = ["Bands", "DatasetBins", "dataset_bins", "energy_groups"]


@dataclass(frozen=True)
class DatasetBins:
    """Flat arrays of one dataset, energy the slowest index, shape (n_energy, n_pixels) each; 0 outside the mask.

    Parameters
    ----------
    name : str
    counts, signal, fixed : ndarray
        Observed counts, prediction of the source for norm 1, and everything else in the mean (Cash) or all other
        sources (on-off).
    mask : ndarray of bool
    counts_off, alpha : ndarray or None
        For on-off data.
    """

    name: str
    counts: np.ndarray
    signal: np.ndarray
    fixed: np.ndarray
    mask: np.ndarray
    counts_off: np.ndarray | None = None
    alpha: np.ndarray | None = None

    @property
    def is_on_off(self) -> bool:
        """Whether the background is measured."""
        return self.counts_off is not None


def dataset_bins(dataset, source) -> DatasetBins:
    """Return the arrays of a dataset with respect to one of its models.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With models.
    source : str
        Name of the model.

    Raises
    ------
    DataError
        If the dataset holds no counts, or an on-off dataset no acceptances.
    """
    if getattr(dataset, "counts", None) is None:
        raise DataError(
            f"counts of dataset {dataset.name!r} must be set, got None. Reduce or fake them first."
        )
    if dataset.stat_type == "wstat" and dataset.alpha is None:
        raise DataError(
            f"acceptance and acceptance_off of dataset {dataset.name!r} must be set, got None. "
            "Make the dataset with from_map_dataset, or assign maps."
        )
    n_energy = dataset._geom.axes["energy"].nbin
    used = dataset_mask(dataset).reshape(n_energy, -1)

    def plane(map_):
        # as in the likelihood, counts that are not numbers are no counts
        values = finite(np.asarray(map_.data, dtype=float)).reshape(n_energy, -1)
        return values if used.all() else np.where(used, values, 0.0)

    sky = [
        model.name
        for model in dataset.models or ()
        if model.name != source and "FoVBackgroundModel" not in _tags(model)
    ]
    counts = plane(dataset.counts)
    nothing = np.zeros_like(counts)
    applies = dataset.models is not None and source in dataset.models.names
    signal = plane(dataset.npred_signal(model_names=[source])) if applies else nothing
    others = plane(dataset.npred_signal(model_names=sky)) if sky else nothing
    if dataset.stat_type == "wstat":
        off = nothing if dataset.counts_off is None else plane(dataset.counts_off)
        return DatasetBins(dataset.name, counts, signal, others, used, off, plane(dataset.alpha))
    return DatasetBins(dataset.name, counts, signal, others + plane(dataset.npred_background()), used)


def _tags(model):
    return [model.tag] if isinstance(model.tag, str) else model.tag


def energy_groups(datasets, energy_edges, used_only=True):
    """Return the bands that wanted edges make on the axes of datasets.

    Parameters
    ----------
    datasets : sequence of datasets
    energy_edges : `~astropy.units.Quantity`, shape (n + 1,)
        Wanted edges; moved to the nearest edges of each axis.
    used_only : bool
        Report the range of the bins that any dataset uses, instead of that of all bins of the band.

    Returns
    -------
    slices : list of list of slice
        For each band, the energy bins of each dataset.
    edges : list of (float, float)
        For each band, its range in TeV; that of all its bins if none is used.
    """
    pixels = []
    for dataset in datasets:
        axis = dataset._geom.axes["energy"]
        position = axis.coord_to_pix(energy_edges) + 0.5
        pixels.append(np.clip(np.rint(np.asarray(position, dtype=float)), 0, axis.nbin).astype(int))
    slices, ranges = [], []
    for low, high in zip(np.array(pixels).T[:-1], np.array(pixels).T[1:], strict=True):
        if np.all(low == high):
            continue
        band = [slice(int(a), int(b)) for a, b in zip(low, high, strict=True)]
        slices.append(band)
        ranges.append(_range(datasets, band, used_only))
    if not slices:
        raise DataError(
            f"energy_edges must overlap the energy axis of the datasets, got {energy_edges}. "
            "Choose edges inside the axis."
        )
    return slices, _joined(ranges)


def _joined(ranges):
    """Return ranges in which bands without data reach to their neighbours."""
    result = [[low, high] for low, high, _ in ranges]
    for index in range(len(result) - 1):
        if not ranges[index][2]:
            result[index][1] = result[index + 1][0]
        elif not ranges[index + 1][2]:
            result[index + 1][0] = result[index][1]
    return [tuple(pair) for pair in result]


def _range(datasets, band, used_only):
    """Return lowest and highest energy of a band, and whether it has data."""
    lows, highs, all_lows, all_highs = [], [], [], []
    for dataset, bins in zip(datasets, band, strict=True):
        edges = dataset._geom.axes["energy"].edges.to_value("TeV")
        if bins.stop <= bins.start:
            continue
        all_lows.append(edges[bins.start])
        all_highs.append(edges[bins.stop])
        used = dataset_mask(dataset).reshape(len(edges) - 1, -1).any(axis=1)
        chosen = np.flatnonzero(used[bins]) + bins.start
        if chosen.size:
            lows.append(edges[chosen[0]])
            highs.append(edges[chosen[-1] + 1])
    if lows and used_only:
        return min(lows), max(highs), True
    return min(all_lows), max(all_highs), bool(lows)


class Bands:
    """Bands of datasets as norm problems, and what a norm predicts in them.

    Only bins that can tell something about the norm are listed: those with counts or signal. All others matter
    through the sum of what is predicted in them, which is most of a map.

    Parameters
    ----------
    bins : sequence of DatasetBins
    slices : list of list of slice
        From `energy_groups`.
    sum_over_energy : bool
        Sum the bins of each band, for each dataset and pixel, before solving.
    """

    def __init__(self, bins, slices, sum_over_energy=False):
        bins, rows = list(bins), [list(column) for column in zip(*slices, strict=True)]
        if sum_over_energy:
            bins = [_summed(item, bands) for item, bands in zip(bins, rows, strict=True)]
            rows = [[slice(band, band + 1) for band in range(len(slices))]] * len(bins)
        parts = [_listed(item, bands) for item, bands in zip(bins, rows, strict=True)]
        band = np.concatenate([part.pop("band") for part in parts])
        totals = {name: np.array([part.pop(name) for part in parts]).T for name in TOTALS}
        self._counts, self._signal, self._fixed, self._rest = (totals[name] for name in TOTALS)
        owner = np.repeat(np.arange(len(parts)), [part["counts"].size for part in parts])
        order = np.argsort(band, kind="stable")
        columns = {name: np.concatenate([part[name] for part in parts])[order] for name in parts[0]}
        self.counts, self.signal, self.fixed, self.counts_off, self.alpha, self.on_off = columns.values()
        self._cell = band[order] * len(bins) + owner[order]
        self.offsets = np.concatenate([[0], np.cumsum(np.bincount(band, minlength=len(slices)))]).astype(int)

    def problems(self) -> NormProblems:
        """Return the problems for the batched solver, one for each band."""
        measured = self.on_off.any()
        return NormProblems(
            counts=self.counts,
            background=self.fixed,
            signal=self.signal,
            offsets=self.offsets,
            counts_off=self.counts_off if measured else None,
            alpha=self.alpha if measured else None,
            statistic=np.where(self.on_off, 1, 0) if measured else "cash",
            empty_background=self._rest.sum(axis=1),
        )

    def observed(self):
        """Return the counts, shape (n_bands, n_datasets)."""
        return self._counts

    def excess(self, norm):
        """Return the predicted excess of the source, shape (n_bands, n_datasets)."""
        return np.nan_to_num(norm)[:, np.newaxis] * self._signal

    def predicted(self, norm):
        """Return all predicted counts with the background, shape (n_bands, n_datasets)."""
        total = self.excess(norm) + self._fixed
        which = self.on_off
        if which.any():
            per_bin = np.repeat(np.nan_to_num(norm), np.diff(self.offsets))[which]
            alpha = self.alpha[which]
            statistic = WStatStatistic(self.counts[which], self.counts_off[which], alpha)
            background = alpha * statistic.background_off(per_bin * self.signal[which] + self.fixed[which])
            total += np.bincount(self._cell[which], background, total.size).reshape(total.shape)
        return total


#: Sums over the used bins of each band: observed counts, signal, fixed part, and fixed part of the bins not listed.
TOTALS = ("counts_total", "signal_total", "fixed_total", "rest_total")


def _summed(item, rows) -> DatasetBins:
    """Return a dataset with one row for each band, the sum of its energy bins."""

    def planes(values):
        return np.array([values[band].sum(axis=0) for band in rows])

    mask = np.array([item.mask[band].any(axis=0) for band in rows])
    counts, signal, fixed = (planes(values) for values in (item.counts, item.signal, item.fixed))
    if not item.is_on_off:
        return DatasetBins(item.name, counts, signal, fixed, mask)
    off, background = planes(item.counts_off), planes(item.alpha * item.counts_off)
    number, mean = planes(item.mask.astype(float)), planes(item.alpha)
    alpha = np.divide(mean, number, out=np.zeros_like(mean), where=number > 0)
    np.divide(background, off, out=alpha, where=off > 0)
    return DatasetBins(item.name, counts, signal, fixed, mask, off, alpha)


def _listed(item, rows) -> dict:
    """Return the bins of one dataset that are listed, with their bands, and its sums for each band."""
    n_energy = len(item.counts)
    band_of_row = np.full(n_energy, -1)
    for band, chosen in enumerate(rows):
        band_of_row[chosen] = band
    useful = (item.counts != 0) | (item.signal != 0)
    if item.is_on_off:
        useful |= (item.counts_off != 0) | (item.fixed != 0)
    useful &= (band_of_row >= 0)[:, np.newaxis]
    index = np.flatnonzero(useful)
    row = np.repeat(np.arange(n_energy), np.count_nonzero(useful, axis=1))
    off, alpha = (
        values.reshape(-1)[index] if item.is_on_off else np.zeros(index.size)
        for values in (item.counts_off, item.alpha)
    )

    def total(values):
        inside = band_of_row >= 0
        return np.bincount(band_of_row[inside], values[inside], minlength=len(rows))

    listed = item.fixed.reshape(-1)[index]
    fixed = item.fixed.sum(axis=1)
    rest = np.zeros(n_energy)
    if not item.is_on_off:
        rest = fixed - np.bincount(row, listed, minlength=n_energy)
    return {
        "counts": item.counts.reshape(-1)[index],
        "signal": item.signal.reshape(-1)[index],
        "fixed": listed,
        "counts_off": off,
        "alpha": alpha,
        "on_off": np.full(index.size, item.is_on_off),
        "band": band_of_row[row],
        "counts_total": total(item.counts.sum(axis=1)),
        "signal_total": total(item.signal.sum(axis=1)),
        "fixed_total": total(fixed),
        "rest_total": total(rest),
    }
