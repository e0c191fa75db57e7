"""Projections in array arithmetic against wcslib."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from geminga.maps.wcs.projection import make_wcs, pix_to_sky, sky_to_pix
from geminga.maps.wcs.sky_projection import SkyProjection


def angle_between(lon, lat, lon2, lat2):
    lon, lat, lon2, lat2 = (np.radians(angle) for angle in (lon, lat, lon2, lat2))
    haversine = np.sin((lat - lat2) / 2) ** 2 + np.cos(lat) * np.cos(lat2) * np.sin((lon - lon2) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(haversine)))


@settings(max_examples=60, deadline=None)
@given(
    proj=st.sampled_from(["TAN", "CAR", "AIT", "MER", "ZEA"]),
    lon=st.sampled_from([0.0, 10.0, 180.0, 359.0]),
    lat=st.sampled_from([0.0, 22.01, -60.0, 90.0, -90.0]),
    binsz=st.sampled_from([0.01, 1.0, 7.0]),
    lonpole=st.sampled_from([None, 33.0]),
    skew=st.sampled_from([0.0, 25.0]),
)
def test_agrees_with_wcslib(proj, lon, lat, binsz, lonpole, skew):
    wcs = make_wcs("icrs", "TAN" if proj == "MER" else proj, (lon, lat), (-binsz, binsz), (6.5, 4.5))
    c, s = np.cos(np.radians(skew)), np.sin(np.radians(skew))
    wcs.wcs.pc = [[c, -s], [s, c]]
    if lonpole is not None and lat == 0:
        wcs.wcs.lonpole = lonpole
    wcs.wcs.set()
    projection = SkyProjection(wcs)
    x, y = np.arange(12.0), np.arange(9.0)[:, np.newaxis]
    one, two = projection.pix_to_sky(x, y), pix_to_sky(wcs, x, y)
    assert one[0].shape == (9, 12)
    # a cell that is off the sky is so for both
    assert_allclose(np.isnan(one[1]), np.isnan(two[1]))
    known = np.isfinite(two[1])
    assert_allclose(angle_between(*one, *two)[known], 0, atol=1e-10)
    assert (one[0][known] >= 0).all()
    assert (one[0][known] < 360).all()
    lonlat = (two[0][known], two[1][known])
    assert_allclose(projection.sky_to_pix(*lonlat), sky_to_pix(wcs, *lonlat), atol=1e-6)
    other = np.random.default_rng(0).uniform(-90, 90, (2, 50))
    assert_allclose(projection.sky_to_pix(*other), sky_to_pix(wcs, *other), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("proj", ["TAN", "CAR", "AIT"])
def test_poles_and_seams(proj):
    wcs = make_wcs("galactic", proj, (0, 0), (-1, 1), (1, 1))
    projection = SkyProjection(wcs)
    for lon, lat in [(0, 89.999), (0, -89.999), (180, 0), (-180, 0), (540, 0), (89, 0), (0, 0)]:
        one, two = projection.sky_to_pix(lon, lat), sky_to_pix(wcs, lon, lat)
        if proj != "TAN":
            assert_allclose(np.abs(one), np.abs(two), atol=1e-9)
            back = projection.pix_to_sky(*one)
            assert_allclose(angle_between(*back, lon, lat), 0, atol=1e-6)
        else:
            assert np.isnan(one).all() == np.isnan(two).all()


def test_the_nearest_image_is_taken():
    projection = SkyProjection(make_wcs("icrs", "CAR", (0, 0), (-10, 10), (1, 1)))
    x, _ = projection.sky_to_pix([170, 190, 200], [0, 0, 0], center=-17)
    assert_allclose(x, [-17, -19, -20])
    lon, _ = projection.pix_to_sky([-17, -19, -20, 16], 0)
    assert_allclose(lon, [170, 190, 200, 200])
