"""Selections from a list of models."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ...errors import UnknownNameError

__all__ = [
    "has_part_with_tag",
    "select",
    "select_from_geom",
    "select_mask",
    "select_region",
    "selection_mask",
]

_KINDS = ("spectral", "spatial", "temporal")


def _as_list(value) -> list:
    return [value] if isinstance(value, str) else list(value)


def has_part_with_tag(model, tag, model_type=None) -> bool:
    """Tell whether a model, or its part of a kind, has one of some tags."""
    if model_type is not None:
        if model_type not in _KINDS:
            raise UnknownNameError("model_type", model_type, _KINDS)
        model = getattr(model, f"{model_type}_model", None)
    return model is not None and any(name in model._known_tags() for name in _as_list(tag))


def selection_mask(models, name_substring=None, datasets_names=None, tag=None, model_type=None, frozen=None):
    """Tell which models match all conditions.

    Parameters
    ----------
    models : `DatasetModels`
    name_substring : str, optional
        Part of the name.
    datasets_names : str or list of str, optional
        Datasets, for one of which the model must be meant.
    tag : str or list of str, optional
        Tags of the model, or of its part of kind `model_type`.
    model_type : {"spectral", "spatial", "temporal"}, optional
        Kind of part whose tag counts.
    frozen : bool, optional
        Whether all parameters are frozen.

    Returns
    -------
    ndarray of bool, shape (n_models,)
    """
    wanted = None if datasets_names is None else set(_as_list(datasets_names))
    selected = np.ones(len(models), dtype=bool)
    for position, model in enumerate(models):
        names = getattr(model, "datasets_names", None)
        selected[position] = (
            (name_substring is None or name_substring in model.name)
            and (wanted is None or names is None or bool(wanted.intersection(names)))
            and (tag is None or has_part_with_tag(model, tag, model_type))
            and (frozen is None or model.frozen == frozen)
        )
    return selected


def _take(models, keep):
    return type(models)([model for model, kept in zip(models, keep, strict=True) if kept])


def select(models, name_substring=None, datasets_names=None, tag=None, model_type=None, frozen=None):
    """Return the models that match all conditions, those of `selection_mask`."""
    return _take(models, selection_mask(models, name_substring, datasets_names, tag, model_type, frozen))


def select_mask(models, mask, margin="0 deg", use_evaluation_region=True):
    """Return the models that reach a pixel of a mask.

    Models without a position reach every pixel.

    Parameters
    ----------
    models : `DatasetModels`
    mask : `~geminga.maps.Map`
        True where data count.
    margin : str or `~astropy.units.Quantity`
        Added to the radius of the models.
    use_evaluation_region : bool
        Let the extension of the models count, not only their position.
    """
    from .reach import reaches

    if not mask.geom.is_image:
        mask = mask.reduce_over_axes(func=np.logical_or)
    margin = u.Quantity(margin)

    def selected(model) -> bool:
        position = getattr(model, "position", None)
        if position is None:
            return True
        if use_evaluation_region:
            radius = model.evaluation_radius
            return radius is None or reaches(mask, position, radius + margin)
        if margin > 0 * u.deg:
            return reaches(mask, position, margin)
        return bool(np.any(mask.geom.contains(position) & (mask.get_by_coord(position) > 0)))

    return _take(models, [selected(model) for model in models])


def select_from_geom(models, geom, **kwargs):
    """Return the models that reach a geometry.

    Parameters
    ----------
    models : `DatasetModels`
    geom : `~geminga.maps.Geom`
    **kwargs : dict
        Arguments of `select_mask`.
    """
    from ...maps import Map

    image = geom.to_image()
    mask = Map.from_geom(image, data=np.ones(image.data_shape, dtype=bool))
    return select_mask(models, mask, **kwargs)


def select_region(models, regions, wcs=None):
    """Return the models whose position is inside a region.

    Models without a position are left out.

    Parameters
    ----------
    models : `DatasetModels`
    regions : str, `~regions.Region` or list of them
    wcs : `~astropy.wcs.WCS`, optional
        Projection in which the shapes are taken.
    """
    from ...maps import RegionGeom

    geom = RegionGeom.from_regions(regions, wcs=wcs)

    def selected(model) -> bool:
        position = getattr(model, "position", None)
        return position is not None and bool(np.all(geom.contains(position)))

    return _take(models, [selected(model) for model in models])
