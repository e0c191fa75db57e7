"""The sum of map datasets on pixels that cover all of them."""

from __future__ import annotations

import numpy as np

from ..errors import GeometryError
from ..maps.wcs.cutout import window_geom

__all__ = ["stack_covering"]


def stack_covering(datasets, name=None, with_models=False):
    """Return the sum of map datasets on pixels that cover all of them, without models.

    `Datasets.stack_reduce` keeps the pixels of the first dataset; cut-outs of one map around different pointings need
    more.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
        With pixels of one grid, such as cut-outs of one geometry; spectra are stacked as they are. The sum has the
        responses that the first one has.
    name : str, optional
        By default a new name.
    with_models : bool
        Take what all models predict as background, each dataset with its own models and responses.

    Raises
    ------
    GeometryError
        If the pixels are not those of one grid.
    """
    from .datasets import Datasets

    first = datasets[0]
    members = [_with_prediction(dataset) for dataset in datasets] if with_models else list(datasets)
    if first._geom.is_region or first._geom.is_hpx:
        return Datasets(members).stack_reduce(name=name)
    members = [d.to_map_dataset(name=d.name) if hasattr(d, "to_map_dataset") else d for d in members]
    geoms = {
        key: _covering([member.geoms[key] for member in members if key in member.geoms], key)
        for key in members[0].geoms
    }
    total = type(members[0]).from_geoms(**geoms, name=name)
    for member in Datasets(members):
        total.stack(member)
    return total


def _with_prediction(dataset):
    """Return a map dataset, without models, whose background is all that a dataset predicts."""
    if hasattr(dataset, "to_map_dataset"):
        plain = dataset.to_map_dataset(name=dataset.name)
        plain.background = plain.background + dataset.npred_signal()
    else:
        plain = dataset.copy(name=dataset.name)
        plain.background = dataset.npred()
    return plain


def _covering(geoms, what):
    """Return the geometry that covers others on the same grid of pixels."""
    first = geoms[0]
    corners = []
    for geom in geoms:
        same = geom.wcs.deepcopy().wcs
        shift = np.asarray(first.wcs.wcs.crpix) - np.asarray(geom.wcs.wcs.crpix)
        same.crpix = first.wcs.wcs.crpix
        if not same.compare(first.wcs.wcs, tolerance=1e-9) or np.any(np.abs(shift - np.rint(shift)) > 1e-6):
            raise GeometryError(
                f"{what} of the datasets must lie on one grid of pixels to be stacked, got different ones. "
                "Cut them out of one geometry."
            )
        n_lat, n_lon = geom.data_shape[-2:]
        x, y = np.rint(shift).astype(int)
        corners.append((x, x + n_lon, y, y + n_lat))
    x0, x1, y0, y1 = (
        f(values) for f, values in zip((min, max, min, max), zip(*corners, strict=True), strict=True)
    )
    return window_geom(first, (int(x0), int(x1)), (int(y0), int(y1)))
