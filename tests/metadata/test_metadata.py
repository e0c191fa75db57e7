import astropy.units as u
import pytest
import yaml
from astropy.coordinates import SkyCoord
from astropy.time import Time
from numpy.testing import assert_allclose
from pydantic import ValidationError

from geminga.errors import UnknownNameError
from geminga.metadata import (
    CreatorMetaData,
    MetaData,
    ObsInfoMetaData,
    PointingInfoMetaData,
    TargetMetaData,
    TimeInfoMetaData,
)

T0 = Time("2000-01-01", scale="tt")


def test_creator():
    meta = CreatorMetaData(creator="x", date=Time("2020-01-01"), origin="me")
    # oracle: peer 2.1, the same container
    assert meta.to_header() == {"CREATOR": "x", "CREATED": "2020-01-01 00:00:00.000", "ORIGIN": "me"}
    back = CreatorMetaData.from_header(meta.to_header())
    assert (back.creator, back.date.iso, back.origin) == ("x", "2020-01-01 00:00:00.000", "me")
    assert meta.tag == "creator"


def test_creator_default_is_this_package_now():
    meta = CreatorMetaData()
    assert meta.creator.startswith("Geminga ")
    assert abs((Time.now() - meta.date).to_value("s")) < 60
    meta.date = "2000-01-01"
    meta.update_time()
    assert meta.date > Time("2020-01-01")


def test_creator_with_a_date_that_is_none():
    meta = CreatorMetaData.from_header({"CREATOR": "reco", "CREATED": "Wed Jan  6 03:40:46 2021"})
    assert meta.date is None


def test_obs_info():
    meta = ObsInfoMetaData(obs_id=3, telescope="t", instrument="i", sub_array="s", observation_mode="m")
    header = {"TELESCOP": "t", "INSTRUME": "i", "SUBARRAY": "s", "OBS_MODE": "m", "OBS_ID": 3}
    assert meta.to_header() == header
    assert ObsInfoMetaData.from_header(header) == meta


@pytest.mark.parametrize(("given", "kept"), [(3, 3), ("3", 3), ("chunks 103 - 133", "chunks 103 - 133")])
def test_obs_id(given, kept):
    assert ObsInfoMetaData(obs_id=given).obs_id == kept


def test_pointing():
    meta = PointingInfoMetaData(
        radec_mean=SkyCoord(1, 2, unit="deg"), altaz_mean=SkyCoord(alt=3 * u.deg, az=4 * u.deg, frame="altaz")
    )
    header = meta.to_header()
    # oracle: peer 2.1, the same container
    assert header == {"RA_PNT": 1.0, "DEC_PNT": 2.0, "ALT_PNT": 3.0, "AZ_PNT": 4.0}
    assert all(type(value) is float for value in header.values())
    back = PointingInfoMetaData.from_header({"RA_PNT": 1, "DEC_PNT": 2})
    assert back.altaz_mean is None
    assert_allclose([back.radec_mean.ra.deg, back.radec_mean.dec.deg], [1, 2])


def test_pointing_is_converted_or_refused():
    galactic = SkyCoord(1, 2, unit="deg", frame="galactic")
    assert PointingInfoMetaData(radec_mean=galactic).radec_mean.frame.name == "icrs"
    with pytest.raises(ValidationError, match="AltAz"):
        PointingInfoMetaData(altaz_mean=galactic)
    with pytest.raises(ValidationError, match="scalar"):
        PointingInfoMetaData(radec_mean=SkyCoord([1, 2], [3, 4], unit="deg"))


def test_time_info():
    meta = TimeInfoMetaData(time_start=T0, time_stop=T0 + 1 * u.h, reference_time=T0)
    header = meta.to_header()
    assert_allclose(header.pop("TSTOP"), 3600)
    assert header == {"MJDREFI": 51544, "MJDREFF": 0.0, "TIMESYS": "tt", "TSTART": 0.0}
    back = TimeInfoMetaData.from_header({"TSTART": 1, "TSTOP": 2, "MJDREFI": 51544, "MJDREFF": 0.5})
    assert_allclose((back.time_stop - T0).to_value("s"), 43202)
    assert TimeInfoMetaData.from_header({}).reference_time is None


def test_target():
    meta = TargetMetaData(name="n", position=SkyCoord(1, 2, unit="deg"))
    assert meta.to_header() == {"OBJECT": "n", "RA_OBJ": 1.0, "DEC_OBJ": 2.0}
    assert TargetMetaData.from_header({}) == TargetMetaData()


def test_nested_metadata_read_and_write_their_own_keywords():
    class Product(MetaData):
        _tag = "product"
        keywords = {"quality": "QUALITY"}
        quality: int | None = None
        creation: CreatorMetaData | None = None

    header = {"QUALITY": 3, "CREATOR": "x", "CREATED": "2020-01-01 00:00:00.000"}
    assert Product.from_header(header).to_header() == header
    assert Product(quality=1).to_header() == {"QUALITY": 1}


def test_unknown_fields_and_formats():
    with pytest.raises(ValidationError):
        TargetMetaData(colour="red")
    meta = TargetMetaData(name="n")
    with pytest.raises(ValidationError):
        meta.name = ["not", "text"]
    with pytest.raises(UnknownNameError, match="gadf"):
        meta.to_header(format="x")


def test_yaml():
    content = yaml.safe_load(TargetMetaData(name="n", position=SkyCoord(1, 2, unit="deg")).to_yaml())
    # oracle: peer 2.1, the same container
    assert content["metadata"]["name"] == "n"
    assert content["metadata"]["position"].strip() == "lon: 1.0 deg, lat: 2.0 deg, frame: icrs"
    content = yaml.safe_load(TimeInfoMetaData(time_start=T0).to_yaml())
    assert content == {
        "metadata": {"time_start": "2000-01-01 00:00:00.000", "time_stop": None, "reference_time": None}
    }
