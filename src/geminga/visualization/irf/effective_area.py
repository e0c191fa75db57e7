"""Effective areas."""

from __future__ import annotations

import numpy as np

from ..axes import axis_label
from ..figure import default_axes, image_axes, label_with_unit, log_limits, new_figure
from .drawing import as_list, curves, mesh_with_bar, positive_log_norm, spread

__all__ = ["peek_aeff", "plot_aeff", "plot_aeff_energy_dependence", "plot_aeff_offset_dependence"]


def plot_aeff(aeff, ax=None, add_cbar=True, axes_loc=None, kwargs_colorbar=None, **kwargs):
    """Plot the effective area as a function of true energy and offset.

    Parameters
    ----------
    aeff : EffectiveAreaTable2D
    ax : `~matplotlib.axes.Axes`, optional
    add_cbar : bool
        Add a colour bar.
    axes_loc : dict, optional
        Place of the colour bar, see `geminga.visualization.add_colorbar`.
    kwargs_colorbar : dict, optional
        Passed to `matplotlib.figure.Figure.colorbar`.
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = image_axes(ax)
    energy, offset = aeff.axes["energy_true"], aeff.axes["offset"]
    values = aeff.evaluate(
        energy_true=energy.center[:, np.newaxis], offset=offset.center[np.newaxis, :]
    ).T.to(aeff.unit)
    if not {"norm", "vmin", "vmax"} & set(kwargs):
        kwargs["norm"] = positive_log_norm(values.value)
    values[values <= 0] = np.nan
    label = label_with_unit("Effective area", aeff.unit)
    return mesh_with_bar(ax, energy, offset, values, label, add_cbar, axes_loc, kwargs_colorbar, **kwargs)


def plot_aeff_energy_dependence(aeff, ax=None, offset=None, **kwargs):
    """Plot the effective area against true energy, for some offsets.

    Parameters
    ----------
    aeff : EffectiveAreaTable2D
    ax : `~matplotlib.axes.Axes`, optional
    offset : `~astropy.units.Quantity`, optional
        Offsets from the pointing; by default five of the table.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = aeff.axes["energy_true"]
    offset = as_list(offset, spread(aeff.axes["offset"]), "offset")
    area = aeff.evaluate(energy_true=axis.center, offset=offset[:, np.newaxis]).to(aeff.unit)
    curves(ax, axis, axis.center, area, offset, **kwargs)
    ax.set_yscale("log")
    _floor(ax, area.value)
    ax.set_ylabel(label_with_unit("Effective area", aeff.unit))
    ax.legend(title="Offset", frameon=False)
    return ax


def _floor(ax, values, decades=5):
    """Cut the lowest decades of a logarithmic axis, in which only the edge of the table lies."""
    limits = log_limits(values)
    if limits is not None:
        ax.set_ylim(max(limits[0], limits[1] / 10**decades), limits[1])


def plot_aeff_offset_dependence(aeff, ax=None, energy=None, **kwargs):
    """Plot the effective area against offset, relative to that on axis, for some energies.

    Parameters
    ----------
    aeff : EffectiveAreaTable2D
    ax : `~matplotlib.axes.Axes`, optional
    energy : `~astropy.units.Quantity`, optional
        True energies; by default five of those with an area on axis.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis, true = aeff.axes["offset"], aeff.axes["energy_true"]
    if energy is None:
        on_axis = aeff.evaluate(energy_true=true.center, offset=axis.center[0]).value
        # below some percent of the largest area the table is noise
        seen = on_axis > 0.02 * np.nanmax(on_axis)
        known = true.center[seen] if seen.any() else true.center
        energy = known[np.unique(np.linspace(0, len(known) - 1, 5).round().astype(int))]
    energy = as_list(energy, None, "energy")
    area = aeff.evaluate(energy_true=energy[:, np.newaxis], offset=axis.center)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = (area / area[:, :1]).to("")
    curves(ax, axis, axis.center, relative, energy, **{"marker": "." if axis.nbin < 20 else None, **kwargs})
    ax.set_xlabel(axis_label(axis))
    ax.set_ylabel("Effective area relative to the axis" if axis.nbin > 1 else "Relative effective area")
    ax.set_ylim(bottom=0)
    ax.legend(title="True energy", frameon=False)
    return ax


def peek_aeff(aeff, figsize=(15, 5)):
    """Show an effective area in three pictures.

    Parameters
    ----------
    aeff : EffectiveAreaTable2D
    figsize : tuple
    """
    axes = new_figure(figsize).subplots(1, 3)
    plot_aeff(aeff, ax=axes[2])
    plot_aeff_energy_dependence(aeff, ax=axes[0])
    plot_aeff_offset_dependence(aeff, ax=axes[1])
