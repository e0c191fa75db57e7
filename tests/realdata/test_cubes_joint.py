"""One Crab nebula for a cube of Fermi-LAT, spectra of H.E.S.S. and flux points of HAWC.

This work made use of data from the H.E.S.S. DL3 public test data release 1 (HESS DL3 DR1, H.E.S.S.
collaboration, 2018).
"""

import pytest
from numpy.testing import assert_allclose

pytestmark = pytest.mark.realdata


def test_crab(cube_script, assert_same_minimum):
    found, peer = cube_script("joint").run("crab")
    assert found["sizes"] == peer["sizes"]
    # The cube's part of the statistic differs with the kernels of the PSF, see test_cubes_fermi.
    assert_same_minimum(found["fit"], peer["fit"], stat=0.7, shape_error=0.15)
    assert_allclose(found["stats"][1:], peer["stats"][1:], rtol=0, atol=0.02)
