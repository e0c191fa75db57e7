"""Flux points: the norm of a source in energy bands."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u

from ..errors import DataError, ModelError
from ..maps import LabelMapAxis, MapAxis
from ..modeling import Parameter
from ..modeling.models import ScaleSpectralModel, SkyModel
from ..parallel import ParallelMixin
from ..results import FluxPoints
from ..stats.norm_solver import solve
from ..units import to_quantity
from .bands import Bands, dataset_bins, energy_groups
from .core import ESTIMATOR_REGISTRY
from .parameter import ParameterEstimator

__all__ = ["FluxEstimator", "FluxPointsEstimator", "norm_parameter"]

log = logging.getLogger(__name__)


class FluxEstimator(ParameterEstimator):
    """What estimators of the norm of a source share: which source, which confidence, which norms to scan.

    Parameters
    ----------
    source : str or int
        Name or index of the model.
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        Standard deviations of errors, of upper limits, and of the sensitivity (by default that of the limits).
    selection_optional : sequence of {"errn-errp", "ul", "scan", "sensitivity"} or "all", optional
    norm : Parameter or dict, optional
        Scan range (``scan_min``, ``scan_max``, ``scan_n_values``, ``scan_values``, ``interp``) and limits (``min``,
        ``max``) of the norm.
    fit : `~geminga.modeling.Fit`, optional
        Used with `reoptimize`.
    reoptimize : bool
        Fit the other free parameters again in each band.
    """

    tag = "FluxEstimator"

    def __init__(
        self,
        source=0,
        n_sigma=1,
        n_sigma_ul=2,
        n_sigma_sensitivity=None,
        selection_optional=None,
        fit=None,
        reoptimize=False,
        norm=None,
    ):
        super().__init__(
            n_sigma=n_sigma,
            n_sigma_ul=n_sigma_ul,
            n_sigma_sensitivity=n_sigma_sensitivity,
            null_value=0.0,
            selection_optional=selection_optional,
            fit=fit,
            reoptimize=reoptimize,
        )
        self.source = source
        self.norm = norm_parameter(norm)

    def get_scale_model(self, models):
        """Return the spectrum of the source as a norm times a fixed spectrum.

        Parameters
        ----------
        models : `~geminga.modeling.models.Models`

        Returns
        -------
        `~geminga.modeling.models.ScaleSpectralModel`
            Its norm starts as that of the estimator.
        """
        scaled = ScaleSpectralModel(models[self.source].spectral_model)
        scaled.norm.value = self.norm.value
        scaled.norm.min, scaled.norm.max = self.norm.min, self.norm.max
        scaled.norm.interp, scaled.norm.scan_values = self.norm.interp, self.norm.scan_values
        return scaled

    def estimate_npred_excess(self, datasets):
        """Return the counts that the source predicts in each dataset, inside its mask."""
        name = self._source_name(datasets)
        bins = [dataset_bins(dataset, name) for dataset in datasets]
        return {
            "npred_excess": np.array([float(item.signal[item.mask].sum()) for item in bins]),
            "datasets": list(datasets.names),
        }

    def _source_name(self, datasets) -> str:
        """Return the name of the source model.

        Raises
        ------
        ModelError
            If there is no such model, or it has no spectrum to scale.
        """
        models = datasets.models
        if models is None or len(models) == 0:
            raise ModelError("datasets must have models to estimate fluxes, got none. Set datasets.models.")
        try:
            model = models[self.source]
        except (KeyError, IndexError, ValueError):
            raise ModelError(
                f"source must be one of {models.names}, got {self.source!r}. Name a model."
            ) from None
        if not isinstance(model, SkyModel):
            raise ModelError(
                f"source must be a sky model, got {type(model).__name__} {model.name!r}. Name another."
            )
        return model.name

    @property
    def _norm_limits(self):
        return [None if not np.isfinite(limit) else limit for limit in (self.norm.min, self.norm.max)]


def norm_parameter(norm) -> Parameter:
    """Return the norm that an argument describes, by default with 11 values to scan from 0.2 to 5."""
    defaults = {"value": 1.0, "scan_min": 0.2, "scan_max": 5.0, "scan_n_values": 11, "interp": "log"}
    if norm is None:
        return Parameter("norm", unit="", **defaults)
    if isinstance(norm, dict):
        return Parameter("norm", unit="", **{**defaults, **{k: v for k, v in norm.items() if k != "name"}})
    if not isinstance(norm, Parameter):
        raise ModelError(
            f"norm must be a Parameter or a dictionary, got {type(norm).__name__}. Give one of them."
        )
    return norm


@ESTIMATOR_REGISTRY.register
class FluxPointsEstimator(FluxEstimator, ParallelMixin):
    """Estimate the flux of a source in energy bands.

    In each band the spectrum of the source is the fitted one times a norm, and the norm is fitted to all
    datasets together.
    All bands are solved at once by the batched norm solver.

    Parameters
    ----------
    energy_edges : `~astropy.units.Quantity` or sequence of str
        Edges of the bands; moved to the nearest edges of each dataset.
    sum_over_energy_groups : bool
        Sum the bins of each band before fitting.
    n_jobs, parallel_backend
        Accepted for scripts; the solver needs one process.
    allow_multiple_telescopes : bool
        Accept datasets of different telescopes.
    **kwargs
        Further arguments of `FluxEstimator`.

    Notes
    -----
    Errors rise the statistic by ``n_sigma ** 2``; the upper limit is the best norm plus the positive error at
    ``n_sigma_ul``, without a boundary at zero.
    """

    tag = "FluxPointsEstimator"
    #: Report the energies that are really used; several sets of datasets on one axis need the nominal ones.
    _reports_used_range = True

    def __init__(
        self,
        energy_edges=[1, 10] * u.TeV,
        sum_over_energy_groups=False,
        n_jobs=None,
        parallel_backend=None,
        allow_multiple_telescopes=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.energy_edges = to_quantity(energy_edges, name="energy_edges")
        edges = to_quantity(self.energy_edges, "TeV", "energy_edges").value
        if edges.ndim != 1 or edges.size < 2 or np.any(np.diff(edges) <= 0):
            raise DataError(
                f"energy_edges must be at least two increasing energies, got {energy_edges}. Sort them."
            )
        self.sum_over_energy_groups = sum_over_energy_groups
        self.n_jobs, self.parallel_backend = n_jobs, parallel_backend
        self.allow_multiple_telescopes = allow_multiple_telescopes

    def run(self, datasets):
        """Estimate flux points.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
            With models; neither is changed.

        Returns
        -------
        `~geminga.estimators.FluxPoints`
        """
        from ..datasets import Datasets

        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        self._check_telescopes(datasets)
        source = self._source_name(datasets)
        edges = to_quantity(self.energy_edges, "TeV", "energy_edges")
        slices, ranges = energy_groups(datasets, edges, used_only=self._reports_used_range)
        bins = [dataset_bins(dataset, source) for dataset in datasets]
        bands = Bands(bins, slices, self.sum_over_energy_groups)
        if self.reoptimize:
            from .reoptimized import solve_with_nuisances

            solution = solve_with_nuisances(self, datasets, source, slices)
        else:
            low, high = self._norm_limits
            solution = solve(
                bands.problems(),
                n_sigma=self.n_sigma,
                n_sigma_ul=self.n_sigma_ul,
                n_sigma_sensitivity=self.n_sigma_sensitivity,
                selection=self.selection_optional,
                norm_values=self.norm.scan_values,
                norm_min=low,
                norm_max=high,
            )
        for (low, high), message, good in zip(ranges, solution.messages, solution.success, strict=True):
            if not good:
                log.info("No flux point between %.4g and %.4g TeV: %s", low, high, message)
        return self._as_flux_points(solution, bands, ranges, datasets, source)

    def estimate_flux_point(self, datasets, energy_min, energy_max):
        """Return the flux point of one band, as `FluxPoints` with one bin."""
        single = self.copy()
        single.energy_edges = u.Quantity([u.Quantity(energy_min), u.Quantity(energy_max)])
        return single.run(datasets)

    def _check_telescopes(self, datasets):
        if self.allow_multiple_telescopes:
            return
        names = set()
        for dataset in datasets:
            table = getattr(dataset, "meta_table", None)
            if table is not None and "TELESCOP" in table.colnames:
                names |= {str(name).strip() for name in table["TELESCOP"]}
        if len(names) > 1:
            raise DataError(
                f"datasets must be of one telescope, got {sorted(names)}. "
                "Pass allow_multiple_telescopes=True if they may be combined."
            )

    def _as_flux_points(self, solution, bands, ranges, datasets, source):
        # Region maps bring the regions package, which is slow to import.
        from ..maps import RegionGeom, RegionNDMap

        energy_axis = _energy_axis(ranges)
        geom = RegionGeom.create(None, axes=[energy_axis])
        dataset_axis = LabelMapAxis(labels=datasets.names, name="dataset")
        geom_datasets = RegionGeom.create(None, axes=[dataset_axis, energy_axis])
        rows = _rows_on_axis(energy_axis, ranges)

        def placed(values, extra=()):
            full = np.full(
                (energy_axis.nbin, *extra), False if values.dtype == bool else np.nan, dtype=values.dtype
            )
            full[rows] = values
            return full

        columns = {
            name: getattr(solution, name)
            for name in (
                "norm",
                "norm_err",
                "norm_errn",
                "norm_errp",
                "norm_ul",
                "norm_sensitivity",
                "ts",
                "sqrt_ts",
                "stat",
                "stat_null",
                "success",
            )
        }
        data = {
            name: RegionNDMap(geom, data=placed(np.asarray(values)).reshape(geom.data_shape))
            for name, values in columns.items()
            if values is not None
        }
        per_dataset = {
            "npred": bands.predicted(solution.norm),
            "npred_excess": bands.excess(solution.norm),
            "counts": bands.observed(),
        }
        for name, values in per_dataset.items():
            full = placed(values, (len(datasets),))
            data[name] = RegionNDMap(geom_datasets, data=full.reshape(geom_datasets.data_shape))
        if solution.stat_scan is not None:
            norms = np.asarray(solution.norm_scan)
            norms = norms[0] if norms.ndim == 2 else norms
            axis = MapAxis.from_nodes(norms, name="norm", interp="lin")
            geom_scan = RegionGeom.create(None, axes=[axis, energy_axis])
            full = placed(solution.stat_scan, (norms.size,))
            data["stat_scan"] = RegionNDMap(geom_scan, data=full.reshape(geom_scan.data_shape))
        meta = {
            "n_sigma": self.n_sigma,
            "n_sigma_ul": self.n_sigma_ul,
            "n_sigma_sensitivity": self.n_sigma_sensitivity,
            "sed_type_init": "likelihood",
        }
        model = datasets.models[source]
        reference = SkyModel(spectral_model=model.spectral_model.copy(), name=model.name)
        return FluxPoints(data, reference_model=reference, meta=meta, gti=datasets.gti)


def _energy_axis(ranges) -> MapAxis:
    """Return the axis of the bands, with a bin for each gap between them."""
    edges = [ranges[0][0]]
    for low, high in ranges:
        if low > edges[-1] * (1 + 1e-6):
            edges.append(low)
        edges.append(high)
    return MapAxis.from_energy_edges(edges * u.TeV, name="energy")


def _rows_on_axis(axis, ranges):
    """Return the bin of the axis that each band takes."""
    lows = axis.edges.to_value("TeV")[:-1]
    return np.array([int(np.argmin(np.abs(lows - low))) for low, _ in ranges])
