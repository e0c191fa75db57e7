"""Stores made of query results: index tables of what a service describes and serves."""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields

import numpy as np
from astropy.table import Table

from ...errors import FormatError
from ...files import make_path
from ...fits_tables import open_tables
from ..data_store import DataStore
from ..data_store_maker import INDEX_HEADER
from ..hdu_index import HDUIndexTable
from ..io.gadf_observations import find_hdus
from ..obs_index import ObservationTable
from ..store_copy import write_index
from .download import as_table, fetch_files, make_fetch_list

__all__ = ["ObsTableRow", "make_data_store_from_query_result", "make_hdu_table", "make_obs_table"]

log = logging.getLogger(__name__)

SECONDS_PER_DAY = 86400.0
UNITS = {
    "s": ("TSTART", "TSTOP", "ONTIME", "LIVETIME"),
    "deg": ("RA_PNT", "DEC_PNT", "ALT_PNT", "AZ_PNT", "ZEN_PNT", "GLON_PNT", "GLAT_PNT", "RA_OBJ", "DEC_OBJ"),
}
# column of ObsCore: field of the observation index
OBSCORE = {
    "obs_id": "obs_id",
    "s_ra": "ra_pnt",
    "s_dec": "dec_pnt",
    "t_exptime": "livetime",
    "target_name": "object",
}


@dataclass
class ObsTableRow:
    """A row of an observation index; what is not known is None."""

    obs_id: int | str | None = None
    obs_mode: str | None = None
    ra_pnt: float | None = None
    dec_pnt: float | None = None
    alt_pnt: float | None = None
    az_pnt: float | None = None
    tstart: float | None = None
    tstop: float | None = None
    zen_pnt: float | None = None
    ontime: float | None = None
    livetime: float | None = None
    deadc: float | None = None
    date_obs: str | None = None
    time_obs: str | None = None
    date_end: str | None = None
    time_end: str | None = None
    n_tels: int | None = None
    tellist: str | None = None
    quality: int | None = None
    object: str | None = None
    glon_pnt: float | None = None
    glat_pnt: float | None = None
    ra_obj: float | None = None
    dec_obj: float | None = None
    tmid: float | None = None
    tmid_str: str | None = None
    event_count: int | None = None
    event_ra_median: float | None = None
    event_dec_median: float | None = None
    event_energy_median: float | None = None
    event_time_min: float | None = None
    event_time_max: float | None = None
    bkg_scale: float | None = None
    trgrate: float | None = None
    ztrgrate: float | None = None
    muoneff: float | None = None
    brokpix: float | None = None
    airtemp: float | None = None
    pressure: float | None = None
    nsblevel: float | None = None
    relhum: float | None = None

    @staticmethod
    def column(field: str) -> str:
        """Return the name of the column of a field."""
        if field in ("date_obs", "time_obs", "date_end", "time_end"):
            return field.upper().replace("_", "-")
        return field.upper()


def make_obs_table(results) -> ObservationTable:
    """Make an observation index of a query result.

    Parameters
    ----------
    results : `~pyvo.dal.TAPResults` or `~astropy.table.Table`
        Columns of ObsCore, or of the observation index in any case; the latter count where both are given.

    Returns
    -------
    ObservationTable
        Times in seconds since the first whole day (MJD, TT) of the result.
    """
    table = as_table(results)
    columns = {name.lower().replace("-", "_"): name for name in table.colnames}
    if "obs_id" not in columns:
        raise FormatError(
            f"the query result must have the column obs_id, got {', '.join(columns)}.", column="obs_id"
        )
    reference = 0
    if "t_min" in columns and len(table):
        reference = int(np.floor(np.min(np.asarray(table[columns["t_min"]], dtype=float))))
    rows = [_row(row, columns, reference) for row in table]
    content = {}
    for field in fields(ObsTableRow):
        values = [getattr(row, field.name) for row in rows]
        if any(value is not None for value in values):
            blank = "" if any(isinstance(value, str) for value in values) else np.nan
            content[ObsTableRow.column(field.name)] = [blank if value is None else value for value in values]
    index = ObservationTable(Table(content))
    for unit, names in UNITS.items():
        for name in names:
            if name in index.colnames:
                index[name].unit = unit
    index.meta.update(INDEX_HEADER | {"HDUCLAS2": "OBS"})
    index.meta.update(
        {"MJDREFI": reference, "MJDREFF": 0.0, "TIMEUNIT": "s", "TIMESYS": "TT", "TIMEREF": "LOCAL"}
    )
    return index


def _row(row, columns: dict[str, str], reference: int) -> ObsTableRow:
    """Return what a row of a query result says of an observation."""
    found = {field: _value(row, columns[name]) for name, field in OBSCORE.items() if name in columns}
    for name, field in (("t_min", "tstart"), ("t_max", "tstop")):
        if name in columns and (day := _value(row, columns[name])) is not None:
            found[field] = (float(day) - reference) * SECONDS_PER_DAY
    for field in fields(ObsTableRow):
        if field.name in columns and (value := _value(row, columns[field.name])) is not None:
            found[field.name] = value
    found["obs_id"] = _identifier(found["obs_id"])
    return ObsTableRow(**found)


def _value(row, name):
    """Return an entry as a plain value, None where it is masked."""
    value = row[name]
    if np.ma.is_masked(value):
        return None
    if isinstance(value, bytes):
        value = value.decode("utf-8")
    if isinstance(value, np.generic):
        value = value.item()
    return value.strip() if isinstance(value, str) else value


def _identifier(value):
    """Return an identifier as a number if it is one."""
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else text


def make_hdu_table(fetched_files) -> HDUIndexTable:
    """Make an HDU index of files.

    Parameters
    ----------
    fetched_files : list of (str, path-like)
        Identifiers and files of one folder.

    Returns
    -------
    HDUIndexTable
    """
    names = ("OBS_ID", "HDU_TYPE", "HDU_CLASS", "FILE_DIR", "FILE_NAME", "HDU_NAME")
    rows = []
    for obs_id, name in fetched_files:
        path = make_path(name)
        file = open_tables(path)
        for part, (hdu_class, number) in find_hdus(file).items():
            rows.append((_identifier(obs_id), part, hdu_class, "", path.name, file.hdus[number].name))
    index = HDUIndexTable(rows=rows or None, names=names, dtype=None if rows else ["i8", *["U10"] * 5])
    index.meta.update(INDEX_HEADER | {"HDUCLAS2": "HDU"})
    if fetched_files:
        folder = make_path(fetched_files[0][1]).parent
        index.meta.update({"BASE_DIR": folder.as_posix(), "ROOT_DIR": str(folder)})
    return index


def make_data_store_from_query_result(results, save_dir, overwrite=False) -> DataStore:
    """Fetch the files of a query result and make a store of them.

    Parameters
    ----------
    results : `~pyvo.dal.TAPResults` or `~astropy.table.Table`
        With the columns obs_id and access_url.
    save_dir : str or path-like
        Folder for files and index tables. Files that are there already are not fetched again.
    overwrite : bool
        Replace existing index tables.

    Returns
    -------
    DataStore
    """
    folder = make_path(save_dir)
    hdu_table = make_hdu_table(fetch_files(make_fetch_list(results), folder))
    obs_table = make_obs_table(results)
    for table, name, hdu in (
        (hdu_table, DataStore.DEFAULT_HDU_TABLE, "HDU_INDEX"),
        (obs_table, DataStore.DEFAULT_OBS_TABLE, "OBS_INDEX"),
    ):
        write_index(table, folder / name, hdu, overwrite)
    return DataStore(hdu_table, obs_table)
