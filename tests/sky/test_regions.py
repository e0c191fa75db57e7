"""Region helpers: shapes, builders, unions, frames, DS9 text."""

import operator

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.wcs import WCS
from numpy.testing import assert_allclose
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    CompoundSkyRegion,
    EllipseSkyRegion,
    LineSkyRegion,
    PixCoord,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)

from geminga.errors import FormatError, GeometryError
from geminga.sky.regions import (
    PolygonPointsPixelRegion,
    PolygonPointsSkyRegion,
    SphericalCircleSkyRegion,
    compound_region_center,
    compound_region_to_regions,
    extract_bright_star_regions,
    get_centroid,
    make_concentric_annulus_sky_regions,
    make_grid_rectangle_sky_regions,
    make_orthogonal_rectangle_sky_regions,
    parse_regions,
    pixel_scale_angle_at_skycoord,
    region_center,
    region_circle_to_ellipse,
    region_to_frame,
    region_to_pixel,
    regions_to_compound_region,
    serialize_regions,
)

CRAB = SkyCoord(83.63, 22.01, unit="deg")


def make_wcs(frame="icrs", npix=200, binsz=0.02, proj="TAN"):
    wcs = WCS(naxis=2)
    names = ("RA---", "DEC--") if frame == "icrs" else ("GLON-", "GLAT-")
    wcs.wcs.ctype = [name + proj for name in names]
    center = CRAB.transform_to(frame).spherical
    wcs.wcs.crval = [center.lon.deg, center.lat.deg]
    wcs.wcs.crpix = [(npix + 1) / 2] * 2
    wcs.wcs.cdelt = [-binsz, binsz]
    return wcs


def points(lon, lat, frame="icrs"):
    return SkyCoord(lon, lat, unit="deg", frame=frame)


def test_spherical_circle_at_pole():
    circle = SphericalCircleSkyRegion(points(10, 89.5), 1 * u.deg)
    positions = points([10, 190, 190, 10], [88.6, 89.6, 89.4, 88.4])
    assert_allclose(circle.contains(positions), [True, True, False, False])
    assert_allclose(circle.contains(positions, make_wcs()), circle.contains(positions))


def test_centroid_is_of_the_area():
    # the extra vertex on the lower side would pull the mean of the vertices to 0.4
    square = points([0, 0.5, 1, 1, 0], [-0.5, -0.5, -0.5, 0.5, 0.5])
    center = get_centroid(square)
    assert_allclose([center.ra.deg, center.dec.deg], [0.5, 0], atol=1e-4)
    # oracle: peer 2.1, get_centroid of this triangle is (83.66666667, 22.33333333), a plane in lon and lat
    triangle = PolygonPointsSkyRegion(points([83, 84, 84], [22, 22, 23]))
    assert triangle.center.separation(points(83.66666667, 22.33333333)) < 0.003 * u.deg


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_centroid_across_zero_and_at_pole(frame):
    corners = points([359.5, 0.5, 0.5, 359.5], [-1, -1, 1, 1], frame)
    assert get_centroid(corners).separation(points(0, 0, frame)) < 1e-9 * u.deg
    around = points([0, 90, 180, 270], [89] * 4, frame)
    assert get_centroid(around).separation(points(0, 90, frame)) < 1e-9 * u.deg
    assert get_centroid(around).frame.name == frame


def test_centroid_without_area_or_direction():
    line = points([0, 1, 2, 1], [0, 0, 0, 0])
    assert get_centroid(line).separation(points(1, 0)) < 1e-6 * u.deg
    with pytest.raises(GeometryError, match="mean direction"):
        get_centroid(points([0, 90, 180, 270], [0] * 4))


def test_polygon_points_to_pixel_and_back():
    wcs = make_wcs()
    polygon = PolygonPointsSkyRegion(points([83, 84, 84], [22, 22, 23]))
    pixels = polygon.to_pixel(wcs)
    assert isinstance(pixels, PolygonPointsPixelRegion)
    # the centroid of a triangle is the mean of its corners
    # oracle: peer 2.1, PolygonPointsSkyRegion.to_pixel(wcs).vertices
    x, y = [128.70722107, 82.3469102, 82.46793305], [99.06015309, 99.02074762, 149.02641796]
    assert_allclose([pixels.center.x, pixels.center.y], [np.mean(x), np.mean(y)], atol=1e-6)
    back = pixels.to_sky(wcs)
    assert isinstance(back, PolygonPointsSkyRegion)
    assert_allclose(back.vertices.separation(polygon.vertices).deg, 0, atol=1e-9)


def test_concentric_annuli():
    rings = make_concentric_annulus_sky_regions(CRAB, 1 * u.deg, 0.1 * u.deg, nbin=11)
    assert len(rings) == 10
    # oracle: peer 2.1, first ring 0.1 to 0.19 deg
    assert_allclose(
        [rings[0].inner_radius.to_value("deg"), rings[0].outer_radius.to_value("deg")], [0.1, 0.19]
    )
    assert_allclose(rings[-1].outer_radius.to_value("deg"), 1)
    assert len(make_concentric_annulus_sky_regions(CRAB, "1 deg")) == 10
    with pytest.raises(GeometryError, match="nbin counts the edges"):
        make_concentric_annulus_sky_regions(CRAB, "1 deg", nbin=1)


def test_orthogonal_rectangles():
    wcs = make_wcs()
    boxes = make_orthogonal_rectangle_sky_regions(CRAB, points(84.63, 23.01), wcs, 0.5 * u.deg, nbin=3)
    # oracle: peer 2.1, same call
    centers = [(83.79569881, 22.17712288), (84.12826225, 22.5108422), (84.46237041, 22.84381288)]
    assert_allclose([(b.center.ra.deg, b.center.dec.deg) for b in boxes], centers, atol=1e-7)
    assert_allclose([b.width.to_value("rad") for b in boxes], 0.007920269944766335, rtol=1e-9)
    # the peer gives all the direction at the start
    assert_allclose(boxes[0].angle.to_value("rad"), 2.319973073697822, atol=6e-3)
    # each stands across the line in the image, not only the first
    angles = [b.to_pixel(wcs).angle.to_value("deg") % 180 for b in boxes]
    assert_allclose(angles, angles[0], atol=0.01)


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_orthogonal_rectangles_cover_their_line(frame):
    """A WCS in another frame than the ends must not turn the boxes (the peer turns them)."""
    wcs = make_wcs(frame)
    end = points(84.63, 23.01)
    (box,) = make_orthogonal_rectangle_sky_regions(CRAB, end, wcs, 0.01 * u.deg)
    x, y = (
        np.linspace(a, b, 21)[1:-1]
        for a, b in zip(wcs.world_to_pixel(CRAB), wcs.world_to_pixel(end), strict=True)
    )
    assert region_to_pixel(box, wcs).contains(PixCoord(x, y)).all()
    with pytest.raises(GeometryError, match="length"):
        make_orthogonal_rectangle_sky_regions(CRAB, CRAB, wcs, 0.01 * u.deg)


@pytest.mark.parametrize("frame", ["icrs", "galactic"])
def test_grid_tiles_fill_the_rectangle_once(frame):
    wcs = make_wcs(frame)
    tiles = make_grid_rectangle_sky_regions(
        CRAB, 2 * u.deg, 1 * u.deg, wcs, nbinx=4, nbiny=3, angle=30 * u.deg
    )
    assert len(tiles) == 12
    y, x = np.mgrid[0:200, 0:200]
    times = sum(region_to_pixel(tile, wcs).contains(PixCoord(x, y)).astype(int) for tile in tiles)
    whole = RectangleSkyRegion(CRAB, 2 * u.deg, 1 * u.deg, 30 * u.deg)
    whole = region_to_pixel(whole, wcs).contains(PixCoord(x, y))
    # centres of a few pixels lie within 1e-3 pixel of a side
    assert np.count_nonzero((times == 1) != whole) < 0.01 * whole.sum()


def test_compound_there_and_back():
    circles = [CircleSkyRegion(CRAB, radius * u.deg) for radius in np.linspace(0.1, 1, 3000)]
    union = regions_to_compound_region(circles)
    back = compound_region_to_regions(union)
    assert [c.radius for c in back] == [c.radius for c in circles]
    assert regions_to_compound_region(circles[:1]) is circles[0]
    with pytest.raises(GeometryError, match="at least one"):
        regions_to_compound_region([])
    with pytest.raises(GeometryError, match="union"):
        compound_region_to_regions(CompoundSkyRegion(circles[0], circles[1], operator.and_))


def test_compound_center():
    def union(*positions):
        return regions_to_compound_region([PointSkyRegion(points(*p)) for p in positions])

    # oracle: peer 2.1, compound_region_center; two points: the middle
    pair = regions_to_compound_region(
        [CircleSkyRegion(CRAB, 0.5 * u.deg), CircleSkyRegion(points(84.5, 22), 0.2 * u.deg)]
    )
    assert compound_region_center(pair).separation(points(84.0650066, 22.00557376)) < 2e-5 * u.deg
    assert compound_region_center(union((359, 0), (1, 0))).separation(points(0, 0)) < 1e-9 * u.deg
    # four points: the median is the second point, the peer's minimiser stops at (1.00003, 0.00015)
    four = union((0, 0), (1, 0), (3, 0), (3, 8))
    center = compound_region_center(four)
    assert center.separation(points(1, 0)) < 1e-3 * u.deg
    parts = SkyCoord([r.center for r in compound_region_to_regions(four)])
    around = center.directional_offset_by(np.arange(0, 360, 30) * u.deg, 0.1 * u.deg)
    for other in around:
        assert other.separation(parts).sum() > center.separation(parts).sum()


def test_region_center_of_every_shape():
    assert region_center(PolygonSkyRegion(points([359.5, 0.5, 0], [0, 0, 1]))).dec.deg == pytest.approx(
        1 / 3, abs=1e-3
    )
    assert region_center(LineSkyRegion(points(359, 0), points(3, 0))).ra.deg == pytest.approx(1)
    assert region_center(CircleSkyRegion(CRAB, 1 * u.deg)) is not None


@pytest.mark.parametrize("angle", [0, 30, 170])
def test_region_to_frame_keeps_orientation(angle):
    region = RectangleSkyRegion(CRAB, 1 * u.deg, 0.3 * u.deg, angle * u.deg)
    turned = region_to_frame(region, "galactic")
    wcs = make_wcs()
    y, x = np.mgrid[0:200, 0:200]
    inside, inside_turned = (region_to_pixel(r, wcs).contains(PixCoord(x, y)) for r in (region, turned))
    assert np.count_nonzero(inside != inside_turned) < 0.003 * inside.sum()
    assert turned.center.frame.name == "galactic"
    if angle == 30:
        # oracle: peer 2.1, region_to_frame
        assert turned.angle.to_value("deg") == pytest.approx(-27.633477957252587, abs=1e-4)


def test_region_to_frame_every_shape():
    vertices = points([83, 84, 84], [22, 22, 23])
    polygon = region_to_frame(PolygonSkyRegion(vertices), "galactic")
    assert_allclose(polygon.vertices.separation(vertices).deg, 0, atol=1e-9)
    ring = region_to_frame(CircleAnnulusSkyRegion(CRAB, 1 * u.deg, 2 * u.deg), "galactic")
    assert ring.outer_radius == 2 * u.deg
    union = region_to_frame(CircleSkyRegion(CRAB, 1 * u.deg) | PointSkyRegion(CRAB), "galactic")
    assert union.region2.center.frame.name == "galactic"
    pole = region_to_frame(EllipseSkyRegion(points(0, 89.9999), 1 * u.deg, 2 * u.deg, 0 * u.deg), "galactic")
    assert np.isfinite(pole.angle.value)


def test_circle_to_ellipse_has_the_same_points():
    """The peer takes the radius as full width, half the size."""
    circle = CircleSkyRegion(CRAB, 0.5 * u.deg)
    ellipse = region_circle_to_ellipse(circle)
    assert ellipse.width == ellipse.height == 1 * u.deg
    wcs = make_wcs()
    y, x = np.mgrid[0:200, 0:200]
    sky = wcs.pixel_to_world(x, y)
    assert_allclose(ellipse.contains(sky, wcs), circle.contains(sky, wcs))
    with pytest.raises(GeometryError, match="CircleSkyRegion"):
        region_circle_to_ellipse(PointSkyRegion(CRAB))


def test_pixel_scale_angle():
    # oracle: peer 2.1, pixel_scale_angle_at_skycoord(SkyCoord(84, 22), galactic TAN wcs)
    pix, scale, angle = pixel_scale_angle_at_skycoord(points(84, 22), make_wcs("galactic"))
    assert_allclose([pix.x, pix.y], [89.91258261918131, 113.73164082134495], atol=1e-6)
    assert scale.to_value("arcsec / pix") == pytest.approx(71.99870727, rel=1e-6)
    assert angle.to_value("deg") == pytest.approx(32.22785608, abs=1e-4)


def test_ds9_text_there_and_back(tmp_path):
    shapes = [
        CircleSkyRegion(CRAB, 0.5 * u.deg),
        SphericalCircleSkyRegion(CRAB, 0.7 * u.deg),
        PolygonPointsSkyRegion(points([83, 84, 84], [22, 22, 23])),
        PointSkyRegion(CRAB),
        RectangleSkyRegion(CRAB, 1 * u.deg, 2 * u.deg, 30 * u.deg),
    ]
    text = serialize_regions(regions_to_compound_region(shapes))
    back = parse_regions(text)
    assert [type(r).__name__ for r in back] == [
        "CircleSkyRegion",
        "CircleSkyRegion",
        "PolygonSkyRegion",
        "PointSkyRegion",
        "RectangleSkyRegion",
    ]
    assert back[1].radius == 0.7 * u.deg
    path = tmp_path / "field.reg"
    path.write_text(text)
    assert len(parse_regions(path)) == len(parse_regions(str(path))) == 5
    assert len(parse_regions([path, "icrs;circle(83.63, 22.01, 0.5)", shapes[0]])) == 7
    assert parse_regions(None) == []


@pytest.mark.parametrize("text", ["nonsense", "icrs;circle()", "missing.reg"])
def test_ds9_text_without_region(text):
    with pytest.raises(GeometryError, match=r"DS9|must hold"):
        parse_regions(text)


class Disk:
    """The least that a field of view must offer."""

    def to_image(self):
        return self

    def contains(self, position):
        return position.separation(CRAB) < 2 * u.deg


def test_bright_stars(tmp_path):
    stars = Table(
        {
            "_RAJ2000": [83.0, 84, 100, 83.5, 85.95],
            "_DEJ2000": [22.0, 21, 22, 22.5, 22],
            "Vmag": [5.0, 5, 1, 6.5, 1],
            "B-V": [0.5, 1.5, 0, -1, 0],
        }
    )
    found = extract_bright_star_regions(Disk(), star_table=stars)
    # second: B = 6.5; third: far away; last: 2.15 deg off, but its circle reaches in
    assert [region.center.ra.deg for region in found] == [83.0, 83.5, 85.95]
    assert found[0].radius == 0.3 * u.deg
    stars.write(tmp_path / "stars.ecsv")
    again = extract_bright_star_regions(
        Disk(), max_star_mag=4, star_rad="0.2 deg", star_table=tmp_path / "stars.ecsv"
    )
    assert [region.center.ra.deg for region in again] == [85.95]
    with pytest.raises(FormatError, match="magnitude"):
        extract_bright_star_regions(Disk(), star_table=stars["_RAJ2000", "_DEJ2000"])
    with pytest.raises(FormatError, match="must exist"):
        extract_bright_star_regions(Disk(), star_table=tmp_path / "no.dat")
