"""Problems whose bins are windows of images: one for each pixel, with one kernel for all of them.

A map of test statistics asks the same question at each pixel: how much of a source at this pixel is in the counts
around it? All pixels are asked together, with sums over windows of `WindowPlane`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .asimov import first_guess, search
from .status import NormStatus
from .window_plane import correlate
from .window_terms import WindowTerms

__all__ = ["WindowProblems"]


@dataclass(frozen=True, eq=False)
class WindowProblems:
    """One problem for each chosen pixel: the norm of a source there.

    Parameters
    ----------
    planes : sequence of WindowPlane
        Of one shape: energies, datasets.
    pixels : ndarray of int, shape (M,)
        Flat indices of the chosen pixels.
    """

    planes: list
    pixels: np.ndarray

    @property
    def n_problems(self) -> int:
        """Number of chosen pixels."""
        return len(self.pixels)

    def __len__(self) -> int:
        return self.n_problems

    def signal(self) -> np.ndarray:
        """Return the counts of a source of norm 1 at each chosen pixel, shape (M,)."""
        return self._windows(lambda plane: (plane.exposure, plane.kernel))

    def background(self) -> np.ndarray:
        """Return the counts expected in each window without the source, shape (M,)."""
        return self._windows(lambda plane: (plane.background, np.ones(plane.kernel.shape)))

    def counts(self) -> np.ndarray:
        """Return the counts in each window, shape (M,)."""
        return np.rint(self._windows(lambda plane: (plane.counts, (plane.kernel > 0).astype(float))))

    def guess(self) -> np.ndarray:
        """Return the norms that fit best if counts scatter as background and counts around suggest, shape (M,)."""
        weights = {}
        for plane in self.planes:
            around = np.maximum(correlate(plane.counts, plane.kernel), 0.0) + plane.background
            weights[id(plane)] = np.divide(
                plane.exposure, around, out=np.zeros(plane.shape), where=around > 1e-9
            )
        excess = self._windows(lambda p: (weights[id(p)] * (p.counts - p.background), p.kernel))
        signal = self._windows(lambda p: (weights[id(p)] * p.exposure, p.kernel**2))
        return np.divide(excess, signal, out=np.zeros(len(signal)), where=signal > 1e-300)

    @property
    def n_bins(self) -> int:
        """Number of bins that are listed one by one: none."""
        return 0

    def sensitivity(self, n_sigma) -> np.ndarray:
        """Return the norm that would be seen with `n_sigma` in data without fluctuations, shape (M,)."""
        signal, n = self.signal(), self.n_problems
        good = np.flatnonzero(signal > 1e-12 * max(signal.max(initial=0.0), 1e-300))
        target, ones = np.full(len(good), float(n_sigma)), np.ones(len(good))
        result = np.full(n, np.nan)
        start = first_guess(target, self.background()[good], signal[good])
        asimov = _WindowAsimov(self.planes, self.pixels[good])
        result[good] = search(asimov, ones, target, start, np.full(len(good), np.inf))
        return result

    def _windows(self, images) -> np.ndarray:
        total = np.zeros(self.planes[0].shape)
        for plane in self.planes:
            total += correlate(*images(plane))
        return total.ravel()[self.pixels]

    def terms(self) -> tuple[WindowTerms, np.ndarray]:
        """Return the statistic of all problems, and a status as `make_terms` does."""
        signal = self.signal()
        # what the transform leaves of nothing
        signal = np.where(signal > 1e-12 * max(signal.max(initial=0.0), 1e-300), signal, 0.0)
        constant = self._windows(lambda plane: (plane.constant, np.ones(plane.kernel.shape)))
        border, limit = np.full(self.planes[0].shape, np.inf), np.full(self.planes[0].shape, np.inf)
        for plane in self.planes:
            plane.smallest(plane.seen, border)
            plane.smallest(plane.ratio, limit)
        status = np.where(signal > 0, NormStatus.CONVERGED, NormStatus.NO_SIGNAL).astype(np.int8)
        terms = WindowTerms(
            self.planes,
            self.pixels,
            signal=signal,
            constant=constant,
            border=-border.ravel()[self.pixels],
            limit=-limit.ravel()[self.pixels],
            counts=self.counts(),
            start=self.guess(),
        )
        return terms, status


@dataclass(frozen=True, eq=False)
class _WindowAsimov:
    """TS of data that equal the model, as a function of the norm at each pixel."""

    planes: list
    pixels: np.ndarray
    tolerance = 1e-4

    def select(self, which) -> _WindowAsimov:
        """Keep some pixels."""
        return _WindowAsimov(self.planes, self.pixels[which])

    def ts(self, x) -> tuple[np.ndarray, np.ndarray]:
        """Return TS and its slope, shapes (M,)."""
        image = np.zeros(self.planes[0].shape)
        image.ravel()[self.pixels] = x
        value, slope = np.zeros_like(image), np.zeros_like(image)
        for plane in self.planes:
            plane.add_asimov(image, value, slope)
        return 2 * value.ravel()[self.pixels], 2 * slope.ravel()[self.pixels]
