"""Test statistic and flux of a source at each pixel of a map."""

from __future__ import annotations

from itertools import chain

import numpy as np
from astropy import units as u

from ..errors import DataError, GeometryError
from ..maps import Map, MapAxis
from ..maps.wcs.convolve import convolve_images
from ..modeling.models import PointSpatialModel, PowerLawSpectralModel, SkyModel
from ..parallel import ParallelMixin
from ..results import FluxMaps
from ..stats.norm_solver import WindowPlane, WindowProblems, solve
from ..units import to_quantity
from .coarse_pixels import block_sum, on_fine_pixels
from .core import ESTIMATOR_REGISTRY, Estimator
from .flux_points import norm_parameter
from .map_bands import MapBands, dataset_mask, energy_bands
from .reco_exposure import counts_of_spectrum
from .source_kernel import source_kernel

__all__ = ["TSMapEstimator"]


@ESTIMATOR_REGISTRY.register
class TSMapEstimator(Estimator, ParallelMixin):
    """Estimate test statistic and flux of a source at each pixel.

    At each pixel the counts in a window are compared with the prediction of all models of the datasets plus a source
    in the middle of the window, whose norm is fitted. All pixels are solved together.

    Parameters
    ----------
    kernel_model : `~geminga.modeling.models.SkyModel` or SpatialModel, optional
        The source; its position does not matter. By default a point source with a power law of index 2.
    kernel_width : `~astropy.units.Quantity` or str, optional
        Width of the window. By default what source and PSF need.
    downsampling_factor : int, optional
        Work on pixels so many times larger; results are interpolated to the pixels of the datasets.
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        Standard deviations of errors, upper limits and sensitivities (by default 5).
    threshold : float, optional
        Fit only pixels where the first guess of the norm has a TS above this; others keep the guess.
    rtol, max_niter
        Accepted for scripts; norms are exact to about 1e-8 of their errors.
    selection_optional : sequence of {"errn-errp", "ul", "scan", "sensitivity"} or "all", optional
    energy_edges : `~astropy.units.Quantity`, optional
        Edges of the bands, moved to the nearest edges of the datasets. By default one band.
    sum_over_energy_groups : bool
        Sum the energies of each band before fitting, and use the mean of their kernels. Otherwise they are fitted
        together.
    n_jobs, parallel_backend
        Accepted for scripts; the solver needs one process.
    norm : Parameter or dict, optional
        Scan range and limits of the norm.

    Notes
    -----
    The norm does not go below that at which the first prediction in the window vanishes.

    References
    ----------
    .. [1] Stewart (2009), A&A 495, 989.
    """

    tag = "TSMapEstimator"
    _available_selection_optional = ("errn-errp", "ul", "scan", "sensitivity")

    def __init__(
        self,
        kernel_model=None,
        kernel_width=None,
        downsampling_factor=None,
        n_sigma=1,
        n_sigma_ul=2,
        n_sigma_sensitivity=None,
        threshold=None,
        rtol=0.01,
        selection_optional=None,
        energy_edges=None,
        sum_over_energy_groups=True,
        n_jobs=None,
        parallel_backend=None,
        norm=None,
        max_niter=100,
    ):
        if kernel_model is None or not hasattr(kernel_model, "spectral_model"):
            spatial = PointSpatialModel() if kernel_model is None else kernel_model
            kernel_model = SkyModel(PowerLawSpectralModel(), spatial, name="ts-kernel")
        if kernel_model.spatial_model is None:
            raise DataError(
                f"kernel_model must have a spatial model, got none in {kernel_model.name!r}. "
                "Add for example a PointSpatialModel."
            )
        self.kernel_model = kernel_model
        self.kernel_width = None if kernel_width is None else to_quantity(kernel_width, u.deg, "kernel_width")
        self.downsampling_factor = downsampling_factor
        self.n_sigma, self.n_sigma_ul = n_sigma, n_sigma_ul
        self.n_sigma_sensitivity = 5 if n_sigma_sensitivity is None else n_sigma_sensitivity
        self.threshold, self.rtol, self.max_niter = threshold, rtol, max_niter
        self.selection_optional = selection_optional
        self.energy_edges = None if energy_edges is None else to_quantity(energy_edges, name="energy_edges")
        self.sum_over_energy_groups = sum_over_energy_groups
        self.n_jobs, self.parallel_backend = n_jobs, parallel_backend
        self.norm = norm_parameter(norm)

    @property
    def selection_all(self) -> list[str]:
        """Names of everything that is estimated, the optional quantities included."""
        default = ["ts", "norm", "niter", "norm_err", "npred", "npred_excess", "stat", "stat_null", "success"]
        return default + list(self.selection_optional)

    # ------------------------------------------------------------------ steps

    def estimate_kernel(self, dataset):
        """Return the image of the source in each energy of a dataset, of sum 1, a map."""
        return source_kernel(dataset, self.kernel_model, self.kernel_width, self.downsampling_factor or 1)

    def estimate_mask_default(self, dataset):
        """Return the bins that count, a map of bool."""
        return Map.from_geom(dataset._geom, data=dataset_mask(dataset))

    def estimate_pad_width(self, dataset, kernel=None) -> tuple[int, int]:
        """Return by how many pixels windows at the border reach over it; there they are just smaller.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        kernel : `~geminga.maps.Map`, optional
            By default that of the dataset.

        Returns
        -------
        n_lon, n_lat : int
        """
        n_lat, n_lon = (self.estimate_kernel(dataset) if kernel is None else kernel).data.shape[-2:]
        return n_lon // 2, n_lat // 2

    def estimate_flux_default(self, dataset, kernel=None, exposure=None):
        """Return a first guess of the integral flux at each pixel, by a matched filter, a map in cm-2 s-1.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        kernel : `~geminga.maps.Map`, optional
            On the pixels of the dataset. By default that of the dataset.
        exposure : `~geminga.maps.Map`, optional
            In reconstructed energy. By default that of the dataset for the spectrum of the source.
        """
        bands = MapBands(dataset, *energy_bands(dataset._energy_axis, one_band=False))
        if kernel is None:
            kernel = source_kernel(dataset, self.kernel_model, self.kernel_width)
        flux = self._fluxes(dataset._energy_axis)
        unit = (
            counts_of_spectrum(dataset, self.kernel_model.spectral_model)
            if exposure is None
            else exposure.quantity.to_value("cm2 s") * flux
        )
        excess = bands.counts - bands.npred
        norm = np.divide(excess, unit, out=np.zeros_like(excess), where=unit > 0)
        square = (kernel.data**2).sum(axis=(1, 2), keepdims=True)
        filter_ = np.divide(kernel.data, square, out=np.zeros_like(kernel.data), where=square > 0)
        data = convolve_images(norm, filter_[..., ::-1, ::-1]) * flux
        return Map.from_geom(dataset._geom, data=data, unit="cm-2 s-1")

    def estimate_fit_input_maps(self, dataset):
        """Return counts, prediction and exposure (as counts of the source) of each energy, inside the mask, as maps."""
        bands = MapBands(dataset, *energy_bands(dataset._energy_axis, one_band=False))
        maps = {"counts": bands.counts, "background": bands.npred}
        maps["exposure"] = bands.exposure(self.kernel_model.spectral_model)
        return {name: bands.as_map(values) for name, values in maps.items()}

    def _fluxes(self, axis):
        edges = axis.edges
        return (
            self.kernel_model.spectral_model.integral(edges[:-1], edges[1:])
            .to_value("cm-2 s-1")
            .reshape(-1, 1, 1)
        )

    # ------------------------------------------------------------------ the estimate

    def run(self, datasets):
        """Estimate TS and flux maps.

        Parameters
        ----------
        datasets : `~geminga.datasets.MapDataset`, `~geminga.datasets.Datasets` or list
            With counts and exposure, on pixels of one WCS geometry. Neither they nor their models are changed.

        Returns
        -------
        `~geminga.estimators.FluxMaps`
            NaN outside the mask, and where nothing is expected in the window.

        Raises
        ------
        DataError, GeometryError
            If a dataset is of another kind, or has other pixels.
        """
        return self.estimate_flux_map(datasets)

    def estimate_flux_map(self, datasets):
        """Estimate TS and flux maps; see `run`."""
        from ..datasets import Datasets

        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        image = _common_image(datasets)
        planes = [self._planes(dataset) for dataset in datasets]
        axis = energy_bands(datasets[0]._energy_axis, self.energy_edges)[1]
        numbers = [len(part) for part, _ in planes]
        if len(set(numbers)) > 1:
            raise DataError(
                f"datasets must have the same number of bands between energy_edges, got {numbers}. "
                "Choose edges that all energy axes have, or slice the datasets."
            )
        bands = [[*chain(*parts)] for parts in zip(*(part for part, _ in planes), strict=True)]
        mask = np.any([used for _, used in planes], axis=0)
        blocks = block_sum(mask.astype(float), self.downsampling_factor or 1) > 0
        results = [self._band(parts, used) for parts, used in zip(bands, blocks, strict=True)]
        return self._as_flux_maps(results, mask, image, axis, datasets)

    def _planes(self, dataset):
        """Return the planes of each band of a dataset, and which of its pixels are used."""
        bands = MapBands(dataset, *energy_bands(dataset._energy_axis, self.energy_edges))
        factor = self.downsampling_factor or 1
        kernels = self.estimate_kernel(dataset).data
        used = bands.mask_bins
        cubes = [
            np.where(used, np.asarray(values, dtype=float), 0.0)
            for values in (
                dataset.counts.data,
                dataset.npred().data,
                counts_of_spectrum(dataset, self.kernel_model.spectral_model),
            )
        ]
        cubes = [block_sum(cube, factor) for cube in cubes]
        cubes[2] /= factor**2
        in_use = used.any(axis=(1, 2))
        result = []
        for rows in bands.rows:
            if self.sum_over_energy_groups:
                kernel = kernels[rows][in_use[rows]].mean(axis=0) if in_use[rows].any() else kernels[0]
                result.append([WindowPlane(*(cube[rows].sum(axis=0) for cube in cubes), kernel)])
            else:
                chosen = [row for row in range(rows.start, rows.stop) if in_use[row]] or [rows.start]
                result.append([WindowPlane(*(cube[row] for cube in cubes), kernels[row]) for row in chosen])
        return result, bands.mask

    def _band(self, planes, mask):
        """Return the estimates of one band, arrays on the (coarse) pixels."""
        problems = WindowProblems(planes, np.flatnonzero(mask))
        expected = problems.background()
        problems = WindowProblems(planes, problems.pixels[expected > 1e-9 * expected.max(initial=0.0)])
        low, high = self._limits(problems)
        solution = solve(
            problems,
            n_sigma=self.n_sigma,
            n_sigma_ul=self.n_sigma_ul,
            n_sigma_sensitivity=self.n_sigma_sensitivity,
            selection=self.selection_optional,
            norm_values=self.norm.scan_values,
            norm_min=low,
            norm_max=high,
        )
        excess = solution.norm * problems.signal()
        values = {name: getattr(solution, name) for name in QUANTITIES if getattr(solution, name) is not None}
        values |= {"npred_excess": excess, "npred": excess + problems.background()}
        result = {}
        for name, array in values.items():
            image = np.full((*array.shape[1:], mask.size), np.nan)
            image[..., problems.pixels] = np.moveaxis(array, 0, -1)
            result[name] = image.reshape(*array.shape[1:], *mask.shape)
        return result

    def _limits(self, problems):
        """Return limits of the norms; below the threshold both are the first guess, so that it stays."""
        low, high = (
            np.full(len(problems), limit if np.isfinite(limit) else default)
            for limit, default in ((self.norm.min, -np.inf), (self.norm.max, np.inf))
        )
        if self.threshold is None:
            return low, high
        terms, _ = problems.terms()
        guess = np.clip(np.maximum(problems.guess(), terms.limits()[0]), low, high)
        dull = terms.constant - terms.all(guess)[0] < self.threshold
        return np.where(dull, guess, low), np.where(dull, guess, high)

    def _as_flux_maps(self, results, mask, image, axis, datasets):
        geom = image.to_cube([axis])
        scan_axis = MapAxis.from_nodes(np.asarray(self.norm.scan_values), name="norm", interp="lin")
        data = {}
        for name in results[0]:
            values = np.array([band[name] for band in results], dtype=float)
            if self.downsampling_factor:
                values = on_fine_pixels(values, self.downsampling_factor, image.data_shape, name in WHOLE)
                # a block has pixels on both sides of the border of the mask
                values = np.where(mask[:, np.newaxis] if values.ndim == 4 else mask, values, np.nan)
            if name == "success":
                values = np.nan_to_num(values) > 0
            data[name] = Map.from_geom(
                image.to_cube([scan_axis, axis]) if name == "stat_scan" else geom, data=values
            )
        gtis = [dataset.gti for dataset in datasets if dataset.gti is not None]
        meta = {
            "n_sigma": self.n_sigma,
            "n_sigma_ul": self.n_sigma_ul,
            "n_sigma_sensitivity": self.n_sigma_sensitivity,
            "sed_type_init": "likelihood",
        }
        gti = type(gtis[0]).from_stack(gtis) if gtis else None
        return FluxMaps(data, self.kernel_model, meta, gti)


QUANTITIES = (
    "ts",
    "sqrt_ts",
    "norm",
    "niter",
    "norm_err",
    "norm_errn",
    "norm_errp",
    "norm_ul",
    "norm_sensitivity",
    "stat",
    "stat_null",
    "stat_scan",
    "success",
)
#: Quantities that are not interpolated between pixels.
WHOLE = ("niter", "success")


def _common_image(datasets):
    """Return the image geometry that all datasets share."""
    if not len(datasets):
        raise DataError("datasets must hold at least one map dataset, got none. Reduce or read some first.")
    images = []
    for dataset in datasets:
        if not hasattr(dataset, "counts") or dataset.stat_type == "wstat":
            raise DataError(
                f"dataset {dataset.name!r} must have a known background, got {type(dataset).__name__}. "
                "Convert on-off data with to_map_dataset()."
            )
        if dataset.counts is None:
            raise DataError(
                f"counts of dataset {dataset.name!r} must be set, got None. Reduce or fake them first."
            )
        if dataset._geom.is_region or dataset._geom.is_hpx:
            raise GeometryError(
                f"dataset {dataset.name!r} must have pixels of a WCS, got {type(dataset._geom).__name__}. "
                "Use flux points for spectra."
            )
        images.append(dataset._geom.to_image())
    for image in images[1:]:
        if not image.is_allclose(images[0]):
            raise GeometryError(
                "datasets must have the same pixels for one TS map, got different geometries. Reproject or cut them."
            )
    return images[0]
