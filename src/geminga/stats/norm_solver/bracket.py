"""Where the minimum of each problem must be: between the norms that single bins would choose."""

from __future__ import annotations

import numpy as np

from .status import NormStatus

__all__ = ["bracket"]


def bracket(terms):
    """Return an interval that contains the minimum, a first guess, and a status for problems solved or hopeless."""
    m = terms.n_problems
    low, high = np.full(m, np.inf), np.full(m, -np.inf)
    excess, signal = np.zeros(m), np.zeros(m)
    for block in terms.blocks:
        own_low, own_high = block.minima()
        low, high = np.minimum(low, own_low), np.maximum(high, own_high)
        own_excess, own_signal = block.excess()
        excess += own_excess
        signal += own_signal
    lower, upper = terms.borders()
    state = np.zeros(m, dtype=np.int8)

    if terms.cash is not None and terms.wstat is None and terms.chi2 is None:
        _tighten_cash(terms, low, high, lower)
    low, high = np.maximum(low, lower), np.minimum(high, upper)
    with np.errstate(divide="ignore", invalid="ignore"):
        start = excess / signal

    state[~(low <= high) | (lower >= upper)] = NormStatus.IMPOSSIBLE
    if terms.flat is not None:
        # nothing but bins without counts: a straight line down to the first prediction of 0
        alone = terms.without_counts()
        down = terms.flat.cut_below
        up = terms.flat.cut_above
        total = terms.flat.total_signal
        end = np.where(total > 0, down, np.where(total < 0, up, np.clip(0.0, down, up)))
        state[alone] = NormStatus.AT_LIMIT
        start = np.where(alone, end, start)
    inside = (start > low) & (start < high)
    with np.errstate(invalid="ignore"):
        middle = np.where(np.isfinite(low) & np.isfinite(high), low + 0.5 * (high - low), 0.0)
        middle = np.clip(middle, low, high)
    start = np.where(inside | (state == NormStatus.AT_LIMIT), start, middle)
    return low, high, start, state


def _tighten_cash(terms, low, high, lower) -> None:
    r"""Narrow the brackets of pure Cash problems with signal >= 0.

    With r = background / signal the slope vanishes where :math:`\sum n / (r + x) = S`. One term alone gives
    :math:`x > n/S - r`, all terms with the smallest r give :math:`x < N/S - r_{min}`.
    """
    cash, flat = terms.cash, terms.flat
    if cash is None or (cash.s < 0).any() or (flat is not None and (flat.s < 0).any()):
        return
    has = cash.segments.lengths > 0
    seen = np.where(has, cash.total_signal, 1.0)
    total = seen + (flat.total_signal if flat is not None else 0.0)
    ratio = cash.c / cash.s
    one = cash.segments.max(cash.n / cash.segments.spread(total) - ratio)
    counts = cash.segments.sum(cash.n)
    every = np.where(has, counts / total + lower, np.inf)
    if flat is not None:
        # where bins without counts are cut at 0 their signal does not pull
        every = np.where(every >= flat.cut_below, every, counts / seen + lower)
    np.maximum(low, one, out=low, where=has)
    np.minimum(high, every, out=high, where=has)
    # rounding can swap ends that are equal, as they are for one bin
    swapped = has & (low > high)
    middle = 0.5 * (low + high)
    low[swapped] = high[swapped] = middle[swapped]
