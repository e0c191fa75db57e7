"""Files of region maps."""

import numpy as np
import pytest
from astropy import units as u
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.table import Table
from numpy.testing import assert_allclose, assert_array_equal
from regions import (
    CircleAnnulusSkyRegion,
    CircleSkyRegion,
    EllipseAnnulusSkyRegion,
    EllipseSkyRegion,
    LineSkyRegion,
    PointSkyRegion,
    PolygonSkyRegion,
    RectangleSkyRegion,
)

from geminga.errors import (
    AxisMismatchError,
    FileExistsGemingaError,
    FormatError,
    GeometryError,
    UnknownNameError,
)
from geminga.maps import LabelMapAxis, Map, MapAxis, RegionGeom, RegionNDMap
from geminga.maps.region.comparison import regions_allclose
from geminga.sky.regions import SphericalCircleSkyRegion

ENERGY = MapAxis.from_energy_bounds("1 TeV", "10 TeV", nbin=3)
TRUE = ENERGY.rename("energy_true")
RAD = MapAxis.from_bounds(0, 1, 4, unit="deg", name="rad")
CENTER = SkyCoord(83, 22, unit="deg")
CIRCLE = CircleSkyRegion(CENTER, 0.5 * u.deg)
TRIANGLE = PolygonSkyRegion(SkyCoord([82, 83, 83.5], [21.5, 23, 22], unit="deg"))
SQUARE = PolygonSkyRegion(SkyCoord([82, 83, 83, 82], [21.5, 21.5, 22, 22], unit="deg"))
REGIONS = {
    "circle": CIRCLE,
    "galactic": CircleSkyRegion(CENTER.galactic, 0.5 * u.deg),
    "rectangle": RectangleSkyRegion(CENTER, 1 * u.deg, 0.3 * u.deg, 30 * u.deg),
    "ellipse": EllipseSkyRegion(CENTER, 1 * u.deg, 0.3 * u.deg, 30 * u.deg),
    "annulus": CircleAnnulusSkyRegion(CENTER, 0.3 * u.deg, 0.6 * u.deg),
    "ring": EllipseAnnulusSkyRegion(CENTER, 0.3 * u.deg, 0.6 * u.deg, 0.5 * u.deg, 0.8 * u.deg, 10 * u.deg),
    "point": PointSkyRegion(CENTER),
    "polygon": TRIANGLE,
    "union": CIRCLE | CircleSkyRegion(SkyCoord(85, 22, unit="deg"), 0.2 * u.deg),
    "mixed": TRIANGLE | SQUARE | CIRCLE,
    "none": None,
}


def spectrum(region, axes=(ENERGY,), unit="", n=None):
    m = RegionNDMap.create(region, axes=list(axes), unit=unit)
    m.data = np.arange(m.data.size, dtype="float32").reshape(m.data.shape)
    return m


@pytest.mark.parametrize("name", REGIONS)
def test_gadf(name, tmp_path):
    m = spectrum(REGIONS[name], [ENERGY, RAD], "m")
    m.meta = {"a": 1}
    m.write(tmp_path / "map.fits", checksum=True)
    again = RegionNDMap.read(tmp_path / "map.fits", checksum=True)
    assert again.is_allclose(m)
    assert regions_allclose(again.geom.region, m.geom.region)
    assert again.meta == {"a": 1}
    assert again.data.dtype == np.float32
    assert again.data.dtype.isnative
    assert Map.read(tmp_path / "map.fits").is_allclose(m)


@pytest.mark.parametrize("name", REGIONS)
@pytest.mark.parametrize("format", ["ogip", "ogip-sherpa"])
def test_spectra(name, format, tmp_path):
    m = spectrum(REGIONS[name])
    m.write(tmp_path / "pha.fits", format=format)
    again = RegionNDMap.read(tmp_path / "pha.fits", format=format)
    assert_array_equal(again.data, m.data)
    assert again.geom.axes.is_allclose(m.geom.axes)
    assert regions_allclose(again.geom.region, m.geom.region)
    assert Map.read(tmp_path / "pha.fits").data.sum() == 3


def test_layout_of_gadf():
    # oracle: peer 2.1, to_hdulist()
    hdulist = spectrum(CIRCLE, [ENERGY, RAD], "m").to_hdulist()
    assert [hdu.name for hdu in hdulist] == ["PRIMARY", "SKYMAP", "SKYMAP_BANDS", "SKYMAP_REGION"]
    assert hdulist["SKYMAP"].columns.names == ["CHANNEL", "DATA"]
    assert hdulist["SKYMAP"].data["DATA"].shape == (4, 3, 1, 1)
    assert hdulist["SKYMAP"].header["AXCOLS1"] == "E_MIN,E_MAX"
    row = hdulist["SKYMAP_REGION"].data[0]
    assert row["SHAPE"] == "circle"
    assert_allclose([row["X"], row["Y"], row["R"], row["ROTANG"]], [5.5, 5.5, 5, 0], rtol=1e-5)
    assert hdulist["SKYMAP_REGION"].header["WCSSHAPE"] == "(12,12)"
    named = spectrum(CIRCLE).to_hdulist(hdu="A", hdu_bands="B", hdu_region="C")
    assert [hdu.name for hdu in named] == ["PRIMARY", "A", "B", "C"]
    assert RegionNDMap.from_hdulist(named, hdu="A").geom == spectrum(CIRCLE).geom


def test_layout_of_ogip():
    # oracle: peer 2.1, to_hdulist(format="ogip")
    hdulist = spectrum(CIRCLE).to_hdulist(format="ogip")
    assert [hdu.name for hdu in hdulist] == ["PRIMARY", "SPECTRUM", "EBOUNDS", "REGION"]
    assert hdulist["SPECTRUM"].data["COUNTS"].dtype.kind == "i"
    header = hdulist["SPECTRUM"].header
    assert (header["HDUCLASS"], header["HDUCLAS1"], header["DETCHANS"]) == ("OGIP", "SPECTRUM", 3)


def test_counts_that_are_not_whole():
    """The peer cuts them off."""
    m = spectrum(CIRCLE)
    m.data = m.data + 0.5
    assert_allclose(m.to_hdulist(format="ogip")["SPECTRUM"].data["COUNTS"], [0.5, 1.5, 2.5])
    assert m.to_table("ogip").colnames == ["CHANNEL", "COUNTS"]


@pytest.mark.parametrize(("format", "unit"), [("ogip-arf", "m2"), ("ogip-arf-sherpa", "cm2")])
def test_effective_areas(format, unit):
    m = spectrum(CIRCLE, [TRUE], "m2")
    hdulist = m.to_hdulist(format=format)
    assert hdulist["SPECRESP"].columns["SPECRESP"].unit == unit
    again = RegionNDMap.from_hdulist(hdulist, format=format)
    assert again.is_allclose(m)
    assert Map.from_hdulist(hdulist).is_allclose(m)
    assert RegionNDMap.from_table(m.to_table(format), format=format).to_unit("m2").data.ravel().tolist() == [
        0,
        1,
        2,
    ]


def test_other_columns_of_a_spectrum():
    hdulist = spectrum(CIRCLE).to_hdulist(format="ogip")
    table = Table.read(hdulist["SPECTRUM"])
    table["QUALITY"] = np.array([0, 5, 0], dtype="i2")
    table["RATE"] = [0.5, 1, 2] / u.s
    header = hdulist["SPECTRUM"].header
    del header["QUALITY"]
    hdulist["SPECTRUM"] = fits.BinTableHDU(table, header=header, name="SPECTRUM")
    good = RegionNDMap.from_hdulist(hdulist, format="ogip", ogip_column="QUALITY")
    assert good.data.ravel().tolist() == [True, False, True]
    rate = RegionNDMap.from_hdulist(hdulist, format="ogip", ogip_column="RATE")
    assert rate.unit == "s-1"
    scale = RegionNDMap.from_hdulist(hdulist, format="ogip", ogip_column="BACKSCAL")
    assert scale.data.ravel().tolist() == [0, 0, 0]
    with pytest.raises(FormatError, match="column NONE"):
        RegionNDMap.from_hdulist(hdulist, format="ogip", ogip_column="NONE")


def test_images_and_labels(tmp_path):
    m = RegionNDMap.create(CIRCLE, unit="m", data=3)
    m.write(tmp_path / "a.fits")
    assert RegionNDMap.read(tmp_path / "a.fits").is_allclose(m)
    m = RegionNDMap.create(None, axes=[ENERGY, LabelMapAxis(["z", "b"], name="run")], data=np.arange(6) > 2)
    m.write(tmp_path / "b.fits")
    again = RegionNDMap.read(tmp_path / "b.fits")
    assert again.is_mask
    assert again.geom.axes["run"].center.tolist() == ["z", "b"]
    assert_array_equal(again.data, m.data)


def test_spherical_circles_become_circles():
    m = spectrum(SphericalCircleSkyRegion(CENTER, 0.5 * u.deg))
    region = RegionNDMap.from_hdulist(m.to_hdulist()).geom.region
    assert regions_allclose(region, CIRCLE)


def test_geometries():
    geom = RegionGeom(CIRCLE, axes=[ENERGY, RAD])
    assert RegionGeom.from_hdulist(geom.to_hdulist(format="gadf"), format="gadf") == geom
    named = geom.to_hdulist(format="gadf", hdu_bands="X_BANDS", hdu_region="X_REGION")
    assert RegionGeom.from_hdulist(named, format="gadf", hdu="X") == geom
    flat = geom.drop("rad")
    # oracle: peer 2.1, the names of the HDUs
    assert [hdu.name for hdu in flat.to_hdulist()] == ["PRIMARY", "EBOUNDS", "REGION"]
    assert RegionGeom.from_hdulist(flat.to_hdulist()) == flat
    area = spectrum(CIRCLE, [TRUE], "m2").to_hdulist(format="ogip-arf")
    assert RegionGeom.from_hdulist(area, format="ogip-arf") == RegionGeom(CIRCLE, axes=[TRUE])


def test_flux_points_tables():
    table = Table({"e_min": [1, 3] * u.TeV, "e_max": [3, 10] * u.TeV, "norm": [1.0, 2.0]})
    m = RegionNDMap.from_table(table, format="gadf-sed", colname="norm")
    assert m.data.ravel().tolist() == [1, 2]
    curve = Table({"time_min": [58849.0, 58850.0], "time_max": [58850.0, 58851.0]}, meta={"TIMESYS": "utc"})
    curve["e_min"], curve["e_max"] = np.tile([1, 3], (2, 1)) * u.TeV, np.tile([3, 10], (2, 1)) * u.TeV
    curve["dnde"] = np.arange(4.0).reshape(2, 2) / u.TeV
    m = RegionNDMap.from_table(curve, format="lightcurve", colname="dnde")
    assert m.geom.axes.names == ["energy", "time"]
    assert m.unit == "TeV-1"
    assert_allclose(m.data[:, :, 0, 0], [[0, 1], [2, 3]])
    curve["x_min"], curve["x_max"] = [0, 1] * u.deg, [1, 2] * u.deg
    m = RegionNDMap.from_table(curve, format="profile", colname="dnde")
    assert m.geom.axes.names == ["energy", "projected-distance"]
    with pytest.raises(FormatError, match="colname"):
        RegionNDMap.from_table(table, format="gadf-sed")
    with pytest.raises(FormatError, match="column time_min"):
        RegionNDMap.from_table(curve[:1], format="gadf-sed", colname="time_min")


# ---------------------------------------------------------------------- bad input


def test_shapes_that_do_not_go_into_files():
    with pytest.raises(FormatError, match="LinePixelRegion"):
        spectrum(LineSkyRegion(CENTER, SkyCoord(84, 22, unit="deg"))).to_hdulist()
    with pytest.raises(GeometryError, match="union"):
        spectrum(CIRCLE & TRIANGLE).to_hdulist()


def test_wrong_axes():
    with pytest.raises(AxisMismatchError, match="'energy'"):
        spectrum(CIRCLE, [RAD]).to_hdulist(format="ogip")
    with pytest.raises(AxisMismatchError, match="'energy_true'"):
        spectrum(CIRCLE).to_hdulist(format="ogip-arf")


def test_unknown_formats():
    with pytest.raises(UnknownNameError, match="gadf"):
        spectrum(CIRCLE).to_hdulist(format="x")
    with pytest.raises(UnknownNameError, match="lightcurve"):
        RegionNDMap.from_table(Table(), format="x")


def test_nothing_is_overwritten(tmp_path):
    path = tmp_path / "map.fits"
    spectrum(CIRCLE).write(path)
    before = path.read_bytes()
    with pytest.raises(FileExistsGemingaError):
        spectrum(None).write(path)
    assert path.read_bytes() == before
    spectrum(None).write(path, overwrite=True)
    assert RegionNDMap.read(path).geom.region is None


def test_broken_files(tmp_path):
    hdulist = spectrum(CIRCLE).to_hdulist()
    with pytest.raises(FormatError, match="HDU NONE"):
        RegionNDMap.from_hdulist(hdulist, hdu="NONE")
    hdulist["SKYMAP_REGION"].data["SHAPE"][0] = "spiral"
    with pytest.raises(FormatError, match="known shape"):
        RegionNDMap.from_hdulist(hdulist)
    del hdulist["SKYMAP_BANDS"]
    hdulist["SKYMAP"].header["BANDSHDU"] = "GONE"
    del hdulist["SKYMAP_REGION"]
    with pytest.raises(FormatError, match="3 values"):
        RegionNDMap.from_hdulist(hdulist)
    pha = spectrum(CIRCLE).to_hdulist(format="ogip")
    del pha["EBOUNDS"]
    with pytest.raises(FormatError, match="EBOUNDS"):
        RegionNDMap.from_hdulist(pha, format="ogip")
    pha = fits.HDUList([fits.PrimaryHDU()])
    with pytest.raises(FormatError, match="SPECTRUM"):
        RegionNDMap.from_hdulist(pha, format="ogip")
    empty = tmp_path / "empty.fits"
    empty.touch()
    with pytest.raises(FormatError, match="empty"):
        RegionNDMap.read(empty)
