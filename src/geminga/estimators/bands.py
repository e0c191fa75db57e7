"""Energy bands of datasets, as problems of one norm each.

What a source predicts for norm 1, what the others predict, and what was observed: once for each dataset, cut
into bands by
indices. Nothing is copied or sliced but flat arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import DataError
from ..likelihood.statistics import WStatStatistic
from ..stats.norm_solver import NormProblems

__all__ = ["Bands", "DatasetBins", "dataset_bins", "energy_groups"]


@dataclass(frozen=True)
class DatasetBins:
    """Flat arrays of one dataset, energy the slowest index, shape (n_energy, n_pixels) each.

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


def _plane(map_, n_energy):
    return np.asarray(map_.data, dtype=float).reshape(n_energy, -1)


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
        If the dataset holds no counts.
    """
    if getattr(dataset, "counts", None) is None:
        raise DataError(
            f"counts of dataset {dataset.name!r} must be set, got None. Reduce or fake them first."
        )
    n_energy = dataset._geom.axes["energy"].nbin
    names = [model.name for model in dataset.models or () if model.name != source]
    sky = [name for name in names if "FoVBackgroundModel" not in _tags(dataset.models[name])]
    applies = source in dataset.models.names
    counts = _plane(dataset.counts, n_energy)
    signal = (
        _plane(dataset.npred_signal(model_names=[source]), n_energy) if applies else np.zeros_like(counts)
    )
    others = _plane(dataset.npred_signal(model_names=sky), n_energy) if sky else np.zeros_like(counts)
    mask = dataset.mask
    mask = (
        np.ones(counts.shape, dtype=bool)
        if mask is None
        else np.asarray(mask.data, bool).reshape(n_energy, -1)
    )
    if dataset.stat_type == "wstat":
        off = dataset.counts_off
        return DatasetBins(
            dataset.name,
            counts,
            signal,
            others,
            mask,
            np.zeros_like(counts) if off is None else _plane(off, n_energy),
            np.nan_to_num(_plane(dataset.alpha, n_energy), posinf=0.0),
        )
    background = _plane(dataset.npred_background(), n_energy)
    return DatasetBins(dataset.name, counts, signal, others + background, mask)


def _tags(model):
    return [model.tag] if isinstance(model.tag, str) else model.tag


def energy_groups(datasets, energy_edges, used_only=True):
    """Return the bands that wanted edges make on the axes of datasets.

    Parameters
    ----------
    datasets : sequence of datasets
    energy_edges : ndarray, shape (n + 1,)
        Wanted edges in TeV; moved to the nearest edges of each axis.
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
            f"energy_edges must overlap the energy axis of the datasets, got {energy_edges[0]:g} to "
            f"{energy_edges[-1]:g} TeV. Choose edges inside the axis."
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
        mask = dataset.mask
        n_energy = len(edges) - 1
        used = (
            np.ones(n_energy, bool)
            if mask is None
            else np.asarray(mask.data, bool).reshape(n_energy, -1).any(1)
        )
        chosen = np.flatnonzero(used[bins]) + bins.start
        if chosen.size:
            lows.append(edges[chosen[0]])
            highs.append(edges[chosen[-1] + 1])
    if lows and used_only:
        return min(lows), max(highs), True
    return min(all_lows), max(all_highs), bool(lows)


class Bands:
    """Bands of datasets as norm problems, and what a norm predicts in them.

    Parameters
    ----------
    bins : sequence of DatasetBins
    slices : list of list of slice
        From `energy_groups`.
    sum_over_energy : bool
        Sum the bins of each band, for each dataset and pixel, before solving.
    """

    def __init__(self, bins, slices, sum_over_energy=False):
        self.bins, self.slices = list(bins), slices
        pieces, owners, sizes = [], [], []
        for band in slices:
            size = 0
            for index, (item, rows) in enumerate(zip(self.bins, band, strict=True)):
                piece = self._piece(item, rows, sum_over_energy)
                pieces.append(piece)
                owners.append(np.full(piece[0].size, index))
                size += piece[0].size
            sizes.append(size)
        columns = [np.concatenate(column) if pieces else np.empty(0) for column in zip(*pieces, strict=True)]
        self.counts, self.signal, self.fixed, self.counts_off, self.alpha, self.on_off = columns
        self.on_off = self.on_off.astype(bool)
        self.owner = np.concatenate(owners)
        self.offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(int)

    @staticmethod
    def _piece(item, rows, sum_over_energy):
        """Return counts, signal, fixed part, off counts, alpha and kind of the used bins of one dataset in one band."""
        mask = item.mask[rows]
        off = item.counts_off[rows] if item.is_on_off else np.zeros_like(item.counts[rows])
        alpha = item.alpha[rows] if item.is_on_off else np.zeros_like(item.counts[rows])
        arrays = [item.counts[rows], item.signal[rows], item.fixed[rows], off]
        if sum_over_energy:
            summed = [(array * mask).sum(axis=0) for array in arrays]
            background = (alpha * off * mask).sum(axis=0)
            has_off = summed[3] > 0
            mean = (alpha * mask).sum(axis=0) / np.maximum(mask.sum(axis=0), 1)
            ratio = np.where(has_off, background / np.where(has_off, summed[3], 1.0), mean)
            used = mask.any(axis=0)
            flat = [array[used] for array in (*summed, ratio)]
        else:
            flat = [array[mask] for array in (*arrays, alpha)]
        return (*flat, np.full(flat[0].size, item.is_on_off))

    def problems(self) -> NormProblems:
        """Return the problems for the batched solver, one for each band."""
        return NormProblems(
            counts=self.counts,
            background=self.fixed,
            signal=self.signal,
            offsets=self.offsets,
            counts_off=self.counts_off if self.on_off.any() else None,
            alpha=self.alpha if self.on_off.any() else None,
            statistic=np.where(self.on_off, 1, 0) if self.on_off.any() else "cash",
        )

    def _sum(self, values):
        """Return sums over bins by band and dataset, shape (n_bands, n_datasets)."""
        result = np.zeros((len(self.slices), len(self.bins)))
        band = np.repeat(np.arange(len(self.slices)), np.diff(self.offsets))
        np.add.at(result, (band, self.owner), values)
        return result

    def observed(self):
        """Return the counts, shape (n_bands, n_datasets)."""
        return self._sum(self.counts)

    def excess(self, norm):
        """Return the predicted excess of the source, shape (n_bands, n_datasets)."""
        return self._sum(self._per_bin(norm) * self.signal)

    def predicted(self, norm):
        """Return all predicted counts with the background, shape (n_bands, n_datasets)."""
        source = self._per_bin(norm) * self.signal
        total = source + self.fixed
        if self.on_off.any():
            which = self.on_off
            statistic = WStatStatistic(self.counts[which], self.counts_off[which], self.alpha[which])
            total[which] += self.alpha[which] * statistic.background_off(total[which])
        return self._sum(total)

    def _per_bin(self, norm):
        return np.repeat(np.nan_to_num(norm), np.diff(self.offsets))
