"""Predicted background counts from a background response."""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.coordinates import AltAz
from astropy.time import Time

from ..errors import DataError
from ..irf import FoVAlignment
from ..maps import Map
from ..numerics.integrate import loglog_segments
from ..sky.frames import fov_offsets
from ..sky.rotation import galactic_to_icrs, separation
from ..units import conversion_factor, to_quantity
from .pointings import SIDEREAL_RATE, intervals_of, is_drift, time_quadrature
from .positions import average_over_region, data_on, pixel_positions

__all__ = ["make_map_background_irf"]


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
    gti=None,
):
    """Return the background counts that a response predicts.

    Parameters
    ----------
    pointing : `~astropy.coordinates.SkyCoord` or `~geminga.data.FixedPointingInfo`
        Direction on the sky, or towards the horizon: then the sky drifts through the field of view.
    ontime : `~astropy.units.Quantity`
        The rate is one per unit on-time, dead time not removed.
    bkg : `~geminga.irf.BackgroundIRF`
    geom : `~geminga.maps.Geom`
        With an axis ``energy``.
    time_start : `~astropy.time.Time`
        Start of the observation, for responses aligned with the horizon.
    fov_rotation_step : `~astropy.units.Quantity`
        Longest rotation of the field of view, or drift of the sky, during one step of the time integral.
    oversampling : int, optional
        Factor by which energy bins are split for the integral.
    use_region_center : bool
        For a region, take the response at its centre instead of its average.
    location : `~astropy.coordinates.EarthLocation`, optional
        Needed for responses aligned with the horizon, and for drifts.
    gti : `~geminga.data.GTI`, optional
        Intervals of the time integral; by default the on-time from `time_start` on.

    Returns
    -------
    `~geminga.maps.Map`
        Counts: rate integrated over energy (log-log), solid angle and time (trapezium rule).
    """
    fine = geom.upsample(oversampling, axis_name="energy") if oversampling else geom
    field = _Field(bkg, pointing, fine, use_region_center, location)
    if not field.moves:
        integrated = field.rate(time_start) * to_quantity(ontime, "s", "ontime").value
    else:
        if location is None:
            raise DataError(
                "location must be set for a background that is aligned with the horizon or a pointing that drifts, "
                "got None. Give it."
            )
        intervals = (
            [(Time(time_start), to_quantity(ontime, "s", "ontime"))] if gti is None else intervals_of(gti)
        )
        step = to_quantity(fov_rotation_step, "deg", "fov_rotation_step")
        nodes = time_quadrature(intervals, lambda time: step / field.angular_speed(time))
        integrated = sum(field.rate(time) * weight.to_value("s") for time, weight in nodes)
    data = average_over_region(integrated, field.weights) * fine.to_image().solid_angle().to_value("sr")
    result = Map.from_geom(fine, data=data_on(fine, data), unit="")
    return result.downsample(oversampling, axis_name="energy") if oversampling else result


class _Field:
    """The background response as it lies on the pixels of a geometry, at any time."""

    def __init__(self, bkg, pointing, geom, use_region_center, location):
        self.bkg, self.pointing, self.location = bkg, pointing, location
        self.positions, self.weights = pixel_positions(geom, use_region_center)
        self.energy = geom.axes["energy"].edges.to_value("TeV").reshape(-1, 1, 1)
        self.is_horizontal = not bkg.has_offset_axis and bkg.fov_alignment == FoVAlignment.ALTAZ
        self.drifts = is_drift(pointing)
        self._lon_lat = None if self.is_horizontal else _icrs(self.positions)

    @property
    def moves(self) -> bool:
        """Whether the pixels move in the field of view."""
        return self.drifts or self.is_horizontal

    def direction(self, time):
        """Return the direction of the pointing in ICRS."""
        if hasattr(self.pointing, "get_icrs"):
            return self.pointing.get_icrs(obstime=time, location=self.location)
        return self.pointing

    def angular_speed(self, time):
        """Return how fast the sky drifts, or the field of view rotates."""
        if self.drifts:
            return SIDEREAL_RATE
        altaz = self.direction(time).transform_to(AltAz(obstime=time, location=self.location))
        rate = SIDEREAL_RATE * np.cos(self.location.lat) * np.abs(np.cos(altaz.az)) / np.cos(altaz.alt)
        return max(rate, 1e-12 * u.deg / u.s)

    def rate(self, time) -> np.ndarray:
        """Return the rate of each energy bin in s-1 sr-1, shape (n_energy, *positions)."""
        bkg, direction = self.bkg, self.direction(time)
        if self.is_horizontal:
            frame = AltAz(obstime=time, location=self.location)
            lon, lat = _radians(self.positions.transform_to(frame))
            center = _radians(direction.transform_to(frame))
        else:
            (lon, lat), center = self._lon_lat, _radians(direction.icrs)
        if bkg.has_offset_axis:
            offset = separation(*(np.degrees(angle) for angle in (lon, lat, *center)))
            coords = {"offset": offset[np.newaxis] << u.deg}
        else:
            fov_lon, fov_lat = (np.degrees(angle)[np.newaxis] for angle in fov_offsets(lon, lat, *center))
            sign = -1 if bkg.fov_alignment == FoVAlignment.REVERSE_LON_RADEC else 1
            coords = {"fov_lon": sign * fov_lon << u.deg, "fov_lat": fov_lat << u.deg}
        density = bkg.evaluate(energy=self.energy << u.TeV, **coords)
        factor = conversion_factor(density.unit, "s-1 TeV-1 sr-1", "background rate")
        return loglog_segments(density.value, self.energy, axis=0) * factor


def _radians(position):
    """Return longitude and latitude of positions in their own frame, plain numbers in rad."""
    return position.spherical.lon.rad, position.spherical.lat.rad


def _icrs(positions):
    """Return right ascension and declination of positions in rad."""
    if positions.frame.name == "galactic":
        return tuple(np.radians(angle) for angle in galactic_to_icrs(positions.l.deg, positions.b.deg))
    return _radians(positions.icrs)
