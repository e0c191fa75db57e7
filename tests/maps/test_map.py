"""Construction of maps, their data and their representation."""

import numpy as np
import pytest
from astropy import units as u
from numpy.testing import assert_array_equal

from geminga.errors import GeometryError, UnitError, UnknownNameError
from geminga.maps import HpxGeom, Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom, WcsNDMap, allocation

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
GEOM = WcsGeom.create(npix=(4, 3), axes=[ENERGY])
REGION = RegionGeom.create("icrs;circle(83,22,0.5)", axes=[ENERGY])


def test_from_geom():
    assert isinstance(Map.from_geom(GEOM), WcsNDMap)
    assert isinstance(Map.from_geom(REGION), RegionNDMap)
    assert Map.from_geom(GEOM).data.dtype == np.float32
    assert Map.from_geom(GEOM, dtype=bool).is_mask
    m = Map.from_geom(GEOM, unit="m", meta={"a": 1})
    assert m.unit == "m"
    assert m.meta == {"a": 1}
    with pytest.raises(GeometryError, match="got int"):
        Map.from_geom(3)


def test_create():
    m = Map.create(npix=(3, 3), binsz=1, unit="m", dtype="int", axes=[ENERGY])
    assert m.data.shape == (3, 3, 3)
    assert m.data.dtype == int
    assert isinstance(Map.create(map_type="region", region="icrs;circle(0,0,1)"), RegionNDMap)
    with pytest.raises(UnknownNameError, match="wcs"):
        Map.create(map_type="cube")


def test_data_are_broadcast():
    m = Map.from_geom(GEOM, data=3)
    assert m.data.shape == (3, 3, 4)
    m.data = np.ones((3, 4))
    assert m.data.shape == (3, 3, 4)
    m.data[0, 0, 0] = 5
    assert m.data.sum() == 40
    data = np.zeros(GEOM.data_shape)
    m.data = data
    assert m.data is data


def test_region_data_are_reshaped():
    assert Map.from_geom(REGION, data=[1, 2, 3]).data.shape == (3, 1, 1)
    assert Map.from_geom(REGION, data=7).data.ravel().tolist() == [7, 7, 7]


@pytest.mark.parametrize("shape", [(36,), (2, 3, 4), (3, 4, 3)])
def test_data_that_do_not_fit(shape):
    with pytest.raises(GeometryError, match=r"\(3, 3, 4\)"):
        Map.from_geom(GEOM, data=np.ones(shape))


def test_units_are_given_apart():
    with pytest.raises(UnitError, match=r"unit=x\.unit"):
        Map.from_geom(GEOM, data=np.ones(GEOM.data_shape) * u.m)
    with pytest.raises(UnitError):
        Map.from_geom(GEOM).data = np.ones(GEOM.data_shape) * u.m
    with pytest.raises(AttributeError):
        Map.from_geom(GEOM).unit = "m"
    with pytest.raises(UnitError):
        Map.from_geom(GEOM, unit="parrot")


def test_quantity():
    m = Map.from_geom(GEOM, unit="m")
    m.quantity = np.ones(GEOM.data_shape) * u.cm
    assert m.unit == "cm"
    assert m.quantity[0, 0, 0] == 1 * u.cm
    assert np.shares_memory(m.quantity, m.data)


def test_too_large(monkeypatch):
    monkeypatch.setattr(allocation, "available_memory", lambda: 1 << 30)
    geom = WcsGeom.create(npix=(20000, 20000))
    with pytest.raises(GeometryError, match=r"1\.6 GB.*where 1\.1 GB are free\. Use larger pixels"):
        Map.from_geom(geom)
    assert Map.from_geom(GEOM).data.size == 36


def test_memory_is_known():
    free = allocation.available_memory()
    assert free is None or free > 0


def test_repr():
    text = repr(Map.from_geom(GEOM, unit="m"))
    assert "shape : (4, 3, 3)" in text
    assert "unit  : m" in text
    assert "WcsGeom" in text
    assert Map.from_geom(GEOM)._repr_html_().startswith("<pre>")


def test_maps_can_be_keys():
    m = Map.from_geom(GEOM)
    assert {m: 1}[m] == 1


def test_spectrum_of_a_region_is_itself():
    m = Map.from_geom(REGION)
    assert m.get_spectrum() is m
    assert_array_equal(Map.from_geom(GEOM, data=1).get_spectrum().data.ravel(), [12, 12, 12])


@pytest.mark.parametrize(
    "geom", [GEOM, REGION, HpxGeom(2, axes=[ENERGY])], ids=lambda geom: type(geom).__name__
)
def test_comparison_with_other_things_is_refused(geom):
    for one in (geom, Map.from_geom(geom), geom.axes, geom.axes["energy"]):
        with pytest.raises(TypeError, match="got int"):
            one.is_allclose(1)
