"""Predicted background counts from a background response."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time

from ..errors import DataError
from ..irf import FoVAlignment
from ..maps import Map
from ..numerics.integrate import trapz_loglog
from ..sky.frames import sky_to_fov
from .positions import average_over_region, pixel_positions

__all__ = ["make_map_background_irf"]

SIDEREAL_RATE = 360 * u.deg / u.sday
SHORTEST_STEP = 1 * u.s


def make_map_background_irf(
    pointing,
    ontime,
    bkg,
    geom,
    time_start,
    fov_rotation_step=1.0 * u.deg,
    oversampling=None,
    use_region_center=True,
    location=None,
):
    """Return the background counts that a response predicts.

    Parameters
    ----------
    pointing : `~astropy.coordinates.SkyCoord` or `~geminga.data.FixedPointingInfo`
    ontime : `~astropy.units.Quantity`
        The rate is one per unit on-time, dead time not removed.
    bkg : `~geminga.irf.BackgroundIRF`
    geom : `~geminga.maps.Geom`
        With an axis ``energy``.
    time_start : `~astropy.time.Time`
        Start of the observation, for responses aligned with the horizon.
    fov_rotation_step : `~astropy.units.Quantity`
        Longest rotation of the field of view during one step of the time integral.
    oversampling : int, optional
        Factor by which energy bins are split for the integral.
    use_region_center : bool
        For a region, take the response at its centre instead of its average.
    location : `~astropy.coordinates.EarthLocation`, optional
        Needed for responses aligned with the horizon.

    Returns
    -------
    `~geminga.maps.Map`
        Counts: rate integrated over energy (log-log), solid angle and time.
    """
    fine = geom.upsample(oversampling, axis_name="energy") if oversampling else geom
    positions, weights = pixel_positions(fine, use_region_center)
    position = (
        pointing.get_icrs(obstime=time_start, location=location)
        if hasattr(pointing, "get_icrs")
        else pointing
    )
    energy = fine.axes["energy"].edges.reshape(-1, 1, 1)
    if bkg.has_offset_axis:
        rate = bkg.evaluate(energy=energy, offset=positions.separation(position)[np.newaxis])
        integrated = _integrate(rate, energy) * ontime
    elif bkg.fov_alignment == FoVAlignment.ALTAZ:
        if location is None:
            raise DataError(
                "location must be set for a background aligned with the horizon, got None. Give it."
            )
        integrated = 0.0
        for start, duration in _time_steps(position, time_start, ontime, fov_rotation_step, location):
            ends = [
                _integrate(_rate_altaz(bkg, energy, positions, position, time, location), energy)
                for time in (start, start + duration)
            ]
            integrated = integrated + 0.5 * (ends[0] + ends[1]) * duration
    else:
        lon, lat = sky_to_fov(positions.icrs.ra, positions.icrs.dec, position.icrs.ra, position.icrs.dec)
        if bkg.fov_alignment == FoVAlignment.REVERSE_LON_RADEC:
            lon = -lon
        rate = bkg.evaluate(energy=energy, fov_lon=lon[np.newaxis], fov_lat=lat[np.newaxis])
        integrated = _integrate(rate, energy) * ontime
    counts = average_over_region(integrated, weights) * fine.to_image().solid_angle()
    data = np.broadcast_to(u.Quantity(counts).to_value(""), fine.data_shape)
    result = Map.from_geom(fine, data=data.copy(), unit="")
    return result.downsample(oversampling, axis_name="energy") if oversampling else result


def _integrate(rate, energy):
    """Integrate between neighbouring energies, each step a power law."""
    shape = np.broadcast_shapes(rate.shape, energy.shape)
    values = np.stack(np.broadcast_arrays(rate.value[:-1], rate.value[1:]), axis=0)
    edges = np.broadcast_to(energy.value, shape)
    integral = trapz_loglog(values, np.stack([edges[:-1], edges[1:]], axis=0), axis=0)
    return u.Quantity(integral, rate.unit * energy.unit)


def _rate_altaz(bkg, energy, positions, pointing, time, location):
    from astropy.coordinates import AltAz

    frame = AltAz(obstime=time, location=location)
    center, pixels = pointing.transform_to(frame), positions.transform_to(frame)
    lon, lat = sky_to_fov(pixels.az, pixels.alt, center.az, center.alt)
    return bkg.evaluate(energy=energy, fov_lon=lon[np.newaxis], fov_lat=lat[np.newaxis])


def _time_steps(pointing, time_start, ontime, rotation_step, location):
    """Yield starts and lengths of steps in which the field rotates by at most the given angle."""
    from astropy.coordinates import AltAz

    elapsed = 0 * u.s
    while elapsed < ontime:
        time = Time(time_start + elapsed)
        altaz = pointing.transform_to(AltAz(obstime=time, location=location))
        rate = SIDEREAL_RATE * np.cos(location.lat) * np.abs(np.cos(altaz.az)) / np.cos(altaz.alt)
        step = (rotation_step / np.maximum(rate, 1e-12 * u.deg / u.s)).to("s")
        step = min(max(step, SHORTEST_STEP), ontime - elapsed)
        yield time, step
        elapsed = elapsed + step
