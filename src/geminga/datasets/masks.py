"""Masks of a dataset: as images, on the responses, as energy ranges; and a temporary fit mask."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
from astropy import units as u

from ..maps import Map

__all__ = [
    "energy_range",
    "energy_range_total",
    "image_of",
    "mask_safe_edisp",
    "mask_safe_psf",
    "set_and_restore_mask_fit",
]

#: Weight of a pixel beside the centre of another that is more than a rounding error.
LEAST_SHARE = 1e-6


def image_of(mask):
    """Return the pixels with any bin inside a mask, an image of bool, or None for None."""
    if mask is None:
        return None
    data = np.asarray(mask.data, dtype=bool)
    n_axes = len(mask.geom.axes)
    return type(mask)(geom=mask.geom.to_image(), data=data.any(axis=tuple(range(n_axes))))


def mask_safe_psf(dataset):
    """Return the safe pixels on the geometry of the PSF, its other axes squashed, or None.

    A pixel of the PSF is safe if one of the pixels around its centre is.
    """
    if dataset.mask_safe is None or dataset.psf is None:
        return None
    return _on_response(dataset.mask_safe_image, dataset.psf.psf_map.geom, keep=())


def mask_safe_edisp(dataset):
    """Return the safe bins on the geometry of the energy dispersion, true energy squashed, or None.

    A pixel of the energy dispersion is safe if one of the pixels around its centre is.
    """
    mask, edisp = dataset.mask_safe, dataset.edisp
    if mask is None or edisp is None:
        return None
    geom = edisp.edisp_map.geom
    if "migra" in geom.axes.names:
        return _on_response(dataset.mask_safe_image, geom, keep=())
    if mask.geom.is_region:
        return mask
    return _on_response(mask, geom, keep=("energy",))


def _on_response(mask, geom, keep):
    """Return where a response map is needed: at pixels with a safe one among those around their centres."""
    for axis in geom.axes:
        if axis.name not in keep:
            geom = geom.squash(axis.name)
    if mask.geom.is_region:
        return Map.from_geom(geom, data=np.broadcast_to(mask.data.any(), geom.data_shape).copy())
    coords = geom.get_coord(sparse=True)
    wanted = {name: coords[name] for name in keep} | {"skycoord": coords.skycoord}
    numbers = Map.from_geom(mask.geom, data=mask.data.astype(float))
    share = numbers.interp_by_coord(wanted, method="linear", fill_value=0.0)
    safe = np.broadcast_to(share > LEAST_SHARE, geom.data_shape).copy()
    if not safe.any() and mask.data.any():
        _add_contained(safe, mask, geom)
    return Map.from_geom(geom, data=safe)


def _add_contained(safe, mask, geom) -> None:
    """Mark pixels of a response that hold safe pixels: those larger than the map may have their centres outside."""
    lon, lat = geom.to_image().coord_to_idx(mask.geom.to_image().get_coord())
    # true energy and what else is squashed have one bin
    planes = mask.data.reshape(-1, *lon.shape)
    target = safe.reshape(len(planes), *safe.shape[-2:])
    for plane, image in zip(planes, target, strict=True):
        inside = plane & (lon >= 0) & (lat >= 0)
        image[lat[inside], lon[inside]] = True


def energy_range(geom, mask):
    """Return the smallest and largest energy inside a mask, for each pixel.

    Parameters
    ----------
    geom : `~geminga.maps.Geom`
        With an axis ``energy``.
    mask : `~geminga.maps.Map` or None
        None stands for all bins.

    Returns
    -------
    energy_min, energy_max : `~geminga.maps.Map`
        Images; NaN where no bin is inside.
    """
    edges = geom.axes["energy"].edges
    values = edges.value
    image = geom.to_image()
    if mask is None:
        low = np.full(image.data_shape, values[0])
        high = np.full(image.data_shape, values[-1])
    else:
        inside = np.asarray(mask.data, dtype=bool)
        position = len(geom.axes) - 1 - geom.axes.names.index("energy")
        n_bins = inside.shape[position]
        first = inside.argmax(axis=position)
        last = n_bins - np.flip(inside, axis=position).argmax(axis=position)
        empty = ~inside.any(axis=position)
        low = np.where(empty, np.nan, values[first])
        high = np.where(empty, np.nan, values[last])
        others = tuple(range(low.ndim - len(image.data_shape)))
        if others:
            low, high = np.nanmin(low, axis=others), np.nanmax(high, axis=others)
    return Map.from_geom(image, data=low, unit=edges.unit), Map.from_geom(image, data=high, unit=edges.unit)


def energy_range_total(geom, mask) -> tuple[u.Quantity, u.Quantity]:
    """Return the smallest and largest energy inside a mask, over all pixels; NaN if nothing is inside."""
    axis = geom.axes["energy"]
    edges = axis.edges
    if mask is None:
        return edges[0], edges[-1]
    position = len(geom.axes) - 1 - geom.axes.names.index("energy")
    data = np.moveaxis(np.asarray(mask.data, dtype=bool), position, 0)
    used = np.flatnonzero(data.reshape(axis.nbin, -1).any(axis=1))
    if not len(used):
        nothing = u.Quantity(np.nan, edges.unit)
        return nothing, nothing
    return edges[used[0]], edges[used[-1] + 1]


@contextmanager
def set_and_restore_mask_fit(
    datasets, mask_fit=None, energy_min=None, energy_max=None, round_to_edge=False, operator=np.logical_and
):
    """Give datasets another fit mask for the length of a block.

    Parameters
    ----------
    datasets : `Datasets` or list of datasets
    mask_fit : `~geminga.maps.Map` of bool, optional
        Mask to be combined with the one of each dataset. It is interpolated to the geometry of each.
    energy_min, energy_max : `~astropy.units.Quantity` or str, optional
        Range of energies to be combined with the mask of each dataset.
    round_to_edge : bool
        Round the energies to edges of bins first.
    operator : callable
        How the new mask and the old one are combined.

    Yields
    ------
    `Datasets`
        Those datasets that have a bin left.

    Examples
    --------
    >>> from geminga.datasets import SpectrumDataset
    >>> from geminga.maps import MapAxis, RegionGeom
    >>> axis = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
    >>> dataset = SpectrumDataset.create(RegionGeom.create(None, axes=[axis]))
    >>> dataset.mask_safe.data[...] = True
    >>> with set_and_restore_mask_fit([dataset], energy_min="3 TeV") as kept:
    ...     print(kept[0].mask_fit.data.ravel())
    [False  True]
    >>> dataset.mask_fit is None
    True
    """
    from .datasets import Datasets

    datasets = list(datasets)
    before = [dataset.mask_fit for dataset in datasets]
    try:
        kept = []
        for dataset, old in zip(datasets, before, strict=True):
            new = _combined_mask(dataset, mask_fit, energy_min, energy_max, round_to_edge)
            if new is not None:
                if old is not None:
                    data = operator(np.asarray(old.data, dtype=bool), np.asarray(new.data, dtype=bool))
                    new = Map.from_geom(new.geom, data=data)
                dataset.mask_fit = new
            if dataset._contributes:
                kept.append(dataset)
        yield Datasets(kept)
    finally:
        for dataset, old in zip(datasets, before, strict=True):
            dataset.mask_fit = old


def _combined_mask(dataset, mask_fit, energy_min, energy_max, round_to_edge):
    """Return what is asked for as a mask on the geometry of a dataset, or None if nothing is."""
    if mask_fit is None and energy_min is None and energy_max is None:
        return None
    geom = dataset._geom
    mask = None
    if energy_min is not None or energy_max is not None:
        mask = geom.energy_mask(energy_min, energy_max, round_to_edge)
    if mask_fit is not None:
        given = mask_fit if mask_fit.geom == geom else mask_fit.interp_to_geom(geom, method="nearest")
        data = np.asarray(given.data, dtype=bool)
        mask = Map.from_geom(geom, data=data if mask is None else data & mask.data)
    return mask
