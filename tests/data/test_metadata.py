import numpy as np
import pytest
import yaml
from astropy.time import Time
from numpy.testing import assert_allclose
from pydantic import ValidationError

from geminga.data import EventListMetaData, GTIMetaData, ObservationMetaData
from geminga.metadata import CreatorMetaData

from .conftest import event_header


def test_event_list():
    meta = EventListMetaData.from_header({"EV_CLASS": 9, "CREATOR": "reco", "ANA_VER": 8, "OTHER": 1})
    assert meta.event_class == "9"
    assert meta.creation.creator == "reco"
    assert meta.optional == {"ANA_VER": 8}
    creation = CreatorMetaData(creator="x", date="2020-01-01", origin="me")
    # oracle: peer 2.1, the same container
    assert EventListMetaData(event_class="e", creation=creation).to_header() == {
        "EV_CLASS": "e", "CREATOR": "x", "CREATED": "2020-01-01 00:00:00.000", "ORIGIN": "me",
    }  # fmt: skip


def test_gti():
    meta = GTIMetaData(reference_time=Time("2000-01-01T12:00:00", scale="tt"))
    assert meta.to_header() == {"MJDREFI": 51544, "MJDREFF": 0.5, "TIMESYS": "tt"}
    assert GTIMetaData.from_header(meta.to_header()).reference_time.mjd == 51544.5
    assert GTIMetaData.from_header({}).reference_time is None


def test_observation():
    header = event_header(N_TELS=4, TELLIST="1,2")
    meta = ObservationMetaData.from_header(header)
    assert meta.obs_info.obs_id == 1
    assert meta.obs_info.telescope == "SCOPE"
    assert meta.target.name == "Crab"
    assert_allclose(meta.deadtime_fraction, 0.1)
    assert_allclose(meta.pointing.radec_mean.ra.deg, 83.63)
    assert_allclose((meta.time_info.time_stop - meta.time_info.time_start).to_value("s"), 1000)
    assert_allclose(meta.location.lat.deg, -23.27)
    assert meta.optional == {
        "EV_CLASS": "std",
        "TELLIST": "1,2",
        "N_TELS": 4,
        "CREATOR": "tests",
        "HDUVERS": "0.3",
    }
    assert meta.creation.creator.startswith("Geminga")


def test_observation_round_trip():
    header = event_header()
    written = ObservationMetaData.from_header(header).to_header()
    for key in ("OBS_ID", "TELESCOP", "INSTRUME", "OBS_MODE", "OBJECT", "MJDREFI"):
        assert written[key] == header[key]
    for key in (
        "RA_PNT",
        "DEC_PNT",
        "RA_OBJ",
        "DEC_OBJ",
        "GEOLON",
        "GEOLAT",
        "ALTITUDE",
        "DEADC",
        "TSTART",
        "TSTOP",
    ):
        assert_allclose(written[key], header[key], rtol=1e-10)
    assert not any(isinstance(value, np.generic) for value in written.values())


def test_headers_with_little_in_them():
    meta = ObservationMetaData.from_header({"TELESCOP": "GLAST"})
    assert meta.location is None
    assert meta.deadtime_fraction == 0
    assert meta.pointing.radec_mean is None


def test_checks():
    with pytest.raises(ValidationError, match="deadtime_fraction"):
        ObservationMetaData(deadtime_fraction=2)
    meta = ObservationMetaData(location="hess")
    with pytest.raises(ValidationError):
        meta.location = "nowhere"
    content = yaml.safe_load(meta.to_yaml())["metadata"]
    assert content["location"].startswith("lon: 16.5")
    assert content["deadtime_fraction"] == 0.0
