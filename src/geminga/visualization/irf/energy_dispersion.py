"""Energy dispersion tables."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..axes import axis_label, brief
from ..figure import default_axes, image_axes, new_figure
from .drawing import as_list, curves, mesh_with_bar, spread
from .energy_dispersion_kernel import plot_edisp_matrix

__all__ = ["peek_edisp", "plot_edisp_bias", "plot_migration"]


def _decades(axis, n=4):
    """Return energies of an axis, away from its ends."""
    low, high = axis.edges[0], axis.edges[-1]
    return low * (high / low).to_value("") ** np.linspace(0.2, 0.8, n)


def plot_migration(edisp, ax=None, offset=None, energy_true=None, **kwargs):
    """Plot the density of the migration, for some offsets and energies.

    Parameters
    ----------
    edisp : EnergyDispersion2D
    ax : `~matplotlib.axes.Axes`, optional
    offset : `~astropy.units.Quantity`, optional
        By default the first of the table.
    energy_true : `~astropy.units.Quantity`, optional
        By default four of the table.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = edisp.axes["migra"]
    offset = as_list(offset, edisp.axes["offset"].center[:1], "offset")
    energy_true = as_list(energy_true, _decades(edisp.axes["energy_true"]), "energy_true")
    density = edisp.evaluate(
        energy_true=energy_true[:, np.newaxis, np.newaxis],
        offset=offset[np.newaxis, :, np.newaxis],
        migra=axis.center,
    )
    names = [
        f"{brief(energy)}, {brief(angle)}" if len(offset) > 1 else brief(energy)
        for energy in energy_true
        for angle in offset
    ]
    curves(ax, axis, axis.center, density.reshape(len(names), -1), names, **kwargs)
    inside = np.nonzero((density.value > 1e-3 * np.nanmax(density.value)).any(axis=(0, 1)))[0]
    if inside.size:
        ax.set_xlim(axis.edges[inside[0]].value, axis.edges[inside[-1] + 1].value)
    ax.set_ylim(bottom=0)
    ax.set_xlabel(axis_label(axis))
    ax.set_ylabel("Probability density")
    ax.legend(
        title="True energy" if len(offset) > 1 else f"True energy, {brief(offset[0])} off axis", frameon=False
    )
    return ax


def plot_edisp_bias(
    edisp, ax=None, offset=None, add_cbar=False, axes_loc=None, kwargs_colorbar=None, **kwargs
):
    """Plot the density of the migration as a function of true energy.

    Parameters
    ----------
    edisp : EnergyDispersion2D
    ax : `~matplotlib.axes.Axes`, optional
    offset : `~astropy.units.Quantity`, optional
        By default the first of the table.
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
    energy, migra = edisp.axes["energy_true"], edisp.axes["migra"]
    offset = as_list(offset, edisp.axes["offset"].center[:1], "offset")[0]
    density = edisp.evaluate(
        offset=offset, energy_true=energy.center[:, np.newaxis], migra=migra.center[np.newaxis, :]
    ).T
    values = density.to_value("")
    kwargs.setdefault("cmap", "GnBu")
    if not {"norm", "vmax"} & set(kwargs) and np.any(values > 0):
        kwargs["vmax"] = np.nanpercentile(values[values > 0], 99.5)
    mesh_with_bar(
        ax,
        energy,
        migra,
        values * u.one,
        "Probability density",
        add_cbar,
        axes_loc,
        kwargs_colorbar,
        **kwargs,
    )
    filled = np.nonzero((values > 0.02 * np.nanmax(values)).any(axis=1))[0]
    if filled.size:
        ax.set_ylim(migra.edges[filled[0]].value, migra.edges[filled[-1] + 1].value)
    ax.axhline(1, color="0.4", linewidth=0.8, linestyle="--")
    ax.set_title(f"{brief(offset)} off axis", fontsize="medium")
    return ax


def peek_edisp(edisp, figsize=(15, 5)):
    """Show an energy dispersion in three pictures.

    Parameters
    ----------
    edisp : EnergyDispersion2D
    figsize : tuple
    """
    axes = new_figure(figsize).subplots(1, 3)
    plot_edisp_bias(edisp, ax=axes[0])
    plot_migration(edisp, ax=axes[1])
    offset = spread(edisp.axes["offset"])[0]
    plot_edisp_matrix(edisp.to_edisp_kernel(offset=offset), ax=axes[2])
    axes[2].set_title(f"{brief(offset)} off axis", fontsize="medium")
