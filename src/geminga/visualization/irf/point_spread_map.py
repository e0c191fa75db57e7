"""Point spread function maps and kernels."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..axes import brief
from ..figure import default_axes, image_axes, label_with_unit, new_figure
from ..maps import plot_wcs_map
from ..maps.hpx_map import flat_image
from ..maps.regions import sky_projection
from .drawing import as_list, curves
from .point_spread import dress_density

__all__ = [
    "peek_psf_kernel",
    "peek_psf_map",
    "plot_psf_kernel",
    "plot_psf_map_containment_radius_vs_energy",
    "plot_psf_map_vs_rad",
    "plot_reco_psf_map_vs_rad",
]


def plot_psf_map_containment_radius_vs_energy(psf_map, ax=None, fraction=(0.68, 0.95), **kwargs):
    """Plot containment radii at the centre of a map against energy.

    Parameters
    ----------
    psf_map : PSFMap
    ax : `~matplotlib.axes.Axes`, optional
    fraction : sequence of float
        Fractions of the events within the radius.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = psf_map.psf_map.geom.axes[psf_map.energy_name]
    fraction = np.atleast_1d(fraction)
    rows = u.Quantity(
        [psf_map.containment_radius(float(part), axis.center).ravel() for part in fraction], "deg"
    )
    known = psf_map.containment(psf_map.psf_map.geom.axes["rad"].edges[-1], axis.center).to_value("") > 0
    rows[:, ~known.ravel()] = np.nan
    curves(ax, axis, axis.center, rows, [f"{part:.0%}" for part in fraction], **kwargs)
    ax.set_ylim(bottom=0)
    ax.set_ylabel(label_with_unit("Containment radius", u.deg))
    ax.legend(frameon=False)
    return ax


def plot_psf_map_vs_rad(psf_map, ax=None, energy_true=[0.1, 1, 10] * u.TeV, **kwargs):
    """Plot the point spread function at the centre of a map against the distance.

    Parameters
    ----------
    psf_map : PSFMap
    ax : `~matplotlib.axes.Axes`, optional
    energy_true : `~astropy.units.Quantity`
        Those outside the energies of the map are left out, or moved to its ends if all are outside.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    psf = psf_map.psf_map
    energy = _known_energies(as_list(energy_true, None, "energy_true"), psf.geom.axes[psf_map.energy_name])
    axis = psf.geom.axes["rad"]
    coords = {
        "skycoord": psf.geom.center_skydir,
        psf_map.energy_name: energy[:, np.newaxis],
        "rad": axis.center,
    }
    density = (psf.interp_by_coord(coords) * psf.unit).reshape(len(energy), -1).to("sr-1")
    rows = np.where(density > 0, density, np.nan)
    curves(ax, axis, axis.center, rows, energy, **kwargs)
    return dress_density(ax, axis, density.value)


def _known_energies(energy, axis):
    """Return the energies inside an axis, or the nearest ones."""
    inside = (energy >= axis.edges[0]) & (energy <= axis.edges[-1])
    return energy[inside] if inside.any() else np.unique(np.clip(energy, axis.edges[0], axis.edges[-1]))


def plot_reco_psf_map_vs_rad(psf_map, ax=None, energy=[0.1, 1, 10] * u.TeV, **kwargs):
    """Plot the point spread function at the centre of a map against the distance.

    Parameters
    ----------
    psf_map : RecoPSFMap
    ax : `~matplotlib.axes.Axes`, optional
    energy : `~astropy.units.Quantity`
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    return plot_psf_map_vs_rad(psf_map, ax=ax, energy_true=energy, **kwargs)


def peek_psf_map(psf_map, figsize=(12, 10)):
    """Show a point spread function map: profile, containment radii, their map, and the exposure.

    Parameters
    ----------
    psf_map : PSFMap
    figsize : tuple
    """
    geom = psf_map.psf_map.geom
    n_rows = 1 if geom.is_region else 2
    figure = new_figure((figsize[0], figsize[1] * n_rows / 2), compress=True)
    axis = geom.axes[psf_map.energy_name]
    energies = np.clip([0.1, 1, 10] * u.TeV, axis.center[0], axis.center[-1])
    plot_psf_map_vs_rad(psf_map, ax=figure.add_subplot(n_rows, 2, 1), energy_true=np.unique(energies))
    plot_psf_map_containment_radius_vs_energy(psf_map, ax=figure.add_subplot(n_rows, 2, 2))
    if geom.is_region:
        return
    energy = np.clip(1 * u.TeV, axis.center[0], axis.center[-1])
    radius = psf_map.containment_radius_map(energy)
    # where nothing is known, the radius is that of the first bin
    radius.data = np.where(radius.quantity < 0.5 * geom.axes["rad"].bin_width[0], np.nan, radius.data)
    radius = flat_image(radius)
    ax = figure.add_subplot(2, 2, 3, **sky_projection(radius.geom))
    plot_wcs_map(radius, ax=ax, add_cbar=True, kwargs_colorbar={"label": "68% containment radius [deg]"})
    ax.set_title(f"{psf_map.energy_name.replace('_', ' ')}: {brief(energy)}", fontsize="medium")
    if psf_map.exposure_map is not None:
        exposure = flat_image(psf_map.exposure_map.reduce_over_axes(keepdims=False))
        ax = figure.add_subplot(2, 2, 4, **sky_projection(exposure.geom))
        plot_wcs_map(exposure, ax=ax, add_cbar=True)
        ax.set_title("Exposure, summed over energy", fontsize="medium")


def plot_psf_kernel(kernel, ax=None, energy=None, add_cbar=False, **kwargs):
    """Plot a kernel: at one energy, or the sum over all.

    Parameters
    ----------
    kernel : PSFKernel
    ax : `~matplotlib.axes.Axes`, optional
    energy : `~astropy.units.Quantity`, optional
    add_cbar : bool
        Add a colour bar.
    **kwargs
        Passed to `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    images = kernel.psf_kernel_map
    if len(images.geom.axes):
        if energy is None:
            images = images.reduce_over_axes(keepdims=False)
        else:
            axis = images.geom.axes[0]
            images = images.slice_by_idx({axis.name: int(np.ravel(axis.coord_to_idx(energy))[0])})
    ax = image_axes(ax, projection=images.geom.wcs)
    plot_wcs_map(images, ax=ax, add_cbar=add_cbar, **{"stretch": "sqrt", **kwargs})
    return ax


def peek_psf_kernel(kernel, figsize=(15, 5)):
    """Show a kernel at up to three energies.

    Parameters
    ----------
    kernel : PSFKernel
    figsize : tuple
    """
    figure = new_figure(figsize, compress=True)
    geom = kernel.psf_kernel_map.geom
    centers = geom.axes[0].center if len(geom.axes) else [None]
    filled = np.nonzero(kernel.data.reshape(len(centers), -1).sum(axis=1) > 0)[0]
    filled = filled if filled.size else np.arange(len(centers))
    chosen = np.unique(filled[np.linspace(0, len(filled) - 1, 3).round().astype(int)])
    for number, index in enumerate(chosen):
        ax = figure.add_subplot(1, len(chosen), number + 1, projection=geom.wcs)
        plot_psf_kernel(kernel, ax=ax, energy=centers[index], add_cbar=True)
        if centers[index] is not None:
            ax.set_title(brief(centers[index]), fontsize="medium")
