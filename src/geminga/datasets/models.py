"""Which models belong to which dataset."""

from __future__ import annotations

import logging
from collections.abc import Iterable

__all__ = ["applies_to", "log_unused", "models_for", "united_models"]


log = logging.getLogger(__name__)


def applies_to(model, dataset_name: str) -> bool:
    """Tell whether a model is meant for the dataset of that name.

    Examples
    --------
    >>> class Source:
    ...     datasets_names = ["a", "b"]
    >>> applies_to(Source(), "a"), applies_to(Source(), "c")
    (True, False)
    """
    names = getattr(model, "datasets_names", None)
    if names is None:
        return True
    return dataset_name in ([names] if isinstance(names, str) else names)


def _members(models) -> list:
    return list(models) if isinstance(models, Iterable) else [models]


def models_for(models, dataset_name: str, reuse: Iterable = ()):
    """Return the models that apply to one dataset.

    Parameters
    ----------
    models : Models, list of models, model or None
    dataset_name : str
    reuse : iterable of DatasetModels
        Lists that may be shared when they have the same members, so that they also share their covariance.

    Returns
    -------
    `~geminga.modeling.models.DatasetModels` or None
    """
    if models is None:
        return None
    from ..modeling.models import DatasetModels

    chosen = [model for model in _members(models) if applies_to(model, dataset_name)]
    candidates = [models] if type(models) is DatasetModels else []
    for known in (*candidates, *reuse):
        if known is not None and same_members(known, chosen):
            return known
    return DatasetModels(chosen, penalties=getattr(models, "penalties", None))


def log_unused(models, names) -> None:
    """Log models that are meant for none of the datasets.

    Parameters
    ----------
    models : Models, list of models, model or None
    names : list of str
        Of the datasets.
    """
    for model in _members(models) if models is not None else ():
        if not any(applies_to(model, name) for name in names):
            wanted = model.datasets_names
            log.warning(
                "Model %r is for the datasets %s, which are not among %s: it is not used.",
                getattr(model, "name", model), wanted, names,
            )  # fmt: skip


def same_members(one, other) -> bool:
    """Tell whether two lists hold the same objects in the same order."""
    one, other = list(one), list(other)
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


def united_models(lists: Iterable):
    """Return all models of several lists, each once, in order of first appearance.

    Parameters
    ----------
    lists : iterable of DatasetModels, list or None

    Returns
    -------
    `~geminga.modeling.models.DatasetModels`
        One of the lists itself if it holds them all.
    """
    from ..modeling.models import DatasetModels

    lists = [models for models in lists if models is not None]
    unique: dict[int, object] = {}
    penalties: dict[int, object] = {}
    for models in lists:
        for model in models:
            unique.setdefault(id(model), model)
        for penalty in getattr(models, "penalties", None) or ():
            penalties.setdefault(id(penalty), penalty)
    for models in lists:
        if isinstance(models, DatasetModels) and same_members(models, unique.values()):
            return models
    return DatasetModels(list(unique.values()), penalties=list(penalties.values()) or None)
