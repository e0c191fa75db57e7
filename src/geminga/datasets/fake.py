"""Counts drawn from, or set to, the prediction of the models."""

from __future__ import annotations

import numpy as np

from ..errors import DataError
from ..maps import Map
from ..numerics.random import get_random_state

__all__ = ["fake_map_dataset", "fake_on_off", "to_asimov"]


def _filled(map_):
    """Return the data of a map as float64 with NaN replaced by 0."""
    return np.nan_to_num(np.asarray(map_.data, dtype=float), nan=0.0)


def _set_counts(dataset, attribute, values) -> None:
    setattr(dataset, attribute, Map.from_geom(dataset._geom, data=np.asarray(values, dtype=float)))


def fake_map_dataset(dataset, random_state="random-seed") -> None:
    """Replace the counts by a Poisson draw from the predicted counts.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`
        With a seed the draw is reproducible.
    """
    random_state = get_random_state(random_state)
    _set_counts(dataset, "counts", random_state.poisson(_filled(dataset.npred())))


def fake_on_off(dataset, npred_background, random_state="random-seed") -> None:
    """Replace on and off counts by Poisson draws.

    The signal, the background in the on region and the off counts are drawn one after the other.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDatasetOnOff`
    npred_background : `~geminga.maps.Map`
        Expected background counts in the on region.
    random_state : int, "random-seed", "global-rng" or `~numpy.random.RandomState`
    """
    random_state = get_random_state(random_state)
    background = _filled(npred_background)
    if background.shape != tuple(dataset.data_shape):
        raise DataError(
            f"npred_background must have the shape {tuple(dataset.data_shape)} of the data, got {background.shape}. "
            "Make it on the geometry of the counts."
        )
    alpha = dataset.alpha.data
    signal = random_state.poisson(_filled(dataset.npred_signal()))
    counts = signal + random_state.poisson(background)
    expected_off = np.divide(background, alpha, out=np.zeros_like(background), where=alpha > 0)
    _set_counts(dataset, "counts", counts)
    _set_counts(dataset, "counts_off", random_state.poisson(expected_off))


def to_asimov(dataset, name=None):
    """Return a copy of a dataset whose counts are what its models predict, with the same models.

    The median of many experiments behaves as this one. On-off datasets keep their off counts, and get the
    background that these imply.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    name : str, optional
        By default that of the dataset, so that models still apply.

    References
    ----------
    .. [1] Cowan, Cranmer, Gross & Vitells (2011), Eur. Phys. J. C 71, 1554, section 3.2.
    """
    name = dataset.name if name is None else name
    if "counts_off" in dataset._maps:
        expected = _filled(dataset.npred_signal()) + _filled(dataset.background)
    else:
        expected = _filled(dataset.npred())
    new = dataset._rebuilt(name, counts=Map.from_geom(dataset._geom, data=expected))
    new.models = dataset.models
    return new
