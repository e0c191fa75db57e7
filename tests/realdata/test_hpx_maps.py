"""HEALPix maps in the public test data."""

import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from numpy.testing import assert_allclose

from geminga.maps import HpxNDMap, Map

pytestmark = pytest.mark.realdata


def test_exposure_of_3fhl(gammapy_data):
    m = Map.read("$GEMINGA_DATA/fermi_3fhl/fermi_3fhl_exposure_cube_hpx.fits.gz")
    assert isinstance(m, HpxNDMap)
    assert m.data.shape == (18, 49152)
    assert m.unit == u.Unit("cm2 s")
    assert m.geom.axes.names == ["energy_true"]
    crab = {"skycoord": SkyCoord(83.63, 22.01, unit="deg"), "energy_true": m.geom.axes[0].center[:3]}
    # oracle: peer 2.1, Map.read(...).get_by_coord
    assert_allclose(m.get_by_coord(crab), [2.9857844e11, 2.9771779e11, 2.9525642e11], rtol=1e-6)
