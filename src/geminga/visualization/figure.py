"""Figures and axes, and what all plots have in common."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
from astropy import units as u
from matplotlib.figure import Figure

from .quantities import with_quantities

__all__ = [
    "COLORS",
    "CYCLE",
    "add_colorbar",
    "default_axes",
    "energy_label",
    "image_axes",
    "label_with_unit",
    "log_limits",
    "new_figure",
    "series_colors",
    "to_png",
    "with_quantities",
]

#: Colours that are told apart by everyone (Okabe & Ito): data, model, background, excess, limit.
COLORS = {
    "data": "#1c2430",
    "model": "#0072b2",
    "background": "#d55e00",
    "excess": "#009e73",
    "truth": "#cc79a7",
    "soft": "#8a94a3",
}

#: Colours of things without an order (Okabe & Ito).
CYCLE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#1c2430", "#8a94a3")


class LaidOutFigure(Figure):
    """A figure that makes room for its parts by itself, so that asking for a tight layout changes nothing.

    Matplotlib would raise an error as soon as there is a colour bar.
    """

    def tight_layout(self, **kwargs):
        """Keep the layout."""


def new_figure(figsize=(8, 5), compress=False, **kwargs):
    """Return a figure whose parts make room for each other; compressed around images of fixed shape."""
    layout = "compressed" if compress else "constrained"
    return plt.figure(figsize=figsize, layout=layout, FigureClass=LaidOutFigure, **kwargs)


def _is_plain(ax):
    """Whether axes are free for lines: neither of the sky nor of a colour bar."""
    return not hasattr(ax, "wcs") and ax.get_label() != "<colorbar>"


def default_axes(ax=None, **kwargs):
    """Return the given axes, or the current ones, or new ones."""
    if ax is not None:
        return ax
    if plt.get_fignums() and not kwargs:
        figure = plt.gcf()
        if not figure.axes or _is_plain(figure.gca()):
            return figure.gca()
    return new_figure(None).subplots(**kwargs)


def image_axes(ax=None, projection=None, figure=None, **kwargs):
    """Return axes for an image: the given ones, or empty current ones, or new ones.

    Parameters
    ----------
    ax : `~matplotlib.axes.Axes`, optional
    projection : `~astropy.wcs.WCS`, optional
        Of images of the sky.
    figure : `~matplotlib.figure.Figure`, optional
    **kwargs
        Passed to `matplotlib.figure.Figure.add_subplot`.
    """
    if ax is not None:
        return ax
    if figure is None and plt.get_fignums():
        figure = plt.gcf()
        if figure.axes:
            current = figure.gca()
            if not current.has_data() and hasattr(current, "wcs") == (projection is not None):
                return current
            figure = None
    if figure is None:
        figure = new_figure((7, 5.4), compress=True)
    return figure.add_subplot(projection=projection, **kwargs)


def add_colorbar(img, ax, axes_loc=None, **kwargs):
    """Add a colour bar beside axes, as high as their image.

    Parameters
    ----------
    img : `~matplotlib.cm.ScalarMappable`
        Image or mesh.
    ax : `~matplotlib.axes.Axes`
    axes_loc : dict, optional
        Place of the bar: "position" ("right", "left", "top" or "bottom"), "size" and "pad" (fractions of the axes
        such as "5%").
    **kwargs
        Passed to `matplotlib.figure.Figure.colorbar`.

    Returns
    -------
    `~matplotlib.colorbar.Colorbar`
    """
    place = dict(axes_loc or {})
    own_layout = ax.figure.get_layout_engine() is not None
    fraction, pad, aspect = (0.05, 0.02, 25) if own_layout else (0.046, 0.04, 20)
    style = {
        "location": place.get("position", "right"),
        "fraction": _fraction(place.get("size", fraction)),
        "pad": _fraction(place.get("pad", pad)),
        "aspect": aspect,
        **kwargs,
    }
    if "cax" in kwargs or "orientation" in kwargs:
        style.pop("location")
    if "cax" in kwargs:
        style = kwargs
    return ax.figure.colorbar(img, ax=ax, **style)


def _fraction(value):
    """Return a fraction that is given as a number or in percent."""
    return float(value.rstrip("% ")) / 100 if isinstance(value, str) else float(value)


def series_colors(n, cmap="viridis"):
    """Return colours of an ordered series, light ones left out."""
    return plt.get_cmap(cmap)(np.linspace(0.0, 0.85, max(n, 1)))


def to_png(figure, dpi=130) -> bytes:
    """Return a figure as PNG, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    plt.close(figure)
    return buffer.getvalue()


def label_with_unit(name, unit) -> str:
    """Return a label with the unit in brackets, if there is one."""
    unit = u.Unit(unit)
    if unit == u.one:
        return name
    text = "deg" if unit == u.deg else unit.to_string("latex_inline")
    return f"{name} [{text}]" if name else f"[{text}]"


def energy_label(unit, name="Energy") -> str:
    """Return the label of an energy axis."""
    return label_with_unit(name, unit)


def log_limits(values, margin=2.0):
    """Return limits of a logarithmic axis around positive values, or None if there are none."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    return (values.min() / margin, values.max() * margin) if values.size else None
