"""Spatial models."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import ModelError, UnknownNameError
from ..maps import Map, WcsGeom
from .maps.grid import plot_grid
from .maps.interactive import plot_interactive
from .maps.regions import draw_regions, sky_axes
from .maps.wcs_map import plot_wcs_map

__all__ = [
    "plot_position_error",
    "plot_spatial_model",
    "plot_spatial_model_error",
    "plot_spatial_model_grid",
    "plot_spatial_model_interactive",
]


def _geometry(model):
    """Return an image that holds a model with some room around it."""
    template = getattr(model, "map", None)
    if template is not None and not template.geom.is_region:
        return template.geom.to_image()
    radius = model.evaluation_radius
    if radius is None:
        # models without a place cover the sky
        return WcsGeom.create(npix=(360, 180), binsz=1.0, proj="AIT", frame=model.frame)
    radius = max(float(u.Quantity(radius).to_value("deg")), 0.05)
    width = 2.2 * radius
    return WcsGeom.create(
        skydir=model.position, binsz=width / 200, width=width, proj="TAN", frame=model.frame
    )


def _map_of(model, geom=None):
    """Return the density of a model on a geometry."""
    if geom is None:
        geom = _geometry(model)
        if model.is_energy_dependent:
            template = getattr(model, "map", None)
            if template is None:
                raise ModelError(
                    f"geometry must have an energy axis for {type(model).__name__}, got none. Give a geom with one."
                )
            geom = template.geom
    if type(model).__name__ == "PointSpatialModel":
        # a point has no density: show what falls into each pixel
        return model.integrate_geom(geom)
    values = model.evaluate_geom(geom)
    if not model.is_energy_dependent:
        geom = geom.to_image()
        values = values.reshape(values.shape[-2:])
    return Map.from_geom(geom, data=values.value, unit=values.unit)


def plot_spatial_model(model, ax=None, geom=None, **kwargs):
    """Plot the density of a model on the sky.

    Parameters
    ----------
    model : SpatialModel
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    geom : `~geminga.maps.WcsGeom`, optional
        By default one that holds the model.
    **kwargs
        Passed to ``WcsNDMap.plot``.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    image = _map_of(model, geom)
    if any(axis.nbin > 1 for axis in image.geom.axes):
        raise ModelError(
            "geometry must have one energy to be plotted as an image, "
            f"got {image.geom.axes[0].nbin}. Use plot_grid or plot_interactive."
        )
    return plot_wcs_map(image, ax=ax, **kwargs)


def plot_spatial_model_grid(model, geom=None, **kwargs):
    """Plot the density of a model at each energy.

    Parameters
    ----------
    model : SpatialModel
    geom : `~geminga.maps.WcsGeom`, optional
    **kwargs
        Passed to ``WcsNDMap.plot_grid``.

    Returns
    -------
    array of `~matplotlib.axes.Axes`
    """
    return plot_grid(_map_of(model, geom), **kwargs)


def plot_spatial_model_interactive(model, ax=None, geom=None, **kwargs):
    """Plot the density of a model with a slider for the energy.

    Parameters
    ----------
    model : SpatialModel
    ax : `~matplotlib.axes.Axes`, optional
        Accepted for scripts; sliders need a figure of their own.
    geom : `~geminga.maps.WcsGeom`, optional
    **kwargs
        Passed to ``WcsNDMap.plot_interactive``.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    return plot_interactive(_map_of(model, geom), **kwargs)


def plot_position_error(model, ax=None, **kwargs):
    """Plot the region that contains the position with 95% probability.

    Parameters
    ----------
    model : SpatialModel
        With a covariance.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    **kwargs
        Passed to the patch.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    region = model.position_error
    if ax is None:
        ax = _current_sky_axes() or sky_axes(_around(region))
    return draw_regions([region], ax, **kwargs)


def _around(region):
    size = max(
        (getattr(region, name).to_value("deg") for name in ("width", "height") if hasattr(region, name)),
        default=0.0,
    )
    width = 2 * size if size > 0 else 0.2
    return WcsGeom.create(
        skydir=region.center, width=width, binsz=width / 100, proj="TAN", frame=region.center.frame.name
    )


def _current_sky_axes():
    import matplotlib.pyplot as plt

    if plt.get_fignums() and plt.gcf().axes and hasattr(plt.gca(), "wcs"):
        return plt.gca()
    return None


def plot_spatial_model_error(
    model, ax=None, which="position", size_factor=1.0, kwargs_position=None, kwargs_extension=None
):
    """Plot the errors of position and extension.

    Parameters
    ----------
    model : SpatialModel
        With a covariance.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    which : {"position", "extension", "all"}, or a list of these
        What to draw. The extension is drawn as the outline of the model at the fitted size, and at one standard
        deviation to both sides.
    size_factor : float
        Factor on the size of the outline.
    kwargs_position, kwargs_extension : dict, optional
        Passed to the patches.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    known = ("position", "extension", "all")
    which = [which] if isinstance(which, str) else list(which)
    for name in which:
        if name not in known:
            raise UnknownNameError("error of a spatial model", name, known)
    if ax is None:
        ax = _current_sky_axes() or sky_axes(_geometry(model))
    if {"position", "all"} & set(which):
        plot_position_error(model, ax=ax, **(kwargs_position or {}))
    if {"extension", "all"} & set(which):
        style = kwargs_extension or {}
        for n_sigma, line in ((-1, "--"), (0, "-"), (1, "--")):
            draw_regions(_outline(model, n_sigma, size_factor), ax, **{"linestyle": line, **style})
    return ax


def _outline(model, n_sigma, size_factor):
    """Return the outline of a copy whose size is moved by some errors, in a list; empty if there is no size."""
    size = next((n for n in ("r_0", "sigma", "radius", "r_in") if n in model.parameters.names), None)
    if size is None or not hasattr(model, "to_region"):
        return []
    moved = model.copy()
    own = moved.parameters[size]
    error = model.parameters[size].error
    value = model.parameters[size].value + n_sigma * (error if np.isfinite(error) else 0)
    if value <= 0:
        return []
    own.min, own.max = np.nan, np.nan
    own.value = value
    return [moved.to_region(size_factor=size_factor)]
