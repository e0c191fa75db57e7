"""Covariances, and where models are."""

from __future__ import annotations

import numpy as np

from .figure import COLORS, new_figure
from .heatmap import annotate_heatmap, plot_heatmap
from .maps.regions import draw_regions, sky_axes

__all__ = ["plot_correlation", "plot_models_positions", "plot_models_regions"]


def plot_correlation(covariance, figsize=None, **kwargs):
    """Plot the correlations of the free parameters as an annotated grid.

    Parameters
    ----------
    covariance : Covariance
    figsize : tuple, optional
        By default grown with the number of parameters.
    **kwargs
        Passed to `geminga.visualization.plot_heatmap`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    parameters = covariance.parameters
    free = [index for index, parameter in enumerate(parameters) if not parameter.frozen]
    free = free or list(range(len(parameters)))
    names = _names(parameters)
    names = [names[index] for index in free]
    values = np.asarray(covariance.correlation, dtype=float)[np.ix_(free, free)]
    side = 0.62 * len(names) + 2.2
    ax = new_figure(figsize or (side + 0.8, side), compress=True).subplots()
    style = {"cmap": "RdBu_r", "vmin": -1, "vmax": 1, "cbarlabel": "Correlation", **kwargs}
    image, _ = plot_heatmap(values, names, names, ax=ax, **style)
    annotate_heatmap(image, fontsize="small")
    return ax


def _names(parameters):
    """Return names of parameters, with a number where a name comes twice."""
    names = list(getattr(parameters, "names_unique", None) or parameters.names)
    return [
        name if names.count(name) == 1 else f"{name} ({names[: index + 1].count(name)})"
        for index, name in enumerate(names)
    ]


def _axes(models, ax):
    import matplotlib.pyplot as plt

    if ax is not None:
        return ax
    if plt.get_fignums() and plt.gcf().axes and hasattr(plt.gca(), "wcs"):
        return plt.gca()
    return sky_axes(models.wcs_geom)


def plot_models_regions(models, ax=None, kwargs_point=None, path_effect=None, size_factor=None, **kwargs):
    """Plot the outline of each model on the sky.

    Parameters
    ----------
    models : Models
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    kwargs_point : dict, optional
        For points, passed to `matplotlib.axes.Axes.plot`.
    path_effect : `~matplotlib.patheffects.AbstractPathEffect`, optional
        Outline of the lines.
    size_factor : float, optional
        Factor on the size; that of each model by default.
    **kwargs
        For shapes, passed to the patch.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    ax = _axes(models, ax)
    regions = models.to_regions(size_factor=size_factor)
    return draw_regions(regions, ax, kwargs_point=kwargs_point, path_effect=path_effect, **kwargs)


def plot_models_positions(models, ax=None, **kwargs):
    """Plot the position of each model on the sky.

    Parameters
    ----------
    models : Models
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.scatter`.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    ax = _axes(models, ax)
    positions = models.positions
    style = {"marker": "x", "color": "white" if ax.images else COLORS["background"], **kwargs}
    x, y = positions.to_pixel(ax.wcs)
    ax.scatter(x, y, **style)
    return ax
