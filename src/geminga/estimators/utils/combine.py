"""Flux maps of several telescopes or periods, combined."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import DataError, GeometryError, UnknownNameError
from ...maps import Map, MapAxis
from ...results import FluxMaps
from ...stats import ts_to_sigma
from ...units import to_value

__all__ = [
    "combine_flux_maps",
    "combine_significance_maps",
    "get_combined_flux_maps",
    "get_combined_significance_maps",
]

METHODS = ("gaussian_errors", "distrib", "profile")
DNDE = u.Unit("cm-2 s-1 TeV-1")
#: Rise of the statistic that stands for an infinite one.
FORBIDDEN = 1e6


def _check(maps):
    maps = list(maps)
    if not maps:
        raise DataError("maps must hold at least one flux map, got none. Estimate some first.")
    for other in maps[1:]:
        if other.geom.data_shape != maps[0].geom.data_shape or not other.geom.is_allclose(maps[0].geom):
            raise GeometryError(
                f"maps must share one geometry, got {maps[0].geom.data_shape} and {other.geom.data_shape}. "
                "Estimate them on the same pixels and energies."
            )
    return maps


def combine_significance_maps(maps):
    """Combine the significances of maps, energy bins included.

    Parameters
    ----------
    maps : sequence of `~geminga.estimators.FluxMaps`
        On the same pixels, with TS and excess.

    Returns
    -------
    dict
        ``ts``: sum of TS; ``df``: number of maps and energies that contribute at each pixel; ``significance``: that of
        the sum for so many degrees of freedom, with the sign of the sum of signed TS; ``npred_excess``: sum of the
        excess; ``estimator_results``: the maps.

    Notes
    -----
    An excess in one map and a deficit in another do not cancel: both are evidence against the null hypothesis.
    """
    maps = list(maps)
    if not maps:
        raise DataError("maps must hold at least one flux map, got none. Estimate some first.")
    image = maps[0].geom.to_image()
    sums = {name: np.zeros(image.data_shape) for name in ("ts", "signed", "df", "npred_excess")}
    for flux_maps in maps:
        other = flux_maps.geom.to_image()
        if other.data_shape != image.data_shape or not other.is_allclose(image):
            one, two = (
                f"{geom.data_shape} around {geom.center_skydir.to_string(precision=2)}"
                for geom in (image, other)
            )
            raise GeometryError(
                f"maps must have the same pixels, got {one} and {two}. Estimate them on one geometry."
            )
        ts = flux_maps.ts.data.reshape(-1, *image.data_shape)
        excess = flux_maps.npred_excess.data.reshape(-1, *image.data_shape)
        seen = np.isfinite(ts)
        sums["ts"] += np.where(seen, ts, 0.0).sum(axis=0)
        sums["signed"] += np.where(seen, ts * np.sign(np.nan_to_num(excess)), 0.0).sum(axis=0)
        sums["npred_excess"] += np.nan_to_num(excess).sum(axis=0)
        sums["df"] += seen.sum(axis=0)
    has = sums["df"] > 0
    significance = np.full(image.data_shape, np.nan)
    significance[has] = ts_to_sigma(sums["ts"][has], df=sums["df"][has]) * np.sign(sums["signed"][has])

    def as_map(values):
        return Map.from_geom(image, data=np.where(has, values, np.nan))

    return {
        "significance": as_map(significance),
        "df": Map.from_geom(image, data=sums["df"]),
        "ts": as_map(sums["ts"]),
        "npred_excess": as_map(sums["npred_excess"]),
        "estimator_results": maps,
    }


def get_combined_significance_maps(estimator, datasets):
    """Estimate maps for each dataset and combine their significances.

    Parameters
    ----------
    estimator : `~geminga.estimators.ExcessMapEstimator` or `~geminga.estimators.TSMapEstimator`
    datasets : `~geminga.datasets.Datasets`

    Returns
    -------
    dict
        See `combine_significance_maps`.
    """
    return combine_significance_maps([estimator.run(dataset) for dataset in datasets])


def get_combined_flux_maps(
    estimator, datasets, method="gaussian_errors", reference_model=None, dnde_scan_axis=None
):
    """Estimate maps for each dataset and combine their fluxes.

    Parameters
    ----------
    estimator : `~geminga.estimators.ExcessMapEstimator` or `~geminga.estimators.TSMapEstimator`
    datasets : `~geminga.datasets.Datasets`
    method, reference_model, dnde_scan_axis
        As in `combine_flux_maps`.

    Returns
    -------
    dict
        ``flux_maps``: the combination; ``estimator_results``: the maps of each dataset.
    """
    results = [estimator.run(dataset) for dataset in datasets]
    combined = combine_flux_maps(results, method, reference_model, dnde_scan_axis)
    return {"flux_maps": combined, "estimator_results": results}


def combine_flux_maps(maps, method="gaussian_errors", reference_model=None, dnde_scan_axis=None):
    """Combine the fluxes of maps, energy bin by energy bin.

    Parameters
    ----------
    maps : sequence of `~geminga.estimators.FluxMaps`
        On the same geometry.
    method : {"gaussian_errors", "distrib", "profile"}
        Means weighted with the inverse squares of the errors; sums of likelihood profiles that are parabolas from the
        asymmetric errors; or sums of the profiles that were scanned.
    reference_model : SkyModel or SpectralModel, optional
        Of the result. By default that of the first.
    dnde_scan_axis : `~geminga.maps.MapAxis`, optional
        Values of dnde at which profiles are added up. By default 200 that cover all maps.

    Returns
    -------
    `~geminga.estimators.FluxMaps`
        With norm, norm_err, ts; from profiles also norm_errn, norm_errp, norm_ul, stat, stat_null and stat_scan.
    """
    if method not in METHODS:
        raise UnknownNameError("method to combine flux maps", method, METHODS)
    maps = _check(maps)
    reference_model = maps[0].reference_model if reference_model is None else reference_model
    if method == "gaussian_errors":
        return _weighted_mean(maps, reference_model)
    if dnde_scan_axis is None:
        dnde_scan_axis = _scan_axis(maps)
    profile = _scanned if method == "profile" else _parabola
    x = to_value(dnde_scan_axis.center, DNDE, "dnde_scan_axis")
    null = sum(_rise_without_flux(item, profile) for item in maps)
    return _from_profiles(maps, sum(profile(item, x) for item in maps), null, dnde_scan_axis, reference_model)


def _dnde(maps, name) -> np.ndarray:
    return getattr(maps, name).quantity.to_value(DNDE)


def _meta(maps):
    return {**maps[0].meta, "sed_type_init": "likelihood"}


def _weighted_mean(maps, reference_model):
    weight, total, ts = 0.0, 0.0, 0.0
    for item in maps:
        value, error = _dnde(item, "dnde"), _dnde(item, "dnde_err") / item.n_sigma
        good = np.isfinite(value) & np.isfinite(error) & (error > 0)
        w = np.divide(1.0, error**2, out=np.zeros_like(error), where=good)
        weight, total = weight + w, total + np.where(good, w * value, 0.0)
        rest = item.ts.data - w * value**2 if item.has_any_ts else np.zeros(value.shape)
        ts = ts + np.where(good & np.isfinite(rest), rest, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean, error = total / weight, weight**-0.5
        ts = ts + mean**2 * weight
    n_sigma = maps[0].n_sigma
    values = {"dnde": mean, "dnde_err": error * n_sigma}
    data = {name: Map.from_geom(maps[0].geom, data=array, unit=DNDE) for name, array in values.items()}
    data["ts"] = Map.from_geom(maps[0].geom, data=np.where(weight > 0, ts, np.nan))
    return FluxMaps.from_maps(data, "dnde", reference_model, meta=_meta(maps))


def _scan_axis(maps):
    """Return an axis that covers what all maps allow."""
    low = min(np.nanmin(_dnde(item, "dnde") - 6 * _dnde(item, "dnde_err")) for item in maps)
    high = max(np.nanmax(_dnde(item, "dnde") + 6 * _dnde(item, "dnde_err")) for item in maps)
    return MapAxis.from_nodes(np.linspace(low, high, 200) * DNDE, name="dnde", interp="lin")


def _parabola(item, x) -> np.ndarray:
    """Return a profile from the errors of a map, shape (n_energy, n_scan, n_lat, n_lon)."""
    best = _dnde(item, "dnde")[:, np.newaxis]
    names = item.available_quantities
    below, above = (
        _dnde(item, f"dnde{suffix}" if f"norm{suffix}" in names else "dnde_err")[:, np.newaxis] / item.n_sigma
        for suffix in ("_errn", "_errp")
    )
    distance = x.reshape(1, -1, 1, 1) - best
    with np.errstate(invalid="ignore", divide="ignore"):
        rise = (distance / np.where(distance < 0, below, above)) ** 2
    return np.nan_to_num(rise, posinf=FORBIDDEN)


def _scanned(item, x) -> np.ndarray:
    """Return the scanned profile of a map at other fluxes, linear in the signed root of its rise."""
    if not item.has_stat_profiles:
        raise DataError(
            "maps must have likelihood profiles for method 'profile', got none. "
            "Estimate with selection_optional=['scan'], or use method 'distrib'."
        )
    scan = item._data["stat_scan"]
    position = scan.geom.axes.index_data("norm")
    norms = scan.geom.axes["norm"].center.to_value("")
    rise = np.moveaxis(np.asarray(scan.data, float), position, 1) - item.stat.data[:, np.newaxis]
    side = np.where(norms.reshape(1, -1, 1, 1) < item.norm.data[:, np.newaxis], -1.0, 1.0)
    # forbidden norms have an infinite statistic; a large one can be interpolated
    root = side * np.sqrt(np.clip(np.nan_to_num(rise, posinf=FORBIDDEN), 0, FORBIDDEN))
    # the minimum lies between scanned values; through it the root is nearly a straight line
    result = np.empty((len(root), len(x), *root.shape[2:]))
    reference = item.dnde_ref.to_value(DNDE).ravel()
    for row in range(len(root)):
        at = x / reference[row]
        left = np.clip(np.searchsorted(norms, at) - 1, 0, len(norms) - 2)
        weight = ((at - norms[left]) / (norms[left + 1] - norms[left])).reshape(-1, 1, 1)
        result[row] = (root[row][left] * (1 - weight) + root[row][left + 1] * weight) ** 2
    return np.nan_to_num(result)


def _rise_without_flux(item, profile) -> np.ndarray:
    """Return how far the statistic of a map without any flux is above its minimum: its TS, where it is known."""
    rise = profile(item, np.zeros(1))[:, 0]
    return np.where(np.isfinite(item.ts.data), item.ts.data, rise) if item.has_any_ts else rise


def _from_profiles(maps, profile, null, axis, reference_model):
    """Return flux maps from the sum of profiles, shape (n_energy, n_scan, n_lat, n_lon), and that without flux."""
    first = maps[0]
    x = to_value(axis.center, DNDE, "dnde_scan_axis")
    lowest = np.argmin(profile, axis=1)
    inside = np.clip(lowest, 1, len(x) - 2)[:, np.newaxis]
    left, middle, right = (np.take_along_axis(profile, inside + step, axis=1)[:, 0] for step in (-1, 0, 1))
    below, above = (np.diff(x)[inside[:, 0] + step] for step in (-1, 0))
    # the parabola through three points, which need not be equally far apart
    left_slope, right_slope = (middle - left) / below, (right - middle) / above
    bend = (right_slope - left_slope) / (below + above)
    slope = (left_slope * above + right_slope * below) / (below + above)
    with np.errstate(invalid="ignore", divide="ignore"):
        shift = np.clip(-0.5 * slope / bend, -below, above)
    # beside a forbidden flux there is no parabola
    shift = np.where(np.maximum(left, right) < FORBIDDEN, shift, 0.0)
    best = x[inside[:, 0]] + shift
    # each map has risen by 0 at least
    minimum = np.maximum(middle + shift * (slope + shift * bend), 0.0)
    rise = profile - minimum[:, np.newaxis]
    n_sigma_ul = first.n_sigma_ul or 2
    values = {
        "dnde": best,
        "dnde_errn": best - _crossing(x, rise, lowest, first.n_sigma**2, -1),
        "dnde_errp": _crossing(x, rise, lowest, first.n_sigma**2, 1) - best,
        "dnde_ul": _crossing(x, rise, lowest, n_sigma_ul**2, 1),
    }
    values["dnde_err"] = 0.5 * (values["dnde_errn"] + values["dnde_errp"])
    seen = np.any([np.isfinite(item.norm.data) for item in maps], axis=0)
    data = {
        name: Map.from_geom(first.geom, data=np.where(seen, array, np.nan), unit=DNDE)
        for name, array in values.items()
    }
    fit = {"ts": null - minimum, "stat": minimum, "stat_null": null}
    data |= {
        name: Map.from_geom(first.geom, data=np.where(seen, array, np.nan)) for name, array in fit.items()
    }
    geom = first.geom.to_image().to_cube([axis, first.energy_axis])
    data["stat_scan"] = Map.from_geom(geom, data=profile)
    return FluxMaps.from_maps(data, "dnde", reference_model, meta={**_meta(maps), "n_sigma_ul": n_sigma_ul})


def _crossing(x, rise, lowest, level, side):
    """Return where profiles reach a level on one side of their minimum, by linear interpolation of their root."""
    root = np.sqrt(np.clip(rise, 0, None))
    index = np.arange(len(x)).reshape(1, -1, 1, 1)
    start = lowest[:, np.newaxis]
    outside = (index - start) * side > 0
    beyond = outside & (rise >= level)
    has = beyond.any(axis=1)
    order = beyond if side > 0 else beyond[:, ::-1]
    first = np.argmax(order, axis=1)
    first = first if side > 0 else len(x) - 1 - first
    inner = np.clip(first - side, 0, len(x) - 1)
    at, before = (np.take_along_axis(root, which[:, np.newaxis], axis=1)[:, 0] for which in (first, inner))
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.clip((np.sqrt(level) - before) / (at - before), 0, 1)
    return np.where(has, x[inner] + weight * (x[first] - x[inner]), np.nan)
