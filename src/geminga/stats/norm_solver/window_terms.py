"""The statistic of many windows as a function of their norms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from .blocks import CashBlock
from .segments import Segments
from .status import NormStatus
from .terms import Terms
from .window_plane import LISTED_BINS

__all__ = ["WindowTerms"]

#: Windows are listed bin by bin when so small a share of all pixels is left, with at most `LISTED_BINS` bins.
LISTED_SHARE = 0.03
#: Windows of small maps, with so few bins in all, are listed from the start.
SMALL = 1 << 21


@dataclass(frozen=True, eq=False)
class WindowTerms:
    """The statistic of windows as a function of their norms; reads like `Terms`.

    Parameters
    ----------
    planes, pixels
        As in `WindowProblems`.
    signal, counts, start : ndarray, shape (M,)
        Counts of a source of norm 1, observed counts, first guess.
    constant : ndarray, shape (M,)
        Statistic at norm 0.
    border, limit : ndarray, shape (M,)
        Norms at which the first prediction vanishes, of a bin with counts, and of any.
    origin : ndarray, shape (M,), optional
        Where norms are counted from.
    """

    planes: list
    pixels: np.ndarray
    signal: np.ndarray
    constant: np.ndarray
    border: np.ndarray
    limit: np.ndarray
    counts: np.ndarray
    start: np.ndarray
    origin: np.ndarray | None = None

    #: A Newton step of this size, in units of the error, is followed by one of its square, which `polished` takes.
    tolerance = 1e-2
    #: Here the next step would be of 1e-8, which is exact enough for a map.
    crossing_tolerance = 1e-4
    #: A pixel has one norm at a time.
    may_repeat = False
    #: Limits are ends of the bracket; a look at the slopes there before would cost a step.
    looks_at_limits = False
    cash = flat = wstat = chi2 = None

    @property
    def n_problems(self) -> int:
        """Number of windows."""
        return len(self.pixels)

    @property
    def n_bins(self) -> int:
        """Number of bins of all windows."""
        return self.n_problems * sum(len(plane.steps) for plane in self.planes)

    def _image(self, values) -> np.ndarray:
        image = np.zeros(self.planes[0].shape)
        image.ravel()[self.pixels] = values
        return image

    def _sums(self, x, with_logs):
        shape = self.planes[0].shape
        first, second = np.zeros(shape), np.zeros(shape)
        logs = np.zeros(shape) if with_logs else None
        image, origin = self._image(x), None if self.origin is None else self._image(self.origin)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            for plane in self.planes:
                plane.add(image, origin, first, second, logs)
        chosen = None if logs is None else logs.ravel()[self.pixels]
        return 2 * (self.signal - first.ravel()[self.pixels]), 2 * second.ravel()[self.pixels], chosen

    @cached_property
    def _list(self) -> Terms | None:
        """The bins with counts one by one, where this is faster than loops over the kernel."""
        few = self.n_problems < LISTED_SHARE * self.planes[0].counts.size and self.n_filled < LISTED_BINS
        return self._listed() if few or self.n_bins < SMALL else None

    def derivatives(self, x):
        """Return slope and curvature of the statistic at the norms `x`, shapes (M,)."""
        if self._list is not None:
            return self._list.derivatives(x)
        return self._sums(x, with_logs=False)[:2]

    def all(self, x):
        """Return statistic, slope and curvature at the norms `x`, shapes (M,)."""
        if self._list is not None:
            return self._list.all(x)
        slope, curvature, logs = self._sums(x, with_logs=bool(np.any(x)))
        stat = self.constant if logs is None else self.constant + 2 * (x * self.signal - logs)
        return stat, slope, curvature

    def polished(self, norm, stat, slope, curvature) -> tuple[np.ndarray, np.ndarray]:
        """Return norm and statistic after one more Newton step, from what is known at the norm anyway."""
        step = np.divide(-slope, curvature, out=np.zeros_like(norm), where=curvature > 0)
        # at a limit the slope is no leftover of the search
        small = (
            (step**2 * curvature < 2 * self.tolerance**2) & (norm > self.limit) & (norm + step > self.limit)
        )
        step = np.where(small, step, 0.0)
        return norm + step, stat - 0.5 * curvature * step**2

    def stat(self, x) -> np.ndarray:
        """Return the statistic at the norms `x`, shape (M,)."""
        return self.all(x)[0] if np.any(x) else self.constant

    def select(self, which):
        """Keep some problems."""
        names = ("pixels", "signal", "constant", "border", "limit", "counts", "start")
        chosen: dict[str, Any] = {name: getattr(self, name)[which] for name in names}
        if self.origin is not None:
            chosen["origin"] = self.origin[which]
        return self._with_list(replace(self, **chosen), lambda terms: terms.select(which))

    def _with_list(self, part, change) -> WindowTerms:
        """Hand the list of bins on to a part, so that it is not made again."""
        known = self.__dict__.get("_list")
        if known is not None:
            part.__dict__["_list"] = change(known)
        return part

    @property
    def n_filled(self) -> float:
        """Number of bins with counts of all windows, about."""
        return self.n_problems * sum(len(plane.steps) * plane.share for plane in self.planes)

    def _listed(self) -> Terms:
        parts = [plane.listed(self.pixels) for plane in self.planes]
        owner, counts, ratio = (np.concatenate(column) for column in zip(*parts, strict=True))
        if len(parts) > 1 and len(owner):
            order = np.argsort(owner, kind="stable")
            owner, counts, ratio = owner[order], counts[order], ratio[order]
        if self.origin is not None:
            ratio = ratio + self.origin[owner]
        segments = Segments.of_lengths(np.bincount(owner, minlength=self.n_problems))
        with np.errstate(divide="ignore"):
            block = CashBlock(counts, np.ones(len(ratio)), 1 / ratio, segments, self.signal, is_moved=True)
        return Terms(self.n_problems, self.constant, cash=block)

    def moved(self, x) -> WindowTerms:
        """Count the norms from `x` and the statistic from its value there."""
        part = replace(
            self,
            constant=np.zeros(self.n_problems),
            border=self.border - x,
            limit=self.limit - x,
            start=self.start - x,
            origin=x if self.origin is None else self.origin + x,
        )
        return self._with_list(part, lambda terms: terms.moved(x))

    def borders(self):
        """Return the interval of norms in which all bins with counts have positive predictions."""
        return self.border, np.full(self.n_problems, np.inf)

    def limits(self):
        """Return the interval of norms without a negative prediction in any bin."""
        return self.limit, np.full(self.n_problems, np.inf)

    def line(self) -> np.ndarray:
        """Return the slope that the statistic has far to the right."""
        return 2 * self.signal

    def signal_scale(self) -> np.ndarray:
        """Return a norm that changes the prediction by one count."""
        return np.divide(1.0, self.signal, out=np.ones(self.n_problems), where=self.signal > 0)

    def bracket(self):
        """Return an interval that contains the minimum, a first guess, and a status for problems already solved."""
        has = np.isfinite(self.border)
        with np.errstate(invalid="ignore", divide="ignore"):
            step = 1 / self.signal
            fewest = min(plane.counts[plane.counts > 0].min(initial=np.inf) for plane in self.planes)
            low = np.where(has, self.border + fewest * step, self.limit)
            high = np.where(has, self.border + self.counts * step, self.limit)
        # counts and signal come from transforms: leave room for their last digits
        high = high + 1e-9 * np.abs(high)
        low = low - 1e-9 * np.abs(low)
        state = np.where(has, NormStatus.CONVERGED, NormStatus.AT_LIMIT).astype(np.int8)
        low = np.maximum(low, self.limit)
        high = np.maximum(high, low)
        start = np.where(has, np.clip(self.start, low, high), self.limit)
        return low, high, start, state
