"""What the pictures of instrument responses share: curves and meshes along axes."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from matplotlib.colors import LogNorm

from ...units import to_quantity
from ..axes import brief, format_plot_xaxis, format_plot_yaxis
from ..figure import add_colorbar, series_colors, with_quantities

__all__ = ["as_list", "curves", "mesh", "positive_log_norm", "spread"]


def as_list(values, default, name):
    """Return values as a flat quantity; the default if there are none."""
    return np.atleast_1d(default if values is None else to_quantity(values, name=name))


def spread(axis, n=5):
    """Return up to `n` centres of an axis, from its first to its last."""
    return axis.center[np.unique(np.linspace(0, axis.nbin - 1, min(n, axis.nbin)).round().astype(int))]


def curves(ax, axis, x, rows, values, **kwargs):
    """Draw one line for each value of another coordinate, labelled by it.

    Parameters
    ----------
    ax : `~matplotlib.axes.Axes`
    axis : `~geminga.maps.MapAxis`
        That of `x`.
    x : `~astropy.units.Quantity`, shape (n_x,)
    rows : `~astropy.units.Quantity`, shape (n_curves, n_x)
    values : iterable
        Of the other coordinate; labels.
    """
    colors = series_colors(len(rows))
    with with_quantities():
        for row, value, color in zip(rows, values, colors, strict=True):
            label = value if isinstance(value, str) else brief(value)
            style = {"color": color, "label": label, **kwargs}
            if not np.any(np.isfinite(row.value) & (row.value != 0)):
                continue
            ax.plot(x, row, **style)
    format_plot_xaxis(axis, ax)
    return ax


def mesh(ax, x_axis, y_axis, quantity, **kwargs):
    """Draw values, shape (n_y, n_x), as colours; bins without content stay white."""
    kwargs.setdefault("shading", "flat")
    with with_quantities():
        image = ax.pcolormesh(
            x_axis.edges, y_axis.edges, np.ma.masked_invalid(u.Quantity(quantity).value), **kwargs
        )
    format_plot_xaxis(x_axis, ax)
    format_plot_yaxis(y_axis, ax)
    ax.set_xlim(*x_axis.edges[[0, -1]].value)
    ax.set_ylim(*y_axis.edges[[0, -1]].value)
    return image


def mesh_with_bar(ax, x_axis, y_axis, quantity, label, add_cbar, axes_loc, kwargs_colorbar, **kwargs):
    """Draw a mesh, with its colour bar if wanted."""
    image = mesh(ax, x_axis, y_axis, quantity, **kwargs)
    if add_cbar:
        add_colorbar(image, ax, axes_loc=axes_loc, **{"label": label, **(kwargs_colorbar or {})})
    return ax


def positive_log_norm(values, decades=6):
    """Return a logarithmic colour scale over the positive values, or None without any."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    if not values.size or values.min() == values.max():
        return None
    top = values.max()
    return LogNorm(max(values.min(), top / 10**decades), top)
