"""Fermi-LAT above 10 GeV: the Galactic centre and the Crab nebula."""

import pytest
from numpy.testing import assert_allclose

pytestmark = pytest.mark.realdata

#: The peer cuts the kernels of the PSF at radii of other energies where the axes of PSF and exposure differ
#: (docs/differences.md), which moves the statistic, and nothing else, by this much.
KERNELS = 0.7


@pytest.fixture(scope="module")
def script(cube_script):
    return cube_script("fermi")


def test_centre_over_given_background(script, assert_same_minimum):
    found, peer = script.run("centre_background")
    assert found["content"]["counts"] == peer["content"]["counts"]
    assert_same_minimum(found["fit"], peer["fit"], stat=KERNELS, shape_error=0.15)
    assert_allclose(found["npred"][:-1], peer["npred"][:-1], rtol=1e-3)


def test_centre_over_diffuse_templates(script, assert_same_minimum):
    found, peer = script.run("centre_diffuse")
    assert_same_minimum(found["fit"], peer["fit"], stat=KERNELS, shape_error=0.15)
    for name in ("npred diffuse", "npred isotropic", "npred J1745.6-2900"):
        # Without the last energy, see the script.
        assert_allclose(found[name][:-1], peer[name][:-1], rtol=5e-3)


def test_crab_from_files(script):
    found, peer = script.run("crab")
    assert_allclose(found["start"], peer["start"], rtol=0, atol=KERNELS)
    assert found["fit"]["success"]
    assert_allclose(found["fit"]["stat"], peer["fit"]["stat"], rtol=0, atol=KERNELS)
    assert_allclose(found["dnde"], peer["dnde"], rtol=0.02)


def test_crab_with_free_position(script, assert_same_minimum):
    found, peer = script.run("crab_position")
    assert_same_minimum(found["fit"], peer["fit"], stat=KERNELS, shape_error=0.15)
