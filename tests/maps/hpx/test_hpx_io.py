"""Files of HEALPix maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.io import fits
from numpy.testing import assert_array_equal

from geminga.errors import AxisMismatchError, FormatError, UnknownNameError
from geminga.files import open_fits
from geminga.maps import HpxGeom, HpxNDMap, Map, MapAxis

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
TRUE = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3, name="energy_true", node_type="center")
GEOMETRIES = {
    "full": HpxGeom(4, axes=[ENERGY]),
    "ring": HpxGeom(4, nest=False, frame="galactic", axes=[ENERGY]),
    "disk": HpxGeom(16, region="DISK(10,20,10)", axes=[ENERGY]),
    "listed": HpxGeom(8, region=[3, 7, 100], axes=[ENERGY]),
    "ragged": HpxGeom(8, region=([3, 7, 100, 5], [0, 0, 1, 2]), axes=[ENERGY]),
    "several nside": HpxGeom([2, 4, 8], axes=[ENERGY]),
    "image": HpxGeom(4),
    "part image": HpxGeom(8, region="HPX_PIXEL(NESTED,2,5)"),
    "two axes": HpxGeom(4, axes=[ENERGY, MapAxis.from_edges([0, 1, 2.0], name="x")]),
}


def random_map(geom, dtype="float32"):
    values = np.random.default_rng(0).integers(0, 5, geom.data_shape)
    values = np.where(geom.get_idx(sparse=True)[0] >= 0, values, 0)
    return HpxNDMap(geom, data=values.astype(dtype), unit="cm-2 s-1", meta={"name": "x"})


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("name", GEOMETRIES)
def test_written_maps_come_back(name, sparse, tmp_path):
    m = random_map(GEOMETRIES[name])
    m.write(tmp_path / "map.fits", sparse=sparse)
    back = Map.read(tmp_path / "map.fits")
    assert isinstance(back, HpxNDMap)
    assert back.geom == m.geom
    assert back.unit == m.unit
    assert back.meta == m.meta
    assert back.data.dtype == m.data.dtype
    assert_array_equal(back.data, m.data)
    with open_fits(tmp_path / "map.fits") as hdulist:
        bands = hdulist[2] if len(hdulist) > 2 else None
        assert HpxGeom.from_hdu(hdulist[1], bands) == m.geom


def test_masks_come_back(tmp_path):
    m = random_map(GEOMETRIES["full"], bool)
    m.write(tmp_path / "mask.fits")
    back = Map.read(tmp_path / "mask.fits")
    assert back.is_mask
    assert_array_equal(back.data, m.data)


def test_header():
    # oracle: peer 2.1, HpxGeom.to_header()
    header = GEOMETRIES["disk"].to_header()
    expected = {"COORDSYS": "CEL", "ORDERING": "NESTED", "INDXSCHM": "EXPLICIT", "ORDER": 4, "NSIDE": 16,
                "FIRSTPIX": 0, "LASTPIX": 3071, "HPX_CONV": "GADF", "HPX_REG": "DISK(10,20,10)"}  # fmt: skip
    assert {key: header[key] for key in expected} == expected
    assert HpxGeom.from_header(header) == GEOMETRIES["disk"].to_image()
    assert HpxGeom(4).to_header(format="fgst-ccube")["TELESCOP"] == "GLAST"
    with pytest.raises(UnknownNameError):
        HpxGeom(4).to_header(format="foo")


@pytest.mark.parametrize(
    ("format", "unit"),
    [("fgst-ccube", ""), ("fgst-template", "cm-2 s-1 MeV-1 sr-1"), ("fgst-bexpcube", "cm2 s")],
)
def test_fermi_formats(format, unit, tmp_path):
    m = HpxNDMap(HpxGeom(4, axes=[ENERGY if format == "fgst-ccube" else TRUE]))
    m.data += 2
    m.write(tmp_path / "map.fits", format=format)
    back = Map.read(tmp_path / "map.fits")
    assert back.geom == m.geom
    assert back.unit == u.Unit(unit)
    assert back.data.sum() == m.data.sum()
    with pytest.raises(AxisMismatchError, match="one energy axis"):
        random_map(GEOMETRIES["two axes"]).to_hdulist(format=format)


def test_files_of_the_healpix_library():
    values = np.arange(3072.0)
    columns = [fits.Column("I", "1024E", unit="K", array=values.reshape(3, 1024))]
    hdu = fits.BinTableHDU.from_columns(columns)
    hdu.header.update({"PIXTYPE": "HEALPIX", "ORDERING": "RING", "NSIDE": 16, "COORDSYS": "G"})
    m = HpxNDMap.from_hdu(hdu)
    assert m.geom == HpxGeom(16, nest=False, frame="galactic")
    assert m.unit == u.K
    assert_array_equal(m.data, values)
    hdu.columns.add_col(fits.Column("Q", "1024E", unit="K", array=2 * values.reshape(3, 1024)))
    hdu = fits.BinTableHDU.from_columns(hdu.columns, header=hdu.header)
    both = HpxNDMap.from_hdu(hdu)
    assert list(both.geom.axes["column"].center) == ["I", "Q"]
    assert_array_equal(HpxNDMap.from_hdu(hdu, colname="Q").data, 2 * values)
    with pytest.raises(FormatError, match="U"):
        HpxNDMap.from_hdu(hdu, colname="U")


def test_missing_pixels_are_nan():
    values = np.full(48, -1.6375e30, dtype="float32")
    values[:3] = 1
    hdu = fits.BinTableHDU.from_columns([fits.Column("X", "E", array=values)])
    hdu.header.update({"PIXTYPE": "HEALPIX", "ORDERING": "NEST", "NSIDE": 2})
    assert np.isnan(HpxNDMap.from_hdu(hdu).data).sum() == 45


def test_part_of_the_sky_without_region():
    columns = [fits.Column("PIXEL", "J", array=[5, 9]), fits.Column("SIGNAL", "E", array=[1.0, 2.0])]
    hdu = fits.BinTableHDU.from_columns(columns)
    hdu.header.update({"PIXTYPE": "HEALPIX", "ORDERING": "NESTED", "NSIDE": 2, "INDXSCHM": "EXPLICIT"})
    m = HpxNDMap.from_hdu(hdu)
    assert m.geom == HpxGeom(2, region=[5, 9])
    assert m.data.tolist() == [1, 2]


def test_broken_files_name_what_is_wrong(tmp_path):
    m = random_map(GEOMETRIES["disk"])
    hdulist = m.to_hdulist()
    hdulist["SKYMAP"].header["INDXSCHM"], hdulist["SKYMAP"].header["HPX_REG"] = "LOCAL", "explicit"
    hdulist.writeto(tmp_path / "local.fits")
    with pytest.raises(FormatError, match=r"SKYMAP.*PIX"):
        Map.read(tmp_path / "local.fits")
    hdulist = m.to_hdulist()
    del hdulist["SKYMAP"].header["NSIDE"], hdulist["SKYMAP"].header["ORDER"]
    hdulist.writeto(tmp_path / "nside.fits")
    with pytest.raises(FormatError, match="NSIDE"):
        Map.read(tmp_path / "nside.fits")


def test_table_says_which_pixels_overlap_a_disk(tmp_path):
    # Other packages find more pixels than there are, or fewer; the values must not fall onto others.
    m = Map.from_geom(HpxGeom(16, nest=False, frame="icrs", region="DISK_INC(110.,75.,10.,4)"))
    m.data[...] = np.arange(m.data.size)
    m.write(tmp_path / "m.fits")
    with fits.open(tmp_path / "m.fits") as hdulist:
        table = hdulist["SKYMAP"]
        pixels, values = np.append(table.data["PIX"], 3000), np.append(table.data["CHANNEL1"], -1)
        columns = [fits.Column("PIX", "J", array=pixels), fits.Column("CHANNEL1", "E", array=values)]
        other = fits.BinTableHDU.from_columns(columns, header=table.header, name="SKYMAP")
        fits.HDUList([fits.PrimaryHDU(), other]).writeto(tmp_path / "other.fits")
    again = Map.read(tmp_path / "other.fits")
    assert again.data.size == m.data.size + 1
    assert again.data[-1] == -1
    assert Map.read(tmp_path / "m.fits").geom == m.geom
