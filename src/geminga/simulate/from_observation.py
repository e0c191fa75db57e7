"""Datasets made of the responses of an observation, with bins that suit their resolution."""

from __future__ import annotations

import numpy as np
from astropy import units as u

from ..datasets import MapDataset, create_map_dataset_geoms
from ..errors import DataError
from ..makers import MapDatasetMaker
from ..maps import Map, MapAxis, WcsGeom
from ..modeling.models import FoVBackgroundModel, Models
from ..units import to_quantity

__all__ = ["create_empty_map_dataset_from_irfs", "create_map_dataset_from_observation"]

#: Bins of energy within one resolution, and response of the dataset: its name in the observation.
BINS_PER_RESOLUTION = 2
RESPONSES = {"exposure": "aeff", "background": "bkg", "psf": "psf", "edisp": "edisp"}


def create_empty_map_dataset_from_irfs(
    observation,
    dataset_name=None,
    energy_axis_true=None,
    energy_axis=None,
    energy_bin_per_decade_max=30,
    spatial_width=None,
    spatial_width_max=12.0 * u.deg,
    spatial_bin_size=None,
    spatial_bin_size_min=0.01 * u.deg,
    position=None,
    frame="icrs",
):
    """Create a dataset of zeros whose bins suit the resolution of the responses of an observation.

    There are two bins of energy for the best energy resolution, and the pixels are as wide as the best 68% containment
    radius. Resolutions that are better than the median by more than the median absolute deviation are not taken for
    the best: they come from energies with few events.

    Parameters
    ----------
    observation : `~geminga.data.Observation`
    dataset_name : str, optional
        By default ``obs_`` and the identifier.
    energy_axis_true, energy_axis : `~geminga.maps.MapAxis`, optional
        By default over the range of effective area and background.
    energy_bin_per_decade_max : int
        Largest number of bins in a decade.
    spatial_width : `~astropy.units.Quantity` or str, optional
        Width of the map; by default twice the last offset of the effective area.
    spatial_width_max : `~astropy.units.Quantity` or str
        Largest default width.
    spatial_bin_size : `~astropy.units.Quantity` or str, optional
        Size of the pixels.
    spatial_bin_size_min : `~astropy.units.Quantity` or str
        Smallest default size.
    position : `~astropy.coordinates.SkyCoord`, optional
        Centre of the map; by default the pointing.
    frame : {"icrs", "galactic"}

    Returns
    -------
    `~geminga.datasets.MapDataset`
    """
    geoms = _geoms(
        observation,
        energy_axis_true=energy_axis_true,
        energy_axis=energy_axis,
        energy_bin_per_decade_max=energy_bin_per_decade_max,
        spatial_width=spatial_width,
        spatial_width_max=spatial_width_max,
        spatial_bin_size=spatial_bin_size,
        spatial_bin_size_min=spatial_bin_size_min,
        position=position,
        frame=frame,
    )
    return MapDataset.from_geoms(**geoms, name=_name(observation, dataset_name))


def _name(observation, dataset_name) -> str:
    return f"obs_{observation.obs_id}" if dataset_name is None else dataset_name


def _geoms(
    observation,
    energy_axis_true=None,
    energy_axis=None,
    energy_bin_per_decade_max=30,
    spatial_width=None,
    spatial_width_max=12.0 * u.deg,
    spatial_bin_size=None,
    spatial_bin_size_min=0.01 * u.deg,
    position=None,
    frame="icrs",
) -> dict:
    """Return geometries with the bins of `create_empty_map_dataset_from_irfs`, of the responses that there are."""
    pointing = observation.get_pointing_icrs(observation.tmid)
    position = pointing if position is None else position
    aeff = observation.aeff
    if aeff is None:
        raise DataError(
            f"observation {observation.obs_id} must have an effective area to bin its sky, got none. "
            "Ask the data store for observations with required_irf=['aeff']."
        )
    if isinstance(aeff, Map):
        raise DataError(
            f"responses of observation {observation.obs_id} must be tables to bin its sky, got maps. "
            "Create a dataset with bins of your own, and run a MapDatasetMaker."
        )
    offset = position.separation(pointing)
    n_bins = _bins_per_decade(observation, offset, energy_bin_per_decade_max)
    if energy_axis_true is None:
        energy_axis_true = _energy_axis(aeff.axes["energy_true"], n_bins, "energy_true")
    if energy_axis is None:
        source = aeff.axes["energy_true"] if observation.bkg is None else observation.bkg.axes["energy"]
        energy_axis = _energy_axis(source, n_bins, "energy")
    if spatial_width is None:
        last = aeff.axes["offset"].edges[-1] if aeff.has_offset_axis else 0.5 * u.Quantity(spatial_width_max)
        spatial_width = min(2 * last, to_quantity(spatial_width_max, "deg", "spatial_width_max"))
    if spatial_bin_size is None:
        smallest = to_quantity(spatial_bin_size_min, "deg", "spatial_bin_size_min")
        spatial_bin_size = max(_smallest_radius(observation, offset, smallest), smallest)
    geom = WcsGeom.create(
        skydir=position,
        width=to_quantity(spatial_width, "deg", "spatial_width"),
        binsz=to_quantity(spatial_bin_size, "deg", "spatial_bin_size"),
        frame=frame,
        axes=[energy_axis],
    )
    edisp = observation.edisp
    geoms = create_map_dataset_geoms(
        geom, energy_axis_true=energy_axis_true, migra_axis=None if edisp is None else edisp.axes["migra"]
    )
    return {
        name: part
        for name, part in geoms.items()
        if name not in ("geom_psf", "geom_edisp")
        or getattr(observation, name.removeprefix("geom_")) is not None
    }


def create_map_dataset_from_observation(observation, models=None, dataset_name=None, **kwargs):
    """Create a dataset without counts from the responses of an observation, to be simulated.

    Parameters
    ----------
    observation : `~geminga.data.Observation`
    models : `~geminga.modeling.models.Models`, list or model, optional
        A background model is added to them if they have none.
    dataset_name : str, optional
        By default ``obs_`` and the identifier.
    **kwargs : dict
        Bins, see `create_empty_map_dataset_from_irfs`.

    Returns
    -------
    `~geminga.datasets.MapDataset`
    """
    # on geometries alone: arrays of zeros for the responses would take as much memory as these
    geoms, name = _geoms(observation, **kwargs), _name(observation, dataset_name)
    selection = [part for part, irf in RESPONSES.items() if getattr(observation, irf) is not None]
    dataset = MapDatasetMaker(selection=selection)._run_on(MapDataset, geoms, name, observation)
    dataset.counts = Map.from_geom(geoms["geom"])
    chosen = list(Models(models))
    if dataset.background is not None and not any(_is_background(model, dataset.name) for model in chosen):
        chosen.append(FoVBackgroundModel(dataset_name=dataset.name))
    dataset.models = chosen
    return dataset


def _is_background(model, dataset_name) -> bool:
    return isinstance(model, FoVBackgroundModel) and dataset_name in model.datasets_names


def _energy_axis(axis, n_bins, name) -> MapAxis:
    """Return an axis over the range of another."""
    low, high = axis.edges[0], axis.edges[-1]
    return MapAxis.from_energy_bounds(low, high, nbin=n_bins, per_decade=True, name=name)


def _best(values) -> float | None:
    """Return the smallest value that is no outlier, or None if there is none above 0."""
    values = np.ravel(values)
    values = values[np.isfinite(values)]
    if not values.size:
        return None
    median = np.median(values)
    deviation = np.median(np.abs(values - median))
    best = float(values[values >= median - deviation].min())
    return best if best > 0 else None


def _bins_per_decade(observation, offset, most) -> int:
    """Return how many bins in a decade the energy resolution asks for."""
    if observation.edisp is None:
        return int(most)
    kernel = observation.edisp.to_edisp_kernel(offset)
    axis = (observation.edisp if observation.psf is None else observation.psf).axes["energy_true"]
    edges = kernel.axes["energy_true"].edges
    energy = axis.center[(axis.center >= edges[0]) & (axis.center <= edges[-1])]
    best = _best(kernel.get_resolution(energy))
    return int(most) if best is None else int(np.clip(np.rint(BINS_PER_RESOLUTION / best), 1, most))


def _smallest_radius(observation, offset, smallest) -> u.Quantity:
    """Return the best 68% containment radius."""
    if observation.psf is None:
        return smallest
    radii = observation.psf.containment_radius(
        0.68, energy_true=observation.psf.axes["energy_true"].edges, offset=offset
    )
    best = _best(radii.to_value("deg"))
    return smallest if best is None else best * u.deg
