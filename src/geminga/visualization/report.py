"""The figures of a report."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from .datasets import plot_counts, plot_fit, plot_flux_points_fit
from .figure import COLORS, new_figure, to_png
from .report_figure import ReportFigure
from .report_maps import map_figures
from .spectral import plot_spectral_model

__all__ = ["ReportFigure", "report_figures"]


def report_figures(analysis, truth=None) -> list[ReportFigure]:
    """Draw the figures of an analysis.

    Parameters
    ----------
    analysis : `~geminga.analysis.Analysis`
    truth : `~geminga.modeling.models.Models`, optional
        True models of a simulation, drawn beside the fit.

    Returns
    -------
    list of ReportFigure
    """
    figures = []
    if analysis.observations:
        figures.append(_significance_in_time(analysis))
    datasets = analysis.datasets
    if datasets is not None and not datasets[0].counts.geom.is_region:
        figures += map_figures(analysis)
    elif datasets is not None:
        stacked = datasets.stack_reduce(name="all") if len(datasets) > 1 else datasets[0]
        figures.append(_counts(stacked))
        if analysis.fit_result is not None:
            stacked.models = analysis.models
            figures.append(_fit(stacked))
            if analysis.fit_result.success:
                contour = _contour(analysis, truth)
                if contour is not None:
                    figures.append(contour)
    if analysis.flux_points is not None:
        figures.append(_spectrum(analysis.flux_points, truth))
    return figures


def _significance_in_time(analysis):
    datasets = analysis.datasets
    figure = new_figure((8, 3.4))
    # The counts of a whole map say nothing about one source.
    if datasets is not None and len(datasets) > 1 and datasets[0].counts.geom.is_region:
        table = analysis.datasets.info_table(cumulative=True)
        time = u.Quantity(table["livetime"]).to_value("h")
        sqrt_ts = np.asarray(table["sqrt_ts"], dtype=float)
        excess = np.asarray(table["excess"], dtype=float)
        left, right = figure.subplots(1, 2)
        left.plot(time, excess, "o-", color=COLORS["data"])
        left.set_ylabel("Excess counts")
        right.plot(time, sqrt_ts, "o-", color=COLORS["model"])
        right.set_ylabel("Significance [σ]")
        for ax in (left, right):
            ax.set_xlabel("Live time [h]")
            ax.set_xlim(left=0)
            ax.set_ylim(bottom=0)
            ax.grid(alpha=0.3)
        title, caption = (
            "Growth with time",
            "A steady source grows linearly in excess, and with the square root in significance.",
        )
    else:
        ax = figure.subplots()
        livetime = [o.observation_live_time_duration.to_value("min") for o in analysis.observations]
        names = [str(o.obs_id) for o in analysis.observations]
        ax.bar(range(len(names)), livetime, color=COLORS["soft"], tick_label=names)
        ax.set_xlabel("Observation")
        ax.set_ylabel("Live time [min]")
        title, caption = "Live time", "Live time of each observation, dead time removed."
    return ReportFigure("time", "data", title, caption, to_png(figure))


def _counts(dataset):
    figure = new_figure((8, 4.2))
    ax = figure.subplots()
    plot_counts(dataset, ax=ax)
    ax.set_yscale("symlog", linthresh=1)
    caption = (
        "On counts and the background expected from the off regions, all datasets together; shaded: unused."
    )
    return ReportFigure("counts", "counts", "Counts against energy", caption, to_png(figure))


def _fit(dataset):
    upper, _ = plot_fit(dataset)
    caption = "Excess of all datasets, stacked, with the counts that the fitted model predicts; below, the residuals."
    return ReportFigure("fit", "model", "Excess and model", caption, to_png(upper.figure))


def _contour(analysis, truth):
    """Draw the contours of the first two free spectral parameters."""
    free = list(analysis.models.parameters.free_parameters)
    if len(free) < 2:
        return None
    x, y = free[:2]
    before = [(parameter, parameter.value) for parameter in free]
    figure = new_figure((6.4, 4.8))
    ax = figure.subplots()
    for sigma, style in ((1, "-"), (2, "--")):
        contour = analysis.fit.stat_contour(analysis.datasets, x, y, numpoints=40, sigma=sigma)
        points = [np.asarray(value, dtype=float) for key, value in contour.items() if _is_coordinates(value)]
        if len(points) < 2 or points[0].size < 3:
            continue
        closed = [np.append(p, p[0]) for p in points[:2]]
        ax.plot(*closed, style, color=COLORS["model"], label=f"{sigma} σ")
    for parameter, value in before:
        parameter.value = value
    ax.plot(x.value, y.value, "+", markersize=11, color=COLORS["data"], label="Best fit")
    if truth is not None:
        known = {p.name: p.quantity for model in truth for p in model.parameters}
        if x.name in known and y.name in known:
            values = [known[p.name].to_value(p.unit) for p in (x, y)]
            ax.plot(*values, "*", markersize=13, color=COLORS["truth"], label="Truth")
    for set_label, parameter in ((ax.set_xlabel, x), (ax.set_ylabel, y)):
        unit = f" [{parameter.unit.to_string('latex_inline')}]" if parameter.unit != u.one else ""
        set_label(f"{parameter.name}{unit}")
    ax.legend(frameon=False)
    caption = "Regions of joint confidence: the statistic rises by 1 and by 4, the others refitted."
    return ReportFigure("contour", "model", "Confidence of two parameters", caption, to_png(figure))


def _is_coordinates(value):
    return isinstance(value, (list, np.ndarray)) and np.ndim(value) == 1 and len(value) > 2


def _spectrum(dataset, truth):
    upper, lower = plot_flux_points_fit(dataset)
    if truth is not None:
        edges = dataset.data.energy_axis.edges
        for model in truth:
            plot_spectral_model(
                model.spectral_model,
                u.Quantity([edges[0], edges[-1]]),
                ax=upper,
                sed_type="e2dnde",
                color=COLORS["truth"],
                linestyle=":",
                linewidth=1.8,
                label="Truth",
            )
        upper.set_xlabel("")
        upper.legend(frameon=False)
    lower.set_xlim(upper.get_xlim())
    caption = (
        "Flux points with 1 σ errors, limits as arrows, the fitted spectrum with its error band, residuals."
    )
    return ReportFigure("spectrum", "spectrum", "Spectral energy distribution", caption, to_png(upper.figure))
