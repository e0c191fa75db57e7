"""Provenance."""

from astropy.coordinates import SkyCoord

from geminga.datasets import MapDatasetMetaData


def make(number):
    return MapDatasetMetaData(
        obs_info={"obs_id": number, "telescope": "HESS"},
        pointing={"radec_mean": SkyCoord(83.6, 22 + number, unit="deg")},
        event_type="good",
        optional={f"key{number}": number},
    )


def test_stacking_keeps_all_observations():
    meta = make(1).stack(make(2)).stack(make(3))
    assert [info.obs_id for info in meta.obs_info] == [1, 2, 3]
    assert [round(point.radec_mean.dec.deg) for point in meta.pointing] == [23, 24, 25]
    assert meta.event_type == "good"
    assert meta.optional == {"key1": 1, "key2": 2, "key3": 3}


def test_stacking_lists_an_observation_once():
    meta = make(1).stack(make(1))
    assert meta.obs_info.obs_id == 1


def test_stacking_with_nothing():
    assert MapDatasetMetaData().stack(make(1)).obs_info.obs_id == 1
    assert make(1).stack(MapDatasetMetaData()).obs_info.obs_id == 1


def test_header_round_trip():
    for meta in (make(1), make(1).stack(make(2)), MapDatasetMetaData()):
        header = meta.to_header()
        assert all(isinstance(value, str | int | float | bool) for value in header.values())
        back = MapDatasetMetaData.from_header(header)
        assert back.obs_info == meta.obs_info
        assert back.event_type == meta.event_type
        assert back.optional == meta.optional
        assert str(back.pointing) == str(meta.pointing)


def test_header_of_the_peer():
    # A header as the peer 2.1 writes it.
    meta = MapDatasetMetaData.from_header({"CREATOR": "Gammapy 2.1", "CREATED": "2026-01-01 00:00:00.000"})
    assert meta.creation.creator == "Gammapy 2.1"
    assert meta.obs_info is None


def test_datasets_stack_their_provenance(spectrum):
    other = spectrum.copy(name="other")
    spectrum.meta, other.meta = make(1), make(2)
    spectrum.stack(other)
    assert [info.obs_id for info in spectrum.meta.obs_info] == [1, 2]
