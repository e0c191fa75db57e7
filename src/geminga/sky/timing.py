"""Times in headers: seconds since a reference, and absolute times.

Tables on disk hold seconds since ``MJDREFI + MJDREFF`` in the scale ``TIMESYS``. The functions here go between
those plain numbers and `~astropy.time.Time` without losing digits: a Time keeps two floats, and the days are split off
exactly.
"""

from __future__ import annotations

import numpy as np
from astropy import units as u
from astropy.time import Time, TimeDelta

from ..errors import FormatError
from ..units import to_quantity

__all__ = [
    "absolute_time",
    "as_time",
    "extract_time_info",
    "seconds_to_time",
    "time_ref_from_dict",
    "time_ref_to_dict",
    "time_relative_to_ref",
    "time_to_fits",
    "time_to_fits_header",
    "time_to_seconds",
    "unique_time_info",
]

SECONDS_PER_DAY = 86400.0
TIME_KEYWORDS = ("MJDREFI", "MJDREFF", "TIMEUNIT", "TIMESYS", "TIMEREF")


def as_time(value, name="time", scale=None) -> Time:
    """Return a Time; strings and lists of times are accepted.

    Parameters
    ----------
    value : `~astropy.time.Time`, str, or sequence of either
    name : str
        Name of the argument, for the message.
    scale : str, optional
        Scale in which strings are read.

    Raises
    ------
    FormatError
        If it cannot be read as a time.
    """
    if isinstance(value, Time):
        return value
    try:
        return Time(value, scale=scale)
    except (ValueError, TypeError) as error:
        raise FormatError(
            f"{name} must be a time, got {value!r}. Give an astropy Time or an ISO string."
        ) from error


def seconds_to_time(seconds, reference: Time, format="mjd") -> Time:
    """Turn seconds since a reference into absolute times.

    Parameters
    ----------
    seconds : array_like
        Elapsed seconds; in UTC, leap seconds count.
    reference : `~astropy.time.Time`
        Scalar reference time.
    format : str
        Format of the result.

    Returns
    -------
    `~astropy.time.Time`
        Same shape as `seconds`, in the scale of the reference.

    Examples
    --------
    >>> reference = Time(51910, 0.000742870370370241, format="mjd", scale="tt")
    >>> seconds_to_time(123890826.0, reference).iso
    '2004-12-04 22:08:10.184'
    """
    seconds = np.asarray(seconds, dtype=float)
    days = np.floor(seconds / SECONDS_PER_DAY)
    rest = (seconds - days * SECONDS_PER_DAY) / SECONDS_PER_DAY
    # elapsed seconds in UTC are those of an atomic clock
    start = reference.tai if reference.scale == "utc" else reference
    times = Time(start.jd1 + days, start.jd2 + rest, format="jd", scale=start.scale)
    if start is not reference:
        times = times.utc
    times.format = format
    return times


def time_to_seconds(time: Time, reference: Time):
    """Turn absolute times into seconds since a reference; the inverse of `seconds_to_time`.

    Parameters
    ----------
    time : `~astropy.time.Time`
        In any scale.
    reference : `~astropy.time.Time`
        Scalar reference time.

    Returns
    -------
    float or ndarray
        Elapsed seconds.

    Examples
    --------
    >>> round(float(time_to_seconds(Time("2000-01-01T00:00:10", scale="tt"), Time("2000-01-01", scale="tt"))), 9)
    10.0
    """
    scale = "tai" if reference.scale == "utc" else reference.scale
    start, time = getattr(reference, scale), getattr(time, scale)
    return ((time.jd1 - start.jd1) + (time.jd2 - start.jd2)) * SECONDS_PER_DAY


def time_ref_from_dict(meta, format="mjd", scale="tt") -> Time:
    """Read the reference time from a header.

    Parameters
    ----------
    meta : mapping
        Header with MJDREFI and MJDREFF (or MJDREF), and TIMESYS.
    format : str
        Format of the result.
    scale : str
        Scale used when TIMESYS is missing.

    Returns
    -------
    `~astropy.time.Time`

    Raises
    ------
    FormatError
        If the keywords are missing, or TIMESYS is no time scale.

    Examples
    --------
    >>> time_ref_from_dict({"MJDREFI": 51544, "MJDREFF": 0.5}).iso
    '2000-01-01 12:00:00.000'
    """
    if meta.get("MJDREFI") is not None:
        whole, fraction = meta["MJDREFI"], meta.get("MJDREFF", 0.0)
    elif meta.get("MJDREF") is not None:
        whole, fraction = meta["MJDREF"], 0.0
    else:
        raise FormatError(
            "the header must give the reference time, got neither MJDREFI nor MJDREF. "
            "Add MJDREFI, MJDREFF and TIMESYS."
        )
    scale = str(meta.get("TIMESYS") or scale).strip().lower()
    if scale not in Time.SCALES:
        raise FormatError(
            f"TIMESYS must be a time scale ({', '.join(sorted(Time.SCALES))}), got {scale!r}. Correct the header."
        )
    reference = Time(float(whole), float(fraction or 0.0), format="mjd", scale=scale)
    reference.format = format
    return reference


def time_ref_to_dict(time=None, scale="tt") -> dict:
    """Write a reference time as header keywords.

    Parameters
    ----------
    time : `~astropy.time.Time`, optional
        Default is MJD 0.
    scale : str
        Scale of the keywords.

    Returns
    -------
    dict
        MJDREFI (int), MJDREFF (float, d) and TIMESYS.

    Examples
    --------
    >>> time_ref_to_dict(Time("2000-01-01T12:00:00", scale="tt"))
    {'MJDREFI': 51544, 'MJDREFF': 0.5, 'TIMESYS': 'tt'}
    """
    if time is None:
        return {"MJDREFI": 0, "MJDREFF": 0.0, "TIMESYS": scale}
    time = getattr(as_time(time), scale)
    days = time.jd1 - 2400000.5
    whole = np.floor(days + time.jd2)
    return {"MJDREFI": int(whole), "MJDREFF": float((days - whole) + time.jd2), "TIMESYS": scale}


def absolute_time(time_delta, meta) -> Time:
    """Add durations to the reference time of a header.

    Parameters
    ----------
    time_delta : `~astropy.time.TimeDelta` or `~astropy.units.Quantity`
    meta : mapping
        Header, see `time_ref_from_dict`.

    Returns
    -------
    `~astropy.time.Time`
        In UTC, format "isot".
    """
    if not isinstance(time_delta, TimeDelta):
        time_delta = to_quantity(time_delta, u.s, "time_delta")
    time = (time_ref_from_dict(meta) + time_delta).utc
    time.format = "isot"
    return time


def time_relative_to_ref(time, meta) -> TimeDelta:
    """Return the time since the reference time of a header.

    Parameters
    ----------
    time : `~astropy.time.Time`
    meta : mapping
        Header, see `time_ref_from_dict`.

    Returns
    -------
    `~astropy.time.TimeDelta`
        Format "sec".
    """
    delta = as_time(time) - time_ref_from_dict(meta)
    delta.format = "sec"
    return delta


def time_to_fits(time, epoch=None, unit=u.s):
    """Return the time since an epoch as a quantity.

    Parameters
    ----------
    time : `~astropy.time.Time`
    epoch : `~astropy.time.Time`, optional
        Default is MJD 0 in the TT scale.
    unit : unit-like

    Returns
    -------
    `~astropy.units.Quantity`
    """
    epoch = Time(0, format="mjd", scale="tt") if epoch is None else as_time(epoch, "epoch")
    return (as_time(time) - epoch).to(unit)


def time_to_fits_header(time, epoch=None, unit=u.s):
    """Return the time since an epoch as a header card: the value and the unit string."""
    quantity = time_to_fits(time, epoch, unit)
    return float(quantity.value), quantity.unit.to_string("fits")


def extract_time_info(row) -> dict:
    """Return the time keywords of a header or table row.

    Parameters
    ----------
    row : mapping or `~astropy.table.Row`

    Returns
    -------
    dict
        Those of MJDREFI, MJDREFF, TIMEUNIT, TIMESYS and TIMEREF that are present.
    """
    names = getattr(row, "colnames", None) or row.keys()
    return {name: row[name] for name in TIME_KEYWORDS if name in names}


def unique_time_info(rows) -> bool:
    """Say whether all headers or rows have the same time keywords."""
    found = [extract_time_info(row) for row in rows]
    return all(info == found[0] for info in found)
