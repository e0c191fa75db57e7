"""Background rates: logarithmic interpolation, 2D and 3D."""

import numpy as np
from astropy import units as u
from astropy.coordinates import angular_separation

from geminga.irf import Background2D, Background3D
from geminga.maps import MapAxis


def gaussian(energy, nbin=6):
    lon = MapAxis.from_bounds(-3.0, 3.0, nbin=nbin, unit="deg", name="fov_lon")
    lat = MapAxis.from_bounds(-3.0, 3.0, nbin=nbin, unit="deg", name="fov_lat")
    radius = np.hypot(lon.center.value[:, np.newaxis], lat.center.value)
    data = np.array([1.0, 0.1, 0.01])[:, np.newaxis, np.newaxis] * np.exp(-radius)
    return Background3D([energy, lon, lat], data, "s-1 MeV-1 sr-1", is_pointlike=True)


def test_interpolation_is_logarithmic_in_the_value(energy, offset):
    background = Background2D([energy, offset], [[1.0, 1, 1], [1e-2, 1, 1], [1e-4, 1, 1]], "s-1 MeV-1 sr-1")
    middle = np.sqrt(energy.center[0] * energy.center[1])
    np.testing.assert_allclose(background.evaluate(energy=middle, offset=0.5 * u.deg).value, 0.1)


def test_zero_neighbours_stay_zero(energy, offset):
    background = Background2D([energy, offset], np.zeros((3, 3)), "s-1 MeV-1 sr-1")
    assert background.evaluate(energy=1 * u.TeV, offset=1 * u.deg) == 0


def test_to_2d_takes_the_row_through_the_centre(energy):
    background = gaussian(energy)
    flat = background.to_2d()
    assert isinstance(flat, Background2D)
    assert flat.is_pointlike
    np.testing.assert_allclose(flat.axes["offset"].edges.value, [0, 1, 2, 3])
    np.testing.assert_allclose(flat.data, background.data[:, 3:, 3])


def test_to_2d_with_a_central_bin(energy):
    flat = gaussian(energy, nbin=5).to_2d()
    np.testing.assert_allclose(flat.axes["offset"].edges.value, [0, 0.6, 1.8, 3])


def test_to_3d_evaluates_at_the_offset(energy, offset):
    data = np.array([1.0, 0.1, 0.01])[:, np.newaxis] * np.exp(-np.array([0.5, 1.5, 2.5]))
    cube = Background2D([energy, offset], data, "s-1 MeV-1 sr-1").to_3d()
    assert cube.data.shape == (3, 6, 6)
    lon, lat = cube.axes["fov_lon"].center, cube.axes["fov_lat"].center
    separation = angular_separation(0 * u.deg, 0 * u.deg, lon[4], lat[1]).to_value("deg")
    np.testing.assert_allclose(cube.data[1, 4, 1], 0.1 * np.exp(-separation), rtol=1e-6)
    # beyond the last offset edge nothing is known
    assert cube.data[0, 0, 0] == 0


def test_profile_survives_2d_3d_2d(energy):
    offset = MapAxis.from_bounds(0, 3, nbin=60, unit="deg", name="offset")
    data = np.array([1.0, 0.1, 0.01])[:, np.newaxis] * np.exp(-offset.center.value)
    background = Background2D([energy, offset], data, "s-1 MeV-1 sr-1")
    again = background.to_3d().to_2d()
    assert again.axes["offset"].is_allclose(offset)
    np.testing.assert_allclose(again.data[:, 1:], background.data[:, 1:], rtol=0.02)
