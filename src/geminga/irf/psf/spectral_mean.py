"""Averages of point spread functions over the energy, weighted with a spectrum."""

from __future__ import annotations

import numpy as np

from ...maps import Map

__all__ = ["image_of_psf_map", "spectral_weights"]


def spectral_weights(axis, spectral_model=None) -> np.ndarray:
    """Return the integral of a spectrum over the bins of an energy axis, relative to the sum.

    Parameters
    ----------
    axis : `~geminga.maps.MapAxis`
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        By default a power law of index 2.
    """
    edges = axis.edges.to_value("TeV")
    if spectral_model is None:
        weights = 1 / edges[:-1] - 1 / edges[1:]
    else:
        integral = spectral_model.integral(axis.edges[:-1], axis.edges[1:])
        weights = np.asarray(getattr(integral, "value", integral), dtype=float)
    return weights / weights.sum()


def image_of_psf_map(psf_map, spectral_model=None, keepdims=True):
    """Return a response map averaged over the energy, weighted with spectrum and exposure.

    Parameters
    ----------
    psf_map : `PSFMap`
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        By default a power law of index 2.
    keepdims : bool
        Keep the energy axis, with one bin.

    Returns
    -------
    `PSFMap`
    """
    response = psf_map.psf_map
    name = psf_map.energy_name
    dimension = response.geom.axes.index_data(name)
    shape = [1] * response.data.ndim
    shape[dimension] = -1
    spectrum = spectral_weights(response.geom.axes[name], spectral_model).reshape(shape)
    weights = psf_map._weights() * spectrum
    total = weights.sum(axis=dimension, keepdims=True)
    mean = (response.data * weights).sum(axis=dimension, keepdims=True)
    data = np.divide(mean, total, out=np.zeros_like(mean), where=total > 0)
    geom = response.geom.squash(name) if keepdims else response.geom.drop(name)
    image = Map.from_geom(geom, data=data.reshape(geom.data_shape), unit=response.unit, dtype=float)
    exposure = psf_map.exposure_map
    if exposure is not None:
        one = geom.squash("rad")
        exposure = Map.from_geom(one, data=total.reshape(one.data_shape), unit=exposure.unit, dtype=float)
    return type(psf_map)(image, exposure)
