"""Parts and joins of flux maps: slices, stacks, spectra at a position."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
from astropy import units as u

from ..errors import DataError
from ..maps import Map

__all__ = [
    "copy",
    "get_flux_points",
    "iter_by_axis",
    "slice_by_coord",
    "slice_by_energy",
    "slice_by_idx",
    "slice_by_time",
    "stacked",
]


def copy(flux_maps, reference_model=None):
    """Return a copy, optionally with its norms converted to another reference model.

    Parameters
    ----------
    flux_maps : FluxMaps
    reference_model : SkyModel or SpectralModel, optional
    """
    if reference_model is None:
        return deepcopy(flux_maps)
    maps = flux_maps.to_maps(sed_type="dnde")
    new = type(flux_maps).from_maps(
        maps, "dnde", reference_model, gti=deepcopy(flux_maps.gti), meta=dict(flux_maps.meta)
    )
    new.filter_success_nan = flux_maps.filter_success_nan
    return new


def slice_by_idx(flux_maps, slices):
    """Return the part at integer slices, a dict from axis name to slice."""
    data = {
        name: map_.slice_by_idx({k: v for k, v in slices.items() if k in map_.geom.axes.names})
        for name, map_ in flux_maps._data.items()
    }
    return type(flux_maps)(
        data,
        flux_maps.reference_model,
        dict(flux_maps.meta),
        deepcopy(flux_maps.gti),
        flux_maps.filter_success_nan,
    )


def slice_by_coord(flux_maps, slices):
    """Return the bins whose centres lie inside the given ranges.

    Parameters
    ----------
    flux_maps : FluxMaps
    slices : dict of str to slice or pair
        Coordinates by axis name, for example ``{"time": slice(t_min, t_max)}``.

    Raises
    ------
    DataError
        If no bin lies inside.
    """
    ranges = {}
    for name, wanted in slices.items():
        axis = flux_maps.geom.axes[name]
        low, high = (wanted.start, wanted.stop) if isinstance(wanted, slice) else wanted
        if name == "time":
            inside = (axis.time_mid >= low) & (axis.time_mid < high)
        else:
            inside = (axis.center >= u.Quantity(low)) & (axis.center < u.Quantity(high))
        chosen = np.flatnonzero(inside)
        if chosen.size == 0:
            raise DataError(f"range of axis {name!r} must contain a bin, got [{low}, {high}]. Widen it.")
        ranges[name] = slice(int(chosen[0]), int(chosen[-1]) + 1)
    return slice_by_idx(flux_maps, ranges)


def slice_by_energy(flux_maps, energy_min, energy_max):
    """Return the bins between two energies, rounded to the edges of the axis."""
    axis = flux_maps.energy_axis
    limits = u.Quantity([u.Quantity(energy_min), u.Quantity(energy_max)])
    first, last = np.clip(np.rint(axis.coord_to_pix(limits) + 0.5), 0, axis.nbin)
    return slice_by_idx(flux_maps, {"energy": slice(int(first), int(last))})


def slice_by_time(flux_maps, time_min, time_max):
    """Return the time bins whose middle lies between two times."""
    return slice_by_coord(flux_maps, {"time": slice(time_min, time_max)})


def iter_by_axis(flux_maps, axis_name):
    """Yield the part at each bin of an axis."""
    for index in range(flux_maps.geom.axes[axis_name].nbin):
        yield slice_by_idx(flux_maps, {axis_name: slice(index, index + 1)})


def stacked(cls, maps, axis, meta=None):
    """Join flux maps along a new or existing axis, see `FluxMaps.from_stack`."""
    first = maps[0]
    common = [name for name in first.available_quantities if all(name in m._data for m in maps)]
    exists = axis.name in first.geom.axes.names
    along = {"axis_name": axis.name} if exists else {"axis": axis}
    data = {name: Map.from_stack([m._data[name] for m in maps], **along) for name in common}
    gtis = [m.gti for m in maps if m.gti is not None]
    gti = type(gtis[0]).from_stack(gtis) if gtis else None
    return cls(data, first.reference_model, dict(first.meta if meta is None else meta), gti)


def get_flux_points(flux_maps, position=None):
    """Return the spectrum at a sky position, by default the centre of the map."""
    from .flux_points import FluxPoints

    position = flux_maps.geom.center_skydir if position is None else position
    data = {
        name: map_ if map_.geom.is_region else map_.to_region_nd_map(region=position)
        for name, map_ in flux_maps._data.items()
    }
    for name in ("is_ul", "success"):
        if name in data:
            data[name] = data[name].copy(data=data[name].data.astype(bool))
    return FluxPoints(data, flux_maps.reference_model, dict(flux_maps.meta), deepcopy(flux_maps.gti))
