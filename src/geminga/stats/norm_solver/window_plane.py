"""One image of counts seen through windows: sums over the window around each pixel, with one kernel for all pixels.

Listing the bins of all windows would take a kernel's worth of copies of the image. Here sums over windows are loops
over the pixels of the *kernel*, each a few operations on whole images: on all pixels where most of them have counts,
else on those with counts only.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from geminga.errors import StatisticError
from geminga.stats.poisson import FLOOR

__all__ = ["LISTED_BINS", "WindowPlane", "correlate"]

#: Pixels that are worked on at a time; a few arrays of them stay in the processor's cache.
PIXELS_AT_ONCE = 1 << 14
#: Share of pixels with counts below which only these are looked at.
SPARSE = 0.45
#: Most bins of windows that are listed at a time.
LISTED_BINS = 1 << 22


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
