"""Grids of numbers as colours."""

from __future__ import annotations

import numpy as np
from matplotlib.ticker import StrMethodFormatter

from .figure import add_colorbar, image_axes

__all__ = ["annotate_heatmap", "plot_heatmap"]


def plot_heatmap(data, row_labels, col_labels, ax=None, cbar_kw=None, cbarlabel="", **kwargs):
    """Plot a matrix as colours, with names at its rows and columns.

    Parameters
    ----------
    data : array_like, shape (n_rows, n_columns)
    row_labels, col_labels : list of str
    ax : `~matplotlib.axes.Axes`, optional
    cbar_kw : dict, optional
        Passed to `matplotlib.figure.Figure.colorbar`.
    cbarlabel : str
        Label of the colour bar.
    **kwargs
        Passed to `matplotlib.axes.Axes.imshow`.

    Returns
    -------
    image : `~matplotlib.image.AxesImage`
    colorbar : `~matplotlib.colorbar.Colorbar`
    """
    ax = image_axes(ax)
    data = np.asarray(data)
    image = ax.imshow(data, **kwargs)
    bar = add_colorbar(image, ax, **{"label": cbarlabel, **(cbar_kw or {})})
    ax.set_xticks(np.arange(data.shape[1]), col_labels, rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(np.arange(data.shape[0]), row_labels)
    ax.spines[:].set_visible(False)
    ax.set_xticks(np.arange(data.shape[1] + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(data.shape[0] + 1) - 0.5, minor=True)
    ax.grid(which="minor", color="white", linewidth=2)
    ax.tick_params(which="minor", bottom=False, left=False)
    return image, bar


def annotate_heatmap(
    im, data=None, valfmt="{x:.2f}", textcolors=("black", "white"), threshold=None, **textkw
):
    """Write the numbers onto a grid of colours.

    Parameters
    ----------
    im : `~matplotlib.image.AxesImage`
    data : array_like, optional
        Numbers to write; by default those of the image.
    valfmt : str or `~matplotlib.ticker.Formatter`
        Format of the numbers, in terms of ``x``.
    textcolors : pair of str
        Colours of the text on light and on dark cells; with a threshold, of numbers up to it and above.
    threshold : float, optional
        In the units of the numbers; by default the lightness of each cell decides.
    **textkw
        Passed to `matplotlib.axes.Axes.text`.

    Returns
    -------
    list of `~matplotlib.text.Text`
    """
    shown = np.asarray(im.get_array())
    data = shown if data is None else np.asarray(data)
    if threshold is None:
        # weights of the primaries in the perceived lightness (ITU-R BT.709)
        second = im.cmap(im.norm(shown))[..., :3] @ np.array([0.2126, 0.7152, 0.0722]) < 0.45
    else:
        second = data > threshold
    if isinstance(valfmt, str):
        valfmt = StrMethodFormatter(valfmt)
    texts = []
    for (row, column), value in np.ndenumerate(data):
        style = {"ha": "center", "va": "center", "color": textcolors[int(second[row, column])], **textkw}
        texts.append(im.axes.text(column, row, valfmt(value, None), **style))
    return texts
