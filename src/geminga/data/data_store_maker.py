"""Making the index of a data store from files with events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table

from ..errors import DataError, FormatError
from ..files import make_path
from ..fits_headers import header_value
from ..fits_tables import open_tables
from ..sky.timing import seconds_to_time, time_ref_from_dict, time_to_seconds
from .data_store import DataStore
from .hdu_index import HDUIndexTable
from .io.gadf_observations import find_hdus
from .obs_index import ObservationTable

__all__ = ["CalDBIRF", "DataStoreMaker"]

log = logging.getLogger(__name__)

NOT_AVAILABLE = "NOT AVAILABLE"
INDEX_HEADER = {
    "HDUCLASS": "GADF",
    "HDUDOC": "https://github.com/open-gamma-ray-astro/gamma-astro-data-formats",
    "HDUVERS": "0.3",
    "HDUCLAS1": "INDEX",
}
TIME_KEYWORDS = ("MJDREFI", "MJDREFF", "TIMEUNIT", "TIMESYS", "TIMEREF")
# Responses of the first CTA data challenge, for a calibration database that is not on this machine.
CTA_1DC_RESPONSES = {
    "aeff": ("aeff_2d", "EFFECTIVE AREA"),
    "edisp": ("edisp_2d", "ENERGY DISPERSION"),
    "psf": ("psf_3gauss", "POINT SPREAD FUNCTION"),
    "bkg": ("bkg_3d", "BACKGROUND"),
}


class CalDBIRF:
    """Responses in a calibration database, laid out as in the first CTA data challenge.

    Parameters
    ----------
    telescop, caldb, irf : str
        Telescope, name of the database and name of the responses.

    Examples
    --------
    >>> CalDBIRF("CTA", "1dc", "South_z20_50h").path
    '$CALDB/data/cta/1dc/bcf/South_z20_50h/irf_file.fits'
    """

    def __init__(self, telescop, caldb, irf):
        self.telescop, self.caldb, self.irf = telescop, caldb, irf

    @property
    def file_dir(self) -> str:
        """Folder, starting at the variable CALDB."""
        return f"$CALDB/data/{self.telescop.lower()}/{self.caldb.lower()}/bcf/{self.irf}"

    @property
    def file_name(self) -> str:
        """Name of the file."""
        return "irf_file.fits"

    @property
    def path(self) -> str:
        """Path, starting at the variable CALDB."""
        return f"{self.file_dir}/{self.file_name}"


class DataStoreMaker:
    """Maker of index tables.

    Parameters
    ----------
    events_paths : list of path-like
        Files with events.
    irfs_paths : path-like or list of path-like, optional
        File with responses for all, or one for each. By default they are in the files with events, or where the
        keywords CALDB and IRF say.
    """

    def __init__(self, events_paths: Sequence, irfs_paths=None):
        if isinstance(events_paths, str | Path):
            events_paths = [events_paths]
        self.events_paths = [make_path(path) for path in events_paths]
        if not self.events_paths:
            raise DataError("events_paths must name at least one file, got none. Check the pattern.")
        if irfs_paths is None or isinstance(irfs_paths, str | Path):
            irfs_paths = [irfs_paths] * len(self.events_paths)
        self.irfs_paths = [None if path is None else make_path(path) for path in irfs_paths]
        if len(self.irfs_paths) != len(self.events_paths):
            raise DataError(
                f"irfs_paths must be one, or one for each of {len(self.events_paths)} files with events, "
                f"got {len(self.irfs_paths)}. Check the lists."
            )

    def run(self) -> DataStore:
        """Make the store."""
        hdu_rows, obs_rows = [], []
        for path, irf_path in zip(self.events_paths, self.irfs_paths, strict=True):
            hdus, row = self._describe(path, irf_path)
            if row["OBS_ID"] in {known["OBS_ID"] for known in obs_rows}:
                raise DataError(f"each observation must be in one file, got {row['OBS_ID']} again in {path}.")
            hdu_rows += hdus
            obs_rows.append(row)
        return DataStore(self._hdu_table(hdu_rows), self._obs_table(obs_rows))

    def _describe(self, path: Path, irf_path: Path | None):
        """Return the HDU rows and the observation row of a file."""
        file = open_tables(path)
        found = find_hdus(file)
        if "events" not in found:
            raise FormatError(
                "the file must have an event list, got none. Check the list of files.", path=path
            )
        number = found["events"][1]
        header = file.header(number, structure=True)
        obs_id = header.get("OBS_ID")
        if obs_id is None:
            raise FormatError(
                "the header must give OBS_ID, got nothing. Add the keyword.", path=path, hdu="EVENTS"
            )
        rows = [
            self._hdu_row(obs_id, part, *found[part], file) for part in found if part in ("events", "gti")
        ]
        irf_file = file
        if irf_path is not None:
            irf_file = open_tables(irf_path)
        responses = {
            part: place for part, place in find_hdus(irf_file).items() if part not in ("events", "gti")
        }
        irf_name = str(irf_path or path)
        if responses:
            rows += [self._hdu_row(obs_id, part, *place, irf_file) for part, place in responses.items()]
        elif header.get("CALDB") and header.get("IRF"):
            caldb = CalDBIRF(str(header.get("TELESCOP", "CTA")), str(header["CALDB"]), str(header["IRF"]))
            irf_name = caldb.path
            rows += self._caldb_rows(obs_id, caldb)
        else:
            log.warning("%s: no responses found, neither in the file nor by CALDB and IRF.", path)
        return rows, self._obs_row(header, path, irf_name)

    @staticmethod
    def _hdu_row(obs_id, part, hdu_class, number, file):
        path = Path(file.path)
        return {
            "OBS_ID": obs_id,
            "HDU_TYPE": part,
            "HDU_CLASS": hdu_class,
            "FILE_DIR": str(path.parent),
            "FILE_NAME": path.name,
            "HDU_NAME": file.hdus[number].name,
        }

    def _caldb_rows(self, obs_id, caldb: CalDBIRF):
        """Return the rows of responses in a calibration database."""
        path = make_path(caldb.path)
        if path.exists():
            file = open_tables(path)
            responses = {
                part: (hdu_class, file.hdus[number].name)
                for part, (hdu_class, number) in find_hdus(file).items()
            }
        else:
            log.warning("%s: no such file; set CALDB before the responses are read.", caldb.path)
            responses = CTA_1DC_RESPONSES
        return [
            {
                "OBS_ID": obs_id,
                "HDU_TYPE": part,
                "HDU_CLASS": hdu_class,
                "FILE_DIR": caldb.file_dir,
                "FILE_NAME": caldb.file_name,
                "HDU_NAME": name,
            }
            for part, (hdu_class, name) in responses.items()
        ]

    @staticmethod
    def _obs_row(header, path, irf_name):
        """Return what the header of the events says of the observation."""

        def number(keyword):
            value = header_value(header, keyword)
            return np.nan if value is None else value

        def text(*keywords):
            values = [str(header[keyword]) for keyword in keywords if header.get(keyword) is not None]
            return values[0] if values else NOT_AVAILABLE

        ra, dec = number("RA_PNT"), number("DEC_PNT")
        galactic = SkyCoord(ra, dec, unit=u.deg).galactic if np.isfinite(ra + dec) else None
        return {
            "OBS_ID": header["OBS_ID"],
            "OBS_MODE": text("OBS_MODE"),
            "TSTART": number("TSTART"),
            "TSTOP": number("TSTOP"),
            "ONTIME": number("ONTIME"),
            "LIVETIME": number("LIVETIME"),
            "DEADC": number("DEADC"),
            "TELESCOP": text("TELESCOP"),
            "RA_PNT": ra,
            "DEC_PNT": dec,
            "GLON_PNT": np.nan if galactic is None else galactic.l.deg,
            "GLAT_PNT": np.nan if galactic is None else galactic.b.deg,
            "ALT_PNT": number("ALT_PNT"),
            "AZ_PNT": number("AZ_PNT"),
            "DATE-OBS": text("DATE-OBS", "DATE_OBS"),
            "TIME-OBS": text("TIME-OBS", "TIME_OBS"),
            "DATE-END": text("DATE-END", "DATE_END"),
            "TIME-END": text("TIME-END", "TIME_END"),
            "N_TELS": int(header.get("N_TELS", -1) or 0),
            "OBJECT": text("OBJECT"),
            "EVENTS_FILENAME": str(path),
            "EVENT_COUNT": int(header.get("NAXIS2", 0)),
            "CALDB": text("CALDB"),
            "IRF": text("IRF"),
            "IRF_FILENAME": irf_name,
            **{keyword: header.get(keyword) for keyword in TIME_KEYWORDS},
        }

    @staticmethod
    def _hdu_table(rows) -> HDUIndexTable:
        names = ("HDU_TYPE", "HDU_CLASS", "HDU_NAME", "OBS_ID", "FILE_DIR", "FILE_NAME")
        table = HDUIndexTable({name: [row[name] for row in rows] for name in names})
        table.meta.update(INDEX_HEADER | {"HDUCLAS2": "HDU"})
        return table

    @staticmethod
    def _obs_table(rows) -> ObservationTable:
        """Return the observation index, all times counted from the reference time of the first file."""
        meta = {key: value for key in TIME_KEYWORDS if (value := rows[0].get(key)) is not None}
        reference = time_ref_from_dict(meta)
        for row in rows:
            own = time_ref_from_dict({key: row[key] for key in TIME_KEYWORDS if row.get(key) is not None})
            if own.scale == reference.scale and abs((own - reference).to_value("s")) < 1e-9:
                continue
            for name in ("TSTART", "TSTOP"):
                row[name] = float(time_to_seconds(seconds_to_time(row[name], own), reference))
            row.update({key: meta.get(key) for key in TIME_KEYWORDS})
        table = Table({name: [row[name] for row in rows] for name in rows[0] if rows[0][name] is not None})
        units = {"s": ("TSTART", "TSTOP", "ONTIME", "LIVETIME")}
        units["deg"] = ("RA_PNT", "DEC_PNT", "GLON_PNT", "GLAT_PNT", "ALT_PNT", "AZ_PNT")
        for unit, names in units.items():
            for name in names:
                table[name].unit = unit
        table.meta.update(meta | INDEX_HEADER | {"HDUCLAS2": "OBS"})
        return ObservationTable(table)
