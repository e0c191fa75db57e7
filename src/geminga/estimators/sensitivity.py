"""Sensitivity of an on-off observation to a point source, band by band."""

from __future__ import annotations

import numpy as np
from astropy.table import Column, Table

from ..errors import DataError
from ..modeling.models import PowerLawSpectralModel, SkyModel
from ..stats import WStatCountsStatistic
from .core import ESTIMATOR_REGISTRY, Estimator

__all__ = ["SensitivityEstimator"]


@ESTIMATOR_REGISTRY.register
class SensitivityEstimator(Estimator):
    """Estimate the smallest flux that is detected in each energy bin.

    Parameters
    ----------
    spectral_model : SpectralModel, optional
        Shape of the source. By default a power law of index 2.
    n_sigma : float
        Wanted significance.
    gamma_min : float
        Smallest number of excess counts.
    bkg_syst_fraction : float
        Smallest excess as a fraction of the background.

    Notes
    -----
    The excess is the largest of: the one with the wanted Li & Ma significance, `gamma_min`, and
    `bkg_syst_fraction` of the
    background; the column ``criterion`` says which ("significance", "gamma", "bkg").
    """

    tag = "SensitivityEstimator"

    def __init__(self, spectral_model=None, n_sigma=5.0, gamma_min=10, bkg_syst_fraction=0.05):
        self.spectral_model = spectral_model or PowerLawSpectralModel(index=2, amplitude="1 cm-2 s-1 TeV-1")
        self.n_sigma, self.gamma_min, self.bkg_syst_fraction = n_sigma, gamma_min, bkg_syst_fraction

    @staticmethod
    def _flat(map_):
        return np.asarray(map_.data, dtype=float)[:, 0, 0]

    def _excess(self, dataset):
        background = self._flat(dataset.background)
        statistic = WStatCountsStatistic(
            n_on=background,
            n_off=self._flat(dataset.counts_off),
            alpha=np.nan_to_num(self._flat(dataset.alpha)),
        )
        matched = np.asarray(statistic.n_sig_matching_significance(self.n_sigma), dtype=float)
        return background, matched

    def estimate_min_excess(self, dataset):
        """Return the smallest excess counts that are detected, a map.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`
        """
        background, matched = self._excess(dataset)
        excess = np.fmax(np.fmax(matched, self.gamma_min), self.bkg_syst_fraction * background)
        return dataset.counts_off.copy(data=excess.reshape(dataset._geom.data_shape))

    def estimate_min_e2dnde(self, excess, dataset):
        """Return the smallest flux that is detected, a quantity of shape (n_energy, 1, 1).

        Parameters
        ----------
        excess : `~geminga.maps.RegionNDMap`
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`
        """
        energy = dataset._geom.axes["energy"].center
        reference = dataset.copy(name=dataset.name)
        reference.models = [SkyModel(spectral_model=self.spectral_model, name="reference")]
        predicted = reference.npred_signal().data
        with np.errstate(divide="ignore", invalid="ignore"):
            norm = np.where(predicted > 0, excess.data / predicted, np.nan)
        e2dnde = (self.spectral_model(energy) * energy**2).to("erg cm-2 s-1")
        return norm * e2dnde.reshape(-1, 1, 1)

    def run(self, dataset):
        """Estimate the sensitivity.

        Parameters
        ----------
        dataset : `~geminga.datasets.SpectrumDatasetOnOff`
            With background; counts and models are not used.

        Returns
        -------
        `~astropy.table.Table`
            Columns e_ref, e_min, e_max, e2dnde, excess, background, criterion.

        Raises
        ------
        DataError
            If the dataset has no off counts.
        """
        if getattr(dataset, "counts_off", None) is None:
            raise DataError(
                f"dataset {dataset.name!r} must have off counts for a sensitivity, got none. Add a background."
            )
        background, matched = self._excess(dataset)
        excess = self.estimate_min_excess(dataset)
        e2dnde = self.estimate_min_e2dnde(excess, dataset)
        values = excess.data[:, 0, 0]
        criterion = np.full(values.size, "significance", dtype="<U12")
        criterion[values <= self.gamma_min] = "gamma"
        limited = (
            (values > self.gamma_min) & (values <= self.bkg_syst_fraction * background) & ~(values <= matched)
        )
        criterion[limited] = "bkg"
        axis = dataset._geom.axes["energy"]
        return Table(
            [
                Column(axis.center, name="e_ref", format="5g", description="Energy center", unit=axis.unit),
                Column(
                    axis.edges[:-1], name="e_min", format="5g", description="Energy edge low", unit=axis.unit
                ),
                Column(
                    axis.edges[1:], name="e_max", format="5g", description="Energy edge high", unit=axis.unit
                ),
                Column(
                    e2dnde[:, 0, 0],
                    name="e2dnde",
                    format="5g",
                    description="Smallest flux",
                    unit="erg s-1 cm-2",
                ),
                Column(values, name="excess", format="5g", description="Smallest excess counts"),
                Column(background, name="background", format="5g", description="Background counts"),
                Column(criterion, name="criterion", description="What sets the sensitivity"),
            ]
        )
