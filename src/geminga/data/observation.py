"""One observation: events, time intervals, pointing and responses, each read when it is needed."""

from __future__ import annotations

import copy
import logging
from typing import TYPE_CHECKING

import numpy as np
from astropy import units as u
from astropy.coordinates import EarthLocation, SkyCoord
from astropy.time import Time

from ..doors import drawn_by
from ..errors import DataError
from ..fits_headers import header_value
from ..sky.locations import earth_location_from_dict
from ..sky.timing import as_time, seconds_to_time
from ..units import to_value
from .filters import ObservationFilter
from .gti import GTI
from .hdu_location import HDULocation
from .io.formats import OBSERVATION_FORMATS
from .observation_parts import RESPONSES, ObservationParts
from .pointing import FixedPointingInfo

if TYPE_CHECKING:
    pass

__all__ = ["Observation"]

log = logging.getLogger(__name__)

DEFAULT_REFERENCE_TIME = Time("2000-01-01T00:00:00")


class Observation(ObservationParts):
    """Observation with everything that is needed to reduce it.

    Parameters
    ----------
    obs_id : int or str, optional
        Identifier.
    meta : ObservationMetaData, optional
        Default is read from the header of the events.
    gti : GTI, optional
    aeff, edisp, psf, bkg, rad_max : response or `~geminga.maps.Map`, optional
    events : EventList, optional
    obs_filter : ObservationFilter, optional
        Applied to events and intervals whenever they are asked for.
    pointing : FixedPointingInfo, optional
        Default is read from the header of the events.
    location : `~astropy.coordinates.EarthLocation`, optional
        Default is read from the header of the events.

    Notes
    -----
    Each part may be an `HDULocation`; it is then read on first access and kept with the observation. `release`
    forgets what can be read again.
    """

    def __init__(
        self,
        obs_id=None,
        meta=None,
        gti=None,
        aeff=None,
        edisp=None,
        psf=None,
        bkg=None,
        rad_max=None,
        events=None,
        obs_filter=None,
        pointing=None,
        location=None,
    ):
        self.obs_id = obs_id
        super().__init__(
            {
                "events": events,
                "gti": gti,
                "aeff": aeff,
                "edisp": edisp,
                "psf": psf,
                "bkg": bkg,
                "rad_max": rad_max,
            }
        )
        self._meta, self._pointing, self._location = meta, pointing, location
        self.obs_filter = obs_filter or ObservationFilter()

    # ------------------------------------------------------------------- making

    @classmethod
    def create(
        cls,
        pointing,
        location=None,
        obs_id=0,
        livetime=None,
        tstart=None,
        tstop=None,
        irfs=None,
        deadtime_fraction=0.0,
        reference_time=DEFAULT_REFERENCE_TIME,
    ) -> Observation:
        """Create an observation without events, to simulate it.

        Parameters
        ----------
        pointing : FixedPointingInfo or `~astropy.coordinates.SkyCoord`
        location : `~astropy.coordinates.EarthLocation` or str, optional
            Place, or name of an observatory.
        obs_id : int or str
        livetime : `~astropy.units.Quantity` or str, optional
            Length of the observation, dead time included. Used if `tstop` is not given.
        tstart, tstop : `~astropy.time.Time` or `~astropy.units.Quantity`, optional
            Times, or durations since the reference time. Default start is the reference time.
        irfs : dict, optional
            Responses by the names "aeff", "edisp", "psf", "bkg", "rad_max".
        deadtime_fraction : float
            Between 0 and 1.
        reference_time : `~astropy.time.Time`

        Returns
        -------
        Observation

        Examples
        --------
        >>> observation = Observation.create(SkyCoord("83.6d", "22d"), livetime="1 h", deadtime_fraction=0.1)
        >>> float(observation.observation_live_time_duration.to_value("h").round(9))
        0.9
        """
        from ..metadata import CreatorMetaData, TargetMetaData, TimeInfoMetaData
        from .metadata import ObservationMetaData

        if isinstance(pointing, SkyCoord):
            pointing = FixedPointingInfo(fixed_icrs=pointing.icrs)
        reference = as_time(reference_time, "reference_time")
        start = reference if tstart is None else _moment(tstart, reference, "tstart")
        if tstop is not None:
            stop = _moment(tstop, reference, "tstop")
        elif livetime is not None:
            stop = start + to_value(livetime, u.s, "livetime") * u.s
        else:
            raise DataError(
                "an observation must have a length, got neither livetime nor tstop. Pass one of them."
            )
        unknown = set(irfs or {}) - set(RESPONSES)
        if unknown:
            raise DataError(f"irfs must be named {', '.join(RESPONSES)}, got {sorted(unknown)}. Rename them.")
        meta = ObservationMetaData(
            location=location,
            deadtime_fraction=deadtime_fraction,
            time_info=TimeInfoMetaData(time_start=start, time_stop=stop, reference_time=reference),
            creation=CreatorMetaData(),
            target=TargetMetaData(),
        )
        return cls(
            obs_id=obs_id,
            meta=meta,
            gti=GTI.create(start, stop, reference),
            pointing=pointing,
            location=meta.location,
            **(irfs or {}),
        )

    @classmethod
    def read(cls, event_file, irf_file=None, checksum=False, format="gadf") -> Observation:
        """Read from a FITS file with events, and one with responses.

        Parameters
        ----------
        event_file : str or path-like
            File with events, intervals, and responses if there is no `irf_file`.
        irf_file : str or path-like, optional
            File with responses.
        checksum : bool
            Warn if a checksum in the files does not match.
        format : {"gadf"}

        Returns
        -------
        Observation
            Parts are read from the files when they are asked for.
        """
        return OBSERVATION_FORMATS.read(event_file, format, irf_file=irf_file, checksum=checksum)

    def write(self, path, overwrite=False, format="gadf", include_irfs=True, checksum=False) -> None:
        """Write to a FITS file.

        Parameters
        ----------
        path : str or path-like
        overwrite : bool
            Replace an existing file.
        format : {"gadf"}
        include_irfs : bool
            Write the responses too.
        checksum : bool
            Add checksums.
        """
        OBSERVATION_FORMATS.write(
            self, path, format=format, overwrite=overwrite, include_irfs=include_irfs, checksum=checksum
        )

    # ------------------------------------------------------------------- pointing

    @property
    def pointing(self):
        """Pointing, or None if nothing says where."""
        if self._pointing is not None:
            return self._pointing
        header, key = self._header, ("pointing", self._parts["events"])
        if not header:
            return None
        if not isinstance(key[1], HDULocation):
            return FixedPointingInfo.from_fits_header(header)
        if key not in self._read:
            self._read[key] = FixedPointingInfo.from_fits_header(header)
        return self._read[key]

    @pointing.setter
    def pointing(self, pointing):
        self._pointing = pointing

    @property
    def observatory_earth_location(self) -> EarthLocation | None:
        """Place of the observatory, or None."""
        if self._location is not None:
            return self._location
        meta = self._meta or self._header_meta
        if meta is not None:
            return meta.location
        header = self._header
        known = any(header.get(keyword) is not None for keyword in ("GEOLON", "OBSGEO-L", "OBSGEO-X"))
        return earth_location_from_dict(header) if known else None

    @property
    def target_radec(self) -> SkyCoord | None:
        """Direction of the target in ICRS, or None."""
        target = self.meta.target
        return None if target is None else target.position

    def get_pointing_altaz(self, time) -> SkyCoord:
        """Return the pointing in AltAz at a time."""
        return self._known_pointing().get_altaz(time, self.observatory_earth_location)

    def get_pointing_icrs(self, time) -> SkyCoord:
        """Return the pointing in ICRS at a time."""
        return self._known_pointing().get_icrs(time, self.observatory_earth_location)

    def _known_pointing(self):
        pointing = self.pointing
        if pointing is None:
            raise DataError(
                f"observation {self.obs_id} must have a pointing, got none. Set observation.pointing."
            )
        return pointing

    def get_fov_frame(self, time, alignment):
        """Return the frame of the field of view at a time.

        Parameters
        ----------
        time : `~astropy.time.Time`
        alignment : `~geminga.irf.FoVAlignment` or str
            "ALTAZ" for a frame aligned with the horizon, else with the equator.

        Returns
        -------
        FoVAltAzFrame or FoVICRSFrame
        """
        from ..irf import FoVAlignment
        from ..sky import FoVAltAzFrame, FoVICRSFrame

        if FoVAlignment(alignment) == FoVAlignment.ALTAZ:
            return FoVAltAzFrame(
                origin=self.get_pointing_altaz(time), obstime=time, location=self.observatory_earth_location
            )
        return FoVICRSFrame(origin=self.get_pointing_icrs(time))

    # ------------------------------------------------------------------- time

    def _known_gti(self) -> GTI:
        gti = self.gti
        if gti is None:
            raise DataError(
                f"observation {self.obs_id} must have good time intervals, got none. Set observation.gti."
            )
        return gti

    def _edge(self, which) -> Time:
        gti = self._known_gti()
        if not len(gti):
            raise DataError(
                f"observation {self.obs_id} must have at least one time interval, got none. Check the time selection."
            )
        seconds = gti.met_start.value.min() if which == "start" else gti.met_stop.value.max()
        return seconds_to_time(seconds, gti._store.shown_reference)

    @property
    def tstart(self) -> Time:
        """Start of the first interval."""
        return self._edge("start")

    @property
    def tstop(self) -> Time:
        """Stop of the last interval."""
        return self._edge("stop")

    @property
    def tmid(self) -> Time:
        """Middle between `tstart` and `tstop`."""
        start = self.tstart
        return start + 0.5 * (self.tstop - start)

    @property
    def observation_time_duration(self) -> u.Quantity:
        """On-time: sum of the intervals."""
        return self._known_gti().time_sum

    @property
    def observation_dead_time_fraction(self) -> float:
        """Fraction of the on-time in which no event could be taken."""
        meta = self._meta or self._header_meta
        if meta is not None:
            return meta.deadtime_fraction
        header = self._header
        live_fraction = header_value(header, "DEADC")
        if live_fraction is None:
            live, ontime = header_value(header, "LIVETIME"), header_value(header, "ONTIME")
            live_fraction = live / ontime if live is not None and ontime else 1.0
        return 1.0 - live_fraction

    @property
    def observation_live_time_duration(self) -> u.Quantity:
        """Live time: on-time without dead time, times the fraction that the filter leaves."""
        live_fraction = 1.0 - self.observation_dead_time_fraction
        return self.observation_time_duration * live_fraction * self.obs_filter.livetime_fraction

    # ------------------------------------------------------------------- copies

    def select_time(self, time_interval, inverted=False) -> Observation:
        """Select a time interval.

        Parameters
        ----------
        time_interval : `~astropy.time.Time`, shape (2,)
            Start and stop.
        inverted : bool
            Leave the interval out instead.

        Returns
        -------
        Observation
            With the same responses; events and intervals are cut when they are asked for.
        """
        selected = copy.copy(self)
        selected._parts = dict(self._parts)
        # what one of them reads serves both
        selected._read = self._read
        selected.obs_filter = self.obs_filter.and_time(time_interval, inverted)
        return selected

    def copy(self, in_memory=False, **kwargs) -> Observation:
        """Return an independent copy.

        Parameters
        ----------
        in_memory : bool
            Read everything from disk. Otherwise the copy refers to the same files.
        **kwargs : dict
            Arguments of `Observation` that are different in the copy.
        """
        names = {
            "meta": "_meta",
            "pointing": "_pointing",
            "location": "_location",
            "obs_filter": "obs_filter",
        }
        unknown = set(kwargs) - {"obs_id", *names, *self._parts}
        if unknown:
            raise DataError(
                f"copy must be given arguments of Observation, got {sorted(unknown)}. Check the names."
            )
        if in_memory:
            content = {name: self._part(name) for name in self._parts if name not in kwargs}
            content |= {
                "meta": self.meta,
                "pointing": self.pointing,
                "location": self.observatory_earth_location,
            }
            content["obs_filter"] = self.obs_filter
        else:
            content = {**self._parts, **{name: getattr(self, attribute) for name, attribute in names.items()}}
        content = {name: value for name, value in content.items() if name not in kwargs}
        return Observation(**({"obs_id": self.obs_id} | copy.deepcopy(content) | kwargs))

    def check(self, checks="all"):
        """Check the quality of the observation.

        Parameters
        ----------
        checks : "all" or list of {"events", "gti", "aeff", "edisp", "psf"}

        Yields
        ------
        dict
            Problem found.
        """
        from .observation_checks import ObservationChecker

        return ObservationChecker(self).run(checks)

    peek = drawn_by("geminga.visualization.data:peek_observation")

    def __repr__(self):
        return f"<Observation {self.obs_id}: {', '.join(self.available_hdus) or 'empty'}>"

    def __str__(self):
        lines = ["Observation", "", f"\tobs id            : {self.obs_id}"]
        if self.gti is not None and len(self.gti):
            lines += [
                f"\ttstart            : {self.tstart.mjd:.2f}",
                f"\ttstop             : {self.tstop.mjd:.2f}",
                f"\tduration          : {self.observation_time_duration:.2f}",
            ]
            try:
                pointing = self.get_pointing_icrs(self.tmid)
                lines += [f"\tpointing (icrs)   : {pointing.ra:.1f}, {pointing.dec:.1f}"]
            except DataError:
                log.debug("observation %s has no pointing in ICRS", self.obs_id)
        lines += ["", f"\tdeadtime fraction : {self.observation_dead_time_fraction:.1%}"]
        return "\n".join(lines) + "\n"

    def _repr_html_(self):
        return f"<pre>{self}</pre>"


def _moment(value, reference: Time, name: str) -> Time:
    """Return a time, from a time or a duration since the reference time."""
    if isinstance(value, Time):
        return value
    seconds = np.asarray(to_value(value, u.s, name))
    return seconds_to_time(seconds, reference)
