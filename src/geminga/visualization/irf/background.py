"""Background rates."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...units import to_quantity
from ..axes import brief, format_plot_xaxis
from ..figure import (
    COLORS,
    add_colorbar,
    default_axes,
    image_axes,
    label_with_unit,
    new_figure,
    with_quantities,
)
from .drawing import as_list, curves, mesh, mesh_with_bar, positive_log_norm, spread

__all__ = [
    "peek_background",
    "plot_background_2d",
    "plot_background_at_energy",
    "plot_background_energy_dependence",
    "plot_background_offset_dependence",
    "plot_background_spectrum",
]


def plot_background_2d(background, ax=None, add_cbar=True, axes_loc=None, kwargs_colorbar=None, **kwargs):
    """Plot the rate as a function of energy and offset.

    Parameters
    ----------
    background : Background2D
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
    energy, offset = background.axes["energy"], background.axes["offset"]
    values = u.Quantity(background.quantity.T, copy=True)
    values[values <= 0] = np.nan
    if not {"norm", "vmin", "vmax"} & set(kwargs):
        kwargs["norm"] = positive_log_norm(values.value, decades=8)
    label = label_with_unit("Background rate", background.unit)
    return mesh_with_bar(ax, energy, offset, values, label, add_cbar, axes_loc, kwargs_colorbar, **kwargs)


def plot_background_at_energy(
    background,
    energy=1 * u.TeV,
    add_cbar=True,
    ncols=3,
    figsize=None,
    axes_loc=None,
    kwargs_colorbar=None,
    **kwargs,
):
    """Plot the rate over the field of view, a picture for each energy.

    Parameters
    ----------
    background : Background2D or Background3D
    energy : `~astropy.units.Quantity`
        One or more energies.
    add_cbar : bool
        Add a colour bar to each.
    ncols : int
        Pictures in a row.
    figsize : tuple, optional
    axes_loc : dict, optional
        Place of the colour bars, see `geminga.visualization.add_colorbar`.
    kwargs_colorbar : dict, optional
        Passed to `matplotlib.figure.Figure.colorbar`.
    **kwargs
        Passed to `matplotlib.axes.Axes.pcolormesh`.

    Returns
    -------
    array of `~matplotlib.axes.Axes`
    """
    energy = as_list(energy, 1 * u.TeV, "energy")
    cube = background if "fov_lon" in background.axes.names else background.to_3d()
    ncols = min(ncols, len(energy))
    nrows = -(-len(energy) // ncols)
    axes = new_figure(figsize or (5.2 * ncols, 4.2 * nrows), compress=True).subplots(
        nrows, ncols, squeeze=False
    )
    for ax, value in zip(axes.flat, energy, strict=False):
        _field_of_view(cube, ax, value, add_cbar, axes_loc, kwargs_colorbar, **kwargs)
    for ax in axes.flat[len(energy) :]:
        ax.set_visible(False)
    return axes


def _field_of_view(cube, ax, energy, add_cbar=True, axes_loc=None, kwargs_colorbar=None, **kwargs):
    lon, lat = cube.axes["fov_lon"], cube.axes["fov_lat"]
    values = cube.evaluate(
        energy=energy, fov_lon=lon.center[:, np.newaxis], fov_lat=lat.center[np.newaxis, :]
    ).to(cube.unit)
    image = mesh(ax, lon, lat, values.T, **kwargs)
    ax.set_aspect("equal")
    ax.set_title(brief(energy), fontsize="medium")
    if add_cbar:
        label = label_with_unit("Background rate", cube.unit)
        add_colorbar(image, ax, axes_loc=axes_loc, **{"label": label, **(kwargs_colorbar or {})})


def plot_background_energy_dependence(background, ax=None, offset=None, **kwargs):
    """Plot the rate against energy, for some offsets.

    Parameters
    ----------
    background : Background2D
    ax : `~matplotlib.axes.Axes`, optional
    offset : `~astropy.units.Quantity`, optional
        By default five of the table.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = background.axes["energy"]
    offset = as_list(offset, spread(background.axes["offset"]), "offset")
    rate = background.evaluate(energy=axis.center, offset=offset[:, np.newaxis]).to(background.unit)
    curves(ax, axis, axis.center, _seen(rate), offset, **kwargs)
    ax.set_yscale("log")
    ax.set_ylabel(label_with_unit("Background rate", background.unit))
    ax.legend(title="Offset", frameon=False)
    return ax


def plot_background_offset_dependence(background, ax=None, energy=None, **kwargs):
    """Plot the rate against offset, for some energies.

    Parameters
    ----------
    background : Background2D
    ax : `~matplotlib.axes.Axes`, optional
    energy : `~astropy.units.Quantity`, optional
        By default five of the table.
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = background.axes["offset"]
    energy = as_list(energy, spread(background.axes["energy"]), "energy")
    rate = background.evaluate(energy=energy[:, np.newaxis], offset=axis.center).to(background.unit)
    curves(
        ax, axis, axis.center, _seen(rate), energy, **{"marker": "." if axis.nbin < 20 else None, **kwargs}
    )
    ax.set_yscale("log")
    ax.set_xlim(left=0)
    ax.set_ylabel(label_with_unit("Background rate", background.unit))
    ax.legend(title="Energy", frameon=False)
    return ax


def _seen(rate, decades=12):
    """Return rates without those that stand for zero where values are interpolated in their logarithm."""
    top = np.nanmax(rate.value)
    return np.where(rate.value > top / 10**decades, rate.value, np.nan) * rate.unit


def plot_background_spectrum(background, ax=None, **kwargs):
    """Plot the rate integrated over the field of view, against energy.

    Parameters
    ----------
    background : Background2D or Background3D
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    axis = background.axes["energy"]
    rate = _integrated(background).to("s-1 TeV-1")
    rate[rate <= 0] = np.nan
    with with_quantities():
        ax.plot(axis.center, rate, **{"color": COLORS["data"], **kwargs})
    format_plot_xaxis(axis, ax)
    ax.set_yscale("log")
    ax.set_ylabel(label_with_unit("Rate in the field of view", rate.unit))
    return ax


def _integrated(background):
    """Return the rate of each energy, integrated over the field of view."""
    names, values = background.axes.names, background.quantity
    if "offset" in names:
        edges = background.axes["offset"].edges.to_value("rad")
        solid_angle = 2 * np.pi * np.abs(np.diff(np.cos(edges))) * u.sr
        return values @ solid_angle
    lon, lat = (background.axes[name] for name in ("fov_lon", "fov_lat"))
    height = np.diff(np.sin(lat.edges.to_value("rad")))
    solid_angle = lon.bin_width.to_value("rad")[:, np.newaxis] * height * u.sr
    return (values * solid_angle).sum(axis=(1, 2))


def peek_background(background, figsize=(10, 8)):
    """Show a background in four pictures.

    Parameters
    ----------
    background : Background2D or Background3D
    figsize : tuple
    """
    table = background if "offset" in background.axes.names else background.to_2d()
    axes = new_figure(figsize, compress=True).subplots(2, 2)
    if table is background:
        plot_background_2d(table, ax=axes[1, 1])
    else:
        energy = np.clip(to_quantity("1 TeV", name="energy"), *background.axes["energy"].center[[0, -1]])
        _field_of_view(background, axes[1, 1], energy)
    plot_background_offset_dependence(table, ax=axes[0, 0])
    plot_background_energy_dependence(table, ax=axes[0, 1])
    plot_background_spectrum(background, ax=axes[1, 0])
