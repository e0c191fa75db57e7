"""Excess counts, significances and fluxes in a circle around each pixel."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..datasets import MapDataset, MapDatasetOnOff
from ..errors import DataError
from ..maps import Map
from ..maps.wcs.convolve import convolve_images
from ..modeling.models import PowerLawSpectralModel
from ..results import FluxMaps
from ..stats import CashCountsStatistic, WStatCountsStatistic
from ..units import to_quantity
from .core import ESTIMATOR_REGISTRY, Estimator
from .map_bands import MapBands, dataset_mask, energy_bands, smoothed

__all__ = ["ExcessMapEstimator"]


@ESTIMATOR_REGISTRY.register
class ExcessMapEstimator(Estimator):
    """Estimate excess, significance and flux from the counts in a circle around each pixel.

    Parameters
    ----------
    correlation_radius : `~astropy.units.Quantity` or str
        Radius of the circle.
    n_sigma, n_sigma_ul, n_sigma_sensitivity : float
        Standard deviations of errors, of upper limits and of the sensitivity.
    selection_optional : sequence or "all", optional
        Of "errn-errp", "ul", "sensitivity", and for on-off data "alpha", "acceptance_on", "acceptance_off".
    energy_edges : `~astropy.units.Quantity`, optional
        Edges of the bands, moved to the nearest edges of the dataset. By default one band.
    correlate_off : bool
        Sum the off counts in the circle too. Switch it off where the off counts of neighbouring pixels are the same
        events, as those of a ring are.
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        Shape that turns counts into flux. By default a power law of index 2.
    gamma_min_sensitivity, bkg_syst_fraction_sensitivity : float
        Smallest excess, in counts and relative to the background, of the sensitivity.
    apply_threshold_sensitivity : bool
        Apply these.
    sum_over_energy_groups : bool
        Without `energy_edges`: one band of all energies. Otherwise one for each bin.

    Notes
    -----
    Without off counts the background is the prediction of all models of the dataset, taken as exact, and the
    statistic is Cash; with off counts it is W. Source models are part of the null hypothesis.
    """

    tag = "ExcessMapEstimator"
    _available_selection_optional = (
        "errn-errp",
        "ul",
        "sensitivity",
        "alpha",
        "acceptance_on",
        "acceptance_off",
    )

    def __init__(
        self,
        correlation_radius="0.1 deg",
        n_sigma=1,
        n_sigma_ul=2,
        selection_optional=None,
        energy_edges=None,
        correlate_off=True,
        spectral_model=None,
        n_sigma_sensitivity=5,
        gamma_min_sensitivity=10,
        bkg_syst_fraction_sensitivity=0.05,
        apply_threshold_sensitivity=False,
        sum_over_energy_groups=True,
    ):
        self.correlation_radius = correlation_radius
        self.n_sigma, self.n_sigma_ul, self.n_sigma_sensitivity = n_sigma, n_sigma_ul, n_sigma_sensitivity
        self.selection_optional = selection_optional
        self.energy_edges = None if energy_edges is None else to_quantity(energy_edges, name="energy_edges")
        self.correlate_off = correlate_off
        self.spectral_model = PowerLawSpectralModel() if spectral_model is None else spectral_model
        self.gamma_min_sensitivity = gamma_min_sensitivity
        self.bkg_syst_fraction_sensitivity = bkg_syst_fraction_sensitivity
        self.apply_threshold_sensitivity = apply_threshold_sensitivity
        self.sum_over_energy_groups = sum_over_energy_groups

    @property
    def correlation_radius(self):
        """Radius of the circle, a quantity."""
        return self._correlation_radius

    @correlation_radius.setter
    def correlation_radius(self, value):
        self._correlation_radius = to_quantity(value, u.deg, "correlation_radius")

    # ------------------------------------------------------------------ steps

    def estimate_kernel(self, dataset):
        """Return the circle as an image of ones and zeros.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        """
        geom = dataset._geom.to_image()
        radius = self.correlation_radius.to_value("deg") / np.mean(geom.pixel_scales.to_value("deg"))
        # 0.1 deg are 5 pixels of 0.02 deg in spite of the last digit
        n = int(np.floor(radius * (1 + 1e-6)))
        y, x = np.mgrid[-n : n + 1, -n : n + 1]
        return (x * x + y * y <= radius * radius * (1 + 1e-6)).astype(float)

    def estimate_mask_default(self, dataset):
        """Return the bins that count, a map of bool.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        """
        return Map.from_geom(dataset._geom, data=dataset_mask(dataset))

    def estimate_exposure_reco_energy(self, dataset, kernel, mask, reco_exposure):
        """Return the mean of an exposure over the circle.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        kernel : ndarray
            From `estimate_kernel`.
        mask, reco_exposure : `~geminga.maps.Map`
            On the geometry of the dataset.
        """
        data = _mean(np.asarray(reco_exposure.data, float), np.asarray(mask.data, bool), kernel)
        return Map.from_geom(reco_exposure.geom, data=data, unit=reco_exposure.unit)

    def estimate_excess_map(self, dataset, reco_exposure=None):
        """Estimate the excess in each energy bin of a dataset.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        reco_exposure : `~geminga.maps.Map`, optional
            Counts of the spectral model in each pixel. By default made from the exposure of the dataset.

        Returns
        -------
        `~geminga.estimators.FluxMaps`
        """
        bands = MapBands(dataset, *energy_bands(dataset._energy_axis, one_band=False))
        return self._estimate(bands, None if reco_exposure is None else bands.sum(reco_exposure))

    def run(self, dataset):
        """Estimate excess, significance and flux maps.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset` or `~geminga.datasets.MapDatasetOnOff`
            On a WCS geometry, with counts. Without exposure there are no fluxes: all norms are NaN.

        Returns
        -------
        `~geminga.estimators.FluxMaps`
            NaN outside the mask.

        Raises
        ------
        DataError
            If this is not a map dataset, or has no counts, or its background is measured but off counts are missing.
        """
        if not isinstance(dataset, MapDataset) or dataset._geom.is_region or dataset._geom.is_hpx:
            raise DataError(
                f"dataset must be a map dataset with pixels of a WCS, got {type(dataset).__name__}. "
                "Use flux points for spectra."
            )
        rows, axis = energy_bands(dataset._energy_axis, self.energy_edges, self.sum_over_energy_groups)
        return self._estimate(MapBands(dataset, rows, axis))

    # ------------------------------------------------------------------ numbers

    def _statistic(self, bands, kernel):
        """Return the counts statistic of all pixels, and acceptances for on-off data."""
        dataset = bands.dataset

        def circle(values):
            return smoothed(values, kernel)

        counts = np.rint(circle(bands.counts))
        if not isinstance(dataset, MapDatasetOnOff):
            return CashCountsStatistic(counts, circle(bands.npred)), {}
        if dataset.background is None:
            raise DataError(
                f"counts_off and acceptances of dataset {dataset.name!r} must be set, got None. "
                "Run a maker of a background, or assign maps."
            )
        off, background = bands.sum(dataset.counts_off), bands.sum(dataset.background)
        acceptance, acceptance_off = bands.sum(dataset.acceptance), bands.sum(dataset.acceptance_off)
        acceptance_on = circle(acceptance)
        if self.correlate_off:
            off, background = np.rint(circle(off)), circle(background)
            alpha = _ratio(acceptance_on, circle(acceptance_off))
            alpha = np.where(off > 0, _ratio(background, off), alpha)
            acceptance_off = _ratio(acceptance_on, alpha)
        else:
            # the off acceptance that keeps the background estimate of the band
            own = np.where(off > 0, _ratio(background, off), _ratio(acceptance, acceptance_off))
            acceptance_off = _ratio(acceptance, own)
            alpha = _ratio(acceptance_on, acceptance_off)
        signal = None
        if len(dataset.models or ()):
            signal = convolve_images(bands.sum(dataset.npred_signal()), kernel)
        maps = {"alpha": alpha, "acceptance_on": acceptance_on, "acceptance_off": acceptance_off}
        return WStatCountsStatistic(counts, off, alpha, signal), maps

    def _estimate(self, bands, reco_exposure=None):
        kernel = self.estimate_kernel(bands.dataset)
        statistic, acceptances = self._statistic(bands, kernel)
        mask = bands.mask
        if reco_exposure is None and bands.dataset.exposure is not None:
            reco_exposure = bands.exposure(self.spectral_model)
        exposure = (
            np.full(mask.shape, np.nan) if reco_exposure is None else _mean(reco_exposure, mask, kernel)
        )
        exposure = np.where(exposure > 0, exposure, np.nan)
        chosen = self.selection_optional
        values = {
            "npred": statistic.n_on,
            "npred_excess": statistic.n_sig,
            "counts": statistic.n_on,
            "ts": statistic.ts,
            "sqrt_ts": statistic.sqrt_ts,
            "norm": statistic.n_sig / exposure,
            "norm_err": statistic.error * self.n_sigma / exposure,
        }
        if "errn-errp" in chosen:
            values["norm_errn"] = statistic.compute_errn(self.n_sigma) / exposure
            values["norm_errp"] = statistic.compute_errp(self.n_sigma) / exposure
        if "ul" in chosen:
            values["norm_ul"] = statistic.compute_upper_limit(self.n_sigma_ul) / exposure
        if "sensitivity" in chosen:
            values["norm_sensitivity"] = self._sensitivity(statistic) / exposure
        values |= {name: acceptances[name] for name in acceptances if name in chosen}
        data = {name: bands.as_map(np.where(mask, array, np.nan)) for name, array in values.items()}
        return FluxMaps(data, self.spectral_model, self._meta(), bands.dataset.gti)

    def _sensitivity(self, statistic):
        excess = statistic.n_sig_matching_significance(self.n_sigma_sensitivity)
        if self.apply_threshold_sensitivity:
            excess = np.fmax(excess, self.gamma_min_sensitivity)
            excess = np.fmax(excess, self.bkg_syst_fraction_sensitivity * statistic.n_bkg)
        return excess

    def _meta(self):
        meta = {
            "n_sigma": self.n_sigma,
            "n_sigma_ul": self.n_sigma_ul,
            "n_sigma_sensitivity": self.n_sigma_sensitivity,
            "sed_type_init": "likelihood",
        }
        if self.apply_threshold_sensitivity:
            meta["gamma_min_sensitivity"] = self.gamma_min_sensitivity
            meta["bkg_syst_fraction_sensitivity"] = self.bkg_syst_fraction_sensitivity
        return meta


def _ratio(a, b):
    """Return a / b, 0 where b is 0."""
    return np.divide(a, b, out=np.zeros(np.shape(a)), where=np.asarray(b) > 0)


def _mean(values, mask, kernel):
    """Return the mean over the circle of what is inside the mask, NaN where nothing is."""
    total = smoothed(np.where(mask, values, 0.0), kernel)
    number = np.rint(convolve_images(mask.astype(float), kernel))
    return np.divide(total, number, out=np.full(total.shape, np.nan), where=number > 0)
