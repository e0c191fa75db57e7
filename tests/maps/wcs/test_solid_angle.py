"""Solid angles of pixels against brute-force subdivision on the sphere."""

import numpy as np
import pytest
from astropy.wcs import WCS
from numpy.testing import assert_allclose

from geminga.maps.wcs.projection import make_wcs
from geminga.maps.wcs.solid_angle import _polygon_areas, _unit_vectors, pixel_areas


def brute_force(wcs, x, y, parts=40):
    """Slow twin: cut a pixel into many cells with flat sides and add their areas (cross product of the diagonals)."""
    edges = np.linspace(-0.5, 0.5, parts + 1)
    corner = _unit_vectors(wcs, x + edges, y + edges[:, np.newaxis])
    diagonal = np.cross(corner[1:, 1:] - corner[:-1, :-1], corner[1:, :-1] - corner[:-1, 1:])
    return np.linalg.norm(diagonal, axis=-1).sum() / 2


def exact(wcs, x, y):
    """Extrapolate the cells to zero size; their error falls with the square of it."""
    coarse, fine = brute_force(wcs, x, y, 20), brute_force(wcs, x, y, 40)
    return fine + (fine - coarse) / 3


ALL = [
    "AZP",
    "SZP",
    "TAN",
    "STG",
    "SIN",
    "ARC",
    "ZEA",
    "AIR",
    "CYP",
    "CEA",
    "CAR",
    "MER",
    "SFL",
    "PAR",
    "MOL",
    "AIT",
    "COP",
    "COE",
    "COD",
    "COO",
    "BON",
    "PCO",
    "TSC",
    "CSC",
    "QSC",
    "HPX",
]
PARAMETERS = {proj: [(2, 1, 45.0), (2, 2, 5.0)] for proj in ("COP", "COE", "COD", "COO")}
PARAMETERS |= {"BON": [(2, 1, 45.0)], "CYP": [(2, 1, 1.0), (2, 2, 1.0)]}
EQUAL_AREA = ("AIT", "MOL", "SFL", "PAR", "ZEA")


def wcs_for(proj, binsz, skew=0.0):
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = [f"RA---{proj}", f"DEC--{proj}"]
    wcs.wcs.crval, wcs.wcs.cdelt, wcs.wcs.crpix = [30, 40], [-binsz, binsz], [5.5, 4.5]
    if proj in PARAMETERS:
        wcs.wcs.set_pv(PARAMETERS[proj])
    if skew:
        c, s = np.cos(np.radians(skew)), np.sin(np.radians(skew))
        wcs.wcs.pc = [[c, -s], [s, c]]
    wcs.wcs.set()
    return wcs


@pytest.mark.parametrize("binsz", [0.02, 1.0, 3.0])
@pytest.mark.parametrize("proj", ALL)
def test_areas_agree_with_quadrature(proj, binsz):
    wcs = wcs_for(proj, binsz)
    areas = pixel_areas(wcs, 10, 8)
    for x, y in [(0, 0), (9, 7), (2, 5), (5, 1)]:
        # kinks of the quadrilateralized sphere cross these pixels
        tolerance = 1e-4 if proj == "QSC" else 1e-6
        assert_allclose(areas[y, x], exact(wcs, x, y), rtol=tolerance, err_msg=f"{proj} pixel {x}, {y}")


@pytest.mark.parametrize("proj", ["CAR", "TAN", "AIT", "CEA", "MER", "ZEA", "BON"])
def test_areas_of_rotated_pixels(proj):
    wcs = wcs_for(proj, 1.0, skew=25)
    areas = pixel_areas(wcs, 10, 8)
    for x, y in [(0, 0), (9, 7)]:
        assert_allclose(areas[y, x], exact(wcs, x, y), rtol=1e-6)


def test_formula_and_polygons_agree():
    wcs = wcs_for("TAN", 0.5)
    y, x = np.mgrid[0:8, 0:10].astype(float)
    assert_allclose(pixel_areas(wcs, 10, 8), _polygon_areas(wcs, x, y), rtol=1e-9)


@pytest.mark.parametrize(
    ("proj", "tolerance"),
    [("CAR", 1e-12), ("CEA", 1e-12), ("ARC", 1e-4), *((proj, 1e-4) for proj in EQUAL_AREA)],
)
def test_all_sky_adds_up(proj, tolerance):
    wcs = make_wcs("galactic", proj, (0, 0), (-5, 5), (40.5, 40.5))
    nx = 72 if proj in ("CAR", "CEA") else 80
    if nx == 72:
        wcs.wcs.crpix = [36.5, 40.5]
    areas = pixel_areas(wcs, nx, 80)
    assert_allclose(areas.sum(), 4 * np.pi, rtol=tolerance)
    assert np.isfinite(areas).all()
    assert (areas >= 0).all()
    assert areas[0, 0] == 0 or proj == "ARC"


def test_hemisphere_of_the_orthographic_projection():
    wcs = make_wcs("icrs", "SIN", (0, 90), (-2, 2), (40.5, 40.5))
    assert_allclose(pixel_areas(wcs, 80, 80).sum(), 2 * np.pi, rtol=3e-3)


def test_one_pixel_for_the_sky():
    wcs = make_wcs("icrs", "AIT", (0, 0), (-400, 400), (1, 1))
    assert_allclose(pixel_areas(wcs, 1, 1).sum(), 4 * np.pi, rtol=2e-2)
