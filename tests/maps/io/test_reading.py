"""Telling maps in files apart."""

import tracemalloc

import numpy as np
import pytest
from astropy.io import fits
from numpy.testing import assert_array_equal

from geminga.errors import FormatError, GeometryError, UnknownNameError
from geminga.maps import Geom, Map, MapAxis, RegionGeom, RegionNDMap, WcsGeom, WcsNDMap, allocation
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


@pytest.mark.parametrize("dtype", ["float32", "float64", "int16", "uint8", bool])
def test_arrays_outlive_their_file(tmp_path, dtype):
    data = np.arange(36).reshape(CUBE.data.shape) % 7 > 3 if dtype is bool else np.arange(36).astype(dtype)
    m = Map.from_geom(CUBE.geom, data=np.reshape(data, CUBE.data.shape))
    m.write(tmp_path / "m.fits")
    again = Map.read(tmp_path / "m.fits")
    (tmp_path / "m.fits").write_bytes(b"")
    np.testing.assert_array_equal(again.data, m.data)
    assert again.data.dtype == m.data.dtype
    again.data[0, 0, 0] = 1


def test_only_what_is_used_is_read_from_disk(tmp_path):
    geom = WcsGeom.create(npix=(200, 100), binsz=0.1, axes=[MapAxis.from_bounds(0, 1, nbin=50, name="x")])
    m = Map.from_geom(geom, data=np.arange(1e6, dtype="float32").reshape(geom.data_shape), unit="s")
    m.write(tmp_path / "m.fits")
    Map.read(tmp_path / "m.fits", memmap=True)
    tracemalloc.start()
    try:
        lazy = Map.read(tmp_path / "m.fits", memmap=True)
        part, image = lazy.cutout((0, 0), "1 deg"), lazy.slice_by_idx({"x": 7})
        assert tracemalloc.get_traced_memory()[1] < m.data.nbytes / 4
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(part.data, m.cutout((0, 0), "1 deg").data)
    assert part.data.dtype == np.float32
    np.testing.assert_array_equal(image.data, m.data[7])
    assert lazy.unit == "s"
    np.testing.assert_allclose(lazy.sum_over_axes().data, m.sum_over_axes().data)
    lazy.data[0, 0, 0] = -1
    assert Map.read(tmp_path / "m.fits").data[0, 0, 0] == 0


def test_other_hdus_are_not_touched(tmp_path):
    # An HDU that cannot be read must not matter for the others.
    hdulist = CUBE.to_hdulist(hdu="A")
    hdulist.append(fits.ImageHDU(np.zeros(10), name="B"))
    hdulist.writeto(tmp_path / "m.fits")
    with fits.open(tmp_path / "m.fits") as opened:
        Map.from_hdulist(opened, hdu="A")
        assert not opened["B"]._data_loaded


def test_maps_that_do_not_fit_are_refused_before_they_are_read(tmp_path, monkeypatch):
    CUBE.write(tmp_path / "m.fits")
    monkeypatch.setattr(allocation, "_UNCHECKED_BYTES", 0)
    monkeypatch.setattr(allocation, "available_memory", lambda: 100)
    with pytest.raises(GeometryError, match=r"100|memmap=True"):
        Map.read(tmp_path / "m.fits")
    assert Map.read(tmp_path / "m.fits", memmap=True).data.sum() == 36


@pytest.mark.parametrize("memmap", [False, True])
@pytest.mark.parametrize("scaling", ["uint16", "int16"])
def test_scaled_integers_in_files(scaling, memmap, tmp_path):
    """Images with BZERO and BSCALE cannot stay in the file; they are read nevertheless."""
    geom = WcsGeom.create(npix=(7, 5))
    numbers = np.arange(35.0).reshape(5, 7)
    hdulist = Map.from_geom(geom, data=numbers.copy()).to_hdulist()
    if scaling == "uint16":
        hdulist[0].data = numbers.astype("uint16")
    else:
        hdulist[0].scale("int16", bscale=0.5, bzero=10)
    hdulist.writeto(tmp_path / "scaled.fits")
    assert "BZERO" in fits.getheader(tmp_path / "scaled.fits")
    assert_array_equal(Map.read(tmp_path / "scaled.fits", memmap=memmap).data, numbers)


@pytest.mark.parametrize("preserve_counts", [False, True])
def test_a_map_that_stays_in_its_file_is_downsampled(preserve_counts, tmp_path):
    m = Map.from_geom(WcsGeom.create(npix=(4, 6)), data=np.arange(24.0).reshape(6, 4), dtype="float32")
    m.write(tmp_path / "m.fits")
    lazy = Map.read(tmp_path / "m.fits", memmap=True).downsample(2, preserve_counts=preserve_counts)
    assert_array_equal(lazy.data, m.downsample(2, preserve_counts=preserve_counts).data)
