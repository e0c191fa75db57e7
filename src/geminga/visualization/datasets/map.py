"""Map datasets at a glance."""

from __future__ import annotations

import numpy as np

from ..axes import brief
from ..figure import COLORS, new_figure
from ..maps.hpx_map import flat_image
from ..maps.regions import sky_projection
from ..maps.wcs_map import plot_wcs_map, plot_wcs_mask
from .panels import dress, energies, shade_masks, spectrum_of
from .spectrum import peek_spectrum_dataset

__all__ = ["peek_map_dataset"]


def _images(dataset):
    """Return title, image and options of each picture of the sky."""
    if dataset.counts is not None:
        yield "Counts", dataset.counts.sum_over_axes(keepdims=False), {"stretch": "sqrt"}
    if dataset.background is not None:
        yield "Background", dataset.npred_background().sum_over_axes(keepdims=False), {}
    if dataset.counts is not None and dataset.background is not None:
        excess = dataset.excess.sum_over_axes(keepdims=False)
        excess = excess.smooth(1.5 * excess.geom.pixel_scales.mean())
        yield "Excess, smoothed", excess, {}
    if dataset.exposure is not None:
        exposure = dataset.exposure
        axis = exposure.geom.axes["energy_true"]
        middle = axis.nbin // 2
        yield (
            f"Exposure at {brief(axis.center[middle])}",
            exposure.slice_by_idx({"energy_true": middle}),
            {},
        )


def peek_map_dataset(dataset, figsize=(13, 7)):
    """Show counts, background, excess and exposure of a dataset on the sky, and the counts against energy.

    Parameters
    ----------
    dataset : MapDataset
    figsize : tuple
    """
    if dataset._geom.is_region:
        peek_spectrum_dataset(dataset)
        return
    figure = new_figure(figsize, compress=True)
    place = 0
    for place, (title, picture, options) in enumerate(_images(dataset), start=1):
        image = flat_image(picture)
        ax = figure.add_subplot(2, 3, place, **sky_projection(image.geom))
        plot_wcs_map(image, ax=ax, add_cbar=True, **options)
        ax.set_title(title)
    if dataset.counts is not None:
        _spectrum(dataset, figure.add_subplot(2, 3, place + 1))
        place += 1
    if dataset.mask is not None:
        mask = flat_image(dataset.mask_image)
        ax = figure.add_subplot(2, 3, place + 1, **sky_projection(mask.geom))
        plot_wcs_mask(mask, ax=ax)
        ax.set_title("Pixels used at any energy")


def _spectrum(dataset, ax):
    edges, _, _ = energies(dataset)
    shade_masks(ax, dataset)
    ax.stairs(spectrum_of(dataset.counts), edges, baseline=None, color=COLORS["data"], label="Counts")
    if dataset.background is not None:
        background = spectrum_of(dataset.npred_background())
        ax.stairs(background, edges, baseline=None, color=COLORS["background"], label="Background")
    dress(ax, dataset)
    if np.any(dataset.counts.data > 0):
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(bottom=0)
    ax.set_title("Counts of the whole map")
    ax.legend(frameon=False)
