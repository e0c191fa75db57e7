"""Random coordinates from maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose

from geminga.errors import DataError
from geminga.maps import Map, MapAxis, RegionNDMap, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
GEOM = WcsGeom.create(npix=(4, 3), binsz=0.5, axes=[ENERGY, RAD])


@pytest.fixture
def ramp():
    return Map.from_geom(GEOM, data=np.arange(144.0).reshape(GEOM.data_shape))


def test_draws_are_reproducible(ramp):
    # oracle: peer 2.1, sample_coord(3, random_state=0)
    coords = ramp.sample_coord(3, random_state=0)
    assert_allclose(coords["energy"].to_value("TeV"), [6.49425101, 4.27160415, 2.09517798])
    assert_allclose(coords["lon"].value, [3.59715978e02, 3.72016809e-02, 3.59464482e02], rtol=1e-8)
    assert_allclose(coords["rad"].value, [0.6362208, 0.8559137, 0.91147353])
    assert coords.frame == "icrs"


def test_draws_follow_the_map(ramp):
    n = 20_000
    counts = Map.from_geom(GEOM)
    counts.fill_by_coord(ramp.sample_coord(n, random_state=1))
    assert counts.data.sum() == n
    expected = ramp.data / ramp.data.sum() * n
    chi2 = ((counts.data - expected)[expected > 0] ** 2 / expected[expected > 0]).sum()
    # 142 degrees of freedom: mean 142, standard deviation 17
    assert 90 < chi2 < 210
    assert counts.data[expected == 0].sum() == 0


def test_no_draws(ramp):
    assert ramp.sample_coord(0).shape == (0,)
    assert Map.from_geom(GEOM).sample_coord(0).shape == (0,)


def test_draws_from_a_region():
    spectrum = RegionNDMap.create("icrs;circle(83,22,0.5)", axes=[ENERGY], data=[0, 1, 0])
    coords = spectrum.sample_coord(5)
    assert_allclose(coords.lon, 83 * u.deg)
    assert np.all((coords["energy"] >= ENERGY.edges[1]) & (coords["energy"] <= ENERGY.edges[2]))


@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_what_cannot_be_drawn_from(ramp, value):
    ramp.data[0, 0, 0, 0] = value
    with pytest.raises(DataError, match="NaN or negative"):
        ramp.sample_coord(3)


def test_nearest_position():
    mask = Map.from_geom(GEOM, data=np.arange(144).reshape(GEOM.data_shape) > 10)
    # oracle: peer 2.1, mask_nearest_position
    nearest = mask.mask_nearest_position(SkyCoord(5, 0.3, unit="deg"))
    assert_allclose([nearest.ra.deg, nearest.dec.deg], [0.75, 0.5])
    inside = SkyCoord(0.1, 0.1, unit="deg")
    assert mask.mask_nearest_position(inside) is inside


def test_nearest_position_needs_a_mask(ramp):
    with pytest.raises(DataError, match="mask"):
        ramp.mask_nearest_position(SkyCoord(0, 0, unit="deg"))
    with pytest.raises(DataError, match="none"):
        Map.from_geom(GEOM, dtype=bool).mask_nearest_position(SkyCoord(0, 0, unit="deg"))
