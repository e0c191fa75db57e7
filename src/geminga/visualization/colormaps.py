"""Colour maps for maps of significance."""

from __future__ import annotations

import colorsys

import numpy as np
from matplotlib.colors import LinearSegmentedColormap

from ..errors import ConfigError

__all__ = ["colormap_hess", "colormap_milagro"]


def _check(transition, width):
    if not 0 < transition < 1:
        raise ConfigError(
            f"transition must lie between 0 and 1, got {transition}. 0.5 is the middle of the scale."
        )
    if not 0 <= width < 1 - transition:
        raise ConfigError(f"width must lie between 0 and 1 - transition, got {width}. Make it smaller.")


def colormap_hess(transition=0.5, width=0.1):
    """Return the colour map of H.E.S.S. significance maps: black over blue to red, yellow and white.

    Parameters
    ----------
    transition : float
        Place of the change from blue to red on the scale from 0 to 1.
    width : float
        Width of the change.

    Returns
    -------
    `~matplotlib.colors.LinearSegmentedColormap`

    Examples
    --------
    >>> colors = colormap_hess(transition=0.4)
    >>> [round(float(part), 1) for part in colors(0.0)], [round(float(part), 1) for part in colors(1.0)]
    ([0.0, 0.0, 0.0, 1.0], [1.0, 1.0, 1.0, 1.0])
    """
    _check(transition, width)
    rest = 1 - transition - width
    stops = [
        (0.0, (0.0, 0.0, 0.0)),
        (transition, (0.0, 0.0, 0.7)),
        (transition + width, (0.85, 0.0, 0.0)),
        (transition + width + 0.55 * rest, (1.0, 0.9, 0.0)),
        (1.0, (1.0, 1.0, 1.0)),
    ]
    return _of(stops, "hess")


def colormap_milagro(transition=0.5, width=0.0001, huestart=0.6):
    """Return the colour map of Milagro maps: grey up to a threshold, colours above.

    Parameters
    ----------
    transition : float
        Place of the threshold on the scale from 0 to 1.
    width : float
        Width of the change.
    huestart : float
        Hue of the first colour above, from 0 to 1; the last is red.

    Returns
    -------
    `~matplotlib.colors.LinearSegmentedColormap`

    Examples
    --------
    >>> red, green, blue, _ = colormap_milagro(transition=0.5)(0.2)
    >>> bool(red == green == blue)
    True
    """
    _check(transition, width)
    start = transition + width
    stops = [(0.0, (1.0, 1.0, 1.0)), (transition, (0.0, 0.0, 0.0))]
    for part in np.linspace(0, 1, 33):
        hue = huestart * (1 - part)
        stops.append((start + (1 - start) * part, colorsys.hsv_to_rgb(hue, 1.0, 1.0)))
    return _of(stops, "milagro")


def _of(stops, name):
    """Return a colour map through colours at places; two colours at one place make a step."""
    parts = {
        part: [(place, color[index], color[index]) for place, color in [*stops[:-1], (1.0, stops[-1][1])]]
        for index, part in enumerate(("red", "green", "blue"))
    }
    return LinearSegmentedColormap(name, parts, N=1024)
