"""Formats of WCS maps."""

import pickle

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from numpy.testing import assert_allclose, assert_array_equal

from geminga.errors import AxisMismatchError, FileExistsGemingaError, FormatError, UnknownNameError
from geminga.maps import LabelMapAxis, Map, MapAxis, WcsGeom, WcsNDMap
from geminga.maps.wcs.io.formats import WCS_FORMATS
from geminga.units import TRANSIT

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=2)
CENTERS = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, node_type="center", name="energy_true")


def random_map(axes=(ENERGY,), dtype=np.float32, unit="cm-2 s-1", **geom):
    geom = WcsGeom.create(
        **({"npix": (5, 4), "binsz": 0.1, "skydir": (83.63, 22.01), "proj": "TAN"} | geom), axes=axes
    )
    data = np.random.default_rng(0).uniform(-5, 5, geom.data_shape).astype(dtype)
    return WcsNDMap(geom, data=data, unit=unit, meta={"creator": "test", "number": 3})


AXES = {
    "image": (),
    "energy": (ENERGY,),
    "energy and another": (ENERGY, MapAxis.from_edges([0, 1, 2, 3], name="b", unit="deg")),
    "nodes": (CENTERS,),
    "labels": (LabelMapAxis(["b", "a", "c"], name="dataset"), ENERGY),
}


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("axes", AXES.values(), ids=AXES)
def test_gadf_there_and_back(tmp_path, axes, sparse):
    m = random_map(axes)
    m.write(tmp_path / "map.fits.gz", sparse=sparse)
    back = Map.read(tmp_path / "map.fits.gz")
    assert isinstance(back, WcsNDMap)
    assert back.geom == m.geom
    assert back.geom.axes.names == m.geom.axes.names
    assert_array_equal(back.data, m.data)
    assert back.data.dtype.isnative
    assert (back.unit, back.meta) == (m.unit, m.meta)
    with pytest.raises(FileExistsGemingaError):
        m.write(tmp_path / "map.fits.gz")
    m.write(tmp_path / "map.fits.gz", overwrite=True, checksum=True)


@pytest.mark.parametrize(
    "dtype", [bool, np.uint8, np.int16, np.int32, np.int64, np.float16, np.float32, np.float64]
)
@pytest.mark.parametrize("sparse", [False, True])
def test_types_of_data(tmp_path, dtype, sparse):
    m = random_map()
    m.data = (m.data > 0) if dtype is bool else np.abs(m.data).astype(dtype)
    m.write(tmp_path / "map.fits", sparse=sparse)
    back = Map.read(tmp_path / "map.fits")
    assert_array_equal(back.data, m.data)
    assert back.is_mask == (dtype is bool)


def test_layout():
    # oracle: peer 2.1, to_hdulist
    m = random_map()
    hdus = m.to_hdulist()
    assert [h.name for h in hdus] == ["PRIMARY", "PRIMARY_BANDS"]
    header = hdus[0].header
    assert header["WCSSHAPE"] == "(5,4,2)"
    assert header["BANDSHDU"] == "PRIMARY_BANDS"
    assert header["AXCOLS1"] == "E_MIN,E_MAX"
    assert header["INTERP1"] == "log"
    assert u.Unit(header["BUNIT"]) == "cm-2 s-1"
    assert header["META"] == '{"creator": "test", "number": 3}'
    assert [h.name for h in m.to_hdulist(hdu="X", hdu_bands="Y")] == ["PRIMARY", "X", "Y"]
    assert m.to_hdulist(hdu="X", hdu_bands="Y")[1].header["BANDSHDU"] == "Y"
    assert [h.name for h in m.to_hdulist(sparse=True)] == ["PRIMARY", "SKYMAP", "SKYMAP_BANDS"]
    assert [h.name for h in random_map(()).to_hdulist()] == ["PRIMARY"]
    assert m.to_hdu().name == "SKYMAP"


def test_sparse_table():
    m = WcsNDMap(WcsGeom.create(npix=(5, 4), axes=AXES["energy and another"]))
    m.data[1, 1, 2, 3] = 4
    table = m.to_hdulist(sparse=True)[1].data
    # oracle: peer 2.1
    assert table.names == ["PIX", "CHANNEL", "VALUE"]
    assert [tuple(row) for row in table] == [(13, 3, 4.0)]


def test_several_maps_in_one_file(tmp_path):
    one, two = random_map(), random_map((), unit="s")
    hdus = fits.HDUList([fits.PrimaryHDU(), *one.to_hdulist(hdu="one")[1:], *two.to_hdulist(hdu="two")[1:]])
    hdus.writeto(tmp_path / "maps.fits")
    assert Map.read(tmp_path / "maps.fits").geom == one.geom
    assert Map.read(tmp_path / "maps.fits", hdu="two").unit == "s"
    assert Map.read(tmp_path / "maps.fits", hdu="two").geom == two.geom
    with pytest.raises(FormatError, match=r"maps\.fits"):
        Map.read(tmp_path / "maps.fits", hdu="three")


@pytest.mark.parametrize("sparse", [False, True])
def test_irregular_there_and_back(tmp_path, sparse):
    geom = WcsGeom.create(npix=([10, 20], [8, 16]), binsz=([0.2, 0.1], [0.2, 0.1]), axes=[ENERGY])
    m = WcsNDMap(geom)
    m.set_by_coord(geom.get_coord(), np.arange(640).reshape(2, 16, 20))
    m.write(tmp_path / "map.fits", sparse=sparse)
    back = Map.read(tmp_path / "map.fits")
    assert not back.geom.is_regular
    assert back.geom == geom
    assert_array_equal(back.data, m.data)


@pytest.mark.parametrize("format", ["fgst-ccube", "fgst-template", "fgst-bexpcube", "galprop"])
def test_fermi_formats_there_and_back(tmp_path, format):
    axis = ENERGY if format == "fgst-ccube" else CENTERS
    unit = {"fgst-ccube": "", "fgst-bexpcube": "cm2 s"}.get(format, "cm-2 s-1 MeV-1 sr-1")
    m = random_map((axis,), unit=unit)
    m.write(tmp_path / "map.fits", format=format)
    for back in (Map.read(tmp_path / "map.fits"), Map.read(tmp_path / "map.fits", format=format)):
        assert back.geom.axes.names == [axis.name]
        assert_allclose(back.geom.axes[0].center.to_value("TeV"), axis.center.to_value("TeV"), rtol=1e-6)
        assert_array_equal(back.data, m.data)
        assert back.unit == unit


def test_fermi_formats_refuse():
    with pytest.raises(AxisMismatchError, match="one energy axis"):
        random_map(AXES["energy and another"]).to_hdulist(format="fgst-ccube")
    uneven = MapAxis.from_nodes([1, 2, 10], unit="TeV", name="energy_true", interp="log")
    with pytest.raises(AxisMismatchError, match="evenly spaced"):
        random_map((uneven,)).to_hdulist(format="galprop")
    with pytest.raises(UnknownNameError, match="gadf"):
        random_map().to_hdulist(format="gdaf")


def test_units_of_fermi_files(tmp_path):
    """Without BUNIT, the unit follows from the kind of file."""
    for ctype, unit in (("log_Energy", "cm2 s"), ("photon energy", "cm-2 s-1 MeV-1 sr-1")):
        hdus = random_map((CENTERS,)).to_hdulist(format="fgst-template")
        hdus[0].header["CTYPE3"] = ctype
        del hdus[0].header["BUNIT"]
        hdus.writeto(tmp_path / "map.fits", overwrite=True)
        assert Map.read(tmp_path / "map.fits").unit == unit


@pytest.mark.parametrize(
    ("keywords", "energies"),
    [
        ({"CTYPE3": "log_Energy", "CRVAL3": np.log(50), "CDELT3": np.log(2)}, [50, 100, 200]),
        ({"CTYPE3": "photon energy", "CRVAL3": 50, "CDELT3": np.log10(2)}, [50, 100, 200]),
        ({"CTYPE3": "log10", "CRVAL3": 2, "CDELT3": 1}, [100, 1000, 10000]),
    ],
)
def test_energies_in_the_header(keywords, energies):
    header = random_map(()).geom.to_header()
    header.update(keywords | {"CRPIX3": 1})
    m = WcsNDMap.from_hdulist(fits.HDUList([fits.PrimaryHDU(np.ones((3, 4, 5)), header=header)]))
    assert m.geom.axes.names == ["energy_true"]
    assert_allclose(m.geom.axes[0].center.to_value("MeV"), energies)


def test_units(caplog):
    def read(text):
        hdu = random_map(()).to_hdulist()[0]
        hdu.header["BUNIT"] = text
        return WcsNDMap.from_hdu(hdu).unit

    assert read("ph/cm2/s/sr") == u.Unit("cm-2 s-1 sr-1")
    assert read("m2 s transit-1").to_string() == "m2 s / transit"
    assert read("m2 s transit-1") == u.Unit("m2 s") / TRANSIT
    with pytest.raises(ValueError, match="transit"):
        u.Unit("m2 s transit-1")  # what files may hold changes nothing in astropy
    assert read("nonsense") == ""
    assert "nonsense" in caplog.text


@pytest.mark.parametrize("unit", [u.Unit("m2 s") / TRANSIT, TRANSIT**-1])
def test_transits_come_back_from_files_and_other_processes(unit, tmp_path):
    m = random_map(())
    m = m._init_copy(unit=unit)
    m.write(tmp_path / "map.fits")
    for other in (WcsNDMap.read(tmp_path / "map.fits"), pickle.loads(pickle.dumps(m))):  # noqa: S301
        assert other.unit == unit
        assert TRANSIT in other.unit.bases


def test_bad_files():
    header = random_map(()).geom.to_header()
    with pytest.raises(FormatError, match="energies of a cube"):
        WcsNDMap.from_hdulist(
            fits.HDUList([fits.PrimaryHDU(np.ones((3, 4, 5)), header=header)]), format="galprop"
        )
    with pytest.raises(FormatError, match="shape"):
        WcsNDMap.from_hdulist(fits.HDUList([fits.PrimaryHDU(np.ones((3, 4, 5)), header=header)]))
    hdu = random_map(()).to_hdulist()[0]
    hdu.header["META"] = "{not json"
    assert WcsNDMap.from_hdu(hdu).meta == {}
    sparse = random_map().to_hdulist(sparse=True)
    sparse[1].data["PIX"][0] = 1000
    with pytest.raises(FormatError, match="pixels must be within"):
        WcsNDMap.from_hdulist(sparse)


def test_every_format_is_registered():
    assert {"gadf", "fgst-ccube", "fgst-template", "fgst-bexpcube", "galprop"} <= {
        name for name, mode in WCS_FORMATS.formats.items() if mode == "rw"
    }
    assert WCS_FORMATS.formats["galprop2"] == "r"
