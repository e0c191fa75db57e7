"""Both sides of a mismatch are in the message."""

import numpy as np
import pytest
from astropy import units as u

from geminga.errors import AxisMismatchError, GeometryError
from geminga.maps import HpxGeom, LabelMapAxis, Map, MapAxis, RegionGeom, TimeMapAxis, WcsGeom
from geminga.maps.differing import what_differs

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
WIDER = MapAxis.from_energy_bounds("1 TeV", "20 TeV", nbin=3)
LABELS = LabelMapAxis(["a", "b"], name="label")
TIME = TimeMapAxis([0, 2] * u.h, [1, 3] * u.h, reference_time="2020-01-01")


def wcs(**kwargs):
    return WcsGeom.create(**{"npix": (4, 3), "binsz": 1, "axes": [ENERGY], **kwargs})


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (wcs(axes=[WIDER]), "axis 'energy': 3 log bins from 1 to 10 TeV and 3 log bins from 1 to 20 TeV"),
        (wcs(axes=None), "axes: energy and none"),
        (wcs(frame="galactic"), "frame: icrs and galactic"),
        (wcs(proj="TAN"), "projection: CAR and TAN"),
        (wcs(npix=(5, 3)), "pixels: 4 x 3 and 5 x 3"),
        (wcs(binsz=0.5), "size of a pixel: 1 x 1 deg and 0.5 x 0.5 deg"),
        (wcs(skydir=(1, 2)), "centre: 0, 0 deg and 1, 2 deg"),
        (RegionGeom.create("icrs;circle(0,0,1)", axes=[ENERGY]), "WcsGeom and RegionGeom"),
    ],
)
def test_arithmetic_shows_both_sides(other, said):
    with pytest.raises(AxisMismatchError) as error:
        Map.from_geom(wcs()) + Map.from_geom(other)
    assert said in str(error.value)


def test_stacking_shows_both_sides():
    with pytest.raises(GeometryError, match="frame: icrs and galactic"):
        Map.from_geom(wcs()).stack(Map.from_geom(wcs(frame="galactic")))
    with pytest.raises(AxisMismatchError, match="1 to 10 TeV and 3 log bins from 1 to 20 TeV"):
        Map.from_geom(wcs()).stack(Map.from_geom(wcs(axes=[WIDER])))


def test_other_kinds():
    assert what_differs(HpxGeom(4, axes=[LABELS]), HpxGeom(8, axes=[LABELS])) == "nside: 4 and 8"
    other = LabelMapAxis(["a", "c"], name="label")
    assert what_differs(HpxGeom(4, axes=[LABELS]), HpxGeom(4, axes=[other])).endswith("a, b and labels a, c")
    later = TimeMapAxis([0, 2] * u.h, [1, 4] * u.h, reference_time="2020-01-01")
    assert "T04:00:00" in what_differs(wcs(axes=[TIME]), wcs(axes=[later]))
    assert "small numbers" in what_differs(wcs(skydir=(10, 0)), wcs(skydir=(10 + 1e-9, 0)))


@pytest.mark.parametrize("skydir", [(np.nan, 0), (0, np.nan), (0, 95), (np.inf, 0)])
def test_positions_that_are_nowhere(skydir):
    with pytest.raises(GeometryError, match="latitude from -90 to 90"):
        WcsGeom.create(npix=3, skydir=skydir)
