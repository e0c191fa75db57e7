"""Figures and axes, and what all plots have in common."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
from astropy import units as u
from astropy.visualization import quantity_support

__all__ = ["COLORS", "default_axes", "energy_label", "log_limits", "new_figure", "to_png", "with_quantities"]

#: Colours that are told apart by everyone (Okabe & Ito): data, model, background, excess, limit.
COLORS = {
    "data": "#1c2430",
    "model": "#0072b2",
    "background": "#d55e00",
    "excess": "#009e73",
    "truth": "#cc79a7",
    "soft": "#8a94a3",
}

#: One quantity support for all plots; entering it makes axes understand units.
with_quantities = quantity_support


def new_figure(figsize=(8, 5), **kwargs):
    """Return a figure whose parts make room for each other."""
    return plt.figure(figsize=figsize, layout="constrained", **kwargs)


def default_axes(ax=None, **kwargs):
    """Return the given axes, or the current ones, or new ones."""
    if ax is not None:
        return ax
    return plt.gca() if plt.get_fignums() and not kwargs else plt.subplots(layout="constrained", **kwargs)[1]


def to_png(figure, dpi=130) -> bytes:
    """Return a figure as PNG, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    plt.close(figure)
    return buffer.getvalue()


def energy_label(unit, name="Energy") -> str:
    """Return the label of an energy axis."""
    return f"{name} [{u.Unit(unit).to_string('latex_inline')}]"


def log_limits(values, margin=2.0):
    """Return limits of a logarithmic axis around positive values, or None if there are none."""
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values) & (values > 0)]
    return (values.min() / margin, values.max() * margin) if values.size else None
