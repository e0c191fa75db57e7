"""Residuals of counts, in energy and on the sky."""

from __future__ import annotations

import numpy as np

from ...datasets.residuals import residuals_of
from ...errors import DataError, UnknownNameError
from ...maps import Map
from ..figure import COLORS, default_axes, new_figure
from ..maps.hpx_map import flat_image
from ..maps.regions import draw_regions, sky_projection
from ..maps.wcs_map import plot_wcs_map
from .panels import dress, energies, shade_masks, spectrum_of, used_energies

__all__ = ["plot_residuals", "plot_residuals_spatial", "plot_residuals_spectral"]

LABELS = {
    "diff": "Data − model",
    "diff/model": "(Data − model)\n/ model",
    "diff/sqrt(model)": "(Data − model)\n/ √model",
}


def _check_method(method):
    if method not in LABELS:
        raise UnknownNameError("method of residuals", method, LABELS)


def plot_residuals_spectral(
    dataset, ax=None, method="diff", region=None, kwargs_fit=None, kwargs_safe=None, **kwargs
):
    """Plot residuals of the counts against energy.

    Parameters
    ----------
    dataset : MapDataset
    ax : `~matplotlib.axes.Axes`, optional
    method : {"diff", "diff/sqrt(model)", "diff/model"}
    region : `~regions.SkyRegion`, optional
        Take the counts inside of a map.
    kwargs_fit, kwargs_safe : dict, optional
        Accepted for scripts; unused energies are shaded.
    **kwargs
        Passed to `matplotlib.axes.Axes.errorbar`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    _check_method(method)
    ax = default_axes(ax)
    edges, center, _ = energies(dataset)
    counts, predicted = (_spectrum(part, dataset, region) for part in (dataset.counts, dataset.npred()))
    error = np.sqrt(np.maximum(counts, 1.0))
    scale = {
        "diff": np.ones_like(predicted),
        "diff/model": predicted,
        "diff/sqrt(model)": np.sqrt(predicted),
    }[method]
    good = (scale > 0) & used_energies(dataset)
    style = {"fmt": "o", "markersize": 4, "color": COLORS["data"], "elinewidth": 1, **kwargs}
    shade_masks(ax, dataset)
    ax.errorbar(
        center[good],
        ((counts - predicted)[good] / scale[good]),
        yerr=error[good] / scale[good],
        xerr=[(center - edges[:-1])[good], (edges[1:] - center)[good]],
        **style,
    )
    ax.axhline(0, color="0.5", linewidth=0.8)
    limit = np.nanmax(np.abs(ax.get_ylim()))
    ax.set_ylim(-limit, limit)
    dress(ax, dataset, LABELS[method])
    return ax


def _spectrum(map_, dataset, region):
    """Return the sums of a map inside the mask for each energy, over a region if there is one."""
    if dataset._geom.is_region:
        return spectrum_of(map_)
    mask = dataset.mask
    values = np.asarray(map_.data, dtype=float)
    map_ = Map.from_geom(map_.geom, data=values if mask is None else values * mask.data, dtype=float)
    return spectrum_of(map_ if region is None else map_.to_region_nd_map(region, func=np.sum))


def plot_residuals_spatial(
    dataset, ax=None, method="diff", smooth_kernel="gauss", smooth_radius="0.1 deg", **kwargs
):
    """Plot residuals of the counts on the sky, summed over energy and smoothed.

    Parameters
    ----------
    dataset : MapDataset
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    method : {"diff", "diff/sqrt(model)", "diff/model"}
    smooth_kernel : {"gauss", "disk", "box"}
    smooth_radius : `~astropy.units.Quantity` or str
        Width of the kernel.
    **kwargs
        Passed to ``WcsNDMap.plot``.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    _check_method(method)
    if dataset._geom.is_region:
        raise DataError(
            f"dataset {dataset.name!r} must have pixels to plot residuals on the sky, got a region. "
            "Use plot_residuals_spectral."
        )
    image = flat_image(_residual_image(dataset, method, smooth_kernel, smooth_radius))
    style = {
        "cmap": "RdBu_r",
        "add_cbar": True,
        "kwargs_colorbar": {"label": LABELS[method].replace("\n", " ")},
    }
    if not {"vmin", "vmax", "norm"} & set(kwargs):
        values = np.abs(image.data[np.isfinite(image.data)])
        limit = np.percentile(values, 99.5) if values.size else 0.0
        limit = limit if limit > 0 else 1.0
        style |= {"vmin": -limit, "vmax": limit}
    return plot_wcs_map(image, ax=ax, **{**style, **kwargs})


def _residual_image(dataset, method, kernel, width):
    """Return residuals of counts that are summed over energy, smoothed like the mask and divided by it."""
    geom = dataset._geom.to_image()
    counts, predicted = (np.asarray(part.data, dtype=float) for part in (dataset.counts, dataset.npred()))
    mask = np.ones(counts.shape, bool) if dataset.mask is None else np.asarray(dataset.mask.data, dtype=bool)
    seen = mask.any(axis=0)
    counts, predicted, weight = (
        Map.from_geom(geom, data=part).smooth(width, kernel=kernel).data
        for part in ((counts * mask).sum(axis=0), (predicted * mask).sum(axis=0), seen.astype(float))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        values = residuals_of(counts / weight, predicted / weight, method)
    return Map.from_geom(geom, data=np.where(seen, values, np.nan), dtype=float)


def plot_residuals(dataset, ax_spatial=None, ax_spectral=None, kwargs_spatial=None, kwargs_spectral=None):
    """Plot residuals on the sky and in energy; of regions in energy alone.

    Parameters
    ----------
    dataset : MapDataset
    ax_spatial, ax_spectral : `~matplotlib.axes.Axes`, optional
    kwargs_spatial : dict, optional
        Passed to `plot_residuals_spatial`.
    kwargs_spectral : dict, optional
        Passed to `plot_residuals_spectral`; its region is drawn on the sky.

    Returns
    -------
    tuple of `~matplotlib.axes.Axes`
        The first is None for regions.
    """
    kwargs_spatial, kwargs_spectral = kwargs_spatial or {}, kwargs_spectral or {}
    if dataset._geom.is_region:
        return None, plot_residuals_spectral(dataset, ax=ax_spectral, **kwargs_spectral)
    if ax_spatial is None or ax_spectral is None:
        figure = new_figure((12, 4.6), compress=True)
        if ax_spatial is None:
            image = flat_image(Map.from_geom(dataset._geom.to_image()))
            ax_spatial = figure.add_subplot(1, 2, 1, **sky_projection(image.geom))
        ax_spectral = ax_spectral or figure.add_subplot(1, 2, 2)
    plot_residuals_spatial(dataset, ax=ax_spatial, **kwargs_spatial)
    plot_residuals_spectral(dataset, ax=ax_spectral, **kwargs_spectral)
    region = kwargs_spectral.get("region")
    if region is not None:
        draw_regions([region], ax_spatial, color="black")
    return ax_spatial, ax_spectral
