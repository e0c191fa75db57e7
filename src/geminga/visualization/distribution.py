"""Distributions of the values of pixels."""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError
from .figure import COLORS, new_figure
from .maps.grid import bin_label

__all__ = ["plot_distribution"]


def _gauss(x, mean, sigma):
    return np.exp(-0.5 * ((x - mean) / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)


def plot_distribution(
    wcs_map, mask=None, ax=None, ncols=3, func=None, kwargs_hist=None, kwargs_axes=None, kwargs_fit=None
):
    """Plot the distribution of the values of each image of a map, and fit a function to it.

    Parameters
    ----------
    wcs_map : WcsNDMap
    mask : WcsNDMap, optional
        Pixels to use.
    ax : array of `~matplotlib.axes.Axes`, optional
        One for each image.
    ncols : int
        Pictures in a row.
    func : "norm" or callable, optional
        Function of the value and its parameters to fit to the histogram; "norm" is the normal distribution.
    kwargs_hist : dict, optional
        Passed to `matplotlib.axes.Axes.hist`.
    kwargs_axes : dict, optional
        Passed to `matplotlib.axes.Axes.set`.
    kwargs_fit : dict, optional
        Passed to `scipy.optimize.curve_fit`.

    Returns
    -------
    axes : array of `~matplotlib.axes.Axes`
    results : list of dict
        For each image with a fit: "axis_edges", "param" and "covar".

    Raises
    ------
    GeometryError
        If the map is not a map with pixels, or the axes do not fit its images.
    """
    if wcs_map.geom.is_region:
        raise GeometryError("map must have pixels, got a region map. Plot it with plot_hist.")
    data = np.asarray(wcs_map.data, dtype=float)
    images = data.reshape(-1, *data.shape[-2:])
    used = np.isfinite(images)
    if mask is not None:
        used &= np.broadcast_to(np.asarray(mask.data, dtype=bool), data.shape).reshape(images.shape)
    axes = _axes(ax, len(images), ncols)
    shape = wcs_map.geom.data_shape[:-2]
    results = []
    for number, panel in enumerate(axes.flat):
        if number >= len(images):
            panel.set_visible(False)
            continue
        values = images[number][used[number]]
        index = np.unravel_index(number, shape) if shape else ()
        style = {
            "bins": 100,
            "histtype": "stepfilled",
            "color": COLORS["soft"],
            "alpha": 0.6,
            "density": True,
        }
        density, edges, _ = panel.hist(values, **{**style, **(kwargs_hist or {})})
        if func is not None and len(values) > 2:
            param, covar = _fit(panel, func, density, edges, values, kwargs_fit or {})
            first = wcs_map.geom.axes[0] if shape else None
            bounds = None if first is None else (first.edges_min[index[-1]], first.edges_max[index[-1]])
            results.append({"axis_edges": bounds, "param": param, "covar": covar})
            panel.legend(frameon=False, fontsize="small")
        names = wcs_map.geom.axes[::-1] if shape else []
        labels = [bin_label(axis, i) for axis, i in zip(names, index, strict=True) if axis.nbin > 1]
        panel.set_title("\n".join(labels), fontsize="medium")
        is_density = {**style, **(kwargs_hist or {})}["density"]
        panel.set(
            **{"xlabel": "Value", "ylabel": "Density" if is_density else "Pixels", **(kwargs_axes or {})}
        )
    return axes, results


def _axes(ax, n_images, ncols):
    if ax is None:
        ncols = min(ncols, n_images)
        nrows = -(-n_images // ncols)
        return new_figure((4.4 * ncols, 3.6 * nrows)).subplots(nrows, ncols, squeeze=False)
    axes = np.atleast_2d(np.asarray(ax, dtype=object))
    if axes.size < n_images:
        raise GeometryError(
            f"ax must hold {n_images} axes, one for each image, got {axes.size}. Leave it out."
        )
    return axes


def _fit(panel, func, density, edges, values, kwargs_fit):
    """Fit a function to a histogram, draw it, and return its parameters and their covariance."""
    from scipy.optimize import curve_fit

    center = 0.5 * (edges[1:] + edges[:-1])
    normal = isinstance(func, str)
    if normal and func != "norm":
        from ..errors import UnknownNameError

        raise UnknownNameError("distribution", func, ["norm"])
    function = func
    if normal:
        scale = (density * np.diff(edges)).sum()

        def function(x, mean, sigma):
            return scale * _gauss(x, mean, sigma)

        kwargs_fit = {"p0": (values.mean(), values.std() or 1.0), **kwargs_fit}
    param, covar = curve_fit(function, center, density, **kwargs_fit)
    if normal:
        param = np.array([param[0], abs(param[1])])
        label = f"μ = {param[0]:.2f} ± {np.sqrt(covar[0, 0]):.2f}\nσ = {param[1]:.2f} ± {np.sqrt(covar[1, 1]):.2f}"
    else:
        label = "Fit"
    x = np.linspace(edges[0], edges[-1], 400)
    panel.plot(x, function(x, *param), color=COLORS["model"], label=label)
    return param, covar
