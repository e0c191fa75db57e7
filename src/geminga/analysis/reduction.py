"""Data reduction as a configuration says: to spectra or to maps."""

from __future__ import annotations

import inspect

from astropy.coordinates import SkyCoord
from regions import CircleSkyRegion

from ..datasets import Datasets, MapDataset, SpectrumDataset
from ..errors import ConfigError, GeometryError
from ..files import make_path
from ..makers import (
    DatasetsMaker,
    FoVBackgroundMaker,
    MapDatasetMaker,
    ReflectedRegionsBackgroundMaker,
    RingBackgroundMaker,
    SafeMaskMaker,
    SpectrumDatasetMaker,
)
from ..maps import Map, MapAxis, RegionGeom, WcsGeom

__all__ = ["circle_of", "energy_axis_of", "made", "reduce_to_maps", "reduce_to_spectra"]

#: Background makers by type of reduction and by the name of the method.
BACKGROUND_MAKERS = {
    "1d": {"reflected": ReflectedRegionsBackgroundMaker},
    "3d": {"fov_background": FoVBackgroundMaker, "ring": RingBackgroundMaker},
}


def reduce_to_spectra(config, observations) -> Datasets:
    """Reduce observations to spectra of the on region, one for each or stacked.

    Parameters
    ----------
    config : `~geminga.analysis.AnalysisConfig`
    observations : `~geminga.data.Observations`
    """
    settings = config.datasets
    region = circle_of(settings.on_region, "datasets.on_region")
    geom = RegionGeom.create(region, axes=[energy_axis_of(settings.geom.axes.energy, "energy")])
    energy_true = energy_axis_of(settings.geom.axes.energy_true, "energy_true")
    empty = SpectrumDataset.create(geom, energy_axis_true=energy_true, name="stacked")
    selection = [name for name in settings.map_selection if name not in ("background", "psf")]
    containment = settings.containment_correction
    chain = [SpectrumDatasetMaker(selection=selection, containment_correction=containment)]
    chain += [*_background_makers(settings), _safe_mask_maker(settings)]
    maker = DatasetsMaker(chain, stack_datasets=False, n_jobs=config.general.n_jobs)
    datasets = maker.run(empty, observations)
    return Datasets([datasets.stack_reduce(name="stacked")]) if settings.stack else datasets


def reduce_to_maps(config, observations) -> Datasets:
    """Reduce observations to maps, one for each or stacked; each a square around its pointing.

    Half the side of the squares is ``selection.offset_max``; the safe mask method "offset-max" cuts their corners.

    Parameters
    ----------
    config : `~geminga.analysis.AnalysisConfig`
    observations : `~geminga.data.Observations`
    """
    settings = config.datasets
    wcs, offset_max = settings.geom.wcs, settings.geom.selection.offset_max
    sky = wcs.skydir
    if sky.lon is None or sky.lat is None:
        raise ConfigError("datasets.geom.wcs.skydir must have lon and lat for maps. Set them.")
    geom = WcsGeom.create(
        skydir=SkyCoord(sky.lon, sky.lat, frame=sky.frame or "icrs"),
        binsz=wcs.binsize,
        width=(wcs.width.width, wcs.width.height),
        frame=sky.frame or "icrs",
        axes=[energy_axis_of(settings.geom.axes.energy, "energy")],
    )
    energy_true = energy_axis_of(settings.geom.axes.energy_true, "energy_true")
    empty = MapDataset.create(geom, energy_axis_true=energy_true, binsz_irf=wcs.binsize_irf, name="stacked")
    chain = [MapDatasetMaker(selection=list(settings.map_selection)), _safe_mask_maker(settings, offset_max)]
    chain += _background_makers(settings)
    maker = DatasetsMaker(
        chain, stack_datasets=settings.stack, n_jobs=config.general.n_jobs, cutout_width=2 * offset_max
    )
    return maker.run(empty, observations)


def _safe_mask_maker(settings, offset_max=None) -> SafeMaskMaker:
    """Return the maker of safe masks; the method "offset-max" takes the offset of the cut-outs if it has no own."""
    methods, arguments = [str(method) for method in settings.safe_mask.methods], {}
    if offset_max is not None and "offset_max" not in settings.safe_mask.parameters:
        arguments = {"offset_max": offset_max}
    return made(
        SafeMaskMaker, "datasets.safe_mask", settings.safe_mask.parameters, methods=methods, **arguments
    )


def _background_makers(settings) -> list:
    method = settings.background.method
    if method is None:
        return []
    known = BACKGROUND_MAKERS[settings.type]
    if method not in known:
        raise ConfigError(
            f"datasets.background.method must be one of {list(known)} for type {settings.type!s}, "
            f"got {str(method)!r}. Change one of them."
        )
    exclusion = None
    if settings.background.exclusion is not None:
        exclusion = Map.read(make_path(settings.background.exclusion))
        exclusion = exclusion.copy(data=exclusion.data.astype(bool))
    parameters = settings.background.parameters
    return [made(known[method], "datasets.background", parameters, exclusion_mask=exclusion)]


def circle_of(settings, section: str) -> CircleSkyRegion:
    """Return the circle that a section describes."""
    if settings.lon is None or settings.lat is None or settings.radius is None:
        raise ConfigError(f"{section} must have lon, lat and radius. Set them.")
    center = SkyCoord(settings.lon, settings.lat, frame=settings.frame or "icrs")
    return CircleSkyRegion(center, settings.radius)


def made(kind, section: str, parameters: dict, **arguments):
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


def energy_axis_of(settings, name: str, section: str | None = None) -> MapAxis:
    """Return the energy axis that a section describes, by default that of the datasets with the name."""
    section = f"datasets.geom.axes.{name}" if section is None else section
    if settings.min is None or settings.max is None or settings.nbins is None:
        raise ConfigError(f"{section} must have min, max and nbins. Set them.")
    try:
        return MapAxis.from_energy_bounds(settings.min, settings.max, settings.nbins, name=name)
    except GeometryError as error:
        raise ConfigError(f"{section} must have a positive range, got: {error}") from error
