import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import AltAz, EarthLocation, SkyCoord, SkyOffsetFrame
from astropy.time import Time
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.errors import GeometryError, UnitError
from geminga.sky import FoVAltAzFrame, FoVICRSFrame, fov_offsets, fov_to_sky, sky_offsets, sky_to_fov

LOCATION = EarthLocation.from_geodetic(16.5 * u.deg, -23.27 * u.deg, 1800 * u.m)
TIME = Time("2004-12-04T22:30:00", scale="tt")


def rotated_by_matrix(lon, lat, lon_pnt, lat_pnt):
    """Slow twin: rotate the unit vector with two rotation matrices."""
    vector = np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    about_z = np.array(
        [[np.cos(lon_pnt), np.sin(lon_pnt), 0], [-np.sin(lon_pnt), np.cos(lon_pnt), 0], [0, 0, 1]]
    )
    about_y = np.array(
        [[np.cos(lat_pnt), 0, np.sin(lat_pnt)], [0, 1, 0], [-np.sin(lat_pnt), 0, np.cos(lat_pnt)]]
    )
    x, y, z = about_y @ about_z @ vector
    return -np.arctan2(y, x), np.arcsin(z)


angle = st.floats(0.0, 2 * np.pi)
height = st.floats(-1.5, 1.5)


@settings(max_examples=50, deadline=None)
@given(angle, height, angle, height)
def test_offsets_equal_rotation_by_matrices(lon, lat, lon_pnt, lat_pnt):
    fast, slow = fov_offsets(lon, lat, lon_pnt, lat_pnt), rotated_by_matrix(lon, lat, lon_pnt, lat_pnt)
    # compared as vectors, because the longitude means nothing at the poles
    as_vector = [(np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)) for a, b in (fast, slow)]
    assert_allclose(as_vector[0], as_vector[1], atol=1e-12)


@settings(max_examples=50, deadline=None)
@given(angle, height, angle, height)
def test_offsets_round_trip(lon, lat, lon_pnt, lat_pnt):
    back_lon, back_lat = sky_offsets(*fov_offsets(lon, lat, lon_pnt, lat_pnt), lon_pnt, lat_pnt)
    assert_allclose(back_lat, lat, atol=1e-9)
    assert_allclose(np.cos(lat) * np.sin(back_lon - lon), 0, atol=1e-9)


def test_tiny_offsets_keep_their_digits():
    offset = 1e-9
    fov_lon, fov_lat = fov_offsets(1.0, 0.5 + offset, 1.0, 0.5)
    assert fov_lon == 0.0
    assert_allclose(fov_lat, offset, rtol=1e-6)


def test_sky_to_fov_against_peer():
    # oracle: peer 2.1, utils.coordinates.sky_to_fov([83.6, 84] deg, [22, 22.5] deg, 83.6 deg, 21.5 deg)
    lon, lat = sky_to_fov([83.6, 84] * u.deg, [22, 22.5] * u.deg, 83.6 * u.deg, 21.5 * u.deg)
    assert lon.unit == lat.unit == "deg"
    assert_allclose(lon.deg, [0, -0.36960772], atol=1e-8)
    assert_allclose(lat.deg, [0.5, 1.00047285], atol=1e-8)


def test_fov_to_sky_against_peer():
    # oracle: peer 2.1, utils.coordinates.fov_to_sky([0.5, -1] deg, [0.2, 1] deg, 83.6 deg, 21.5 deg)
    lon, lat = fov_to_sky([0.5, -1] * u.deg, [0.2, 1] * u.deg, 83.6 * u.deg, 21.5 * u.deg)
    assert_allclose(lon.deg, [83.06186907, 84.68220967], atol=1e-8)
    assert_allclose(lat.deg, [21.69913945, 22.49653881], atol=1e-8)


def test_strings_and_wrong_units():
    lon, _ = sky_to_fov("84 deg", "22 deg", "84 deg", "22 deg")
    assert lon.deg == 0
    with pytest.raises(UnitError, match="angle"):
        sky_to_fov(1 * u.TeV, 1 * u.deg, 0 * u.deg, 0 * u.deg)


def test_icrs_frame_is_sky_offset_with_longitude_reversed():
    pointing, source = SkyCoord(83.6, 21.5, unit="deg"), SkyCoord(84.2, 22, unit="deg")
    fov = source.transform_to(FoVICRSFrame(origin=pointing))
    offset = source.transform_to(SkyOffsetFrame(origin=pointing))
    assert_allclose(fov.fov_lon.deg, -offset.lon.wrap_at("180d").deg, rtol=1e-10)
    assert_allclose(fov.fov_lat.deg, offset.lat.deg, rtol=1e-10)
    # oracle: peer 2.1, the same transformation
    assert_allclose([fov.fov_lon.deg, fov.fov_lat.deg], [-0.55633016, 0.50106759], atol=1e-8)
    assert fov.transform_to("icrs").separation(source).deg < 1e-10


def test_altaz_frame_against_peer():
    pointing, source = SkyCoord(83.6, 21.5, unit="deg"), SkyCoord(84.2, 22, unit="deg")
    origin = pointing.transform_to(AltAz(obstime=TIME, location=LOCATION))
    fov = source.transform_to(FoVAltAzFrame(origin=origin, obstime=TIME, location=LOCATION))
    # oracle: peer 2.1, the same transformation
    assert_allclose([fov.fov_lon.deg, fov.fov_lat.deg], [-0.35203109, -0.66077379], atol=1e-6)
    assert fov.transform_to("icrs").separation(source).deg < 1e-9


def test_change_of_pointing_moves_coordinates():
    # without a transformation of its own astropy would copy the numbers
    first, second = SkyCoord(83.6, 21.5, unit="deg"), SkyCoord(83.6, 22, unit="deg")
    source = SkyCoord(84.2, 22, unit="deg")
    via = source.transform_to(FoVICRSFrame(origin=first)).transform_to(FoVICRSFrame(origin=second))
    direct = source.transform_to(FoVICRSFrame(origin=second))
    assert_allclose([via.fov_lon.deg, via.fov_lat.deg], [direct.fov_lon.deg, direct.fov_lat.deg], atol=1e-10)

    frames = [
        FoVAltAzFrame(
            origin=p.transform_to(AltAz(obstime=TIME, location=LOCATION)), obstime=TIME, location=LOCATION
        )
        for p in (first, second)
    ]
    via = source.transform_to(frames[0]).transform_to(frames[1])
    direct = source.transform_to(frames[1])
    assert_allclose([via.fov_lon.deg, via.fov_lat.deg], [direct.fov_lon.deg, direct.fov_lat.deg], atol=1e-9)


def test_frame_without_origin_says_so():
    with pytest.raises(GeometryError, match="origin"):
        SkyCoord(83.6, 22, unit="deg").transform_to(FoVICRSFrame())
