"""ObsCore: one row for each observation, as the Virtual Observatory describes data.

References
----------
.. [1] Louys et al. (2017), Observation Data Model Core Components, version 1.1, IVOA Recommendation.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

import numpy as np
from astropy import constants
from astropy import units as u
from astropy.table import Column, Table

from ...errors import UnknownNameError
from ..data_store import DataStore
from ..hdu_location import HDULocation

__all__ = ["empty_obscore_table", "observation_obscore_dict", "to_obscore_table"]

log = logging.getLogger(__name__)

FIELD_OF_VIEW = 10.0  # deg, of a typical imaging Cherenkov telescope


class Field(NamedTuple):
    """A column of ObsCore."""

    name: str
    dtype: str
    unit: str | None
    utype: str
    ucd: str
    description: str


AXIS = "Char.SpatialAxis"
COVER = f"{AXIS}.Coverage"
SPECTRAL, TIME = "Char.SpectralAxis", "Char.TimeAxis"
FIELDS = [
    Field("dataproduct_type", "U10", None, "ObsDataset.dataProductType", "meta.id", "Kind of data product"),
    Field(
        "calib_level", "i4", None, "ObsDataset.calibLevel", "meta.code;obs.calib", "Calibration level, 0 to 4"
    ),
    Field("target_name", "U25", None, "Target.name", "meta.id;src", "Name of the target"),
    Field("obs_id", "U10", None, "DataID.observationID", "meta.id", "Identifier of the observation"),
    Field("obs_collection", "U10", None, "DataID.collection", "meta.id", "Name of the collection"),
    Field(
        "obs_publisher_did",
        "U30",
        None,
        "Curation.publisherDID",
        "meta.ref.uri;meta.curation",
        "Publisher's id",
    ),
    Field("access_url", "U30", None, "Access.reference", "meta.ref.url", "Where the data can be fetched"),
    Field("access_format", "U30", None, "Access.format", "meta.code.mime", "Format of the data"),
    Field("access_estsize", "i4", "kbyte", "Access.size", "phys.size;meta.file", "Size of the file"),
    Field(
        "s_ra",
        "f8",
        "deg",
        f"{COVER}.Location.Coord.Position2D.Value2.C1",
        "pos.eq.ra",
        "Centre, right ascension",
    ),
    Field(
        "s_dec",
        "f8",
        "deg",
        f"{COVER}.Location.Coord.Position2D.Value2.C2",
        "pos.eq.dec",
        "Centre, declination",
    ),
    Field(
        "s_fov",
        "f8",
        "deg",
        f"{COVER}.Bounds.Extent.diameter",
        "phys.angSize;instr.fov",
        "Field of view, diameter",
    ),
    Field(
        "s_region", "U30", None, f"{COVER}.Support.Area", "pos.outline;obs.field", "Region on the sky, ICRS"
    ),
    Field(
        "s_resolution", "f8", "arcsec", f"{AXIS}.Resolution.refval.value", "pos.angResolution", "PSF, FWHM"
    ),
    Field("s_xel1", "i4", None, f"{AXIS}.numBins1", "meta.number", "Bins along the first coordinate"),
    Field("s_xel2", "i4", None, f"{AXIS}.numBins2", "meta.number", "Bins along the second coordinate"),
    Field("t_xel", "i4", None, f"{TIME}.numBins", "meta.number", "Bins in time"),
    Field(
        "t_min",
        "f8",
        "d",
        f"{TIME}.Coverage.Bounds.Limits.StartTime",
        "time.start;obs.exposure",
        "Start, MJD",
    ),
    Field(
        "t_max", "f8", "d", f"{TIME}.Coverage.Bounds.Limits.StopTime", "time.end;obs.exposure", "Stop, MJD"
    ),
    Field(
        "t_exptime", "f8", "s", f"{TIME}.Coverage.Support.Extent", "time.duration;obs.exposure", "Live time"
    ),
    Field(
        "t_resolution",
        "f8",
        "s",
        f"{TIME}.Resolution.Refval.value",
        "time.resolution",
        "Resolution in time, FWHM",
    ),
    Field("em_xel", "i4", None, f"{SPECTRAL}.numBins", "meta.number", "Bins in energy"),
    Field(
        "em_min",
        "f8",
        "TeV",
        f"{SPECTRAL}.Coverage.Bounds.Limits.LoLimit",
        "em.wl;stat.min",
        "Lower spectral limit",
    ),
    Field(
        "em_max",
        "f8",
        "TeV",
        f"{SPECTRAL}.Coverage.Bounds.Limits.HiLimit",
        "em.wl;stat.max",
        "Upper spectral limit",
    ),
    Field(
        "em_res_power",
        "f8",
        None,
        f"{SPECTRAL}.Resolution.ResolPower.refVal",
        "spect.resolution",
        "Resolving power",
    ),
    Field("o_ucd", "U30", None, "Char.ObservableAxis.ucd", "meta.ucd", "Nature of the observable"),
    Field("pol_xel", "i4", None, "Char.PolarizationAxis.numBins", "meta.number", "Bins in polarisation"),
    Field(
        "facility_name", "U10", None, "Provenance.ObsConfig.Facility.name", "meta.id;instr.tel", "Observatory"
    ),
    Field(
        "instrument_name", "U25", None, "Provenance.ObsConfig.Instrument.name", "meta.id;instr", "Instrument"
    ),
]


def _column(field: Field, values, unit=None) -> Column:
    """Return a column with the description of its field; text is as wide as it needs to be."""
    dtype = None if field.dtype.startswith("U") and len(values) else field.dtype
    column = Column(np.array(values, dtype=dtype), name=field.name, unit=unit or field.unit)
    column.description = field.description
    column.meta = {"Utype": field.utype, "UCD": field.ucd}
    return column


def empty_obscore_table() -> Table:
    """Return an ObsCore table without rows.

    Returns
    -------
    `~astropy.table.Table`
        29 columns with units, descriptions, Utypes and UCDs.
    """
    return Table([_column(field, []) for field in FIELDS])


def observation_obscore_dict(observation) -> dict:
    """Describe an observation in the terms of ObsCore.

    Parameters
    ----------
    observation : Observation
        With events.

    Returns
    -------
    dict
        Plain values by column; energies in TeV, angles in deg, times in MJD. Text that is not known is empty,
        numbers that are not known are 0.
    """
    values = {field.name: "" if field.dtype.startswith("U") else 0 for field in FIELDS}
    meta = observation.meta
    place = observation._parts["events"]
    energy = observation.events.energy.to_value(u.TeV)
    pointing = observation.get_pointing_icrs(observation.tmid)
    values |= {
        "dataproduct_type": "event",
        "calib_level": 2,
        "obs_id": str(observation.obs_id),
        "obs_collection": "DL3",
        "access_format": "application/fits",
        "access_estsize": place.path().stat().st_size // 1024 if isinstance(place, HDULocation) else 0,
        "s_ra": float(pointing.ra.deg),
        "s_dec": float(pointing.dec.deg),
        "s_fov": FIELD_OF_VIEW,
        "t_min": float(observation.tstart.mjd),
        "t_max": float(observation.tstop.mjd),
        "t_exptime": float(observation.observation_live_time_duration.to_value(u.s)),
    }
    if len(energy):
        values |= {"em_min": float(energy.min()), "em_max": float(energy.max())}
    if meta.target is not None:
        values["target_name"] = meta.target.name or ""
    if meta.obs_info is not None:
        values["facility_name"] = meta.obs_info.telescope or ""
        values["instrument_name"] = meta.obs_info.instrument or ""
    return values


def to_obscore_table(
    base_dir,
    selected_obs=None,
    obs_publisher_did=None,
    access_url=None,
    obscore_template=None,
    spectral_unit="TeV",
) -> Table:
    """Describe the observations of a store in the terms of ObsCore.

    Parameters
    ----------
    base_dir : str or path-like
        Folder of the store.
    selected_obs : list of int, optional
        Default is all.
    obs_publisher_did : str, optional
        Identifier of the publisher; ``#<obs_id>`` is appended.
    access_url : str, optional
        Start of the address of the files; the file name is appended.
    obscore_template : dict, optional
        Values by column that replace those found.
    spectral_unit : {"TeV", "m"}
        Unit of em_min and em_max. The recommendation asks for wavelengths in m; most gamma-ray archives give energies.

    Returns
    -------
    `~astropy.table.Table`
    """
    template = dict(obscore_template or {})
    names = [field.name for field in FIELDS]
    for name in template:
        if name not in names:
            raise UnknownNameError("ObsCore column", name, names)
    for name, value in (("obs_publisher_did", obs_publisher_did), ("access_url", access_url)):
        if value is None and name not in template:
            log.warning("%s should be given to publish the table; left empty.", name)
    store = DataStore.from_dir(base_dir)
    rows = []
    for observation in store.get_observations(selected_obs, required_irf="all-optional"):
        row = observation_obscore_dict(observation)
        if obs_publisher_did is not None:
            row["obs_publisher_did"] = f"{obs_publisher_did}#{observation.obs_id}"
        if access_url is not None:
            row["access_url"] = f"{access_url}{observation._parts['events'].path().name}"
        rows.append(row | template)
        observation.release()
    table = Table([_column(field, [row[field.name] for row in rows]) for field in FIELDS])
    return _in_metres(table) if u.Unit(spectral_unit) == u.m else table


def _in_metres(table: Table) -> Table:
    """Give spectral limits as wavelengths; the highest energy is the shortest one."""
    factor = (constants.h * constants.c / u.TeV).to_value(u.m)
    low, high = (np.array(table[name], dtype=float) for name in ("em_min", "em_max"))
    with np.errstate(divide="ignore"):
        table["em_min"][:], table["em_max"][:] = factor / high, factor / low
    table["em_min"].unit = table["em_max"].unit = u.m
    return table
