import astropy.units as u
import numpy as np
import pytest
from astropy.time import Time, TimeDelta
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.errors import FormatError
from geminga.sky.timing import (
    absolute_time,
    as_time,
    extract_time_info,
    seconds_to_time,
    time_ref_from_dict,
    time_ref_to_dict,
    time_relative_to_ref,
    time_to_fits,
    time_to_fits_header,
    time_to_seconds,
    unique_time_info,
)

HEADER = {"MJDREFI": 51910, "MJDREFF": 0.000742870370370241, "TIMEUNIT": "s", "TIMESYS": "TT"}


@pytest.mark.parametrize("scale", ["tt", "utc", "tai", "tdb"])
@settings(max_examples=20, deadline=None)
@given(st.floats(-2e8, 7e8))
def test_seconds_round_trip(scale, seconds):
    reference = Time(51910.25, format="mjd", scale=scale)
    assert_allclose(
        time_to_seconds(seconds_to_time(seconds, reference), reference), seconds, atol=3e-7 * 1e-1
    )


def test_seconds_to_time_equals_astropy_addition():
    seconds = np.array([0.0, 1e-3, 123890826.66805482, 5e8])
    for scale in ("tt", "utc", "tai"):
        reference = Time(51910, 0.000742870370370241, format="mjd", scale=scale)
        times, slow = seconds_to_time(seconds, reference), reference + TimeDelta(seconds, format="sec")
        assert times.scale == scale
        assert_allclose((times - slow).to_value("s"), 0, atol=1e-8)


def test_leap_seconds_count_in_utc():
    # oracle: peer 2.1, first event of the MAGIC run 5029747 (TIMESYS UTC, 3 leap seconds since 2003)
    reference = Time(52706.0, format="mjd", scale="utc")
    time = seconds_to_time(333778852.5099249, reference)
    assert_allclose(time.mjd, 56569.18112858709, rtol=0, atol=1e-11)
    assert_allclose(time_to_seconds(time, reference), 333778852.5099249, rtol=0, atol=1e-7)


def test_different_scales_are_compared_by_instant():
    reference = Time("2005-01-01", scale="utc")
    assert_allclose(time_to_seconds(reference.tt, reference), 0, atol=1e-9)


def test_time_ref_from_dict():
    reference = time_ref_from_dict(HEADER)
    assert reference.scale == "tt"
    assert reference.format == "mjd"
    assert_allclose(reference.mjd, 51910.00074287037, rtol=0, atol=1e-11)
    assert time_ref_from_dict({"MJDREFI": 51544, "MJDREFF": 0.5}).scale == "tt"
    assert time_ref_from_dict({"MJDREF": 51544.5, "TIMESYS": "TAI "}).scale == "tai"


@pytest.mark.parametrize("header", [{}, {"MJDREFF": 0.5}, {"MJDREFI": 51544, "TIMESYS": "XYZ"}])
def test_bad_reference(header):
    with pytest.raises(FormatError):
        time_ref_from_dict(header)


def test_time_ref_to_dict():
    assert time_ref_to_dict() == {"MJDREFI": 0, "MJDREFF": 0.0, "TIMESYS": "tt"}
    # oracle: peer 2.1, utils.time.time_ref_to_dict(Time(51910.25, format="mjd", scale="utc"))
    header = time_ref_to_dict(Time(51910.25, format="mjd", scale="utc"))
    assert header["MJDREFI"] == 51910
    assert isinstance(header["MJDREFI"], int)
    assert_allclose(header["MJDREFF"], 0.2507428703684127, atol=1e-13)
    assert time_ref_to_dict(Time(51910.25, format="mjd", scale="utc"), scale="utc")["MJDREFF"] == 0.25


@settings(max_examples=30, deadline=None)
@given(st.floats(40000, 70000))
def test_reference_round_trip(mjd):
    reference = Time(mjd, format="mjd", scale="tt")
    header = time_ref_to_dict(reference)
    assert 0 <= header["MJDREFF"] < 1
    assert_allclose((time_ref_from_dict(header) - reference).to_value("s"), 0, atol=1e-9)


def test_absolute_and_relative_time():
    # oracle: peer 2.1, utils.time.absolute_time and time_relative_to_ref
    time = absolute_time([0, 100] * u.s, HEADER)
    assert list(time.value) == ["2001-01-01T00:00:00.000", "2001-01-01T00:01:40.000"]
    assert_allclose(absolute_time(TimeDelta([0, 100] * u.s), HEADER).mjd, time.mjd, rtol=0, atol=1e-12)
    delta = time_relative_to_ref(Time("2005-01-01"), HEADER)
    assert delta.format == "sec"
    assert_allclose(delta.value, 126230400.0, atol=1e-5)


def test_fits_times():
    # oracle: peer 2.1, utils.time.time_to_fits
    assert_allclose(time_to_fits(Time("2005-01-01")).to_value("s"), 4611254464.184, rtol=1e-14)
    assert_allclose(time_to_fits(Time("2005-01-01"), Time("2004-01-01"), "d").to_value("d"), 366)
    assert time_to_fits_header(Time("2005-01-01"), Time("2004-01-01"), "d") == (366.0, "d")


def test_time_info():
    assert extract_time_info({**HEADER, "OTHER": 1}) == HEADER
    assert unique_time_info([HEADER, dict(HEADER)])
    assert not unique_time_info([HEADER, {**HEADER, "MJDREFI": 1}])


def test_as_time():
    assert as_time("2020-01-01").scale == "utc"
    with pytest.raises(FormatError, match="start must be a time"):
        as_time("not a time", "start")
