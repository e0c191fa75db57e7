"""Observations in one file: events, intervals and responses as the gamma-astro-data-formats lay them out."""

from __future__ import annotations

import logging

from astropy.io import fits

from ...errors import DataError, FormatError
from ...files import make_path, write_fits
from ...fits_headers import creator_text
from ...fits_tables import FitsFile, open_tables, verify_checksums
from ...sky.locations import earth_location_to_dict
from ...sky.timing import time_to_seconds
from ..hdu_location import HDULocation
from ..observation import Observation
from ..observation_parts import RESPONSES
from .formats import OBSERVATION_FORMATS
from .hdu_classes import CLASS_TYPES, hdu_class_of

__all__ = ["find_hdus", "read_observation", "write_observation"]

log = logging.getLogger(__name__)


def find_hdus(file: FitsFile) -> dict[str, tuple[str, int]]:
    """Return the parts of an observation that a file has.

    Parameters
    ----------
    file : `~geminga.fits_tables.FitsFile`

    Returns
    -------
    dict
        For each part ("events", "gti", "aeff", ...) the HDU class and the number of the first such HDU.
    """
    found: dict[str, tuple[str, int]] = {}
    for number in range(1, len(file.hdus)):
        hdu_class = hdu_class_of(file, number)
        if hdu_class is None:
            continue
        part = CLASS_TYPES[hdu_class]
        if part in found:
            log.warning("%s: HDU %d is another %s; the first is used.", file.path, number, part)
        else:
            found[part] = hdu_class, number
    return found


@OBSERVATION_FORMATS.reader("gadf")
def read_observation(event_file, irf_file=None, checksum=False) -> Observation:
    """Find the parts of an observation in one or two files; they are read when they are asked for."""
    event_path = make_path(event_file)
    if checksum:
        verify_checksums(event_path)
    events = find_hdus(open_tables(event_path))
    if "events" not in events:
        raise FormatError(
            "the file must have an event list, got none. Check that it is the right file.", event_path
        )
    if "gti" not in events:
        raise FormatError("the file must have good time intervals, got none. Add a GTI HDU.", event_path)
    responses, irf_path = events, event_path
    if irf_file is not None:
        irf_path = make_path(irf_file)
        if checksum:
            verify_checksums(irf_path)
        responses = find_hdus(open_tables(irf_path))
    places = {
        part: HDULocation(
            hdu_class, base_dir=str(path.parent), file_name=path.name, hdu_name=_name(path, number)
        )
        for content, path, names in (
            (events, event_path, ("events", "gti")),
            (responses, irf_path, RESPONSES),
        )
        for part, (hdu_class, number) in content.items()
        if part in names
    }
    return Observation(obs_id=places["events"].header().get("OBS_ID"), **places)


def _name(path, number):
    """Return the name of an HDU, or its number where several have the name."""
    file = open_tables(path)
    name = file.hdus[number].name
    return name if name and file.index(name) == number else number


@OBSERVATION_FORMATS.writer("gadf")
def write_observation(observation, path, overwrite=False, include_irfs=True, checksum=False) -> None:
    """Write events, intervals and responses into one file."""
    events, gti = observation.events, observation.gti
    if events is None or gti is None:
        raise DataError(
            f"observation {observation.obs_id} must have events and time intervals to be written, got "
            f"{', '.join(observation.available_hdus) or 'nothing'}. Simulate or set them first."
        )
    events = events.select_row_subset(slice(None))
    for keyword, value in _observation_keywords(observation, gti, events).items():
        if events.header.get(keyword) is None:
            events.header[keyword] = value
    hdus = [
        fits.PrimaryHDU(header=fits.Header({"CREATOR": creator_text()})),
        events.to_table_hdu(),
        gti.to_table_hdu(),
    ]
    for name in RESPONSES if include_irfs else ():
        response = observation._part(name)
        if response is None:
            continue
        if not hasattr(response, "to_table_hdu"):
            raise DataError(
                f"{name} must be a DL3 response to be written with the events, got {type(response).__name__}. "
                "Pass include_irfs=False and write it with its own write method."
            )
        hdu = response.to_table_hdu()
        hdu.name = name.upper()
        hdus.append(hdu)
    write_fits(fits.HDUList(hdus), path, overwrite=overwrite, checksum=checksum)


def _observation_keywords(observation, gti, events) -> dict:
    """Return the keywords that an event list without a full header lacks."""
    header = {"OBS_ID": observation.obs_id} if observation.obs_id is not None else {}
    header |= observation.meta.to_header()
    # the header of the events counts time from its own reference
    for keyword in ("MJDREFI", "MJDREFF", "TIMESYS", "TSTART", "TSTOP", "CREATED", "CREATOR"):
        header.pop(keyword, None)
    if observation.pointing is not None and hasattr(observation.pointing, "to_fits_header"):
        header |= dict(observation.pointing.to_fits_header().items())
    location = observation.observatory_earth_location
    if location is not None:
        header |= earth_location_to_dict(location)
    if len(gti):
        reference = events._store.reference
        header["TSTART"] = float(time_to_seconds(observation.tstart, reference))
        header["TSTOP"] = float(time_to_seconds(observation.tstop, reference))
    ontime, dead = float(gti.time_sum.value), observation.observation_dead_time_fraction
    return header | {"ONTIME": ontime, "LIVETIME": ontime * (1.0 - dead), "DEADC": 1.0 - dead}
