"""Fluxes in a row of regions: a profile across a source, energy by energy."""

from __future__ import annotations

from astropy import units as u

from ..datasets import Datasets
from ..errors import DataError
from ..maps import MapAxis, RegionGeom
from ..modeling.models import PowerLawSpectralModel, SkyModel
from ..results import FluxPoints
from .core import ESTIMATOR_REGISTRY
from .flux_points import FluxPointsEstimator

__all__ = ["FluxProfileEstimator"]


@ESTIMATOR_REGISTRY.register
class FluxProfileEstimator(FluxPointsEstimator):
    """Estimate fluxes in regions, each with everything that the models predict as background.

    Parameters
    ----------
    regions : list of `~regions.SkyRegion`
        Inside which counts are summed, in the order of the profile.
    spectral_model : `~geminga.modeling.models.SpectralModel`, optional
        Shape that turns counts into flux. By default a power law of index 2.
    **kwargs
        Arguments of `FluxPointsEstimator`.
    """

    tag = "FluxProfileEstimator"
    _reports_used_range = False

    def __init__(self, regions, spectral_model=None, **kwargs):
        self.regions = list(regions)
        if not self.regions:
            raise DataError(
                "regions must hold at least one region, got none. "
                "Make some, for example with make_orthogonal_rectangle_sky_regions."
            )
        self.spectral_model = PowerLawSpectralModel() if spectral_model is None else spectral_model
        super().__init__(**{"source": "test-source", **kwargs})

    @property
    def projected_distance_axis(self):
        """Distance of the centres of the regions from that of the first, an axis."""
        centers = [RegionGeom.create(region).center_skydir for region in self.regions]
        distances = u.Quantity([center.separation(centers[0]) for center in centers]).to("deg")
        if len(centers) == 1:
            return MapAxis.from_edges([-0.5, 0.5] * u.deg, name="projected-distance")
        return MapAxis.from_nodes(distances, name="projected-distance")

    def run(self, datasets):
        """Estimate a flux profile.

        Parameters
        ----------
        datasets : `~geminga.datasets.Datasets`
            Map datasets, on-off or not; neither they nor their models are changed.

        Returns
        -------
        `~geminga.estimators.FluxPoints`
            With an axis ``projected-distance`` behind the energy axis.
        """
        datasets = datasets if isinstance(datasets, Datasets) else Datasets(datasets)
        profile = [super(FluxProfileEstimator, self).run(self._spectra(datasets, r)) for r in self.regions]
        result = FluxPoints.from_stack(profile, axis=self.projected_distance_axis)
        result.gti = datasets.gti
        return result

    def _spectra(self, datasets, region):
        """Return the spectra of a region; what the models of a dataset predict there is their background."""
        model = SkyModel(self.spectral_model, name=self.source if isinstance(self.source, str) else None)
        spectra = []
        for dataset in datasets:
            whole = dataset
            if dataset.stat_type == "cash" and dataset.models is not None and len(dataset.models):
                whole = dataset.copy(name=dataset.name)
                whole.background = dataset.npred()
            spectra.append(whole.to_spectrum_dataset(region, name=dataset.name))
        result = Datasets(spectra)
        result.models = [model]
        return result
