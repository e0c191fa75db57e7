"""Containment radius and region of maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose
from regions import CompoundSkyRegion

from geminga.errors import GeometryError
from geminga.maps import MapAxis, WcsGeom, WcsNDMap, containment_radius, containment_region
from geminga.sky.regions import compound_region_to_regions

CENTER = SkyCoord(0, 0, unit="deg")
SIGMA = 0.2


def gaussian(*centers):
    geom = WcsGeom.create(npix=(101, 101), binsz=0.02, proj="TAN")
    data = sum(np.exp(-0.5 * (geom.separation(c).deg / SIGMA) ** 2) for c in centers)
    return WcsNDMap(geom, data)


@pytest.mark.parametrize("fraction", [0.2, 0.393, 0.68, 0.9])
def test_radius_of_a_gaussian(fraction):
    expected = SIGMA * np.sqrt(-2 * np.log(1 - fraction))
    # radii are those of pixels
    assert_allclose(containment_radius(gaussian(CENTER), fraction).deg, expected, atol=0.01)


def test_radius_around_another_position():
    m = gaussian(CENTER)
    # oracle: peer 2.1
    assert_allclose(containment_radius(m).deg, 0.2, atol=1e-4)
    position = SkyCoord(0.1, 0, unit="deg")
    assert_allclose(containment_radius(m, 0.68, position).deg, 0.32248468, atol=1e-4)


def test_radius_per_image():
    axis = MapAxis.from_edges([0, 1, 2], name="a")
    m = gaussian(CENTER)
    wide = gaussian(CENTER, SkyCoord(0.5, 0, unit="deg"))
    cube = WcsNDMap(m.geom.to_cube([axis]), np.stack([m.data, wide.data]))
    radii = containment_radius(cube)
    assert radii.shape == (2,)
    assert_allclose(radii[0], containment_radius(m))
    assert radii[1] > radii[0]
    regions = containment_region(cube)
    assert len(regions) == 2


def test_region_of_a_gaussian():
    m = gaussian(CENTER)
    region = containment_region(m)
    assert_allclose(region.vertices.separation(CENTER).deg, SIGMA, atol=2e-3)
    assert region.center.separation(CENTER) < 1e-3 * u.deg
    inside = m.geom.region_mask(region).data
    assert_allclose(m.data[inside].sum() / m.data.sum(), 0.393, atol=0.01)


def test_region_in_two_parts():
    m = gaussian(SkyCoord(0.6, 0, unit="deg"), SkyCoord(-0.6, 0, unit="deg"))
    region = containment_region(m, 0.3)
    assert isinstance(region, CompoundSkyRegion)
    assert len(compound_region_to_regions(region)) == len(containment_region(m, 0.3, apply_union=False)) == 2


def test_region_at_the_border_is_closed():
    m = gaussian(SkyCoord(1, 0, unit="deg"))
    region = containment_region(m, 0.5)
    inside = m.geom.region_mask(region).data
    assert_allclose(m.data[inside].sum() / m.data.sum(), 0.5, atol=0.02)


def test_refuses():
    m = gaussian(CENTER)
    with pytest.raises(GeometryError, match="between 0 and 1"):
        containment_radius(m, 1.5)
    with pytest.raises(GeometryError, match="positive sum"):
        containment_radius(m * 0)
    with pytest.raises(GeometryError, match="positive sum"):
        containment_region(m * 0)


def test_nan_counts_as_nothing():
    m = gaussian(CENTER)
    m.data[0, 0] = np.nan
    assert_allclose(containment_radius(m).deg, 0.2, atol=1e-3)
    assert len(containment_region(m).vertices) > 10
