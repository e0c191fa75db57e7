"""Off regions against a slow twin that turns every region and asks every pixel."""

import logging

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import Angle, SkyCoord
from numpy.testing import assert_allclose
from regions import CircleSkyRegion, EllipseSkyRegion, PixCoord, PointSkyRegion, RectangleSkyRegion

from geminga.errors import GeometryError
from geminga.makers import ReflectedRegionsFinder, RegionsFinder, WobbleRegionsFinder
from geminga.maps import Map, WcsGeom
from geminga.sky.regions.transform import region_to_pixel

CENTER = SkyCoord(83.63, 22.51, unit="deg")
ON = SkyCoord(83.63, 22.01, unit="deg")
CIRCLE = CircleSkyRegion(ON, 0.11 * u.deg)
ELLIPSE = EllipseSkyRegion(ON, 0.3 * u.deg, 0.16 * u.deg, 30 * u.deg)
RECTANGLE = RectangleSkyRegion(ON, 0.2 * u.deg, 0.3 * u.deg, 10 * u.deg)


def exclusion(*regions, width=4.0, center=CENTER):
    geom = WcsGeom.create(skydir=center, width=width, binsz=0.02, proj="TAN")
    return ~geom.region_mask(list(regions)) if regions else Map.from_geom(geom, data=True, dtype=bool)


def twin(finder, region, center, mask):
    """Turn the region step by step; look up the exclusion mask at every pixel centre inside it."""
    separation = center.separation(region.center)
    geom = WcsGeom.create(
        skydir=center, binsz=finder.binsz, width=np.round(4 * separation + 0.3 * u.deg, 2), proj="TAN"
    )
    pixel = region_to_pixel(region, geom.wcs)
    middle = PixCoord.from_sky(center, geom.wcs)
    n_lat, n_lon = geom.data_shape
    x, y = np.meshgrid(np.arange(n_lon), np.arange(n_lat))
    sky = geom.wcs.pixel_to_world(x, y)
    values = mask.get_by_coord({"skycoord": sky})
    excluded = np.nan_to_num(np.asarray(values, dtype=float), nan=1.0) == 0
    inside = pixel.contains(PixCoord(x, y))
    seen = np.unwrap(np.sort(np.arctan2(y[inside] - middle.y, x[inside] - middle.x)))
    gap = seen.max() - seen.min() + finder.min_distance.value
    margin = gap + finder.min_distance_input.value
    angle, found = margin, []
    while angle < 2 * np.pi - margin and len(found) < finder.max_region_number:
        trial = pixel.rotate(middle, Angle(angle, "rad"))
        if np.any(trial.contains(PixCoord(x, y)) & excluded):
            angle += finder.angle_increment.value
        else:
            found.append(trial.to_sky(geom.wcs))
            angle += gap
    return found


MASKS = {
    "nothing": exclusion(),
    "disk": exclusion(CircleSkyRegion(SkyCoord(84.1, 22.6, unit="deg"), 0.3 * u.deg)),
    "two": exclusion(
        CircleSkyRegion(SkyCoord(83.2, 22.4, unit="deg"), 0.15 * u.deg),
        RectangleSkyRegion(SkyCoord(83.7, 23.0, unit="deg"), 0.3 * u.deg, 0.1 * u.deg, 40 * u.deg),
    ),
}


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("region", [CIRCLE, ELLIPSE, RECTANGLE], ids=["circle", "ellipse", "rectangle"])
def test_agrees_with_turning_every_pixel(region, mask):
    finder = ReflectedRegionsFinder(min_distance="0.05 rad")
    found, _wcs = finder.run(region, CENTER, MASKS[mask])
    expected = twin(finder, region, CENTER, MASKS[mask])
    assert len(found) == len(expected) > 0
    for one, other in zip(found, expected, strict=True):
        assert one.center.separation(other.center).arcsec < 1
        if hasattr(one, "angle"):
            assert_allclose(one.angle.to_value("deg"), other.angle.to_value("deg"), atol=1e-3)


def test_off_regions_lie_at_the_offset_of_the_on_region():
    found, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER)
    for region in found:
        assert_allclose(region.center.separation(CENTER).deg, 0.5, rtol=1e-4)
        assert region.center.separation(ON) > 2 * region.radius
    # The circle appears under 2 arcsin(0.11 / 0.5) = 0.444 rad; the gap to the on region is 0.1 rad on both sides.
    assert len(found) == int((2 * np.pi - 2 * 0.544) / 0.444) + 1


def test_excluded_sky_holds_no_off_region():
    hole = CircleSkyRegion(SkyCoord(84.1, 22.6, unit="deg"), 0.3 * u.deg)
    found, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, exclusion(hole))
    every, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER)
    assert 0 < len(found) < len(every)
    for region in found:
        # up to the pixel of the mask
        assert region.center.separation(hole.center) > region.radius + hole.radius - 0.03 * u.deg


def test_sky_outside_of_the_mask_is_allowed():
    """A mask of half a degree around the on region leaves the other side of the pointing alone."""
    small = exclusion(width=0.4, center=ON)
    small.data[...] = False
    found, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, small)
    every, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER)
    assert 0 < len(found) <= len(every)
    for region in found:
        assert region.center.separation(ON) > 0.2 * u.deg


def test_mask_with_energies_excludes_where_all_of_them_are_excluded(energy):
    geom = WcsGeom.create(skydir=CENTER, width=4, binsz=0.02, proj="TAN", axes=[energy])
    disk = CircleSkyRegion(SkyCoord(84.1, 22.6, unit="deg"), 0.3 * u.deg)
    cube = ~geom.region_mask([disk])
    found, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, cube)
    flat, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, exclusion(disk))
    assert len(found) == len(flat)


def test_mask_in_another_frame():
    disk = CircleSkyRegion(SkyCoord(84.1, 22.6, unit="deg"), 0.3 * u.deg)
    geom = WcsGeom.create(skydir=CENTER.galactic, frame="galactic", width=4, binsz=0.02, proj="TAN")
    found, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, ~geom.region_mask([disk]))
    same, _ = ReflectedRegionsFinder().run(CIRCLE, CENTER, exclusion(disk))
    assert len(found) == len(same)


def test_at_most_so_many():
    found, _ = ReflectedRegionsFinder(max_region_number=3).run(CIRCLE, CENTER)
    assert len(found) == 3


def test_pointing_inside_the_on_region_gives_none(caplog):
    with caplog.at_level(logging.WARNING, logger="geminga"):
        found, _ = ReflectedRegionsFinder().run(CircleSkyRegion(ON, 1 * u.deg), CENTER)
    assert found == []
    assert "inside the on region" in caplog.text


def test_points_have_no_size_to_reflect():
    with pytest.raises(GeometryError, match="must have an area"):
        ReflectedRegionsFinder().run(PointSkyRegion(ON), CENTER)


def test_step_must_be_positive():
    with pytest.raises(GeometryError, match="angle_increment must be positive"):
        ReflectedRegionsFinder(angle_increment="0 rad")


@pytest.mark.parametrize("region", [CIRCLE, PointSkyRegion(ON)], ids=["circle", "point"])
def test_wobble_regions_at_equal_angles(region):
    found, _ = WobbleRegionsFinder(n_off_regions=3).run(region, CENTER)
    on = CENTER.position_angle(ON).deg
    angles = sorted((CENTER.position_angle(r.center).deg - on) % 360 for r in found)
    assert_allclose(angles, [90, 180, 270], atol=0.05)
    assert_allclose([r.center.separation(CENTER).deg for r in found], 0.5, rtol=1e-3)


def test_wobble_regions_leave_out_the_excluded_ones():
    opposite = CircleSkyRegion(SkyCoord(83.63, 23.01, unit="deg"), 0.1 * u.deg)
    found, _ = WobbleRegionsFinder(n_off_regions=3).run(CIRCLE, CENTER, exclusion(opposite))
    assert len(found) == 2
    points, _ = WobbleRegionsFinder(n_off_regions=3).run(PointSkyRegion(ON), CENTER, exclusion(opposite))
    assert len(points) == 2


def test_overlapping_wobble_regions_are_all_dropped(caplog):
    with caplog.at_level(logging.WARNING, logger="geminga"):
        found, _ = WobbleRegionsFinder(n_off_regions=20).run(CIRCLE, CENTER)
    assert found == []
    assert "overlap" in caplog.text


@pytest.mark.parametrize("number", [0, -1, 1.5])
def test_number_of_wobble_regions_is_a_positive_integer(number):
    with pytest.raises(GeometryError, match="positive integer"):
        WobbleRegionsFinder(n_off_regions=number)


def test_finders_of_others_need_only_run():
    class Fixed(RegionsFinder):
        def run(self, region, center, exclusion_mask=None):
            return [region], None

    assert Fixed("0.02 deg").run(CIRCLE, CENTER) == ([CIRCLE], None)
