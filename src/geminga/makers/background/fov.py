"""Background model of the field of view, scaled to the counts of each observation."""

from __future__ import annotations

import logging

import numpy as np

from ...errors import DataError, ModelError, UnknownNameError
from ...maps import Map
from ..core import MAKER_REGISTRY, Maker
from .exclusion import allowed_bins, check_exclusion_mask

__all__ = ["FoVBackgroundMaker"]

log = logging.getLogger(__name__)


@MAKER_REGISTRY.register
class FoVBackgroundMaker(Maker):
    """Scale or fit the background of a map dataset to its counts outside of an exclusion mask.

    Parameters
    ----------
    method : {"scale", "fit"}
        Set the norm of the background model such that background and counts agree in sum, or fit all free parameters
        of the background model, with all other models frozen.
    exclusion_mask : `~geminga.maps.WcsNDMap` of bool, optional
        False where the sky shall not be used. The sky outside of the mask is used.
    spectral_model : `~geminga.modeling.models.SpectralModel` or str
        Dimensionless model, or its tag, of the background model of a dataset that has none.
    spatial_model : `~geminga.modeling.models.SpatialModel` or str, optional
        Spatial part of that background model.
    min_counts : int
        More counts than this are needed.
    min_npred_background : float
        More predicted background counts than this are needed.
    fit : `~geminga.modeling.Fit`, optional
        Used by method "fit".

    Notes
    -----
    A dataset whose background cannot be normalised gets a safe mask without any bin, and a warning says why.
    Bins whose background is not finite are not used.
    Models of sources that the dataset has are taken into account, and not changed.

    References
    ----------
    .. [1] Berge, Funk & Hinton (2007), A&A 466, 1219, section 4.4 ("field-of-view background").
    """

    tag = "FoVBackgroundMaker"
    available_methods = ["fit", "scale"]

    def __init__(
        self,
        method="scale",
        exclusion_mask=None,
        spectral_model="pl-norm",
        spatial_model=None,
        min_counts=0,
        min_npred_background=0,
        fit=None,
    ):
        from ...modeling import Fit

        self.method = method
        self.exclusion_mask = check_exclusion_mask(exclusion_mask)
        self.spectral_model = _as_model(spectral_model, "spectral")
        self.spatial_model = None if spatial_model is None else _as_model(spatial_model, "spatial")
        self.min_counts, self.min_npred_background = min_counts, min_npred_background
        self.fit = Fit() if fit is None else fit

    @property
    def method(self) -> str:
        """Method, "scale" or "fit"."""
        return self._method

    @method.setter
    def method(self, value):
        if value not in self.available_methods:
            raise UnknownNameError("method of the background", value, self.available_methods)
        self._method = value

    def make_default_fov_background_model(self, dataset):
        """Return the dataset with a background model of its own added to its models.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        """
        from ...modeling.models import FoVBackgroundModel

        model = FoVBackgroundModel(
            dataset_name=dataset.name,
            spectral_model=self.spectral_model.copy(),
            spatial_model=None if self.spatial_model is None else self.spatial_model.copy(),
        )
        dataset.models = [model] if dataset.models is None else [*dataset.models, model]
        return dataset

    def make_exclusion_mask(self, dataset):
        """Return which bins of a dataset may be used, a map.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
        """
        geom = dataset._geom
        allowed = allowed_bins(self.exclusion_mask, geom)
        return Map.from_geom(geom, data=np.broadcast_to(allowed, geom.data_shape).copy())

    def make_background_scale(self, dataset):
        """Return the dataset with the norm of its background model set, inside its mask if it has one.

        With counts `N`, predicted counts `S` of all other models, and a background `B` predicted for norm 1, the norm
        is :math:`(N - S) / B` and its error :math:`\\sqrt{N} / B`.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            With a background model.

        Raises
        ------
        ModelError
            If the spectral model of the background has no parameter ``norm``.
        """
        counts, background, other = self._sums(dataset)
        problem = self._too_little(dataset, counts, background)
        if not problem:
            parameters = dataset.background_model.spectral_model.parameters
            if "norm" not in parameters.names:
                raise ModelError(
                    f"background model of dataset {dataset.name!r} must have a norm for method 'scale', "
                    f"got {', '.join(parameters.names)}. Use method 'fit'."
                )
            norm = parameters["norm"]
            unscaled = background / norm.value if norm.value else np.nan
            value = (counts - other) / unscaled
            if not np.isfinite(value):
                problem = f"the norm would be {value}"
            elif value <= 0:
                problem = f"{counts:g} counts are not more than the {other:.4g} that the other models predict"
            else:
                norm.value, norm.error = value, np.sqrt(counts) / unscaled
        return self._checked(dataset, problem)

    def make_background_fit(self, dataset):
        """Return the dataset with the parameters of its background model fitted, inside its mask if it has one.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            With a background model.
        """
        from ...modeling.models import Models

        counts, background, _ = self._sums(dataset)
        problem = self._too_little(dataset, counts, background)
        if not problem:
            model = dataset.background_model
            before = [(parameter, parameter.value, parameter.error) for parameter in model.parameters]
            others = Models([other for other in dataset.models if other is not model])
            with others.restore_status():
                others.freeze()
                result = self.fit.run(dataset)
            values = [parameter.value for parameter in model.parameters]
            if not result.success:
                problem = f"the fit did not converge: {result.message}"
            elif not np.all(np.isfinite(values)):
                problem = f"the fitted parameters are {values}"
            elif self._sums(dataset)[1] <= 0:
                problem = "the fitted background is not positive"
            if problem:
                for parameter, value, error in before:
                    parameter.value, parameter.error = value, error
        return self._checked(dataset, problem)

    def _too_little(self, dataset, counts, background) -> str:
        """Return why a dataset cannot be normalised, empty if it can."""
        if dataset.mask is not None and not np.any(dataset.mask.data):
            return "no bin is safe, to be fitted, and outside of the exclusion mask"
        if background <= self.min_npred_background:
            return f"only {background:.4g} background counts are predicted"
        if counts <= self.min_counts:
            return f"only {counts:g} counts were observed"
        return ""

    @staticmethod
    def _sums(dataset):
        """Return counts, predicted background and other predicted counts inside the mask; without one, of all bins."""
        mask = ... if dataset.mask is None else dataset.mask.data
        models = dataset.models or ()
        has_others = any(model is not dataset.background_model for model in models)
        other = dataset.npred_signal().data[mask].sum(dtype=float) if has_others else 0.0
        background = dataset.npred_background().data[mask].sum(dtype=float)
        return dataset.counts.data[mask].sum(dtype=float), background, other

    @staticmethod
    def _checked(dataset, problem):
        """Return the dataset; with a problem, log it and leave no bin safe."""
        if problem:
            log.warning(
                "The background of dataset %r was not normalised, and no bin is safe: %s. "
                "Check pointing, exclusion mask and safe mask.",
                dataset.name,
                problem,
            )
            dataset.mask_safe = Map.from_geom(
                dataset._geom, data=np.zeros(dataset._geom.data_shape, dtype=bool)
            )
        return dataset

    def run(self, dataset, observation=None):
        """Return the dataset with its background normalised.

        Parameters
        ----------
        dataset : `~geminga.datasets.MapDataset`
            Changed in place: models and, if the background cannot be normalised, the safe mask. The fit mask applies,
            and stays as it is.
        observation : `~geminga.data.Observation`, optional
            Not used.

        Raises
        ------
        DataError
            If the dataset has no counts or no predicted background, as on-off datasets and spectra of regions.
        """
        if dataset.counts is None or "background" not in dataset._maps or dataset.background is None:
            raise DataError(
                f"dataset {dataset.name!r} must be a map dataset with counts and background, got {dataset.tag} "
                "without. Select both in the MapDatasetMaker."
            )
        if dataset.counts.geom.is_region:
            raise DataError(
                f"dataset {dataset.name!r} must be on a map, got a {dataset.tag} of a region. "
                "Use ReflectedRegionsBackgroundMaker for spectra."
            )
        mask_fit = dataset.mask_fit
        allowed = self.make_exclusion_mask(dataset)
        allowed.data &= np.isfinite(dataset.background.data)
        if mask_fit is not None:
            allowed.data &= np.asarray(mask_fit.data, dtype=bool)
        if dataset.background_model is None:
            dataset = self.make_default_fov_background_model(dataset)
        dataset.mask_fit = allowed
        try:
            if self.method == "fit":
                return self.make_background_fit(dataset)
            return self.make_background_scale(dataset)
        finally:
            dataset.mask_fit = mask_fit


def _as_model(model, kind):
    """Return a model given as such or by its tag."""
    if not isinstance(model, str):
        return model
    from ...modeling.models import SPATIAL_MODEL_REGISTRY, SPECTRAL_MODEL_REGISTRY

    registry = SPECTRAL_MODEL_REGISTRY if kind == "spectral" else SPATIAL_MODEL_REGISTRY
    return registry.get_cls(model)()
