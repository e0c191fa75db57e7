"""The configuration of an analysis: what each YAML key means, its type and its default."""

from __future__ import annotations

import logging
from enum import StrEnum
from pathlib import Path

from astropy.time import Time
from pydantic import Field, ValidationError, field_validator

from ..errors import ConfigError
from ..files import make_path, read_yaml, to_yaml, write_yaml
from .fields import AngleField, ConfigSection, EnergyField, TimeField

__all__ = [
    "AnalysisConfig",
    "BackgroundConfig",
    "DatasetsConfig",
    "ExcessMapConfig",
    "FitConfig",
    "FluxPointsConfig",
    "GeneralConfig",
    "GeomConfig",
    "LightCurveConfig",
    "LogConfig",
    "ObservationsConfig",
    "SafeMaskConfig",
]


class ReductionType(StrEnum):
    """Kind of datasets."""

    spectrum = "1d"
    cube = "3d"


class FrameName(StrEnum):
    """Sky frames."""

    icrs = "icrs"
    galactic = "galactic"


class RequiredHDU(StrEnum):
    """Kinds of HDUs that observations must have."""

    events = "events"
    gti = "gti"
    aeff = "aeff"
    bkg = "bkg"
    edisp = "edisp"
    psf = "psf"
    rad_max = "rad_max"


class BackgroundMethod(StrEnum):
    """Ways to estimate the background."""

    reflected = "reflected"
    fov = "fov_background"
    ring = "ring"


class SafeMaskMethod(StrEnum):
    """Ways to find safe bins."""

    aeff_default = "aeff-default"
    aeff_max = "aeff-max"
    edisp_bias = "edisp-bias"
    offset_max = "offset-max"
    bkg_peak = "bkg-peak"


class MapSelection(StrEnum):
    """What a map dataset holds."""

    counts = "counts"
    exposure = "exposure"
    background = "background"
    psf = "psf"
    edisp = "edisp"


class SkyCoordConfig(ConfigSection):
    """A sky position."""

    frame: FrameName | None = None
    lon: AngleField | None = None
    lat: AngleField | None = None


class SpatialCircleConfig(SkyCoordConfig):
    """A circle on the sky."""

    radius: AngleField | None = None


class EnergyRangeConfig(ConfigSection):
    """A range of energy."""

    min: EnergyField | None = None
    max: EnergyField | None = None


class EnergyAxisConfig(EnergyRangeConfig):
    """An energy axis."""

    nbins: int | None = Field(default=None, gt=0)


class TimeRangeConfig(ConfigSection):
    """Intervals of time: one start and stop, or a list of each."""

    start: TimeField | None = None
    stop: TimeField | None = None

    def intervals(self) -> list[Time] | None:
        """Return the intervals as pairs of times, or None if nothing is set."""
        if self.start is None or self.stop is None:
            return None
        starts, stops = self.start.reshape(-1), self.stop.reshape(-1)
        return [Time([a, b]) for a, b in zip(starts, stops, strict=True)]


class FluxPointsConfig(ConfigSection):
    """Flux points."""

    energy: EnergyAxisConfig = EnergyAxisConfig()
    source: str = "source"
    parameters: dict = Field(default_factory=lambda: {"selection_optional": "all"})


class LightCurveConfig(ConfigSection):
    """Light curves."""

    time_intervals: TimeRangeConfig = TimeRangeConfig()
    energy_edges: EnergyAxisConfig = EnergyAxisConfig()
    source: str = "source"
    parameters: dict = Field(default_factory=lambda: {"selection_optional": "all"})


class FitConfig(ConfigSection):
    """The fit."""

    fit_range: EnergyRangeConfig = EnergyRangeConfig()


class ExcessMapConfig(ConfigSection):
    """Excess maps."""

    correlation_radius: AngleField = "0.1 deg"  # type: ignore[assignment]
    parameters: dict = Field(default_factory=dict)
    energy_edges: EnergyAxisConfig = EnergyAxisConfig()


class BackgroundConfig(ConfigSection):
    """The background."""

    method: BackgroundMethod | None = None
    exclusion: Path | None = None
    parameters: dict = Field(default_factory=dict)


class SafeMaskConfig(ConfigSection):
    """The safe range."""

    methods: list[SafeMaskMethod] = [SafeMaskMethod.aeff_default]
    parameters: dict = Field(default_factory=dict)


class EnergyAxesConfig(ConfigSection):
    """Reconstructed and true energy."""

    energy: EnergyAxisConfig = EnergyAxisConfig(min="1 TeV", max="10 TeV", nbins=5)
    energy_true: EnergyAxisConfig = EnergyAxisConfig(min="0.5 TeV", max="20 TeV", nbins=16)


class SelectionConfig(ConfigSection):
    """Selection in the field of view."""

    offset_max: AngleField = "2.5 deg"  # type: ignore[assignment]


class WidthConfig(ConfigSection):
    """Width and height of a map."""

    width: AngleField = "5 deg"  # type: ignore[assignment]
    height: AngleField = "5 deg"  # type: ignore[assignment]


class WcsConfig(ConfigSection):
    """The map."""

    skydir: SkyCoordConfig = SkyCoordConfig()
    binsize: AngleField = "0.02 deg"  # type: ignore[assignment]
    width: WidthConfig = WidthConfig()
    binsize_irf: AngleField = "0.2 deg"  # type: ignore[assignment]


class GeomConfig(ConfigSection):
    """Geometry of the datasets."""

    wcs: WcsConfig = WcsConfig()
    selection: SelectionConfig = SelectionConfig()
    axes: EnergyAxesConfig = EnergyAxesConfig()


class DatasetsConfig(ConfigSection):
    """Data reduction."""

    type: ReductionType = ReductionType.spectrum
    stack: bool = True
    geom: GeomConfig = GeomConfig()
    map_selection: list[MapSelection] = list(MapSelection)
    background: BackgroundConfig = BackgroundConfig()
    safe_mask: SafeMaskConfig = SafeMaskConfig()
    on_region: SpatialCircleConfig = SpatialCircleConfig()
    containment_correction: bool = True


class ObservationsConfig(ConfigSection):
    """Which observations."""

    datastore: Path = Path("$GEMINGA_DATA/hess-dl3-dr1")
    obs_ids: list[int] = []
    obs_file: Path | None = None
    obs_cone: SpatialCircleConfig = SpatialCircleConfig()
    obs_time: TimeRangeConfig = TimeRangeConfig()
    required_irf: list[RequiredHDU] = [RequiredHDU.aeff, RequiredHDU.edisp, RequiredHDU.psf, RequiredHDU.bkg]


class LogConfig(ConfigSection):
    """Messages."""

    level: str = "info"
    filename: Path | None = None
    filemode: str | None = None
    format: str | None = None
    datefmt: str | None = None

    @field_validator("level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in logging.getLevelNamesMapping():
            raise ValueError(f"level must be one of debug, info, warning, error, got {value!r}")
        return value


class GeneralConfig(ConfigSection):
    """Folders, files and messages."""

    log: LogConfig = LogConfig()
    outdir: str = "."
    n_jobs: int = Field(default=1, ge=1)
    datasets_file: Path | None = None
    models_file: Path | None = None


class AnalysisConfig(ConfigSection):
    """The configuration of an analysis.

    Examples
    --------
    >>> config = AnalysisConfig()
    >>> config.datasets.geom.axes.energy.nbins
    5
    >>> config.datasets.type = "3d"
    """

    general: GeneralConfig = GeneralConfig()
    observations: ObservationsConfig = ObservationsConfig()
    datasets: DatasetsConfig = DatasetsConfig()
    fit: FitConfig = FitConfig()
    flux_points: FluxPointsConfig = FluxPointsConfig()
    excess_map: ExcessMapConfig = ExcessMapConfig()
    light_curve: LightCurveConfig = LightCurveConfig()

    def __str__(self) -> str:
        return f"AnalysisConfig\n\n{self.to_yaml()}"

    @classmethod
    def _validated(cls, content, source: str):
        if content is None:
            content = {}
        if not isinstance(content, dict):
            raise ConfigError(
                f"{source} must be a mapping of sections, got {type(content).__name__}. See `config`."
            )
        # A block written by another program about the file itself.
        content = {key: value for key, value in content.items() if key not in ("metadata", "checksum")}
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            raise ConfigError(f"{source} must be a valid configuration, got {_describe(error)}") from error

    @classmethod
    def read(cls, path):
        """Read a configuration from a YAML file.

        Raises
        ------
        FormatError
            If the file cannot be read as YAML.
        ConfigError
            If a key is unknown or a value impossible; the message names them all.
        """
        path = make_path(path)
        return cls._validated(read_yaml(path), f"file {path}")

    @classmethod
    def from_yaml(cls, config_str):
        """Make a configuration from YAML text."""
        import yaml

        try:
            content = yaml.safe_load(config_str)
        except yaml.YAMLError as error:
            raise ConfigError(f"configuration must be plain YAML, got: {error}") from error
        return cls._validated(content, "configuration")

    def to_yaml(self) -> str:
        """Return the configuration as YAML text."""
        return to_yaml(self.model_dump(mode="json"))

    def write(self, path, overwrite=False) -> None:
        """Write the configuration to a YAML file."""
        write_yaml(self.to_yaml(), path, overwrite=overwrite)

    def update(self, config=None):
        """Return a configuration in which some values are replaced.

        Parameters
        ----------
        config : str, dict or AnalysisConfig
            The values to replace; text is YAML.
        """
        if isinstance(config, str):
            other = AnalysisConfig.from_yaml(config).model_dump(exclude_unset=True)
        elif isinstance(config, AnalysisConfig):
            other = config.model_dump(exclude_unset=True)
        elif isinstance(config, dict):
            other = AnalysisConfig._validated(config, "configuration").model_dump(exclude_unset=True)
        else:
            raise ConfigError(
                f"config must be text, a dictionary or AnalysisConfig, got {type(config).__name__}."
            )
        return AnalysisConfig.model_validate(_merged(self.model_dump(exclude_unset=True), other))

    def set_logging(self) -> None:
        """Configure the messages of the process as the configuration says."""
        options = {key: value for key, value in self.general.log.model_dump().items() if value is not None}
        options["level"] = options["level"].upper()
        logging.basicConfig(**options)
        logging.getLogger("geminga").setLevel(options["level"])


def _merged(one: dict, other: dict) -> dict:
    """Return two nested dictionaries joined; the second wins."""
    result = dict(one)
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict) and key != "parameters":
            result[key] = _merged(result[key], value)
        else:
            result[key] = value
    return result


def _describe(error: ValidationError) -> str:
    problems = []
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"])
        reason = "is not a known key" if item["type"] == "extra_forbidden" else item["msg"]
        problems.append(f"{place}: {reason}")
    return "; ".join(problems) + ". Compare with `geminga analysis config`."
