"""Responses that are maps already, as water-Cherenkov arrays give them for a whole data set."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u

from ..errors import GeometryError, UnitError
from ..maps import Map
from ..units import TRANSIT, conversion_factor

__all__ = ["background_from_map", "edisp_from_map", "exposure_from_map", "psf_from_map"]

log = logging.getLogger(__name__)


def exposure_from_map(aeff, geom, observation):
    """Return an exposure map on another geometry.

    Parameters
    ----------
    aeff : `~geminga.maps.Map`
        With an axis ``energy_true``, in area times time, or area times time per transit: that is multiplied by the
        on-time in sidereal days.
    geom : `~geminga.maps.Geom`
    observation : `~geminga.data.Observation`

    Returns
    -------
    `~geminga.maps.Map`
        In m2 s; interpolated linearly between positions and logarithms of energies, 0 outside of the map.
    """
    unit, factor = _per_transit(aeff, u.Unit("m2 s"), observation)
    resampled = _at_pixels(aeff, geom, f"exposure of observation {observation.obs_id}")
    meta = {"livetime": observation.observation_live_time_duration, "is_pointlike": False}
    data = np.maximum(resampled.data, 0) * (factor * conversion_factor(unit, "m2 s", "effective area"))
    return Map.from_geom(geom, data=data, unit="m2 s", meta=meta)


def background_from_map(bkg, geom, observation):
    """Return a background map on another geometry.

    Parameters
    ----------
    bkg : `~geminga.maps.Map`
        With an axis ``energy``: counts, or a density in energy and solid angle. Either may be per transit: that is
        multiplied by the on-time in sidereal days.
    geom : `~geminga.maps.Geom`
    observation : `~geminga.data.Observation`

    Returns
    -------
    `~geminga.maps.Map`
        Counts. A map of counts is interpolated on the sky as a density; the counts of an energy bin go to other bins by
        the logarithmic width that they share. A density is taken at the centres of bins.
    """
    is_counts = bkg.unit.is_equivalent("") or bkg.unit == TRANSIT**-1
    unit, factor = _per_transit(bkg, u.one if is_counts else u.Unit("TeV-1 sr-1"), observation)
    name = f"background of observation {observation.obs_id}"
    if is_counts:
        old = bkg.geom.axes["energy"]
        counts = _at_pixels(bkg, geom.to_image().to_cube([old]), name, preserve_counts=True).data
        shares = _shares(old.edges, geom.axes["energy"].edges)
        data = np.einsum("ij,j...->i...", shares, counts) * (factor * unit.to(""))
    else:
        density = _at_pixels(bkg, geom, name).data * (factor * conversion_factor(unit, "TeV-1 sr-1", name))
        data = density * geom.bin_volume().to_value("TeV sr")
    if data.min(initial=0.0) < -1e-9 * data.max(initial=0.0):
        log.warning("The %s has negative values; they are set to 0.", name)
    return Map.from_geom(geom, data=np.maximum(data, 0))


def psf_from_map(psf, geom, observation):
    """Return a point spread function on another geometry.

    Parameters
    ----------
    psf : `~geminga.irf.PSFMap` or `~geminga.irf.RecoPSFMap`
    geom : `~geminga.maps.Geom`
        With the axes of the response.
    observation : `~geminga.data.Observation`

    Returns
    -------
    `~geminga.irf.PSFMap` or `~geminga.irf.RecoPSFMap`
        Normalised along ``rad``. The exposure of a `RecoPSFMap` is the one at the centres of its energies.
    """
    name = f"PSF of observation {observation.obs_id}"
    _check_axes(psf.psf_map, geom, name)
    result = type(psf)(
        _at_pixels(psf.psf_map, geom, name), _weight(geom.squash("rad"), psf.energy_name, observation)
    )
    result.normalize()
    return result


def edisp_from_map(edisp, geom, observation):
    """Return an energy dispersion on another geometry.

    Parameters
    ----------
    edisp : `~geminga.irf.EDispKernelMap` or `~geminga.irf.EDispMap`
    geom : `~geminga.maps.Geom`
        With axes ``energy_true`` and that of the response, ``energy`` or ``migra``.
    observation : `~geminga.data.Observation`

    Returns
    -------
    `~geminga.irf.EDispKernelMap` or `~geminga.irf.EDispMap`
        The probability of a bin in reconstructed energy goes to other bins by the logarithmic width that they share.
    """
    name = f"energy dispersion of observation {observation.obs_id}"
    source = edisp.edisp_map
    _check_axes(source, geom, name)
    exposure = _weight(geom.squash(geom.axes[0].name), "energy_true", observation)
    if "migra" in geom.axes.names:
        result = type(edisp)(_at_pixels(source, geom, name), exposure)
        result.normalize()
        return result
    axis, old = geom.axes["energy"], source.geom.axes["energy"]
    between = geom.to_image().to_cube([old, geom.axes["energy_true"]])
    values = _at_pixels(source, between, name).data
    data = np.einsum("ij,tj...->ti...", _shares(old.edges, axis.edges), values)
    return type(edisp)(Map.from_geom(geom, data=data), exposure)


def _shares(old, new) -> np.ndarray:
    """Return the fraction of the logarithmic width of each old bin in each new bin, shape (new, old)."""
    old, new = np.log(old.to_value("TeV")), np.log(new.to_value("TeV"))
    low = np.maximum(old[:-1], new[:-1, np.newaxis])
    high = np.minimum(old[1:], new[1:, np.newaxis])
    return np.clip(high - low, 0, None) / np.diff(old)


def _per_transit(response, expected, observation):
    """Return the unit of a map without transits, and the number of transits by which it is to be multiplied."""
    unit, factor = response.unit, 1.0
    if TRANSIT in unit.bases:
        unit, factor = unit * TRANSIT, observation.observation_time_duration.to_value(TRANSIT)
    if unit.is_equivalent(expected):
        return unit, factor
    raise UnitError(
        f"map of observation {observation.obs_id} must have a unit convertible to {expected.to_string()!r}, "
        f"or that per transit, got {response.unit.to_string()!r}. Set its unit."
    )


def _check_axes(source, geom, name):
    if source.geom.axes.names != geom.axes.names:
        raise GeometryError(
            f"{name} must have the axes {geom.axes.names} of the dataset, got {source.geom.axes.names}. "
            "Create the dataset for it: reco_psf=True for a PSF in reconstructed energy, no migra_axis for kernels."
        )


def _at_pixels(source, geom, name, preserve_counts=False):
    """Return a map at the bin centres of a geometry, 0 outside of it."""
    inside = source.geom.to_image().contains(geom.to_image().get_coord().skycoord)
    if not np.any(inside):
        raise GeometryError(
            f"{name} must cover a part of the dataset, got a map elsewhere. Move the dataset."
        )
    if not np.all(inside):
        log.warning(
            "The %s covers %.1f %% of the pixels of the dataset; it is 0 elsewhere.",
            name,
            100 * np.mean(inside),
        )
    coords = geom.get_coord(frame=source.geom.frame, sparse=True)
    # Rounded, so that nothing leaks from bin to bin where axes agree.
    pix = [np.round(part, 9) for part in source.geom.coord_to_pix(coords)]
    if preserve_counts:
        density = source.copy(data=source.data / source.geom.bin_volume().value, unit="")
        data = density.interp_by_pix(pix, fill_value=0) * geom.bin_volume().to_value(
            source.geom.bin_volume().unit
        )
    else:
        data = source.interp_by_pix(pix, fill_value=0)
    return Map.from_geom(geom, data=np.array(np.broadcast_to(data, geom.data_shape)), unit=source.unit)


def _weight(geom, energy_name, observation):
    """Return the exposure of an observation at the centres of a response, a map."""
    aeff = observation.aeff
    if not isinstance(aeff, Map):
        raise GeometryError(
            f"effective area of observation {observation.obs_id} must be a map as its other responses, "
            f"got {type(aeff).__name__}. Give maps for all."
        )
    axis = geom.axes[energy_name]
    cube = geom.to_image().to_cube([axis.copy(name="energy_true")])
    data = exposure_from_map(aeff, cube, observation).data
    shape = list(geom.data_shape)
    return Map.from_geom(geom, data=data.reshape(shape), unit="m2 s")
