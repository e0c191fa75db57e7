"""Index of observations: when, where and how each was taken."""

from __future__ import annotations

import logging

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.time import Time

from ..errors import DataError, FormatError, UnknownNameError
from ..files import make_path
from ..fits_tables import read_columns
from ..sky.timing import as_time, seconds_to_time, time_ref_from_dict, time_to_seconds
from ..units import to_quantity, to_value
from .hdu_index import _index_hdu

__all__ = ["ObservationTable"]

log = logging.getLogger(__name__)

SELECTIONS = ("sky_circle", "time_box", "par_box")


class ObservationTable(Table):
    """Index of observations.

    Parameters
    ----------
    data : `~astropy.table.Table`, dict or list, optional
        Content, as for `~astropy.table.Table`.
    table : `~astropy.table.Table`, optional
        The same by another name.
    copy : bool
        Copy the columns.
    meta : dict, optional
    **kwargs : dict
        Further arguments of `~astropy.table.Table`.

    Notes
    -----
    Column OBS_ID is required; RA_PNT, DEC_PNT, TSTART and TSTOP are needed by the selections that use them. Selections
    return new tables, ranges are half open.
    """

    def __init__(self, data=None, table=None, copy=False, meta=None, **kwargs):
        super().__init__(table if data is None else data, copy=copy, meta=meta, **kwargs)

    @classmethod
    def read(cls, filename, hdu="OBS_INDEX", **kwargs) -> ObservationTable:
        """Read from a FITS file.

        Parameters
        ----------
        filename : str or path-like
        hdu : str or int
            If there is no such HDU, and `hdu` was not given, the first table is read.

        Returns
        -------
        ObservationTable
        """
        path = make_path(filename)
        columns = read_columns(path, _index_hdu(path, hdu))
        columns.require("OBS_ID")
        return cls(columns.to_table(), copy=False)

    # ------------------------------------------------------------------ columns

    def _require(self, *names):
        for name in names:
            if name not in self.colnames:
                raise FormatError(
                    f"the observation index must have the column {name}, got {', '.join(self.colnames)}.",
                    column=name,
                )

    def _position(self, lon, lat, frame) -> SkyCoord:
        self._require(lon, lat)
        values = [np.asarray(self[name], dtype=float) * (self[name].unit or u.deg) for name in (lon, lat)]
        return SkyCoord(*values, frame=frame)

    @property
    def pointing_radec(self) -> SkyCoord:
        """Pointings in ICRS."""
        return self._position("RA_PNT", "DEC_PNT", "icrs")

    @property
    def pointing_galactic(self) -> SkyCoord:
        """Pointings in Galactic coordinates."""
        if "GLON_PNT" in self.colnames and "GLAT_PNT" in self.colnames:
            return self._position("GLON_PNT", "GLAT_PNT", "galactic")
        return self.pointing_radec.galactic

    @property
    def time_ref(self) -> Time:
        """Reference time of the header."""
        return time_ref_from_dict(self.meta)

    def _time(self, name) -> Time:
        self._require(name)
        column = self[name]
        if isinstance(column, Time):
            return column
        seconds = np.asarray(column, dtype=float) * (column.unit or u.s).to(u.s)
        return seconds_to_time(seconds, self.time_ref)

    @property
    def time_start(self) -> Time:
        """Starts."""
        return self._time("TSTART")

    @property
    def time_stop(self) -> Time:
        """Stops."""
        return self._time("TSTOP")

    # ------------------------------------------------------------------ selections

    def select_obs_id(self, obs_id) -> ObservationTable:
        """Select observations by identifier, in the order given.

        Parameters
        ----------
        obs_id : int or list of int

        Raises
        ------
        UnknownNameError
            If one is not in the table.
        """
        known = {value: row for row, value in reversed(list(enumerate(np.asarray(self["OBS_ID"]).tolist())))}
        rows = []
        for value in np.atleast_1d(obs_id).tolist():
            if value not in known:
                raise UnknownNameError("observation of the index", value, list(known)[:20])
            rows.append(known[value])
        return self[rows]

    def select_range(self, selection_variable, value_range, inverted=False) -> ObservationTable:
        """Select by the value of a column.

        Parameters
        ----------
        selection_variable : str
            Name of the column.
        value_range : `~astropy.units.Quantity` or array_like, shape (2,)
            Minimum and maximum; if they are equal, this value only.
        inverted : bool
            Keep the others instead.
        """
        self._require(selection_variable)
        if len(value_range) != 2:
            raise DataError(
                f"value_range must be a minimum and a maximum, got {len(value_range)} values. Give two."
            )
        column = self[selection_variable]
        values = np.asarray(column)
        if values.dtype.kind in "SU":
            values = np.char.strip(np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values)
            low, high = (str(value) for value in value_range)
        else:
            low, high = (
                float(to_value(to_quantity(value), column.unit or u.one, "value_range"))
                for value in value_range
            )
        mask = values == low if low == high else (values >= low) & (values < high)
        return self[~mask if inverted else mask]

    def select_time_range(self, time_range, partial_overlap=False, inverted=False) -> ObservationTable:
        """Select by time.

        Parameters
        ----------
        time_range : `~astropy.time.Time`, shape (2,)
            Start and stop.
        partial_overlap : bool
            Keep also observations of which a part is in the range.
        inverted : bool
            Keep the others instead.
        """
        if len(time_range) != 2:
            raise DataError(f"time_range must be a start and a stop, got {len(time_range)} times. Give two.")
        start, stop = self.time_start, self.time_stop
        if not len(self):
            return self[:0]
        reference = start[0]
        low, high = (float(time_to_seconds(as_time(time, "time_range"), reference)) for time in time_range)
        begin, end = time_to_seconds(start, reference), time_to_seconds(stop, reference)
        if partial_overlap:
            mask = (end > low) & (begin < high)
        else:
            mask = (begin >= low) & (end < high)
        return self[~mask if inverted else mask]

    def select_sky_circle(self, center, radius, inverted=False) -> ObservationTable:
        """Select by distance of the pointing from a position.

        Parameters
        ----------
        center : `~astropy.coordinates.SkyCoord`
        radius : `~astropy.coordinates.Angle` or str
        inverted : bool
            Keep the others instead.
        """
        separation = self.pointing_radec.separation(center).deg
        mask = separation < float(to_value(radius, u.deg, "radius"))
        return self[~mask if inverted else mask]

    def select_observations(self, selections=None) -> ObservationTable:
        """Select by a list of criteria, one after the other.

        Parameters
        ----------
        selections : dict or list of dict, optional
            Each has "type", what the type needs, and optionally "inverted":

            - "sky_circle": "frame", "lon", "lat", "radius", and "border" that is added to the radius;
            - "time_box": "time_range", and optionally "partial_overlap";
            - "par_box": "variable", "value_range".

        Returns
        -------
        ObservationTable

        Examples
        --------
        >>> table = ObservationTable({"OBS_ID": [1, 2], "N_TELS": [3, 4]})
        >>> list(table.select_observations({"type": "par_box", "variable": "N_TELS", "value_range": [4, 5]})["OBS_ID"])
        [np.int64(2)]
        """
        table = self
        for selection in [selections] if isinstance(selections, dict) else selections or []:
            table = table._selected(selection)
        return table[:]

    def _selected(self, selection) -> ObservationTable:
        """Apply one criterion."""
        options = dict(selection)
        kind, inverted = options.pop("type", None), options.pop("inverted", False)
        try:
            if kind == "sky_circle":
                lon, lat = (to_quantity(options[name], u.deg, name) for name in ("lon", "lat"))
                center = SkyCoord(lon, lat, frame=options["frame"])
                radius = to_quantity(options["radius"], u.deg, "radius")
                radius = radius + to_quantity(options.get("border", 0 * u.deg), u.deg, "border")
                return self.select_sky_circle(center, radius, inverted)
            if kind == "time_box":
                return self.select_time_range(
                    options["time_range"], options.get("partial_overlap", False), inverted
                )
            if kind == "par_box":
                return self.select_range(options["variable"], options["value_range"], inverted)
        except KeyError as error:
            if isinstance(error, UnknownNameError):
                raise
            raise DataError(
                f"a selection of type {kind!r} must have the key {error}, got {sorted(options)}."
            ) from error
        raise UnknownNameError("selection type", kind, SELECTIONS)

    def summary(self) -> str:
        """Return what is in the table as text."""
        name = (
            self.meta.get("OBSERVATORY_NAME")
            or self.meta.get("OBSERVER")
            or self.meta.get("TELESCOP")
            or "N/A"
        )
        return f"Observation table:\nObservatory name: {name!r}\nNumber of observations: {len(self)}\n"
