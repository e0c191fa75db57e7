"""Public files with region maps and axes."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_allclose

from geminga.maps import Map, RegionNDMap

pytestmark = pytest.mark.realdata


def test_spectrum(gammapy_data):
    path = gammapy_data / "datasets/simulations/simulated_spectrum_dataset_PL.fits"
    counts = RegionNDMap.read(path, format="ogip")
    # oracle: peer 2.1, RegionNDMap.read
    assert counts.data.ravel()[:3].tolist() == [324, 344, 311]
    assert_allclose(counts.geom.region.radius.to_value("deg"), 0.1, rtol=1e-5)
    assert RegionNDMap.read(path, format="ogip", ogip_column="QUALITY").data.all()
    assert RegionNDMap.read(path, format="ogip", ogip_column="BACKSCAL").data.sum() == 20
    assert Map.read(path).data.sum() == counts.data.sum()


@pytest.mark.parametrize(
    ("name", "nbin", "unit"),
    [
        ("datasets/simulations/simulated_spectrum_dataset_PL_arf.fits", 20, "m2 s / h"),
        ("tests/unbundled/irfs/arf.fits", 60, "m2"),
    ],
)
def test_effective_area(gammapy_data, name, nbin, unit):
    area = RegionNDMap.read(gammapy_data / name, format="ogip-arf")
    assert area.geom.axes["energy_true"].nbin == nbin
    assert area.unit == u.Unit(unit)
    assert np.isfinite(area.data).all()
