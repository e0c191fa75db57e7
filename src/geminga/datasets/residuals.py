"""Residuals: how counts differ from the prediction."""

from __future__ import annotations

import numpy as np

from ..errors import UnknownNameError
from ..maps import Map

__all__ = ["METHODS", "residuals", "residuals_of"]

METHODS = ("diff", "diff/sqrt(model)", "diff/model")


def residuals_of(data, model, method="diff"):
    """Return the residuals of arrays; NaN where the model is zero and divides.

    Parameters
    ----------
    data, model : ndarray
    method : {"diff", "diff/sqrt(model)", "diff/model"}

    Examples
    --------
    >>> float(residuals_of(np.array(6.0), np.array(4.0), "diff/sqrt(model)"))
    1.0
    """
    if method not in METHODS:
        raise UnknownNameError("residual method", method, METHODS)
    with np.errstate(invalid="ignore", divide="ignore"):
        if method == "diff":
            return data - model
        if method == "diff/sqrt(model)":
            return (data - model) / np.sqrt(model)
        return (data - model) / model


def residuals(dataset, method="diff", **kwargs):
    """Return counts minus prediction as a map; NaN outside the mask.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
    method : {"diff", "diff/sqrt(model)", "diff/model"}
        What the difference is divided by.
    **kwargs : dict
        Arguments of `~geminga.maps.WcsNDMap.smooth`, such as ``kernel="gauss", width="0.1 deg"``. Counts and prediction
        are smoothed first, and divided by the smoothed mask.

    Returns
    -------
    `~geminga.maps.Map`
    """
    geom = dataset._geom
    counts, npred = (
        np.asarray(dataset.counts.data, dtype=float),
        np.asarray(dataset.npred().data, dtype=float),
    )
    mask = dataset._mask_data()
    if kwargs and not geom.is_region:
        weight = np.ones(geom.data_shape) if mask is None else mask.astype(float)

        def smoothed(values):
            return Map.from_geom(geom, data=values).smooth(**kwargs).data

        total = smoothed(weight)
        seen = total > 0
        counts, npred = (
            np.divide(smoothed(values * weight), total, out=np.full(total.shape, np.nan), where=seen)
            for values in (counts, npred)
        )
    data = residuals_of(counts, npred, method)
    if mask is not None:
        data = np.where(mask, data, np.nan)
    return Map.from_geom(geom, data=data)
