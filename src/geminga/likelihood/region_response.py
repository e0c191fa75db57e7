"""Response of a spectral dataset: exposure times energy dispersion, as one small matrix."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..units import ENERGY, LENGTH, TIME, conversion_factor
from .components import Factor
from .likelihood import parameters_set

__all__ = [
    "energies",
    "energy_dispersion_matrix",
    "overlap",
    "region_response",
    "spatial_factor",
    "temporal_factor",
]

EXPOSURE = u.Unit(LENGTH**2 * TIME)


def energies(axis) -> np.ndarray:
    """Return the edges of an energy axis in TeV."""
    return axis.edges.to_value(ENERGY)


def energy_dispersion_matrix(dataset, position=None) -> np.ndarray:
    """Return the probability matrix from true to reconstructed energy, shape (n_true, n_reco)."""
    energy = dataset._geom.axes["energy"]
    edisp = dataset.edisp
    if edisp is None:
        return overlap(energies(dataset.exposure.geom.axes["energy_true"]), energies(energy))
    if hasattr(edisp, "pdf_matrix"):
        return edisp.pdf_matrix
    geom = edisp.edisp_map.geom
    if "migra" in geom.axes.names:
        return edisp.get_edisp_kernel(energy_axis=energy, position=position).pdf_matrix
    if geom.data_shape[-2:] == (1, 1):
        matrix = np.asarray(edisp.edisp_map.data, dtype=float)[..., 0, 0]
        return matrix if geom.axes.names[0] == "energy" else matrix.T
    return edisp.get_edisp_kernel(position=position).pdf_matrix


def overlap(edges_true: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Return the share of each true-energy bin that lies in each reconstructed-energy bin."""
    low = np.maximum(edges_true[:-1, None], edges[None, :-1])
    high = np.minimum(edges_true[1:, None], edges[None, 1:])
    return np.clip(high - low, 0, None) / np.diff(edges_true)[:, None]


def region_response(dataset, apply_irf=None, position=None, known=None) -> np.ndarray:
    """Return the counts in each reconstructed-energy bin for unit flux in each true-energy bin.

    Parameters
    ----------
    dataset : SpectrumDataset
    apply_irf : dict, optional
        Which of "exposure" and "edisp" to apply. By default both.
    position : `~astropy.coordinates.SkyCoord`, optional
        Where the source is, for responses with several pixels.
    known : dict, optional
        Energy dispersion matrices found so far, for datasets that share one; used within one binding only.

    Returns
    -------
    ndarray, shape (n_true, n_reco)
        In cm2 s.

    Raises
    ------
    DataError
        If the dataset has no exposure.
    """
    apply_irf = {"exposure": True, "edisp": True, **(apply_irf or {})}
    known = {} if known is None else known
    if dataset.exposure is None:
        raise DataError(
            f"exposure of dataset {dataset.name!r} must be set to predict counts, got None. "
            "Run a maker with selection 'exposure' or assign a map."
        )
    factor = conversion_factor(dataset.exposure.unit, EXPOSURE, f"exposure of dataset {dataset.name!r}")
    exposure = np.asarray(dataset.exposure.data, dtype=float).reshape(-1) * factor
    if not np.all(np.isfinite(exposure)):
        exposure = np.where(np.isfinite(exposure), exposure, 0.0)
    if not apply_irf["exposure"]:
        exposure = np.ones_like(exposure)
    if apply_irf["edisp"]:
        key = (id(dataset.edisp), id(dataset._geom.axes["energy"]), id(position))
        if dataset.edisp is None or key not in known:
            known[key] = energy_dispersion_matrix(dataset, position)
        matrix = known[key]
    else:
        energy_true, energy = dataset.exposure.geom.axes["energy_true"], dataset._geom.axes["energy"]
        matrix = overlap(energies(energy_true), energies(energy))
    return exposure[:, None] * matrix


def temporal_factor(model, dataset) -> Factor | None:
    """Return the average of the temporal model over the good time intervals, or None where there is none."""
    temporal = getattr(model, "temporal_model", None)
    if temporal is None:
        return None
    gti = dataset.gti
    if gti is None:
        raise DataError(
            f"gti of dataset {dataset.name!r} must be set for the temporal model of {model.name!r}, got None. "
            "Assign the good time intervals or remove the temporal model."
        )
    start, stop = gti.time_start, gti.time_stop
    parameters = list(temporal.parameters)

    def average(values):
        with parameters_set(parameters, values):
            integral = temporal.integral(start, stop)
        return float(np.sum(np.asarray(getattr(integral, "value", integral))))

    return Factor(parameters, average)


def spatial_factor(model, dataset) -> Factor | None:
    """Return the fraction of the source inside the region, or None where it is 1 by definition.

    With a PSF it is that of the source as seen, at each true energy; otherwise that of the morphology.
    A point region stands for a point-like response, in which the containment is part of the effective area.
    """
    spatial = getattr(model, "spatial_model", None)
    geom = dataset.exposure.geom if dataset.exposure is not None else dataset._geom
    if spatial is None or geom.region is None or geom.is_all_point_sky_regions:
        return None
    parameters = list(spatial.parameters)
    apply_irf = getattr(model, "apply_irf", None) or {}
    if getattr(dataset, "psf", None) is not None and apply_irf.get("psf", True):
        from .region_containment import region_containment

        return region_containment(model, dataset)
    if spatial.is_energy_dependent:
        raise DataError(
            f"spatial model of {model.name!r} must not depend on energy to be used with the spectral dataset "
            f"{dataset.name!r}, got {type(spatial).__name__}. Use a MapDataset."
        )
    image_geom = geom.to_image()

    def fraction(values):
        with parameters_set(parameters, values):
            integral = spatial.integrate_geom(image_geom)
        return float(np.nansum(integral.quantity.to_value("")))

    return Factor(parameters, fraction)
