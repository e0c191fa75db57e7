"""Splitting a dataset into tiles."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import GeometryError
from ..maps import Map
from ..units import to_quantity

__all__ = ["split_dataset"]


def split_dataset(dataset, width, margin, split_template_models=True):
    """Split a dataset into tiles that overlap, each fitted in its inner part only.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        On a WCS geometry.
    width : `~astropy.units.Quantity` or str
        Width of the inner part of a tile; the last ones are what remains.
    margin : `~astropy.units.Quantity` or str
        What a tile has around its inner part, masked in the fit.
    split_template_models : bool
        Give each tile its own piece of each `~geminga.modeling.models.TemplateNPredModel`, with the spectral model in
        common; otherwise tiles share the models as they are.

    Returns
    -------
    `~geminga.datasets.Datasets`
        Named after the dataset and the number of the tile. The fit masks of the tiles cover that of the dataset, each
        pixel once.
    """
    from .datasets import Datasets

    geom = dataset._geom.to_image()
    if geom.is_region or geom.is_hpx:
        raise GeometryError(
            f"dataset {dataset.name!r} must be on a WCS geometry to be split, got {type(geom).__name__}. "
            "Convert it first."
        )
    width, margin = to_quantity(width, "deg", "width"), to_quantity(margin, "deg", "margin")
    scale = np.abs(geom.pixel_scales.to_value("deg"))
    n_inner = np.maximum(np.rint(width.to_value("deg") / scale).astype(int), 1)
    n_margin = np.rint(margin.to_value("deg") / scale).astype(int)
    n_y, n_x = (int(n) for n in geom.data_shape)
    tiles = Datasets()
    for y in range(0, n_y, n_inner[1]):
        for x in range(0, n_x, n_inner[0]):
            inner = (x, min(x + n_inner[0], n_x)), (y, min(y + n_inner[1], n_y))
            tiles.append(_tile(dataset, geom, inner, n_margin, scale, len(tiles)))
    _share_models(dataset, tiles, split_template_models)
    return tiles


def _tile(dataset, geom, inner, n_margin, scale, number):
    """Return one tile, whose fit mask is the inner part."""
    (x_low, x_high), (y_low, y_high) = inner
    n_y, n_x = (int(n) for n in geom.data_shape)
    low = max(x_low - n_margin[0], 0), max(y_low - n_margin[1], 0)
    high = min(x_high + n_margin[0], n_x), min(y_high + n_margin[1], n_y)
    n_pixels = high[0] - low[0], high[1] - low[1]
    centre = (low[0] + high[0] - 1) / 2, (low[1] + high[1] - 1) / 2
    position = geom.wcs.pixel_to_world(*centre)
    size = u.Quantity(n_pixels * scale, "deg")
    tile = dataset.cutout(position, size, name=f"{dataset.name}-{number}")
    inside = np.zeros(geom.data_shape, dtype=bool)
    inside[y_low:y_high, x_low:x_high] = True
    mask = Map.from_geom(dataset._geom, data=np.broadcast_to(inside, dataset.data_shape).copy())
    mask = mask.cutout(position, size)
    old = tile.mask_fit
    tile.mask_fit = mask if old is None else Map.from_geom(mask.geom, data=mask.data & old.data)
    return tile


def _share_models(dataset, tiles, split_template_models) -> None:
    """Give the models of a dataset to its tiles."""
    if dataset.models is None:
        return
    names = tiles.names
    for tile in tiles:
        chosen = []
        for model in dataset.models:
            tags = [model.tag] if isinstance(model.tag, str) else model.tag
            if "TemplateNPredModel" in tags and split_template_models:
                piece = model.cutout(
                    tile._geom.center_skydir, tile._geom.width, name=f"{model.name}-{tile.name}"
                )
                piece.spectral_model = model.spectral_model
                piece.datasets_names = [tile.name]
                chosen.append(piece)
            elif "FoVBackgroundModel" in tags:
                chosen.append(model.copy(name=f"{tile.name}-bkg", dataset_name=tile.name))
            elif model.datasets_names is None or set(model.datasets_names) & {dataset.name, *names}:
                chosen.append(model)
        tile.models = chosen
