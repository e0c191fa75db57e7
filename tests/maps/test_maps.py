"""Maps by name."""

import numpy as np
import pytest

from geminga.errors import AxisMismatchError, FileExistsGemingaError
from geminga.maps import Map, MapAxis, Maps, RegionGeom, WcsGeom

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
GEOMS = [
    WcsGeom.create(npix=(4, 3), axes=[ENERGY]),
    WcsGeom.create(npix=(4, 3)),
    RegionGeom.create("icrs;circle(83,22,0.5)", axes=[ENERGY]),
]


@pytest.fixture(params=GEOMS, ids=["wcs", "image", "region"])
def maps(request):
    made = Maps.from_geom(request.param, ["flux", "mask"], [{"unit": "cm-2 s-1"}, {"dtype": bool}])
    made["flux"].data += np.arange(made["flux"].data.size).reshape(made["flux"].data.shape)
    return made


def test_dictionary(maps):
    assert list(maps) == ["flux", "mask"]
    assert len(maps) == 2
    assert maps.geom is maps["flux"].geom
    assert maps["mask"].is_mask
    maps["more"] = maps["flux"].copy()
    del maps["more"]
    assert "more" not in maps
    assert Maps().geom is None
    with pytest.raises(KeyError):
        maps["none"]
    with pytest.raises(TypeError, match="'x' must be a map"):
        maps["x"] = 3
    assert "cm2" in repr(maps)
    assert maps._repr_html_().startswith("<pre>")


def test_file(maps, tmp_path):
    path = tmp_path / "maps.fits"
    maps.write(path, checksum=True)
    again = Maps.read(path, checksum=True)
    assert list(again) == ["flux", "mask"]
    assert again["flux"].is_allclose(maps["flux"])
    assert again["mask"].is_mask
    with pytest.raises(FileExistsGemingaError):
        maps.write(path)
    maps.write(path, overwrite=True)


def test_axes_are_written_once():
    made = Maps.from_geom(GEOMS[0], ["a", "b"])
    # oracle: peer 2.1, to_hdulist
    assert [hdu.name for hdu in made.to_hdulist()] == ["PRIMARY", "A", "BANDS", "B"]
    assert [hdu.name for hdu in made.to_hdulist(hdu_bands="X")] == ["PRIMARY", "A", "X", "B"]


def test_maps_on_other_geometries_are_not_written():
    made = Maps(a=Map.from_geom(GEOMS[0]), b=Map.from_geom(GEOMS[1]))
    with pytest.raises(AxisMismatchError, match="'b'"):
        made.to_hdulist()
