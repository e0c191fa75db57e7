"""Datasets on the geometry of several others, and datasets from maps of data level 4."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord

from ..errors import DataError, GeometryError
from ..maps import Map, MapAxis, WcsGeom
from ..units import to_quantity

__all__ = ["create_global_dataset", "create_map_dataset_from_dl4", "get_nearest_valid_exposure_position"]


def create_global_dataset(
    datasets,
    name=None,
    position=None,
    binsz=None,
    width=None,
    energy_min=None,
    energy_max=None,
    energy_true_min=None,
    energy_true_max=None,
    nbin_per_decade=None,
):
    """Create an empty dataset that covers all of several datasets.

    Parameters
    ----------
    datasets : `~geminga.datasets.Datasets`
        On WCS geometries.
    name : str, optional
    position : `~astropy.coordinates.SkyCoord`, optional
        Centre; by default the middle of all of them.
    binsz : `~astropy.units.Quantity` or str, optional
        Size of the pixels; by default the smallest.
    width : `~astropy.units.Quantity` or str, optional
        By default so that all pixels are inside.
    energy_min, energy_max, energy_true_min, energy_true_max : `~astropy.units.Quantity` or str, optional
        Ends of the axes; by default the outermost ones.
    nbin_per_decade : int, optional
        By default the largest.

    Returns
    -------
    `~geminga.datasets.MapDataset`

    Examples
    --------
    >>> from geminga.datasets import Datasets, MapDataset
    >>> axes = [MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=4)]
    >>> places = [(83, 22), (84, 22)]
    >>> parts = [MapDataset.create(WcsGeom.create(skydir=p, width=1, binsz=0.1, axes=axes)) for p in places]
    >>> create_global_dataset(Datasets(parts)).data_shape
    (4, 12, 20)
    """
    from .map import MapDataset

    geoms = [dataset._geom for dataset in datasets]
    if not geoms or any(geom.is_region or geom.is_hpx for geom in geoms):
        raise GeometryError(
            "datasets must be on WCS geometries to be covered by one, got others or none. Convert them first."
        )
    frame = geoms[0].frame
    corners = [_outline(geom, frame) for geom in geoms]
    if position is None:
        position = _middle(corners, frame)
    size = min(np.min(geom.pixel_scales.to_value("deg")) for geom in geoms)
    size = size if binsz is None else to_quantity(binsz, "deg", "binsz").value
    if width is None:
        width = [2 * size * np.ceil(reach / size + 1e-6) for reach in _reach(corners, position, frame)]
    else:
        width = to_quantity(width, "deg", "width").value
    true = [
        dataset.exposure.geom.axes["energy_true"]
        if dataset.exposure is not None
        else dataset._energy_axis.copy(name="energy_true")
        for dataset in datasets
    ]
    energy = _wide_axis(
        [dataset._energy_axis for dataset in datasets], energy_min, energy_max, nbin_per_decade
    )
    energy_true = _wide_axis(true, energy_true_min, energy_true_max, nbin_per_decade)
    geom = WcsGeom.create(
        skydir=position, binsz=size, width=width, frame=frame, proj=geoms[0].projection, axes=[energy]
    )
    return MapDataset.create(geom, energy_axis_true=energy_true, name=name)


def _outline(geom, frame) -> SkyCoord:
    """Return points on the outer edges of an image."""
    ny, nx = (int(n) for n in geom.to_image().data_shape)
    along_x, along_y = np.linspace(-0.5, nx - 0.5, 21), np.linspace(-0.5, ny - 0.5, 21)
    x = np.concatenate([along_x, along_x, np.full(21, -0.5), np.full(21, nx - 0.5)])
    y = np.concatenate([np.full(21, -0.5), np.full(21, ny - 0.5), along_y, along_y])
    lon, lat = geom.to_image().pix_to_coord((x, y))
    return SkyCoord(lon, lat, frame=geom.frame).transform_to(frame)


def _middle(outlines, frame) -> SkyCoord:
    """Return the middle of the rectangle around outlines."""
    start = outlines[0][0]
    lon = np.concatenate([(o.data.lon - start.data.lon).wrap_at("180d").deg for o in outlines])
    lat = np.concatenate([o.data.lat.deg for o in outlines])
    middle = 0.5 * (lon.min() + lon.max()) + start.data.lon.deg
    return SkyCoord(middle * u.deg, 0.5 * (lat.min() + lat.max()) * u.deg, frame=frame)


def _reach(outlines, position, frame) -> tuple[float, float]:
    """Return how far outlines are from a position, along longitude and latitude, in deg."""
    origin = position.transform_to(frame)
    offsets = [o.transform_to(origin.skyoffset_frame()) for o in outlines]
    lon = np.concatenate([np.abs(offset.lon.wrap_at("180d").deg) for offset in offsets])
    lat = np.concatenate([np.abs(offset.lat.deg) for offset in offsets])
    return float(lon.max()), float(lat.max())


def _wide_axis(axes, low, high, per_decade) -> MapAxis:
    """Return an axis over the range of all."""
    low = min(axis.edges[0] for axis in axes) if low is None else to_quantity(low, "TeV", "energy")
    high = max(axis.edges[-1] for axis in axes) if high is None else to_quantity(high, "TeV", "energy")
    if per_decade is None:
        decades = [np.log10((axis.edges[-1] / axis.edges[0]).to_value("")) for axis in axes]
        per_decade = max(1, *(int(np.rint(axis.nbin / n)) for axis, n in zip(axes, decades, strict=True)))
    return MapAxis.from_energy_bounds(low, high, nbin=per_decade, per_decade=True, name=axes[0].name)


def get_nearest_valid_exposure_position(exposure, position=None) -> SkyCoord:
    """Return a position with exposure: the given one, or the centre of the nearest pixel that has any.

    Parameters
    ----------
    exposure : `~geminga.maps.Map`
    position : `~astropy.coordinates.SkyCoord`, optional
        By default the centre of the map.
    """
    mask = Map.from_geom(exposure.geom, data=np.nan_to_num(np.asarray(exposure.data)) > 0)
    position = exposure.geom.center_skydir if position is None else position
    return mask.mask_nearest_position(position)


def create_map_dataset_from_dl4(data, geom=None, energy_axis_true=None, name=None):
    """Create a dataset from counts and response maps of data level 4.

    Parameters
    ----------
    data : `~geminga.datasets.MapDataset`
        Counts, exposure, PSF, energy dispersion and good time intervals. For observations with response maps use
        `~geminga.makers.MapDatasetMaker`.
    geom : `~geminga.maps.Geom`, optional
        That of the counts.
    energy_axis_true : `~geminga.maps.MapAxis`, optional
        By default that of the exposure; to another one responses are interpolated.
    name : str, optional

    Returns
    -------
    `~geminga.datasets.MapDataset`
        With a background of zeros, and everything safe.
    """
    from .map import MapDataset

    if not isinstance(data, MapDataset):
        raise DataError(
            f"data must be a MapDataset, got {type(data).__name__}. Run a MapDatasetMaker on observations."
        )
    own = data._geom
    if geom is not None and geom != own:
        raise GeometryError("geom must be that of the counts, got another one. Bin the events again.")
    parts = {"exposure": data.exposure, "psf": data.psf, "edisp": data.edisp}
    if energy_axis_true is not None:
        parts = {
            key: None if part is None else _with_axis(part, energy_axis_true) for key, part in parts.items()
        }
    new = MapDataset(
        counts=data.counts,
        background=Map.from_geom(own),
        mask_safe=Map.from_geom(own, data=np.ones(own.data_shape, dtype=bool)),
        gti=data.gti,
        meta_table=data.meta_table,
        meta=data.meta,
        name=name,
        **parts,
    )
    new._shares_maps = data._shares_maps = True
    return new


def _with_axis(part, axis):
    """Return an exposure or response interpolated to another axis of true energy."""
    if hasattr(part, "_irf_map"):
        exposure = None if part.exposure_map is None else _with_axis(part.exposure_map, axis)
        return type(part)(_with_axis(part._irf_map, axis), exposure)
    names = part.geom.axes.names
    if "energy_true" not in names:
        return part
    axes = [axis if known.name == "energy_true" else known for known in part.geom.axes]
    return part.interp_to_geom(part.geom.to_image().to_cube(axes))
