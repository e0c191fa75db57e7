"""Long stripes of the sky in panels above each other."""

from __future__ import annotations

import numpy as np
from astropy.coordinates import Angle

from .maps.regions import dress_sky
from .maps.wcs_map import plot_wcs_map

__all__ = ["MapPanelPlotter"]


class MapPanelPlotter:
    """Plot a wide map as panels of equal width, one above the other.

    Parameters
    ----------
    figure : `~matplotlib.figure.Figure`
    xlim, ylim : pair of `~astropy.coordinates.Angle`
        Longitudes, from left (large) to right in either order, and latitudes that are shown; longitudes go through 0
        where the first is below the second after wrapping at 180 deg.
    npanels : int
    **kwargs
        Passed to `matplotlib.gridspec.GridSpec`.
    """

    def __init__(self, figure, xlim, ylim, npanels=4, **kwargs):
        self.figure = figure
        self.parameters = {"xlim": xlim, "ylim": ylim, "npanels": npanels}
        left, right = Angle(xlim).wrap_at("180d").deg
        if left < right:
            left, right = right, left
        self._borders = np.linspace(left, right, npanels + 1)
        self._ylim = np.sort(Angle(ylim).deg)
        self.grid_spec = figure.add_gridspec(nrows=npanels, ncols=1, **kwargs)

    def _limits(self, wcs, panel):
        """Return the limits of a panel in pixels."""
        left, right = self._borders[panel], self._borders[panel + 1]
        lat = self._ylim
        x = wcs.wcs_world2pix([left, right], [np.mean(lat)] * 2, 0)[0]
        y = wcs.wcs_world2pix([0.5 * (left + right)] * 2, lat, 0)[1]
        return np.sort(x), np.sort(y)

    def plot_panel(self, map, panel=1, panel_fov=None, **kwargs):
        """Plot one panel.

        Parameters
        ----------
        map : WcsNDMap
        panel : int
            Number of the panel, from 0 at the top.
        panel_fov : int, optional
            Number of the part of the sky to show, if it is not that of the panel.
        **kwargs
            Passed to ``WcsNDMap.plot``.

        Returns
        -------
        `~astropy.visualization.wcsaxes.WCSAxes`
        """
        fov = panel if panel_fov is None else panel_fov
        ax = self.figure.add_subplot(self.grid_spec[panel], projection=map.geom.wcs)
        plot_wcs_map(map, ax=ax, **kwargs)
        dress_sky(ax, map.geom)
        x, y = self._limits(map.geom.wcs, fov)
        ax.set_xlim(*x)
        ax.set_ylim(*y)
        if panel < self.parameters["npanels"] - 1:
            ax.coords[0].set_axislabel(" ")
        return ax

    def plot(self, map, **kwargs):
        """Plot all panels.

        Parameters
        ----------
        map : WcsNDMap
        **kwargs
            Passed to ``WcsNDMap.plot``.

        Returns
        -------
        list of `~astropy.visualization.wcsaxes.WCSAxes`
        """
        return [self.plot_panel(map, panel, **kwargs) for panel in range(self.parameters["npanels"])]
