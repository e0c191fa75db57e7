"""Point spread function tables."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..axes import axis_label, brief
from ..figure import default_axes, image_axes, label_with_unit, new_figure
from .drawing import as_list, curves, mesh_with_bar, spread

__all__ = ["peek_psf", "plot_containment_radius", "plot_containment_radius_vs_energy", "plot_psf_vs_rad"]


def _empty_as_nan(psf, radius, energy, offset):
    """Return radii with NaN where the table holds no point spread function."""
    inside = psf.containment(rad=psf._rad_axis().edges[-1], energy_true=energy, offset=offset).to_value("")
    radius = u.Quantity(radius, "deg", copy=True)
    radius[~(np.broadcast_to(inside, radius.shape) > 0)] = np.nan
    return radius


def plot_containment_radius(
    psf, ax=None, fraction=0.68, add_cbar=True, axes_loc=None, kwargs_colorbar=None, **kwargs
):
    """Plot the containment radius as a function of true energy and offset.

    Parameters
    ----------
    psf : PSF
    ax : `~matplotlib.axes.Axes`, optional
    fraction : float
        Fraction of the events within the radius.
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
    energy, offset = psf.axes["energy_true"], psf.axes["offset"]
    energies, offsets = energy.center[:, np.newaxis], offset.center[np.newaxis, :]
    radius = psf.containment_radius(fraction=fraction, energy_true=energies, offset=offsets)
    radius = _empty_as_nan(psf, radius, energies, offsets).T
    if not {"norm", "vmax"} & set(kwargs) and np.isfinite(radius.value).any():
        kwargs["vmax"] = np.nanpercentile(radius.value, 98)
    label = label_with_unit(f"{fraction:.0%} containment radius", radius.unit)
    return mesh_with_bar(ax, energy, offset, radius, label, add_cbar, axes_loc, kwargs_colorbar, **kwargs)


def plot_containment_radius_vs_energy(psf, ax=None, fraction=(0.68, 0.95), offset=None, **kwargs):
    """Plot containment radii against true energy.

    Parameters
    ----------
    psf : PSF
    ax : `~matplotlib.axes.Axes`, optional
    fraction : sequence of float
        Fractions of the events within the radius.
    offset : `~astropy.units.Quantity`, optional
        By default 0 and 1 deg.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = psf.axes["energy_true"]
    low, high = psf.axes["offset"].center[[0, -1]]
    offset = as_list(offset, np.unique(np.clip([0, 1] * u.deg, low, high)), "offset")
    styles = ["-", "--", ":", "-."]
    for number, part in enumerate(np.atleast_1d(fraction)):
        energies = axis.center
        radius = psf.containment_radius(
            fraction=float(part), energy_true=energies, offset=offset[:, np.newaxis]
        )
        radius = _empty_as_nan(psf, radius, energies, offset[:, np.newaxis])
        names = [f"{part:.0%}, {brief(angle)} off axis" for angle in offset]
        curves(ax, axis, energies, radius, names, **{"linestyle": styles[number % 4], **kwargs})
    ax.set_ylim(bottom=0)
    ax.set_ylabel(label_with_unit("Containment radius", u.deg))
    ax.legend(frameon=False)
    return ax


def plot_psf_vs_rad(psf, ax=None, offset=[0, 1] * u.deg, energy_true=[0.1, 1, 10] * u.TeV, **kwargs):
    """Plot the point spread function against the distance.

    Parameters
    ----------
    psf : PSF
    ax : `~matplotlib.axes.Axes`, optional
    offset : `~astropy.units.Quantity`
        Offsets from the pointing.
    energy_true : `~astropy.units.Quantity`
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = psf._rad_axis()
    offset, energy_true = as_list(offset, None, "offset"), as_list(energy_true, None, "energy_true")
    density = psf.evaluate(
        energy_true=energy_true[:, np.newaxis, np.newaxis],
        offset=offset[np.newaxis, :, np.newaxis],
        rad=axis.center,
    ).to("sr-1")
    styles = ["-", "--", ":", "-."]
    for number, angle in enumerate(offset):
        names = [f"{brief(energy)}, {brief(angle)} off axis" for energy in energy_true]
        rows = np.where(density[:, number] > 0, density[:, number], np.nan)
        curves(ax, axis, axis.center, rows, names, **{"linestyle": styles[number % 4], **kwargs})
    return dress_density(ax, axis, density.value)


def dress_density(ax, axis, density):
    """Set scales and labels of a plot of densities against the distance."""
    ax.set_yscale("log")
    top = np.nanmax(density)
    if top > 0:
        ax.set_ylim(1e-5 * top, 2 * top)
        shown = np.nonzero((density > 1e-5 * top).reshape(-1, density.shape[-1]).any(axis=0))[0]
        ax.set_xlim(0, axis.edges[min(shown[-1] + 1, axis.nbin)].value)
    ax.set_xlabel(axis_label(axis))
    ax.set_ylabel(label_with_unit("Point spread function", u.Unit("sr-1")))
    if ax.get_legend_handles_labels()[0]:
        ax.legend(frameon=False)
    return ax


def peek_psf(psf, figsize=(15, 5)):
    """Show a point spread function in three pictures.

    Parameters
    ----------
    psf : PSF
    figsize : tuple
    """
    axes = new_figure(figsize).subplots(1, 3)
    plot_containment_radius(psf, ax=axes[0])
    plot_containment_radius_vs_energy(psf, ax=axes[1])
    low, high = psf.axes["energy_true"].edges[[0, -1]]
    energies = [0.1, 1, 10] * u.TeV
    energies = energies[(energies > low) & (energies < high)]
    plot_psf_vs_rad(
        psf, ax=axes[2], energy_true=energies if len(energies) else spread(psf.axes["energy_true"], 3)
    )
