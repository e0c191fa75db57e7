"""The steps of an analysis, driven by its configuration."""

from __future__ import annotations

import inspect
import logging

from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from ..data import DataStore, Observations
from ..datasets import Datasets, FluxPointsDataset, SpectrumDataset
from ..errors import ConfigError, DataError, GeometryError
from ..estimators import FluxPointsEstimator, LightCurveEstimator
from ..files import make_path
from ..makers import DatasetsMaker, ReflectedRegionsBackgroundMaker, SafeMaskMaker, SpectrumDatasetMaker
from ..maps import Map, MapAxis, RegionGeom
from ..modeling import Fit
from ..modeling.models import Models
from .config import AnalysisConfig

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
            circle = _circle(cone, "observations.obs_cone")
            table = table.select_sky_circle(circle.center, circle.radius)
        return [int(obs_id) for obs_id in table["OBS_ID"]]

    # -------------------------------------------------------------------------------- datasets

    def get_datasets(self) -> None:
        """Reduce the observations to datasets."""
        if self.observations is None or len(self.observations) == 0:
            raise ConfigError(
                "observations must be selected before the reduction, got none. Call get_observations."
            )
        if self.config.datasets.type == "3d":
            raise ConfigError(
                "datasets.type must be '1d' in this version, got '3d'. Reduce cubes with geminga.makers when they land."
            )
        self._reduce_spectra()

    def _reduce_spectra(self) -> None:
        settings = self.config.datasets
        region = _circle(settings.on_region, "datasets.on_region")
        geom = RegionGeom.create(region, axes=[_axis(settings.geom.axes.energy, "energy")])
        empty = SpectrumDataset.create(
            geom, energy_axis_true=_axis(settings.geom.axes.energy_true, "energy_true"), name="stacked"
        )
        selection = [name for name in settings.map_selection if name not in ("background", "psf")]
        chain = [
            SpectrumDatasetMaker(selection=selection, containment_correction=settings.containment_correction)
        ]
        background = self._background_maker()
        if background is not None:
            chain.append(background)
        mask = settings.safe_mask
        chain.append(_made(SafeMaskMaker, "datasets.safe_mask", mask.parameters, methods=list(mask.methods)))
        maker = DatasetsMaker(chain, stack_datasets=False, n_jobs=self.config.general.n_jobs)
        datasets = maker.run(empty, self.observations)
        for dataset in datasets:
            log.info("Reduced %s", dataset.name)
        self.datasets = Datasets([datasets.stack_reduce(name="stacked")]) if settings.stack else datasets

    def _background_maker(self):
        settings = self.config.datasets.background
        if settings.method is None:
            return None
        if settings.method != "reflected":
            raise ConfigError(
                f"datasets.background.method must be 'reflected' for spectra, got {settings.method!r}. Change it."
            )
        exclusion = None
        if settings.exclusion is not None:
            exclusion = Map.read(make_path(settings.exclusion))
            exclusion = exclusion.copy(data=exclusion.data.astype(bool))
        return _made(
            ReflectedRegionsBackgroundMaker,
            "datasets.background",
            settings.parameters,
            exclusion_mask=exclusion,
        )

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
        """
        if self.datasets is None:
            raise ConfigError("datasets must be there before models, got None. Call get_datasets first.")
        if isinstance(models, str):
            models = Models.from_yaml(models)
        new = list(models) if not hasattr(models, "spectral_model") else [models]
        kept = [model for model in self._models if model.name not in {m.name for m in new}] if extend else []
        self._models = Models([*kept, *new])
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
        if not any(dataset.mask is None or dataset.mask.data.any() for dataset in self.datasets):
            raise DataError(
                "datasets must have a usable bin for a fit, got none. "
                "Look at safe masks, exclusion mask and fit range."
            )
        self.fit_result = self.fit.run(datasets=self.datasets)
        log.info("Fitted: %s", self.fit_result.message)

    # -------------------------------------------------------------------------------- estimators

    def get_flux_points(self) -> None:
        """Estimate flux points of the source that ``flux_points`` names."""
        settings = self.config.flux_points
        if self.datasets is None or len(self._models) == 0:
            raise ConfigError("datasets and models must be set before flux points. Call run_fit first.")
        edges = _edges(settings.energy, self.config.datasets.geom.axes.energy)
        estimator = _made(
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
        estimator = _made(
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
        """Estimate an excess map; needs map datasets."""
        raise ConfigError("datasets.type must be '3d' for an excess map, got '1d'. Reduce cubes first.")

    def __repr__(self):
        n_observations = len(self.observations) if isinstance(self.observations, Observations) else 0
        n_datasets = len(self.datasets) if self.datasets is not None else 0
        return f"<Analysis: {n_observations} observations, {n_datasets} datasets, {len(self._models)} models>"


def _circle(settings, section: str) -> CircleSkyRegion:
    if settings.lon is None or settings.lat is None or settings.radius is None:
        raise ConfigError(f"{section} must have lon, lat and radius. Set them.")
    return CircleSkyRegion(
        SkyCoord(settings.lon, settings.lat, frame=settings.frame or "icrs"), settings.radius
    )


def _made(kind, section: str, parameters: dict, **arguments):
    """Make a maker or estimator with the free parameters of its section."""
    known = inspect.signature(kind).parameters
    if set(parameters) & set(arguments):
        raise ConfigError(f"{section}.parameters must not repeat {sorted(set(parameters) & set(arguments))}.")
    try:
        return kind(**arguments, **parameters)
    except TypeError as error:
        raise ConfigError(
            f"{section}.parameters must be arguments of {kind.__name__} ({', '.join(known)}), "
            f"got {parameters}: {error}"
        ) from error


def _read_ids(path) -> list[int]:
    """Return the observation identifiers in a text file."""
    try:
        return [int(word) for word in path.read_text().split()]
    except (OSError, ValueError) as error:
        raise ConfigError(f"observations.obs_file {path} must hold integers, got: {error}") from error


def _axis(settings, name: str) -> MapAxis:
    if settings.min is None or settings.max is None or settings.nbins is None:
        raise ConfigError(f"datasets.geom.axes.{name} must have min, max and nbins. Set them.")
    try:
        return MapAxis.from_energy_bounds(settings.min, settings.max, settings.nbins, name=name)
    except GeometryError as error:
        raise ConfigError(
            f"axis {name} of the configuration must have a positive range, got: {error}"
        ) from error


def _edges(settings, default):
    """Return energy edges, from the axis of the datasets where the section leaves them open."""
    if settings.min is None or settings.max is None or settings.nbins is None:
        settings = default
    return _axis(settings, "energy").edges
