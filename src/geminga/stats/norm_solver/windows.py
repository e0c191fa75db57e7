"""Problems whose bins are windows of images: one for each pixel, with one kernel for all of them.

A map of test statistics asks the same question at each pixel: how much of a source at this pixel is in the counts
around it? Listing the bins of all windows would take a kernel's worth of copies of the image. Here sums over windows
are loops over the pixels of the *kernel*, each a few operations on whole images: on all pixels where most of them
have counts, else on those with counts only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import fft

from geminga.errors import StatisticError
from geminga.stats.poisson import FLOOR

from .asimov import first_guess, search
from .blocks import CashBlock
from .segments import Segments
from .status import NormStatus
from .terms import Terms

__all__ = ["WindowPlane", "WindowProblems", "WindowTerms", "correlate"]

#: Pixels that are worked on at a time; a few arrays of them stay in the processor's cache.
PIXELS_AT_ONCE = 1 << 14
#: Share of pixels with counts below which only these are looked at.
SPARSE = 0.45
#: Windows are listed bin by bin when so many bins, and so small a share of all pixels, are left.
LISTED_BINS = 1 << 22
LISTED_SHARE = 0.03
#: Windows of small maps, with so few bins in all, are listed from the start.
SMALL = 1 << 21


def correlate(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Return the sum over the window around each pixel, weighted with the kernel; 0 beyond the border.

    Parameters
    ----------
    image : ndarray, shape (ny, nx)
    kernel : ndarray, shape (ky, kx)
        With odd numbers of pixels.

    Examples
    --------
    >>> correlate(np.array([[0.0, 1.0, 0.0]]), np.array([[1.0, 2.0, 3.0]])).round(12).tolist()
    [[3.0, 2.0, 1.0]]
    """
    (ny, nx), (ky, kx) = image.shape, kernel.shape
    shape = tuple(fft.next_fast_len(n + k - 1, real=True) for n, k in ((ny, ky), (nx, kx)))
    product = fft.rfft2(image, shape) * fft.rfft2(kernel[::-1, ::-1], shape)
    y, x = ky // 2, kx // 2
    return np.ascontiguousarray(fft.irfft2(product, shape)[y : y + ny, x : x + nx])


class WindowPlane:
    """One image of counts, what is expected there, and the kernel of a source.

    Parameters
    ----------
    counts, background : ndarray, shape (ny, nx)
        Observed counts and what is expected of them without the source.
    exposure : ndarray, shape (ny, nx)
        Counts of a source of norm 1, if it were all in this pixel. Pixels without exposure do not count.
    kernel : ndarray, shape (ky, kx)
        How a source in the middle is spread; odd numbers of pixels.
    """

    def __init__(self, counts, background, exposure, kernel):
        if any(n % 2 == 0 for n in kernel.shape):
            raise StatisticError(
                f"kernel must have odd numbers of pixels, got {kernel.shape}. Pad it by a row or column."
            )
        exposed = exposure > 0
        self.shape, self.half = counts.shape, (kernel.shape[0] // 2, kernel.shape[1] // 2)
        self.kernel = kernel
        self.counts = np.where(exposed, counts, 0.0)
        self.background = np.maximum(np.where(exposed, background, 0.0), 0.0)
        self.exposure = np.where(exposed, exposure, 0.0)
        self.steps = [(int(i), int(j), float(1 / kernel[i, j])) for i, j in np.argwhere(kernel > 0)]
        expected = np.maximum(self.background, FLOOR)
        ratio = np.divide(expected, exposure, out=np.full(self.shape, np.inf), where=exposed)
        self.ratio = self._padded(ratio, np.inf)
        self.seen = np.where(self._padded(self.counts, 0.0) > 0, self.ratio, np.inf)
        self.padded = self._padded(self.counts, 0.0)
        filled = np.flatnonzero(np.isfinite(self.seen))
        self.share = filled.size / counts.size
        self.is_sparse = self.share < SPARSE
        self.filled = filled
        self.constant = 2 * (self.background - np.where(exposed, counts, 0.0) * np.log(expected))

    def _padded(self, image, value):
        y, x = self.half
        return np.pad(image, ((y, y), (x, x)), constant_values=value)

    def _bands(self):
        """Yield ranges of rows to be worked on at a time."""
        ny, nx = self.shape
        step = max(1, PIXELS_AT_ONCE // nx)
        for start in range(0, ny, step):
            yield start, min(start + step, ny)

    def smallest(self, ratio, into) -> None:
        """Lower `into` to the smallest ratio of expectation to signal in each window."""
        nx = self.shape[1]
        for start, stop in self._bands():
            value, part = np.empty((stop - start, nx)), into[start:stop]
            for i, j, inverse in self.steps:
                np.multiply(ratio[start + i : stop + i, j : j + nx], inverse, out=value)
                np.minimum(part, value, out=part)

    def add(self, x, origin, first, second, logs) -> None:
        """Add sums over windows, images of the shape of the plane, to the given ones.

        With r the expectation without source in units of the signal, `first` is the sum of n / (r + x), `second` that
        of its square over n, and `logs`, if not None, that of n ln(1 + x / r); r includes `origin`, if not None.
        """
        (self._add_sparse if self.is_sparse else self._add_dense)(x, origin, first, second, logs)

    def _add_dense(self, x, origin, first, second, logs):
        nx = self.shape[1]
        for start, stop in self._bands():
            rows = slice(start, stop)
            at, one, two = x[rows], first[rows], second[rows]
            value, term = np.empty_like(at), np.empty_like(at)
            for i, j, inverse in self.steps:
                window = slice(start + i, stop + i), slice(j, j + nx)
                counts = self.padded[window]
                np.multiply(self.seen[window], inverse, out=value)
                if origin is not None:
                    value += origin[rows]
                if logs is not None:
                    np.divide(at, value, out=term)
                    np.maximum(term, -1.0, out=term)
                    np.log1p(term, out=term)
                    term *= counts
                    logs[rows] += term
                value += at
                np.divide(counts, value, out=term)
                one += term
                term /= value
                two += term

    def _add_sparse(self, x, origin, first, second, logs):
        (ny, nx), (y, x_half) = self.shape, self.half
        counts, ratio = self.padded.ravel()[self.filled], self.seen.ravel()[self.filled]
        width = nx + 2 * x_half
        at = self._padded(x, 0.0).ravel()
        moved = None if origin is None else self._padded(origin, 0.0).ravel()
        sums = [np.zeros(at.size) for _ in range(2 if logs is None else 3)]
        pixel, value, change = (np.empty_like(part) for part in (self.filled, ratio, ratio))
        for i, j, inverse in self.steps:
            # the margin of the frame is as wide as a window reaches
            np.subtract(self.filled, (i - y) * width + (j - x_half), out=pixel)
            np.multiply(ratio, inverse, out=value)
            np.take(at, pixel, out=change, mode="clip")
            if moved is not None:
                value += moved[pixel]
            if logs is not None:
                np.add.at(sums[2], pixel, counts * np.log1p(np.maximum(change / value, -1.0)))
            value += change
            np.divide(counts, value, out=change)
            np.add.at(sums[0], pixel, change)
            change /= value
            np.add.at(sums[1], pixel, change)
        for total, into in zip(sums, (first, second, logs), strict=False):
            into += total.reshape(ny + 2 * y, width)[y : y + ny, x_half : x_half + nx]

    def add_asimov(self, x, value, slope) -> None:
        """Add half of TS and of its slope in data that equal the model, for images of norms `x` > 0."""
        nx = self.shape[1]
        expected = self._padded(np.maximum(self.background, FLOOR), 0.0)
        exposure = self._padded(self.exposure, 0.0)
        for start, stop in self._bands():
            rows = slice(start, stop)
            at, total, rate = x[rows], value[rows], slope[rows]
            change, log = np.empty_like(at), np.empty_like(at)
            for i, j, inverse in self.steps:
                window = slice(start + i, stop + i), slice(j, j + nx)
                # u = x m / b, then b ((1 + u) ln(1 + u) - u)
                np.multiply(self.ratio[window], inverse, out=change)
                np.divide(at, change, out=change)
                np.log1p(change, out=log)
                rate += log * (exposure[window] * (1 / inverse))
                log *= 1 + change
                log -= change
                log *= expected[window]
                total += log

    def listed(self, pixels) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return owner, counts and ratio of the bins with counts in the windows of some pixels."""
        width = self.padded.shape[1]
        corner = pixels // self.shape[1] * width + pixels % self.shape[1]
        shift = np.array([i * width + j for i, j, _ in self.steps], dtype=int)
        inverse = np.array([inverse for _, _, inverse in self.steps])
        seen, counts = self.seen.ravel(), self.padded.ravel()
        found = []
        step = max(1, LISTED_BINS // max(len(shift), 1))
        for start in range(0, max(len(pixels), 1), step):
            index = corner[start : start + step, np.newaxis] + shift
            ratio = seen[index]
            row, column = np.nonzero(ratio < np.inf)
            index = index[row, column]
            found.append((row + start, counts[index], ratio[row, column] * inverse[column]))
        owner, number, ratio = (np.concatenate(part) for part in zip(*found, strict=True))
        return owner, number, ratio


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
