"""The question: one amplitude of a known shape, thousands of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from geminga.errors import StatisticError

from .segments import Segments

__all__ = ["CASH", "CHI2", "WSTAT", "NormProblems"]

CASH, WSTAT, CHI2 = 0, 1, 2
BIN_ARRAYS = ("counts", "background", "signal", "counts_off", "alpha", "error", "weights")
PROBLEM_ARRAYS = ("empty_background", "empty_signal")
_CODES = {"cash": CASH, "wstat": WSTAT, "chi2": CHI2}


@dataclass(frozen=True, eq=False, repr=False)
class NormProblems:
    r"""Many independent problems with one unknown norm each.

    Problem k owns the bins ``offsets[k]:offsets[k + 1]`` of the flat arrays. In each bin the model is
    ``background + norm * signal``. What that means depends on the statistic of the bin:

    ====== ============================================= ==========================================
    name   statistic of the bin                          `background` holds
    ====== ============================================= ==========================================
    cash   :math:`2 (\mu - n \ln \mu)`                   background and all other models
    wstat  profiled over the background, see `wstat`     the signal of all other models
    chi2   :math:`((n - \mu) / \mathtt{error})^2`        all other models
    ====== ============================================= ==========================================

    A problem may mix statistics and datasets: its bins are just put one after the other.

    Parameters
    ----------
    counts : array_like of float, shape (n_bins,)
        Observed counts (values for chi2).
    background : array_like of float, shape (n_bins,)
        Part of the model that does not change.
    signal : array_like of float, shape (n_bins,)
        Model for norm 1; may be negative or zero in some bins.
    offsets : array_like of int, shape (M + 1,), optional
        Where each problem starts and ends, beginning with 0. By default all bins are one problem.
    counts_off, alpha : array_like of float, shape (n_bins,), optional
        Off counts and exposure ratio of wstat bins. Bins without a positive finite alpha do not count.
    error : array_like of float, shape (n_bins,), optional
        Errors of chi2 bins.
    weights : array_like of float, shape (n_bins,), optional
        Factors by which the statistic of cash bins is multiplied.
    empty_background, empty_signal : array_like of float, shape (M,), optional
        Sums over further Cash bins of each problem, all without counts. Such bins matter through their sums only,
        which saves most of the work for sparse maps. Their predictions are taken as they are, also below 0: give
        `norm_min` to the functions where that matters.
    statistic : str or array_like of str or int, shape (n_bins,), optional
        "cash" (0), "wstat" (1) or "chi2" (2), for all bins or each. By default what the given arrays suggest;
        it must be given when both `counts_off` and `error` are.

    Examples
    --------
    >>> problems = NormProblems(counts=[5, 3, 4], background=[1, 1, 2], signal=[2, 1, 1], offsets=[0, 2, 3])
    >>> problems
    NormProblems(2 problems, 3 bins, cash)
    """

    counts: Any
    background: Any
    signal: Any
    offsets: Any = None
    counts_off: Any = None
    alpha: Any = None
    error: Any = None
    weights: Any = None
    statistic: Any = None
    empty_background: Any = None
    empty_signal: Any = None

    def __post_init__(self):
        put = object.__setattr__
        n = np.size(self.counts)
        for name in BIN_ARRAYS:
            if getattr(self, name) is None:
                continue
            value = np.asarray(getattr(self, name), dtype=float)
            if value.ndim == 0:
                value = np.full(n, value)
            if value.shape != (n,):
                raise StatisticError(
                    f"{name} must have one value for each bin, expected shape ({n},), got {value.shape}. "
                    "Give flat arrays of the same length."
                )
            put(self, name, value)
        offsets = np.array([0, n]) if self.offsets is None else np.asarray(self.offsets)
        offsets = offsets.astype(np.intp, copy=False)
        if (
            offsets.ndim != 1
            or not len(offsets)
            or offsets[0] != 0
            or offsets[-1] != n
            or (np.diff(offsets) < 0).any()
        ):
            raise StatisticError(
                f"offsets must rise from 0 to the number of bins ({n}), got {offsets}. "
                "Give the running sum of the number of bins of each problem."
            )
        put(self, "offsets", offsets)
        for name in PROBLEM_ARRAYS:
            if getattr(self, name) is not None:
                put(self, name, self._for_each_problem(name))
        put(self, "statistic", self._codes(n))
        if (self.counts_off is None or self.alpha is None) and np.any(self.statistic == WSTAT):
            raise StatisticError("wstat bins must have counts_off and alpha, got none. Give both arrays.")
        if self.error is None and np.any(self.statistic == CHI2):
            raise StatisticError("chi2 bins must have errors, got none. Give the array error.")

    def _for_each_problem(self, name: str) -> np.ndarray:
        value = np.asarray(getattr(self, name), dtype=float)
        m = len(self.offsets) - 1
        if value.shape not in ((), (m,)):
            raise StatisticError(
                f"{name} must have one value for each problem, expected shape ({m},), got {value.shape}. "
                "Sum the bins of each problem."
            )
        return np.array(np.broadcast_to(value, (m,)))

    def _codes(self, n: int) -> int | np.ndarray:
        """Return the code of the statistic: one number, or one for each bin where they differ."""
        statistic = self.statistic
        if statistic is None:
            if self.counts_off is not None and self.error is not None:
                raise StatisticError(
                    "statistic must be given for mixed bins, got None. Name it for each bin."
                )
            return WSTAT if self.counts_off is not None else CHI2 if self.error is not None else CASH
        if isinstance(statistic, str):
            if statistic not in _CODES:
                raise StatisticError(
                    f"statistic must be one of {list(_CODES)}, got {statistic!r}. Choose one."
                )
            return _CODES[statistic]
        codes = np.asarray(statistic)
        if codes.ndim == 0 and codes.dtype.kind in "iu" and codes in _CODES.values():
            return int(codes)
        if codes.dtype.kind in "US":
            codes = np.select([codes == name for name in _CODES], list(_CODES.values()), default=-1)
        if codes.ndim == 0:
            codes = np.full(n, codes)
        if codes.shape != (n,) or not np.isin(codes, list(_CODES.values())).all():
            raise StatisticError(
                f"statistic must name {list(_CODES)} (or 0, 1, 2) for each bin, got {statistic!r}. Check the array."
            )
        if n and (codes == codes[0]).all():
            return int(codes[0])
        return codes.astype(np.int8)

    @classmethod
    def from_arrays(cls, counts, background, signal, **arrays) -> NormProblems:
        """Make problems from arrays with one row for each problem.

        Parameters
        ----------
        counts, background, signal, **arrays : array_like, shape (M, ...)
            Broadcast against each other; all but the first dimension are the bins.

        Examples
        --------
        >>> NormProblems.from_arrays(np.ones((4, 10)), 0.1, np.ones(10))
        NormProblems(4 problems, 40 bins, cash)
        """
        statistic = arrays.pop("statistic", None)
        named = {"counts": counts, "background": background, "signal": signal, **arrays}
        named = {name: np.asarray(value, dtype=float) for name, value in named.items() if value is not None}
        shape = np.broadcast_shapes(*(value.shape for value in named.values()))
        flat = {name: np.broadcast_to(value, shape).ravel() for name, value in named.items()}
        m = shape[0] if shape else 1
        offsets = np.arange(m + 1) * int(np.prod(shape[1:], dtype=int))
        if statistic is not None and not isinstance(statistic, str):
            statistic = np.broadcast_to(statistic, shape).ravel()
        return cls(**flat, offsets=offsets, statistic=statistic)

    @classmethod
    def join(cls, parts: Sequence[NormProblems]) -> NormProblems:
        """Fit several datasets together: problem k of the result has the bins of problem k of each part.

        Examples
        --------
        >>> one = NormProblems([5.0], [1.0], [2.0])
        >>> two = NormProblems([3.0], [0.0], [1.0], counts_off=[8.0], alpha=[0.2])
        >>> NormProblems.join([one, two])
        NormProblems(1 problem, 2 bins, cash + wstat)
        """
        m = {part.n_problems for part in parts}
        if len(m) != 1:
            raise StatisticError(
                f"parts must have the same number of problems, got {sorted(m)}. Give empty problems where one lacks."
            )
        owner = np.concatenate([part.owner for part in parts])
        order = np.argsort(owner, kind="stable")
        lengths = np.bincount(owner, minlength=m.pop())
        sums: dict[str, Any] = {}
        for name in PROBLEM_ARRAYS:
            values = [getattr(part, name) for part in parts if getattr(part, name) is not None]
            if values:
                sums[name] = np.sum(values, axis=0)
        return cls._gather(parts, order, Segments.of_lengths(lengths).offsets, sums)

    @classmethod
    def stack(cls, parts: Sequence[NormProblems]) -> NormProblems:
        """Put problems of several parts one after the other."""
        lengths = np.concatenate([np.diff(part.offsets) for part in parts])
        sums: dict[str, Any] = {}
        for name in PROBLEM_ARRAYS:
            if any(getattr(part, name) is not None for part in parts):
                values = [getattr(part, name) for part in parts]
                sums[name] = np.concatenate(
                    [
                        np.zeros(part.n_problems) if v is None else v
                        for part, v in zip(parts, values, strict=True)
                    ]
                )
        return cls._gather(parts, slice(None), Segments.of_lengths(lengths).offsets, sums)

    @classmethod
    def _gather(cls, parts: Sequence[NormProblems], order, offsets: np.ndarray, sums) -> NormProblems:
        flat: dict[str, Any] = dict(sums)
        for name in BIN_ARRAYS:
            values = [getattr(part, name) for part in parts]
            if any(value is not None for value in values):
                fill = 1.0 if name == "weights" else np.nan
                flat[name] = np.concatenate(
                    [
                        np.full(part.n_bins, fill) if v is None else v
                        for part, v in zip(parts, values, strict=True)
                    ]
                )[order]
        codes = np.concatenate([np.broadcast_to(part.statistic, part.n_bins) for part in parts])[order]
        if len(codes) == 0:
            codes = parts[0].statistic
        return cls(**flat, offsets=offsets, statistic=codes)

    def select(self, which) -> NormProblems:
        """Return some of the problems, by index or mask."""
        which = np.asarray(which)
        which = np.flatnonzero(which) if which.dtype == bool else which.astype(np.intp)
        index, segments = Segments(self.offsets).take(which)
        return self._part(index, which, segments.offsets)

    def span(self, start: int, stop: int) -> NormProblems:
        """Return the problems from `start` to `stop`, without copying."""
        bins = slice(self.offsets[start], self.offsets[stop])
        return self._part(bins, slice(start, stop), self.offsets[start : stop + 1] - self.offsets[start])

    def _part(self, bins, which, offsets: np.ndarray) -> NormProblems:
        arrays: dict[str, Any] = {}
        for names, key in ((BIN_ARRAYS, bins), (PROBLEM_ARRAYS, which)):
            arrays |= {name: getattr(self, name)[key] for name in names if getattr(self, name) is not None}
        statistic = self.statistic if np.ndim(self.statistic) == 0 else self.statistic[bins]
        return NormProblems(**arrays, offsets=offsets, statistic=statistic)

    @property
    def n_problems(self) -> int:
        """Number of problems."""
        return len(self.offsets) - 1

    @property
    def n_bins(self) -> int:
        """Number of bins of all problems."""
        return len(self.counts)

    @property
    def owner(self) -> np.ndarray:
        """Problem to which each bin belongs, shape (n_bins,)."""
        return np.repeat(np.arange(self.n_problems), np.diff(self.offsets))

    def __len__(self) -> int:
        return self.n_problems

    def __repr__(self) -> str:
        names = " + ".join(
            name for name, code in _CODES.items() if np.any(np.asarray(self.statistic) == code)
        )
        plural = "" if self.n_problems == 1 else "s"
        return f"NormProblems({self.n_problems} problem{plural}, {self.n_bins} bins, {names})"
