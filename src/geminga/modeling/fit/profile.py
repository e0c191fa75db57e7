"""Profiles of the statistic over one or two parameters."""

from __future__ import annotations

import numpy as np

from ...errors import FitError
from .confidence import profile_value

__all__ = ["scan", "stat_profile_ul_scipy"]


def scan(objective, indices, grids, best, reoptimize: bool):
    """Return the statistic on a grid of values of some parameters.

    Parameters
    ----------
    objective : `~geminga.modeling.fit.objective.Objective`
    indices : sequence of int
        Positions of the parameters.
    grids : sequence of ndarray
        Their values, in units of the parameters.
    best : ndarray, shape (n,)
        Values of all parameters around which to scan.
    reoptimize : bool
        Minimise over the other parameters, or keep them.

    Returns
    -------
    stat : ndarray, shape (n_1, ...)
    points : list of tuple
        For each point of a reoptimised scan: values of all parameters, statistic, success, evaluations.
    """
    shape = tuple(len(grid) for grid in grids)
    stat = np.zeros(shape)
    points: list = [None] * int(np.prod(shape)) if reoptimize else []
    others = [i for i in range(len(best)) if i not in set(indices)]
    for number in _outward(shape, indices, grids, best):
        position = np.unravel_index(number, shape)
        values = np.array(best, dtype=float)
        values[list(indices)] = [grid[i] for grid, i in zip(grids, position, strict=True)]
        if not reoptimize:
            stat[position] = objective.stat(objective.factors(values))
            continue
        start = _neighbour(points, position, shape)
        start = values[others] if start is None else start[others]
        stat[position], values[others], success, nfev = profile_value(
            objective, indices, values[list(indices)], start
        )
        points[number] = (values, float(stat[position]), success, nfev)
    return stat, points


def _outward(shape, indices, grids, best):
    """Return the numbers of the grid points, those next to the best fit first, so that each starts near its end."""
    distance = np.zeros(shape)
    for axis, (index, grid) in enumerate(zip(indices, grids, strict=True)):
        centre = np.argmin(np.abs(np.asarray(grid) - best[index]))
        steps = np.abs(np.arange(len(grid)) - centre)
        distance = distance + steps.reshape([-1 if i == axis else 1 for i in range(len(shape))])
    return np.argsort(distance, axis=None, kind="stable")


def _neighbour(points, position, shape):
    """Return the values found at a point beside this one, if there is one already."""
    for axis in range(len(shape)):
        for step in (-1, 1):
            beside = list(position)
            beside[axis] += step
            if 0 <= beside[axis] < shape[axis]:
                found = points[int(np.ravel_multi_index(beside, shape))]
                if found is not None:
                    return found[0]
    return None


def stat_profile_ul_scipy(value_scan, stat_scan, delta_ts=4, interp_scale="sqrt", **kwargs):
    """Return an upper limit from a profile of the statistic.

    Parameters
    ----------
    value_scan : array_like, shape (n,)
        Values of the parameter, rising.
    stat_scan : array_like, shape (n,)
        Statistic at them.
    delta_ts : float
        Rise of the statistic above its minimum at the limit.
    interp_scale : {"sqrt", "lin"}
        How to interpolate the profile.
    **kwargs : dict
        Arguments of `scipy.optimize.brentq`.

    Returns
    -------
    float

    Raises
    ------
    FitError
        If the profile does not rise that far.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.linspace(-5, 5, 7)
    >>> round(float(stat_profile_ul_scipy(x, x**2)), 6)
    2.0
    """
    from scipy.optimize import brentq, minimize_scalar

    from ...numerics.interpolation import interpolate_profile

    values = np.asarray(value_scan, dtype=float).reshape(-1)
    stat = np.asarray(stat_scan, dtype=float).reshape(-1)
    profile = interpolate_profile(values, stat, interp_scale=interp_scale)
    lowest = int(np.argmin(stat))
    bracket = values[max(lowest - 1, 0)], values[min(lowest + 1, len(values) - 1)]
    found = minimize_scalar(
        profile, bounds=bracket, method="bounded", options={"xatol": 1e-10 * np.ptp(values)}
    )
    best, stat_best = (found.x, found.fun) if found.fun < stat[lowest] else (values[lowest], stat[lowest])

    def rise(value):
        return profile(value) - stat_best - delta_ts

    above = values[values > best]
    crossed = np.flatnonzero(stat[values > best] - stat_best - delta_ts >= 0)
    if not len(crossed):
        raise FitError(
            f"profile must rise by {delta_ts} above its minimum to give a limit, got {np.max(stat) - stat_best:.3g}. "
            "Scan to higher values."
        )
    low = best if crossed[0] == 0 else above[crossed[0] - 1]
    return brentq(rise, low, above[crossed[0]], **kwargs)
