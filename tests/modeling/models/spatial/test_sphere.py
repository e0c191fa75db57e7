"""Distances and directions on the sphere, and their short cuts for the pixels of a map."""

import gc

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.maps import HpxGeom, WcsGeom
from geminga.modeling import models
from geminga.modeling.models.spatial import integration, sphere
from geminga.modeling.models.spatial.integration import blocks_in_frame, coordinates_in_frame, image_of

PLACE = (30.1, 40.2)


def positions(n=60):
    random = np.random.default_rng(1)
    lon = np.append(PLACE[0] + random.normal(size=n), [PLACE[0], PLACE[0] + 180, 0, 359.9])
    lat = np.append(PLACE[1] + random.normal(size=n), [PLACE[1], -PLACE[1], 90, -90])
    return lon.reshape(8, -1), lat.reshape(8, -1)


def fixed(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


def test_against_astropy():
    lon, lat = positions()
    place, others = SkyCoord(*PLACE, unit="deg"), SkyCoord(lon, lat, unit="deg")
    expected = others.separation(place).rad
    np.testing.assert_allclose(sphere.separation(lon, lat, *PLACE), expected, atol=1e-12)
    east, north = sphere.direction(lon, lat, *PLACE)
    angle = place.position_angle(others).rad
    np.testing.assert_allclose(east, np.sin(expected) * np.sin(angle), atol=1e-12)
    np.testing.assert_allclose(north, np.sin(expected) * np.cos(angle), atol=1e-12)


def test_vectors_of_fixed_positions_change_nothing():
    lon, lat = positions()
    plain = sphere.haversine(lon, lat, *PLACE), *sphere.direction(lon, lat, *PLACE)
    gc.collect()  # what other tests have left
    known = len(sphere._vectors_of)
    lon, lat = fixed(lon.copy(), lat.copy())
    for _ in range(2):
        again = sphere.haversine(lon, lat, *PLACE), *sphere.direction(lon, lat, *PLACE)
        for one, other in zip(plain, again, strict=True):
            np.testing.assert_allclose(other, one, atol=1e-14)
    assert len(sphere._vectors_of) == known + 1
    del lon, lat
    gc.collect()
    assert len(sphere._vectors_of) == known


def test_small_distances_are_exact():
    step = 1e-6 * np.arange(1, 5).reshape(1, -1)
    lon, lat = fixed(PLACE[0] + step, PLACE[1] + 0 * step)
    expected = np.radians(step) * np.cos(np.radians(PLACE[1]))
    np.testing.assert_allclose(sphere.separation(lon, lat, *PLACE), expected, rtol=2e-7)


def test_radius_of_an_ellipse():
    lon, lat = positions()
    radius = sphere.effective_radius(lon, lat, *PLACE, 2.0, 0.8, 30.0)
    place = SkyCoord(*PLACE, unit="deg")
    angle = place.position_angle(SkyCoord(lon, lat, unit="deg")).rad - np.radians(30)
    expected = sphere.radius_at(angle, np.radians(2.0), 0.8)
    near = place.separation(SkyCoord(lon, lat, unit="deg")).deg > 1e-6
    near &= place.separation(SkyCoord(lon, lat, unit="deg")).deg < 179.99
    np.testing.assert_allclose(radius[near], expected[near], rtol=1e-9)
    assert np.isfinite(radius).all()


@pytest.mark.parametrize("frame", ["icrs", "galactic", "fk5"])
@pytest.mark.parametrize("projection", ["TAN", "CAR"])
def test_pieces_of_an_image(frame, projection, monkeypatch):
    geom = WcsGeom.create(skydir=PLACE, npix=(40, 30), binsz=0.1, proj=projection)
    lon, lat = coordinates_in_frame(geom, frame)
    expected = geom.get_coord().skycoord.transform_to(frame).data
    np.testing.assert_allclose(np.broadcast_to(lon, (30, 40)), expected.lon.deg, rtol=1e-12)
    np.testing.assert_allclose(np.broadcast_to(lat, (30, 40)), expected.lat.deg, rtol=1e-12)
    assert coordinates_in_frame(geom, frame)[0] is lon
    monkeypatch.setattr(integration, "_BLOCK", 170)
    blocks = blocks_in_frame(geom, frame)
    assert len(blocks) == 8
    np.testing.assert_array_equal(
        np.concatenate([np.broadcast_to(b[1], (b[2].shape[0], 40)) for b in blocks]), lon
    )
    model = models.GaussianSpatialModel(lon_0=PLACE[0] * u.deg, lat_0=PLACE[1] * u.deg, sigma="0.4 deg")
    other = WcsGeom.create(skydir=PLACE, npix=(40, 30), binsz=0.1, proj=projection)
    in_pieces = model.evaluate_geom(geom)
    monkeypatch.setattr(integration, "_BLOCK", 10_000)
    np.testing.assert_allclose(in_pieces.value, model.evaluate_geom(other).value, rtol=1e-12)


def test_grids_stay_thin():
    geom = WcsGeom.create(skydir=(10, 0), npix=(40, 30), binsz=0.1, frame="galactic")
    lon, lat = coordinates_in_frame(geom, "galactic")
    assert lon.shape == (1, 40)
    assert lat.shape == (30, 1)


def test_what_is_kept_dies_with_the_geometry():
    known = len(integration._memory)
    geom = HpxGeom.create(nside=8)
    assert image_of(geom) is image_of(geom)
    coordinates_in_frame(geom, "galactic")
    assert len(integration._memory) > known
    del geom
    gc.collect()
    assert len(integration._memory) <= known
