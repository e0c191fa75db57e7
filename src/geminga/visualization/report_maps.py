"""The figures of a report on maps."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from matplotlib.ticker import MaxNLocator

from ..datasets import stack_covering
from ..maps import Map
from .datasets import plot_residuals
from .figure import COLORS, new_figure, to_png
from .maps import plot_wcs_map
from .maps.regions import sky_projection
from .report_figure import ReportFigure

__all__ = ["map_figures"]

SMOOTHING = 0.05 * u.deg


def map_figures(analysis) -> list[ReportFigure]:
    """Draw the sky of an analysis of maps: counts, significance, residuals.

    Parameters
    ----------
    analysis : `~geminga.analysis.Analysis`
    """
    datasets = analysis.datasets
    figures = [_counts(stack_covering(datasets, name="all"))]
    if analysis.excess_map is not None:
        figures.append(_significance(analysis.excess_map, analysis.fit_result is not None))
    if analysis.fit_result is not None:
        figures.append(_residuals(stack_covering(datasets, name="all", with_models=True)))
    return figures


def _counts(dataset):
    mask = np.ones(dataset.data_shape, dtype=bool) if dataset.mask is None else dataset.mask.data.astype(bool)
    image = Map.from_geom(dataset._geom.to_image(), data=(dataset.counts.data * mask).sum(axis=0))
    figure = new_figure((7.2, 4.8), compress=True)
    ax = figure.add_subplot(1, 1, 1, **sky_projection(image.geom))
    plot_wcs_map(image.smooth(SMOOTHING), ax=ax, add_cbar=True, kwargs_colorbar={"label": "Counts per pixel"})
    low, high = dataset._geom.axes["energy"].edges[[0, -1]]
    caption = (
        f"Counts from {low.to_string(precision=3)} to {high.to_string(precision=3)} in safe bins, smoothed with "
        f"{SMOOTHING}."
    )
    return ReportFigure("counts", "counts", "Counts on the sky", caption, to_png(figure))


def _significance(excess, is_fitted):
    sqrt_ts = excess.sqrt_ts
    image = sqrt_ts.slice_by_idx({"energy": slice(0, 1)}).reduce_over_axes()
    values = image.data[np.isfinite(image.data)]
    limit = max(5.0, float(np.quantile(np.abs(values), 0.999))) if values.size else 5.0
    figure = new_figure((11.4, 4.6), compress=True)
    sky = figure.add_subplot(1, 2, 1, **sky_projection(image.geom))
    plot_wcs_map(
        image, ax=sky, add_cbar=True, cmap="RdBu_r", vmin=-limit, vmax=limit, kwargs_colorbar={"label": "√TS"}
    )
    ax = figure.add_subplot(1, 2, 2)
    edges = np.arange(np.floor(values.min(initial=-5)), np.ceil(min(values.max(initial=5), 12)) + 0.2, 0.2)
    ax.hist(values, bins=edges, density=True, color=COLORS["soft"], label="Pixels")
    x = np.linspace(-5, 5, 201)
    ax.plot(x, np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi), color=COLORS["model"], label="Standard normal")
    ax.set(yscale="log", ylim=(max(1e-5, 0.5 / max(values.size, 1)), 1), xlabel="√TS", ylabel="Density")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.legend(frameon=False)
    low, high = excess.geom.axes["energy"].edges[[0, 1]]
    over = "over the fitted model" if is_fitted else "over the background"
    caption = (
        f"Significance of the excess {over} around each pixel, {low.to_string(precision=3)} to "
        f"{high.to_string(precision=3)}. "
        "Without sources its distribution is the standard normal one; neighbouring pixels share events."
    )
    return ReportFigure("significance", "counts", "Significance map", caption, to_png(figure))


def _residuals(dataset):
    sky, _ = plot_residuals(
        dataset,
        kwargs_spatial={"method": "diff/sqrt(model)", "vmin": -1, "vmax": 1, "smooth_radius": "0.1 deg"},
    )
    caption = (
        "What the fitted model leaves, over the root of what it predicts, smoothed: on the sky and in energy."
    )
    return ReportFigure("residuals", "model", "Residuals of the fit", caption, to_png(sky.figure))
