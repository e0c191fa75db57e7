"""Response maps of HAWC, SWGO and Fermi against frozen numbers of the peer."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord

from geminga.irf import EDispKernelMap, EDispMap, PSFMap, RecoPSFMap
from geminga.maps import WcsGeom

pytestmark = pytest.mark.realdata

HAWC = "hawc/crab_events_pass4/irfs"
CRAB = SkyCoord(83.63, 22.01, unit="deg")


@pytest.fixture(scope="module")
def hawc_psf(gammapy_data):
    return PSFMap.read(gammapy_data / HAWC / "PSFMap_Crab_fHitbin5NN.fits.gz")


def test_hawc_energy_dispersion(gammapy_data):
    edisp = EDispKernelMap.read(gammapy_data / HAWC / "EDispKernelMap_Crab_fHitbin5NN.fits.gz")
    assert edisp.exposure_map is None
    matrix = edisp.get_edisp_kernel(position=CRAB).pdf_matrix
    # oracle: peer 2.1, EDispKernelMap.read(...).get_edisp_kernel(position).pdf_matrix
    np.testing.assert_allclose(matrix[90, 3:8], [0.001284914, 0, 0, 0.16694162, 0.83177348], rtol=1e-6)
    np.testing.assert_allclose(
        matrix.sum(axis=0)[3:8], [7.4391, 9.4203121, 6.8470705, 9.020844, 10.534264], rtol=1e-6
    )


def test_hawc_point_spread_function(hawc_psf):
    # the axes decide the class
    assert type(hawc_psf) is RecoPSFMap
    energy = hawc_psf.psf_map.geom.axes["energy"]
    actual = hawc_psf.containment_radius(0.68, energy=energy.center[3:8], position=CRAB)
    # oracle: peer 2.1, containment_radius of the same energies and position
    np.testing.assert_allclose(
        actual.to_value("deg"), [0.24203989, 0.23154663, 0.25058267, 0.32503598, 0.50193859], rtol=1e-6
    )


def test_hawc_kernel(hawc_psf):
    energy = hawc_psf.psf_map.geom.axes["energy"]
    geom = WcsGeom.create(npix=60, binsz=0.05, skydir=CRAB, axes=[energy])
    kernel = hawc_psf.get_psf_kernel(geom, position=CRAB, max_radius=0.5 * u.deg)
    assert kernel.data.shape == (12, 21, 21)
    # oracle: peer 2.1, get_psf_kernel of the same geometry
    np.testing.assert_allclose(kernel.data[3:6, 10, 10], [0.01603744, 0.01755266, 0.01584933], rtol=1e-4)
    np.testing.assert_allclose(kernel.data[3:6, 10, 14], [0.006983298, 0.007062406, 0.006818895], rtol=1e-4)


def test_fermi_table(gammapy_data):
    psf = PSFMap.read(gammapy_data / "fermi_3fhl/fermi_3fhl_psf_gc.fits.gz", format="gtpsf")
    energy = [20, 100, 500] * u.GeV
    # oracle: peer 2.1, the same calls
    np.testing.assert_allclose(
        psf.containment_radius(0.68, energy).to_value("deg"),
        [0.11702778, 0.099344443, 0.090911111],
        rtol=1e-6,
    )
    np.testing.assert_allclose(
        psf.containment("0.1 deg", energy), [0.62655295, 0.68202219, 0.70884222], rtol=1e-6
    )
    np.testing.assert_allclose(
        psf.exposure_map.quantity[5].to_value("cm2 s").item(), 332170279011.6535, rtol=1e-9
    )


def test_swgo_files(gammapy_data):
    folder = gammapy_data / "tests/format/swgo/map_irfs"
    psf = PSFMap.read(folder / "PSFMap_Zen [0, 30] Cor [0, 58].fits.gz")
    assert type(psf) is PSFMap
    assert psf.psf_map.data.shape == (140, 500, 180, 1)
    edisp = EDispMap.read(folder / "EdispGammaMap_Zen [0, 30] Cor [0, 58].fits.gz")
    assert type(edisp) is EDispKernelMap
    assert edisp.edisp_map.data.shape == (140, 17, 180, 1)
