import pytest
from astropy.coordinates import EarthLocation
from numpy.testing import assert_allclose

from geminga.errors import FormatError
from geminga.sky import earth_location_from_dict, earth_location_to_dict, observatory_locations


def test_names():
    names = (
        "ctao_south cta_south ctao_north cta_north hawc hegra hess magic milagro veritas whipple astri fact"
    )
    assert set(observatory_locations) == set(names.split())
    assert all(isinstance(place, EarthLocation) for place in observatory_locations.values())


@pytest.mark.parametrize(
    ("name", "lon", "lat", "height"),
    [
        # oracle: peer 2.1, data.observatory_locations
        ("ctao_south", -70.31634444, -24.68342778, 2150),
        ("ctao_north", -17.892005, 28.762164, 2147),
        ("hawc", -97.30944444, 18.99666667, 4100),
        ("hess", 16.50022222, -23.27177778, 1835),
        ("magic", -17.89, 28.76194444, 2200),
        ("milagro", -106.67625, 35.87835, 2530),
        ("veritas", -110.95215833, 31.67505833, 1268),
        ("whipple", -110.87833333, 31.68111111, 2606),
        ("astri", -16.50583056, 28.3, 2370),
        ("fact", -17.891116, 28.761647, 2200),
        # HEGRA stood on La Palma, beside MAGIC; the peer has latitude and longitude swapped
        ("hegra", -17.89083333, 28.76166667, 2200),
    ],
)
def test_places(name, lon, lat, height):
    place = observatory_locations[name]
    assert_allclose([place.lon.deg, place.lat.deg, place.height.to_value("m")], [lon, lat, height], atol=1e-6)


def test_hegra_is_near_magic():
    hegra, magic = observatory_locations["hegra"], observatory_locations["magic"]
    assert (
        sum((a - b) ** 2 for a, b in zip(hegra.geocentric, magic.geocentric, strict=True)) ** 0.5
        < 200 * hegra.x.unit
    )


def test_header_round_trip():
    place = observatory_locations["hess"]
    back = earth_location_from_dict(earth_location_to_dict(place))
    assert_allclose([c.value for c in back.geocentric], [c.value for c in place.geocentric], atol=1e-3)


def test_other_keywords():
    place = observatory_locations["hess"]
    geocentric = {f"OBSGEO-{a}": c.to_value("m") for a, c in zip("XYZ", place.geocentric, strict=True)}
    geodetic = {"OBSGEO-L": place.lon.deg, "OBSGEO-B": place.lat.deg, "OBSGEO-H": place.height.to_value("m")}
    for header in (geocentric, geodetic):
        assert_allclose(earth_location_from_dict(header).lon.deg, place.lon.deg)


def test_missing_keywords_are_named():
    with pytest.raises(FormatError, match="GEOLON"):
        earth_location_from_dict({"TELESCOP": "X"})
