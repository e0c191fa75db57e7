"""Pixels and profiles at positions."""

import numpy as np
from astropy.coordinates import SkyCoord

from geminga.irf.map_position import interpolated_profile, nearest_pixel


def pixel_center(irf_map, row, column):
    lon, lat = irf_map._irf_map.geom.to_image().pix_to_coord((column, row))
    return SkyCoord(lon, lat)


def test_pixel_of_a_position(psf_map):
    assert nearest_pixel(psf_map, pixel_center(psf_map, 2, 3)) == (2, 3)


def test_no_exposure_moves_to_the_nearest_pixel_with_some(psf_map):
    assert nearest_pixel(psf_map, pixel_center(psf_map, 2, 0)) == (2, 1)


def test_outside_moves_to_the_nearest_pixel(psf_map):
    assert nearest_pixel(psf_map, pixel_center(psf_map, -3, 9)) == (0, 4)


def test_no_exposure_at_all(psf_map):
    psf_map.exposure_map.data[...] = 0
    assert nearest_pixel(psf_map, pixel_center(psf_map, 2, 0)) == (2, 0)


def test_region(region_psf_map):
    assert nearest_pixel(region_psf_map, SkyCoord(0, 0, unit="deg")) == (0, 0)


def test_profile_between_pixels(psf_map):
    data = psf_map.psf_map.data
    np.testing.assert_allclose(
        interpolated_profile(psf_map, pixel_center(psf_map, 1, 2)), data[..., 1, 2], rtol=1e-6
    )
    actual = interpolated_profile(psf_map, pixel_center(psf_map, 1.25, 2.5))
    low = 0.5 * (data[..., 1, 2] + data[..., 1, 3])
    high = 0.5 * (data[..., 2, 2] + data[..., 2, 3])
    np.testing.assert_allclose(actual, 0.75 * low + 0.25 * high, rtol=1e-6)


def test_pixels_without_exposure_have_no_weight(psf_map):
    actual = interpolated_profile(psf_map, pixel_center(psf_map, 1, 0.7))
    np.testing.assert_allclose(actual, psf_map.psf_map.data[..., 1, 1], rtol=1e-6)


def test_beyond_the_outer_centres_nothing_is_extrapolated(psf_map):
    actual = interpolated_profile(psf_map, pixel_center(psf_map, 3.4, 4.4))
    np.testing.assert_allclose(actual, psf_map.psf_map.data[..., 3, 4], rtol=1e-6)
