"""Profiles across images."""

from __future__ import annotations

import numpy as np

from .figure import COLORS, default_axes, label_with_unit, new_figure

__all__ = ["peek_image_profile", "plot_image_profile", "plot_image_profile_error"]


def _dress(profile, ax):
    ax.set_xlabel(label_with_unit("Position", profile.x_ref.unit))
    ax.set_ylabel(label_with_unit("Profile", getattr(profile.profile, "unit", "")))
    ax.set_xlim(profile.x_min[0].value, profile.x_max[-1].to_value(profile.x_min.unit))
    return ax


def plot_image_profile(profile, ax=None, **kwargs):
    """Plot an image profile.

    Parameters
    ----------
    profile : ImageProfile
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    values = np.asarray(getattr(profile.profile, "value", profile.profile), dtype=float)
    ax.plot(profile.x_ref.value, values, **{"color": COLORS["data"], **kwargs})
    return _dress(profile, ax)


def plot_image_profile_error(profile, ax=None, **kwargs):
    """Plot the errors of an image profile as a band.

    Parameters
    ----------
    profile : ImageProfile
    ax : `~matplotlib.axes.Axes`, optional
    **kwargs
        Passed to `matplotlib.axes.Axes.fill_between`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = default_axes(ax)
    values, errors = (
        np.asarray(getattr(column, "value", column), dtype=float)
        for column in (profile.profile, profile.profile_err)
    )
    style = {"color": COLORS["data"], "alpha": 0.25, "linewidth": 0, **kwargs}
    ax.fill_between(profile.x_ref.value, values - errors, values + errors, **style)
    return _dress(profile, ax)


def peek_image_profile(profile, figsize=(8, 4.5), **kwargs):
    """Show an image profile with its errors.

    Parameters
    ----------
    profile : ImageProfile
    figsize : tuple
    **kwargs
        Passed to `matplotlib.axes.Axes.plot`.

    Returns
    -------
    `~matplotlib.axes.Axes`
    """
    ax = new_figure(figsize).subplots()
    plot_image_profile(profile, ax=ax, **kwargs)
    if "profile_err" in profile.table.colnames:
        plot_image_profile_error(profile, ax=ax, **({"color": kwargs["color"]} if "color" in kwargs else {}))
    return ax
