"""Where the telescopes point: at a fixed direction on the sky, in the frame of the ground, or as in a table."""

from __future__ import annotations

import logging
from enum import Enum

import numpy as np
from astropy import units as u
from astropy.coordinates import (
    AltAz,
    BaseCoordinateFrame,
    CartesianRepresentation,
    EarthLocation,
    SkyCoord,
    UnitSphericalRepresentation,
)
from astropy.time import Time

from ..errors import DataError, FormatError, UnknownNameError
from ..fits_headers import header_value
from ..fits_tables import open_tables, read_columns
from ..sky.locations import earth_location_from_dict
from ..sky.timing import as_time, time_ref_to_dict, time_to_seconds
from .columns import ColumnStore

__all__ = ["FixedPointingInfo", "PointingInfo", "PointingMode"]

log = logging.getLogger(__name__)


class PointingMode(Enum):
    """How the telescopes were pointed."""

    POINTING = 1
    DRIFT = 2

    @staticmethod
    def from_gadf_string(text: str) -> PointingMode:
        """Return the mode that the keyword OBS_MODE stands for; all but DRIFT track the sky."""
        return PointingMode.DRIFT if str(text).strip().upper() == "DRIFT" else PointingMode.POINTING


class FixedPointingInfo:
    """Pointing that stays the same during an observation, on the sky or relative to the ground.

    Parameters
    ----------
    fixed_icrs : `~astropy.coordinates.SkyCoord`, optional
        Direction in ICRS that is tracked.
    fixed_altaz : `~astropy.coordinates.SkyCoord`, optional
        Direction in AltAz through which the sky drifts.

    Examples
    --------
    >>> pointing = FixedPointingInfo(fixed_icrs=SkyCoord("83.6d", "22d"))
    >>> pointing.mode
    <PointingMode.POINTING: 1>
    """

    def __init__(self, fixed_icrs=None, fixed_altaz=None):
        if (fixed_icrs is None) == (fixed_altaz is None):
            raise DataError(
                "pointing must be given either as fixed_icrs or as fixed_altaz, got "
                f"{'neither' if fixed_icrs is None else 'both'}. Pass exactly one."
            )
        self._fixed_icrs = _checked(fixed_icrs, "fixed_icrs", "icrs")
        self._fixed_altaz = _checked(fixed_altaz, "fixed_altaz", "altaz")

    @property
    def mode(self) -> PointingMode:
        """Mode of the pointing."""
        return PointingMode.POINTING if self._fixed_icrs is not None else PointingMode.DRIFT

    @property
    def fixed_icrs(self):
        """Tracked direction, or None."""
        return self._fixed_icrs

    @property
    def fixed_altaz(self):
        """Fixed horizontal direction, or None."""
        return self._fixed_altaz

    @classmethod
    def from_fits_header(cls, header) -> FixedPointingInfo:
        """Read the pointing from the header of an event list.

        Parameters
        ----------
        header : mapping
            OBS_MODE with RA_PNT and DEC_PNT, or DRIFT with ALT_PNT and AZ_PNT. Without OBS_MODE, or if it does not
            fit the other keywords, the keywords that are there decide.

        Raises
        ------
        FormatError
            If no pair of keywords is complete.
        """
        names = {
            PointingMode.POINTING: ("fixed_icrs", "RA_PNT", "DEC_PNT", "icrs"),
            PointingMode.DRIFT: ("fixed_altaz", "AZ_PNT", "ALT_PNT", "altaz"),
        }
        wanted = PointingMode.from_gadf_string(header.get("OBS_MODE") or "POINTING")
        for mode in sorted(names, key=lambda mode: mode is not wanted):
            argument, lon_keyword, lat_keyword, frame = names[mode]
            lon, lat = header_value(header, lon_keyword), header_value(header, lat_keyword)
            if lon is None or lat is None:
                continue
            if mode is not wanted and header.get("OBS_MODE"):
                log.warning(
                    "OBS_MODE is %s, but only %s and %s are given; taken as %s.",
                    header["OBS_MODE"],
                    lon_keyword,
                    lat_keyword,
                    mode.name,
                )
            return cls(**{argument: SkyCoord(lon, lat, unit=u.deg, frame=frame)})
        raise FormatError(
            "the header must give the pointing, got neither RA_PNT and DEC_PNT nor ALT_PNT and AZ_PNT. "
            "Add the keywords."
        )

    @classmethod
    def read(cls, filename, hdu="EVENTS") -> FixedPointingInfo:
        """Read the pointing from the header of an event list in a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
        """
        try:
            return cls.from_fits_header(open_tables(filename).header(hdu))
        except FormatError as error:
            raise error if error.path else FormatError(error.problem, path=filename, hdu=hdu) from error

    def to_fits_header(self, format="gadf", version="0.3", time_ref=None):
        """Return the pointing as header keywords.

        Parameters
        ----------
        format : {"gadf"}
        version : {"0.2", "0.3"}
        time_ref : `~astropy.time.Time`, optional
            Reference time to write along.

        Returns
        -------
        `~astropy.io.fits.Header`
        """
        from astropy.io import fits

        if format != "gadf":
            raise UnknownNameError("pointing format", format, ["gadf"])
        if version not in ("0.2", "0.3"):
            raise UnknownNameError("GADF version", version, ["0.2", "0.3"])
        header = fits.Header({"OBS_MODE": self.mode.name})
        if self.mode is PointingMode.POINTING:
            header["RA_PNT"] = (float(self.fixed_icrs.ra.deg), "deg")
            header["DEC_PNT"] = (float(self.fixed_icrs.dec.deg), "deg")
        else:
            header["AZ_PNT"] = (float(self.fixed_altaz.az.deg), "deg")
            header["ALT_PNT"] = (float(self.fixed_altaz.alt.deg), "deg")
        if time_ref is not None:
            header.update(time_ref_to_dict(time_ref, as_time(time_ref).scale))
        return header

    def get_icrs(self, obstime=None, location=None) -> SkyCoord:
        """Return the direction in ICRS.

        Parameters
        ----------
        obstime : `~astropy.time.Time`, optional
            Needed in drift mode. An array of times gives an array of directions.
        location : `~astropy.coordinates.EarthLocation`, optional
            Needed in drift mode.
        """
        if self.mode is PointingMode.POINTING:
            return _repeated(self._fixed_icrs, obstime)
        return self.get_altaz(obstime, location).icrs

    def get_altaz(self, obstime=None, location=None) -> SkyCoord:
        """Return the direction in AltAz at a time and place.

        Parameters
        ----------
        obstime : `~astropy.time.Time`
        location : `~astropy.coordinates.EarthLocation`
        """
        if obstime is None or location is None:
            raise DataError(
                f"obstime and location must be given for a horizontal direction in {self.mode.name} mode, "
                "got None. Pass both."
            )
        frame = AltAz(obstime=obstime, location=location)
        if self.mode is PointingMode.POINTING:
            return self._fixed_icrs.transform_to(frame)
        fixed = _repeated(self._fixed_altaz, obstime)
        return SkyCoord(az=fixed.az, alt=fixed.alt, frame=frame)

    def __repr__(self):
        return f"<FixedPointingInfo: {self.mode.name} {_text(self._fixed_icrs or self._fixed_altaz)}>"

    def __str__(self):
        coordinates = self._fixed_icrs if self._fixed_icrs is not None else self._fixed_altaz
        return f"FixedPointingInfo:\n\nmode:        {self.mode}\ncoordinates: {coordinates}"

    def __eq__(self, other):
        if not isinstance(other, FixedPointingInfo) or self.mode is not other.mode:
            return NotImplemented if not isinstance(other, FixedPointingInfo) else False
        mine, theirs = (
            _lonlat(p._fixed_icrs if p._fixed_icrs is not None else p._fixed_altaz) for p in (self, other)
        )
        return mine == theirs

    def __hash__(self):
        return hash(
            (self.mode, _lonlat(self._fixed_icrs if self._fixed_icrs is not None else self._fixed_altaz))
        )


def _lonlat(position) -> tuple[float, float]:
    spherical = position.represent_as(UnitSphericalRepresentation)
    return float(spherical.lon.deg), float(spherical.lat.deg)


def _text(position) -> str:
    lon, lat = _lonlat(position)
    return f"{lon:.4f} deg, {lat:.4f} deg"


def _checked(position, name, frame):
    """Return a scalar position in the given frame, or None."""
    if position is None:
        return None
    if isinstance(position, BaseCoordinateFrame):
        position = SkyCoord(position)
    if not isinstance(position, SkyCoord):
        raise DataError(f"{name} must be a SkyCoord, got {type(position).__name__}. Wrap the coordinates.")
    if position.frame.name != frame:
        raise DataError(
            f"{name} must be in the frame {frame!r}, got {position.frame.name!r}. Transform it first."
        )
    if not position.isscalar:
        raise DataError(f"{name} must be one direction, got {position.size}. Use PointingInfo for a table.")
    return position


def _repeated(position: SkyCoord, obstime) -> SkyCoord:
    """Return a position with the shape of the times."""
    if obstime is None or np.shape(obstime) == ():
        return position
    lon, lat = _lonlat(position)
    shape = np.shape(obstime)
    return SkyCoord(np.full(shape, lon), np.full(shape, lat), unit=u.deg, frame=position.frame.name)


class PointingInfo:
    """Pointing that is given at a list of times.

    Parameters
    ----------
    table : `~astropy.table.Table`
        Columns TIME (Time, or seconds since the reference time in the header), RA_PNT and DEC_PNT in deg, and
        optionally ALT_PNT and AZ_PNT in deg. The header gives the place of the observatory.
    """

    def __init__(self, table):
        self._store = ColumnStore(("TIME",), table=table)
        self._store.require("TIME")

    @classmethod
    def read(cls, filename, hdu="POINTING") -> PointingInfo:
        """Read from a table HDU of a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
        """
        pointing = cls.__new__(cls)
        pointing._store = ColumnStore.from_fits(read_columns(filename, hdu), ("TIME",))
        return pointing

    @property
    def table(self):
        """Table with the directions."""
        return self._store.table

    @property
    def location(self) -> EarthLocation:
        """Place of the observatory."""
        return earth_location_from_dict(self._store.meta)

    @property
    def time_ref(self) -> Time:
        """Reference time."""
        return self._store.reference

    @property
    def time(self) -> Time:
        """Times."""
        return self._store.time("TIME")

    @property
    def duration(self):
        """Time between the first and the last direction."""
        return self.time[-1] - self.time[0]

    @property
    def radec(self) -> SkyCoord:
        """Directions in ICRS."""
        return SkyCoord(self._degrees("RA_PNT"), self._degrees("DEC_PNT"), unit=u.deg, frame="icrs")

    @property
    def altaz_frame(self) -> AltAz:
        """Horizontal frame at the times of the table."""
        return AltAz(obstime=self.time, location=self.location)

    @property
    def altaz(self) -> SkyCoord:
        """Directions in AltAz, computed from those in ICRS."""
        return self.radec.transform_to(self.altaz_frame)

    @property
    def altaz_from_table(self) -> SkyCoord:
        """Directions in AltAz as given in the table."""
        return SkyCoord(
            az=self._degrees("AZ_PNT") * u.deg, alt=self._degrees("ALT_PNT") * u.deg, frame=self.altaz_frame
        )

    def _degrees(self, name) -> np.ndarray:
        unit = self._store.unit(name) or u.deg
        return np.asarray(self._store.array(name), dtype=float) * unit.to(u.deg)

    def altaz_interpolate(self, time) -> SkyCoord:
        """Return the direction in AltAz at other times, interpolated linearly between unit vectors.

        Parameters
        ----------
        time : `~astropy.time.Time`

        Raises
        ------
        DataError
            If a time lies outside the table.
        """
        known = self.altaz if "RA_PNT" in self._store else self.altaz_from_table
        reference = self.time_ref
        nodes, wanted = time_to_seconds(self.time, reference), np.asarray(time_to_seconds(time, reference))
        order = np.argsort(nodes)
        nodes = nodes[order]
        if wanted.size and (wanted.min() < nodes[0] - 1e-6 or wanted.max() > nodes[-1] + 1e-6):
            raise DataError(
                f"time must lie within the pointing table, {self.time[order[0]].isot} to {self.time[order[-1]].isot}, "
                f"got {time}. Extrapolation is not possible."
            )
        vectors = (
            known.represent_as(UnitSphericalRepresentation).represent_as(CartesianRepresentation).xyz.value
        )
        xyz = [np.interp(wanted, nodes, axis[order]) for axis in vectors]
        spherical = CartesianRepresentation(*xyz).represent_as(UnitSphericalRepresentation)
        return SkyCoord(
            az=spherical.lon, alt=spherical.lat, frame=AltAz(obstime=time, location=self.location)
        )

    def get_altaz(self, obstime) -> SkyCoord:
        """Return the direction in AltAz at a time."""
        return self.altaz_interpolate(obstime)

    def get_icrs(self, obstime) -> SkyCoord:
        """Return the direction in ICRS at a time."""
        return self.altaz_interpolate(obstime).icrs

    def __repr__(self):
        return f"<PointingInfo: {len(self._store)} directions in {self.duration.to_value('s'):.1f} s>"

    def __str__(self):
        location = self.location.to_geodetic()
        lines = [
            "Pointing info:",
            "",
            f"Location:     {location.lon.deg:.4f} deg, {location.lat.deg:.4f} deg, {location.height.to('m'):.1f}",
            f"Time ref:     {self.time_ref.isot} ({self.time_ref.scale.upper()})",
            f"Duration:     {self.duration.to_value('s'):.3f} s",
            f"Table length: {len(self._store)}",
        ]
        for label, i in (("START", 0), ("END", -1)):
            radec, altaz = self.radec[i], self.altaz[i]
            lines += [
                "",
                f"{label}:",
                f"Time:  {self.time[i].isot}",
                f"RADEC: {radec.ra.deg:g} {radec.dec.deg:g} deg",
                f"ALTAZ: {altaz.az.deg:g} {altaz.alt.deg:g} deg",
            ]
        return "\n".join(lines) + "\n"
