"""The term of counts maps: sparse in the bins with counts, linear in the rest.

``-2 ln L = 2 [ sum(mu) - sum_{n>0} n ln mu ]``: only bins with counts need a logarithm, and the sum over all bins is
linear in every spectrum. On-off maps have the same form: without counts, the profiled statistic of a bin is linear in
the signal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from .map_source import MapSource
from .second_differences import second_differences
from .statistics import PREDICTION_FLOOR, WStatStatistic

#: Distance in deg over which PSF and energy dispersion are taken as the same: half a pixel of their usual maps.
RESPONSE_DISTANCE = 0.1
#: Step in standard deviations of second differences of a rough statistic.
ROUGH_STEP = 1.0
#: Bins whose products are formed at once.
CHUNK = 20_000
#: Predictions below minus this are in the wall; it is above the rounding of a fold.
WALL = 1e-6

__all__ = ["MapTerm", "SparseCash", "SparseStatistic", "SparseWStat"]


class SparseStatistic(Protocol):
    """What the bins with counts add to twice the weighted sum of all predictions."""

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over the bins with counts."""

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each bin with counts."""


class SparseCash:
    """The Cash statistic in the bins with counts, beyond ``2 mu``.

    Below the floor the logarithm is held constant, as for spectra. A negative prediction where there are counts is
    impossible, and the total of the bins without counts would go on falling, so a wall stands there.

    Parameters
    ----------
    counts : ndarray, shape (n_filled,)
        Times the weight of the bin, if any.

    References
    ----------
    .. [1] Cash (1979), ApJ 228, 939, eq. 5.
    """

    def __init__(self, counts: np.ndarray):
        self.counts = counts

    def _depth(self, mu: np.ndarray) -> np.ndarray:
        """Return how deep negative predictions are in the wall, 0 for the others."""
        return np.minimum(mu + WALL, 0.0) / WALL

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over the bins with counts."""
        stat = -2.0 * (self.counts @ np.log(np.maximum(mu, PREDICTION_FLOOR)))
        if mu.size and mu.min() < -WALL:
            stat += self.counts @ self._depth(mu) ** 2
        return float(stat)

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each bin with counts."""
        safe = np.maximum(mu, PREDICTION_FLOOR)
        ratio = np.where(mu > PREDICTION_FLOOR, 2.0 * self.counts / safe, 0.0)
        first, second = -ratio, ratio / safe
        if mu.size and mu.min() < -WALL:
            depth = self._depth(mu)
            first = first + 2.0 * self.counts * depth / WALL
            second = second + np.where(depth < 0, 2.0 * self.counts / WALL**2, 0.0)
        return first, second


class SparseWStat:
    """The on-off statistic in the bins with counts, beyond ``2 mu``; ``mu`` is the signal.

    Where there are no counts in the on region, the profiled off background is ``n_off / (1 + alpha)`` whatever the
    signal, and the statistic is ``2 mu + 2 n_off ln(1 + alpha)``.

    Parameters
    ----------
    counts, counts_off, alpha : ndarray, shape (n_filled,)
    constant : float
        Sum of ``2 n_off ln(1 + alpha)`` over the bins without counts.
    """

    def __init__(self, counts, counts_off, alpha, constant: float):
        self._statistic, self._constant = WStatStatistic(counts, counts_off, alpha), constant

    def value(self, mu: np.ndarray) -> float:
        """Return the sum over the bins with counts, and the constant of the others."""
        return self._statistic.value(mu) - 2.0 * float(mu.sum()) + self._constant

    def derivatives(self, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the first and second derivative in the prediction of each bin with counts."""
        first, second = self._statistic.derivatives(mu)
        return first - 2.0, second


class MapTerm:
    """Statistic of one map dataset.

    Parameters
    ----------
    statistic : SparseStatistic
    constant : ndarray, shape (n_filled,)
        Prediction in the bins with counts that depends on no free parameter.
    constant_total : float
        The same, summed over all bins with their weights.
    sources : sequence of MapSource or TemplateSource
    """

    def __init__(self, statistic: SparseStatistic, constant: np.ndarray, constant_total: float, sources):
        self.statistic, self.constant = statistic, constant
        self.constant_total = float(constant_total)
        self.sources = tuple(sources)
        self.parameters: list[Any] = []
        slot: dict[int, int] = {}
        self._slots = []
        for source in self.sources:
            positions = []
            for parameter in source.parameters:
                if id(parameter) not in slot:
                    slot[id(parameter)] = len(self.parameters)
                    self.parameters.append(parameter)
                positions.append(slot[id(parameter)])
            self._slots.append(np.array(positions, dtype=int))

    def is_stale(self, values) -> bool:
        """Tell whether a source has moved so far that its responses are those of another place."""
        return any(
            source.has_left(values[slots], RESPONSE_DISTANCE)
            for source, slots in zip(self.sources, self._slots, strict=True)
            if isinstance(source, MapSource)
        )

    @property
    def moving_points(self) -> list[MapSource]:
        """Sources that are points whose position is a free parameter."""
        return [
            source
            for source in self.sources
            if isinstance(source, MapSource)
            and source.image.is_point
            and any(not parameter.frozen for parameter in source.image.parameters)
        ]

    def _predict(self, values) -> tuple[np.ndarray, float]:
        mu, total = self.constant.copy(), self.constant_total
        for source, slots in zip(self.sources, self._slots, strict=True):
            counts, summed = source.predict(values[slots])
            mu += counts
            total += summed
        return mu, total

    def _wanted_parts(self, values, wanted):
        """Yield each source with wanted parameters: its values, which of its parameters, and their rows."""
        row_of = {int(index): row for row, index in enumerate(wanted)}
        for source, slots in zip(self.sources, self._slots, strict=True):
            local = [i for i, position in enumerate(slots) if int(position) in row_of]
            if local:
                yield source, values[slots], local, np.array([row_of[int(slots[i])] for i in local])

    def stat(self, values) -> float:
        """Return the statistic, summed over all bins with their weights."""
        mu, total = self._predict(values)
        return 2.0 * total + self.statistic.value(mu)

    def stat_and_gradient(self, values, wanted: Sequence[int]) -> tuple[float, np.ndarray]:
        """Return the statistic and its derivative in the wanted parameters."""
        mu, total = self._predict(values)
        slopes, _ = self.statistic.derivatives(mu)
        gradient = np.zeros(len(wanted))
        for source, own, local, rows in self._wanted_parts(values, wanted):
            gradient[rows] += source.gradient(own, local, slopes)
        return 2.0 * total + self.statistic.value(mu), gradient

    def _fisher(self, values, wanted, bends) -> np.ndarray:
        blocks = [
            (rows, *source.jacobian(own, local))
            for source, own, local, rows in self._wanted_parts(values, wanted)
        ]
        matrix = np.zeros((len(wanted), len(wanted)))
        for start in range(0, bends.size, CHUNK):
            chunk = bends[start : start + CHUNK]
            part = np.zeros((len(wanted), chunk.size))
            for rows, near, derivatives in blocks:
                first, last = np.searchsorted(near, [start, start + chunk.size])
                part[np.ix_(rows, near[first:last] - start)] += derivatives[:, first:last]
            matrix += (part * chunk) @ part.T
        return matrix

    def fisher(self, values, wanted: Sequence[int]) -> np.ndarray:
        """Return the curvature with second derivatives of the prediction neglected."""
        mu, _ = self._predict(values)
        return self._fisher(values, wanted, self.statistic.derivatives(mu)[1])

    def curvature(self, values, wanted: Sequence[int], errors, fisher) -> np.ndarray:
        """Return what the second derivatives of the prediction add to those of the statistic.

        Parameters
        ----------
        values : ndarray, shape (n_parameters,)
        wanted : sequence of int
        errors : ndarray, shape (len(wanted),)
            Rough standard deviations, from all data.
        fisher : ndarray, shape (len(wanted), len(wanted))
            Of this term.
        """
        mu, _ = self._predict(values)
        slopes, _ = self.statistic.derivatives(mu)
        matrix = np.zeros((len(wanted), len(wanted)))
        for source, own, local, rows in self._wanted_parts(values, wanted):
            matrix[np.ix_(rows, rows)] += source.curvature(own, local, slopes, errors[rows])
        for source, _, local, rows in self._wanted_parts(values, wanted):
            if isinstance(source, MapSource) and source.rough:
                rough = rows[[i for i, index in enumerate(local) if index in source.rough]]
                block = np.ix_(rough, rough)
                matrix[block] = self._differences(values, wanted, rough, errors) - fisher[block]
        return matrix

    def _differences(self, values, wanted, rows, errors) -> np.ndarray:
        """Return second differences of the statistic in some of the wanted parameters, wide enough for its jumps."""
        steps = ROUGH_STEP * errors[rows]

        def stat(*moves):
            moved = np.array(values, dtype=float)
            for position, sign in moves:
                moved[wanted[rows[position]]] += sign * steps[position]
            return self.stat(moved)

        return second_differences(stat, steps)
