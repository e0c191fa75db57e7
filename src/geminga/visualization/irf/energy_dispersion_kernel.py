"""Energy dispersion matrices."""

from __future__ import annotations

import numpy as np

from ..axes import format_plot_xaxis
from ..figure import COLORS, default_axes, image_axes, new_figure, with_quantities
from .drawing import mesh_with_bar

__all__ = [
    "peek_edisp_kernel",
    "peek_edisp_kernel_map",
    "peek_edisp_map",
    "plot_edisp_kernel_bias",
    "plot_edisp_matrix",
]


def plot_edisp_matrix(kernel, ax=None, add_cbar=False, axes_loc=None, kwargs_colorbar=None, **kwargs):
    """Plot the probabilities of reconstructed energies as a function of true energy.

    Parameters
    ----------
    kernel : EDispKernel
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
    true, reco = kernel.axes["energy_true"], kernel.axes["energy"]
    matrix = np.array(kernel.data.T, dtype=float)
    matrix[matrix <= 0] = np.nan
    kwargs.setdefault("cmap", "GnBu")
    if not {"norm", "vmin", "vmax"} & set(kwargs) and np.isfinite(matrix).any():
        # small probabilities matter little, but shall be seen: colours go with the square root
        from matplotlib.colors import PowerNorm

        kwargs["norm"] = PowerNorm(0.5, vmin=0, vmax=np.nanmax(matrix))
    filled = np.isfinite(matrix)
    mesh_with_bar(ax, true, reco, matrix, "Probability", add_cbar, axes_loc, kwargs_colorbar, **kwargs)
    for axis, used, set_limits in (
        (true, filled.any(axis=0), ax.set_xlim),
        (reco, filled.any(axis=1), ax.set_ylim),
    ):
        index = np.nonzero(used)[0]
        if index.size:
            set_limits(axis.edges[index[0]].value, axis.edges[index[-1] + 1].value)
    return ax


def plot_edisp_kernel_bias(kernel, ax=None, **kwargs):
    """Plot bias and resolution of the energy against true energy.

    Parameters
    ----------
    kernel : EDispKernel
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = kernel.axes["energy_true"]
    with with_quantities(), np.errstate(all="ignore"):
        bias = np.asarray(kernel.get_bias(axis.center), dtype=float)
        style = {"color": COLORS["model"], "label": "Bias", **kwargs}
        ax.plot(axis.center, bias, **style)
        if not {"label", "color"} & set(kwargs):
            resolution = np.asarray(kernel.get_resolution(axis.center), dtype=float)
            style = {"color": COLORS["background"], "label": "Resolution", "linestyle": "--", **kwargs}
            ax.plot(axis.center, resolution, **style)
            ax.legend(frameon=False)
    format_plot_xaxis(axis, ax)
    ax.axhline(0, color="0.6", linewidth=0.8, zorder=0)
    ax.set_ylabel(r"$(E_\mathrm{reco} - E_\mathrm{true})\,/\,E_\mathrm{true}$")
    return ax


def peek_edisp_kernel(kernel, figsize=(15, 5)):
    """Show a matrix and its bias and resolution.

    Parameters
    ----------
    kernel : EDispKernel
    figsize : tuple
    """
    axes = new_figure(figsize).subplots(1, 2)
    plot_edisp_kernel_bias(kernel, ax=axes[0])
    plot_edisp_matrix(kernel, ax=axes[1], add_cbar=True)


def peek_edisp_kernel_map(edisp_map, figsize=(15, 5)):
    """Show the matrix at the centre of a map.

    Parameters
    ----------
    edisp_map : EDispKernelMap
    figsize : tuple
    """
    peek_edisp_kernel(edisp_map.get_edisp_kernel(), figsize=figsize)


def peek_edisp_map(edisp_map, figsize=(15, 5)):
    """Show the matrix at the centre of a map, binned as true energies are.

    Parameters
    ----------
    edisp_map : EDispMap
    figsize : tuple
    """
    axis = edisp_map.edisp_map.geom.axes["energy_true"].copy(name="energy")
    peek_edisp_kernel(edisp_map.get_edisp_kernel(energy_axis=axis), figsize=figsize)
