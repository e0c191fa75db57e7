"""Flux points with the other free parameters fitted again in each band."""

from __future__ import annotations

import numpy as np

from ..maps import Map
from ..modeling import Fit
from ..modeling.models import Models, ScaleSpectralModel
from ..stats.norm_solver import NormSolution, NormStatus

__all__ = ["solve_with_nuisances"]


def solve_with_nuisances(estimator, datasets, source, slices) -> NormSolution:
    """Solve each band by fits of the norm together with the other free parameters.

    Parameters
    ----------
    estimator : FluxPointsEstimator
    datasets : `~geminga.datasets.Datasets`
        Not changed.
    source : str
    slices : list of list of slice
        Energy bins of each dataset in each band.

    Returns
    -------
    NormSolution
        The sensitivity is NaN: it has no meaning with free nuisance parameters.
    """
    rows = [_solve_band(estimator, datasets, source, band) for band in slices]

    def column(name):
        return np.array([row[name] for row in rows], dtype=float)

    scans = "scan" in estimator.selection_optional
    norms = np.asarray(estimator.norm.scan_values, dtype=float)
    chosen = estimator.selection_optional
    ts, norm = column("stat_null") - column("stat"), column("norm")
    with np.errstate(invalid="ignore"):
        sqrt_ts = np.sign(norm) * np.sqrt(np.clip(ts, 0, None))
    success = np.array([row["success"] for row in rows], dtype=bool)
    return NormSolution(
        norm=norm,
        norm_err=column("norm_err") * estimator.n_sigma,
        stat=column("stat"),
        stat_null=column("stat_null"),
        ts=ts,
        sqrt_ts=sqrt_ts,
        success=success,
        niter=column("niter"),
        status=np.where(success, int(NormStatus.CONVERGED), int(NormStatus.NO_CONVERGENCE)),
        norm_errn=column("norm_errn") if "errn-errp" in chosen else None,
        norm_errp=column("norm_errp") if "errn-errp" in chosen else None,
        norm_ul=column("norm_ul") if "ul" in chosen else None,
        norm_scan=norms if scans else None,
        stat_scan=np.array([row["scan"] for row in rows]) if scans else None,
        norm_sensitivity=np.full(len(rows), np.nan) if "sensitivity" in chosen else None,
        n_sigma=estimator.n_sigma,
        n_sigma_ul=estimator.n_sigma_ul,
        n_sigma_sensitivity=estimator.n_sigma_sensitivity,
    )


def _banded(datasets, source, band):
    """Return copies of datasets whose fit masks keep one band, with models of their own and the source scaled."""
    from ..datasets import Datasets

    models = Models([model.copy(name=model.name) for model in datasets.models])
    scaled = models[source]
    spectrum = ScaleSpectralModel(scaled.spectral_model)
    for parameter in spectrum.model.parameters:
        parameter.frozen = True
    scaled.spectral_model = spectrum
    for part in (scaled.spatial_model, scaled.temporal_model):
        for parameter in part.parameters if part is not None else ():
            parameter.frozen = True
    copies = []
    for dataset, bins in zip(datasets, band, strict=True):
        copy = dataset.copy(name=dataset.name)
        keep = np.zeros(copy._geom.data_shape, dtype=bool)
        keep[bins] = True
        if copy.mask_fit is not None:
            keep &= copy.mask_fit.data
        copy.mask_fit = Map.from_geom(copy._geom, data=keep)
        copies.append(copy)
    result = Datasets(copies)
    result.models = models
    return result, spectrum.norm


def _solve_band(estimator, datasets, source, band) -> dict:
    nan = float("nan")
    empty = dict.fromkeys(
        ("norm", "norm_err", "norm_errn", "norm_errp", "norm_ul", "stat", "stat_null", "niter"), nan
    )
    empty.update(success=False, scan=np.full(len(estimator.norm.scan_values), nan))
    banded, norm = _banded(datasets, source, band)
    if not any(dataset.mask.data.any() for dataset in banded):
        return empty
    limits = estimator.norm
    norm.min, norm.max = limits.min, limits.max
    fit = estimator.fit or Fit()
    result = fit.run(banded)
    row = {**empty, "norm": norm.value, "norm_err": norm.error, "stat": result.total_stat}
    row.update(success=bool(result.success), niter=result.nfev)
    best = [parameter.value for parameter in banded.models.parameters]

    def restored():
        for parameter, value in zip(banded.models.parameters, best, strict=True):
            parameter.value = value

    if "errn-errp" in estimator.selection_optional:
        interval = fit.confidence(banded, norm, sigma=estimator.n_sigma)
        row["norm_errn"], row["norm_errp"] = interval["errn"], interval["errp"]
        restored()
    if "ul" in estimator.selection_optional:
        row["norm_ul"] = row["norm"] + fit.confidence(banded, norm, sigma=estimator.n_sigma_ul)["errp"]
        restored()
    if "scan" in estimator.selection_optional:
        norm.scan_values = estimator.norm.scan_values
        profile = fit.stat_profile(banded, norm, reoptimize=True)
        row["scan"] = np.asarray(profile["stat_scan"], dtype=float)
        restored()
    norm.value, norm.frozen = 0.0, True
    row["stat_null"] = (
        fit.optimize(banded).total_stat if banded.parameters.free_parameters else banded.stat_sum()
    )
    return row
