"""WCS maps in the public test data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from geminga.maps import Map, WcsNDMap

pytestmark = pytest.mark.realdata

# oracle: peer 2.1, Map.read(file): shape, unit, names of axes, sum of the data.
# Two units differ: that of an exposure without BUNIT, which the peer takes for a flux, is marked.
EXTENDED = "catalogs/fermi/LAT_extended_sources_16years/Templates"
MAPS = [
    (
        "fermi-3fhl-crab/Fermi-LAT-3FHL_iem.fits",
        (30, 32, 40),
        "cm-2 s-1 MeV-1 sr-1",
        ["energy_true"],
        0.0028615277,
    ),
    ("fermi-3fhl-gc/fermi-3fhl-gc-counts-cube.fits.gz", (11, 200, 400), "", ["energy"], 32684),
    (
        "fermi-3fhl-gc/fermi-3fhl-gc-exposure-cube.fits.gz",
        (12, 200, 400),
        "cm2 s",
        ["energy_true"],
        3.1294994e17,
    ),
    ("fermi-3fhl-gc/fermi-3fhl-gc-psf.fits.gz", (21, 21), "", [], 1),
    (
        "fermi-3fhl-gc/gll_iem_v06_gc.fits.gz",
        (30, 64, 120),
        "cm-2 s-1 MeV-1 sr-1",
        ["energy_true"],
        0.1180384,
    ),
    ("fermi-gc/gll_iem_v07_gc.fits.gz", (28, 80, 80), "cm-2 s-1 MeV-1 sr-1", ["energy_true"], 0.155681),
    ("fermi-gc/ccube_00.fits", (28, 80, 80), "", ["energy"], 26802),
    (
        "tests/unbundled/fermi/gll_iem_v02_cutout.fits",
        (30, 21, 61),
        "cm-2 s-1 MeV-1 sr-1",
        ["energy_true"],
        0.033323,
    ),
    ("tests/unbundled/fermi/fermi_counts.fits.gz", (201, 401), "", [], 24803),
    ("tests/unbundled/fermi/fermi_exposure.fits.gz", (21, 11, 31), "cm2 s", ["energy_true"], 8.36419513e14),
    ("tests/irf/bkg_3d_to_reproject.fits.gz", (12, 20, 20), "", ["energy"], 1196.8730233640688),
    (f"{EXTENDED}/W44.fits.gz", (69, 64), "", [], 32830008),
    (
        f"{EXTENDED}/CenALobes.fits.gz",
        (111, 111),
        "cm-2 s-1 sr-1",
        [],
        328938.093,
    ),
]


@pytest.mark.parametrize(
    ("name", "shape", "unit", "axes", "total"), MAPS, ids=[m[0].split("/")[-1] for m in MAPS]
)
def test_read(gammapy_data, tmp_path, name, shape, unit, axes, total):
    path = gammapy_data / name
    if not path.exists():
        pytest.skip(f"{name} is not in this copy of the data")
    m = Map.read(path)
    assert isinstance(m, WcsNDMap)
    assert m.data.shape == shape
    assert m.unit == unit
    assert m.geom.axes.names == axes
    assert_allclose(np.nansum(m.data, dtype=float), total, rtol=1e-5)
    # what was read can be used and written
    assert m.geom.contains(m.geom.center_skydir) if not axes else True
    m.write(tmp_path / "copy.fits")
    back = Map.read(tmp_path / "copy.fits")
    assert back.geom == m.geom
    assert back.unit == m.unit


def test_energies_of_a_counts_cube(gammapy_data):
    axis = Map.read(gammapy_data / "fermi-3fhl-gc/fermi-3fhl-gc-counts-cube.fits.gz").geom.axes["energy"]
    # oracle: peer 2.1
    assert_allclose(axis.edges.to_value("keV")[:2], [1e7, 14270915], rtol=1e-7)


def test_flux_of_the_diffuse_emission(gammapy_data):
    """The same map through two ways: interpolated at its centres, and reprojected on itself."""
    m = Map.read(gammapy_data / "fermi-3fhl-gc/gll_iem_v06_gc.fits.gz")
    assert_allclose(m.interp_by_coord(m.geom.get_coord()), m.data, rtol=1e-5)
    again = m.reproject_to_geom(m.geom.to_image())
    assert_allclose(again.data, m.data, rtol=1e-5)
