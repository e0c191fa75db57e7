"""What each model predicts."""

from __future__ import annotations

import numpy as np

from ..errors import ModelError
from .axes import format_plot_xaxis
from .datasets.panels import spectrum_of
from .figure import CYCLE, default_axes

__all__ = ["plot_npred_signal"]


def plot_npred_signal(dataset, ax=None, model_names=None, region=None, **kwargs):
    """Plot the predicted counts of each model against energy.

    Parameters
    ----------
    dataset : MapDataset
        With models.
    ax : `~matplotlib.axes.Axes`, optional
    model_names : list of str, optional
        By default all models of the sky.
    region : `~regions.SkyRegion`, optional
        Take the counts inside of a map.
    **kwargs
        Passed to `matplotlib.axes.Axes.stairs`.

    Returns
    -------
    `~matplotlib.axes.Axes`

    Raises
    ------
    ModelError
        If the dataset has no models.
    """
    if not dataset.models:
        raise ModelError(f"dataset {dataset.name!r} must have models, got none. Set dataset.models.")
    ax = default_axes(ax)
    if model_names is None:
        model_names = [model.name for model in dataset.models if "sky-model" in model.tag]
    model_names = [model_names] if isinstance(model_names, str) else list(model_names)
    axis = dataset._geom.axes["energy"]
    rows = {}
    for name in model_names:
        counts = dataset.npred_signal(model_names=[name])
        if region is not None and not counts.geom.is_region:
            counts = counts.to_region_nd_map(region)
        rows[name] = spectrum_of(counts)
    for (name, row), color in zip(rows.items(), _colors(len(rows)), strict=True):
        ax.stairs(row, axis.edges.value, baseline=None, **{"label": name, "color": color, **kwargs})
    if len(rows) > 1:
        total = np.sum(list(rows.values()), axis=0)
        style = {"label": "Sum", "color": "black", "linestyle": "--"}
        ax.stairs(total, axis.edges.value, baseline=None, **style)
    format_plot_xaxis(axis, ax)
    if any(np.any(row > 0) for row in rows.values()):
        ax.set_yscale("log")
    ax.set_ylabel("Predicted counts")
    ax.legend(frameon=False)
    return ax


def _colors(n):
    return [CYCLE[i % len(CYCLE)] for i in range(n)]
