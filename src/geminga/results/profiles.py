"""What likelihood profiles of flux points still tell after the fit: other limits, other bins."""

from __future__ import annotations

import numpy as np

from ..errors import AxisMismatchError, DataError
from ..maps import Map
from .quantities import COUNTS_QUANTITIES

__all__ = ["profile_crossings", "recompute_ul", "resample_axis"]

#: Points of the fine grid on which a profile is interpolated between its scanned values.
N_FINE = 2000


def profile_crossings(values, stat, delta):
    """Return minimum and crossings of likelihood profiles.

    Parameters
    ----------
    values : ndarray, shape (n_scan,) or (n, n_scan)
        Scanned norms.
    stat : ndarray, shape (n, n_scan)
        Statistic at these norms.
    delta : float
        Height above the minimum at which the crossings lie.

    Returns
    -------
    best, lower, upper, minimum : ndarray, shape (n,)
        NaN where the profile does not cross inside or near the scanned range.

    Notes
    -----
    The profile is interpolated by a cubic spline in the statistic and extended by its last parabola.
    """
    from scipy.interpolate import CubicSpline

    stat = np.atleast_2d(stat)
    grids = np.broadcast_to(values, stat.shape)
    result = np.full((4, len(stat)), np.nan)
    for index, (x, y) in enumerate(zip(grids, stat, strict=True)):
        good = np.isfinite(x) & np.isfinite(y)
        if good.sum() < 4:
            continue
        x, y = x[good], y[good]
        spline = CubicSpline(x, y)
        margin = x[-1] - x[0]
        fine = np.linspace(x[0] - margin, x[-1] + margin, N_FINE)
        heights = spline(np.clip(fine, x[0], x[-1]))
        for end, slope_sign in ((x[0], -1), (x[-1], 1)):
            outside = fine < end if slope_sign < 0 else fine > end
            step = fine[outside] - end
            heights[outside] = spline(end) + spline(end, 1) * step + 0.5 * max(spline(end, 2), 0) * step**2
        lowest = int(np.argmin(heights))
        best, minimum = fine[lowest], heights[lowest]
        above = heights - minimum - delta
        result[0, index], result[3, index] = best, minimum
        result[1, index] = _first_root(fine[: lowest + 1][::-1], above[: lowest + 1][::-1])
        result[2, index] = _first_root(fine[lowest:], above[lowest:])
    return tuple(result)


def _first_root(x, y):
    """Return where y first turns positive, by linear interpolation."""
    positive = np.flatnonzero(y > 0)
    if positive.size == 0 or positive[0] == 0:
        return np.nan
    i = positive[0]
    return x[i - 1] - y[i - 1] * (x[i] - x[i - 1]) / (y[i] - y[i - 1])


def _scan(points):
    if not points.has_stat_profiles:
        raise DataError(
            "flux points must have likelihood profiles, got none. Estimate with selection_optional=['scan']."
        )
    scan = points._data["stat_scan"]
    return scan.geom.axes["norm"].center.to_value(""), scan.data[..., 0, 0]


def recompute_ul(points, n_sigma_ul=2, **kwargs):
    """Return flux points with upper limits at another confidence, from their likelihood profiles.

    Parameters
    ----------
    points : FluxPoints
        With ``stat_scan``.
    n_sigma_ul : float
        Number of standard deviations.
    **kwargs
        Accepted for scripts that pass interpolation options; the profile is always a cubic spline.

    Returns
    -------
    FluxPoints
    """
    norms, stat = _scan(points)
    _, _, upper, _ = profile_crossings(norms, stat.reshape(-1, norms.size), float(n_sigma_ul) ** 2)
    new = points.copy()
    norm = new._data["norm"]
    new._data["norm_ul"] = norm.copy(data=upper.reshape(norm.data.shape))
    new.meta["n_sigma_ul"] = n_sigma_ul
    return new


def _groups(axis, axis_new):
    """Return first and last old bin of each new bin, a table."""
    edges = (
        list(zip(axis_new.time_min, axis_new.time_max, strict=True))
        if hasattr(axis_new, "time_min")
        else axis_new.edges
    )
    groups = axis.group_table(edges)
    groups = groups[[str(kind).strip() == "normal" for kind in groups["bin_type"]]]
    if len(groups) != axis_new.nbin:
        raise AxisMismatchError(
            f"each new bin of axis {axis.name!r} must hold a present bin, got {axis_new.nbin} new bins of which "
            f"{len(groups)} do. Take edges of the present axis."
        )
    return groups


def resample_axis(points, axis_new):
    """Return flux points in wider bins, from the sum of their likelihood profiles.

    Parameters
    ----------
    points : FluxPoints
        With ``stat_scan``.
    axis_new : `~geminga.maps.MapAxis` or `~geminga.maps.TimeMapAxis`
        Its edges should be edges of the present axis.

    Returns
    -------
    FluxPoints

    Raises
    ------
    AxisMismatchError
        If a new bin holds no present bin.
    """
    norms, _ = _scan(points)
    axis = points.geom.axes[axis_new.name]
    groups = _groups(axis, axis_new)
    index = points.geom.axes.index_data(axis_new.name)

    def grouped(map_, function, position):
        parts = [
            function(
                np.take(map_.data, range(int(row["idx_min"]), int(row["idx_max"]) + 1), axis=position),
                position,
            )
            for row in groups
        ]
        return np.concatenate(parts, axis=position)

    def total(block, position):
        return np.nansum(block, axis=position, keepdims=True)

    scan = points._data["stat_scan"]
    scan_axes = [axis_new if a.name == axis_new.name else a for a in scan.geom.axes]
    scan_geom = scan.geom.to_image().to_cube(scan_axes)
    scan_sum = grouped(scan, total, scan.geom.axes.index_data(axis_new.name))
    geom = points.geom.to_image().to_cube(
        [axis_new if a.name == axis_new.name else a for a in points.geom.axes]
    )
    best, low, high, minimum = profile_crossings(norms, scan_sum[..., 0, 0].reshape(-1, norms.size), 1.0)
    n_sigma_ul = points.n_sigma_ul or 2
    _, _, upper, _ = profile_crossings(norms, scan_sum[..., 0, 0].reshape(-1, norms.size), n_sigma_ul**2)

    def as_map(values):
        return Map.from_geom(geom, data=np.reshape(values, geom.data_shape))

    data = {
        "norm": as_map(best),
        "norm_err": as_map(0.5 * (high - low)),
        "norm_errn": as_map(best - low),
        "norm_errp": as_map(high - best),
        "norm_ul": as_map(upper),
        "stat": as_map(minimum),
        "stat_scan": Map.from_geom(scan_geom, data=scan_sum),
    }
    if "stat_null" in points._data:
        null = grouped(points._data["stat_null"], total, index)
        data["stat_null"] = as_map(null)
        data["ts"] = as_map(null.reshape(-1) - minimum)
    for name in (*COUNTS_QUANTITIES, "counts"):
        if name in points._data and points._data[name].data.ndim == points._data["norm"].data.ndim:
            data[name] = as_map(grouped(points._data[name], total, index))
    meta = {**points.meta, "n_sigma_ul": n_sigma_ul}
    return type(points)(data, points.reference_model, meta, points.gti)
