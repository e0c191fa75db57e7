"""Telling maps in files apart."""

import numpy as np
import pytest
from astropy.io import fits

from geminga.errors import FormatError, UnknownNameError
from geminga.maps import Geom, Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom, WcsNDMap
from geminga.maps.io.detection import bands_format, find_bands_hdu, find_map_hdu, map_kind

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
CUBE = Map.from_geom(WcsGeom.create(npix=(4, 3), axes=[ENERGY]), data=1.0, unit="m")
IMAGE = CUBE.sum_over_axes(keepdims=False)
SPECTRUM = RegionNDMap.create("icrs;circle(0,0,1)", axes=[ENERGY], data=[1, 2, 3])


@pytest.mark.parametrize("m", [CUBE, IMAGE, SPECTRUM], ids=["cube", "image", "spectrum"])
def test_the_kind_is_told_from_the_file(m, tmp_path):
    m.write(tmp_path / "map.fits")
    again = Map.read(tmp_path / "map.fits")
    assert type(again) is type(m)
    assert again.is_allclose(m)
    with fits.open(tmp_path / "map.fits") as hdulist:
        assert Geom.from_hdulist(hdulist) == m.geom
        assert Map.from_hdulist(hdulist).is_allclose(m)


def test_kinds():
    hdulist = fits.HDUList(
        [fits.PrimaryHDU(), *CUBE.to_hdulist(hdu="A")[1:], *SPECTRUM.to_hdulist(hdu="B")[1:]]
    )
    assert [map_kind(hdu) for hdu in hdulist] == [None, "wcs", None, "region", None, None]
    healpix = fits.BinTableHDU.from_columns([fits.Column("PIX", "D", array=np.zeros(12))])
    healpix.header["PIXTYPE"] = "HEALPIX"
    assert map_kind(healpix) == "hpx"
    assert find_map_hdu(hdulist).name == "A"
    assert find_map_hdu(hdulist, kinds=("region",)).name == "B"
    assert find_map_hdu(hdulist, 3).name == "B"
    assert find_bands_hdu(hdulist, hdulist["A"]).name == "A_BANDS"
    assert find_bands_hdu(hdulist, hdulist["A"], "B_BANDS").name == "B_BANDS"
    assert isinstance(Map.from_hdulist(hdulist, hdu="B"), RegionNDMap)
    assert isinstance(Map.from_hdulist(hdulist, hdu="A"), WcsNDMap)
    assert isinstance(Map.from_hdulist(hdulist, map_type="region"), RegionNDMap)


def test_formats_of_axes():
    def named(name, **header):
        hdu = fits.BinTableHDU(name=name)
        hdu.header.update(header)
        return hdu

    assert bands_format(named("EBOUNDS")) == "fgst-ccube"
    assert bands_format(named("ENERGIES")) == "fgst-template"
    assert bands_format(named("EBOUNDS", AXCOLS1="E_MIN,E_MAX")) == "gadf"
    assert bands_format(named("X")) == "gadf"
    assert bands_format(None) == "gadf"
    assert bands_format(named("X"), "ogip") == "ogip"


def test_images_have_no_bands():
    image = fits.ImageHDU(np.zeros((3, 4)), header=IMAGE.geom.wcs.to_header())
    hdulist = fits.HDUList([fits.PrimaryHDU(), image, fits.BinTableHDU(name="EBOUNDS")])
    assert find_bands_hdu(hdulist, image) is None


def test_files_without_maps(tmp_path):
    hdulist = fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU(name="EVENTS")])
    with pytest.raises(FormatError, match=r"EVENTS.*Name the HDU"):
        find_map_hdu(hdulist)
    with pytest.raises(FormatError, match=r"HDU GONE.*EVENTS"):
        find_map_hdu(hdulist, "GONE")
    hdulist.writeto(tmp_path / "events.fits")
    with pytest.raises(FormatError, match=r"events\.fits"):
        Map.read(tmp_path / "events.fits")
    with pytest.raises(FormatError, match="exist"):
        Map.read(tmp_path / "none.fits")
    with pytest.raises(UnknownNameError, match="region"):
        Map.read(tmp_path / "events.fits", map_type="cube")


def test_geometry_of_a_spectrum():
    assert isinstance(Geom.from_hdulist(SPECTRUM.to_hdulist()), RegionGeom)


def test_masks_are_told_by_their_names():
    """FITS images have no booleans; files of the peer say it by the name of the HDU."""
    image = fits.ImageHDU(np.eye(3, 4, dtype="int64"), header=IMAGE.geom.wcs.to_header(), name="MASK_SAFE")
    hdulist = fits.HDUList([fits.PrimaryHDU(), image])
    assert Map.from_hdulist(hdulist).is_mask
    assert Map.from_hdulist(hdulist, hdu="MASK_SAFE", map_type="wcs").is_mask
    image.data[0, 0] = 3
    assert not Map.from_hdulist(hdulist).is_mask
    image.name = "COUNTS"
    image.data[0, 0] = 1
    assert not Map.from_hdulist(hdulist).is_mask
