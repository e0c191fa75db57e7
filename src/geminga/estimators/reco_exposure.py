"""Exposure in reconstructed energy: what a spectrum of unit norm predicts in each bin of a map."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..likelihood.region_response import energies, energy_dispersion_matrix
from ..maps import Map
from ..modeling.models import PowerLawSpectralModel

__all__ = ["counts_of_spectrum", "estimate_exposure_reco_energy", "require_exposure"]


def require_exposure(dataset) -> None:
    """Raise an error if a dataset has no exposure.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`

    Raises
    ------
    DataError
    """
    if dataset.exposure is None:
        raise DataError(
            f"exposure of dataset {dataset.name!r} must be set to turn counts into fluxes, got None. "
            "Run a maker with selection 'exposure' or assign a map."
        )


def counts_of_spectrum(dataset, spectral_model) -> np.ndarray:
    """Return the counts of a spectrum in each bin, if all its flux were in that pixel.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With exposure; the energy dispersion is that at the centre of the map.
    spectral_model : `~geminga.modeling.models.SpectralModel`

    Returns
    -------
    ndarray, shape (n_reco, n_lat, n_lon)

    Raises
    ------
    DataError
        If the dataset has no exposure.
    """
    require_exposure(dataset)
    edges = energies(dataset.exposure.geom.axes["energy_true"]) * u.TeV
    flux = spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1").reshape(-1)
    matrix = flux[:, np.newaxis] * energy_dispersion_matrix(dataset)
    exposure = np.asarray(dataset.exposure.data, dtype=float) * dataset.exposure.unit.to("cm2 s")
    if not np.isfinite(exposure).all():
        exposure = np.where(np.isfinite(exposure), exposure, 0.0)
    return np.tensordot(matrix, exposure, axes=(0, 0))


def estimate_exposure_reco_energy(dataset, spectral_model=None, normalize=True):
    """Return the exposure of a dataset in its reconstructed energies, for a spectral shape.

    Parameters
    ----------
    dataset : `~geminga.datasets.MapDataset`
        With exposure; the energy dispersion is that at the centre of the map.
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        By default a power law of index 2.
    normalize : bool
        Divide by the flux of the spectrum in each bin, which gives an exposure. Otherwise the result are the counts
        of the spectrum.

    Returns
    -------
    `~geminga.maps.Map`
        In cm2 s, or counts.
    """
    spectral_model = PowerLawSpectralModel() if spectral_model is None else spectral_model
    counts = counts_of_spectrum(dataset, spectral_model)
    geom = dataset._geom
    if not normalize:
        return Map.from_geom(geom, data=counts)
    edges = energies(geom.axes["energy"]) * u.TeV
    flux = spectral_model.integral(edges[:-1], edges[1:]).to_value("cm-2 s-1").reshape(-1, 1, 1)
    return Map.from_geom(geom, data=counts / flux, unit="cm2 s")
