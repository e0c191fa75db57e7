"""Datasets of another kind: spectra of regions, and on-off datasets with or from an ordinary background."""

from __future__ import annotations

from functools import partial

import numpy as np
from astropy import units as u

from ..errors import DataError, GeometryError
from ..maps import Map, RegionGeom
from .names import make_name
from .stacking import applied_background, off_acceptance

__all__ = [
    "as_map",
    "on_off_from_map_dataset",
    "on_off_to_map_dataset",
    "spectrum_from_on_off",
    "to_region_map_dataset",
    "to_spectrum_dataset",
]

#: Reductions in double precision, whatever the maps have.
_SUM, _MEAN = partial(np.sum, dtype=float), partial(np.mean, dtype=float)


# ---------------------------------------------------------------------- regions


def to_region_map_dataset(dataset, region, name=None):
    """Return the dataset integrated over a region, without models.

    Counts, background and off counts are summed over the safe pixels, exposure and acceptance are means, PSF and energy
    dispersion are those at the centre. The off acceptance is such that the background estimate is the sum of those of
    the pixels.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    region : `~regions.SkyRegion`
        Inside which the data are summed.
    name : str, optional
        By default a new name.

    Returns
    -------
    `~geminga.datasets.MapDataset`
        On a region geometry.
    """
    return dataset._rebuilt(name, **region_parts(dataset, region))


def region_parts(dataset, region) -> dict:
    """Return the parts of a dataset reduced to a region."""
    _check_inside(dataset, region)
    safe = dataset.mask_safe
    parts = {}
    if safe is not None:
        parts["mask_safe"] = _reduced_mask(safe, region, np.any)
        if not np.array_equal(parts["mask_safe"].data, _reduced_mask(safe, region, np.all).data):
            raise GeometryError(
                f"the safe mask of dataset {dataset.name!r} must be the same all over the region in each energy bin, "
                "got pixels of both kinds. Choose a smaller region, or another safe mask."
            )
    if dataset.mask_fit is not None:
        parts["mask_fit"] = _reduced_mask(dataset.mask_fit, region, np.any)
    if dataset.counts is not None:
        parts["counts"] = _sum(dataset.counts, safe, region)
    if "background" in dataset._maps and dataset.background is not None:
        background = applied_background(dataset)
        parts["background"] = _sum(background, safe, region)
    if dataset.exposure is not None:
        parts["exposure"] = dataset.exposure.to_region_nd_map(region, func=_MEAN)
        parts["exposure"].meta = dict(dataset.exposure.meta or {})
    if "counts_off" in dataset._maps:
        parts |= _on_off_parts(dataset, region)
    centre = getattr(region, "center", None) or RegionGeom.create(region).center_skydir
    for key in ("psf", "edisp"):
        response = getattr(dataset, key)
        if response is not None:
            parts[key] = response.to_region_nd_map(centre)
    return parts


def _on_off_parts(dataset, region) -> dict:
    """Return off counts and acceptances reduced to a region."""
    safe = dataset.mask_safe
    reduced = {}
    if dataset.acceptance is not None:
        reduced["acceptance"] = _safe_mean(dataset.acceptance, safe, region)
    if dataset.acceptance_off is not None:
        reduced["acceptance_off"] = _safe_mean(dataset.acceptance_off, safe, region)
    if dataset.counts_off is not None:
        reduced["counts_off"] = _sum(dataset.counts_off, safe, region)
    if len(reduced) == 3:
        background = _sum(dataset.background, safe, region)
        data = off_acceptance(
            *(
                np.asarray(part.data, dtype=float)
                for part in (
                    reduced["acceptance"],
                    reduced["counts_off"],
                    background,
                    reduced["acceptance_off"],
                )
            )
        )
        reduced["acceptance_off"] = Map.from_geom(background.geom, data=data)
    return reduced


def _reduced_mask(mask, region, function):
    """Return a mask reduced to a region, a map of bool."""
    reduced = mask.to_region_nd_map(region, func=function)
    return Map.from_geom(reduced.geom, data=np.asarray(reduced.data) > 0.5)


def _check_inside(dataset, region) -> None:
    """Refuse regions that reach out of the data."""
    geom = RegionGeom.create(region)
    own = dataset._geom.to_image()
    if own.is_region and geom == own:
        return
    if geom.is_all_point_sky_regions:
        inside = own.contains(geom.center_skydir)
    else:
        coords, _ = geom.get_wcs_coord_and_weights()
        inside = own.contains(coords.skycoord)
    if not np.all(inside):
        raise GeometryError(
            f"the region must lie inside dataset {dataset.name!r}, got {region!r}, which reaches out of it. "
            "Choose a smaller region, or pad the dataset."
        )


def to_spectrum_dataset(dataset, on_region, containment_correction=False, name=None):
    """Return the spectrum of a region, without models.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    on_region : `~regions.SkyRegion`
        Inside which the data are summed; it must lie in the dataset.
    containment_correction : bool
        Multiply the exposure by the fraction of a point source at the centre that the PSF puts into the region, which
        must then be a circle.
    name : str, optional
        By default a new name.

    Returns
    -------
    `~geminga.datasets.SpectrumDataset` or `~geminga.datasets.SpectrumDatasetOnOff`
    """
    from .onoff import SpectrumDatasetOnOff
    from .spectrum import SpectrumDataset

    parts = region_parts(dataset, on_region)
    if containment_correction:
        _correct_for_containment(parts, dataset, on_region)
    parts.pop("psf", None)
    kind = SpectrumDatasetOnOff if "counts_off" in dataset._maps else SpectrumDataset
    return kind(
        **parts, gti=dataset.gti, meta_table=dataset.meta_table, meta=dataset.meta, name=make_name(name)
    )


def _sum(map_, safe, region):
    """Return the sum of a map over the safe pixels of a region."""
    if map_.geom.is_region and safe is not None:
        map_, safe = Map.from_geom(map_.geom, data=map_.data * safe.data, unit=map_.unit), None
    return map_.to_region_nd_map(region, func=_SUM, weights=safe)


def _safe_mean(map_, safe, region):
    """Return the mean of a map over the safe pixels of a region, 0 where there are none."""
    total = _sum(map_, safe, region)
    number = _sum(Map.from_geom(map_.geom, data=np.ones(map_.data.shape)), safe, region).data
    data = np.divide(total.data, number, out=np.zeros_like(total.data, dtype=float), where=number > 0)
    return Map.from_geom(total.geom, data=data)


def _correct_for_containment(parts, dataset, on_region) -> None:
    if not hasattr(on_region, "radius"):
        raise GeometryError(
            f"on_region must be a circle to correct for containment, got {type(on_region).__name__}. "
            "Use a CircleSkyRegion, or containment_correction=False."
        )
    if dataset.psf is None:
        raise DataError(
            f"dataset {dataset.name!r} must have a PSF to correct for containment, got None. "
            "Run a maker with selection 'psf', or use containment_correction=False."
        )
    if dataset.psf.energy_name == "energy":
        raise DataError(
            f"psf of dataset {dataset.name!r} must be in true energy to correct the exposure for containment, got one "
            "in reconstructed energy. Use containment_correction=False."
        )
    axis = parts["exposure"].geom.axes["energy_true"]
    fraction = dataset.psf.containment(
        position=on_region.center, energy_true=axis.center[:, np.newaxis, np.newaxis], rad=on_region.radius
    )
    exposure = parts["exposure"]
    factor = np.asarray(u.Quantity(fraction).to_value(""), dtype=float).reshape(-1, 1, 1)
    parts["exposure"] = type(exposure)(
        geom=exposure.geom, data=exposure.data * factor, unit=exposure.unit, meta=exposure.meta
    )


# ---------------------------------------------------------------------- on and off


def as_map(value, geom, name):
    """Return a map as it is, and a number as a constant map on the geometry.

    Parameters
    ----------
    value : `~geminga.maps.Map`, float, array_like or None
    geom : `~geminga.maps.Geom`
    name : str
        For messages.
    """
    if value is None or hasattr(value, "geom"):
        return value
    try:
        data = np.array(np.broadcast_to(np.asarray(value, dtype=float), geom.data_shape))
    except (TypeError, ValueError) as error:
        raise DataError(
            f"{name} must be a map, a number or an array of shape {tuple(geom.data_shape)}, got {value!r}. "
            "Make a map on the geometry of the counts."
        ) from error
    return Map.from_geom(geom, data=data)


def on_off_from_map_dataset(cls, dataset, acceptance, acceptance_off, counts_off=None, name=None):
    """Return an on-off dataset with the counts and responses of an ordinary one.

    Parameters
    ----------
    cls : type
        Class of the result.
    dataset : `~geminga.datasets.MapDataset`
    acceptance, acceptance_off : `~geminga.maps.Map` or float
        Relative sizes of the on and off exposure to background.
    counts_off : `~geminga.maps.Map`, optional
        By default the off counts that the background of the dataset stands for.
    name : str, optional
        By default that of the dataset for spectra, a new name for maps.
    """
    geom = dataset._geom
    acceptance = as_map(acceptance, geom, "acceptance")
    acceptance_off = as_map(acceptance_off, geom, "acceptance_off")
    if counts_off is None and dataset.background is not None:
        if acceptance is None or acceptance_off is None:
            raise DataError(
                "acceptance and acceptance_off must be given to turn a background into off counts, got None. "
                "Give them, or counts_off."
            )
        on, off = (np.asarray(part.data, dtype=float) for part in (acceptance, acceptance_off))
        background = np.asarray(applied_background(dataset).data, dtype=float)
        counts_off = Map.from_geom(
            geom, data=np.divide(background * off, on, out=np.zeros_like(on), where=on > 0)
        )
    parts = {
        key: getattr(dataset, key) for key in ("counts", "exposure", "psf", "edisp", "mask_safe", "mask_fit")
    }
    new = cls(
        **parts,
        counts_off=as_map(counts_off, geom, "counts_off"),
        acceptance=acceptance,
        acceptance_off=acceptance_off,
        gti=dataset.gti,
        meta_table=dataset.meta_table,
        meta=dataset.meta,
        name=make_name(name),
    )
    new._shares_maps = dataset._shares_maps = True
    return new


def _without_off(dataset, cls, name):
    """Return a dataset whose background is the off counts times alpha."""
    parts = {
        key: getattr(dataset, key) for key in ("counts", "exposure", "psf", "edisp", "mask_safe", "mask_fit")
    }
    background = dataset.background if dataset.counts_off is not None else None
    new = cls(
        **parts,
        background=background,
        gti=dataset.gti,
        meta_table=dataset.meta_table,
        meta=dataset.meta,
        name=make_name(name),
    )
    new._shares_maps = dataset._shares_maps = True
    return new


def on_off_to_map_dataset(dataset, name=None):
    """Return a dataset whose background is the off counts times alpha, without models.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDatasetOnOff`
    name : str, optional
        By default a new name.

    Returns
    -------
    `~geminga.datasets.MapDataset`
    """
    from .map import MapDataset

    return _without_off(dataset, MapDataset, name)


def spectrum_from_on_off(dataset, name=None):
    """Return a spectrum whose background is the off counts times alpha, without models.

    Parameters
    ----------
    dataset : `~geminga.datasets.SpectrumDatasetOnOff`
    name : str, optional
        By default a new name.

    Returns
    -------
    `~geminga.datasets.SpectrumDataset`
    """
    from .spectrum import SpectrumDataset

    return _without_off(dataset, SpectrumDataset, name)
