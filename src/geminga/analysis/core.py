"""The steps of an analysis, driven by its configuration."""

from __future__ import annotations

import logging

from ..data import DataStore, Observations
from ..datasets import Datasets, FluxPointsDataset, stack_covering
from ..errors import ConfigError
from ..estimators import ExcessMapEstimator, FluxPointsEstimator, LightCurveEstimator
from ..files import make_path
from ..modeling import Fit
from ..modeling.models import FoVBackgroundModel, Models
from .config import AnalysisConfig, ReductionType
from .reduction import circle_of, energy_axis_of, made, reduce_to_maps, reduce_to_spectra

__all__ = ["Analysis"]

log = logging.getLogger(__name__)


class Analysis:
    """Data selection, reduction, fit and flux points, as a configuration says.

    Parameters
    ----------
    config : AnalysisConfig or dict

    Attributes
    ----------
    observations : `~geminga.data.Observations`
    datasets : `~geminga.datasets.Datasets`
    models : `~geminga.modeling.models.Models`
    fit : `~geminga.modeling.Fit`
    fit_result : `~geminga.modeling.FitResult`
    flux_points : `~geminga.datasets.FluxPointsDataset`
    light_curve : `~geminga.estimators.FluxPoints`
    excess_map : `~geminga.estimators.FluxMaps`
    """

    def __init__(self, config):
        self.config = config
        self.config.set_logging()
        self.datastore = None
        self.observations = None
        self.datasets = None
        self.fit = Fit()
        self.fit_result = None
        self.flux_points = None
        self.light_curve = None
        self.excess_map = None
        self._models = Models()

    @property
    def config(self) -> AnalysisConfig:
        """The configuration."""
        return self._config

    @config.setter
    def config(self, value):
        if isinstance(value, dict):
            value = AnalysisConfig._validated(value, "configuration")
        if not isinstance(value, AnalysisConfig):
            raise ConfigError(
                f"config must be an AnalysisConfig or a dictionary, got {type(value).__name__}."
            )
        self._config = value

    def update_config(self, config) -> None:
        """Replace some values of the configuration, see `AnalysisConfig.update`."""
        self.config = self.config.update(config)

    @property
    def models(self) -> Models:
        """Models of the datasets; assign with `set_models`."""
        return self._models

    # ---------------------------------------------------------------------------- observations

    def get_observations(self) -> None:
        """Select the observations and open the data store.

        Raises
        ------
        ConfigError
            If the selection holds no observation.
        """
        settings = self.config.observations
        path = make_path(settings.datastore)
        log.info("Opening data store %s", path)
        self.datastore = DataStore.from_dir(path) if path.is_dir() else DataStore.from_file(path)
        obs_ids = self._selected_ids()
        if not obs_ids:
            raise ConfigError(
                "observations must select at least one observation, got none. Widen the selection."
            )
        observations = self.datastore.get_observations(
            obs_ids, skip_missing=True, required_irf=list(settings.required_irf)
        )
        intervals = settings.obs_time.intervals()
        self.observations = observations.select_time(intervals) if intervals else observations
        log.info("Selected %d observations", len(self.observations))

    def _selected_ids(self) -> list[int]:
        settings = self.config.observations
        table = self.datastore.obs_table
        ids = list(settings.obs_ids)
        if settings.obs_file is not None:
            ids += _read_ids(make_path(settings.obs_file))
        if ids:
            known = set(table["OBS_ID"].tolist())
            unknown = [obs_id for obs_id in ids if obs_id not in known]
            if unknown:
                raise ConfigError(
                    f"observations must be in the data store, got {unknown}. Compare with its obs_ids."
                )
            return ids
        cone = settings.obs_cone
        if cone.radius is not None:
            circle = circle_of(cone, "observations.obs_cone")
            table = table.select_sky_circle(circle.center, circle.radius)
        return [int(obs_id) for obs_id in table["OBS_ID"]]

    # -------------------------------------------------------------------------------- datasets

    def get_datasets(self) -> None:
        """Reduce the observations to datasets."""
        if self.observations is None or len(self.observations) == 0:
            raise ConfigError(
                "observations must be selected before the reduction, got none. Call get_observations."
            )
        reduce = reduce_to_maps if self.config.datasets.type == ReductionType.cube else reduce_to_spectra
        self.datasets = reduce(self.config, self.observations)
        for dataset in self.datasets:
            log.info("Reduced %s", dataset.name)

    def read_datasets(self) -> None:
        """Read the datasets, and their models, that ``general`` names."""
        general = self.config.general
        if general.datasets_file is None:
            raise ConfigError(
                "general.datasets_file must be set to read datasets, got None. Name the YAML file."
            )
        models = make_path(general.models_file) if general.models_file else None
        self.datasets = Datasets.read(make_path(general.datasets_file), filename_models=models)
        log.info("Read %d datasets", len(self.datasets))

    def write_datasets(self, overwrite=True, write_covariance=True) -> None:
        """Write the datasets, and their models, to the files that ``general`` names."""
        general = self.config.general
        if self.datasets is None:
            raise ConfigError(
                "datasets must be reduced before they are written, got None. Call get_datasets."
            )
        if general.datasets_file is None:
            raise ConfigError(
                "general.datasets_file must be set to write datasets, got None. Name the YAML file."
            )
        self.datasets.write(
            make_path(general.datasets_file),
            filename_models=make_path(general.models_file) if general.models_file else None,
            overwrite=overwrite,
            write_covariance=write_covariance,
        )
        log.info("Wrote datasets to %s", general.datasets_file)

    # ------------------------------------------------------------------------- models and fit

    def set_models(self, models, extend=True) -> None:
        """Set the models of the datasets.

        Parameters
        ----------
        models : Models, list of models, or str
            Text is YAML.
        extend : bool
            Keep the models that are there.

        Notes
        -----
        A map dataset with an expected background gets a background model with a free norm if it has none.
        """
        if self.datasets is None:
            raise ConfigError("datasets must be there before models, got None. Call get_datasets first.")
        if isinstance(models, str):
            models = Models.from_yaml(models)
        new = list(models) if not hasattr(models, "spectral_model") else [models]
        kept = [model for model in self._models if model.name not in {m.name for m in new}] if extend else []
        self._models = Models([*kept, *new])
        self.datasets.models = self._models
        backgrounds = [
            FoVBackgroundModel(dataset_name=dataset.name)
            for dataset in self.datasets
            if _wants_background(dataset)
        ]
        if backgrounds:
            self._models = Models([*self._models, *backgrounds])
            self.datasets.models = self._models

    def read_models(self, path=None, extend=True) -> None:
        """Read models from a YAML file and set them; by default the file that ``general`` names."""
        path = path if path is not None else self.config.general.models_file
        if path is None:
            raise ConfigError("general.models_file must be set to read models, got None. Name the YAML file.")
        self.set_models(Models.read(make_path(path)), extend=extend)
        log.info("Read %d models from %s", len(self._models), path)

    def write_models(self, overwrite=True, write_covariance=True) -> None:
        """Write the models to the file that ``general`` names."""
        path = self.config.general.models_file
        if path is None:
            raise ConfigError(
                "general.models_file must be set to write models, got None. Name the YAML file."
            )
        self.models.write(make_path(path), overwrite=overwrite, write_covariance=write_covariance)

    def run_fit(self) -> None:
        """Fit the models; the ``fit`` section may limit the energy range.

        Without a fit range the fit masks of the datasets stay as they are.
        """
        if self.datasets is None or len(self._models) == 0:
            raise ConfigError(
                "datasets and models must be set before a fit. Call get_datasets and set_models."
            )
        fit_range = self.config.fit.fit_range
        if fit_range.min is not None or fit_range.max is not None:
            for dataset in self.datasets:
                dataset.mask_fit = dataset.counts.geom.energy_mask(fit_range.min, fit_range.max)
        self.fit_result = self.fit.run(datasets=self.datasets)
        log.info("Fitted: %s", self.fit_result.message)

    # -------------------------------------------------------------------------------- estimators

    def get_flux_points(self) -> None:
        """Estimate flux points of the source that ``flux_points`` names."""
        settings = self.config.flux_points
        if self.datasets is None or len(self._models) == 0:
            raise ConfigError("datasets and models must be set before flux points. Call run_fit first.")
        edges = _edges(settings.energy, self.config.datasets.geom.axes.energy)
        estimator = made(
            FluxPointsEstimator,
            "flux_points",
            settings.parameters,
            energy_edges=edges,
            source=settings.source,
        )
        points = estimator.run(datasets=self.datasets)
        self.flux_points = FluxPointsDataset(
            data=points, models=self._models[settings.source], name=settings.source
        )
        log.info("Estimated %d flux points", points.energy_axis.nbin)

    def get_light_curve(self) -> None:
        """Estimate the light curve of the source that ``light_curve`` names."""
        settings = self.config.light_curve
        if self.datasets is None or len(self._models) == 0:
            raise ConfigError("datasets and models must be set before a light curve. Call run_fit first.")
        estimator = made(
            LightCurveEstimator,
            "light_curve",
            settings.parameters,
            time_intervals=settings.time_intervals.intervals(),
            energy_edges=_edges(settings.energy_edges, self.config.datasets.geom.axes.energy),
            source=settings.source,
        )
        self.light_curve = estimator.run(datasets=self.datasets)
        log.info("Estimated %d time bins", self.light_curve.geom.axes["time"].nbin)

    def get_excess_map(self) -> None:
        """Estimate excess, significance and flux in circles, of all datasets together.

        Raises
        ------
        ConfigError
            If the datasets are not maps.
        """
        if self.datasets is None or any(dataset.counts.geom.is_region for dataset in self.datasets):
            raise ConfigError(
                "datasets must be maps for an excess map. Set datasets.type to 3d and reduce them."
            )
        settings = self.config.excess_map
        edges = None
        if settings.energy_edges.min is not None:
            edges = energy_axis_of(settings.energy_edges, "energy", "excess_map.energy_edges").edges
        estimator = made(
            ExcessMapEstimator,
            "excess_map",
            settings.parameters,
            correlation_radius=settings.correlation_radius,
            energy_edges=edges,
        )
        dataset = self.datasets[0]
        if len(self.datasets) > 1:
            dataset = stack_covering(self.datasets, name="stacked", with_models=True)
        self.excess_map = estimator.run(dataset)
        log.info("Estimated the excess in circles of %s", settings.correlation_radius)

    def __repr__(self):
        n_observations = len(self.observations) if isinstance(self.observations, Observations) else 0
        n_datasets = len(self.datasets) if self.datasets is not None else 0
        return f"<Analysis: {n_observations} observations, {n_datasets} datasets, {len(self._models)} models>"


def _wants_background(dataset) -> bool:
    """Tell whether a dataset is a map with an expected background and no model of it."""
    is_map = not dataset.counts.geom.is_region and dataset.stat_type != "wstat"
    return is_map and dataset.background is not None and dataset.background_model is None


def _read_ids(path) -> list[int]:
    """Return the observation identifiers in a text file."""
    try:
        return [int(word) for word in path.read_text().split()]
    except (OSError, ValueError) as error:
        raise ConfigError(f"observations.obs_file {path} must hold integers, got: {error}") from error


def _edges(settings, default):
    """Return energy edges, from the axis of the datasets where the section leaves them open."""
    if settings.min is None or settings.max is None or settings.nbins is None:
        settings = default
    return energy_axis_of(settings, "energy").edges
