import numpy as np
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose

from geminga.sky.rotation import galactic_to_icrs, icrs_to_galactic, separation

RNG = np.random.default_rng(0)
LON, LAT = RNG.uniform(-180, 360, 1000), np.degrees(np.arcsin(RNG.uniform(-1, 1, 1000)))


def test_rotation_equals_astropy():
    lon, lat = icrs_to_galactic(LON, LAT)
    slow = SkyCoord(LON, LAT, unit="deg").galactic
    assert slow.separation(SkyCoord(lon, lat, unit="deg", frame="galactic")).arcsec.max() < 1e-6
    assert ((lon >= 0) & (lon < 360)).all()


def test_rotation_round_trip():
    lon, lat = galactic_to_icrs(*icrs_to_galactic(LON, LAT))
    assert_allclose(lat, LAT, atol=1e-9)
    assert_allclose(np.cos(np.radians(LAT)) * np.sin(np.radians(lon - LON)), 0, atol=1e-11)


def test_separation_equals_astropy():
    other = LON[::-1], LAT[::-1]
    slow = SkyCoord(LON, LAT, unit="deg").separation(SkyCoord(*other, unit="deg")).deg
    assert_allclose(separation(LON, LAT, *other), slow, atol=1e-6)


def test_small_and_large_separations():
    assert_allclose(separation(83.0, 22.0, 83.0, 22.0 + 1e-10), 1e-10, rtol=1e-3)
    assert separation(83.0, 22.0, 83.0, 22.0) == 0
    assert_allclose(separation(0.0, 0.0, 180.0, 0.0), 180, atol=1e-6)
    assert_allclose(separation(0.0, 90.0, 0.0, -90.0), 180, atol=1e-6)
