"""Three images as one picture in colour."""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError
from .maps.regions import sky_axes

__all__ = ["plot_map_rgb"]


def plot_map_rgb(map_, ax=None, **kwargs):
    """Plot a map with three bins as red, green and blue.

    Parameters
    ----------
    map_ : WcsNDMap
        With one axis of three bins, or one of them among axes of one bin.
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
    **kwargs
        Passed to `astropy.visualization.make_lupton_rgb`: "stretch", "Q", "minimum". Each image is divided by the
        99.8% quantile of its values first.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`

    Raises
    ------
    GeometryError
        If there are not three images.
    """
    from astropy.visualization import make_lupton_rgb

    geom = map_.geom
    data = np.nan_to_num(np.asarray(map_.data, dtype=float))
    images = data.reshape(-1, *data.shape[-2:])
    if geom.is_region or len(images) != 3:
        raise GeometryError(
            f"map must have three images, got {len(images)}. Choose or sum bins, for example with resample_axis."
        )
    ax = sky_axes(geom, ax=ax)
    # each colour from 0 to 1, or one of them would drown the others
    top = np.percentile(images, 99.8, axis=(1, 2), keepdims=True)
    images = np.divide(images, top, out=np.zeros_like(images), where=top > 0)
    kwargs = {"stretch": 0.5, "Q": 2, "minimum": 0, **kwargs}
    with np.errstate(divide="ignore", invalid="ignore"):
        colors = make_lupton_rgb(*images, **kwargs)
    ax.imshow(colors, aspect="equal", origin="lower")
    return ax
