"""Predicted counts and statistics of one dataset, bin by bin."""

from __future__ import annotations

import numpy as np

from .binding import (
    _component,
    _models_of,
    bind,
    flat,
    is_map,
    mask_array,
    on_off_alpha,
    source_pieces,
)
from .map_binding import add_map_counts, cube_shape, map_background, map_counts
from .roles import role_of
from .statistics import CashStatistic, WStatStatistic

__all__ = ["npred", "npred_background", "npred_signal", "stat_array", "stat_sum"]


def _model_counts(dataset, model) -> np.ndarray:
    """Return the counts that one model adds, in all bins, flat."""
    if is_map(dataset):
        return map_counts(dataset, model).reshape(-1)
    keep = np.ones(dataset._geom.axes["energy"].nbin, dtype=bool)
    for kind, owner, grid, response, factors in source_pieces(dataset, [model], keep):
        if kind != "constant":
            component = _component([(kind, owner, grid, response, factors, slice(None))])
            return component.predict(np.array([float(p.value) for p in component.parameters]))
    return np.zeros(keep.size)


def _sources_and_backgrounds(dataset):
    models = _models_of(dataset, None)
    backgrounds = [model for model in models if role_of(model) == "background"]
    return [model for model in models if role_of(model) != "background"], backgrounds


def _n_bins(dataset) -> int:
    return int(np.prod(dataset._geom.data_shape))


def _chosen(dataset, model_names=None) -> list:
    """Return the sky models and templates of a dataset, or those with the wanted names."""
    sources, _ = _sources_and_backgrounds(dataset)
    if model_names is None:
        return sources
    wanted = {model_names} if isinstance(model_names, str) else set(model_names)
    return [model for model in sources if model.name in wanted]


def signal_counts(dataset, model_names=None) -> np.ndarray:
    """Return the counts of the sky models of a dataset, shape (n_bins,)."""
    models = _chosen(dataset, model_names)
    if is_map(dataset):
        cube = np.zeros(cube_shape(dataset._geom))
        for model in models:
            add_map_counts(cube, dataset, model)
        return cube.reshape(-1)
    total = np.zeros(_n_bins(dataset))
    for model in models:
        total += _model_counts(dataset, model)
    return total


def background_counts(dataset, signal: np.ndarray | None = None) -> np.ndarray:
    """Return the expected background of a dataset, shape (n_bins,).

    On-off datasets profile it, given the signal.
    """
    n_bins = _n_bins(dataset)
    if dataset.stat_type == "wstat":
        alpha = on_off_alpha(dataset)
        statistic = WStatStatistic(flat(dataset.counts, n_bins), flat(dataset.counts_off, n_bins), alpha)
        return alpha * statistic.background_off(signal_counts(dataset) if signal is None else signal)
    _, backgrounds = _sources_and_backgrounds(dataset)
    if is_map(dataset):
        return map_background(dataset, backgrounds).reshape(-1)
    if backgrounds:
        return sum((_model_counts(dataset, model) for model in backgrounds), np.zeros(n_bins))
    return flat(dataset.background, n_bins)


def _as_map(dataset, counts):
    from ..maps import Map

    return Map.from_geom(dataset._geom, data=counts.reshape(dataset._geom.data_shape), unit="")


def npred_signal(dataset, model_names=None, stack=True):
    """Return the predicted counts of the sky models.

    Parameters
    ----------
    dataset : SpectrumDataset
    model_names : str or sequence of str, optional
        Which models. By default all.
    stack : bool
        Add the models up; otherwise the result has a label axis ``models``.

    Returns
    -------
    `~geminga.maps.Map`
    """
    if stack:
        return _as_map(dataset, signal_counts(dataset, model_names))
    from ..maps import LabelMapAxis, Map

    models = _chosen(dataset, model_names)
    maps = [_as_map(dataset, _model_counts(dataset, model)) for model in models]
    return Map.from_stack(maps, axis=LabelMapAxis(labels=[model.name for model in models], name="models"))


def npred_background(dataset):
    """Return the expected background counts as a map, which shares nothing with the dataset."""
    return _as_map(dataset, background_counts(dataset).copy())


def npred(dataset):
    """Return the predicted counts of models and background as a map; negative totals are set to 0."""
    signal = signal_counts(dataset)
    return _as_map(dataset, np.maximum(signal + background_counts(dataset, signal), 0.0))


def stat_array(dataset) -> np.ndarray:
    """Return the statistic of each bin, without the mask, in the shape of the data."""
    geom = dataset._geom
    n_bins = _n_bins(dataset)
    counts, signal = flat(dataset.counts, n_bins), signal_counts(dataset)
    if dataset.stat_type == "wstat":
        statistic = WStatStatistic(counts, flat(dataset.counts_off, n_bins), on_off_alpha(dataset))
        return statistic.array(signal).reshape(geom.data_shape)
    weights = mask_array(dataset).astype(float) if dataset.stat_type == "cash_weighted" else None
    mu = np.maximum(signal + background_counts(dataset), 0.0)
    return CashStatistic(counts, weights).array(mu).reshape(geom.data_shape)


def stat_sum(dataset) -> float:
    """Return the statistic of one dataset, without priors and penalties."""
    if not hasattr(dataset, "counts") and not hasattr(dataset, "flux_pred"):
        return float(np.nansum(dataset.stat_array()[mask_array(dataset)]))
    likelihood = bind([dataset])
    return float(
        sum(term.stat(np.array([p.value for p in term.parameters])) for term in likelihood.terms[:1])
    )
