"""Off regions of spectral datasets."""

from __future__ import annotations

import logging

from .figure import CYCLE
from .maps.regions import draw_regions, sky_axes

__all__ = ["plot_spectrum_datasets_off_regions"]

log = logging.getLogger(__name__)


def plot_spectrum_datasets_off_regions(datasets, ax=None, legend=None, legend_kwargs=None, **kwargs):
    """Plot the off regions of datasets on the sky, a colour for each dataset.

    Parameters
    ----------
    datasets : list of SpectrumDatasetOnOff
    ax : `~astropy.visualization.wcsaxes.WCSAxes`, optional
        By default the current axes of the sky, or new ones around the regions.
    legend : bool, optional
        Name the datasets; by default if there are at most ten.
    legend_kwargs : dict, optional
        Passed to `matplotlib.axes.Axes.legend`.
    **kwargs
        Passed to the patches.

    Returns
    -------
    `~astropy.visualization.wcsaxes.WCSAxes`
    """
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    from ..sky.regions import compound_region_to_regions

    with_regions = []
    for dataset in datasets:
        off = dataset.counts_off
        if off is None or off.geom.region is None:
            log.warning("Skipping dataset %s: it has no off regions.", dataset.name)
            continue
        with_regions.append((dataset.name, off.geom))
    if ax is None:
        current = plt.gca() if plt.get_fignums() and plt.gcf().axes else None
        if hasattr(current, "wcs"):
            ax = current
        elif with_regions:
            geom = with_regions[0][1]
            for _, other in with_regions[1:]:
                geom = geom.union(other)
            ax = sky_axes(geom.to_wcs_geom(width_min=1.2 * geom.width.max()))
        else:
            return default_sky()
    handles = []
    for number, (name, geom) in enumerate(with_regions):
        style = {"color": CYCLE[number % len(CYCLE)], **kwargs}
        style["color"] = kwargs.get("color", kwargs.get("edgecolor", style["color"]))
        style.pop("edgecolor", None)
        draw_regions(
            compound_region_to_regions(geom.region), ax, kwargs_point={"color": style["color"]}, **style
        )
        handles.append(Line2D([], [], color=style["color"], label=name))
    if legend or (legend is None and 0 < len(handles) <= 10):
        ax.legend(handles=handles, **{"fontsize": "small", **(legend_kwargs or {})})
    return ax


def default_sky():
    """Return axes of the sky without anything on them."""
    from ..maps import WcsGeom

    return sky_axes(WcsGeom.create(width=5, binsz=0.1))
